import { expect, it } from 'vitest'
import { DEMO_KEY } from './harness'
import { startMerchant } from './merchant'
import { startProvider } from './provider'

const body = (ref: string) =>
  JSON.stringify({ plan_code: 'PREPAID_MOBILIS', MSSIDN: '0600000000', amount: 100, ref })
const headers = { 'X-Access-Token': DEMO_KEY }

it('the fake provider keeps the truth whatever it answers', async () => {
  const provider = await startProvider()
  const send = (ref: string) =>
    fetch(`${provider.url}/v3/mobile/send`, { method: 'POST', headers, body: body(ref) })
  const look = (ref: string) =>
    fetch(`${provider.url}/v3/mobile/check-ref/${encodeURIComponent(ref)}`, { headers })
  const ref = 'طلب {1}+2/3 %20'

  provider.fault('send', { ending: 'destroy' })
  await expect(send(ref)).rejects.toThrow()
  expect(provider.topups).toHaveLength(1)
  expect(await (await send(ref)).json()).toMatchObject({ error: { code: 'DUPLICATED_REF' } })

  provider.settle(ref, 'FULFILLED')
  expect(await (await look(ref)).json()).toMatchObject({ data: { ref, status: 'FULFILLED' } })
  expect(provider.callsOf('check-ref')[0]?.subject).toBe(ref)

  provider.fault('send', { notAccepted: true })
  expect((await send('lost')).status).toBe(500)
  expect((await look('lost')).status).toBe(404)

  provider.fault('check-ref', {
    answer: { status: 429, headers: { 'Retry-After': '3' }, body: '<h1>slow</h1>' },
  })
  expect((await look(ref)).headers.get('retry-after')).toBe('3')
  provider.fault('check-ref', { ending: 'truncate' })
  await expect((await look(ref)).json()).rejects.toThrow()
})

it('the fake merchant hands over each callback and echoes a challenge', async () => {
  const merchant = await startMerchant()
  const post = (sent: object) => fetch(merchant.url, { method: 'POST', body: JSON.stringify(sent) })
  merchant.answerNext({ status: 500 })

  const second = merchant.received(2)
  expect((await post({ type: 'topup.fulfilled', data: { ref: 'a' } })).status).toBe(500)
  expect((await post({ type: 'topup.fulfilled', data: { ref: 'b' } })).status).toBe(204)
  expect((await second).body.data.ref).toBe('b')

  const proof = await post({ type: 'endpoint.verification', data: { challenge: 'c1' } })
  expect(await proof.json()).toEqual({ challenge: 'c1' })
  await expect(merchant.received(3, 20)).rejects.toThrow(
    'callback number 3; received: topup.fulfilled, topup.fulfilled',
  )
})
