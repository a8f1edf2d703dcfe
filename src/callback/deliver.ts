/**
 * One HTTP try of one callback. Everything that comes back is foreign and bounded: in time, in bytes after
 * decompression, in what is kept. It reports; what a report means for the schedule is decided elsewhere.
 */

/** One deadline over connect, headers and body: a slow drip after quick headers must not escape it. */
const DEADLINE_MS = 10_000

/** Enough for any acknowledgement. Counted after decompression, so a gzip bomb stops here too. */
const MAX_ANSWER_BYTES = 64 * 1024

/** What is worth showing to the merchant, and holds the echo of a verification challenge with ease. */
const KEPT_ANSWER_BYTES = 4 * 1024

const USER_AGENT = 'Rasid/1 (+callbacks)'

/** Any other 4xx is a fault that does not heal by itself; these two ask for another try. */
const PASSING_STATUSES = [408, 425]

/** Cloudflare answers these itself when it cannot reach the receiver. */
const NOT_REACHED: Readonly<Record<number, AttemptOutcome>> = {
  521: 'connect', // down
  522: 'connect', // timeout
  523: 'connect', // no route
  525: 'tls', // handshake
  526: 'tls', // certificate
  530: 'dns', // how a Worker's fetch reports a name that does not exist
}

/** C0, DEL and C1 controls, and the marks that make text on a screen read in another order than it is. */
const UNSAFE_TO_SHOW = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu
const LINE_LAYOUT = /[\t\n\r]+/g

const DELAY_SECONDS = /^\d+$/
const MONTH = '(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)'
const IMF_FIXDATE = new RegExp(`^[A-Z][a-z]{2}, \\d{2} ${MONTH} \\d{4} \\d{2}:\\d{2}:\\d{2} GMT$`)
const RFC850_DATE = new RegExp(`^[A-Z][a-z]{5,8}, \\d{2}-${MONTH}-\\d{2} \\d{2}:\\d{2}:\\d{2} GMT$`)
const ASCTIME_DATE = new RegExp(`^[A-Z][a-z]{2} ${MONTH} [ \\d]\\d \\d{2}:\\d{2}:\\d{2} \\d{4}$`)

export type AttemptOutcome =
  | 'delivered' // 2xx, answered completely
  | 'redirected' // 3xx: a configuration fault, never followed
  | 'gone' // 410
  | 'throttled' // 429, or 503 with a Retry-After that can be read
  | 'refused' // other 4xx
  | 'failed' // 5xx and anything else answered
  | 'timeout' // no complete answer by the deadline
  | 'dns' // the name does not exist or has no address
  | 'tls' // handshake or certificate
  | 'connect' // refused, reset, or broken off in the middle of the answer
  | 'too_large' // a 2xx with more than 64 KB
  | 'forbidden' // the rules for targets refuse it now: nothing was sent
  | 'not_tried' // by our own fault: nothing was sent, and it is no attempt

export interface AttemptResult {
  readonly outcome: AttemptOutcome
  /** Null when no status line came. Also there when a 2xx was spoilt by its body. */
  readonly httpStatus: number | null
  /** As asked by the receiver: never negative, not capped; null when absent or garbage. */
  readonly retryAfterSeconds: number | null
  /**
   * The first 4 KB as text on one line, without control characters. Foreign text: escape it. Where nothing was sent,
   * our own sentence that says why.
   */
  readonly answer: string
  readonly durationMs: number
}

export interface AttemptRequest {
  /** The normal form that `checkTarget` gave. */
  readonly url: string
  /** The signature headers; content type and user agent are set here. */
  readonly headers: Record<string, string>
  readonly body: string
}

export interface AttemptDeps {
  readonly fetch: typeof fetch
  /** Unix time in milliseconds. */
  readonly now: () => number
  readonly deadlineMs?: number
}

type AnswerEnd = 'complete' | 'too_large' | 'broken'

/** Posts one callback once. Never throws and never outlives the deadline; every failure is an outcome. */
export async function attempt(request: AttemptRequest, deps: AttemptDeps): Promise<AttemptResult> {
  // Taken out of `deps`: called as a method, the runtime's own fetch throws "Illegal invocation".
  const { fetch, now, deadlineMs = DEADLINE_MS } = deps
  const startedAt = now()
  // The clock of a Worker may be set back under us.
  const elapsedMs = () => Math.max(0, now() - startedAt)
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(), deadlineMs)
  try {
    const response = await fetch(request.url, requestInit(request, deadline.signal))
    const retryAfterSeconds = parseRetryAfterSeconds(response.headers.get('retry-after'), now())
    const { answer, end } = await readAnswer(response)
    const outcome = outcomeOf(response.status, retryAfterSeconds, end, deadline.signal.aborted)
    return { outcome, httpStatus: response.status, retryAfterSeconds, answer, durationMs: elapsedMs() }
  } catch {
    // The runtime words refused, reset, TLS and DNS failures alike or oddly; their texts are not to be read.
    const outcome = deadline.signal.aborted ? 'timeout' : 'connect'
    return { outcome, httpStatus: null, retryAfterSeconds: null, answer: '', durationMs: elapsedMs() }
  } finally {
    clearTimeout(timer)
  }
}

function requestInit(request: AttemptRequest, signal: AbortSignal): RequestInit {
  const headers = new Headers(request.headers)
  headers.set('content-type', 'application/json')
  headers.set('user-agent', USER_AGENT)
  // Followed, a 302 becomes a bodiless GET whose 200 looks like success, and a 307 hands the signed body to
  // whoever is named.
  return { method: 'POST', headers, body: request.body, redirect: 'manual', signal }
}

/**
 * A 2xx counts only with its whole answer, within time and size. The status line alone may precede the
 * receiver's work (PHP flushes it, then dies), and a front page of 80 KB says 200 to any POST. A wrong "no"
 * costs one more try under the same webhook-id, which receivers ignore; a wrong "yes" loses the event.
 *
 * Any other status is a definite answer whatever becomes of its body, which serves only as explanation.
 */
function outcomeOf(
  status: number,
  retryAfterSeconds: number | null,
  end: AnswerEnd,
  expired: boolean,
): AttemptOutcome {
  if (status >= 200 && status <= 299) {
    if (end === 'broken') return expired ? 'timeout' : 'connect'
    return end === 'too_large' ? 'too_large' : 'delivered'
  }
  if (status >= 300 && status <= 399) return 'redirected'
  if (status === 410) return 'gone'
  if (status === 429 || (status === 503 && retryAfterSeconds !== null)) return 'throttled'
  if (PASSING_STATUSES.includes(status)) return 'failed'
  if (status >= 400 && status <= 499) return 'refused'
  return NOT_REACHED[status] ?? 'failed'
}

/** Reads to the end or to the limit. Never leaves a body unread: that would hold the connection. */
async function readAnswer(response: Response): Promise<{ answer: string; end: AnswerEnd }> {
  if (response.body === null) return { answer: '', end: 'complete' }
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader()
  const kept = new Uint8Array(KEPT_ANSWER_BYTES)
  let receivedBytes = 0
  let end: AnswerEnd = 'complete'
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const room = Math.max(0, kept.length - receivedBytes)
      kept.set(part.value.subarray(0, room), Math.min(receivedBytes, kept.length))
      receivedBytes += part.value.byteLength
      if (receivedBytes > MAX_ANSWER_BYTES) {
        end = 'too_large'
        break
      }
    }
  } catch {
    end = 'broken'
  }
  // Not awaited: cancelling is the runtime's errand, and a stream that fails to cancel has already failed.
  if (end !== 'complete') reader.cancel().catch(() => undefined)
  return { answer: showable(kept.subarray(0, receivedBytes)), end }
}

function showable(bytes: Uint8Array): string {
  // `stream` leaves out a character that was cut at the limit, rather than showing it as damaged.
  const text = new TextDecoder().decode(bytes, { stream: true })
  return text.replace(LINE_LAYOUT, ' ').replace(UNSAFE_TO_SHOW, '')
}

/**
 * Reads a Retry-After header (RFC 9110 section 10.2.3): delay seconds, or an HTTP date in any of the three
 * forms that section 5.6.7 makes every recipient accept.
 *
 * @returns whole seconds from `nowMs` on, rounded up; 0 for a date gone by; null for absence and for
 *   anything else, which includes negative and fractional numbers. No upper limit but the safe integers.
 */
export function parseRetryAfterSeconds(header: string | null, nowMs: number): number | null {
  const value = header?.trim() ?? ''
  if (DELAY_SECONDS.test(value)) return Math.min(Number(value), Number.MAX_SAFE_INTEGER)
  const atMs = parseHttpDate(value)
  return atMs === null ? null : Math.max(0, Math.ceil((atMs - nowMs) / 1000))
}

/** The form is checked first: `Date.parse` finds a date in almost any text ("try 5" is in May 2001). */
function parseHttpDate(value: string): number | null {
  const isGmt = IMF_FIXDATE.test(value) || RFC850_DATE.test(value)
  if (!isGmt && !ASCTIME_DATE.test(value)) return null
  // asctime names no zone and means GMT.
  const atMs = Date.parse(isGmt ? value : `${value} GMT`)
  return Number.isNaN(atMs) ? null : atMs
}
