/** The provider's statement: every movement of the account, each with the balance before and after it. */
import type { Fate } from './provider-fates'

/** Of a top-up, or of whoever else spends from the account. */
export interface Spent {
  readonly id: string
  readonly acceptedAt: number
  readonly amountDzd: number
  readonly fate: Fate
}

const OPENING_CENTIMES = 1_000_000_000_00
const COST = 0.96

const chargeCentimes = (amountDzd: number) => Math.round(amountDzd * COST * 100)

export interface Row {
  readonly _id: string
  readonly type: string
  readonly operation: string
  readonly amount: number
  readonly oldBalance: number
  readonly newBalance: number
  readonly objid: string
  readonly note: string
  readonly time: string
  /** Not the provider's: `time` as a number. */
  readonly at: number
}

/** Newest first, as of `now`. Read every half minute for days: an answer is kept until it would be another. */
export class Statement {
  #kept: { readonly spent: number; readonly until: number; readonly rows: readonly Row[] } | null = null

  rows(spent: readonly Spent[], now: number): readonly Row[] {
    if (this.#kept !== null && this.#kept.spent === spent.length && now < this.#kept.until)
      return this.#kept.rows
    const later = spent.map(({ fate }) => fate.find(({ status }) => status === 'REFUNDED')?.at ?? 0)
    const until = Math.min(...later.filter((at) => at > now), Number.POSITIVE_INFINITY)
    this.#kept = { spent: spent.length, until, rows: statement(spent, now) }
    return this.#kept.rows
  }

  balanceDzd(spent: readonly Spent[], now: number): number {
    return this.rows(spent, now)[0]?.newBalance ?? OPENING_CENTIMES / 100
  }
}

function statement(spent: readonly Spent[], now: number): Row[] {
  const movements = spent.flatMap(({ id, acceptedAt, amountDzd, fate }) => {
    const centimes = chargeCentimes(amountDzd)
    const back = fate.find(({ status }) => status === 'REFUNDED')?.at
    const taken = { _id: `${id}-t`, id, type: 'FLEXY', centimes: -centimes, at: acceptedAt }
    if (back === undefined || back > now) return [taken]
    return [taken, { _id: `${id}-b`, id, type: 'REFUND-FLEXY', centimes, at: back }]
  })
  let balance = OPENING_CENTIMES
  const rows = movements
    .sort((a, b) => a.at - b.at)
    .map(({ _id, id, type, centimes, at }): Row => {
      const before = balance
      balance += centimes
      return {
        _id,
        type,
        operation: centimes < 0 ? 'DECREMENT' : 'INCREMENT',
        amount: Math.abs(centimes) / 100,
        oldBalance: before / 100,
        newBalance: balance / 100,
        objid: id,
        note: '',
        time: new Date(at).toISOString(),
        at,
      }
    })
  return rows.reverse()
}
