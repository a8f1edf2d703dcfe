/** Reports and findings as they are kept. */
import type { ListedFinding } from '../../../src/merchant/findings'
import { EMPTY_TALLY, type Report } from '../../../src/reconcile/report'

export const FROM = Date.parse('2026-11-22T00:00:00Z')
export const TO = Date.parse('2026-11-23T00:00:00Z')

/** Of a whole day, complete, on an account that is shared. */
export function report(change: Partial<Report> = {}): Report {
  const counts = { ...EMPTY_TALLY.counts, upstream: 7, ours: 8, matched: 6, lookedUp: 1 }
  return {
    ...{ id: 'rec_1', environment: 'production', trigger: 'daily', state: 'complete', from: FROM, to: TO },
    ...{
      startedAt: TO + 1_000,
      endedAt: TO + 2_000,
      reachedAt: TO,
      pagesRead: 3,
      reasons: [],
      balance: null,
    },
    ...EMPTY_TALLY,
    counts,
    ...change,
  }
}

export function listedFinding(change: Partial<ListedFinding> = {}): ListedFinding {
  return {
    ...{ id: 'orphan-1', environment: 'production', kind: 'orphan', ref: null, ours: null },
    foundAt: Date.parse('2026-11-23T10:00:00Z'),
    upstream: { id: 'orphan-1', kind: 'orphan', amountDzd: 500, at: FROM, topupId: null },
    state: 'open',
    closing: null,
    ...change,
  }
}
