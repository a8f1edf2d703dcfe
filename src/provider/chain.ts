/**
 * The chain of balances: every movement begins with the balance that the one before it ended with. Where it does not, something
 * moved that the statement does not show, or does not show yet.
 *
 * Movements of one millisecond come in any order, and a refund brings back a balance that was there before, so neither order nor
 * value alone says which follows which. What counts is that each balance is begun from as often as it was ended with.
 */
import type { Movement } from './movement'

/** Under load a movement may be dated a moment before the one that it followed. */
const ORDER_SLACK_MS = 2_000

/** A moment up to which nothing is missing. */
export interface Anchor {
  /** Unix ms, by the provider's clock: everything up to and with this millisecond is accounted for. */
  readonly at: number
  /** The balance after it; null while it is not known: then any movement may be the first. */
  readonly balanceCentimes: number | null
}

export interface Gap {
  /** The balance that no shown movement begins with. */
  readonly beforeCentimes: number
  /** The first movement after it: it begins with another balance. */
  readonly next: Movement
}

export interface Walk {
  /** The newest moment up to `until` at which the chain was whole. */
  readonly anchor: Anchor
  readonly gaps: readonly Gap[]
  /** Null without a movement and a known beginning. */
  readonly endCentimes: number | null
}

export interface Terms {
  /** Ids of the movements whose gap is known and told: the chain goes on behind them. */
  readonly believed: ReadonlySet<string>
  /** Unix ms, the provider's: what is newer may still get company. */
  readonly until: number
  /** All up to this moment was read, also where nothing moved; null when that is not so. */
  readonly readUntil: number | null
}

/** `movements` in order of time, each once. */
export function walk(from: Anchor, movements: readonly Movement[], terms: Terms): Walk {
  const ends = new OpenEnds(from.balanceCentimes)
  /** Movements that began with a balance nobody had shown. */
  const waiting: Gap[] = []
  const spare = from.balanceCentimes === null ? 1 : 0
  let passed = 0
  let anchor = from
  const moving = movements.filter((one) => one.at > from.at && one.beforeCentimes !== one.afterCentimes)
  for (const [index, movement] of moving.entries()) {
    const newest = ends.newest ?? movement.beforeCentimes
    if (!ends.take(movement.beforeCentimes)) {
      if (terms.believed.has(movement.id)) passed++
      else waiting.push({ beforeCentimes: newest, next: movement })
    }
    if (!awaited(waiting, movement)) ends.add(movement.afterCentimes)
    const isLastOfItsTime = moving[index + 1]?.at !== movement.at
    if (isLastOfItsTime && movement.at <= terms.until && waiting.length === spare)
      anchor = { at: movement.at, balanceCentimes: ends.newest }
  }
  const isWhole = waiting.length === (moving.length === 0 ? 0 : spare)
  const { readUntil, until } = terms
  if (isWhole && readUntil !== null && readUntil > anchor.at && readUntil <= until) {
    anchor = { at: readUntil, balanceCentimes: ends.newest }
  }
  const gaps = waiting.slice(spare)
  return { anchor, gaps: passed === 0 ? ends.paired(gaps) : gaps, endCentimes: ends.newest }
}

/** Whether another waits for what this one ended with, dated a moment too early. It waits no longer then. */
function awaited(waiting: Gap[], { at, afterCentimes }: Movement): boolean {
  const index = waiting.findIndex(
    ({ next }) => next.beforeCentimes === afterCentimes && at - next.at <= ORDER_SLACK_MS,
  )
  if (index < 0) return false
  waiting.splice(index, 1)
  return true
}

/** Balances that a movement ended with and none has begun with yet: one, in a whole chain. */
class OpenEnds {
  /** The oldest first. */
  readonly #counts = new Map<number, number>()

  constructor(first: number | null) {
    if (first !== null) this.add(first)
  }

  get newest(): number | null {
    return Array.from(this.#counts.keys()).at(-1) ?? null
  }

  add(balanceCentimes: number): void {
    const count = this.#counts.get(balanceCentimes) ?? 0
    this.#counts.delete(balanceCentimes)
    this.#counts.set(balanceCentimes, count + 1)
  }

  take(balanceCentimes: number): boolean {
    const count = this.#counts.get(balanceCentimes) ?? 0
    if (count === 0) return false
    if (count === 1) this.#counts.delete(balanceCentimes)
    else this.#counts.set(balanceCentimes, count - 1)
    return true
  }

  /** The oldest open end belongs to the oldest gap. */
  paired(gaps: readonly Gap[]): readonly Gap[] {
    const loose = Array.from(this.#counts.keys())
    return gaps.map((gap, index) => ({ ...gap, beforeCentimes: loose[index] ?? gap.beforeCentimes }))
  }
}
