/** An endpoint that takes over what a deleted one would still have been sent. */
import { expect, it } from 'vitest'
import { attempted, type EndpointState, fanOut, followEndpoints } from '../../../src/order/outbox'
import type { Order } from '../../../src/order/state'
import { answer, at, endpoint, fulfilled, theDelivery } from './builders'

const DELETED = endpoint()
const named = (number: number, change: Partial<EndpointState> = {}) =>
  endpoint({ id: `ep_shop_0000000${number}`, url: `https://shop.dz/${number}`, ...change })
const HEIR = named(9, { replaces: [DELETED.id] })
const told = (...endpoints: EndpointState[]) => fanOut(fulfilled(), endpoints, at(12))
const standing = ({ deliveries }: Order) =>
  deliveries.map(({ endpointId, state, reason }) => [endpointId, state, reason])

it('takes over what is pending: another address, the same delivery of the same event at the same time', () => {
  const failedOnce = attempted(told(DELETED), theDelivery(told(DELETED)).id, answer('failed'), at(12), 0.5)
  const before = theDelivery(failedOnce)
  const moved = theDelivery(followEndpoints(failedOnce, [HEIR], at(14)))
  expect(moved).toEqual({ ...before, endpointId: HEIR.id, url: HEIR.url })
  expect(moved).toMatchObject({ state: 'pending', attemptsMade: 1, nextAttemptAt: at(17) })
})

it('takes over what is held, and lets it go when it is active itself', () => {
  const held = told(named(1, { state: 'paused' }))
  expect(standing(followEndpoints(held, [HEIR], at(14)))).toEqual([[HEIR.id, 'pending', null]])
  const waiting = followEndpoints(held, [{ ...HEIR, state: 'breaker' }], at(14))
  expect(standing(waiting)).toEqual([[HEIR.id, 'held', 'breaker']])
  expect(standing(followEndpoints(waiting, [HEIR], at(15)))).toEqual([[HEIR.id, 'pending', null]])
})

it('takes over nothing that it was told of itself: that is cancelled', () => {
  const both = told(DELETED, { ...HEIR, replaces: [] })
  expect(standing(followEndpoints(both, [HEIR], at(14)))).toEqual([
    [DELETED.id, 'cancelled', 'endpoint_deleted'],
    [HEIR.id, 'pending', null],
  ])
})

it('takes over one of two deleted ones that wanted the same event, not both', () => {
  const two = told(DELETED, named(2))
  const heir = { ...HEIR, replaces: [DELETED.id, named(2).id] }
  expect(standing(followEndpoints(two, [heir], at(14)))).toEqual([
    [heir.id, 'pending', null],
    [named(2).id, 'cancelled', 'endpoint_deleted'],
  ])
})

it('takes over nothing that is over, nor what another endpoint has', () => {
  const delivered = attempted(told(DELETED), theDelivery(told(DELETED)).id, answer('delivered'), at(12), 0.5)
  expect(followEndpoints(delivered, [HEIR], at(14))).toBe(delivered)
  expect(standing(followEndpoints(told(named(2)), [HEIR], at(14)))).toEqual([
    [named(2).id, 'cancelled', 'endpoint_deleted'],
  ])
})
