/** One reading of the statement, page by page: it may be left and taken up again. Pure. */
import type { ReadOutcome } from './classify'
import { type Movement, readStatementPage } from './movement'
import type { Reading } from './statement'
import type { StatementState } from './statement-state'

const PAGE_SIZE = 100
/** Both ends of a window must be given. This one is meant to be none: our clock may be minutes behind. */
const NO_END_MS = 24 * 3_600_000
/** More than these, two minutes at 50 orders/s, are read in parts, the oldest first: memory is not endless. */
const MAX_PAGES = 60

/** Times are unix ms. */
export interface OpenReading {
  /** The very first: it only asks where the present is. */
  readonly isBeginning: boolean
  /** The provider's: `from` is the anchor, `until` the end of a part, null where the reading goes on to the present. */
  readonly from: number
  readonly until: number | null
  /** The `to` that is asked for: whether it is still inside is not documented. */
  readonly to: number
  readonly page: number
  /** The `totalResults` of its first page, and of its newest. */
  readonly total: number | null
  readonly newestTotal: number
  readonly askedAt: number
  readonly answeredAt: number | null
  readonly movements: ReadonlyMap<string, Movement>
}

export function openReading(state: StatementState | null, now: number): OpenReading {
  return {
    isBeginning: state === null,
    from: state?.anchor.at ?? 0,
    until: null,
    to: Math.max(now, state?.newestAt ?? 0) + NO_END_MS,
    page: 1,
    total: null,
    newestTotal: 0,
    askedAt: now,
    answeredAt: null,
    movements: new Map(),
  }
}

export function pathOf({ from, to, page }: Pick<OpenReading, 'from' | 'to' | 'page'>): string {
  const window = { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
  const query = new URLSearchParams({ page: String(page), pageSize: String(PAGE_SIZE), ...window })
  return `/v3/account/transactions?${query}`
}

/** Null when it was no page, or another than was asked for. */
export function turnPage(
  open: OpenReading,
  answer: ReadOutcome,
  now: number,
): { readonly open: OpenReading; readonly isDone: boolean } | null {
  const read = answer.kind === 'data' ? readStatementPage(answer.dataJson) : null
  if (read === null || (read.page !== null && read.page !== open.page)) return null
  // Rows only come, they never go: this page is older than the one before it, and between the two a row may have fallen.
  if (read.totalResults !== null && read.totalResults < open.newestTotal) return null
  const isFirst = open.page === 1
  const times = read.movements.map(({ at }) => at)
  const newestAt = Math.max(open.from, ...times)
  const half = Math.floor((open.from + Math.min(newestAt, open.to)) / 2)
  if (isFirst && !open.isBeginning && read.totalPages > MAX_PAGES && half > open.from) {
    return { open: { ...open, until: half, to: half + 1 }, isDone: false }
  }
  const movements = new Map(open.movements)
  for (const movement of read.movements) movements.set(movement.id, movement)
  return {
    open: {
      ...open,
      // New rows would only push the others on to the next page.
      to: isFirst && times.length > 0 ? Math.min(open.to, newestAt + 1) : open.to,
      page: open.page + 1,
      total: isFirst && !open.isBeginning ? read.totalResults : open.total,
      newestTotal: read.totalResults ?? open.newestTotal,
      answeredAt: open.answeredAt ?? now,
      movements,
    },
    // Where `from` is not heeded, all that is older comes as well.
    isDone: open.isBeginning || open.page >= read.totalPages || times.every((at) => at < open.from),
  }
}

/** What was read, for `judge`. */
export function readingOf(open: OpenReading, endedAt: number): Reading {
  const { askedAt, answeredAt, until, total, movements } = open
  return {
    movements: Array.from(movements.values()).filter(({ at }) => at <= (until ?? at)),
    askedAt,
    answeredAt: answeredAt ?? askedAt,
    endedAt,
    // Fewer than it said: some page was not what it was asked for.
    isWhole: total === null || movements.size >= total,
    until,
  }
}
