/** From a world that broke a promise to the fewest faults that still break it. */

import type { FaultId } from './faults'
import { fewestOf } from './fewest'
import { MERCHANTS, WORLD } from './platform'
import { type Line, linesOf } from './trace'
import type { Violation } from './views'
import { runWorld, type WorldResult, type WorldSpec } from './world'

/** Each try runs the world again; a small world is quick, a large one must not keep anybody for minutes. */
const MOST_TRIES = 200

export interface Shrunk {
  readonly spec: WorldSpec
  readonly violation: Violation
  /** What it takes, in the order in which it struck. */
  readonly faults: readonly FaultId[]
  readonly before: number
  readonly trace: readonly string[]
}

export async function shrink(spec: WorldSpec, failed: WorldResult): Promise<Shrunk> {
  const [violation] = failed.violations
  if (violation === undefined) throw new Error('nothing was broken')
  const key = keyOf(violation)
  let smallest = spec
  let faults = failed.injected
  let tries = 0
  const attempt = async (candidate: WorldSpec): Promise<WorldResult | null> => {
    if (++tries > MOST_TRIES) return null
    const result = await runWorld(candidate, false)
    return result.violations.some((found) => isSame(found, violation)) ? result : null
  }
  const alone = { ...spec, onlyOrders: new Set([key]) }
  const lonely = key === WORLD ? null : await attempt(alone)
  if (lonely !== null) {
    smallest = alone
    faults = lonely.injected
  }
  const withOnly = (only: readonly FaultId[]): WorldSpec => ({
    ...smallest,
    faults: { ...spec.faults, only: new Set(only) },
  })
  const isEnough = async (only: readonly FaultId[]) => (await attempt(withOnly(only))) !== null
  // Whose faults they are comes first: most of a world has nothing to do with it.
  const byKey = new Map<string, FaultId[]>()
  for (const id of faults) byKey.set(subject(id), [...(byKey.get(subject(id)) ?? []), id])
  const subjects = await fewestOf(Array.from(byKey.values()), (some) => isEnough(some.flat()))
  const fewest = await fewestOf(subjects.flat(), isEnough)
  const involved = new Set([key, ...fewest.map((id) => Number(subject(id)))])
  const few = { ...withOnly(fewest), onlyOrders: involved }
  const final = lonely === null && key !== WORLD && (await attempt(few)) !== null ? few : withOnly(fewest)
  const { lines, violations } = await runWorld(final, true)
  return {
    spec: final,
    violation: violations.find((found) => isSame(found, violation)) ?? violation,
    faults: fewest,
    before: failed.injected.length,
    trace: traceOf(lines, key),
  }
}

/** `3` of `3/alarm_lost/2`. */
function subject(id: FaultId): string {
  return id.slice(0, id.indexOf('/'))
}

function isSame(a: Violation, b: Violation): boolean {
  return a.promise === b.promise && keyOf(a) === keyOf(b)
}

/** `r17` and `m2.r17` are order 17; anything else is the world's. */
function keyOf({ ref }: Violation): number {
  const digits = /r(\d+)$/.exec(ref)?.[1]
  return digits === undefined ? WORLD : Number(digits)
}

/** The cron's visits to the book are left out: there are thousands, and those that do something show. */
function traceOf(lines: readonly Line[], key: number): string[] {
  const told = lines.filter((line) => line.key < MERCHANTS || !line.text.includes('.wakeOverdue'))
  return key === WORLD ? told.map(({ text }) => text) : linesOf(told, key)
}
