import { describe, expect, it } from 'vitest'
import { looked, provenAbsent, submitted } from '../../../src/order/machine'
import { attempted, fanOut } from '../../../src/order/outbox'
import {
  alarmAt,
  isWatchedByWallet,
  LEASE_MS,
  nextLookAt,
  nextProofAt,
  wishOf,
} from '../../../src/order/schedule'
import type { Order } from '../../../src/order/state'
import {
  answer,
  at,
  calledUp,
  endpoint,
  found,
  fulfilled,
  hours,
  inDoubt,
  missing,
  NO_ANSWER,
  NOT_FOUND,
  openOrders,
  queued,
  refusal,
  resent,
  sending,
  theDelivery,
  tracking,
  unsettled,
} from './builders'

const pauseAfter = (order: Order, now: number) => (nextLookAt(order, now) ?? Number.NaN) - now

describe('every open order has a next step and an alarm time', () => {
  it.each(openOrders())('%s', (_, order) => {
    for (const now of [at(0), at(100), hours(23), hours(24 * 400)]) {
      expect(alarmAt(order, now)).not.toBeNull()
      expect(alarmAt(order, now)).toBeLessThanOrEqual(now + 3_600_000)
    }
  })

  it('patience never runs out: the pauses grow to a bound and go on for ever', () => {
    for (const [order, mostMs] of [
      [tracking(), 15 * 60_000],
      [inDoubt(), 5 * 60_000],
      [unsettled(), 3_600_000],
    ] as const) {
      expect(pauseAfter(order, hours(24 * 365))).toBe(mostMs)
    }
  })

  it('the alarm of a send covers the 10 s that it may take', () => {
    expect(alarmAt(sending(), at(0))).toBe(at(0) + LEASE_MS)
    expect(LEASE_MS).toBeGreaterThan(10_000)
  })
})

describe('a provider that loses every send', () => {
  it('is asked at the same long intervals after each resend, not every minute for days', () => {
    const lost = { kind: 'in_doubt', reason: 'timeout', refusal: null } as const
    expect(pauseAfter(submitted(resent(), lost, hours(10)), hours(10))).toBe(5 * 60_000)
  })
})

describe('a proof of absence that failed', () => {
  const pause = (now: number) => nextProofAt(missing(), now) - now

  it('is tried again as sparsely as the look-ups of its age, within bounds', () => {
    expect(pause(at(0))).toBe(15_000)
    expect(pause(at(50))).toBe(15_000)
    expect(pause(at(100))).toBe(30_000)
    expect(pause(at(1_000))).toBe(5 * 60_000)
    expect(pause(hours(24 * 365))).toBe(5 * 60_000)
  })

  it('counts from the first send, also after a resend', () => {
    expect(nextProofAt(resent(), at(190))).toBe(at(190) + 57_000)
  })
})

describe('done', () => {
  it('is refused, or final with everything told', () => {
    const refused = submitted(sending(), { kind: 'refused', refusal: refusal() }, at(1))
    expect(alarmAt(refused, at(1))).toBeNull()
    expect(alarmAt(fanOut(fulfilled(), [], at(12)), at(12))).toBeNull()
    expect(nextLookAt(fulfilled(), at(12))).toBeNull()
  })

  it('final but not told yet wakes, also when its object dies in the middle', () => {
    expect(alarmAt(fulfilled(), at(12))).toBeGreaterThan(at(12))
    expect(alarmAt(fulfilled(), at(12))).toBeLessThanOrEqual(at(42))
  })

  it('a callback that failed wakes it at the time of its next attempt', () => {
    const told = fanOut(fulfilled(), [endpoint()], at(12))
    const order = attempted(told, theDelivery(told).id, answer('failed'), at(12), 0.5)
    expect(alarmAt(order, at(12))).toBe(at(17))
  })

  it('a callback under way does not put off the next attempt at another endpoint', () => {
    const told = fanOut(fulfilled(), [endpoint({ id: 'ep_a' }), endpoint({ id: 'ep_b' })], at(12))
    const [first] = told.deliveries
    if (first === undefined) throw new Error('there is a delivery')
    expect(alarmAt(attempted(told, first.id, answer('failed'), at(12), 0.5), at(12))).toBe(at(17))
  })

  it('a held callback needs no alarm: the endpoint wakes it', () => {
    expect(alarmAt(fanOut(fulfilled(), [endpoint({ state: 'paused' })], at(12)), at(12))).toBeNull()
  })

  it('an unknown order with a callback wakes for whichever is sooner', () => {
    const told = fanOut(unsettled(), [endpoint()], at(60))
    const retried = attempted(told, theDelivery(told).id, answer('failed'), at(60), 0.5)
    expect(alarmAt(retried, at(60))).toBe(at(65))
  })
})

describe('the rhythm of look-ups', () => {
  it('is dense while a result is likely: 5 to 30 s after the send it is noticed within 1.2 s (median)', () => {
    for (const seconds of [5, 10, 13])
      expect(pauseAfter(tracking(), at(seconds)) / 2).toBeLessThanOrEqual(1_200)
    expect(pauseAfter(tracking(), at(2))).toBe(1_500)
  })

  it('costs few reads in the 24 h that a slow one may take', () => {
    let [now, reads] = [at(1), 0]
    for (; now < hours(24); reads++) now = nextLookAt(tracking(), now) ?? Number.NaN
    expect(reads).toBeLessThan(150)
  })

  it('of doubt lets three look-ups over a minute happen within two minutes', () => {
    let [order, now] = [inDoubt(), at(10)]
    for (let look = nextLookAt(order, now); look !== null; look = nextLookAt(order, now)) {
      now = look
      order = looked(order, NOT_FOUND, now)
    }
    expect(now).toBeLessThan(at(130))
    expect(provenAbsent(order, now).submissions).toBe(2)
  })

  it('of an unknown order is its own: minutes first, an hour at most', () => {
    expect(pauseAfter(unsettled(), at(60))).toBe(30_000)
    expect(pauseAfter(unsettled(), hours(1))).toBeGreaterThan(60_000)
  })

  it('does not go wrong when the clock is set back', () => {
    for (const [, order] of openOrders()) {
      const now = at(-3_600)
      if (nextLookAt(order, now) !== null) expect(nextLookAt(order, now)).toBeGreaterThan(now)
    }
  })

  it('is not delayed by a look-up that failed', () => {
    const order = looked(tracking(), NO_ANSWER, at(10))
    expect(nextLookAt(order, at(10))).toBe(nextLookAt(tracking(), at(10)))
  })
})

describe('who looks', () => {
  it.each([
    ['tracking', tracking(), true],
    ['in doubt', inDoubt(), true],
    ['queued', queued(), false],
    ['unknown', unsettled(), false],
    ['final', fulfilled(), false],
  ])('%s', (_, order, byWallet) => {
    expect(isWatchedByWallet(order)).toBe(byWallet)
  })

  it('the alarm comes after the look-up of the wallet, which it is the net of', () => {
    const order = looked(tracking(), found('PENDING'), at(10))
    expect(alarmAt(order, at(10))).toBeGreaterThan(nextLookAt(order, at(10)) ?? Number.NaN)
    expect(nextLookAt(missing(), at(80))).toBeNull()
    expect(alarmAt(missing(), at(80))).toBeGreaterThan(at(80))
  })
})

describe('what the wallet is asked for', () => {
  it('what was accepted is swept with the others; its own time is an outer bound', () => {
    expect(wishOf(tracking(), at(10))).toEqual({ at: nextLookAt(tracking(), at(10)), isSwept: true })
  })

  it('in doubt each look is counted, so it has its own time', () => {
    expect(wishOf(inDoubt(), at(20))).toEqual({ at: nextLookAt(inDoubt(), at(20)), isSwept: false })
  })

  it('a proof of absence that failed is tried again at its time', () => {
    expect(wishOf(missing(), at(100))).toEqual({ at: nextProofAt(missing(), at(100)), isSwept: false })
  })

  it.each([
    ['waits for its turn', queued()],
    ['is on its way', sending()],
    ['is unknown, for hours', unsettled()],
    ['is final', fulfilled()],
  ])('nothing of what %s', (_, order) => {
    expect(wishOf(order, at(100))).toBeNull()
  })
})

describe('an order that waits for its turn', () => {
  it('asks once a minute whether the line still has it, for ever', () => {
    expect(alarmAt(queued(), at(1))).toBe(at(61))
    expect(alarmAt(queued(), hours(30))).toBe(hours(30) + 60_000)
  })

  it('once called has the time of any send, counted from then', () => {
    expect(alarmAt(calledUp(), at(30))).toBe(at(30) + LEASE_MS)
  })

  it('called after hours is looked up as what has just left', () => {
    const late = submitted(calledUp(), { kind: 'accepted', topupId: 'x' }, hours(3))
    expect(pauseAfter(late, hours(3))).toBe(1_500)
  })
})
