/** How long orders took, in the middle and at the slow end. Pure. */

/** One order that is over: in which bucket it was made, and how long it took. */
export interface Timed {
  readonly bucket: number
  readonly ms: number
}

/** Null where nothing was settled. */
export interface Times {
  readonly medianMs: number | null
  readonly p95Ms: number | null
}

export function timesToFinal(
  timed: readonly Timed[],
  count: number,
): { readonly times: Times; readonly buckets: readonly (number | null)[] } {
  const each = Array.from({ length: count }, (): number[] => [])
  for (const { bucket, ms } of timed) each[bucket]?.push(ms)
  const all = timed.map(({ ms }) => ms)
  return {
    times: { medianMs: percentile(all, 0.5), p95Ms: percentile(all, 0.95) },
    buckets: each.map((ms) => percentile(ms, 0.5)),
  }
}

/** By nearest rank: always a time that some order took. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null
}

/** Of what is over, the part that was delivered; null while nothing is over. */
export function successRate({ fulfilled, refunded }: { fulfilled: number; refunded: number }): number | null {
  const over = fulfilled + refunded
  return over === 0 ? null : fulfilled / over
}
