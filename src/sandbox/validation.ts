/**
 * The checks of OneClickDz v3 on what a caller sends, with messages in the form of its validator (Ajv):
 * the first failed rule is the one that is told.
 */
import { isTestNumber } from './outcomes'
import { findPlan, type Network, type Plan } from './plans'
import type { ListQuery, SendOrder } from './protocol'

const MSISDN_PATTERN = /^0[567][0-9]{8}$/
/** In characters, not in UTF-16 units: Ajv counts code points. The provider publishes no limit. */
export const MAX_REF_LENGTH = 200
const DEFAULT_PAGE_SIZE = 20
const MAX_PAGE_SIZE = 100
const PREFIX_OF: Readonly<Record<Network, string>> = { Ooredoo: '05', Mobilis: '06', Djezzy: '07' }
/** A date, or a date with a time in UTC or with an offset. */
const ISO_8601 = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/

/** What the `ERR_VALIDATION` answer says. */
export interface Invalid {
  readonly kind: 'invalid'
  readonly message: string
  readonly details: { readonly field: string; readonly value: unknown }
}

type Checked<Value> = { readonly kind: 'valid'; readonly value: Value } | Invalid

function wrongBody(message: string): Invalid {
  return { kind: 'invalid', message, details: { field: 'body', value: null } }
}

/** Undefined is what JSON cannot say: the text was none. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function invalid(where: string, field: string, rule: string, value: unknown): Invalid {
  const message = rule.startsWith('must have') ? `${where} ${rule}` : `${where}/${field} ${rule}`
  return { kind: 'invalid', message, details: { field, value: value ?? null } }
}

/** The body of a send. */
export function checkSendBody(text: string): Checked<SendOrder> {
  const body = parseJson(text)
  if (body === undefined) return wrongBody('body must be valid JSON')
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return wrongBody('body must be object')
  const fields = new Map<string, unknown>(Object.entries(body))
  for (const required of ['plan_code', 'MSSIDN']) {
    if (!fields.has(required)) return missing(required)
  }
  for (const field of ['plan_code', 'MSSIDN', 'ref']) {
    const value = fields.get(field)
    if (value !== undefined && typeof value !== 'string')
      return invalid('body', field, 'must be string', value)
  }
  const planCode = String(fields.get('plan_code'))
  const msisdn = String(fields.get('MSSIDN'))
  // An empty ref is none.
  const ref = String(fields.get('ref') ?? '') || null
  if (!MSISDN_PATTERN.test(msisdn)) {
    return invalid('body', 'MSSIDN', `must match pattern "${MSISDN_PATTERN.source}"`, msisdn)
  }
  if (ref !== null && [...ref].length > MAX_REF_LENGTH) {
    return invalid('body', 'ref', `must NOT have more than ${MAX_REF_LENGTH} characters`, ref)
  }
  const plan = findPlan(planCode)
  if (plan === null)
    return invalid('body', 'plan_code', 'must be equal to one of the allowed values', planCode)
  if (!isTestNumber(msisdn) && !msisdn.startsWith(PREFIX_OF[plan.network])) {
    return invalid('body', 'MSSIDN', `operator does not match plan '${planCode}'`, msisdn)
  }
  const amount = checkAmount(plan, fields.get('amount'))
  if (amount.kind === 'invalid') return amount
  return { kind: 'valid', value: { planCode, msisdn, amount: amount.value, ref } }
}

/** The face value in DZD. JSON does not tell 500.0 from 500, and neither does this. */
function checkAmount(plan: Plan, amount: unknown): Checked<number> {
  if (amount === undefined) {
    return plan.kind === 'dynamic' ? missing('amount') : { kind: 'valid', value: ownPrice(plan) }
  }
  if (typeof amount !== 'number' || !Number.isSafeInteger(amount)) {
    return invalid('body', 'amount', 'must be integer', amount)
  }
  // One client knows that GETMENU wants `amount: 0`; the documentation calls it ignored on fixed plans.
  if (amount === 0 && plan.kind !== 'dynamic') return { kind: 'valid', value: ownPrice(plan) }
  if (plan.kind === 'fixed') {
    const rule = `must be equal to constant ${plan.amount}`
    return amount === plan.amount ? { kind: 'valid', value: amount } : invalid('body', 'amount', rule, amount)
  }
  if (amount < plan.minAmount) return invalid('body', 'amount', `must be >= ${plan.minAmount}`, amount)
  if (amount > plan.maxAmount) return invalid('body', 'amount', `must be <= ${plan.maxAmount}`, amount)
  return { kind: 'valid', value: amount }
}

function ownPrice(plan: Plan): number {
  return plan.kind === 'fixed' ? plan.amount : 0
}

function missing(field: string): Invalid {
  return invalid('body', field, `must have required property '${field}'`, null)
}

/** The query of both lists. `from` and `to` are both included and must come together. */
export function checkListQuery(search: URLSearchParams): Checked<ListQuery> {
  const page = checkInteger(search, 'page', 1, Number.MAX_SAFE_INTEGER)
  if (page.kind === 'invalid') return page
  const pageSize = checkInteger(search, 'pageSize', DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE)
  if (pageSize.kind === 'invalid') return pageSize
  const from = search.get('from')
  const to = search.get('to')
  const pages = { page: page.value, pageSize: pageSize.value }
  if (from === null && to === null) return { kind: 'valid', value: { ...pages, window: null } }
  if (to === null)
    return invalid('querystring', 'to', 'must have property to when property from is present', null)
  if (from === null) {
    return invalid('querystring', 'from', 'must have property from when property to is present', null)
  }
  for (const [field, value] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (!ISO_8601.test(value) || Number.isNaN(Date.parse(value))) {
      return invalid('querystring', field, 'must match format "date-time"', value)
    }
  }
  return { kind: 'valid', value: { ...pages, window: { from: Date.parse(from), to: Date.parse(to) } } }
}

function checkInteger(
  search: URLSearchParams,
  field: string,
  byDefault: number,
  max: number,
): Checked<number> {
  const text = search.get(field)
  if (text === null) return { kind: 'valid', value: byDefault }
  const value = Number(text)
  if (!/^-?[0-9]+$/.test(text)) return invalid('querystring', field, 'must be integer', text)
  if (value < 1) return invalid('querystring', field, 'must be >= 1', value)
  if (value > max) return invalid('querystring', field, `must be <= ${max}`, value)
  return { kind: 'valid', value }
}
