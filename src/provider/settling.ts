/**
 * How long top-ups take from their send to their result, learnt per plan. Pure but for its memory. The wallet looks
 * most often when results are likely, and tells merchants by when to expect one.
 *
 * Ages are milliseconds since the send was accepted.
 */

import type { Expected } from '../order/state'

/** Fine where nearly all top-ups settle, coarse up to a day: few numbers, and no age is beyond them. */
const FINE_MS = 500
const FINE_UP_TO_MS = 60_000
const COARSE_FACTOR = 1.25
const LAST_AGE_MS = 24 * 3_600_000

/** Upper ends of the buckets. */
const ENDS: readonly number[] = bucketEnds()

/** A plan's sketch follows the newest of them: by then the older ones count half. */
const HALVED_AT = 2_000
/** The published times weigh as much as this many orders. */
const PRIOR_WEIGHT = 40

/** What a merchant is told to expect: nine in ten are settled by then ... */
const EXPECTED_SHARE = 0.9
/** ... and beyond this one in two hundred is not. */
const LATE_SHARE = 0.995

/** Mass between two ages. */
type Share = readonly [fromMs: number, toMs: number, share: number]

/**
 * Published: 2 to 15 s PENDING, then 3 to 8 s HANDLING, 5 to 30 s in all. The tail is ours: something always takes
 * longer, and nothing may look impossible.
 */
const PUBLISHED: readonly Share[] = [
  [0, 5_000, 0.005],
  [5_000, 10_000, 0.18],
  [10_000, 18_000, 0.555],
  [18_000, 23_000, 0.18],
  [23_000, 30_000, 0.065],
  [30_000, 90_000, 0.011],
  [90_000, 3_600_000, 0.004],
]

/** Who tests wants his result at once: the quick test numbers take 1 s, all others 5 to 16 s. */
const SANDBOX: readonly Share[] = [
  [500, 1_500, 0.3],
  [1_500, 5_000, 0.005],
  [5_000, 16_000, 0.64],
  [16_000, 30_000, 0.05],
  [30_000, 300_000, 0.005],
]

/** Counts per plan, as they are stored. */
export type SavedTimes = Readonly<Record<string, readonly number[]>>

/** More plans than the provider has. */
const MAX_PLANS = 200

export class SettlingTimes {
  readonly #prior: readonly number[]
  readonly #counts = new Map<string, number[]>()
  readonly #curves = new Map<string, Curve>()
  readonly #unseen: Curve

  constructor(isSandbox: boolean, saved: SavedTimes = {}) {
    this.#prior = inBuckets(isSandbox ? SANDBOX : PUBLISHED)
    this.#unseen = new Curve(this.#prior)
    for (const [plan, counts] of Object.entries(saved)) {
      if (counts.length === ENDS.length) this.#counts.set(plan, [...counts])
    }
  }

  curve(plan: string): Curve {
    const counts = this.#counts.get(plan)
    if (counts === undefined) return this.#unseen
    const known = this.#curves.get(plan)
    if (known !== undefined) return known
    const curve = new Curve(this.#prior.map((prior, at) => prior + (counts[at] ?? 0)))
    this.#curves.set(plan, curve)
    return curve
  }

  /** Of a top-up that was accepted at `acceptedAt`, unix ms. */
  expected(plan: string, acceptedAt: number): Expected {
    const at = acceptedAt + Math.round(this.curve(plan).quantile(EXPECTED_SHARE))
    return { at, lateAt: acceptedAt + this.lateAfterMs(plan) }
  }

  lateAfterMs(plan: string): number {
    return this.curve(plan).lateMs
  }

  /** It settled after one look and before the next: the mass lies evenly between them. */
  learn(plan: string, afterMs: number, beforeMs: number): void {
    let counts = this.#counts.get(plan)
    if (counts === undefined) {
      if (this.#counts.size >= MAX_PLANS) return
      counts = ENDS.map(() => 0)
      this.#counts.set(plan, counts)
    }
    spread(counts, [Math.max(0, afterMs), Math.max(0, beforeMs), 1])
    const total = counts.reduce((sum, count) => sum + count, 0)
    if (total >= HALVED_AT) for (let at = 0; at < counts.length; at++) counts[at] = (counts[at] ?? 0) / 2
    this.#curves.delete(plan)
  }

  save(): SavedTimes {
    const rounded = (counts: readonly number[]) => counts.map((count) => Math.round(count * 100) / 100)
    return Object.fromEntries(Array.from(this.#counts, ([plan, counts]) => [plan, rounded(counts)]))
  }
}

/** The share of top-ups that have settled by an age, and what follows from it. */
export class Curve {
  /** At the buckets' ends: the share, and its integral from 0 (ms). */
  readonly #settled: number[] = []
  readonly #area: number[] = []
  /** From this age on an order is late, and likelihoods say nothing more. */
  readonly lateMs: number

  constructor(counts: readonly number[]) {
    const total = counts.reduce((sum, count) => sum + count, 0)
    let [settled, area, before] = [0, 0, 0]
    for (const [at, end] of ENDS.entries()) {
      const share = (counts[at] ?? 0) / total
      area += (end - before) * (settled + share / 2)
      settled += share
      this.#settled.push(settled)
      this.#area.push(area)
      before = end
    }
    this.lateMs = Math.round(this.quantile(LATE_SHARE))
  }

  settledBy(ageMs: number): number {
    return this.#at(ageMs).settled
  }

  /**
   * For how long (ms) a result waits unseen, on average, when the last look was at `lookedMs` and the next is at
   * `ageMs`: what a look at that age is worth.
   */
  waiting(lookedMs: number, ageMs: number): number {
    const [last, next] = [this.#at(lookedMs), this.#at(ageMs)]
    const open = 1 - last.settled
    if (open <= 0 || ageMs <= lookedMs) return 0
    return Math.max(0, next.area - last.area - last.settled * (ageMs - lookedMs)) / open
  }

  /** The age by which this share of top-ups has settled. */
  quantile(share: number): number {
    const at = this.#settled.findIndex((settled) => settled >= share)
    if (at < 0) return LAST_AGE_MS
    const [start, before] = [ENDS[at - 1] ?? 0, this.#settled[at - 1] ?? 0]
    const [end, after] = [ENDS[at] ?? LAST_AGE_MS, this.#settled[at] ?? 1]
    return after === before ? end : start + ((end - start) * (share - before)) / (after - before)
  }

  #at(ageMs: number): { settled: number; area: number } {
    const age = Math.min(Math.max(0, ageMs), LAST_AGE_MS)
    const at = bucketOf(age)
    const [start, settledBefore, areaBefore] = [
      ENDS[at - 1] ?? 0,
      this.#settled[at - 1] ?? 0,
      this.#area[at - 1] ?? 0,
    ]
    const width = (ENDS[at] ?? LAST_AGE_MS) - start
    const into = age - start
    const gained = (((this.#settled[at] ?? 1) - settledBefore) * into) / width
    return { settled: settledBefore + gained, area: areaBefore + into * (settledBefore + gained / 2) }
  }
}

function bucketEnds(): number[] {
  const ends: number[] = []
  for (let end = FINE_MS; end <= FINE_UP_TO_MS; end += FINE_MS) ends.push(end)
  for (let end = FINE_UP_TO_MS * COARSE_FACTOR; end < LAST_AGE_MS; end *= COARSE_FACTOR) ends.push(end)
  return [...ends, LAST_AGE_MS]
}

function bucketOf(ageMs: number): number {
  if (ageMs <= FINE_UP_TO_MS) return Math.max(0, Math.ceil(ageMs / FINE_MS) - 1)
  const found = ENDS.findIndex((end) => ageMs <= end)
  return found < 0 ? ENDS.length - 1 : found
}

function inBuckets(shares: readonly Share[]): number[] {
  const counts = ENDS.map(() => 0)
  for (const [from, to, share] of shares) spread(counts, [from, to, share * PRIOR_WEIGHT])
  return counts
}

/** Adds the mass to the buckets between the two ages, each by how much of it lies there. */
function spread(counts: number[], [from, to, mass]: Share): void {
  const [first, last] = [bucketOf(from), bucketOf(to)]
  for (let at = first; at <= last; at++) {
    const [start, end] = [Math.max(from, ENDS[at - 1] ?? 0), Math.min(to, ENDS[at] ?? LAST_AGE_MS)]
    const part = to > from ? (end - start) / (to - from) : 1 / (last - first + 1)
    counts[at] = (counts[at] ?? 0) + mass * Math.max(0, part)
  }
}
