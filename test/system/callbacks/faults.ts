/** How receivers answer, and what must come of it. One endpoint each: a round of ten is told of one top-up. */
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { MerchantAnswer } from '../merchant'

export interface Case {
  readonly title: string
  /** `elsewhere` is a server that must never be called. */
  readonly answer: (elsewhere: string) => MerchantAnswer
  readonly outcome: string
  /** Null: no status line came. */
  readonly status: number | null
  /** What becomes of the delivery; `pending` unless said otherwise. */
  readonly state?: 'delivered' | 'held'
  /** Seconds until the next attempt, [at least, at most]: the schedule's 5 s ±15 % unless said otherwise. */
  readonly pause?: readonly [number, number]
  /** What the list of deliveries shows of the answer. */
  readonly shows?: RegExp
  /** A tunnel would not pass on these bytes, or would answer for itself. */
  readonly wire?: true
}

/** Refused, reset, broken off, or no HTTP at all. */
export const NOT_REACHED = 'connect'
const MEGABYTE = 1024 * 1024
const SLACK_SECONDS = 5
/** Only a human mends it: five minutes at the earliest, +15 %. */
const SLOW: readonly [number, number] = [300, 345 + SLACK_SECONDS]

const answered = (status: number, outcome: string, more: Partial<Case> = {}): Case => ({
  title: String(status),
  answer: () => ({ status, body: status === 204 ? '' : 'the answer' }),
  outcome,
  status,
  ...more,
})

const redirect = (status: number): Case => ({
  title: `${status} is a failure and not followed`,
  answer: (elsewhere) => ({ status, headers: { Location: elsewhere } }),
  outcome: 'redirected',
  status,
  pause: SLOW,
})

const throttle = (status: number, title: string, after: () => string, pause: Case['pause']): Case => ({
  title: `${status} with a Retry-After ${title}`,
  answer: () => ({ status, by: (response) => response.writeHead(status, { 'Retry-After': after() }).end() }),
  outcome: 'throttled',
  status,
  ...(pause === undefined ? {} : { pause }),
})

/** No sooner than asked; a little later, for the time that the gateway takes to write it down. */
const asked = (seconds: number): readonly [number, number] => [seconds, seconds + SLACK_SECONDS]
export const SCHEDULED: readonly [number, number] = [4.25, 5.75 + SLACK_SECONDS]

/** The bytes on the wire as they are, and the end of the connection unless more is to come. */
const bytes = (text: string, end = true) => ({
  by: ({ socket }: ServerResponse) => (end ? socket?.end(text) : socket?.write(text)),
})
const wired = (title: string, answer: MerchantAnswer, outcome: string, more: Partial<Case> = {}): Case => ({
  title,
  answer: () => answer,
  outcome,
  status: null,
  wire: true,
  ...more,
})

const whole = { status: 200, state: 'delivered' } as const

export const CASES: readonly Case[] = [
  ...[200, 201, 204, 299].map((status) => answered(status, 'delivered', { state: 'delivered' })),
  ...[301, 302, 303, 307, 308].map(redirect),
  ...[400, 401, 404, 413].map((status) =>
    answered(status, 'refused', { shows: /^the answer$/, pause: SLOW }),
  ),
  ...[408, 425].map((status) => answered(status, 'failed', { shows: /^the answer$/ })),
  answered(410, 'gone', { state: 'held' }),
  ...[500, 502, 504].map((status) => answered(status, 'failed', { shows: /^the answer$/ })),
  answered(503, 'failed'),
  answered(429, 'throttled'),
  throttle(429, 'in seconds', () => '30', asked(30)),
  throttle(429, 'that is a date', () => inSeconds(120), asked(118)),
  throttle(429, 'that is a date gone by', () => inSeconds(-120), SCHEDULED),
  throttle(429, 'of 0 is no hot loop', () => '0', SCHEDULED),
  throttle(429, 'that is garbage', () => 'try 5 or so', SCHEDULED),
  throttle(429, 'below zero', () => '-30', SCHEDULED),
  throttle(429, 'of years waits an hour', () => '999999999', asked(3_600)),
  throttle(503, 'in seconds', () => '30', asked(30)),
  {
    title: 'a 200 with 50 MB after it is left at 64 KB',
    answer: () => ({ by: flood }),
    outcome: 'too_large',
    status: 200,
    shows: /^x{512,}$/,
  },
  {
    title: 'a gzip bomb is counted as it unfolds',
    answer: () => ({ by: bomb }),
    outcome: 'too_large',
    status: 200,
    shows: /^y{512,}$/,
  },
  wired('a connection that is reset before any answer', { destroy: true }, NOT_REACHED),
  wired('a server that does not speak HTTP', bytes('220 mail.shop.dz ESMTP\r\n'), NOT_REACHED),
  wired('HTTP/1.0 that ends with its connection', bytes('HTTP/1.0 200 OK\r\n\r\nold'), 'delivered', {
    ...whole,
    shows: /^old$/,
  }),
  wired(
    'a thousand 1xx before a 200',
    bytes(`${informational(1_000)}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`),
    'delivered',
    whole,
  ),
  wired(
    'fewer bytes than announced',
    bytes('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'),
    NOT_REACHED,
    {
      status: 200,
    },
  ),
  wired(
    'chunks that end in garbage',
    bytes('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nZZ\r\n'),
    NOT_REACHED,
    { status: 200 },
  ),
  wired(
    'a compression that is none',
    bytes('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 8\r\n\r\nnot gzip'),
    NOT_REACHED,
    { status: 200 },
  ),
  // Last, so that they wait for their 10 s together.
  wired('headers that never come', { hang: true }, 'timeout'),
  wired(
    'a body that never ends',
    bytes('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf', false),
    'timeout',
    { status: 200, shows: /^half$/ },
  ),
  wired('a body that drips', { by: drip }, 'timeout', { status: 200 }),
  wired('1xx without end', { by: informationalForEver }, 'timeout'),
]

function inSeconds(seconds: number): string {
  return new Date(Date.now() + seconds * 1_000).toUTCString()
}

function informational(count: number): string {
  return 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(count)
}

function flood(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Length': String(50 * MEGABYTE) })
  const part = Buffer.alloc(MEGABYTE, 'x')
  let left = 50
  const more = () => {
    while (left > 0 && !response.destroyed) {
      left -= 1
      if (!response.write(part)) return response.once('drain', more)
    }
    return response.end()
  }
  more()
}

function bomb(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(Buffer.alloc(20 * MEGABYTE, 'y')))
}

/** A byte every half second: never idle, never done. */
function drip(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Length': '1000' })
  every(500, response, () => response.write('.'))
}

function informationalForEver(response: ServerResponse): void {
  every(50, response, () => response.socket?.write(informational(20)))
}

function every(milliseconds: number, response: ServerResponse, write: () => void): void {
  const timer = setInterval(write, milliseconds)
  response.once('close', () => clearInterval(timer))
}
