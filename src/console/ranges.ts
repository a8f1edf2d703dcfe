/** The times that the home page shows, in buckets that begin when Algerian hours and days do. Pure. */

const HOUR_MS = 3_600_000
/** Algeria is an hour ahead of UTC all year. */
const AHEAD_MS = HOUR_MS

export const RANGES = {
  '24h': { bucketMs: HOUR_MS, buckets: 24 },
  '7d': { bucketMs: 6 * HOUR_MS, buckets: 28 },
  '30d': { bucketMs: 24 * HOUR_MS, buckets: 30 },
} as const

export type RangeName = keyof typeof RANGES
export const RANGE_NAMES: readonly RangeName[] = ['24h', '7d', '30d']

export function rangeOf(asked: string | undefined): RangeName {
  return RANGE_NAMES.find((name) => name === asked) ?? '24h'
}

/** The last bucket is the one that `now` is in. */
export function bucketsOf(
  range: RangeName,
  now: number,
): { from: number; bucketMs: number; buckets: number } {
  const { bucketMs, buckets } = RANGES[range]
  const last = Math.floor((now + AHEAD_MS) / bucketMs) * bucketMs - AHEAD_MS
  return { from: last - (buckets - 1) * bucketMs, bucketMs, buckets }
}
