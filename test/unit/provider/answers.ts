import type { Exchange } from '../../../src/provider/classify'

export type Answered = Exchange & { kind: 'answered' }

/** One HTTP answer; a body that is not text is sent as JSON. */
export function answered(httpStatus: number, body: unknown, retryAfter: string | null = null): Answered {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { kind: 'answered', httpStatus, body: text, retryAfter }
}

export const TOPUP_ID = '69a0c1d2e3f405162738495a'
export const REF = 'order-77'

export const failure = (code: unknown, rest: Record<string, unknown> = {}) => ({
  success: false,
  error: { code, message: 'No.', ...rest },
  requestId: 'req_1',
})
export const accepted = (more: Record<string, unknown> = {}) => ({
  success: true,
  data: { topupId: TOPUP_ID, topupRef: `API-+213550000001-${REF}`, ...more },
  meta: { timestamp: '2026-02-01T09:15:30.120Z' },
})

export const row = (more: Record<string, unknown> = {}) => ({
  _id: TOPUP_ID,
  ref: REF,
  status: 'HANDLING',
  plan_code: 'PREPAID_MOBILIS',
  MSSIDN: '0612345678',
  topup_amount: 500,
  balance_amount: 480,
  created_at: '2026-02-01T09:15:30.120Z',
  ...more,
})
export const success = (data: unknown) => ({ success: true, data, meta: { timestamp: 'now' } })

/** What stands between us and the provider says these, in any place and with any status. */
export const NOISE: readonly [name: string, body: string][] = [
  ['nothing', ''],
  ['blanks', ' \r\n\t '],
  ['an HTML page', '<!DOCTYPE html><html><title>502 Bad Gateway</title></html>'],
  ['plain text', 'upstream connect error or disconnect/reset before headers'],
  ['truncated JSON', '{"success":true,"data":{"topupId":"69a0c1d2e3f4051627384'],
  ['a JSON answer twice', '{"success":true}{"success":true}'],
  ['null', 'null'],
  ['true', 'true'],
  ['a number', '42'],
  ['a string', '"FULFILLED"'],
  ['an empty array', '[]'],
  ['an array of answers', '[{"success":true,"data":{"topupId":"69a0c1d2e3f405162738495a"}}]'],
  ['an empty object', '{}'],
  ['success only', '{"success":true}'],
  ['success as text', '{"success":"true","data":{"topupId":"69a0c1d2e3f405162738495a"}}'],
  ['success as number', '{"success":1,"data":{"topupId":"69a0c1d2e3f405162738495a"}}'],
  ['data null', '{"success":true,"data":null}'],
  ['data an array', '{"success":true,"data":[]}'],
  ['failure only', '{"success":false}'],
  ['failure with a text', '{"success":false,"error":"INSUFFICIENT_BALANCE"}'],
  ['failure without a code', '{"success":false,"error":{"message":"No."}}'],
  ['failure with a number as code', '{"success":false,"error":{"code":400,"message":"No."}}'],
  ['an error without success', '{"error":{"code":"INSUFFICIENT_BALANCE","message":"No."}}'],
  ['failure as text', '{"success":"false","error":{"code":"INSUFFICIENT_BALANCE"}}'],
  ['the bare miss of a router', '{"message":"Route not found","error":"Not Found","statusCode":404}'],
  ['a message that is a prototype', '{"__proto__":{"success":true},"data":{"topupId":"x"}}'],
  ['deep nesting', `${'['.repeat(5_000)}${']'.repeat(5_000)}`],
]
