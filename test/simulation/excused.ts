/** What the checker calls broken and the gateway's own rules allow. Counted and shown, never hidden. */
import type { Views, Violation } from './views'

/** The wallet's longest pause between two look-ups of one order, and as much again for the clock's steps. */
const LONGEST_PAUSE_MS = 30 * 60_000
const TRANSIT_MS = 30_000

/** The planned one, and its repetitions when the order could not be told of it. */
const MOST_LOOKS = 3

/**
 * A look-up that the wallet had planned before the order settled by a look-up of its own: the order does not
 * tell the wallet, which finds out by looking. More of them, or a much later one, are a broken promise.
 */
export function isExcused({ promise, ref }: Violation, { gateway, provider }: Views): boolean {
  if (promise !== 'no look after final') return false
  const order = gateway.orders.find((candidate) => candidate.ref === ref)
  if (order === undefined || order.settledAt === null) return false
  const { settledAt, upstreamRef } = order
  const late = provider.calls.filter(
    (call) => call.kind === 'look' && call.upstreamRef === upstreamRef && call.at > settledAt + TRANSIT_MS,
  )
  return late.length <= MOST_LOOKS && late.every(({ at }) => at <= settledAt + LONGEST_PAUSE_MS)
}
