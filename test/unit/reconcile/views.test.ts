import { describe, expect, it } from 'vitest'
import { FINDING_KINDS, SUGGESTED_ACTIONS } from '../../../src/reconcile/finding'
import { findingView } from '../../../src/reconcile/finding-view'
import { addTallies, COUNTS, EMPTY_TALLY } from '../../../src/reconcile/report'
import { isToldOf, renderReport } from '../../../src/reconcile/report-event'
import { reportView } from '../../../src/reconcile/report-view'
import { FROM, listedFinding, report, TO } from './builders'

describe('a report', () => {
  it('is shown in DZD, ISO 8601 and the names of the wire', () => {
    const balance = {
      openingCentimes: 1_000_005,
      closingCentimes: 900_000,
      movedCentimes: -100_000,
      differenceCentimes: -5,
    }
    const amounts = { chargedCentimes: 96_010, refundedCentimes: 5, fulfilledDzd: 1_000 }
    expect(reportView(report({ ...amounts, balance, findings: { number_mismatch: 1 } }))).toEqual({
      id: 'rec_1',
      state: 'complete',
      trigger: 'daily',
      from: '2026-11-22T00:00:00.000Z',
      to: '2026-11-23T00:00:00.000Z',
      started_at: '2026-11-23T00:00:01.000Z',
      ended_at: '2026-11-23T00:00:02.000Z',
      progress: 1,
      pages_read: 3,
      reasons: [],
      counts: {
        upstream: 7,
        ours: 8,
        matched: 6,
        open: 0,
        healed: 0,
        adopted: 0,
        looked_up: 1,
        index_checked: 0,
        index_repaired: 0,
      },
      findings: { number_mismatch: 1 },
      charged_dzd: 960.1,
      refunded_dzd: 0.05,
      fulfilled_dzd: 1_000,
      balance: { opening_dzd: 10_000.05, closing_dzd: 9_000, moved_dzd: -1_000, difference_dzd: -0.05 },
    })
    expect(reportView(report()).balance).toBeNull()
  })

  it.each([
    ['at its beginning', FROM, 0],
    ['half way', (FROM + TO) / 2, 0.5],
    ['a moment before its end', TO - 1, 0.99],
    ['at its end', TO, 1],
    ['before its window', FROM - 1, 0],
    ['beyond its window', TO + 1, 1],
  ])('%s is so far', (_, reachedAt, progress) => {
    expect(reportView(report({ reachedAt })).progress).toBe(progress)
  })
})

describe('reconciliation.completed', () => {
  it('is told of each day that has ended, whatever came of it', () => {
    const told = (['recent', 'daily', 'demand'] as const).flatMap((trigger) =>
      (['running', 'complete', 'incomplete'] as const).map((state) => [
        trigger,
        state,
        isToldOf({ trigger, state }),
      ]),
    )
    expect(told.filter(([, , isTold]) => isTold)).toEqual([
      ['daily', 'complete', true],
      ['daily', 'incomplete', true],
    ])
  })

  it('carries the report as the API shows it, and the environment', () => {
    const event = renderReport(report(), TO)
    expect(event).toMatchObject({
      id: 'evt_reconciliation_rec_1',
      ref: null,
      stateVersion: null,
      createdAt: TO,
    })
    expect(JSON.parse(event.body)).toEqual({
      type: 'reconciliation.completed',
      timestamp: '2026-11-23T00:00:00.000Z',
      data: { ...reportView(report()), environment: 'production' },
    })
  })
})

describe('a finding', () => {
  it('is shown with what may be done, whatever its kind', () => {
    for (const kind of FINDING_KINDS) {
      expect(findingView(listedFinding({ kind })).action).toBe(SUGGESTED_ACTIONS[kind])
    }
  })

  it('shows what both sides say under the names of the wire, times as times, without repeating itself', () => {
    const { upstream, ours } = findingView(
      listedFinding({ ours: { id: 'another', createdAt: FROM, settledAt: null, status: 'PENDING' } }),
    )
    expect(upstream).toEqual({ amount_dzd: 500, at: '2026-11-22T00:00:00.000Z', topup_id: null })
    expect(ours).toEqual({
      id: 'another',
      created_at: '2026-11-22T00:00:00.000Z',
      settled_at: null,
      status: 'PENDING',
    })
    expect(findingView(listedFinding({ upstream: null })).upstream).toBeNull()
  })

  it('that is open says nothing of a closing, and one that is closed all of it', () => {
    const open = { closed_at: null, closed_by: null, note: null }
    expect(findingView(listedFinding())).toMatchObject(open)
    const closing = { by: 'till 1', note: 'ours', at: TO }
    const closed = { closed_at: '2026-11-23T00:00:00.000Z', closed_by: 'till 1', note: 'ours' }
    expect(findingView(listedFinding({ closing, state: 'closed' }))).toMatchObject(closed)
  })
})

describe('the tallies of two parts', () => {
  it('are added, also where only one has a kind', () => {
    const all = (value: number) => Object.fromEntries(COUNTS.map((name) => [name, value]))
    const one = { ...EMPTY_TALLY, counts: report().counts, findings: { missing: 1, orphan: 2 } }
    const amounts = { chargedCentimes: 1, refundedCentimes: 2, fulfilledDzd: 3 }
    const other = { ...EMPTY_TALLY, ...amounts, findings: { orphan: 3, duplicate: 1 } }
    expect(addTallies(one, other)).toEqual({
      counts: report().counts,
      findings: { missing: 1, orphan: 5, duplicate: 1 },
      ...amounts,
    })
    expect(addTallies(EMPTY_TALLY, EMPTY_TALLY).counts).toEqual(all(0))
    expect(addTallies(other, other).fulfilledDzd).toBe(6)
  })
})
