/**
 * Opening balance + movements = closing balance, over rows of the provider's statement that come slice by slice. Rows of one moment come in any
 * order, so what counts is that each balance is begun from as often as it was ended with: of a whole chain one begin is left,
 * which is the opening, and one end, which is the closing. Pure. Amounts are centimes.
 */
import type { Movement } from '../provider/movement'
import type { Balance } from './report'

export interface Chain {
  /** By balance: how much oftener it was ended with than begun from. What is even is left out. */
  readonly loose: Readonly<Record<string, number>>
  readonly firstCentimes: number | null
  readonly lastCentimes: number | null
  readonly movedCentimes: number
  /** A part of the statement was not read, or nothing of it fits: there is no sum to show. */
  readonly isBroken: boolean
}

/** Beyond that the statement is no chain at all. */
const MOST_LOOSE = 1_000

export const NEW_CHAIN: Chain = {
  loose: {},
  firstCentimes: null,
  lastCentimes: null,
  movedCentimes: 0,
  isBroken: false,
}

/** `movements`: each once, all of a slice that follows those before it. */
export function withMovements(chain: Chain, movements: readonly Movement[]): Chain {
  const moving = movements
    .filter(({ beforeCentimes, afterCentimes }) => beforeCentimes !== afterCentimes)
    .toSorted((a, b) => a.at - b.at)
  const [first, last] = [moving[0], moving.at(-1)]
  if (first === undefined || last === undefined) return chain
  const loose = new Map(Object.entries(chain.loose))
  const count = (balance: number, by: 1 | -1) => {
    const counted = (loose.get(String(balance)) ?? 0) + by
    if (counted === 0) loose.delete(String(balance))
    else loose.set(String(balance), counted)
  }
  let moved = chain.movedCentimes
  for (const { beforeCentimes, afterCentimes } of moving) {
    count(beforeCentimes, -1)
    count(afterCentimes, 1)
    moved += afterCentimes - beforeCentimes
  }
  return {
    loose: Object.fromEntries(loose),
    firstCentimes: chain.firstCentimes ?? first.beforeCentimes,
    lastCentimes: last.afterCentimes,
    movedCentimes: moved,
    isBroken: chain.isBroken || loose.size > MOST_LOOSE,
  }
}

/** Null where nothing moved, or not all of it was seen. */
export function balanceOf({
  loose,
  firstCentimes,
  lastCentimes,
  movedCentimes,
  isBroken,
}: Chain): Balance | null {
  if (isBroken || firstCentimes === null || lastCentimes === null) return null
  const ends = (sign: 1 | -1) =>
    Object.keys(loose)
      .filter((balance) => Math.sign(loose[balance] ?? 0) === sign)
      .map(Number)
  const [begun, ended] = [ends(-1), ends(1)]
  // In a chain that ends where it began nothing is loose.
  const opening = pick(begun, firstCentimes)
  const closing = begun.length + ended.length === 0 ? opening : pick(ended, lastCentimes)
  const difference = closing - opening - movedCentimes
  return { openingCentimes: opening, closingCentimes: closing, movedCentimes, differenceCentimes: difference }
}

/** By time it would be this one; but rows of one moment come in any order. */
function pick(loose: readonly number[], likely: number): number {
  return loose.includes(likely) ? likely : (loose[0] ?? likely)
}
