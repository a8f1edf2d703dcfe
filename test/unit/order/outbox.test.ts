import { describe, expect, it } from 'vitest'
import { looked } from '../../../src/order/machine'
import {
  attempted,
  deliveryTimes,
  dueDeliveries,
  type EndpointState,
  fanOut,
  followEndpoints,
  hasOpenDeliveries,
} from '../../../src/order/outbox'
import { answer, at, endpoint, found, fulfilled, hours, theDelivery, tracking, unsettled } from './builders'

const SECOND = endpoint({ id: 'ep_shop_00000002', url: 'https://shop.dz/two' })
const told = (endpoints: EndpointState[] = [endpoint()]) => fanOut(fulfilled(), endpoints, at(12))
const paused = () => followEndpoints(told(), [endpoint({ state: 'paused' })], at(13))

describe('told at once', () => {
  it('an event is due for every endpoint the moment it is handed out', () => {
    const order = told([endpoint(), SECOND])
    expect(dueDeliveries(order, at(12)).map(({ url }) => url)).toEqual([endpoint().url, SECOND.url])
    expect(theDelivery(order)).toMatchObject({ state: 'pending', attemptsSpent: 0, attempts: [] })
  })

  it('until it is handed out it counts as due since it was made', () => {
    expect(deliveryTimes(fulfilled())).toEqual([at(12)])
    expect(hasOpenDeliveries(fulfilled())).toBe(true)
  })

  it('is handed out once', () => {
    expect(fanOut(told(), [endpoint(), SECOND], at(99))).toEqual(told())
  })

  it('every delivery has a name of its own, the same however often it is made', () => {
    const order = told([endpoint(), SECOND])
    expect(new Set(order.deliveries.map(({ id }) => id)).size).toBe(2)
    expect(told([endpoint(), SECOND])).toEqual(order)
  })

  it('without endpoints nothing is left to do', () => {
    expect(deliveryTimes(told([]))).toEqual([])
    expect(hasOpenDeliveries(told([]))).toBe(false)
  })

  it('a later event is handed out beside the first', () => {
    const order = fanOut(looked(told(), found('REFUNDED'), at(42)), [endpoint()], at(42))
    expect(order.deliveries.map(({ eventId }) => eventId)).toEqual(order.events.map(({ id }) => id))
  })
})

describe('who is told', () => {
  it('nobody of the other environment', () => {
    expect(told([endpoint({ environment: 'sandbox' })]).deliveries).toEqual([])
  })

  it('only who asked for this type', () => {
    const onlyUnknown = endpoint({ events: ['topup.unknown'] })
    expect(told([onlyUnknown]).deliveries).toEqual([])
    expect(fanOut(unsettled(), [onlyUnknown], at(60)).deliveries).toHaveLength(1)
  })

  it('nobody of an order that has no news', () => {
    expect(fanOut(tracking(), [endpoint()], at(2))).toEqual(tracking())
  })
})

describe('an endpoint that is not active holds, never drops', () => {
  it.each(['unverified', 'paused', 'disabled'] as const)('from the start: %s', (state) => {
    const delivery = theDelivery(told([endpoint({ state })]))
    expect(delivery).toMatchObject({ state: 'held', reason: state, nextAttemptAt: null })
  })

  it('paused later, what was pending waits without a time and without cost', () => {
    expect(theDelivery(paused())).toMatchObject({ state: 'held', reason: 'paused', nextAttemptAt: null })
    expect(dueDeliveries(paused(), hours(1_000))).toEqual([])
    expect(hasOpenDeliveries(paused())).toBe(true)
  })

  it('active again, it is due at once, weeks later too', () => {
    const order = followEndpoints(paused(), [endpoint()], hours(1_000))
    expect(theDelivery(order)).toMatchObject({ state: 'pending', reason: null, nextAttemptAt: hours(1_000) })
  })

  it('goes on where the schedule was', () => {
    const failedOnce = attempted(told(), theDelivery(told()).id, answer('failed'), at(12), 0.5)
    const held = followEndpoints(failedOnce, [endpoint({ state: 'paused' })], at(14))
    expect(theDelivery(held)).toMatchObject({ state: 'held', attemptsSpent: 1 })
    expect(theDelivery(followEndpoints(held, [endpoint()], at(20))).attemptsSpent).toBe(1)
  })

  it('paused and then disabled, the reason follows', () => {
    const order = followEndpoints(paused(), [endpoint({ state: 'disabled' })], at(20))
    expect(theDelivery(order)).toMatchObject({ state: 'held', reason: 'disabled' })
  })

  it('a new address is followed by what is still open', () => {
    const order = followEndpoints(told(), [endpoint({ url: 'https://new.dz/cb' })], at(13))
    expect(theDelivery(order)).toMatchObject({
      state: 'pending',
      url: 'https://new.dz/cb',
      nextAttemptAt: at(12),
    })
    const held = followEndpoints(paused(), [endpoint({ url: 'https://new.dz/cb', state: 'paused' })], at(14))
    expect(held.deliveries[0]).toMatchObject({ state: 'held', url: 'https://new.dz/cb' })
  })

  it('only the deletion of the endpoint cancels', () => {
    expect(theDelivery(followEndpoints(told(), [], at(13)))).toMatchObject({
      state: 'cancelled',
      reason: 'endpoint_deleted',
      nextAttemptAt: null,
    })
  })

  it('touches no other endpoint', () => {
    const order = followEndpoints(told([endpoint(), SECOND]), [endpoint({ state: 'paused' }), SECOND], at(13))
    expect(order.deliveries.map(({ state }) => state)).toEqual(['held', 'pending'])
  })

  it('what is delivered stays delivered, and nothing to follow changes nothing', () => {
    const delivered = attempted(told(), theDelivery(told()).id, answer('delivered'), at(12), 0.5)
    for (const endpoints of [[], [endpoint({ state: 'paused' })], [endpoint()]]) {
      expect(followEndpoints(delivered, endpoints, at(20))).toBe(delivered)
    }
    const order = told()
    expect(followEndpoints(order, [endpoint()], at(20))).toBe(order)
  })
})
