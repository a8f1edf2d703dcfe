import { describe, expect, it } from 'vitest'
import type { AttemptOutcome, AttemptResult } from '../../../src/callback/deliver'
import { ATTEMPT_DELAYS_SECONDS, attempted, fanOut, followEndpoints } from '../../../src/order/outbox'
import type { Order } from '../../../src/order/state'
import { answer, at, endpoint, fulfilled, hours, theDelivery } from './builders'

const HOUR = 3_600
const told = () => fanOut(fulfilled(), [endpoint()], at(0))
const after = (order: Order, result: AttemptResult, now: number, random = 0.5) =>
  attempted(order, theDelivery(order).id, result, now, random)

/** Seconds from an attempt to the next one; null when there is none. */
function pauseAfter(
  result: AttemptResult,
  { order = told(), now = at(0), random = 0.5 } = {},
): number | null {
  const { nextAttemptAt } = theDelivery(after(order, result, now, random))
  return nextAttemptAt === null ? null : (nextAttemptAt - now) / 1_000
}

/** Attempts each time it is due, with the same answer, until it is over or `until` has come. */
function run(result: AttemptResult, until = Number.POSITIVE_INFINITY): Order {
  let order = told()
  for (;;) {
    const { nextAttemptAt } = theDelivery(order)
    if (nextAttemptAt === null || nextAttemptAt > until) return order
    order = after(order, result, nextAttemptAt)
  }
}

describe('the schedule', () => {
  it('has twelve attempts, the first at once', () => {
    expect(ATTEMPT_DELAYS_SECONDS).toEqual([
      0,
      5,
      15,
      60,
      300,
      900,
      HOUR,
      3 * HOUR,
      6 * HOUR,
      12 * HOUR,
      24 * HOUR,
      24 * HOUR,
    ])
  })

  it('is walked through, then failed and said so: nothing is dropped silently', () => {
    const delivery = theDelivery(run(answer('failed')))
    expect(delivery).toMatchObject({
      state: 'failed',
      reason: 'exhausted',
      attemptsSpent: 12,
      nextAttemptAt: null,
    })
    const times = delivery.attempts.map((attempt) => attempt.at)
    const pauses = times.slice(1).map((time, index) => (time - (times[index] ?? 0)) / 1_000)
    expect(pauses).toEqual(ATTEMPT_DELAYS_SECONDS.slice(1))
  })

  it.each([
    [0, 4.25],
    [0.5, 5],
    [0.999999, 5.75],
  ])('each pause varies by 15 %: %d', (random, seconds) => {
    expect(pauseAfter(answer('failed'), { random })).toBeCloseTo(seconds, 3)
  })
})

describe('only 2xx is success', () => {
  it('delivered, it is over', () => {
    const delivery = theDelivery(after(told(), answer('delivered'), at(0)))
    expect(delivery).toMatchObject({
      state: 'delivered',
      reason: null,
      nextAttemptAt: null,
      attemptsSpent: 1,
    })
  })

  it.each<AttemptOutcome>([
    'redirected',
    'refused',
    'failed',
    'timeout',
    'unreachable',
    'too_large',
    'throttled',
  ])('%s is tried again', (outcome) => {
    const delivery = theDelivery(after(told(), answer(outcome), at(0)))
    expect(delivery).toMatchObject({ state: 'pending', reason: outcome, attemptsSpent: 1 })
    expect(delivery.nextAttemptAt).toBe(at(5))
  })

  it('each attempt is kept, with when it began and what came back', () => {
    const { attempts } = theDelivery(after(told(), answer('failed'), at(0)))
    expect(attempts).toEqual([
      { at: at(0) - 40, outcome: 'failed', httpStatus: 500, durationMs: 40, answer: 'the answer' },
    ])
  })

  it('an answer for one delivery leaves the others alone', () => {
    const order = fanOut(fulfilled(), [endpoint(), endpoint({ id: 'ep_shop_00000002' })], at(0))
    expect(after(order, answer('delivered'), at(0)).deliveries[1]).toEqual(order.deliveries[1])
  })
})

describe('410 holds', () => {
  it('until the endpoint is active again', () => {
    const gone = after(told(), answer('gone'), at(0))
    expect(theDelivery(gone)).toMatchObject({ state: 'held', reason: 'gone', nextAttemptAt: null })
    const disabled = followEndpoints(gone, [endpoint({ state: 'disabled' })], at(1))
    expect(theDelivery(disabled)).toMatchObject({ state: 'held', reason: 'gone' })
    const back = followEndpoints(disabled, [endpoint()], hours(200))
    expect(theDelivery(back)).toMatchObject({ state: 'pending', nextAttemptAt: hours(200) })
  })
})

describe('Retry-After: 0', () => {
  it('climbs to a quarter of an hour: free attempts are not endless ones', () => {
    let order = told()
    let now = at(0)
    for (let count = 0; count < 6; count++) {
      order = after(order, answer('throttled', 0), now)
      const next = theDelivery(order).nextAttemptAt
      if (next === null) throw new Error('a throttled delivery is tried again')
      now = Math.max(next, now + 1)
    }
    expect(now - at(0)).toBeGreaterThan(15 * 60_000)
    expect(theDelivery(order)).toMatchObject({ state: 'pending', attemptsSpent: 0 })
  })
})

describe('what is kept of an answer', () => {
  it('leaves room for every attempt of every endpoint in one record', () => {
    const order = after(told(), { ...answer('refused'), answer: 'x'.repeat(4_096) }, at(0))
    expect(theDelivery(order).attempts[0]?.answer).toHaveLength(512)
  })
})

describe('Retry-After', () => {
  it('is waited for, never less, and costs no attempt', () => {
    for (const random of [0, 0.3, 0.999999]) {
      for (const asked of [5, 60, 600, HOUR]) {
        expect(pauseAfter(answer('throttled', asked), { random })).toBeGreaterThanOrEqual(asked)
      }
    }
    expect(theDelivery(after(told(), answer('throttled', 60), at(0))).attemptsSpent).toBe(0)
  })

  it.each([HOUR, 7_200, 10 ** 9, Number.MAX_SAFE_INTEGER])(
    'is capped at one hour, give or take the 15 of a hundred: %s s',
    (asked) => {
      for (const random of [0, 0.5, 0.999999]) {
        expect(pauseAfter(answer('throttled', asked), { random })).toBeLessThanOrEqual(HOUR * 1.15)
      }
    },
  )

  it('of a year still brings the callback within two hours', () => {
    expect(pauseAfter(answer('throttled', 31_536_000), { random: 0.999999 })).toBeLessThan(2 * HOUR)
  })

  it('of 0 is no hot loop', () => {
    expect(pauseAfter(answer('throttled', 0), { random: 0 })).toBeGreaterThanOrEqual(4)
  })

  it('means nothing beside an answer that is not a throttle', () => {
    expect(pauseAfter(answer('failed', 600))).toBe(5)
  })

  it('on the last attempt still leaves one', () => {
    const exhausted = run(answer('failed'), hours(70))
    expect(theDelivery(exhausted)).toMatchObject({ state: 'pending', attemptsSpent: 11 })
    const throttled = after(exhausted, answer('throttled', 60), hours(71))
    expect(theDelivery(throttled)).toMatchObject({ state: 'pending', attemptsSpent: 11 })
  })

  const spared = () => after(told(), answer('throttled', 60), at(0))

  it('spares attempts for 72 h, then the schedule counts down', () => {
    const early = after(spared(), answer('throttled', 60), hours(71.9))
    expect(theDelivery(early).attemptsSpent).toBe(0)
    const late = after(spared(), answer('throttled', 60), hours(72.1))
    expect(theDelivery(late).attemptsSpent).toBe(1)
  })

  it('after 72 h is still waited for, though it costs an attempt', () => {
    const pause = pauseAfter(answer('throttled', 600), { order: spared(), now: hours(72.1), random: 0 })
    expect(pause).toBeGreaterThanOrEqual(600)
  })

  it.each([60, HOUR])('for ever, every %d s, does not go on for ever: it ends as failed', (asked) => {
    const order = run(answer('throttled', asked), hours(24 * 7))
    expect(theDelivery(order).attemptsSpent).toBeGreaterThan(0)
  })

  it('leaves no endless list of attempts behind', () => {
    expect(theDelivery(run(answer('throttled', 60), hours(24))).attempts.length).toBeLessThan(50)
  })
})
