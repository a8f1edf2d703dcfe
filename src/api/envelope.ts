/** Every answer's shape: the provider's envelope, a request id, no caching by strangers. */
import type { Context } from 'hono'
import { callbackHealthHeader } from '../merchant/callback-health'
import type { KeyEntry } from '../merchant/keys'
import type { Refusal } from '../order/state'
import { logError } from '../platform/log'
import { ERRORS, type ErrorCode } from './contract'

/** An answer that is not a success. Thrown by handlers, shaped by `onError` alone. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly httpStatus: number
  readonly code: string
  readonly details: Readonly<Record<string, unknown>> | null
  readonly headers: Readonly<Record<string, string>>

  constructor(
    code: ErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>> | null = null,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
    this.code = code
    this.httpStatus = ERRORS[code].status
    this.details = details
    this.headers = headers
  }
}

/** What a handler threw, as an answer. What is not one of ours is logged and told nobody. */
export function toApiError(error: Error, c: Context): ApiError {
  if (error instanceof ApiError) return error
  logError('request.failed', error, { request_id: c.get('requestId') })
  if (isOverload(error)) {
    const message = 'The gateway is busy; send the same request again'
    return new ApiError('SERVICE_UNAVAILABLE', message, null, { 'Retry-After': '1' })
  }
  const message = 'Something went wrong on our side; it is safe to send the same request again'
  return new ApiError('INTERNAL_ERROR', message)
}

function isOverload(error: Error): boolean {
  return (
    ('overloaded' in error && error.overloaded === true) || ('retryable' in error && error.retryable === true)
  )
}

/** `data` as JSON text, so that what is kept as text is not parsed only to be written again. */
export function success(c: Context, dataJson: string, httpStatus: 200 | 201 | 202 = 200): Response {
  const meta = JSON.stringify({ timestamp: new Date().toISOString() })
  const requestId = JSON.stringify(c.get('requestId'))
  return json(c, `{"success":true,"data":${dataJson},"meta":${meta},"requestId":${requestId}}`, httpStatus)
}

export function failure(
  c: Context,
  error: Pick<ApiError, 'httpStatus' | 'code' | 'message' | 'details' | 'headers'>,
): Response {
  const { httpStatus, code, message, details, headers } = error
  const body = {
    success: false,
    error: { code, message, ...(details === null ? {} : { details }) },
    requestId: c.get('requestId'),
  }
  return json(c, JSON.stringify(body), httpStatus, headers)
}

/** The provider's own refusal, passed on as it came. */
export function refusal(
  c: Context,
  { httpStatus, code, message, detailsJson, retryAfterSeconds }: Refusal,
): Response {
  const details: Record<string, unknown> | null = detailsJson === null ? null : JSON.parse(detailsJson)
  const headers: Record<string, string> =
    retryAfterSeconds === null ? {} : { 'Retry-After': String(retryAfterSeconds) }
  return failure(c, { httpStatus, code, message, details, headers })
}

/** `req_<unix seconds>_<6 lower-case alphanumerics>`, as the provider makes them. */
export function newRequestId(): string {
  const random = Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => (byte % 36).toString(36))
  return `req_${Math.floor(Date.now() / 1_000)}_${random.join('')}`
}

/** Outside the envelope, for the few calls that never had it: with the headers of every answer. */
export function json(
  c: Context,
  text: string,
  httpStatus = 200,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const key: KeyEntry | undefined = c.get('key')
  const health = key?.callbackHealth ?? null
  return new Response(text, {
    status: httpStatus,
    headers: {
      ...(health === null ? {} : { 'Callback-Health': callbackHealthHeader(health) }),
      'Content-Type': 'application/json; charset=utf-8',
      'Cache-Control': 'private, no-store',
      'X-Content-Type-Options': 'nosniff',
      'X-Request-Id': c.get('requestId'),
      ...headers,
    },
  })
}
