import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Budget, READS_PER_MINUTE, SENDS_PER_MINUTE } from '../../../src/provider/budget'

const NOON = Date.UTC(2026, 1, 1, 12)
const at = (seconds: number) => NOON + seconds * 1_000
const MINUTE_MS = 60_000

/** Takes what there is at that moment. */
function drain(budget: Budget, now: number): number {
  let taken = 0
  while (budget.take(now)) taken++
  return taken
}

/** Takes whenever one is there, for so many seconds; the moments of each. */
function greedy(budget: Budget, fromSecond: number, seconds: number): number[] {
  const moments: number[] = []
  let now = at(fromSecond)
  while (now < at(fromSecond + seconds)) {
    if (budget.take(now)) moments.push(now)
    else now = budget.nextAt(now)
  }
  return moments
}

/** The most in any 60 s, both ends included. */
function mostInAMinute(moments: readonly number[]): number {
  let most = 0
  let first = 0
  moments.forEach((moment, index) => {
    while (moment - (moments[first] ?? 0) > MINUTE_MS) first++
    most = Math.max(most, index - first + 1)
  })
  return most
}

/** What the provider says to one request: with which Retry-After, and which status. */
type Word = readonly ['fine' | 'slower', number | null, number]

const rate = (budget: Budget, now: number) => budget.describe(now).ratePerMinute

describe('a budget', () => {
  it('lets a burst of two seconds out at once, and then one after the other', () => {
    const budget = new Budget(120, at(0))
    expect(drain(budget, at(0))).toBe(4)
    expect(budget.nextAt(at(0))).toBe(NOON + Math.ceil(MINUTE_MS / 116))
    expect(drain(budget, at(10))).toBe(4)
  })

  it.each([1, 2, 3, 20, 21, 59, READS_PER_MINUTE, SENDS_PER_MINUTE, 6_000])(
    'of %d a minute gives nearly that many to who asks for all, and never more in any minute',
    (limit) => {
      const moments = greedy(new Budget(limit, at(0)), 0, 600)
      expect(mostInAMinute(moments)).toBeLessThanOrEqual(limit)
      expect(mostInAMinute(moments)).toBeGreaterThanOrEqual(Math.floor(limit * 0.99))
      expect(moments.length / 10).toBeGreaterThan(limit * 0.9 - 1)
    },
  )

  it('never lets more out in any 60 s than its limit, whatever happens', () => {
    const step = fc.record({
      gapMs: fc.oneof(
        { weight: 4, arbitrary: fc.integer({ min: 0, max: 50 }) },
        { weight: 8, arbitrary: fc.integer({ min: 0, max: 2_000 }) },
        { weight: 1, arbitrary: fc.constant(59_999) },
      ),
      wanted: fc.oneof(
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 3 }) },
        { weight: 4, arbitrary: fc.constant(2_000) },
      ),
      says: fc.oneof(
        { weight: 60, arbitrary: fc.constant<Word>(['fine', null, 200]) },
        {
          weight: 1,
          arbitrary: fc.constantFrom<Word>(
            ['slower', null, 429],
            ['slower', 0, 429],
            ['slower', 3, 429],
            ['slower', null, 503],
          ),
        },
      ),
      // Steps of the clock, backwards only.
      backMs: fc.oneof(
        { weight: 8, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: 0, max: 3_600_000 }) },
      ),
      readAt: fc.boolean(),
    })
    let busiest = 0
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.array(step, { minLength: 50, maxLength: 120 }),
        fc.boolean(),
        (limit, steps, isCalm) => {
          const budget = new Budget(limit, NOON)
          const moments: number[] = []
          let real = 0
          let offset = 0
          for (const { gapMs, wanted, says, backMs, readAt } of steps) {
            real += gapMs
            offset -= backMs
            const now = NOON + real + offset
            if (readAt) budget.describe(now)
            for (let asked = 0; asked < wanted && budget.take(now); asked++) moments.push(real)
            if (isCalm || says[0] === 'fine') budget.succeeded(now)
            else budget.throttled(now, says[1], says[2])
          }
          if (limit >= 40) busiest = Math.max(busiest, mostInAMinute(moments) / limit)
          expect(mostInAMinute(moments)).toBeLessThanOrEqual(limit)
        },
      ),
      { numRuns: 1_000 },
    )
    expect(busiest).toBeGreaterThan(0.6)
  })

  it('says when the next may go, to the millisecond', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6_000 }),
        fc.integer({ min: 0, max: 70_000 }),
        fc.option(fc.integer({ min: 0, max: 90 })),
        (limit, waitedMs, retryAfter) => {
          const budget = new Budget(limit, NOON)
          drain(budget, NOON)
          const now = NOON + waitedMs
          if (retryAfter !== null) budget.throttled(now, retryAfter)
          drain(budget, now)
          const next = budget.nextAt(now)
          expect(next).toBeGreaterThan(now)
          expect(budget.take(next - 1)).toBe(false)
          expect(budget.take(next)).toBe(true)
        },
      ),
    )
  })

  it('says how long the one at a place in the queue waits', () => {
    const budget = new Budget(120, at(0))
    expect(budget.waitFor(1, at(0))).toBe(0)
    expect(budget.waitFor(4, at(0))).toBe(0)
    expect(budget.waitFor(5, at(0))).toBe(Math.ceil(MINUTE_MS / 116))
    drain(budget, at(0))
    expect(budget.waitFor(116, at(0))).toBe(MINUTE_MS)
    budget.throttled(at(0), 10)
    expect(budget.waitFor(58, at(0))).toBe(10_000 + MINUTE_MS)
  })

  it('of no sensible number is one a minute, and of too many 1000 a second', () => {
    for (const odd of [0, -5, Number.NaN, 0.4]) {
      expect(new Budget(odd, at(0)).describe(at(0)).limitPerMinute).toBe(1)
    }
    expect(new Budget(Number.POSITIVE_INFINITY, at(0)).describe(at(0)).limitPerMinute).toBe(60_000)
    expect(new Budget(120.9, at(0)).describe(at(0)).limitPerMinute).toBe(120)
  })
})

describe('a 429', () => {
  it('halves the rate, and pauses for as long as the provider asks', () => {
    const budget = new Budget(120, at(0))
    budget.throttled(at(0), 7)
    expect(budget.describe(at(0))).toEqual({
      limitPerMinute: 120,
      ratePerMinute: 60,
      tokens: 1,
      pausedUntil: at(7),
    })
    expect(budget.take(at(6.999))).toBe(false)
    expect(budget.nextAt(at(3))).toBe(at(7))
    expect(budget.take(at(7))).toBe(true)
    expect(budget.describe(at(7)).pausedUntil).toBeNull()
  })

  it.each([
    ['an hour', 3_600, 60],
    ['just over a minute', 61, 60],
    ['nothing', null, 2],
    ['a moment before', -5, 2],
    ['no number', Number.NaN, 2],
    ['no pause', 0, 0],
  ])('that asks for %s pauses for %s s: %d', (_, retryAfter, seconds) => {
    const budget = new Budget(120, at(0))
    budget.throttled(at(0), retryAfter)
    expect(budget.nextAt(at(0))).toBe(at(seconds))
  })

  it('ends in no burst: after the pause they go one by one', () => {
    const budget = new Budget(120, at(0))
    budget.throttled(at(0), 30)
    expect(drain(budget, at(30))).toBe(1)
    expect(budget.nextAt(at(30))).toBe(at(30) + Math.ceil(MINUTE_MS / 58))
  })

  it('that is one of many in flight together halves once, and the longest pause holds', () => {
    const budget = new Budget(120, at(0))
    budget.throttled(at(0), 3)
    budget.throttled(at(0), 10)
    budget.throttled(at(0.5), null)
    budget.throttled(at(9), null)
    expect(rate(budget, at(9))).toBe(60)
    expect(budget.nextAt(at(9))).toBe(at(11))
  })

  it('after the pause halves again, down to an eighth', () => {
    const budget = new Budget(120, at(0))
    const rates = [0, 10, 20, 30, 40].map((second) => {
      budget.throttled(at(second), 5)
      return rate(budget, at(second))
    })
    expect(rates).toEqual([60, 30, 15, 15, 15])
  })
})

describe('a 5xx', () => {
  it('halves the rate and pauses nothing', () => {
    const budget = new Budget(120, at(0))
    budget.throttled(at(0), null, 502)
    expect(budget.describe(at(0))).toMatchObject({ ratePerMinute: 60, tokens: 2, pausedUntil: null })
    expect(budget.take(at(0))).toBe(true)
  })

  it('pauses when it says for how long', () => {
    const budget = new Budget(120, at(0))
    budget.throttled(at(0), 5, 503)
    expect(budget.nextAt(at(0))).toBe(at(5))
  })

  it('together with others halves once, and again two seconds later', () => {
    const budget = new Budget(120, at(0))
    for (const second of [0, 0, 0.1, 1.9]) budget.throttled(at(second), null, 500)
    expect(rate(budget, at(1.9))).toBe(60)
    budget.throttled(at(2), null, 500)
    expect(rate(budget, at(2))).toBe(30)
  })
})

describe('recovery', () => {
  it('gives back a twentieth of the limit for each ten seconds of answers', () => {
    const budget = new Budget(100, at(0))
    budget.throttled(at(0), null, 500)
    const rates = [5, 9.9, 10, 15, 20, 30].map((second) => {
      budget.succeeded(at(second))
      return Math.round(rate(budget, at(second)))
    })
    expect(rates).toEqual([50, 50, 55, 55, 60, 65])
  })

  it('goes to the limit and no further', () => {
    const budget = new Budget(100, at(0))
    budget.throttled(at(0), null, 500)
    for (let second = 10; second <= 300; second += 10) budget.succeeded(at(second))
    expect(rate(budget, at(300))).toBe(100)
  })

  it('begins at the end of the pause', () => {
    const budget = new Budget(100, at(0))
    budget.throttled(at(0), 30)
    budget.succeeded(at(15))
    budget.succeeded(at(39.9))
    expect(rate(budget, at(39.9))).toBe(50)
    budget.succeeded(at(40))
    expect(rate(budget, at(40))).toBeCloseTo(55)
  })

  it('begins anew with each trouble', () => {
    const budget = new Budget(100, at(0))
    budget.throttled(at(0), null, 500)
    budget.throttled(at(8), null, 500)
    budget.succeeded(at(12))
    expect(rate(budget, at(12))).toBe(25)
  })

  it('of an hour in which nobody asked is one step', () => {
    const budget = new Budget(100, at(0))
    budget.throttled(at(0), null, 500)
    budget.succeeded(at(3_600))
    budget.succeeded(at(3_601))
    expect(rate(budget, at(3_601))).toBeCloseTo(55)
  })
})

describe('another limit', () => {
  it('holds at once, and gives no burst of its own', () => {
    const budget = new Budget(120, at(0))
    drain(budget, at(0))
    budget.set(6_000, at(0))
    expect(drain(budget, at(0))).toBe(0)
    expect(budget.describe(at(0)).limitPerMinute).toBe(6_000)
    budget.set(20, at(10))
    expect(drain(budget, at(10))).toBe(1)
  })

  it('keeps what was slowed down slow', () => {
    const budget = new Budget(120, at(0))
    budget.throttled(at(0), 5)
    budget.set(240, at(1))
    expect(budget.describe(at(1))).toMatchObject({ ratePerMinute: 120, pausedUntil: at(5) })
  })
})

describe('a clock that steps back', () => {
  it('by an hour blocks nobody: the wait is as long as it was', () => {
    const budget = new Budget(60, at(0))
    drain(budget, at(0))
    budget.throttled(at(0), 20)
    expect(budget.nextAt(at(-3_600))).toBe(at(-3_580) + Math.ceil((1 / 29) * MINUTE_MS))
    expect(budget.describe(at(-3_600)).pausedUntil).toBe(at(-3_580))
    expect(drain(budget, at(-3_570))).toBeGreaterThan(0)
  })

  it('and forth by little, again and again, hands out nothing', () => {
    const budget = new Budget(120, at(0))
    drain(budget, at(0))
    let taken = 0
    for (let turn = 0; turn < 1_000; turn++) taken += drain(budget, turn % 2 === 0 ? at(0) : at(-9))
    expect(taken).toBe(0)
    expect(budget.take(budget.nextAt(at(-9)))).toBe(true)
  })
})
