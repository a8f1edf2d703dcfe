/** What becomes of a top-up, known from the moment it is accepted. */
import type { Dice } from './dice'
import type { FaultName } from './faults'

/** Each status with the time it begins, true time, unix ms. */
export type Fate = readonly { readonly at: number; readonly status: string }[]

const HOUR_MS = 3_600_000

export function fateOf(
  acceptedAt: number,
  key: number,
  dice: Dice,
  strikes: (name: FaultName) => boolean,
): Fate {
  const refunded = dice.unit(key, 'refunded') < 0.1
  const fate = [{ at: acceptedAt, status: 'PENDING' }]
  let at = acceptedAt + dice.between(key, 'settles', 500, 20_000)
  if (dice.unit(key, 'handling') < 0.5) fate.push({ at: acceptedAt + 400, status: 'HANDLING' })
  if (strikes('slow_settlement')) at += Math.floor(HOUR_MS * 10 * dice.unit(key, 'slowly') ** 3)
  if (strikes('new_word')) {
    fate.push({ at, status: dice.pick(key, 'word', ['ON_HOLD', 'REVIEW', 'FAILED', 'SUCCESS']) })
    at += dice.between(key, 'word_lasts', 1_000, 2 * HOUR_MS)
  }
  if (strikes('unknown_for_hours')) {
    fate.push({ at, status: 'UNKNOWN_ERROR' })
    at += Math.floor(30 * HOUR_MS * dice.unit(key, 'unknown_lasts') ** 2)
  }
  const reversed = strikes('reversal')
  fate.push({ at, status: refunded && !reversed ? 'REFUNDED' : 'FULFILLED' })
  if (reversed)
    fate.push({ at: at + dice.between(key, 'reversed_after', 1_000, 600_000), status: 'REFUNDED' })
  return fate
}

export function statusAt(fate: Fate, time: number): string {
  return fate.findLast(({ at }) => at <= time)?.status ?? 'PENDING'
}
