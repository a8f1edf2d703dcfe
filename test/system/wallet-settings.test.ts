import { expect, it, vi } from 'vitest'
import { openAccount } from './accounts'
import { eventually, startGateway } from './harness'
import { startProvider } from './provider'

vi.setConfig({ maxConcurrency: 20, testTimeout: 240_000 })
const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })

it.concurrent('a line moves at the new pace as soon as the operator raises the budget', async () => {
  const { client, wallet, sentRefs } = await openAccount(gateway, provider)
  await wallet.set({ sends_per_minute: 2 })
  await client.send('first')
  expect((await client.send('second')).json.data.gateway.queue_position).toBe(1)
  await wallet.set({ sends_per_minute: 600 })
  await eventually('the second to leave', () => sentRefs().length === 2, 15_000)
})

it.concurrent('a balance that the answer of a send tells is not reduced by the same send again', async () => {
  const { client, wallet, isMine, account } = await openAccount(gateway, provider, { balance: 100_000 })
  await client.send('plans are known')
  account.setBalance(1_390)
  const body = { success: true, data: { topupId: 'a'.repeat(24), topupRef: 'one', newBalance: 900 } }
  provider.fault('send', { when: isMine, answer: { body } })
  expect((await client.send('one')).status).toBe(200)
  const { dzd } = (await wallet.show()).balance
  const second = await client.send('two')
  expect({ dzd, status: second.status, text: second.text }).toMatchObject({ dzd: 900, status: 200 })
})

it.concurrent('another budget does not tell of the same low balance again', async () => {
  const { client, wallet } = await openAccount(gateway, provider, { balance: 600 })
  await wallet.set({ low_balance_dzd: 300 })
  await client.send('first')
  const low = () => wallet.incidents('low_balance')
  await eventually('the incident', async () => (await low()).length === 1)
  await wallet.set({ reads_per_minute: 200 })
  const before = (await wallet.show()).balance.at
  await wallet.until('has read again', ({ balance }) => balance.at > before, 60_000)
  expect(await low()).toHaveLength(1)
})
