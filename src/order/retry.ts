/** A delivery that somebody wants made again. Pure. All times are unix milliseconds. */
import { calledBy } from './callback-url'
import type { EndpointState } from './outbox'
import type { Delivery, Order } from './state'

export type Retry =
  | { readonly kind: 'due'; readonly order: Order }
  /** It must not be made now; `reason` is one short word. */
  | { readonly kind: RetryRefusal; readonly reason: string }
  | { readonly kind: 'unknown' }

/** `held`: its endpoint is not active. `cancelled`: it never will be made, or its endpoint is gone. */
export type RetryRefusal = 'held' | 'cancelled'

/**
 * It is due now and in the schedule from there on: a pending one goes on with the attempts it has spent, one that
 * was over starts anew; at a silent receiver it is held until that one answers. Id and bytes are the event's, as
 * ever. `order` follows its endpoints already; `replay` names the bulk replay that asks, which is answered the same
 * however often it does.
 */
export function retried(
  order: Order,
  deliveryId: string,
  endpoints: readonly EndpointState[],
  now: number,
  replay: string | null = null,
): Retry {
  const delivery = order.deliveries.find(({ id }) => id === deliveryId)
  if (delivery === undefined) return { kind: 'unknown' }
  if (replay !== null && delivery.replay === replay) return { kind: 'due', order }
  if (delivery.state === 'cancelled') return { kind: 'cancelled', reason: delivery.reason ?? 'cancelled' }
  const endpoint = calledBy(order.intent, endpoints).find(({ id }) => id === delivery.endpointId)
  if (endpoint === undefined) return { kind: 'cancelled', reason: 'endpoint_deleted' }
  if (endpoint.state !== 'active' && endpoint.state !== 'breaker') {
    return { kind: 'held', reason: endpoint.state }
  }
  const again = dueAgain({ ...delivery, url: endpoint.url, replay: replay ?? delivery.replay }, now)
  return {
    kind: 'due',
    order: { ...order, deliveries: order.deliveries.map((each) => (each === delivery ? again : each)) },
  }
}

function dueAgain(delivery: Delivery, now: number): Delivery {
  // By the breaker: it goes as soon as the receiver answers the order that asks for all.
  if (delivery.state === 'held') return { ...delivery, replayed: true }
  const due: Delivery = { ...delivery, state: 'pending', nextAttemptAt: now, replayed: true }
  if (delivery.state === 'pending') return due
  return { ...due, reason: null, attemptsSpent: 0, firstAttemptAt: null }
}
