/** The provider's wire format: `{success, data}`, `{success, error}`, and what stands in their place on bad days. */
import type { Dice } from './dice'
import type { Reply } from './network'
import type { Topup } from './provider-model'

type Answer = Reply & { kind: 'answer' }

const PAGE = '<!doctype html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>'

export function success(data: unknown, afterMs: number): Answer {
  return { kind: 'answer', afterMs, status: 200, body: JSON.stringify({ success: true, data }) }
}

/** With the time of the provider's own clock, unix ms. */
export function dated(data: unknown, at: number, afterMs: number): Answer {
  const body = JSON.stringify({ success: true, data, meta: { timestamp: new Date(at).toISOString() } })
  return { kind: 'answer', afterMs, status: 200, body }
}

export function accepted({ id, upstreamRef }: Topup, afterMs: number): Answer {
  return success({ topupId: id, topupRef: `API-77-${upstreamRef}` }, afterMs)
}

export function failure(status: number, code: string, afterMs: number): Answer {
  const body = JSON.stringify({ success: false, error: { code, message: code }, requestId: 'req_simulated' })
  return { kind: 'answer', afterMs, status, body }
}

export function notFound(ref: string, afterMs: number): Answer {
  const error = { code: 'NOT_FOUND', message: `Top-up with reference '${ref}' not found` }
  return { kind: 'answer', afterMs, status: 404, body: JSON.stringify({ success: false, error }) }
}

/** Both spellings were seen. */
export function duplicate(dice: Dice, key: number, afterMs: number): Answer {
  return failure(403, dice.pick(key, 'spelling', ['DUPLICATED_REF', 'DUPLICATED-REF']), afterMs)
}

/** 5xx, in the envelope or not. */
export function broken(dice: Dice, key: number, afterMs: number): Answer {
  const status = dice.pick(key, 'status', [500, 502, 503, 504])
  const inEnvelope = dice.unit(key, 'in_envelope') < 0.5
  return inEnvelope ? failure(status, 'INTERNAL_ERROR', afterMs) : page(status, afterMs)
}

/** A page where JSON should be, whatever its status says. */
export function html(dice: Dice, key: number, afterMs: number): Answer {
  return page(dice.pick(key, 'status', [200, 403, 502]), afterMs)
}

export function throttled(dice: Dice, key: number, afterMs: number): Answer {
  const asked = dice.pick(key, 'retry_after', ['1', '20', '90', '86400', 'soon', '-5'])
  return { ...failure(429, 'RATE_LIMIT_EXCEEDED', afterMs), headers: { 'retry-after': asked } }
}

/** `stored`: in the form in which the provider keeps refs. */
export function row(topup: Topup, status: string, stored: boolean) {
  return {
    _id: topup.id,
    ref: stored ? `API-77-${topup.upstreamRef}` : topup.upstreamRef,
    status,
    plan_code: topup.planCode,
    MSSIDN: topup.msisdn,
    topup_amount: topup.amountDzd,
    balance_amount: status === 'REFUNDED' ? 0 : topup.amountDzd * 0.96,
    created_at: new Date(topup.acceptedAt).toISOString(),
  }
}

function page(status: number, afterMs: number): Answer {
  return { kind: 'answer', afterMs, status, body: PAGE, headers: { 'content-type': 'text/html' } }
}
