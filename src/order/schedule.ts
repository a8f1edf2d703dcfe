/** When to look next, and when to wake. Pure. All times are unix milliseconds. */

import type { Wish } from '../provider/watch'
import { nextStep } from './machine'
import { deliveryTimes } from './outbox'
import type { Order, Phase } from './state'

/**
 * The pause before the next look-up is a share of the time already waited, within bounds: dense while a
 * result is likely (the provider settles in 5 to 30 s), sparse later, and it never ends.
 */
interface Rhythm {
  readonly share: number
  readonly minMs: number
  readonly maxMs: number
}

const RHYTHM: Readonly<Record<'tracking' | 'in_doubt' | 'unknown', Rhythm>> = {
  tracking: { share: 0.2, minMs: 1_500, maxMs: 15 * 60_000 },
  // Three looks over 60 s prove absence; denser looks would only cost reads.
  in_doubt: { share: 0.3, minMs: 2_000, maxMs: 5 * 60_000 },
  // Settled by hand at the provider, typically after hours.
  unknown: { share: 0.2, minMs: 30_000, maxMs: 3_600_000 },
}

/**
 * A send or a callback attempt takes 11 s at most; if nothing was committed by then, the object died
 * meanwhile. One length for both: the alarm set with the intent then serves most orders as their only one,
 * and each alarm written costs a row.
 */
export const LEASE_MS = 20_000
/** When the provider's list could not be read, at the earliest. */
const PROOF_RETRY_MS = 15_000
/** How long the wallet may be silent about an order before the order looks for itself. */
const WALLET_SILENCE_MS = 20_000
/** A queued order asks whether the line still has it. */
const TURN_SILENCE_MS = 60_000

/** Time of the next look-up after one made `now`, or null when the wallet should stop watching. */
export function nextLookAt(order: Order, now: number): number | null {
  const rhythm = rhythmOf(order.phase)
  if (rhythm === null || nextStep(order) !== 'look') return null
  // Doubt that is entered again after a resend is as old as the order: a provider that loses every send
  // must not be sent to every minute for days.
  const since = order.phase === 'in_doubt' ? order.createdAt : order.phaseSince
  const waited = Math.max(0, now - since)
  return now + Math.min(rhythm.maxMs, Math.max(rhythm.minMs, waited * rhythm.share))
}

/** When a proof of absence that failed `now` is tried again: as sparsely as the look-ups of its age. */
export function nextProofAt(order: Order, now: number): number {
  const { share, maxMs } = RHYTHM.in_doubt
  return now + Math.min(maxMs, Math.max(PROOF_RETRY_MS, (now - order.createdAt) * share))
}

/** What the wallet is asked for; null when it need not watch. */
export function wishOf(order: Order, now: number): Wish | null {
  if (!isWatchedByWallet(order)) return null
  return { at: nextLookAt(order, now) ?? nextProofAt(order, now), isSwept: order.phase === 'tracking' }
}

/** Orders that wait for hours keep their own clock; the wallet keeps the rest in memory. */
export function isWatchedByWallet(order: Order): boolean {
  return order.phase === 'tracking' || order.phase === 'in_doubt'
}

/** When the object must be awake again, whatever happens to its memory; null when all is done. May be past. */
export function alarmAt(order: Order, now: number): number | null {
  // What is due now is being attempted now.
  const deliveries = deliveryTimes(order).map((time) => (time <= now ? now + LEASE_MS : time))
  const look = lookAlarmAt(order, now)
  const times = look === null ? deliveries : [...deliveries, look]
  return times.length === 0 ? null : Math.min(...times)
}

function lookAlarmAt(order: Order, now: number): number | null {
  switch (nextStep(order)) {
    case 'none':
      return null
    case 'await_turn':
      return now + TURN_SILENCE_MS
    case 'conclude_send':
      return order.submittedAt + LEASE_MS
    case 'prove_absence':
      return nextProofAt(order, now) + WALLET_SILENCE_MS
    case 'look': {
      const look = nextLookAt(order, now) ?? now
      return isWatchedByWallet(order) ? look + WALLET_SILENCE_MS : look
    }
  }
}

function rhythmOf(phase: Phase): Rhythm | null {
  return phase === 'tracking' || phase === 'in_doubt' || phase === 'unknown' ? RHYTHM[phase] : null
}
