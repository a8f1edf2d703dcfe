/** A reconciliation that runs is asked for where it runs; what is told of an account that is shared is the merchant's own. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Reconciler } from '../../src/reconcile/reconciler'
import { EMPTY_TALLY, type Report } from '../../src/reconcile/report'
import { call, demoBook, newWorld } from './world'

const FROM = Date.UTC(2026, 1, 1)
const HOUR_MS = 3_600_000
const BALANCE = { openingCentimes: 900, closingCentimes: 100, movedCentimes: -800, differenceCentimes: 0 }

let reports = 0
const running = (change: Partial<Report> = {}): Report => ({
  ...{ id: `rec_${reports}`, environment: 'production', trigger: 'demand', state: 'running' },
  ...{ from: FROM, to: FROM + HOUR_MS, startedAt: FROM + HOUR_MS, endedAt: null, reachedAt: FROM },
  ...{ pagesRead: 0, reasons: [], balance: null },
  ...EMPTY_TALLY,
  ...change,
})

beforeEach(async () => {
  newWorld()
  reports++
  // The demo merchant is there from his first call on.
  await call('GET', '/v1/findings')
  await demoBook().reported(running())
})
afterEach(() => {
  vi.restoreAllMocks()
})

const ask = async () => (await call('GET', `/v1/reconciliations/rec_${reports}`)).data

it('it is as far as it is at this moment, and the balance of all is not his to see', async () => {
  const live = running({ reachedAt: FROM + HOUR_MS / 2, pagesRead: 7, balance: BALANCE })
  const asked = vi.spyOn(Reconciler.prototype, 'report').mockReturnValue(live)
  expect(await ask()).toMatchObject({ state: 'running', progress: 0.5, pages_read: 7, balance: null })
  expect(asked).toHaveBeenCalledTimes(1)
})

it('what it came to may be told here before the book knows', async () => {
  const over = { state: 'complete', endedAt: FROM + 2 * HOUR_MS, reachedAt: FROM + HOUR_MS } as const
  vi.spyOn(Reconciler.prototype, 'report').mockReturnValue(running(over))
  expect(await ask()).toMatchObject({ state: 'complete', progress: 1 })
})

it.each([
  ['knows nothing of it', () => null],
  [
    'cannot be asked',
    () => {
      throw new Error('it cannot be reached')
    },
  ],
])('where its reconciler %s, it is as the book has it', async (_, answer) => {
  vi.spyOn(Reconciler.prototype, 'report').mockImplementation(answer)
  expect(await ask()).toMatchObject({ state: 'running', progress: 0 })
})

it('one that has ended is not asked for again', async () => {
  await demoBook().reported(running({ state: 'complete', endedAt: FROM + HOUR_MS }))
  const asked = vi.spyOn(Reconciler.prototype, 'report')
  expect(await ask()).toMatchObject({ state: 'complete' })
  expect(asked).not.toHaveBeenCalled()
})

it('one whose start was not told to the book is listed with the refusal that names it', async () => {
  const lost = running({ id: 'rec_lost', balance: BALANCE })
  vi.spyOn(Reconciler.prototype, 'start').mockReturnValue(
    Promise.resolve({ kind: 'busy', id: lost.id }) as never,
  )
  vi.spyOn(Reconciler.prototype, 'report').mockReturnValue(lost)
  const window = { from: '2026-02-01T00:00:00Z', to: '2026-02-01T01:00:00Z' }
  const refused = await call('POST', '/v1/reconciliations', window)
  expect(refused.error).toMatchObject({ code: 'RECONCILIATION_RUNNING', details: { id: 'rec_lost' } })
  expect(await demoBook().report('production', 'rec_lost')).toEqual({ ...lost, balance: null })
})
