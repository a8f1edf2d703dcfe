/** A merchant's own limits on what he sends: off until set. Pure. Amounts are DZD of face value. */
import type { Environment, Refusal, Warning } from '../order/state'

export interface Limits {
  /** Sent in one Algerian day, whatever became of it. */
  readonly dailyAmountDzd: number | null
  readonly largestAmountDzd: number | null
  /** The same amount to the same number again within these minutes. */
  readonly repeat: { readonly minutes: number; readonly action: 'warn' | 'block' } | null
  /** Nothing goes out to an operator that the provider calls down: the wallet knows. */
  readonly refusesDown: boolean
}

export const NO_LIMITS: Limits = {
  dailyAmountDzd: null,
  largestAmountDzd: null,
  repeat: null,
  refusesDown: false,
}

/** One send that asks to be let out. */
export interface Request {
  readonly environment: Environment
  readonly ref: string
  readonly msisdn: string
  /** Null while the plan's price is not known. */
  readonly valueDzd: number | null
  /** The merchant says that he means it. */
  readonly allowDuplicate: boolean
}

/** What was let out before. */
export interface Earlier {
  readonly sentTodayDzd: number
  /** The newest equal one within the minutes of `repeat`. */
  readonly equal: { readonly ref: string; readonly at: number } | null
}

export type Verdict =
  | { readonly kind: 'admitted'; readonly warnings: readonly Warning[] }
  | { readonly kind: 'refused'; readonly refusal: Refusal }

export function judge(limits: Limits, request: Request, earlier: Earlier, now: number): Verdict {
  const { dailyAmountDzd, largestAmountDzd, repeat } = limits
  const { valueDzd } = request
  if (valueDzd === null) {
    if (dailyAmountDzd === null && largestAmountDzd === null) return { kind: 'admitted', warnings: [] }
    const message = "Nothing was sent: the plan's price is not known yet, and there is a limit on amounts"
    return refused(503, 'SERVICE_UNAVAILABLE', message, null, 60)
  }
  // It asks which offers a number may get, and costs nothing.
  if (valueDzd === 0) return { kind: 'admitted', warnings: [] }
  if (largestAmountDzd !== null && valueDzd > largestAmountDzd) {
    const message = `Nothing was sent: ${valueDzd} DZD is more than the largest amount allowed, ${largestAmountDzd} DZD`
    return overLimit(message, { limit: 'largest_amount', allowed: largestAmountDzd, amount: valueDzd })
  }
  if (dailyAmountDzd !== null && earlier.sentTodayDzd + valueDzd > dailyAmountDzd) {
    const sent = earlier.sentTodayDzd
    const message = `Nothing was sent: with ${valueDzd} DZD more, today's ${sent} DZD would pass the limit of ${dailyAmountDzd} DZD`
    return overLimit(message, { limit: 'daily_amount', allowed: dailyAmountDzd, amount: valueDzd, sent })
  }
  if (repeat === null || earlier.equal === null || request.allowDuplicate) {
    return { kind: 'admitted', warnings: [] }
  }
  const { ref, at } = earlier.equal
  const seconds = Math.max(0, Math.round((now - at) / 1_000))
  const what = `${valueDzd} DZD went to this number ${seconds} s ago with ref '${ref}'`
  if (repeat.action === 'warn') {
    return { kind: 'admitted', warnings: [{ code: 'REPEATED_TOPUP', message: what }] }
  }
  const message = `Nothing was sent: ${what}; send "allow_duplicate": true if you mean it`
  const details = { ref, sent_at: new Date(at).toISOString() }
  return refused(409, 'REPEATED_TOPUP', message, details, null)
}

/** `2026-11-23` in Algeria, which is an hour ahead of UTC all year. */
export function algerianDay(now: number): string {
  return new Date(now + 3_600_000).toISOString().slice(0, 10)
}

function overLimit(message: string, details: object): Verdict {
  return refused(403, 'LIMIT_EXCEEDED', message, details, null)
}

function refused(
  httpStatus: number,
  code: string,
  message: string,
  details: object | null,
  retryAfterSeconds: number | null,
): Verdict {
  const detailsJson = details === null ? null : JSON.stringify(details)
  return { kind: 'refused', refusal: { httpStatus, code, message, detailsJson, retryAfterSeconds } }
}
