/** Reconciliation from end to end: damage at the provider, the comparison over HTTP, and what reaches the merchant of it. */
import { describe, expect, it, vi } from 'vitest'
import { SUGGESTED_ACTIONS } from '../../src/reconcile/finding'
import { asOperator, openAccount, openTrader, walletAt } from './accounts'
import { eventually, startGateway } from './harness'
import { startProvider } from './provider'
import {
  isOfAnHour,
  longAgo,
  losesAnswer,
  losesLookUps,
  type Reconciling,
  reconcilingAs,
} from './reconciling'
import { expectGenuine } from './signature'

vi.setConfig({ testTimeout: 240_000 })

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })

/** What the fake provider takes for 500 DZD. */
const PRICE = 490
const FOREIGN = 980
const DAY_MS = 24 * 3_600_000

async function csvOf({ shop }: Reconciling, path: string): Promise<string[]> {
  const answer = await gateway.call('GET', path, { key: shop.key, headers: { Accept: 'text/csv' } })
  expect(answer.headers.get('content-type')).toMatch(/^text\/csv/)
  return answer.text.split('\r\n').slice(0, -1)
}

describe('a merchant on an account of his own', () => {
  it('gets healed what can be proven, and told what cannot, to the centime', async () => {
    const owner = await openAccount(gateway, provider)
    const { account, client, wallet } = owner
    await wallet.set({ reads_per_minute: 1_200 })
    const his = await reconcilingAs(gateway, owner)
    const { merchant } = his

    // Final on both sides.
    const settled = ['fine', 'reversed', 'amount', 'paid twice', 'lost']
    const refunded = ['back', 'owed']
    const first = [...settled, ...refunded]
    for (const answer of await Promise.all(first.map((ref) => client.send(ref)))) {
      expect(answer.status).toBe(200)
    }
    for (const ref of settled) account.settle(ref, 'FULFILLED')
    account.settle('back', 'REFUNDED')
    account.refundUnpaid('owed')
    await Promise.all(first.map((ref) => client.untilFinal(ref)))
    await merchant.received(first.length)

    // Then the damage.
    account.settle('reversed', 'REFUNDED')
    account.alter('amount', { amount: 1_000 })
    account.chargeAgain('paid twice')
    account.lose('lost')
    account.spend(1_000, { ref: 'from-their-app' })
    await longAgo(gateway, owner, 'owed', 'settled_at')
    await longAgo(gateway, owner, 'lost', 'created_at')
    losesAnswer(provider, owner, 'in doubt')
    losesLookUps(provider, owner, 'unseen')
    for (const ref of ['in doubt', 'unseen']) {
      expect((await client.send(ref)).status).toBe(200)
      account.settle(ref, 'FULFILLED')
      expect((await client.checkRef(ref)).json.data.status).toBe('PENDING')
    }
    expect(merchant.callbacks).toHaveLength(first.length)

    const report = await his.reconcile({ index: 'all' })
    expect(report).toMatchObject({ state: 'complete', trigger: 'demand', progress: 1, reasons: [] })
    expect(report.counts).toEqual({
      ...{ upstream: 9, ours: 9, matched: 4, open: 0, healed: 3, adopted: 1 },
      ...{ looked_up: 0, index_checked: 6, index_repaired: 0 },
    })
    expect(report.findings).toEqual({
      ...{ changed_after_final: 1, amount_mismatch: 1, charged_twice: 1 },
      ...{ never_refunded: 1, missing: 1, orphan: 1 },
    })
    // Nine orders and a second charge; what was given back; what was delivered, at the amount that the provider shows.
    expect(report).toMatchObject({ charged_dzd: 10 * PRICE, refunded_dzd: 2 * PRICE, fulfilled_dzd: 3_000 })
    const moved = -8 * PRICE - FOREIGN
    expect(report.balance).toEqual({
      ...{ opening_dzd: 1_000_000, closing_dzd: account.balance(), moved_dzd: moved, difference_dzd: 0 },
    })
    expect(account.balance()).toBe(1_000_000 + moved)

    const expected = [
      'amount_mismatch amount',
      'changed_after_final reversed',
      'charged_twice paid twice',
      'missing lost',
      'never_refunded owed',
      'orphan from-their-app',
    ]
    expect(await his.found()).toEqual(expected)
    for (const { kind, action, state } of await owner.findings()) {
      expect([action, state]).toEqual([SUGGESTED_ACTIONS[kind as keyof typeof SUGGESTED_ACTIONS], 'open'])
    }

    // Who waits for his callbacks need not ask for anything.
    await merchant.received(first.length + 3)
    const healed = (await his.genuine()).slice(first.length).sort()
    expect(healed).toEqual(['topup.fulfilled in doubt', 'topup.fulfilled unseen', 'topup.reversed reversed'])
    const reversed = merchant.callbacks.find(({ body }) => body.type === 'topup.reversed')
    expect(reversed?.body.data).toMatchObject({ status: 'REFUNDED', previous_status: 'FULFILLED' })
    expect(owner.sentRefs()).toHaveLength(9)

    const [head = '', line = ''] = await csvOf(his, '/v1/reconciliations')
    const row = Object.fromEntries(head.split(',').map((name, at) => [name, line.split(',')[at]]))
    expect(row).toMatchObject({
      ...{ id: report.id, state: 'complete', upstream: '9', healed: '3', findings: '6' },
      ...{ charged_dzd: '4900', refunded_dzd: '980', fulfilled_dzd: '3000' },
      ...{ opening_dzd: '1000000', closing_dzd: '995100', moved_dzd: '-4900', difference_dzd: '0' },
    })
    expect(await csvOf(his, '/v1/findings')).toHaveLength(1 + expected.length)

    await closesOne(his)
    await findsNothingNew(his, expected)
    expect(merchant.callbacks).toHaveLength(first.length + 3)
  })

  async function closesOne({ trader, shop }: Reconciling): Promise<void> {
    const [orphan] = await trader.findings('?kind=orphan')
    const closing = { state: 'closed', note: 'It was our own app.' }
    const closed = await shop.call('PATCH', `/v1/findings/${orphan.id}`, closing)
    expect(closed.json.data).toMatchObject({ id: orphan.id, ...closing })
  }

  /** What is wrong still is, and is known; what was healed is in order now. */
  async function findsNothingNew(his: Reconciling, expected: readonly string[]): Promise<void> {
    const before = await his.trader.findings()
    const again = await his.reconcile()
    expect(again).toMatchObject({ state: 'complete', counts: { upstream: 9, matched: 7, healed: 0 } })
    expect(again.findings).not.toHaveProperty('changed_after_final')
    expect(await his.trader.findings()).toEqual(before)
    expect(await his.found()).toEqual(expected)
    expect((await his.trader.findings('?state=open')).length).toBe(expected.length - 1)
  }
})

describe('merchants who share an account', () => {
  it('see what concerns them and not its balance; a page that fails once is read again', async () => {
    await walletAt(gateway, 'operator').set({ reads_per_minute: 1_200 })
    const [one, other] = [await openTrader(gateway), await openTrader(gateway)]
    const [hers, his] = [await reconcilingAs(gateway, one), await reconcilingAs(gateway, other)]
    for (const { client, id } of [one, other]) {
      for (const ref of ['a', 'b']) {
        expect((await client.send(ref)).status).toBe(200)
        provider.settle(`${id}.${ref}`, 'FULFILLED')
      }
      for (const ref of ['a', 'b']) await client.untilFinal(ref)
    }
    provider.chargeAgain(`${one.id}.a`)
    provider.alter(`${other.id}.b`, { msisdn: '0661000000' })
    provider.spend(1_000, { ref: `${other.id}.never-sent` })
    provider.spend(1_000, { ref: 'nobodys' })
    const failed = { status: 502, body: '<html>Bad Gateway</html>' }
    provider.fault('list', { when: isOfAnHour, answer: failed })

    const [herReport, hisReport] = await Promise.all([hers.reconcile(), his.reconcile()])
    const shown = { state: 'complete', reasons: [], balance: null }
    expect(herReport).toMatchObject({
      ...{ ...shown, counts: { upstream: 2, ours: 2, matched: 2 }, findings: { charged_twice: 1 } },
      ...{ charged_dzd: 3 * PRICE, refunded_dzd: 0, fulfilled_dzd: 1_000 },
    })
    expect(hisReport).toMatchObject({
      ...{ ...shown, counts: { upstream: 3, ours: 2, matched: 1 } },
      ...{ findings: { number_mismatch: 1, orphan: 1 }, charged_dzd: 2 * PRICE, fulfilled_dzd: 1_000 },
    })
    expect(await hers.found()).toEqual(['charged_twice a'])
    expect(await his.found()).toEqual(['number_mismatch b', 'orphan never-sent'])
    const [mistaken] = await other.findings('?kind=number_mismatch')
    expect(mistaken).toMatchObject({ upstream: { msisdn: '0661000000' }, ours: { msisdn: '0661234567' } })
    // Neither may read the other's.
    const path = `/v1/reconciliations/${herReport.id}`
    expect((await his.shop.call('GET', path)).status).toBe(404)

    // The operator is told of the whole account.
    const asked = { from: herReport.from, to: herReport.to }
    const whole = await reconcileWhole('operator', asked)
    expect(whole).toMatchObject({
      state: 'complete',
      counts: { upstream: 6, ours: 4 },
      findings: { orphan: 2 },
    })
    expect(whole.balance).toMatchObject({ difference_dzd: 0, closing_dzd: provider.balance() })
    const found = await gateway.call('GET', '/admin/wallets/operator/findings', { headers: asOperator })
    expect(found.json.data.items).toMatchObject([{ kind: 'orphan', upstream: { ref: 'nobodys' } }])
  })

  async function reconcileWhole(wallet: string, window: object) {
    const path = `/admin/wallets/${wallet}/reconciliations`
    const asked = await gateway.call('POST', path, { headers: asOperator, body: window })
    expect(asked.status, asked.text).toBe(202)
    return await eventually(
      'the end of the whole',
      async () => {
        const answer = await gateway.call('GET', `${path}/${asked.json.data.id}`, { headers: asOperator })
        return answer.json.data.state !== 'running' && answer.json.data
      },
      150_000,
    )
  }
})

describe('once a day', () => {
  it('cron has every account compared, and an endpoint that names it is told, signed', async () => {
    const owner = await openAccount(gateway, provider)
    await owner.wallet.set({ reads_per_minute: 1_200 })
    const his = await reconcilingAs(gateway, owner)
    const daily = await his.shop.receiver({ events: ['reconciliation.completed'] })
    expect((await owner.client.send('of today')).status).toBe(200)
    owner.account.settle('of today', 'FULFILLED')
    await owner.client.untilFinal('of today')
    owner.account.chargeAgain('of today')

    // The next 02:40 UTC: its window of two days ends now, since the rest has not been.
    const at = Math.ceil(Date.now() / DAY_MS) * DAY_MS + 160 * 60_000
    await gateway.cron(new Date(at))
    const told = await daily.merchant.received(1, 150_000)
    await expectGenuine(gateway, told, daily.endpoint)
    expect(told.body).toMatchObject({ type: 'reconciliation.completed' })
    const { environment, ...data } = told.body.data
    expect(environment).toBe('production')
    const shown = await his.shop.call('GET', `/v1/reconciliations/${data.id}`)
    expect(data).toEqual(shown.json.data)
    expect(data).toMatchObject({
      ...{ state: 'complete', trigger: 'daily', from: new Date(at - 2 * DAY_MS).toISOString() },
      ...{ counts: { upstream: 1, matched: 1 }, findings: { charged_twice: 1 }, charged_dzd: 2 * PRICE },
      balance: { difference_dzd: 0 },
    })
    // The other endpoint did not name it, and a second cron of that day plans no second one.
    await gateway.cron(new Date(at))
    expect(await his.genuine()).toEqual(['topup.fulfilled of today'])
    expect((await his.shop.call('GET', '/v1/reconciliations')).json.data.items).toHaveLength(1)
  })
})
