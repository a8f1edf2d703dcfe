/** When a receiver counts as silent, and when it is given up. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  BREAKER_ORDERS,
  closed,
  deadAt,
  dueWarning,
  failed,
  type Health,
  isDead,
  isFailure,
  isWorthKeeping,
  mayCall,
  nextProbeAt,
  probing,
} from '../../../src/merchant/health'

const NOON = Date.UTC(2026, 1, 1, 12)
const SECOND = 1_000
const HOUR = 3_600_000
const fail = (health: Health | null, order: string, now = NOON) =>
  failed(health, { order, outcome: 'timeout' }, now, 0.5)

/** Its breaker has just opened. */
const silent = (now = NOON): Health => {
  let health = fail(null, 'order-1', now)
  for (let at = 2; at <= BREAKER_ORDERS; at++) health = fail(health, `order-${at}`, now)
  return health
}

describe('the breaker', () => {
  it('opens when five different orders failed in a row', () => {
    let health = fail(null, 'order-1')
    for (let at = 2; at < BREAKER_ORDERS; at++) health = fail(health, `order-${at}`)
    expect(health.breaker).toBeNull()
    expect(mayCall(health, 'any', NOON)).toBe('freely')
    expect(fail(health, 'the last').breaker).not.toBeNull()
  })

  it('stays closed for one order that is refused again and again', () => {
    let health = fail(null, 'poison')
    for (let at = 0; at < 30; at++) health = fail(health, 'poison')
    expect(health.breaker).toBeNull()
  })

  it('lets nobody call until it is time, then one at a time', () => {
    const health = silent()
    expect(mayCall(health, 'a', NOON)).toBe('no')
    expect(mayCall(health, 'a', NOON + 15 * SECOND)).toBe('as_probe')
    const asking = probing(health, 'a', NOON + 15 * SECOND)
    expect(mayCall(asking, 'b', NOON + 16 * SECOND)).toBe('no')
    expect(mayCall(asking, 'a', NOON + 16 * SECOND)).toBe('as_probe')
  })

  it('lets another ask when the one that did never came back', () => {
    const asking = probing(silent(), 'a', NOON + 15 * SECOND)
    expect(mayCall(asking, 'b', NOON + 36 * SECOND)).toBe('as_probe')
  })

  it('asks ever more rarely, every five minutes in the end', () => {
    let health = silent()
    const pauses: number[] = []
    let now = NOON
    for (let probe = 0; probe < 7; probe++) {
      const at = nextProbeAt(health) ?? 0
      pauses.push((at - now) / SECOND)
      now = at
      health = fail(probing(health, 'a', now), 'a', now)
    }
    expect(pauses).toEqual([15, 30, 60, 120, 300, 300, 300])
  })

  it('counts as a probe only what was one: attempts that began before it opened end later', () => {
    const asking = probing(silent(), 'a', NOON + 15 * SECOND)
    expect(fail(asking, 'late', NOON + 16 * SECOND).breaker).toEqual(asking.breaker)
  })

  it('closes when nobody waits any more; the failures are not forgotten', () => {
    const health = closed(silent())
    expect(mayCall(health, 'any', NOON)).toBe('freely')
    expect(health).toMatchObject({ failures: BREAKER_ORDERS, failingSince: NOON })
    expect(fail(health, 'next').breaker).toBeNull()
  })
})

describe('the end', () => {
  const over = (hours: number, failures: number, step = HOUR) => {
    let health = fail(null, 'order-0')
    for (let at = 1; at < failures; at++) health = fail(health, `order-${at}`, NOON + at * step)
    return { health, now: NOON + hours * HOUR }
  }

  it.each([
    ['72 h, 20 failures, 3 hours of the day', 72, 20, HOUR, true],
    ['a moment less', 72 - 1 / 3600, 20, HOUR, false],
    ['one failure less', 100, 19, HOUR, false],
    ['all of them within two hours', 100, 20, 5 * 60_000, false],
  ])('comes after %s: %d h, %d failures', (_, hours, failures, step, dead) => {
    const { health, now } = over(hours, failures, step)
    expect(isDead(health, now)).toBe(dead)
  })

  it('is announced at 25, 50 and 75 %, once each', () => {
    const warned: [number, number][] = []
    let health = over(0, 20).health
    for (let hour = 0; hour <= 72; hour++) {
      const percent = dueWarning(health, NOON + hour * HOUR)
      if (percent === null) continue
      warned.push([hour, percent])
      health = { ...health, warned: percent }
    }
    expect(warned).toEqual([
      [18, 25],
      [36, 50],
      [54, 75],
    ])
    expect(deadAt(health)).toBe(NOON + 72 * HOUR)
  })

  it('never comes earlier than its announcement, whatever fails when', () => {
    const steps = fc.array(fc.tuple(fc.nat({ max: 20 * HOUR }), fc.nat({ max: 8 })), { maxLength: 120 })
    fc.assert(
      fc.property(steps, (failures) => {
        let health: Health | null = null
        let now = NOON
        for (const [pause, order] of failures) {
          now += pause
          health = fail(health, `order-${order}`, now)
          if (!isDead(health, now)) continue
          expect(now).toBeGreaterThanOrEqual(deadAt(health))
          expect(health.failures).toBeGreaterThanOrEqual(20)
          expect(new Set(health.hours).size).toBe(3)
        }
      }),
    )
  })
})

it('"not now", success and our own faults are no failures; everything else is', () => {
  const outcomes = [
    'delivered',
    'throttled',
    'not_tried',
    'failed',
    'refused',
    'redirected',
    'timeout',
    'whatever comes',
  ]
  expect(outcomes.filter(isFailure)).toEqual(['failed', 'refused', 'redirected', 'timeout', 'whatever comes'])
})

describe('what is written down', () => {
  it('is nothing for isolated failures', () => {
    const first = fail(null, 'a')
    expect(isWorthKeeping(null, first)).toBe(false)
    expect(isWorthKeeping(first, fail(first, 'b'))).toBe(false)
  })

  it('is everything on the way to the end, then only news', () => {
    let health = fail(null, 'a')
    for (let at = 0; at < 30; at++) health = fail(health, 'a')
    expect(isWorthKeeping(health, fail(health, 'a'))).toBe(false)
    expect(isWorthKeeping(health, fail(health, 'a', NOON + HOUR))).toBe(true)
    expect(isWorthKeeping(health, { ...health, warned: 25 })).toBe(true)
  })

  it('is each probe that failed, so that an eviction does not start over', () => {
    const before = silent()
    const asking = probing(before, 'a', NOON + 15 * SECOND)
    expect(isWorthKeeping(asking, fail(asking, 'a', NOON + 16 * SECOND))).toBe(true)
  })
})
