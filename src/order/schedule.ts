/** When to look next, and when to wake. Pure. All times are unix milliseconds. */

import { nextStep } from './machine'
import { nextDeliveryAt } from './outbox'
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
 * A send may take 10 s at the provider. The alarm set with the intent covers it, and it is late enough
 * to serve most orders as their only alarm: set once, it is the net under the wallet's sweep.
 */
export const SEND_LEASE_MS = 20_000
/** A callback attempt may take 10 s; if nothing was committed by then, the object died meanwhile. */
const ATTEMPT_LEASE_MS = 15_000
/** How long the wallet may be silent about an order before the order looks for itself. */
const WALLET_SILENCE_MS = 20_000
/** An alarm that is due this little later than wanted is left alone: each one written costs a row. */
export const ALARM_SLACK_MS = 5_000

/** Time of the next look-up after one made `now`, or null when the wallet should stop watching. */
export function nextLookAt(order: Order, now: number): number | null {
  const rhythm = rhythmOf(order.phase)
  if (rhythm === null || nextStep(order) !== 'look') return null
  const waited = Math.max(0, now - order.phaseSince)
  return now + Math.min(rhythm.maxMs, Math.max(rhythm.minMs, waited * rhythm.share))
}

/** Orders that wait for hours keep their own clock; the wallet keeps the rest in memory. */
export function isWatchedByWallet(order: Order): boolean {
  return order.phase === 'tracking' || order.phase === 'in_doubt'
}

/** When the object must be awake again, whatever happens to its memory; null when all is done. May be past. */
export function alarmAt(order: Order, now: number): number | null {
  const times = [lookAlarmAt(order, now), deliveryAlarmAt(order, now)].filter((time) => time !== null)
  return times.length === 0 ? null : Math.min(...times)
}

function lookAlarmAt(order: Order, now: number): number | null {
  switch (nextStep(order)) {
    case 'none':
      return null
    case 'conclude_send':
      return order.submittedAt + SEND_LEASE_MS
    case 'prove_absence':
      return now + WALLET_SILENCE_MS
    case 'look': {
      const look = nextLookAt(order, now) ?? now
      return isWatchedByWallet(order) ? look + WALLET_SILENCE_MS : look
    }
  }
}

function deliveryAlarmAt(order: Order, now: number): number | null {
  const next = nextDeliveryAt(order)
  if (next === null) return null
  return next <= now ? now + ATTEMPT_LEASE_MS : next
}

function rhythmOf(phase: Phase): Rhythm | null {
  return phase === 'tracking' || phase === 'in_doubt' || phase === 'unknown' ? RHYTHM[phase] : null
}
