/**
 * Ids that begin with the second in which they were made, as the provider's do (MongoDB's ObjectIds). Whoever has such
 * an id knows where to look for what was made then, without an index. Pure. Times are unix milliseconds.
 */

const FORM = /^([0-9a-f]{8})[0-9a-f]{16}$/

/** How many random bytes one needs. */
export const TIMED_ID_RANDOM_BYTES = 8

export function timedId(random: string, now: number): string {
  return (
    Math.floor(now / 1_000)
      .toString(16)
      .padStart(8, '0') + random
  )
}

/** Null for an id of another form. What it says need not be true: an id that only looks so tells any time. */
export function timeOfId(id: string): number | null {
  const seconds = FORM.exec(id)?.[1]
  return seconds === undefined ? null : Number.parseInt(seconds, 16) * 1_000
}
