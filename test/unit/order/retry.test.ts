import { describe, expect, it } from 'vitest'
import { deliveryId, deliveryPosition } from '../../../src/order/delivery-id'
import {
  ATTEMPT_DELAYS_SECONDS,
  attempted,
  dueDeliveries,
  type EndpointState,
  fanOut,
  followEndpoints,
} from '../../../src/order/outbox'
import { retried } from '../../../src/order/retry'
import type { Order } from '../../../src/order/state'
import { answer, at, endpoint, fulfilled, theDelivery } from './builders'

const told = (endpoints: readonly EndpointState[] = [endpoint()]): Order =>
  fanOut(fulfilled(), endpoints, at(12))

function tried(order: Order, outcome: Parameters<typeof answer>[0], times = 1): Order {
  return times === 0
    ? order
    : tried(attempted(order, theDelivery(order).id, answer(outcome), at(20), 0.5), outcome, times - 1)
}

function again(order: Order, endpoints: readonly EndpointState[] = [endpoint()], now = at(100)): Order {
  const retry = retried(order, theDelivery(order).id, endpoints, now)
  if (retry.kind !== 'due') throw new Error(`it is ${retry.kind}`)
  return retry.order
}

describe('a delivery that is asked for again', () => {
  it('is due now when it was pending, with the attempts it has spent', () => {
    const before = tried(told(), 'failed', 5)
    const after = again(before)
    expect(theDelivery(after)).toEqual({ ...theDelivery(before), nextAttemptAt: at(100), replayed: true })
    expect(dueDeliveries(after, at(100))).toHaveLength(1)
  })

  it.each([
    ['delivered', tried(told(), 'delivered')],
    ['failed', tried(told(), 'failed', ATTEMPT_DELAYS_SECONDS.length)],
  ])('starts anew when it was %s, and keeps its attempts', (state, before) => {
    expect(theDelivery(before).state).toBe(state)
    expect(theDelivery(again(before))).toEqual({
      ...theDelivery(before),
      state: 'pending',
      reason: null,
      attemptsSpent: 0,
      firstAttemptAt: null,
      nextAttemptAt: at(100),
      replayed: true,
    })
  })

  it('has the whole schedule before it once more', () => {
    const failed = tried(told(), 'failed', ATTEMPT_DELAYS_SECONDS.length)
    const almost = tried(again(failed), 'failed', ATTEMPT_DELAYS_SECONDS.length - 1)
    expect(theDelivery(almost).state).toBe('pending')
    expect(theDelivery(tried(almost, 'failed')).state).toBe('failed')
  })

  it('is asked for once by each replay, whatever becomes of it, and by a person as often as he likes', () => {
    const before = tried(told(), 'delivered')
    const { id } = theDelivery(before)
    const asks = (order: Order, replay: string | null, endpoints = [endpoint()]) => {
      const retry = retried(order, id, endpoints, at(100), replay)
      if (retry.kind !== 'due') throw new Error(`it is ${retry.kind}`)
      return retry.order
    }
    const once = tried(asks(before, 'rpl_1'), 'delivered')
    expect(asks(once, 'rpl_1')).toBe(once)
    expect(asks(once, 'rpl_1', [endpoint({ state: 'paused' })])).toBe(once)
    expect(theDelivery(asks(once, 'rpl_2'))).toMatchObject({ state: 'pending', replay: 'rpl_2' })
    const byHand = asks(once, null)
    expect(theDelivery(byHand)).toMatchObject({ state: 'pending', replay: 'rpl_1' })
    expect(asks(byHand, 'rpl_1')).toBe(byHand)
  })

  it('goes to where its endpoint is now', () => {
    const moved = endpoint({ url: 'https://shop.dz/moved' })
    expect(theDelivery(again(tried(told(), 'delivered'), [moved])).url).toBe(moved.url)
  })

  it.each([
    ['delivered', tried(told(), 'delivered'), 0],
    ['failed', tried(told(), 'failed', ATTEMPT_DELAYS_SECONDS.length), 0],
    ['pending', tried(told(), 'failed', 3), 3],
  ])(
    'is held when it was %s and its receiver is silent, and goes once that one answers',
    (_, before, spent) => {
      const silent = [endpoint({ state: 'breaker' })]
      const held = followEndpoints(again(followEndpoints(before, silent, at(90)), silent), silent, at(100))
      expect(theDelivery(held)).toMatchObject({
        state: 'held',
        reason: 'breaker',
        attemptsSpent: spent,
        replayed: true,
      })
      const answers = followEndpoints(held, [endpoint()], at(200))
      expect(dueDeliveries(answers, at(200))).toHaveLength(1)
    },
  )

  it('changes no other delivery and no event', () => {
    const endpoints = [endpoint(), endpoint({ id: 'ep_shop_00000002' })]
    const before = told(endpoints)
    const after = again(before, endpoints)
    expect(after.deliveries[1]).toBe(before.deliveries[1])
    expect(after.events).toBe(before.events)
  })
})

describe('it is refused', () => {
  it.each(['paused', 'disabled', 'unverified'] as const)('while the endpoint is %s', (state) => {
    const endpoints = [endpoint({ state })]
    for (const order of [told(), tried(told(), 'delivered')]) {
      const followed = followEndpoints(order, endpoints, at(50))
      const refused = { kind: 'held', reason: state }
      expect(retried(followed, theDelivery(followed).id, endpoints, at(100))).toEqual(refused)
    }
  })

  it('when the endpoint is gone, cancelled or long delivered', () => {
    for (const order of [told(), tried(told(), 'delivered')]) {
      const followed = followEndpoints(order, [], at(50))
      const refused = { kind: 'cancelled', reason: 'endpoint_deleted' }
      expect(retried(followed, theDelivery(followed).id, [], at(100))).toEqual(refused)
    }
  })

  it('when there is none such', () => {
    expect(retried(told(), 'dlv_0_x', [endpoint()], at(100))).toEqual({ kind: 'unknown' })
  })
})

describe('the id of a delivery', () => {
  it('says where the book keeps it', () => {
    const order = told()
    const [event] = order.events
    const { id } = theDelivery(order)
    expect(deliveryPosition(id)).toBe(`${String(event?.createdAt).padStart(15, '0')}:${id}`)
  })

  it('sorts by the time of its event', () => {
    const [early, late] = [at(0), at(1)].map((createdAt) =>
      deliveryPosition(deliveryId({ id: `evt_${'a'.repeat(24)}_2`, createdAt }, 'ep_shop_00000001')),
    )
    expect(String(early) < String(late)).toBe(true)
  })

  it.each(['', 'dlv_', 'evt_aaaaaaaaaaaaaaaaaaaaaaaa_2', 'dlv_aaaaaaaaaaaaaaaaaaaaaaaa_2_00000001', '%00'])(
    'is not "%s"',
    (id) => expect(deliveryPosition(id)).toBeNull(),
  )
})
