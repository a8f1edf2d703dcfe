/**
 * Every rule about money: (order, what happened, now) -> order. Pure and total.
 *
 * What to do next is not stored beside the state, it follows from it (`nextStep`), so a crash between
 * a commit and an action loses nothing: the next wake-up derives the same action again.
 */
import { renderEvent } from '../callback/event'
import type {
  EventType,
  Expected,
  Intent,
  LookOutcome,
  Order,
  Refusal,
  Status,
  SubmitOutcome,
  Topup,
  Warning,
} from './state'

/** Absence is believed after this many "not found" since the last send ... */
export const ABSENCE_LOOKS = 3
/** ... that far apart: the provider's look-up is known to lag behind its own acceptance. */
export const ABSENCE_SPREAD_MS = 60_000
/** An order open for longer than this is flagged for a human; the provider settles within 24 h. */
export const FLAG_AFTER_MS = 24 * 3_600_000

/** The provider's final words; all others are not, whatever they say. */
const FINAL_WORDS: ReadonlyMap<string, { status: Status; event: EventType }> = new Map([
  ['FULFILLED', { status: 'FULFILLED', event: 'topup.fulfilled' }],
  ['REFUNDED', { status: 'REFUNDED', event: 'topup.refunded' }],
])

export type Step = 'none' | 'await_turn' | 'conclude_send' | 'look' | 'prove_absence'

/** The record that must be durable before the first byte leaves. Ids come from outside: this is pure. */
export function begin(
  intent: Intent,
  made: { gatewayId: string; pageSecret: string; warnings: readonly Warning[] },
  now: number,
): Order {
  return {
    intent,
    ...made,
    phase: 'sending',
    status: 'PENDING',
    stateVersion: 1,
    revision: 0,
    providerId: null,
    topupId: null,
    createdAt: now,
    submittedAt: now,
    submissions: 1,
    phaseSince: now,
    settledAt: null,
    expected: null,
    absence: null,
    refusal: null,
    seen: null,
    chargedDzd: null,
    history: [],
    flag: null,
    events: [],
    deliveries: [],
    folded: null,
  }
}

/** The provider answered a send, or did not. */
export function submitted(order: Order, outcome: SubmitOutcome, now: number): Order {
  if (order.phase !== 'sending') return answeredLate(order, outcome, now)
  switch (outcome.kind) {
    case 'accepted':
      return track(order, outcome.topupId, now)
    case 'found':
      return found(order, outcome.topup, now)
    case 'refused':
      return refused(order, outcome.refusal, now)
    case 'in_doubt':
      return doubt(order, outcome.refusal, now)
    case 'queued':
      return queue(order, now)
  }
}

/** Learnt with its acceptance. */
export function expecting(order: Order, expected: Expected | null): Order {
  return order.phase === 'tracking' ? { ...order, expected } : order
}

/** The wallet calls: what was queued goes out now. */
export function called(order: Order, now: number): Order {
  return order.phase === 'queued' ? { ...enter(order, 'sending', now), submittedAt: now } : order
}

/** The object died while a send was under way: nobody knows what became of it. */
export function interrupted(order: Order, now: number): Order {
  return order.phase === 'sending' ? doubt(order, null, now) : order
}

/** A look-up by ref, `askedAt` the provider, or a row of its list, told something. */
export function looked(order: Order, outcome: LookOutcome, now: number, askedAt = now): Order {
  if (order.phase === 'refused') return order
  switch (outcome.kind) {
    case 'found':
      return seen(order, outcome.topup, now)
    case 'not_found':
      return order.phase === 'in_doubt' ? { ...order, absence: oneMoreAbsence(order, now, askedAt) } : order
    case 'no_answer':
      return order
  }
}

/**
 * Absent from look-ups and from the provider's list. Without a refusal the same upstream ref goes out
 * again; with one the money never moved and never will, and the merchant, who was told PENDING, is told.
 */
export function provenAbsent(order: Order, now: number): Order {
  if (nextStep(order) !== 'prove_absence') return order
  if (order.refusal !== null) return settle(order, 'REFUNDED', 'topup.refunded', now)
  return {
    ...enter(order, 'sending', now),
    absence: null,
    submittedAt: now,
    submissions: order.submissions + 1,
  }
}

/** The list still shows it, although look-ups did not: the proof starts over. */
export function notAbsent(order: Order): Order {
  return order.phase === 'in_doubt' ? { ...order, absence: null } : order
}

/** Flags an order that has been open for too long. */
export function aged(order: Order, now: number): Order {
  const open = order.phase !== 'settled' && order.phase !== 'refused'
  if (!open || order.flag !== null || now - order.createdAt < FLAG_AFTER_MS) return order
  return { ...order, flag: { at: now, reason: 'open for 24 h' } }
}

/** What the order wants now. Times are in schedule.ts. */
export function nextStep(order: Order): Step {
  switch (order.phase) {
    case 'queued':
      return 'await_turn'
    case 'sending':
      return 'conclude_send'
    case 'in_doubt':
      return absenceIsLikely(order) ? 'prove_absence' : 'look'
    case 'tracking':
    case 'unknown':
      return 'look'
    case 'settled':
    case 'refused':
      return 'none'
  }
}

function track(order: Order, providerId: string, now: number): Order {
  const entered = order.phase === 'tracking' ? order : enter(order, 'tracking', now)
  return {
    ...entered,
    providerId,
    topupId: order.topupId ?? providerId,
    absence: null,
    refusal: null,
  }
}

/** The merchant has his answer already, and a look-up may know more: only what ends a doubt is news. */
function answeredLate(order: Order, outcome: SubmitOutcome, now: number): Order {
  if (order.phase !== 'in_doubt') return order
  if (outcome.kind === 'accepted') return track(order, outcome.topupId, now)
  if (outcome.kind === 'queued') return queue(order, now)
  return outcome.kind === 'refused' ? { ...order, refusal: outcome.refusal } : order
}

/** Leaves `sending` without an answer. The merchant is told PENDING now, so his id is frozen. */
function doubt(order: Order, refusal: Refusal | null, now: number): Order {
  return {
    ...enter(order, 'in_doubt', now),
    topupId: order.topupId ?? order.gatewayId,
    absence: null,
    refusal,
  }
}

/** Nothing left, and the merchant is told PENDING: his id is frozen, and it goes out when its turn comes. */
function queue(order: Order, now: number): Order {
  return { ...enter(order, 'queued', now), topupId: order.topupId ?? order.gatewayId }
}

/**
 * A definite no frees the ref, but only while the merchant was never told that it is pending. Of the only send that
 * ever left it means that nothing was taken; after a doubtful one it may be about the second copy.
 */
function refused(order: Order, refusal: Refusal, now: number): Order {
  if (order.topupId === null) return { ...enter(order, 'refused', now), refusal }
  // "Too fast" is no verdict on the top-up: it goes out again, like any other, once it is proven absent.
  if (refusal.httpStatus === 429) return doubt(order, null, now)
  if (order.submissions > 1) return doubt(order, refusal, now)
  return settle({ ...order, refusal }, 'REFUNDED', 'topup.refunded', now)
}

/** The provider refused the ref as used: by our own earlier send, or by a stranger's top-up. */
function found(order: Order, topup: Topup | null, now: number): Order {
  if (topup === null) return doubt(order, null, now)
  if (order.topupId !== null && order.submissions > 1) return seen(order, topup, now)
  if (isOurs(order, topup) && sameAmount(order, topup)) return seen(order, topup, now)
  return refused(order, foreignTopup(topup), now)
}

function seen(order: Order, topup: Topup, now: number): Order {
  if (!isOurs(order, topup)) return foreign(order, topup, now)
  if (order.phase === 'settled') return maybeReversed(order, topup, now)
  const known: Order = {
    ...order,
    providerId: topup.id,
    topupId: order.topupId ?? topup.id,
    absence: null,
    refusal: null,
    seen: topup,
    // 0 once refunded: what was taken is what was seen before.
    chargedDzd: topup.balanceAmountDzd || order.chargedDzd,
  }
  const final = FINAL_WORDS.get(topup.status)
  if (final !== undefined) return settle(known, final.status, final.event, now)
  if (topup.status !== 'PENDING' && topup.status !== 'HANDLING') return unknown(known, now)
  // Once unknown, only a settlement counts: a word that goes back and forth is not news.
  if (known.phase === 'unknown') return known
  return { ...track(known, topup.id, now), status: topup.status }
}

function settle(order: Order, status: Status, event: EventType, now: number): Order {
  const settled = {
    ...enter(order, 'settled', now),
    settledAt: now,
    topupId: order.topupId ?? order.gatewayId,
  }
  return tell({ ...settled, status }, event, order.status, now)
}

/** UNKNOWN_ERROR, and every word that nobody has seen before: neither failed nor done. */
function unknown(order: Order, now: number): Order {
  if (order.phase === 'unknown') return order
  const entered: Order = { ...enter(order, 'unknown', now), status: 'UNKNOWN_ERROR' }
  return tell(entered, 'topup.unknown', order.status, now)
}

/** After final, only the opposite final word moves anything. */
function maybeReversed(order: Order, topup: Topup, now: number): Order {
  const final = FINAL_WORDS.get(topup.status)
  if (final === undefined || final.status === order.status) return order
  const reversed: Order = {
    ...order,
    status: final.status,
    settledAt: now,
    providerId: topup.id,
    seen: topup,
    chargedDzd: topup.balanceAmountDzd || order.chargedDzd,
  }
  return tell(reversed, 'topup.reversed', order.status, now)
}

/** Another top-up under our ref, after the merchant was told PENDING: nobody may guess, a human looks. */
function foreign(order: Order, topup: Topup, now: number): Order {
  if (order.phase === 'settled') return order
  const reason = `the provider holds another top-up (${topup.id}) under this ref`
  const named: Order = { ...order, topupId: order.topupId ?? order.gatewayId, absence: null }
  return { ...unknown(named, now), flag: order.flag ?? { at: now, reason } }
}

/** One more event, its bytes frozen from the order as it is now. */
function tell(order: Order, type: EventType, previousStatus: Status, now: number): Order {
  const told: Order = { ...order, stateVersion: order.stateVersion + 1 }
  return { ...told, events: [...told.events, renderEvent(told, type, previousStatus, now)] }
}

function enter(order: Order, phase: Order['phase'], now: number): Order {
  return { ...order, phase, phaseSince: now }
}

/**
 * The first counts from when it was learnt, the last until when it was asked: whoever stands still in between
 * makes the proof longer, never shorter.
 */
function oneMoreAbsence({ absence }: Order, now: number, askedAt: number): Order['absence'] {
  const count = (absence?.count ?? 0) + 1
  return { count, firstAt: absence?.firstAt ?? now, lastAt: Math.min(now, askedAt) }
}

function absenceIsLikely({ absence }: Order): boolean {
  return (
    absence !== null &&
    absence.count >= ABSENCE_LOOKS &&
    absence.lastAt - absence.firstAt >= ABSENCE_SPREAD_MS
  )
}

/** By its id where we know it, else by what the provider has no reason to rewrite: number and plan. */
function isOurs(order: Order, topup: Topup): boolean {
  if (topup.id === order.providerId) return true
  const { msisdn, planCode } = order.intent.request
  const sameNumber = topup.msisdn === null || topup.msisdn === msisdn
  const samePlan = topup.planCode === null || topup.planCode.toLowerCase() === planCode.toLowerCase()
  return sameNumber && samePlan
}

/**
 * Only asked when the ref was taken before our first send. Later it proves nothing: on a fixed plan the
 * provider ignores what was sent.
 */
function sameAmount({ intent }: Order, { topupAmountDzd }: Topup): boolean {
  const { amountDzd } = intent.request
  return !amountDzd || !topupAmountDzd || amountDzd === topupAmountDzd
}

function foreignTopup(topup: Topup): Refusal {
  return {
    httpStatus: 403,
    code: 'DUPLICATED_REF',
    message: 'This reference ID is already in use',
    detailsJson: JSON.stringify({ topupId: topup.id }),
    retryAfterSeconds: null,
  }
}

/** What must survive the object's memory. The provider's word while it is pending is not among it. */
const LASTING = ['phase', 'stateVersion', 'providerId', 'topupId', 'absence', 'refusal', 'flag'] as const

/**
 * PENDING to HANDLING is a courtesy to the merchant, not a fact about money: it is kept in memory and
 * costs no written row, like a look-up that told nothing new.
 */
export function isWorthKeeping(before: Order, after: Order): boolean {
  return LASTING.some((field) => before[field] !== after[field])
}

/** What a send says. */
type Wanted = Pick<Intent, 'request' | 'callback'>

/** The fields in which two sends of one ref differ, under their wire names. */
export function differingFields(one: Wanted, other: Wanted): string[] {
  const [a, b] = [one.request, other.request]
  const fields: string[] = []
  if (a.planCode !== b.planCode) fields.push('plan_code')
  if (a.msisdn !== b.msisdn) fields.push('MSSIDN')
  // On fixed and GETMENU plans clients send no amount or 0, and mean the same.
  if ((a.amountDzd ?? 0) !== (b.amountDzd ?? 0)) fields.push('amount')
  if (one.callback?.url !== other.callback?.url) fields.push('callback_url')
  return fields
}
