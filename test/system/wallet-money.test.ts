import { describe, expect, it, vi } from 'vitest'
import { SUGGESTED_ACTIONS } from '../../src/reconcile/finding'
import { type Owner, openAccount, openTrader, type Trader, walletAt } from './accounts'
import { expectError } from './client'
import { eventually, startGateway } from './harness'
import { startProvider } from './provider'

/** They wait for the statement to be read: all at the same time. */
vi.setConfig({ maxConcurrency: 20, testTimeout: 240_000 })
/** A promise of the gateway, not a guess about this machine. */
const TOLD_WITHIN_MS = 60_000
/** The statement is read every 20 s while somebody sends. */
const READ_TIMEOUT_MS = 120_000

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })

/** A statement is judged from its first reading on. */
async function sendAndBeRead({ client }: Trader, wallet: Owner['wallet']): Promise<void> {
  expect((await client.send('first')).status).toBe(200)
  const isRead = ({ balance }: { balance: { dzd: number | null } }) => balance.dzd !== null
  await wallet.until('knows its balance', isRead, READ_TIMEOUT_MS)
}

describe.concurrent('a send that the account cannot pay', () => {
  it('is refused before it leaves, once the balance was asked anew; a deposit lets it go', async () => {
    const owner = await openAccount(gateway, provider, { balance: 600 })
    const { client, wallet, account, calls, sentRefs } = owner
    await sendAndBeRead(owner, wallet)
    expect((await wallet.show()).balance.dzd).toBe(110)
    // What was read a moment ago is believed without asking.
    await eventually('the balance to be of a while ago', async () => {
      const { at } = (await wallet.show()).balance
      return Date.now() - Date.parse(at) > 4_000
    })

    const asked = calls('balance').length
    const refused = await client.send('second')
    expectError(refused, 403, 'INSUFFICIENT_BALANCE')
    expect(refused.json.error.details).toEqual({ required: 480, available: 110 })
    expect(calls('balance').length).toBe(asked + 1)
    expect(sentRefs()).toEqual(['first'])
    expectError(await client.checkRef('second'), 404, 'NOT_FOUND')

    account.deposit(10_000)
    const sent = await eventually('the balance to be asked anew', async () => {
      const answer = await client.send('second')
      return answer.status === 200 && answer
    })
    expect(sent.headers.get('idempotent-replayed')).toBeNull()
    expect(sentRefs()).toEqual(['first', 'second'])
  })

  it('goes to the provider while nobody knows the balance, and its refusal is passed on', async () => {
    const { client, sentRefs } = await openAccount(gateway, provider, { balance: 100 })
    const refused = await client.send('unknown')
    expectError(refused, 403, 'INSUFFICIENT_BALANCE')
    expect(refused.json.error.details).toEqual({ required: 500, available: 100 })
    expect(sentRefs()).toEqual(['unknown'])
  })
})

describe.concurrent('money that nobody here spent', () => {
  it('is an incident of the account and a finding of its owner within a minute, once', async () => {
    const owner = await openAccount(gateway, provider)
    const { wallet, account } = owner
    await sendAndBeRead(owner, wallet)
    const find = async (topupId: string) =>
      (await owner.findings()).filter(({ upstream }) => upstream.topup_id === topupId)
    const told = async (topupId: string) =>
      (await wallet.incidents('orphan')).filter(({ facts }) => facts.topup_id === topupId)

    const foreign = account.spend(1_000, { ref: 'from-their-app' })
    await eventually('the finding', async () => (await find(foreign.id)).length > 0, TOLD_WITHIN_MS)
    const [finding] = await find(foreign.id)
    const upstream = {
      certainty: 'foreign',
      topup_id: foreign.id,
      ref: 'from-their-app',
      type: 'FLEXY',
      amount_dzd: 980,
      balance_before_dzd: 999_510,
      balance_after_dzd: 998_530,
    }
    expect(finding).toEqual({
      id: expect.stringMatching(/^orphan-/),
      kind: 'orphan',
      state: 'open',
      found_at: expect.stringMatching(/Z$/),
      ref: 'from-their-app',
      upstream: { ...upstream, note: 'PREPAID_MOBILIS 06••••••99', at: expect.stringMatching(/Z$/) },
      ours: null,
      action: SUGGESTED_ACTIONS.orphan,
      closed_at: null,
      closed_by: null,
      note: null,
    })
    expect(await told(foreign.id)).toMatchObject([{ id: finding.id, facts: upstream }])

    // What is no top-up has no ref: whose account it is says whom it concerns.
    const order = account.spend(2_000, { type: 'ORDER' })
    await eventually('the second', async () => (await find(order.id)).length > 0, TOLD_WITHIN_MS)
    expect(await find(order.id)).toMatchObject([
      { ref: null, upstream: { type: 'ORDER', amount_dzd: 1_960 } },
    ])
    // Read again since, and known.
    expect(await owner.findings()).toHaveLength(2)
    expect(await owner.findings('?kind=orphan&state=open')).toHaveLength(2)
    expect(await owner.findings('?kind=broken_chain')).toEqual([])
    expect(await owner.findings('?state=closed')).toEqual([])
    expect(await wallet.incidents()).toHaveLength(2)

    const path = '/v1/findings?limit=1'
    const page = await gateway.call('GET', path, { key: owner.key })
    expect(page.json.data.items).toMatchObject([{ upstream: { topup_id: order.id } }])
    const cursor = encodeURIComponent(page.json.data.next_cursor)
    const last = await gateway.call('GET', `${path}&cursor=${cursor}`, { key: owner.key })
    expect(last.json.data).toMatchObject({ items: [{ id: finding.id }], next_cursor: null })
  })

  it('on the account that merchants share concerns him whose prefix it carries, and nobody else', async () => {
    const [named, other] = [await openTrader(gateway), await openTrader(gateway)]
    const wallet = walletAt(gateway, 'operator')
    await sendAndBeRead(named, wallet)
    const [his, nobodys] = [`${named.id}.till-7`, 'nobodys']
    for (const ref of [his, nobodys]) provider.spend(1_000, { ref })
    const told = (ref: string) => async () => {
      const incidents = await wallet.incidents('orphan')
      return incidents.some(({ facts }) => facts.ref === ref)
    }
    const findings = await eventually(
      'the finding',
      async () => {
        const found = await named.findings()
        return found.length > 0 && found
      },
      TOLD_WITHIN_MS,
    )
    for (const ref of [his, nobodys]) await eventually(`the incident of ${ref}`, told(ref), TOLD_WITHIN_MS)
    expect(findings).toMatchObject([{ kind: 'orphan', ref: 'till-7', upstream: { ref: his } }])
    expect(await named.findings()).toHaveLength(1)
    expect(await other.findings()).toEqual([])
  })

  it('and that no row of the statement shows is a broken chain', async () => {
    const owner = await openAccount(gateway, provider)
    const { client, wallet, account } = owner
    await sendAndBeRead(owner, wallet)
    account.setBalance(900_000)
    expect((await client.send('second')).status).toBe(200)
    const [incident] = await eventually(
      'the incident',
      async () => {
        const broken = await wallet.incidents('broken_chain')
        return broken.length > 0 && broken
      },
      READ_TIMEOUT_MS,
    )
    expect(incident.facts).toMatchObject({ balance_before_dzd: 999_510, balance_after_dzd: 900_000 })
    expect(incident.facts.amount_dzd).toBe(99_510)
    const findings = await eventually('the finding', async () => {
      const found = await owner.findings('?kind=broken_chain')
      return found.length > 0 && found
    })
    expect(findings).toMatchObject([{ id: incident.id, ref: null, upstream: { amount_dzd: 99_510 } }])
  })
})

describe.concurrent('a low balance', () => {
  it('is an incident once, and again only after it was ample', async () => {
    const owner = await openAccount(gateway, provider, { balance: 600 })
    const { client, wallet, account } = owner
    await wallet.set({ low_balance_dzd: 300 })
    await sendAndBeRead(owner, wallet)
    const low = () => wallet.incidents('low_balance')
    await eventually('the incident', async () => (await low()).length === 1)
    expect(await low()).toMatchObject([{ facts: { by: 'dzd', balance_dzd: 110, hours_left: null } }])

    // Still low, and asked about again.
    const before = (await wallet.show()).balance.at
    await wallet.until('has read its statement again', ({ balance }) => balance.at > before, READ_TIMEOUT_MS)
    expect(await low()).toHaveLength(1)

    account.deposit(700)
    await wallet.until('has heard of the deposit', ({ balance }) => balance.dzd === 810, READ_TIMEOUT_MS)
    expect(await low()).toHaveLength(1)
    expect((await client.send('second')).status).toBe(200)
    expect((await client.send('third', { amount: 100 })).status).toBe(200)
    await eventually('the second incident', async () => (await low()).length === 2, READ_TIMEOUT_MS)
    expect((await low())[0].facts).toMatchObject({ by: 'dzd', balance_dzd: 222 })
  })
})
