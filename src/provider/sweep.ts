/**
 * Which read of the provider is worth most now. Pure.
 *
 * A read is worth the waiting that it ends: for each order that it answers for, how long a result has waited unseen
 * on average (settling.ts). A look-up by ref answers for one order, a page of the list for up to 100. Pages are not
 * numbered: each is "the newest 100 up to this moment", so what comes in meanwhile shifts nothing, and a moment is
 * chosen so that no row is spent on orders that cannot have settled yet.
 *
 * Nobody is concluded to be absent from a page: who should have been on it is looked up by ref.
 */
import type { Curve } from './settling'

export const PAGE_ROWS = 100
/** A read is made when it ends this much waiting: after pauses of some 2 s where results are likely. */
const PRICE_MS = 320
/** From this pause on waiting counts more the longer it is, or the last few on an old page would never be worth a read. */
const LONG_PAUSE_MS = 1_500
/** What was just looked at is not looked at again, however likely. */
const MIN_GAP_MS = 1_200
/** And however unlikely a result is, it is looked at after this, or after a share of its age. */
const MAX_GAP_MS = 8_000
/** Of an order that is late nobody knows more than its age. */
const LATE_GAP_SHARE = 0.1
const LEAST_LATE_GAP_MS = 2_000
const MOST_LATE_GAP_MS = 15 * 60_000
/** A look-up that is due is worth its price; twice as long overdue as this, nine times as much. */
const OVERDUE_MS = 1_000
/** Rows are counted among orders that were sent since then; older ones are looked up by their ref. */
export const SWEPT_MS = 5 * 60_000
/** A page that would answer for one order only is longer than a look-up and says no more. */
const LEAST_ON_PAGE = 2

/** One order as the sweep sees it. Times are unix ms of our clock. */
export interface Watched {
  /** When it was sent; the list is nearly in this order. */
  readonly madeAt: number
  /** The result is known: only its row is still in the way. */
  readonly isOver: boolean
  /** Asked about at this moment. */
  readonly isAsked: boolean
  /** When it was asked about last; `madeAt` before the first time. */
  readonly lookedAt: number
  /** Null: it is looked at when it asks for it, not by likelihood. */
  readonly curve: Curve | null
  /** At the latest; with a curve by its age, without one the moment that the order asked for. */
  readonly dueAt: number
  /** A page should have shown it and did not. */
  readonly isMissed: boolean
}

export type Read<Item> =
  | { readonly kind: 'look'; readonly item: Item }
  | { readonly kind: 'page'; readonly newest: Item }

/** What is worth reading now; null when nothing is. `watched`: newest first. `withPages`: the list can be read. */
export function worthiest<Item extends Watched>(
  watched: readonly Item[],
  now: number,
  withPages = true,
): Read<Item> | null {
  let look: { item: Item; worth: number } | null = null
  const worths = watched.map((item) => worthOf(item, now))
  for (const [at, worth] of worths.entries()) {
    const item = watched[at]
    if (item !== undefined && worth > (look?.worth ?? 0)) look = { item, worth }
  }
  if (look === null) return null
  const page = withPages ? bestPage(watched, worths, now) : null
  if (page !== null && page.worth > look.worth)
    return page.worth < PRICE_MS ? null : { kind: 'page', newest: page.newest }
  return look.worth < PRICE_MS ? null : { kind: 'look', item: look.item }
}

/** When a look at this order alone becomes worth its price; other orders on its page make it sooner. */
export function dueAt({ madeAt, lookedAt }: Pick<Watched, 'madeAt' | 'lookedAt'>, curve: Curve): number {
  const looked = lookedAt - madeAt
  if (looked >= curve.lateMs) {
    return lookedAt + Math.min(MOST_LATE_GAP_MS, Math.max(LEAST_LATE_GAP_MS, looked * LATE_GAP_SHARE))
  }
  // One top-up that took hours makes hours likely for the next: they are not hours of looks every 8 s.
  let [early, late] = [looked + MIN_GAP_MS, looked + Math.max(MAX_GAP_MS, looked * LATE_GAP_SHARE)]
  if (worthOfLook(curve, looked, late) < PRICE_MS) return madeAt + late
  while (late - early > 50) {
    const middle = (early + late) / 2
    if (worthOfLook(curve, looked, middle) < PRICE_MS) early = middle
    else late = middle
  }
  return madeAt + Math.ceil(late)
}

/** Before this a look at it is worth nothing. */
export function readyAt({ dueAt: due, lookedAt }: Pick<Watched, 'dueAt' | 'lookedAt'>): number {
  return Math.max(due, lookedAt + MIN_GAP_MS)
}

function worthOf({ isOver, isAsked, lookedAt, madeAt, curve, dueAt: due }: Watched, now: number): number {
  if (isOver || isAsked || now - lookedAt < MIN_GAP_MS) return 0
  const asked = now < due ? 0 : PRICE_MS * (1 + (now - due) / OVERDUE_MS) ** 2
  return curve === null ? asked : Math.max(asked, worthOfLook(curve, lookedAt - madeAt, now - madeAt))
}

function worthOfLook(curve: Curve, lookedMs: number, ageMs: number): number {
  if (lookedMs >= curve.lateMs) return 0
  return curve.waiting(lookedMs, ageMs) * Math.max(1, (ageMs - lookedMs) / LONG_PAUSE_MS)
}

function bestPage<Item extends Watched>(
  watched: readonly Item[],
  worths: readonly number[],
  now: number,
): { newest: Item; worth: number } | null {
  let best: { newest: Item; worth: number } | null = null
  let [worth, count, end] = [0, 0, 0]
  for (const [start, newest] of watched.entries()) {
    for (; end < watched.length && end < start + PAGE_ROWS; end++) {
      const one = onPage(watched[end], now, worths[end])
      worth += one
      if (one > 0) count++
    }
    if (count >= LEAST_ON_PAGE && onPage(newest, now, worths[start]) > 0 && worth > (best?.worth ?? 0))
      best = { newest, worth }
    const first = onPage(newest, now, worths[start])
    worth -= first
    if (first > 0) count--
  }
  return best
}

function onPage(item: Watched | undefined, now: number, worth = 0): number {
  return item === undefined || item.isMissed || now - item.madeAt > SWEPT_MS ? 0 : worth
}
