/** Which delivery is due, and what an answer means for it. Pure. All times are unix milliseconds. */
import type { AttemptResult } from '../callback/deliver'
import { deliveryId } from './delivery-id'
import type { Delivery, Environment, FeedEventType, Order, OrderEvent } from './state'

/** What the outbox must know of a merchant's endpoint. */
export interface EndpointState {
  readonly id: string
  readonly url: string
  readonly state: 'active' | 'unverified' | 'paused' | 'disabled'
  readonly environment: Environment
  readonly events: readonly FeedEventType[]
}

/**
 * Pause before each attempt: dense while a customer waits at the counter, then long enough to outlive
 * a weekend of broken hosting (about 70 h).
 */
export const ATTEMPT_DELAYS_SECONDS = [
  0, 5, 15, 60, 300, 900, 3_600, 10_800, 21_600, 43_200, 86_400, 86_400,
] as const
/** ±15 %, so that a receiver that comes back is not met by everything at once. */
const JITTER = 0.15
/** Honouring a longer `Retry-After` would let one header silence callbacks for days. */
const RETRY_AFTER_CAP_SECONDS = 3_600
/** For this long a `Retry-After` costs no attempt; after it, the schedule counts down all the same. */
const THROTTLE_GRACE_MS = 72 * 3_600_000
/** Free attempts climb the schedule up to here. */
const THROTTLED_MAX_SECONDS = 900
/** A record has room for 2 MB: four events, ten endpoints and thirty attempts of this fit well. */
const ANSWER_KEPT_CHARACTERS = 512
/** The attempts kept with the order: all of the schedule, and the newest throttled ones. */
const ATTEMPTS_KEPT = 30

/** Turns events that were not handed out yet into deliveries for the endpoints of the moment. */
export function fanOut(order: Order, endpoints: readonly EndpointState[], now: number): Order {
  const fresh = order.events.filter((event) => !event.fannedOut)
  if (fresh.length === 0) return order
  const deliveries = fresh.flatMap((event) =>
    endpoints
      .filter((endpoint) => isFor(endpoint, order, event))
      .map((endpoint) => newDelivery(event, endpoint, now)),
  )
  return {
    ...order,
    events: order.events.map((event) => (event.fannedOut ? event : { ...event, fannedOut: true })),
    deliveries: [...order.deliveries, ...deliveries],
  }
}

/** An endpoint that is not active holds its deliveries; when it is active again they are due at once. */
export function followEndpoints(order: Order, endpoints: readonly EndpointState[], now: number): Order {
  const byId = new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]))
  const deliveries = order.deliveries.map((delivery) => follow(delivery, byId.get(delivery.endpointId), now))
  const changed = deliveries.some((delivery, index) => delivery !== order.deliveries[index])
  return changed ? { ...order, deliveries } : order
}

export function dueDeliveries(order: Order, now: number): readonly Delivery[] {
  return order.deliveries.filter(
    ({ state, nextAttemptAt }) => state === 'pending' && nextAttemptAt !== null && nextAttemptAt <= now,
  )
}

/** Each time at which the outbox wants attention; an event not handed out does since it was made. */
export function deliveryTimes(order: Order): readonly number[] {
  return [
    ...order.events.filter((event) => !event.fannedOut).map((event) => event.createdAt),
    ...order.deliveries.map((delivery) => delivery.nextAttemptAt).filter((time) => time !== null),
  ]
}

/** Whether the endpoints' states matter to this order at all. */
export function hasOpenDeliveries(order: Order): boolean {
  return (
    order.events.some((event) => !event.fannedOut) ||
    order.deliveries.some(({ state }) => state === 'pending' || state === 'held')
  )
}

/** Records one attempt. `random` is in [0, 1). */
export function attempted(
  order: Order,
  deliveryId: string,
  result: AttemptResult,
  now: number,
  random: number,
): Order {
  return {
    ...order,
    deliveries: order.deliveries.map((delivery) =>
      delivery.id === deliveryId ? conclude(delivery, result, now, random) : delivery,
    ),
  }
}

export function conclude(delivery: Delivery, result: AttemptResult, now: number, random: number): Delivery {
  const attempt = toAttempt(result, now)
  const firstAttemptAt = delivery.firstAttemptAt ?? attempt.at
  const free = isThrottle(result) && now - firstAttemptAt < THROTTLE_GRACE_MS
  const tried: Delivery = {
    ...delivery,
    attempts: [...delivery.attempts, attempt].slice(-ATTEMPTS_KEPT),
    attemptsSpent: delivery.attemptsSpent + (free ? 0 : 1),
    firstAttemptAt,
    nextAttemptAt: null,
  }
  if (result.outcome === 'delivered') return { ...tried, state: 'delivered', reason: null }
  if (result.outcome === 'gone') return { ...tried, state: 'held', reason: 'gone' }
  const delaySeconds = ATTEMPT_DELAYS_SECONDS[Math.max(1, tried.attemptsSpent)]
  if (delaySeconds === undefined) return { ...tried, state: 'failed', reason: 'exhausted' }
  const scheduledMs = (free ? throttledSeconds(tried) : delaySeconds) * 1_000
  const jitteredMs = Math.round(scheduledMs * (1 + JITTER * (2 * random - 1)))
  const nextAttemptAt = now + Math.max(jitteredMs, askedMs(result))
  return { ...tried, state: 'pending', reason: result.outcome, nextAttemptAt }
}

/** The least pause after a free attempt: `Retry-After: 0` must not mean one every few seconds for days. */
function throttledSeconds({ attempts }: Delivery): number {
  const step = Math.min(attempts.length, ATTEMPT_DELAYS_SECONDS.indexOf(THROTTLED_MAX_SECONDS))
  return ATTEMPT_DELAYS_SECONDS[step] ?? THROTTLED_MAX_SECONDS
}

/** The pause the receiver asked for, as far as it is believed. */
function askedMs(result: AttemptResult): number {
  return isThrottle(result) ? Math.min(result.retryAfterSeconds ?? 0, RETRY_AFTER_CAP_SECONDS) * 1_000 : 0
}

function isThrottle({ outcome, retryAfterSeconds }: AttemptResult): boolean {
  return outcome === 'throttled' && retryAfterSeconds !== null
}

export function follow(delivery: Delivery, endpoint: EndpointState | undefined, now: number): Delivery {
  if (delivery.state !== 'pending' && delivery.state !== 'held') return delivery
  if (endpoint === undefined) {
    return { ...delivery, state: 'cancelled', reason: 'endpoint_deleted', nextAttemptAt: null }
  }
  const moved = delivery.url === endpoint.url ? delivery : { ...delivery, url: endpoint.url }
  if (endpoint.state === 'active') {
    return moved.state === 'held' ? { ...moved, state: 'pending', reason: null, nextAttemptAt: now } : moved
  }
  // "gone" says more than "disabled", which it led to.
  const told = moved.reason === 'gone' ? 'disabled' : moved.reason
  if (moved.state === 'held' && told === endpoint.state) return moved
  return { ...moved, state: 'held', reason: endpoint.state, nextAttemptAt: null }
}

function isFor(endpoint: EndpointState, order: Order, event: OrderEvent): boolean {
  return endpoint.environment === order.intent.environment && endpoint.events.includes(event.type)
}

export function newDelivery(
  event: Pick<OrderEvent, 'id' | 'createdAt'>,
  endpoint: EndpointState,
  now: number,
): Delivery {
  const active = endpoint.state === 'active'
  return {
    id: deliveryId(event, endpoint.id),
    eventId: event.id,
    endpointId: endpoint.id,
    url: endpoint.url,
    state: active ? 'pending' : 'held',
    reason: active ? null : endpoint.state,
    attemptsSpent: 0,
    nextAttemptAt: active ? now : null,
    firstAttemptAt: null,
    replayed: false,
    replay: null,
    attempts: [],
  }
}

function toAttempt(result: AttemptResult, now: number): Delivery['attempts'][number] {
  const { outcome, httpStatus, durationMs, answer } = result
  const kept = answer.slice(0, ANSWER_KEPT_CHARACTERS)
  return { at: now - durationMs, outcome, httpStatus, durationMs, answer: kept }
}
