import { describe, expect, it } from 'vitest'
import { type Why, why, whyNot } from '../../../src/callback/why'
import type { Delivery, DeliveryState } from '../../../src/order/state'
import { at } from '../order/builders'
import { WHY_TEXTS } from '../words'

const OUTCOMES: [outcome: string, statuses: (number | null)[]][] = [
  ['delivered', [200, 204]],
  ['redirected', [301, 307]],
  ['gone', [410]],
  ['throttled', [429, 503]],
  ['refused', [400, 401, 403, 404, 405, 413, 422, null]],
  ['failed', [500, 502, 410, null]],
  ['timeout', [null, 200]],
  ['dns', [null, 530]],
  ['tls', [null, 525]],
  ['connect', [null, 200, 521]],
  ['too_large', [200]],
  ['forbidden', [null]],
  ['unreachable', [null]],
  ['a_word_of_tomorrow', [null, 200]],
]

const STANDINGS: [state: DeliveryState, reasons: (string | null)[], nextAttemptAt: number | null][] = [
  ['pending', [null, 'failed', 'a_word'], at(20)],
  ['pending', [null], null],
  ['held', ['unverified', 'paused', 'disabled', 'gone', 'breaker', null, 'a_word', 'toString'], null],
  ['failed', ['exhausted', 'a_word'], null],
  ['cancelled', ['endpoint_deleted', 'superseded', null, 'a_word'], null],
]

const URL = 'https://shop.dz/callback'
const ANSWER = 'The port must be 443 or 8443.'

function delivery(change: Partial<Delivery>): Delivery {
  return {
    id: 'dlv_1',
    eventId: 'evt_1',
    endpointId: 'ep_shop_1',
    url: URL,
    state: 'pending',
    reason: null,
    attemptsSpent: 3,
    attemptsMade: 3,
    replayed: false,
    replay: null,
    nextAttemptAt: at(20),
    firstAttemptAt: at(1),
    attempts: [],
    ...change,
  }
}

const tried = (outcome: string, httpStatus: number | null, answer = ANSWER): Delivery['attempts'] => [
  { at: at(1), outcome, httpStatus, durationMs: 40, answer },
]

function told(of: Delivery): Why {
  const sentences = why(of, WHY_TEXTS)
  if (sentences === null) throw new Error('nothing was told')
  return sentences
}

function expectSentences(sentences: Why): void {
  const texts = [sentences.en, sentences.fr, sentences.ar]
  expect(new Set(texts).size).toBe(3)
  for (const text of texts) {
    expect(text).toMatch(/^\S.{10,}[^.]\.$/)
    expect(text).not.toMatch(/undefined|null|NaN|Invalid|\[object|[{}$]|\(\)|=>/)
    expect(text).not.toContain('  ')
  }
  expect(sentences.en).toMatch(/^[A-Z][\x20-\x7e…]+$/)
  expect(sentences.fr).not.toMatch(/ [:;?!]|'/)
  expect(sentences.ar.charAt(0)).toMatch(/\p{Script=Arabic}/u)
}

/** Latin text inside an isolate does not shuffle the Arabic around it. */
function expectIsolated(arabic: string): void {
  const outside = arabic.replace(/\u2068[^\u2068\u2069]*\u2069/g, '')
  expect(outside).not.toMatch(/[A-Za-z\u2068\u2069]/)
}

describe('every outcome in every standing', () => {
  const cases = STANDINGS.flatMap(([state, reasons, nextAttemptAt]) =>
    reasons.flatMap((reason) => [
      { state, reason, nextAttemptAt, attempts: [] },
      ...OUTCOMES.flatMap(([outcome, statuses]) =>
        statuses.map((status) => ({ state, reason, nextAttemptAt, attempts: tried(outcome, status) })),
      ),
    ]),
  )

  it('is told in three languages, the same each time', () => {
    expect(cases.length).toBeGreaterThan(400)
    for (const standing of cases) {
      const sentences = told(delivery(standing))
      expectSentences(sentences)
      expectIsolated(sentences.ar)
      expect(told(delivery(standing))).toEqual(sentences)
    }
  })

  it('is told of a single attempt', () => {
    for (const [outcome, statuses] of OUTCOMES.slice(1)) {
      for (const status of statuses) {
        const sentences = whyNot({ outcome, httpStatus: status, answer: ANSWER }, URL, WHY_TEXTS)
        if (sentences === null) throw new Error(`nothing was told of ${outcome}`)
        expectSentences(sentences)
        expectIsolated(sentences.ar)
      }
    }
    expect(whyNot({ outcome: 'delivered', httpStatus: 200, answer: '' }, URL, WHY_TEXTS)).toBeNull()
  })

  it('differs from every other where the cause does', () => {
    const causes = OUTCOMES.slice(0, 12).map(([outcome, [status = null]]) =>
      told(delivery({ attempts: tried(outcome, status) })),
    )
    for (const language of ['en', 'fr', 'ar'] as const) {
      expect(new Set(causes.map((sentences) => sentences[language])).size).toBe(12)
    }
    const held = STANDINGS[2]?.[1].map((reason) => told(delivery({ state: 'held', reason })).en)
    expect(new Set(held).size).toBe(8)
  })
})

describe('a sentence', () => {
  it('is not there once it has arrived', () => {
    expect(why(delivery({ state: 'delivered', attempts: tried('delivered', 204) }), WHY_TEXTS)).toBeNull()
  })

  it('names the cause, what to do, and when it is tried again', () => {
    expect(told(delivery({ attempts: tried('refused', 404) }))).toEqual({
      en: 'Your server answered 404 at https://shop.dz/callback: check the path, and that it takes POST; next attempt at 2026-02-01 12:00:20 UTC (3 of 12 spent).',
      fr: 'Votre serveur a répondu 404 à l’adresse https://shop.dz/callback\u00a0: vérifiez le chemin, et qu’il accepte POST\u00a0; prochain essai le 2026-02-01 12:00:20 UTC (essais comptés\u00a0: 3 sur 12).',
      ar: 'ردّ خادمك بالرمز 404 على العنوان \u2068https://shop.dz/callback\u2069: تحقّق من المسار ومن أنه يقبل \u2068POST\u2069؛ المحاولة التالية في \u20682026-02-01 12:00:20 UTC\u2069 (المحاولات المحسوبة: 3 من 12).',
    })
  })

  it('is about the newest attempt', () => {
    const attempts = [...tried('refused', 404), ...tried('failed', 500)]
    expect(told(delivery({ attempts })).en).toContain('500')
  })

  it('of an endpoint that is probed tells what was wrong with it', () => {
    const held = told(delivery({ state: 'held', reason: 'breaker', attempts: tried('failed', 502) })).en
    expect(held).toMatch(/^Your server failed \(502\).*; the endpoint failed for several orders in a row/)
    expect(told(delivery({ state: 'held', reason: 'breaker' })).en).toMatch(
      /^The endpoint failed for several/,
    )
  })

  it('says why an address is not allowed', () => {
    expect(told(delivery({ attempts: tried('forbidden', null) })).en).toContain(
      'may not be called (The port must be 443 or 8443): register',
    )
    expect(told(delivery({ attempts: tried('forbidden', null, '') })).en).toContain(
      'may not be called: register',
    )
  })

  it('shows of a URL what is worth reading, and never its query', () => {
    const url = `https://shop.dz/${'a'.repeat(1_000)}?token=secret`
    const { en } = told(delivery({ url, attempts: tried('failed', 500) }))
    expect(en.length).toBeLessThan(300)
    expect(en).not.toContain('secret')
  })

  it('shows what a stranger wrote as it is, whatever it looks like', () => {
    const url = 'https://shop.dz/{status}/{because}/$&'
    const attempts = tried('forbidden', null, '{url} {next} $1.')
    expect(told(delivery({ url, attempts, nextAttemptAt: null, state: 'failed' })).en).toMatch(
      /^The address https:\/\/shop\.dz\/%7Bstatus%7D\/%7Bbecause%7D\/\$& may not be called \(\{url\} \{next\} \$1\): /,
    )
  })
})
