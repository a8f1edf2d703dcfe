/** The recorded answers, and every mixture of their parts: what was never seen must be no more definite than what was. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classifyLook, classifySend, type Exchange, readListPage } from '../../../src/provider/classify'
import { OneClick } from '../../../src/provider/oneclick'
import { REF } from './answers'
import { CORPUS, type Recorded } from './corpus'

/** What the client makes of the bytes: a BOM at the start is gone. */
const decoded = (body: string) => new TextDecoder().decode(new TextEncoder().encode(body))

function exchangeOf({ status, headers, body }: Pick<Recorded, 'status' | 'headers' | 'body'>): Exchange {
  if (status === null) return { kind: 'failed', reason: body }
  const retryAfter = headers['retry-after'] ?? null
  return { kind: 'answered', httpStatus: status, body: decoded(body), retryAfter }
}

const verdict = (exchange: Exchange) => ({
  send: classifySend(exchange).kind,
  look: classifyLook(exchange, REF).kind,
  list: readListPage(exchange) === null ? 'no_page' : 'page',
})

describe('the recorded answers', () => {
  it('are many, of every verdict, and each its own', () => {
    expect(CORPUS.length).toBeGreaterThanOrEqual(200)
    expect(new Set(CORPUS.map(({ name }) => name)).size).toBe(CORPUS.length)
    const seen = CORPUS.map(({ status, headers, body }) => JSON.stringify([status, headers, body]))
    expect(new Set(seen).size).toBe(CORPUS.length)
    const count = (kind: string) =>
      CORPUS.filter((one) => [one.send, one.look, one.list].includes(kind as never)).length
    expect(count('accepted')).toBeGreaterThanOrEqual(15)
    expect(count('refused')).toBeGreaterThanOrEqual(30)
    expect(count('found')).toBeGreaterThanOrEqual(30)
    expect(count('not_found')).toBeGreaterThanOrEqual(4)
    expect(count('page')).toBeGreaterThanOrEqual(6)
    expect(count('in_doubt')).toBeGreaterThanOrEqual(200)
  })

  it.each(CORPUS)('$name', (one) => {
    const exchange = exchangeOf(one)
    const { send, look, list } = one
    expect(verdict(exchange)).toEqual({ send, look, list })
    if (one.pause === undefined) return
    expect(classifyLook(exchange, REF)).toMatchObject({ retryAfterSeconds: one.pause })
    const sent = classifySend(exchange)
    if (sent.kind === 'refused') expect(sent.refusal.retryAfterSeconds).toBe(one.pause)
  })
})

/** No body may go with these. */
const BARE = new Set([204, 205, 304])

describe('through the client', () => {
  it('every recorded answer has the same verdict, and no method throws', async () => {
    for (const { name, status, headers, body, send, look, list } of CORPUS) {
      const answer = () => {
        if (status === null) return Promise.reject(new Error(body))
        return Promise.resolve(new Response(BARE.has(status) ? null : body, { status, headers }))
      }
      const client = new OneClick({ baseUrl: 'https://provider.test', accessToken: 'key', fetch: answer })
      const sent = await client.send(REF, {
        planCode: 'PREPAID_DJEZZY',
        msisdn: '0778037340',
        amountDzd: 500,
      })
      const looked = await client.look(REF)
      const { page } = await client.list({ from: 0, to: 1 }, 1)
      const said = {
        send: sent.outcome.kind,
        look: looked.outcome.kind,
        list: page === null ? 'no_page' : 'page',
      }
      expect({ name, ...said }).toEqual({ name, send, look, list })
    }
  })
})

type Json = Record<string, unknown>

function read(body: string): Json | null {
  try {
    const json: unknown = JSON.parse(body)
    return typeof json === 'object' && json !== null ? (json as Json) : null
  } catch {
    return null
  }
}

const inside = (value: unknown): Json => (typeof value === 'object' && value !== null ? (value as Json) : {})

/** Said by the documentation to come before a top-up is made. Written out: the code under test must not supply it. */
const BEFORE =
  /^(MISSING_ACCESS_TOKEN|INVALID_ACCESS_TOKEN|ERR_AUTH|IP_BLOCKED|IP_NOT_ALLOWED|API_DISABLED|ERR_VALIDATION|INVALID_PHONE|INSUFFICIENT_BALANCE|NO_BALANCE|RATE_LIMIT_EXCEEDED)$/

function proofOfRefusal(httpStatus: number, body: string): boolean {
  const json = read(body)
  const code = inside(json?.error).code
  if (json?.success !== false || typeof code !== 'string' || httpStatus < 400 || httpStatus > 499)
    return false
  return httpStatus === 400 || httpStatus === 401 || BEFORE.test(code)
}

const texts = CORPUS.filter(({ status }) => status !== null).map(({ body }) => decoded(body))
const small = texts.filter((body) => body.length < 5_000)
const status = fc.oneof(
  fc.integer({ min: 100, max: 599 }),
  fc.constantFrom(200, 400, 401, 403, 404, 429),
  fc.constantFrom(0, -1, 1.5, 999, Number.NaN, Number.POSITIVE_INFINITY),
)
const header = fc.option(
  fc.oneof(
    fc.string(),
    fc.double().map(String),
    fc.constantFrom('', '-0', '0x10', '1e9', '1e999', ' 7 ', '٣'),
  ),
)
/** A recorded body, damaged: a piece cut out, doubled or replaced by a piece of another. */
const damaged = fc
  .tuple(fc.constantFrom(...small), fc.constantFrom(...small), fc.nat(5_000), fc.nat(40), fc.nat(4))
  .map(([body, other, at, length, how]) => {
    const from = body.length === 0 ? 0 : at % body.length
    const pieces = [
      '',
      body.slice(from, from + length).repeat(2),
      other.slice(at % 50, (at % 50) + length),
      '"',
      'null',
    ]
    return body.slice(0, from) + (pieces[how] ?? '') + body.slice(from + length)
  })
/** A recorded body with one of its values, at any depth, of another kind. */
const replaced = fc
  .tuple(fc.constantFrom(...small), fc.nat(60), fc.jsonValue({ maxDepth: 2 }))
  .map(([body, which, value]) => {
    let n = 0
    const json = read(body)
    return json === null ? body : JSON.stringify(json, (_, old: unknown) => (n++ === which ? value : old))
  })
const body = fc.oneof(fc.constantFrom(...small), damaged, replaced)
const exchange = fc
  .tuple(status, body, header)
  .map(
    ([httpStatus, bytes, retryAfter]) => ({ kind: 'answered', httpStatus, body: bytes, retryAfter }) as const,
  )
const whole = exchange.chain((each) => fc.constantFrom(...texts).map((bytes) => ({ ...each, body: bytes })))
const RUNS = { numRuns: 10_000 }

describe('recorded bodies, whole and damaged, under any status and header', () => {
  it('throw nothing, and pause for a minute at most', () => {
    fc.assert(
      fc.property(fc.oneof(exchange, whole), (each) => {
        readListPage(each)
        const look = classifyLook(each, REF)
        const send = classifySend(each)
        const pauses = [
          look.kind === 'no_answer' ? look.retryAfterSeconds : null,
          'refusal' in send ? (send.refusal?.retryAfterSeconds ?? null) : null,
        ]
        for (const pause of pauses) expect(pause === null || (pause >= 0 && pause <= 60)).toBe(true)
      }),
      RUNS,
    )
  })

  it('are refused with a proof of refusal only, and a duplicate is none', () => {
    let refused = 0
    fc.assert(
      fc.property(exchange, (each) => {
        if (classifySend(each).kind !== 'refused') return
        refused++
        expect(proofOfRefusal(each.httpStatus, each.body)).toBe(true)
        expect(inside(read(each.body)?.error).code).not.toMatch(/DUPLICATED[-_]REF/)
        expect(inside(read(each.body)?.data).topupId).not.toBeTypeOf('string')
      }),
      RUNS,
    )
    expect(refused).toBeGreaterThan(100)
  })

  it('are accepted with 2xx, a success and an id only', () => {
    let accepted = 0
    fc.assert(
      fc.property(exchange, (each) => {
        const outcome = classifySend(each)
        if (outcome.kind !== 'accepted') return
        accepted++
        expect(each.httpStatus >= 200 && each.httpStatus < 300).toBe(true)
        const json = read(each.body)
        expect(json?.success).toBe(true)
        expect(outcome.topupId).not.toBe('')
        expect(inside(json?.data).topupId).toBe(outcome.topupId)
      }),
      RUNS,
    )
    expect(accepted).toBeGreaterThan(30)
  })

  it('are not there with 404 and NOT_FOUND in the envelope only', () => {
    let absent = 0
    fc.assert(
      fc.property(
        fc.oneof(
          exchange,
          exchange.map((each) => ({ ...each, httpStatus: 404 })),
        ),
        (each) => {
          if (classifyLook(each, REF).kind !== 'not_found') return
          absent++
          expect(each.httpStatus).toBe(404)
          expect(read(each.body)?.success).toBe(false)
          expect(inside(read(each.body)?.error).code).toBe('NOT_FOUND')
        },
      ),
      RUNS,
    )
    expect(absent).toBeGreaterThan(10)
  })

  it('show a top-up of ours only', () => {
    let shown = 0
    fc.assert(
      fc.property(exchange, (each) => {
        if (classifyLook(each, REF).kind !== 'found') return
        shown++
        const { ref } = inside(read(each.body)?.data)
        expect(ref ?? REF).toBeTypeOf('string')
        // The account's part may be damaged too; it has no hyphen.
        expect(String(ref ?? REF).replace(/^API-[^-]+-/, '')).toBe(REF)
      }),
      RUNS,
    )
    expect(shown).toBeGreaterThan(30)
  })
})
