/**
 * Answers whose shape or words nobody has seen before: the provider changes its API without telling anybody. Pure and
 * total. It decides nothing, classify.ts does: what is not recognised is in doubt there, and a kind for a human here.
 *
 * No drift: what the documentation shows, no answer at all, any 5xx, and an error page with a 4xx. Those are outages.
 */
import { STATUSES, type Status } from '../../order/state'
import type { Exchange } from '../classify'
import { type Drift, type Fields, Findings, isMissing, isObject, type JsonObject, typeOf } from './findings'
import { word } from './text'

/** `look` is check-ref or check-id; `read` is any other that moves nothing, of which only the envelope is known. */
export type DriftCall = 'send' | 'look' | 'list' | 'read'

const ENVELOPE: Fields = {
  success: 'a boolean',
  data: null,
  meta: 'an object',
  requestId: 'a string',
  error: null,
}
/** Payment links have their request id in here, and the prose of the documentation the pagination. */
const META: Fields = { timestamp: 'a string', requestId: 'a string', pagination: 'an object' }
const ERROR: Fields = { code: 'a string', message: 'a string', details: 'an object' }
const SEND_DATA: Fields = { topupId: 'a string', topupRef: 'a string', newBalance: 'a number' }
const LIST_DATA: Fields = { items: 'a list', pagination: 'an object' }
const PAGINATION: Fields = {
  page: 'a number',
  pageSize: 'a number',
  totalPages: 'a number',
  totalResults: 'a number',
}
/** Documented as always there. */
const TOPUP_ALWAYS: Fields = {
  _id: 'a string',
  status: 'a string',
  plan_code: 'a string',
  MSSIDN: 'a string',
  topup_amount: 'a number',
  balance_amount: 'a number',
  created_at: 'a string',
}
const TOPUP: Fields = {
  ...TOPUP_ALWAYS,
  ref: 'a string',
  refund_message: 'a string',
  suggested_offers: 'a list',
  follow_orderid: 'a string',
  retry_orderid: 'a string',
}
const OFFER: Fields = { typename: 'a string', plan_code: 'a string', amount: 'a number' }

const WORDS: ReadonlySet<string> = new Set<Status>(STATUSES)

/** Documented for every call. */
const CODES = [
  'MISSING_ACCESS_TOKEN',
  'INVALID_ACCESS_TOKEN',
  'ERR_AUTH',
  'IP_BLOCKED',
  'IP_NOT_ALLOWED',
  'API_DISABLED',
  'ERR_VALIDATION',
  'RATE_LIMIT_EXCEEDED',
]
const SEND_CODES = ['INVALID_PHONE', 'INSUFFICIENT_BALANCE', 'NO_BALANCE', 'DUPLICATED_REF', 'DUPLICATED-REF']
const CODES_OF: Readonly<Record<DriftCall, ReadonlySet<string>>> = {
  send: new Set([...CODES, ...SEND_CODES]),
  look: new Set([...CODES, 'NOT_FOUND']),
  list: new Set(CODES),
  read: new Set([...CODES, 'NOT_FOUND']),
}
const ERROR_STATUSES = new Set([400, 401, 403, 404, 429])

/** Everything in one answer that is new, each kind once. */
export function driftOf(call: DriftCall, exchange: Exchange): Drift[] {
  if (exchange.kind === 'failed' || exchange.httpStatus >= 500) return []
  const { httpStatus, body } = exchange
  const seen = new Findings(call, body)
  const isError = httpStatus >= 400
  const answer = parseJson(body)
  if (answer === undefined) {
    if (!isError || !isPage(body)) seen.add(`${httpStatus} is not JSON`)
  } else if (!isObject(answer)) seen.add(`${httpStatus} is ${typeOf(answer)}`)
  else if (typeof answer.success !== 'boolean') seen.add(`${httpStatus} without success`)
  else if (isError) readError(seen, call, httpStatus, answer)
  else readSuccess(seen, call, httpStatus, answer)
  return seen.all()
}

function readSuccess(seen: Findings, call: DriftCall, httpStatus: number, answer: JsonObject): void {
  const { success, data, error } = answer
  if (httpStatus !== 200) seen.add(`http ${httpStatus}`)
  if (success !== true) seen.add(`${httpStatus} with success: false`)
  readEnvelope(seen, answer)
  // No error is known to come with a 2xx.
  if (!isMissing(error)) seen.add(codeOf(httpStatus, error) ?? `${httpStatus} with an error`)
  if (isMissing(data)) seen.add(`${httpStatus} without data`)
  else if (call === 'read') return
  else if (!isObject(data)) seen.add(`"data" is ${typeOf(data)}`)
  else if (call === 'send') readSent(seen, httpStatus, data)
  else if (call === 'look') readTopup(seen, `${httpStatus} without data.`, data)
  else readList(seen, httpStatus, data)
}

function readError(seen: Findings, call: DriftCall, httpStatus: number, answer: JsonObject): void {
  const { success, data, error } = answer
  if (success !== false) seen.add(`${httpStatus} with success: true`)
  readEnvelope(seen, answer)
  // A top-up beside a refusal could be read either way.
  if (!isMissing(data)) seen.add(`${httpStatus} with data`)
  const code = codeOf(httpStatus, error)
  if (!isObject(error) || code === null) {
    seen.add(`${httpStatus} without error.code`)
    return
  }
  const isKnown = ERROR_STATUSES.has(httpStatus) && CODES_OF[call].has(String(error.code))
  if (!isKnown) seen.add(code)
  seen.fields('error field', ERROR, error)
}

function readEnvelope(seen: Findings, answer: JsonObject): void {
  seen.fields('envelope field', ENVELOPE, answer)
  if (isObject(answer.meta)) seen.fields('meta field', META, answer.meta)
}

function readSent(seen: Findings, httpStatus: number, data: JsonObject): void {
  seen.fields('field', SEND_DATA, data)
  if (isMissing(data.topupId)) seen.add(`${httpStatus} without data.topupId`)
}

function readTopup(seen: Findings, without: string, topup: JsonObject): void {
  seen.fields('field', TOPUP, topup)
  for (const name of Object.keys(TOPUP_ALWAYS)) if (isMissing(topup[name])) seen.add(without + name)
  const { status, suggested_offers: offers } = topup
  if (typeof status === 'string' && status !== '' && !WORDS.has(status)) {
    seen.add(`status "${word(status)}"`, { status })
  }
  for (const offer of Array.isArray(offers) ? offers : []) {
    if (isObject(offer)) seen.fields('offer field', OFFER, offer)
    else seen.add(`an offer is ${typeOf(offer)}`)
  }
}

function readList(seen: Findings, httpStatus: number, data: JsonObject): void {
  seen.fields('data field', LIST_DATA, data)
  const { items, pagination } = data
  if (isMissing(items)) seen.add(`${httpStatus} without data.items`)
  if (isMissing(pagination)) seen.add(`${httpStatus} without data.pagination`)
  if (isObject(pagination)) {
    seen.fields('pagination field', PAGINATION, pagination)
    // Without it no list is read whole, and no absence is proven.
    if (isMissing(pagination.totalPages)) seen.add(`${httpStatus} without data.pagination.totalPages`)
  }
  for (const row of Array.isArray(items) ? items : []) {
    seen.inside(row, () => {
      if (isObject(row)) readTopup(seen, 'a row without ', row)
      else seen.add(`a row is ${typeOf(row)}`)
    })
  }
}

function codeOf(httpStatus: number, error: unknown): string | null {
  const code = isObject(error) ? error.code : null
  return typeof code === 'string' && code !== '' ? `${httpStatus} code "${word(code)}"` : null
}

/** An error page comes from what stands in front of the provider. */
function isPage(body: string): boolean {
  return body.trimStart().startsWith('<')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
