/** A whole reconciliation, from the sends to the merchant's report, on a sandbox account: it lists and states like the real one. */
import { runInDurableObject } from 'cloudflare:test'
import { exports } from 'cloudflare:workers'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { bookOf, orderByName, reconcilerByName, walletByName } from '../../src/env'
import { OPERATOR_WALLET, orderName } from '../../src/order/name'
import type { Wanted } from '../../src/reconcile/reconciler-calls'
import type { Report } from '../../src/reconcile/report'
import { env, failure, newWorld } from './world'

const WALLET = 'sandbox:demo'
const TEST_KEY = 'rsd_test_demo'
const QUICK = '0600010099'
const WITHIN = { timeout: 8_000, interval: 100 }

beforeEach(async () => {
  newWorld()
  await walletByName(env, WALLET).change({ readsPerMinute: 60_000 })
})
afterEach(() => {
  vi.restoreAllMocks()
})

async function send(ref: string): Promise<void> {
  const body = { plan_code: 'PREPAID_MOBILIS', MSSIDN: QUICK, amount: 500, ref }
  const request = { method: 'POST', headers: { 'X-Access-Token': TEST_KEY }, body: JSON.stringify(body) }
  const answer = await exports.default.fetch('http://localhost:8787/v3/mobile/send', request)
  expect(answer.status).toBe(200)
}

const orderOf = async (ref: string) => orderByName(env, await orderName('demo', 'sandbox', ref))
const isFinal = (ref: string) =>
  vi.waitFor(async () => expect((await (await orderOf(ref)).status('demo'))?.final).toBe(true), WITHIN)

/** By its own alarms, as it would be. */
async function reconciled(wanted: Pick<Wanted, 'from'> & Partial<Wanted>): Promise<Report> {
  const reconciler = reconcilerByName(env, WALLET)
  const started = await reconciler.start({
    ...{ merchantId: 'demo', environment: 'sandbox', to: Date.now(), checkIndex: 'all' },
    ...wanted,
  })
  const id = started.kind === 'started' ? started.report.id : started.id
  return await vi.waitFor(async () => {
    const report = await runInDurableObject(bookOf(env, 'demo'), (_, { storage: { sql } }) => {
      const [table] = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'reconciliations'").toArray()
      if (table === undefined) return undefined
      return sql.exec<{ report: string }>('SELECT report FROM reconciliations WHERE id = ?', id).toArray()[0]
    })
    if (report === undefined) throw new Error('he has not been told yet')
    return JSON.parse(report.report) as Report // the book wrote it
  }, WITHIN)
}

it('both sides tell the same', async () => {
  const from = Date.now()
  for (const ref of ['both-1', 'both-2']) await send(ref)
  for (const ref of ['both-1', 'both-2']) await isFinal(ref)
  const report = await reconciled({ from })
  expect(report).toMatchObject({ state: 'complete', reasons: [], findings: {} })
  expect(report.counts).toMatchObject({ upstream: 2, ours: 2, matched: 2, healed: 0, indexChecked: 2 })
  expect(report.chargedCentimes).toBeGreaterThan(0)
  expect(report.balance).toMatchObject({ differenceCentimes: 0 })
}, 20_000)

it('an order that has not heard is healed, and a row that is lost is written anew', async () => {
  const from = Date.now()
  for (const ref of ['deaf', 'lost']) await send(ref)
  await isFinal('lost')
  await isFinal('deaf')
  // As it would be if nobody had told it.
  await runInDurableObject(await orderOf('deaf'), (_, { storage: { kv } }) => {
    const order = kv.get<object>('order')
    kv.put('order', { ...order, phase: 'tracking', status: 'PENDING', settledAt: null, seen: null })
  })
  await runInDurableObject(await orderOf('deaf'), (_, state) => state.abort('deaf')).catch(() => undefined)
  await runInDurableObject(bookOf(env, 'demo'), (_, { storage: { sql } }) => {
    sql.exec("DELETE FROM orders WHERE ref = 'lost'")
    sql.exec("UPDATE orders SET phase = 'tracking', status = 'PENDING' WHERE ref = 'deaf'")
  })
  const report = await reconciled({ from })
  expect(report.counts).toMatchObject({ upstream: 2, healed: 1 })
  expect(report.counts.indexRepaired).toBe(1)
  expect((await (await orderOf('deaf')).status('demo'))?.topup.status).toBe('FULFILLED')
  expect(
    await bookOf(env, 'demo').refOf(
      'sandbox',
      (await (await orderOf('lost')).status('demo'))?.topup._id ?? '',
    ),
  ).toBe('lost')
}, 20_000)

it('a provider that answers nothing is waited for, and the report says that it is under way', async () => {
  vi.mocked(fetch).mockImplementation(() => Promise.resolve(failure(503, 'SERVICE_UNAVAILABLE')))
  const operator = reconcilerByName(env, OPERATOR_WALLET)
  const from = Date.now() - 60_000
  const started = await operator.start({
    ...{ merchantId: null, environment: 'production', checkIndex: 'sample' },
    ...{ from, to: Date.now() },
  })
  const id = started.kind === 'started' ? started.report.id : ''
  await vi.waitFor(async () => expect((await operator.report(id))?.pagesRead).toBe(1), WITHIN)
  expect(await operator.report(id)).toMatchObject({ state: 'running', reachedAt: from })
  const alarm = await runInDurableObject(operator, (_, { storage }) => storage.getAlarm())
  expect(alarm).toBeGreaterThan(Date.now() + 20_000)
}, 20_000)
