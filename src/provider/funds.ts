/** What a provider account can pay, and how long it will last. Pure. Amounts are DZD, times unix ms. */

/** As it was told last: by the statement, a send's answer, or the balance itself. */
export interface Balance {
  readonly dzd: number
  readonly at: number
}

/** When the operator wants to be told; null: not by this measure. */
export interface LowMark {
  readonly dzd: number | null
  /** At the rate of the last hour. */
  readonly hours: number | null
}

/** Money may have come in since: before a send is refused, a balance older than this is asked for anew. */
const SURE_MS = 3_000
const HOUR_MS = 3_600_000
/** Spending is summed up in slices of this length. */
const SLICE_MS = 5 * 60_000
/** A mark that was passed is passed again only when the balance was this much above it meanwhile. */
const CLEARANCE = 1.1

/** Whether the account can pay: `ask`, when it could not and may have been filled since. Unknown prices and balances pay. */
export function canPay(balance: Balance | null, priceDzd: number | null, now: number): 'yes' | 'no' | 'ask' {
  if (balance === null || priceDzd === null || priceDzd <= balance.dzd) return 'yes'
  return now - balance.at <= SURE_MS ? 'no' : 'ask'
}

/** Which measure says that it is low; null when none does. */
export function lowBy(balanceDzd: number, hoursLeft: number | null, mark: LowMark): keyof LowMark | null {
  if (mark.dzd !== null && balanceDzd < mark.dzd) return 'dzd'
  return mark.hours !== null && hoursLeft !== null && hoursLeft < mark.hours ? 'hours' : null
}

/** Well above every mark: the next time that it is low is news again. */
export function isAmple(balanceDzd: number, hoursLeft: number | null, { dzd, hours }: LowMark): boolean {
  const enough = dzd === null || balanceDzd >= dzd * CLEARANCE
  return enough && (hours === null || hoursLeft === null || hoursLeft >= hours * CLEARANCE)
}

/** What was spent in the last hour. In memory: after an eviction it begins anew, and says nothing at first. */
export class Spending {
  #slices: { readonly at: number; dzd: number }[] = []
  readonly #since: number

  constructor(now: number) {
    this.#since = now
  }

  add(dzd: number, now: number): void {
    const at = now - (now % SLICE_MS)
    const last = this.#slices.at(-1)
    if (last?.at === at) last.dzd += dzd
    else this.#slices.push({ at, dzd })
    this.#slices = this.#slices.filter((slice) => slice.at > now - HOUR_MS)
  }

  /** Null while nothing was spent, or it was watched for less than a slice. */
  hoursLeft(balanceDzd: number, now: number): number | null {
    const hours = Math.min(HOUR_MS, now - this.#since) / HOUR_MS
    const spent = this.#slices.filter(({ at }) => at > now - HOUR_MS).reduce((sum, { dzd }) => sum + dzd, 0)
    return spent <= 0 || hours * HOUR_MS < SLICE_MS ? null : (balanceDzd * hours) / spent
  }
}
