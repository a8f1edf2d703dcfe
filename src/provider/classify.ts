/**
 * What an answer of OneClickDz v3, or the lack of one, proves. Pure and total: nothing throws, and what
 * is not recognised is in doubt. A definite no needs the provider's own envelope and a code or status
 * that says the request was turned away before anything was made.
 */
import * as z from 'zod'
import type { LookOutcome, Refusal, SubmitOutcome, Topup } from '../order/state'

/** What one HTTP exchange came to. `failed` covers DNS, connect, TLS, reset, timeout and broken bodies. */
export type Exchange =
  | {
      readonly kind: 'answered'
      readonly httpStatus: number
      readonly body: string
      readonly retryAfter: string | null
    }
  | { readonly kind: 'failed'; readonly reason: string }

/** A longer pause is not believed: an uncapped header once put a client to sleep for an hour. */
const RETRY_AFTER_CAP_SECONDS = 60

/** Both spellings were seen on the wire. */
const DUPLICATE_CODES = new Set(['DUPLICATED_REF', 'DUPLICATED-REF'])

/** The provider does not let our key in. */
const CREDENTIAL_CODES = new Set([
  'MISSING_ACCESS_TOKEN',
  'INVALID_ACCESS_TOKEN',
  'ERR_AUTH',
  'IP_BLOCKED',
  'IP_NOT_ALLOWED',
  'API_DISABLED',
])

/** Codes that are given before a top-up is made, whatever the HTTP status says (4xx). */
const REFUSAL_CODES = new Set([
  ...CREDENTIAL_CODES,
  'ERR_VALIDATION',
  'INVALID_PHONE',
  'INSUFFICIENT_BALANCE',
  'NO_BALANCE',
  'RATE_LIMIT_EXCEEDED',
])

/** 400 is "your request is invalid", 401 "who are you": both come before the top-up, under any code. */
const REFUSAL_STATUSES = new Set([400, 401])

const errorEnvelope = z.object({
  success: z.literal(false),
  error: z.object({
    code: z.string(),
    message: z.string().catch(''),
    details: z.record(z.string(), z.unknown()).nullable().catch(null),
  }),
})

const namesTopup = z.object({ data: z.object({ topupId: z.string() }) })

const sendEnvelope = z.object({
  success: z.literal(true),
  data: z.object({ topupId: z.string().min(1) }),
})

const offers = z.array(
  z
    .object({ typename: z.string(), plan_code: z.string(), amount: z.number() })
    .transform(({ typename, plan_code, amount }) => ({ typename, planCode: plan_code, amountDzd: amount })),
)

/** Only the two fields that decide are demanded; a changed type elsewhere costs that field alone. */
const topupObject = z
  .object({
    _id: z.string().min(1),
    status: z.string().min(1),
    // Null where it is not said; another type is another object, as far as anybody can tell.
    ref: z.string().nullable().default(null),
    plan_code: z.string().nullable().catch(null),
    MSSIDN: z.string().nullable().catch(null),
    topup_amount: z.number().nullable().catch(null),
    balance_amount: z.number().nullable().catch(null),
    refund_message: z.string().nullable().catch(null),
    suggested_offers: offers.nullable().catch(null),
  })
  .transform(
    (row): Topup => ({
      id: row._id,
      ref: row.ref,
      status: row.status,
      planCode: row.plan_code,
      msisdn: row.MSSIDN,
      topupAmountDzd: row.topup_amount,
      balanceAmountDzd: row.balance_amount,
      refundMessage: row.refund_message,
      suggestedOffers: row.suggested_offers,
    }),
  )

const createdAt = z.object({ created_at: z.string() })

const lookEnvelope = z.object({ success: z.literal(true), data: topupObject })

const listEnvelope = z.object({
  success: z.literal(true),
  meta: z.object({ timestamp: z.string() }).nullable().catch(null),
  data: z.object({
    items: z.array(z.unknown()),
    pagination: z.object({
      page: z.number().int().nullable().catch(null),
      totalPages: z.number().int().nonnegative(),
      totalResults: z.number().int().nullable().catch(null),
    }),
  }),
})

/** A row of the list. */
export interface ListedTopup extends Topup {
  /** By the provider's clock, unix ms; null when it does not say. */
  readonly createdAt: number | null
  /** As it came. */
  readonly json: string
}

/** A page of the provider's list; null when the answer is not one. */
export interface ListPage {
  readonly topups: readonly ListedTopup[]
  /** Which one it is, in its own words; null when it does not say. */
  readonly page: number | null
  readonly totalPages: number
  /** Null when it does not say. */
  readonly totalResults: number | null
  /** The provider's own clock when it answered, unix ms; null when it does not say. */
  readonly writtenAt: number | null
}

export function classifySend(exchange: Exchange): SubmitOutcome {
  if (exchange.kind === 'failed') return { kind: 'in_doubt', reason: exchange.reason, refusal: null }
  const { httpStatus } = exchange
  const json = parseJson(exchange.body)
  const accepted = sendEnvelope.safeParse(json)
  if (accepted.success && isSuccess(httpStatus))
    return { kind: 'accepted', topupId: accepted.data.data.topupId }
  const refusal = readRefusal(json, exchange)
  if (refusal === null) return { kind: 'in_doubt', reason: `http_${httpStatus}`, refusal: null }
  if (DUPLICATE_CODES.has(refusal.code)) return { kind: 'found', topup: null }
  if (REFUSAL_CODES.has(refusal.code) || REFUSAL_STATUSES.has(httpStatus)) return { kind: 'refused', refusal }
  return { kind: 'in_doubt', reason: `http_${httpStatus}_${refusal.code}`, refusal }
}

/** What a read that moves nothing came to: the answer's `data` as JSON text, the provider's own no, or neither. */
export type ReadOutcome =
  | { readonly kind: 'data'; readonly dataJson: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'no_answer'; readonly reason: string }

const readEnvelope = z.object({ success: z.literal(true), data: z.unknown() })

export function classifyRead(exchange: Exchange): ReadOutcome {
  if (exchange.kind === 'failed') return { kind: 'no_answer', reason: exchange.reason }
  const json = parseJson(exchange.body)
  const read = readEnvelope.safeParse(json)
  if (read.success && isSuccess(exchange.httpStatus)) {
    const dataJson = writeJson(read.data.data ?? null)
    return dataJson === null ? { kind: 'no_answer', reason: 'too_deep' } : { kind: 'data', dataJson }
  }
  const refusal = readRefusal(json, exchange)
  if (refusal === null) return { kind: 'no_answer', reason: `http_${exchange.httpStatus}` }
  return { kind: 'refused', refusal }
}

const balanceData = z.object({ balance: z.number() })

/** DZD, of `GET /v3/account/balance`; null when it was not told. */
export function readBalance(read: ReadOutcome): number | null {
  if (read.kind !== 'data') return null
  const told = balanceData.safeParse(parseJson(read.dataJson))
  return told.success ? told.data.balance : null
}

/** `ref` is the one asked for: an answer about another top-up is no answer. */
export function classifyLook(exchange: Exchange, ref: string): LookOutcome {
  if (exchange.kind === 'failed') return noAnswer(exchange.reason, null)
  const { httpStatus } = exchange
  const json = parseJson(exchange.body)
  const found = lookEnvelope.safeParse(json)
  if (found.success && isSuccess(httpStatus)) {
    const topup = found.data.data
    return topup.ref === null || isRef(topup.ref, ref)
      ? { kind: 'found', topup }
      : noAnswer('other_ref', null)
  }
  const refusal = readRefusal(json, exchange)
  if (httpStatus === 404 && refusal?.code === 'NOT_FOUND') return { kind: 'not_found' }
  return noAnswer(`http_${httpStatus}`, retryAfterSeconds(exchange.retryAfter))
}

/** Of the `data` of an answer that names one top-up; null when it does not. */
export function readTopup(dataJson: string): Topup | null {
  const topup = topupObject.safeParse(parseJson(dataJson))
  return topup.success ? topup.data : null
}

/** A refusal of the gateway itself rather than of this top-up. */
export function isAboutCredential({ httpStatus, code }: Refusal): boolean {
  return httpStatus === 401 || CREDENTIAL_CODES.has(code)
}

export function readListPage(exchange: Exchange): ListPage | null {
  if (exchange.kind === 'failed' || !isSuccess(exchange.httpStatus)) return null
  const page = listEnvelope.safeParse(parseJson(exchange.body))
  if (!page.success) return null
  const { items, pagination } = page.data.data
  const topups = items.map(listedTopup)
  if (!topups.every((topup) => topup !== null)) return null
  return { topups, ...pagination, writtenAt: readTime(page.data.meta?.timestamp) }
}

function listedTopup(item: unknown): ListedTopup | null {
  const topup = topupObject.safeParse(item)
  const json = writeJson(item)
  if (!topup.success || json === null) return null
  const made = createdAt.safeParse(item)
  return { ...topup.data, createdAt: made.success ? readTime(made.data.created_at) : null, json }
}

function readTime(text = ''): number | null {
  const time = Date.parse(text)
  return Number.isNaN(time) ? null : time
}

const newBalance = z.object({ data: z.object({ newBalance: z.number() }) })

/** DZD, where the answer to a send tells it: one documented example of three does. */
export function toldBalanceDzd(exchange: Exchange): number | null {
  if (exchange.kind === 'failed' || !isSuccess(exchange.httpStatus)) return null
  const told = newBalance.safeParse(parseJson(exchange.body))
  return told.success ? told.data.data.newBalance : null
}

/** The provider stores a ref as `API-<account>-<ref>` and shows either form. */
export function isRef(shown: string, ref: string): boolean {
  return shown === ref || plainRef(shown) === ref
}

/** The caller's part of the provider's `API-<account>-<ref>`; anything else as it is. */
export function plainRef(ref: string): string {
  return /^API-[^-]+-(.+)$/su.exec(ref)?.[1] ?? ref
}

/** An error envelope on a 4xx answer. A 5xx proves nothing, however well it is worded. */
function readRefusal(json: unknown, exchange: Exchange & { kind: 'answered' }): Refusal | null {
  const { httpStatus } = exchange
  const parsed = errorEnvelope.safeParse(json)
  if (namesTopup.safeParse(json).success) return null
  if (!parsed.success || httpStatus < 400 || httpStatus > 499) return null
  const { code, message, details } = parsed.data.error
  const detailsJson = details === null ? null : writeJson(details)
  return { httpStatus, code, message, detailsJson, retryAfterSeconds: retryAfterSeconds(exchange.retryAfter) }
}

/** Of the header; null where it is not believable. */
export function retryAfterSeconds(header: string | null): number | null {
  const seconds = header === null || header.trim() === '' ? Number.NaN : Number(header)
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds, RETRY_AFTER_CAP_SECONDS) : null
}

function noAnswer(reason: string, retryAfter: number | null): LookOutcome {
  return { kind: 'no_answer', reason, retryAfterSeconds: retryAfter }
}

function isSuccess(httpStatus: number): boolean {
  return httpStatus >= 200 && httpStatus <= 299
}

/** Parsing knows no depth, writing does: null where there is too much of it. */
function writeJson(value: unknown): string | null {
  try {
    return JSON.stringify(value)
  } catch {
    return null
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
