/** Whatever comes back, nothing throws, and only the provider's own words are definite. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classifyLook, classifySend, type Exchange, readListPage } from '../../../src/provider/classify'
import { answered, REF } from './answers'

const CODES = [
  'DUPLICATED_REF',
  'DUPLICATED-REF',
  'ERR_VALIDATION',
  'NO_BALANCE',
  'NOT_FOUND',
  'ODD',
  '__proto__',
  '',
]

/** Objects that resemble the provider's, each part of them right or wrong by chance. */
const anything = fc.oneof(fc.anything({ maxDepth: 2 }), fc.constant(undefined))
const half = <T>(right: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 3, arbitrary: right }, { weight: 1, arbitrary: anything })
const resembling = fc.record(
  {
    success: half(fc.boolean()),
    data: half(
      fc.record(
        {
          topupId: half(fc.string()),
          _id: half(fc.string()),
          status: half(fc.constantFrom('FULFILLED', 'X')),
          ref: half(fc.constantFrom(REF, `API-1-${REF}`, 'other')),
          items: half(fc.array(anything, { maxLength: 2 })),
          pagination: half(fc.record({ totalPages: half(fc.integer()) })),
        },
        { requiredKeys: [] },
      ),
    ),
    error: half(
      fc.record(
        { code: half(fc.constantFrom(...CODES)), details: anything, message: anything },
        { requiredKeys: [] },
      ),
    ),
  },
  { requiredKeys: [] },
)
const text = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return ''
  }
}
const body = fc.oneof(
  { weight: 6, arbitrary: resembling.map(text) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 1, arbitrary: fc.json() },
)
const status = fc.oneof(fc.constantFrom(200, 400, 401, 403, 404, 429, 500), fc.integer())
const header = fc.option(fc.oneof(fc.string(), fc.integer().map(String)))
const exchange = fc
  .tuple(status, body, header)
  .map(([httpStatus, bytes, retryAfter]) => answered(httpStatus, bytes, retryAfter))

const parsed = (json: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}
const RUNS = { numRuns: 5_000 }
const is2xx = (httpStatus: number) => httpStatus >= 200 && httpStatus < 300
const is4xx = (httpStatus: number) => httpStatus >= 400 && httpStatus < 500

describe('any answer to a send', () => {
  it('is accepted only with a success envelope, an id and 2xx', () => {
    let accepted = 0
    fc.assert(
      fc.property(exchange, (each) => {
        const outcome = classifySend(each)
        if (outcome.kind !== 'accepted') return
        accepted++
        expect(is2xx(each.httpStatus)).toBe(true)
        expect(parsed(each.body)).toMatchObject({ success: true, data: { topupId: outcome.topupId } })
        expect(outcome.topupId).not.toBe('')
      }),
      RUNS,
    )
    expect(accepted).toBeGreaterThan(10)
  })

  it('is refused or found only with the error envelope of the provider and 4xx', () => {
    let refused = 0
    fc.assert(
      fc.property(exchange, (each) => {
        const outcome = classifySend(each)
        if (outcome.kind !== 'refused' && outcome.kind !== 'found') return
        refused++
        expect(is4xx(each.httpStatus)).toBe(true)
        expect(parsed(each.body)).toMatchObject({ success: false, error: { code: expect.any(String) } })
        if (outcome.kind === 'found') expect(each.body).toMatch(/DUPLICATED[_-]REF/)
      }),
      RUNS,
    )
    expect(refused).toBeGreaterThan(10)
  })

  it('asks for a pause of a minute at most, or for none', () => {
    fc.assert(
      fc.property(exchange, (each) => {
        const outcome = classifySend(each)
        const refusal = 'refusal' in outcome ? outcome.refusal : null
        expect(refusal?.retryAfterSeconds ?? 0).toBeGreaterThanOrEqual(0)
        expect(refusal?.retryAfterSeconds ?? 0).toBeLessThanOrEqual(60)
        if (refusal !== null && refusal.detailsJson !== null) {
          expect(typeof JSON.parse(refusal.detailsJson)).toBe('object')
        }
      }),
    )
  })
})

const NOT_FOUND: Exchange = {
  kind: 'answered',
  httpStatus: 404,
  body: JSON.stringify({ success: false, error: { code: 'NOT_FOUND', message: '' } }),
  retryAfter: null,
}

describe('any answer to a look-up', () => {
  it('is found only with 2xx and an object under our ref, absent only with 404 NOT_FOUND', () => {
    const kinds = new Set<string>()
    fc.assert(
      fc.property(exchange, (each) => {
        const outcome = classifyLook(each, REF)
        kinds.add(outcome.kind)
        if (outcome.kind === 'found') {
          expect(is2xx(each.httpStatus)).toBe(true)
          expect([null, REF, `API-1-${REF}`]).toContain(outcome.topup.ref)
        }
        if (outcome.kind === 'not_found') {
          expect(each.httpStatus).toBe(404)
          expect(parsed(each.body)).toMatchObject({ success: false, error: { code: 'NOT_FOUND' } })
        }
      }),
      { ...RUNS, examples: [[NOT_FOUND]] },
    )
    expect([...kinds].toSorted()).toEqual(['found', 'no_answer', 'not_found'])
  })

  it('a page of the list is read whole or not at all', () => {
    fc.assert(
      fc.property(exchange, (each) => {
        if (readListPage(each) !== null) expect(is2xx(each.httpStatus)).toBe(true)
      }),
    )
  })
})
