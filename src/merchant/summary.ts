/** The summary of one Algerian day: what a merchant compares with his own books. Pure. Times are unix ms. */
import { type Environment, type Status, SUMMARY_EVENT } from '../order/state'
import { writeEventCursor } from './event-cursor'
import type { FeedEvent } from './event-feed'
import { algerianDay } from './limits'

const DAY_MS = 24 * 3_600_000
/** Most top-ups of a day are final by then, and orders that could not reach the book at once have done so. */
const AFTER_MS = 15 * 60_000

/** Orders that were made on the day, by their status now; `amountDzd` is face value. */
export interface StatusSum {
  readonly status: Status
  readonly orders: number
  readonly amountDzd: number
}

/** Events of top-ups that were booked on the day. The numbers are null when there were none. */
export interface EventSpan {
  readonly events: number
  readonly first: number | null
  readonly last: number | null
}

export interface Day {
  readonly merchantId: string
  readonly environment: Environment
  /** `2026-11-23` in Algeria. */
  readonly date: string
}

/** Algeria is an hour ahead of UTC all year. */
export function dayStart(date: string): number {
  return Date.parse(`${date}T00:00:00+01:00`)
}

export function dayEnd(date: string): number {
  return dayStart(date) + DAY_MS
}

/** Days that began before this and not at it may be summed up. */
export function summedUpTo(now: number): number {
  return dayStart(algerianDay(now - AFTER_MS))
}

/** The id follows from the day, so a summary that is told twice is one event. Rendered once, like every event. */
export function renderSummary(
  { merchantId, environment, date }: Day,
  sums: readonly StatusSum[],
  { events, first, last }: EventSpan,
  now: number,
): FeedEvent {
  const cursor = (position: number) => writeEventCursor(merchantId, environment, position)
  const data = {
    date,
    environment,
    counts: Object.fromEntries(sums.map(({ status, orders }) => [status, orders])),
    amounts_dzd: Object.fromEntries(sums.map(({ status, amountDzd }) => [status, amountDzd])),
    events,
    // Reading goes on behind a cursor: behind this one comes the first event of the day.
    first_cursor: first === null ? null : cursor(first - 1),
    last_cursor: last === null ? null : cursor(last),
  }
  return {
    id: `evt_summary_${environment}_${date}`,
    type: SUMMARY_EVENT,
    ref: null,
    stateVersion: null,
    createdAt: now,
    body: JSON.stringify({ type: SUMMARY_EVENT, timestamp: new Date(now).toISOString(), data }),
  }
}
