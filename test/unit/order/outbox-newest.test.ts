/** Of several events of one order an endpoint is told the newest first; what it missed may be left out. */
import { describe, expect, it } from 'vitest'
import { looked } from '../../../src/order/machine'
import {
  attempted,
  concernedEndpoints,
  dueDeliveries,
  type EndpointState,
  fanOut,
  followEndpoints,
} from '../../../src/order/outbox'
import type { Delivery, Order } from '../../../src/order/state'
import { answer, at, endpoint, found, unsettled } from './builders'

const SECOND = endpoint({ id: 'ep_shop_00000002', url: 'https://shop.dz/two' })

/** Unknown, then fulfilled: two events, handed out in the order that they came. */
function twice(endpoints: readonly EndpointState[] = [endpoint()]): Order {
  const first = fanOut(unsettled(), endpoints, at(60))
  return fanOut(looked(first, found('FULFILLED'), at(90)), endpoints, at(90))
}
/** Both are held: it was paused meanwhile. */
const away = (change: Partial<EndpointState> = {}) => twice([endpoint({ ...change, state: 'paused' })])
const versions = (order: Order, deliveries: readonly Delivery[]) =>
  deliveries.map(({ eventId }) => order.events.find(({ id }) => id === eventId)?.stateVersion)
const due = (order: Order, now: number) => versions(order, dueDeliveries(order, now))
const standing = ({ deliveries }: Order) => deliveries.map(({ state, reason }) => [state, reason])
const [older, newer] = twice().deliveries.map(({ id }) => id) as [string, string]

describe('the newest event of an order', () => {
  it('goes first, the older one when it was delivered', () => {
    const order = twice()
    expect(due(order, at(90))).toEqual([3])
    expect(due(attempted(order, newer, answer('delivered'), at(91), 0.5), at(91))).toEqual([2])
  })

  it('lets the older one go while it waits for its own retry, and when it was given up', () => {
    const refused = attempted(twice(), newer, answer('failed'), at(91), 0.5)
    expect(due(refused, at(91))).toEqual([2])
    expect(due(refused, at(500))).toEqual([3])
    let exhausted = twice()
    for (let count = 0; count < 12; count++)
      exhausted = attempted(exhausted, newer, answer('failed'), at(91), 0.5)
    expect(exhausted.deliveries[1]?.state).toBe('failed')
    expect(due(exhausted, at(91))).toEqual([2])
  })

  it('does not wait for an older one that is under way: both are tried', () => {
    const first = fanOut(unsettled(), [endpoint()], at(60))
    expect(due(first, at(60))).toEqual([2])
    const later = fanOut(looked(first, found('FULFILLED'), at(61)), [endpoint()], at(61))
    expect(due(later, at(61))).toEqual([3])
  })

  it('is the newest of each endpoint, whatever another one still waits for', () => {
    const order = twice([endpoint(), SECOND])
    expect(dueDeliveries(order, at(90)).map(({ endpointId }) => endpointId)).toEqual([
      endpoint().id,
      SECOND.id,
    ])
    const one = attempted(order, order.deliveries[2]?.id ?? '', answer('delivered'), at(91), 0.5)
    expect(due(one, at(91))).toEqual([2, 3])
  })

  it('goes first when both were held', () => {
    const back = followEndpoints(away(), [endpoint()], at(200))
    expect(standing(back)).toEqual([
      ['pending', null],
      ['pending', null],
    ])
    expect(due(back, at(200))).toEqual([3])
  })
})

describe('fold_superseded', () => {
  const folding = endpoint({ foldSuperseded: true })

  it('leaves out what is older than another held event, when the endpoint is active again', () => {
    const back = followEndpoints(away({ foldSuperseded: true }), [folding], at(200))
    expect(standing(back)).toEqual([
      ['cancelled', 'superseded'],
      ['pending', null],
    ])
    expect(back.deliveries[0]?.nextAttemptAt).toBeNull()
  })

  it('leaves nothing out while the endpoint is away', () => {
    const still = followEndpoints(away(), [endpoint({ state: 'disabled', foldSuperseded: true })], at(200))
    expect(standing(still)).toEqual([
      ['held', 'disabled'],
      ['held', 'disabled'],
    ])
  })

  it('never leaves out the newest, nor what is not held', () => {
    const single = fanOut(unsettled(), [endpoint({ state: 'paused' })], at(60))
    expect(standing(followEndpoints(single, [folding], at(200)))).toEqual([['pending', null]])
    expect(followEndpoints(twice(), [folding], at(200))).toEqual(twice())
  })

  it('leaves out what is older than an event that was delivered meanwhile', () => {
    const told = attempted(away(), newer, answer('delivered'), at(100), 0.5)
    expect(standing(followEndpoints(told, [folding], at(200)))).toEqual([
      ['cancelled', 'superseded'],
      ['delivered', null],
    ])
  })

  it('leaves nothing out for an endpoint that was told of the newer event only elsewhere', () => {
    const order = fanOut(unsettled(), [endpoint({ state: 'paused' }), SECOND], at(60))
    const later = fanOut(looked(order, found('FULFILLED'), at(90)), [SECOND], at(90))
    const back = followEndpoints(later, [folding, SECOND], at(200))
    expect(back.deliveries[0]).toMatchObject({ state: 'pending', endpointId: endpoint().id })
  })
})

describe('a silent receiver', () => {
  const silent = endpoint({ state: 'breaker' })

  it('holds what is new and what was pending, without a time, until it answers', () => {
    expect(standing(twice([silent]))).toEqual([
      ['held', 'breaker'],
      ['held', 'breaker'],
    ])
    const held = followEndpoints(twice(), [silent], at(100))
    expect(held.deliveries).toMatchObject([
      { state: 'held', reason: 'breaker', nextAttemptAt: null },
      { state: 'held', reason: 'breaker', nextAttemptAt: null },
    ])
    const back = followEndpoints(held, [endpoint()], at(900))
    expect(back.deliveries.map(({ nextAttemptAt }) => nextAttemptAt)).toEqual([at(900), at(900)])
  })

  it('is asked without cost to the order that asks', () => {
    const asked = attempted(twice(), newer, answer('timeout'), at(91), 0.5, true)
    expect(asked.deliveries[1]).toMatchObject({
      state: 'pending',
      reason: 'timeout',
      attemptsSpent: 0,
      attemptsMade: 1,
      nextAttemptAt: at(96),
    })
    const paid = attempted(twice(), newer, answer('timeout'), at(91), 0.5)
    expect(paid.deliveries[1]).toMatchObject({ attemptsSpent: 1, attemptsMade: 1 })
  })

  it('may be asked for ever: the schedule of who asks does not run out', () => {
    let order = twice()
    for (let count = 0; count < 100; count++)
      order = attempted(order, newer, answer('timeout'), at(91), 0.5, true)
    expect(order.deliveries[1]).toMatchObject({ state: 'pending', attemptsSpent: 0, attemptsMade: 100 })
    expect(order.deliveries[1]?.attempts).toHaveLength(30)
  })

  it('is delivered to by the one that asks, like by any other', () => {
    const asked = attempted(twice(), newer, answer('delivered'), at(91), 0.5, true)
    expect(asked.deliveries[1]).toMatchObject({ state: 'delivered', attemptsMade: 1 })
  })
})

describe('who is concerned', () => {
  it('is perhaps everybody, until the event was handed out', () => {
    expect(concernedEndpoints(unsettled())).toBeNull()
  })

  it('is then who has something open', () => {
    const order = attempted(twice([endpoint(), SECOND]), newer, answer('delivered'), at(91), 0.5)
    expect(new Set(concernedEndpoints(order))).toEqual(new Set([endpoint().id, SECOND.id]))
    const told = attempted(order, older, answer('delivered'), at(91), 0.5)
    expect(concernedEndpoints(told)).toEqual([SECOND.id, SECOND.id])
  })
})
