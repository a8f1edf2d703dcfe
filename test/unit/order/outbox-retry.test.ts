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

  it.each<AttemptOutcome>(['failed', 'timeout', 'dns', 'tls', 'connect', 'too_large', 'throttled'])(
    '%s is tried again on the schedule',
    (outcome) => {
      const delivery = theDelivery(after(told(), answer(outcome), at(0)))
      expect(delivery).toMatchObject({ state: 'pending', reason: outcome, attemptsSpent: 1 })
      expect(delivery.nextAttemptAt).toBe(at(5))
    },
  )

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

describe.each<AttemptOutcome>(['refused', 'redirected', 'forbidden'])('the slow track of %s', (outcome) => {
  it('waits five minutes at least, and not everybody the same', () => {
    const pauses = [0, 0.5, 0.999999].map((random) => pauseAfter(answer(outcome), { random }))
    expect(pauses[0]).toBe(300)
    expect(pauses[1]).toBe(322.5)
    expect(pauses[2]).toBeCloseTo(345, 3)
  })

  it('counts as ever, and ends as failed after the same attempts', () => {
    const delivery = theDelivery(run(answer(outcome)))
    expect(delivery).toMatchObject({ state: 'failed', attemptsSpent: 12 })
    const times = delivery.attempts.map((attempt) => attempt.at)
    const pauses = times.slice(1).map((time, index) => (time - (times[index] ?? 0)) / 1_000)
    expect(pauses.slice(0, 4)).toEqual([322.5, 322.5, 322.5, 322.5])
    expect(pauses.slice(4)).toEqual(ATTEMPT_DELAYS_SECONDS.slice(5))
  })

  it('is left by another answer', () => {
    const slow = after(told(), answer(outcome), at(0))
    expect(pauseAfter(answer('failed'), { order: slow, now: at(400) })).toBe(15)
  })
})

describe('a try that failed by our own fault', () => {
  const putOff = (order = told(), now = at(0)) => after(order, answer('not_tried'), now)

  it('is no attempt: none is kept, none is spent, and it comes again in half a minute', () => {
    expect(theDelivery(putOff())).toEqual({
      ...theDelivery(told()),
      reason: 'not_tried',
      nextAttemptAt: at(30),
    })
    expect(pauseAfter(answer('not_tried'), { random: 0 })).toBe(25.5)
    expect(pauseAfter(answer('not_tried'), { random: 0.999999 })).toBeCloseTo(34.5, 3)
  })

  it('in the middle of the schedule leaves it where it was', () => {
    const failed = after(told(), answer('failed'), at(0))
    const delivery = theDelivery(putOff(failed, at(5)))
    expect(delivery).toMatchObject({ attemptsSpent: 1, attempts: theDelivery(failed).attempts })
    expect(pauseAfter(answer('failed'), { order: putOff(failed, at(5)), now: at(35) })).toBe(15)
  })

  it('however often, does not end the delivery', () => {
    const order = run(answer('not_tried'), hours(24))
    expect(theDelivery(order)).toMatchObject({ state: 'pending', attemptsSpent: 0, attempts: [] })
    expect(theDelivery(after(order, answer('delivered'), hours(25)))).toMatchObject({
      state: 'delivered',
      attemptsSpent: 1,
    })
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
  const long = { ...answer('failed'), answer: 'x'.repeat(4_096) }
  const lengths = (order: Order) => theDelivery(order).attempts.map((attempt) => attempt.answer.length)

  it('is all of the newest, and the beginning of older ones', () => {
    const first = after(told(), long, at(0))
    expect(lengths(first)).toEqual([4_096])
    const third = after(after(first, long, at(5)), long, at(20))
    expect(lengths(third)).toEqual([512, 512, 4_096])
  })

  it('fits a record of 2 MB for every attempt at every endpoint, in any script', () => {
    const arabic = { ...answer('throttled', 60), answer: 'ر'.repeat(4_096) }
    const { attempts } = theDelivery(run(arabic, hours(71)))
    expect(attempts).toHaveLength(30)
    const [events, endpoints, bytesPerCharacter] = [4, 10, 2]
    const bytes = JSON.stringify(attempts).length * bytesPerCharacter
    expect(events * endpoints * bytes).toBeLessThan(2 * 1024 * 1024)
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
