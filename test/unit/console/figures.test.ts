import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stacked } from '../../../src/console/charts'
import { verdictOf } from '../../../src/console/order'
import { bucketsOf, RANGE_NAMES, rangeOf } from '../../../src/console/ranges'
import { percentile, successRate, timesToFinal } from '../../../src/merchant/statistics-maths'
import { LISTED_PHASES, STATUSES } from '../../../src/order/state'
import { count, duration, percent, shortDateTime } from '../../../src/pages/format'

const NB = '\u00a0'

describe('times to final', () => {
  it('are times that some order took, by nearest rank', () => {
    expect(percentile([], 0.5)).toBeNull()
    expect(percentile([7], 0.95)).toBe(7)
    expect(percentile([4, 1, 3, 2], 0.5)).toBe(2)
    expect(
      percentile(
        Array.from({ length: 100 }, (_, index) => index + 1),
        0.95,
      ),
    ).toBe(95)
  })

  it('have as many orders at or below them as they say', () => {
    const values = fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1 })
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (all, share) => {
        const found = percentile(all, share) ?? -1
        expect(all.filter((value) => value <= found).length).toBeGreaterThanOrEqual(share * all.length - 1e-9)
        expect(all.filter((value) => value < found).length).toBeLessThan(share * all.length)
      }),
    )
  })

  it('are told for each bucket too, and what is in none is in the whole', () => {
    const timed = [
      { bucket: 0, ms: 5 },
      { bucket: 2, ms: 9 },
      { bucket: 7, ms: 1 },
    ]
    expect(timesToFinal(timed, 3)).toEqual({ times: { medianMs: 5, p95Ms: 9 }, buckets: [5, null, 9] })
  })
})

describe('what is shown', () => {
  it('a rate is of what is over, and all is said only of all', () => {
    expect(successRate({ fulfilled: 0, refunded: 0 })).toBeNull()
    expect(successRate({ fulfilled: 3, refunded: 1 })).toBe(0.75)
    expect(percent(0.99999, 'en')).toBe('99.9%')
    expect(percent(1, 'en')).toBe('100%')
    expect(percent(0.984, 'fr').replace(/\s/, ' ')).toBe('98,4 %')
  })

  it('numbers have Western digits in every language', () => {
    expect(count(12_500, 'en')).toBe('12,500')
    for (const language of ['ar', 'fr', 'en'] as const) {
      const all = [count(1_234, language), duration(90_000, language), percent(0.5, language)]
      for (const text of [...all, shortDateTime(0, language, true)]) expect(text).not.toMatch(/[٠-٩۰-۹]/)
    }
  })

  it('a time has one unit, and not more digits than it is worth', () => {
    expect(duration(400, 'en')).toBe('0.4 secs')
    expect(duration(13_400, 'en')).toBe('13 secs')
    expect(duration(90_000, 'fr').replace(/\s/g, NB)).toBe(`1,5${NB}min`)
    expect(duration(36 * 3_600_000, 'en')).toBe('2 days')
  })

  it('buckets begin when Algerian hours and days do, and the last one has the moment in it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...RANGE_NAMES), fc.nat({ max: 1e9 }), (range, seconds) => {
        const now = Date.UTC(2026, 0, 1) + seconds * 1_000
        const { from, bucketMs, buckets } = bucketsOf(range, now)
        const last = from + (buckets - 1) * bucketMs
        expect(last <= now && now < last + bucketMs).toBe(true)
        expect((from + 3_600_000) % bucketMs).toBe(0)
      }),
    )
    expect(rangeOf('constructor')).toBe('24h')
  })

  it('bars stand on each other and never leave the drawing', () => {
    const series = [
      { name: 'a', tone: 'good', values: [3] },
      { name: 'b', tone: 'back', values: [0] },
      { name: 'c', tone: 'wait', values: [1] },
    ] as const
    expect(stacked(series, 0, 4)).toEqual([
      { tone: 'good', y: 30, height: 90 },
      { tone: 'wait', y: 0, height: 30 },
    ])
  })

  it('a verdict tells nobody to refund what is not final', () => {
    for (const phase of LISTED_PHASES) {
      for (const status of STATUSES) {
        for (const flag of [null, { at: null, reason: 'r' }]) {
          const verdict = verdictOf({ phase, status, final: false, flag })
          expect(['fulfilled', 'refunded']).not.toContain(verdict)
        }
      }
    }
    expect(verdictOf({ phase: 'settled', status: 'FULFILLED', final: true, flag: null })).toBe('fulfilled')
    expect(verdictOf({ phase: 'settled', status: 'REFUNDED', final: true, flag: null })).toBe('refunded')
  })
})
