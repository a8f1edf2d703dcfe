/** The answers of OneClickDz v3 on the wire: envelope, request id, and the ways a test number breaks them. */

/** 24 bits would do; the provider's own are `req_<unix seconds>_<6 lower-case alphanumerics>`. */
const REQUEST_ID_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789'
const REQUEST_ID_RANDOM_LENGTH = 6
const JSON_TYPE = 'application/json; charset=utf-8'
/** How much of a lost answer still arrives: enough to look like JSON, too little to hold the id. */
const LOST_ANSWER_BYTES = 24

const HTML_ERROR_PAGE = `<!DOCTYPE html>
<html><head><title>502 Bad Gateway</title></head>
<body><center><h1>502 Bad Gateway</h1></center><hr><center>cloudflare</center></body></html>
`

export interface ErrorBody {
  readonly code: string
  readonly message: string
  readonly details?: unknown
}

export function newRequestId(now: number): string {
  const random = crypto.getRandomValues(new Uint8Array(REQUEST_ID_RANDOM_LENGTH))
  const letters = Array.from(random, (byte) => REQUEST_ID_ALPHABET[byte % REQUEST_ID_ALPHABET.length])
  return `req_${Math.floor(now / 1000)}_${letters.join('')}`
}

function respond(
  status: number,
  body: BodyInit,
  requestId: string,
  headers: Record<string, string>,
): Response {
  return new Response(body, { status, headers: { 'X-Request-Id': requestId, ...headers } })
}

function successText(data: unknown, requestId: string): string {
  const meta = { timestamp: new Date().toISOString() }
  return JSON.stringify({ success: true, data, meta, requestId })
}

export function success(data: unknown, requestId: string): Response {
  return respond(200, successText(data, requestId), requestId, { 'Content-Type': JSON_TYPE })
}

/** `GET /v3/validate` was seen without `meta` and without `requestId`. */
export function bareSuccess(data: unknown, requestId: string): Response {
  return respond(200, JSON.stringify({ success: true, data }), requestId, { 'Content-Type': JSON_TYPE })
}

export function failure(
  status: number,
  error: ErrorBody,
  requestId: string,
  retryAfterSeconds?: number,
): Response {
  const retry = retryAfterSeconds === undefined ? {} : { 'Retry-After': String(retryAfterSeconds) }
  const body = JSON.stringify({ success: false, error, requestId })
  return respond(status, body, requestId, { 'Content-Type': JSON_TYPE, ...retry })
}

/** What the provider's router says of a path it does not know: outside the envelope. */
export function unrouted(method: string, path: string, requestId: string): Response {
  const body = { message: `Route ${method}:${path} not found`, error: 'Not Found', statusCode: 404 }
  return respond(404, JSON.stringify(body), requestId, { 'Content-Type': JSON_TYPE })
}

/** What a proxy in front of the provider says when it cannot reach it. */
export function htmlFailure(requestId: string): Response {
  return respond(502, HTML_ERROR_PAGE, requestId, { 'Content-Type': 'text/html; charset=UTF-8' })
}

/** The beginning of a success, after which the connection ends. */
export function lostSuccess(data: unknown, requestId: string): Response {
  const beginning = new TextEncoder().encode(successText(data, requestId)).slice(0, LOST_ANSWER_BYTES)
  let isBeginningSent = false
  // In two pulls: an error raised right after the bytes would throw them away.
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (isBeginningSent) controller.error(new Error('Network connection lost.'))
      else controller.enqueue(beginning)
      isBeginningSent = true
    },
  })
  return respond(200, body, requestId, { 'Content-Type': JSON_TYPE })
}
