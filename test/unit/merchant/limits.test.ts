import { describe, expect, it } from 'vitest'
import {
  algerianDay,
  type Earlier,
  judge,
  type Limits,
  NO_LIMITS,
  type Request,
} from '../../../src/merchant/limits'

const NOW = Date.UTC(2026, 1, 1, 12)
const NOTHING: Earlier = { sentTodayDzd: 0, equal: null }
const OFTEN: Earlier = { sentTodayDzd: 0, equal: { ref: 'order-1', at: NOW - 90_000 } }

const limits = (change: Partial<Limits>): Limits => ({ ...NO_LIMITS, ...change })
const asked = (change: Partial<Request> = {}): Request => ({
  environment: 'production',
  ref: 'order-2',
  msisdn: '0661234567',
  valueDzd: 500,
  allowDuplicate: false,
  ...change,
})
/** The error's code, or null for a send that goes out. */
function codeOf(set: Limits, request = asked(), earlier = NOTHING): string | null {
  const verdict = judge(set, request, earlier, NOW)
  return verdict.kind === 'refused' ? verdict.refusal.code : null
}
const ADMITTED = { kind: 'admitted', warnings: [] }

describe('without limits', () => {
  it('everything goes out', () => {
    const much = { sentTodayDzd: 1e12, equal: OFTEN.equal }
    for (const valueDzd of [0, 500, 1e9, null]) {
      expect(judge(NO_LIMITS, asked({ valueDzd }), much, NOW)).toEqual(ADMITTED)
    }
  })
})

describe('the largest amount', () => {
  const set = limits({ largestAmountDzd: 1_000 })

  it.each([
    [0, null],
    [999, null],
    [1_000, null],
    [1_001, 'LIMIT_EXCEEDED'],
  ])('%d DZD of 1000 allowed', (valueDzd, code) => {
    expect(codeOf(set, asked({ valueDzd }))).toBe(code)
  })

  it('says what it is', () => {
    const verdict = judge(set, asked({ valueDzd: 1_500 }), NOTHING, NOW)
    expect(verdict).toMatchObject({
      kind: 'refused',
      refusal: {
        httpStatus: 403,
        retryAfterSeconds: null,
        message: expect.stringMatching(/1500 .*1000 DZD/),
      },
    })
    const details = verdict.kind === 'refused' ? verdict.refusal.detailsJson : null
    expect(JSON.parse(details ?? '')).toEqual({ limit: 'largest_amount', allowed: 1_000, amount: 1_500 })
  })

  it('is the same whatever was sent before', () => {
    expect(codeOf(set, asked({ valueDzd: 1_000 }), { sentTodayDzd: 1e9, equal: OFTEN.equal })).toBeNull()
  })
})

describe("the day's amount", () => {
  const set = limits({ dailyAmountDzd: 2_000 })

  it.each([
    [0, 2_000, null],
    [0, 2_001, 'LIMIT_EXCEEDED'],
    [1_500, 499, null],
    [1_500, 500, null],
    [1_500, 501, 'LIMIT_EXCEEDED'],
    [2_000, 0, null],
    [2_000, 1, 'LIMIT_EXCEEDED'],
    [9_000, 1, 'LIMIT_EXCEEDED'],
  ])('%d sent, %d more, of 2000 allowed', (sentTodayDzd, valueDzd, code) => {
    expect(codeOf(set, asked({ valueDzd }), { sentTodayDzd, equal: null })).toBe(code)
  })

  it('says how far the day has come', () => {
    const verdict = judge(set, asked({ valueDzd: 600 }), { sentTodayDzd: 1_500, equal: null }, NOW)
    const details = verdict.kind === 'refused' ? verdict.refusal.detailsJson : null
    expect(JSON.parse(details ?? '')).toEqual({
      limit: 'daily_amount',
      allowed: 2_000,
      amount: 600,
      sent: 1_500,
    })
  })

  it('a send that is too large by itself is told so, not that the day is full', () => {
    const both = limits({ dailyAmountDzd: 100, largestAmountDzd: 400 })
    const verdict = judge(both, asked(), NOTHING, NOW)
    expect(verdict).toMatchObject({ refusal: { detailsJson: expect.stringContaining('largest_amount') } })
  })
})

describe('a question about offers, which costs nothing', () => {
  const all: Limits = {
    dailyAmountDzd: 2_000,
    largestAmountDzd: 1,
    repeat: { minutes: 5, action: 'block' },
    refusesDown: false,
  }

  it.each([2_000, 2_001, 1e9])('passes every limit, with %d DZD sent today', (sentTodayDzd) => {
    const earlier = { sentTodayDzd, equal: OFTEN.equal }
    expect(judge(all, asked({ valueDzd: 0 }), earlier, NOW)).toEqual(ADMITTED)
  })
})

describe('a price that is not known', () => {
  const unknown = asked({ valueDzd: null })

  it.each<[string, Partial<Limits>]>([
    ['a largest amount', { largestAmountDzd: 1e9 }],
    ["a day's amount", { dailyAmountDzd: 1e9 }],
  ])('waits where there is %s', (_, change) => {
    expect(judge(limits(change), unknown, NOTHING, NOW)).toMatchObject({
      kind: 'refused',
      refusal: { httpStatus: 503, code: 'SERVICE_UNAVAILABLE', detailsJson: null, retryAfterSeconds: 60 },
    })
  })

  it('goes out where only repeats are limited', () => {
    expect(codeOf(limits({ repeat: { minutes: 5, action: 'block' } }), unknown)).toBeNull()
  })
})

describe('the same again', () => {
  const block = limits({ repeat: { minutes: 5, action: 'block' } })
  const warn = limits({ repeat: { minutes: 5, action: 'warn' } })

  it('blocked, it says which, when, and how to send it all the same', () => {
    const verdict = judge(block, asked(), OFTEN, NOW)
    expect(verdict).toMatchObject({
      kind: 'refused',
      refusal: {
        httpStatus: 409,
        code: 'REPEATED_TOPUP',
        retryAfterSeconds: null,
        message: expect.stringMatching(/500 DZD.*90 s ago.*order-1.*allow_duplicate/),
      },
    })
    const details = verdict.kind === 'refused' ? verdict.refusal.detailsJson : null
    expect(JSON.parse(details ?? '')).toEqual({ ref: 'order-1', sent_at: '2026-02-01T11:58:30.000Z' })
  })

  it('with a warning only, it goes out and carries the warning', () => {
    expect(judge(warn, asked(), OFTEN, NOW)).toEqual({
      kind: 'admitted',
      warnings: [{ code: 'REPEATED_TOPUP', message: expect.stringContaining("90 s ago with ref 'order-1'") }],
    })
  })

  it.each([
    ['it is meant', asked({ allowDuplicate: true }), OFTEN],
    ['it costs nothing', asked({ valueDzd: 0 }), OFTEN],
    ['there was none', asked(), NOTHING],
  ])('goes out without a word when %s', (_, request, earlier) => {
    expect(judge(block, request, earlier, NOW)).toEqual(ADMITTED)
    expect(judge(warn, request, earlier, NOW)).toEqual(ADMITTED)
  })

  it('to mean it lifts no limit on amounts', () => {
    const both = limits({ ...block, largestAmountDzd: 400, dailyAmountDzd: null })
    expect(codeOf(both, asked({ allowDuplicate: true }), OFTEN)).toBe('LIMIT_EXCEEDED')
  })

  it('a clock that went back does not say that it was in the future', () => {
    const later = { sentTodayDzd: 0, equal: { ref: 'order-1', at: NOW + 5_000 } }
    const verdict = judge(block, asked(), later, NOW)
    expect(verdict).toMatchObject({ refusal: { message: expect.stringContaining(' 0 s ago') } })
  })
})

describe('the day in Algeria', () => {
  it.each([
    ['2026-02-01T00:00:00.000Z', '2026-02-01'],
    ['2026-02-01T22:59:59.999Z', '2026-02-01'],
    ['2026-02-01T23:00:00.000Z', '2026-02-02'],
    ['2026-02-01T23:59:59.999Z', '2026-02-02'],
    ['2026-07-31T22:59:59.999Z', '2026-07-31'], // no summer time
    ['2026-07-31T23:00:00.000Z', '2026-08-01'],
    ['2026-12-31T23:00:00.000Z', '2027-01-01'],
    ['2028-02-28T23:00:00.000Z', '2028-02-29'],
  ])('at %s is %s', (time, day) => {
    expect(algerianDay(Date.parse(time))).toBe(day)
  })
})
