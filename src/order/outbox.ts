/** Which delivery is due, and what an answer means for it. Pure. All times are unix milliseconds. */
import type { AttemptResult } from '../callback/deliver'
import { calledBy } from './callback-url'
import { deliveryId } from './delivery-id'
import type { Attempt, Delivery, Environment, FeedEventType, Order, OrderEvent } from './state'

/** What the outbox must know of a merchant's endpoint. */
export interface EndpointState {
  readonly id: string
  readonly url: string
  /** `breaker`: its receiver does not answer, and another order asks it for all. */
  readonly state: 'active' | 'unverified' | 'paused' | 'disabled' | 'breaker'
  readonly environment: Environment
  readonly events: readonly FeedEventType[]
  /** Of what is held, only the newest of an order goes out. */
  readonly foldSuperseded: boolean
  /** Deleted endpoints whose events it takes over. */
  readonly replaces: readonly string[]
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
/** What only a human mends (4xx, a redirect, a forbidden target) is not asked about every few seconds. */
const SLOW_TRACK_SECONDS = 300
const SLOW_TRACK: ReadonlySet<string> = new Set(['refused', 'redirected', 'forbidden'])
/** After a try that failed by our own fault. */
const NOT_TRIED_SECONDS = 30
/**
 * Of older attempts; the newest keeps all that was read. A record has room for 2 MB: four events, ten endpoints and
 * thirty attempts of this fit, in any script.
 */
const ANSWER_KEPT_CHARACTERS = 512
/** The attempts kept with the order: all of the schedule, and the newest throttled ones. */
const ATTEMPTS_KEPT = 30

/** Turns events that were not handed out yet into deliveries for the endpoints of the moment. */
export function fanOut(order: Order, endpoints: readonly EndpointState[], now: number): Order {
  const fresh = order.events.filter((event) => !event.fannedOut)
  if (fresh.length === 0) return order
  const called = calledBy(order.intent, endpoints)
  const deliveries = fresh.flatMap((event) =>
    called
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
  const called = calledBy(order.intent, endpoints)
  const deliveries = [...order.deliveries]
  order.deliveries.forEach((delivery, index) => {
    // One after the other: what one took over, the next one finds there already.
    deliveries[index] = followed(delivery, { ...order, deliveries }, called, now)
  })
  const changed = deliveries.some((delivery, index) => delivery !== order.deliveries[index])
  return changed ? { ...order, deliveries } : order
}

function followed(
  delivery: Delivery,
  order: Order,
  endpoints: readonly EndpointState[],
  now: number,
): Delivery {
  if (!isOpen(delivery)) return delivery
  const endpoint = endpointOf(delivery, order, endpoints)
  if (endpoint === undefined) return cancelled(delivery, 'endpoint_deleted')
  if (isFolded(delivery, endpoint, order)) return cancelled(delivery, 'superseded')
  return follow(delivery, endpoint, now)
}

/** What may be attempted now: of several events for one endpoint the newest first, the others after it. */
export function dueDeliveries(order: Order, now: number): readonly Delivery[] {
  const due = order.deliveries.filter(
    ({ state, nextAttemptAt }) => state === 'pending' && nextAttemptAt !== null && nextAttemptAt <= now,
  )
  return due.filter((delivery) => !due.some((other) => isNewer(other, delivery, order)))
}

/** The endpoints this order has something for; null while an event was not handed out yet: perhaps any. */
export function concernedEndpoints(order: Order): readonly string[] | null {
  if (order.events.some((event) => !event.fannedOut)) return null
  return order.deliveries.filter(isOpen).map(({ endpointId }) => endpointId)
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
  return order.events.some((event) => !event.fannedOut) || order.deliveries.some(isOpen)
}

/** Records one attempt. A `probe` of a silent receiver is made for all and costs none. `random` is in [0, 1). */
export function attempted(
  order: Order,
  deliveryId: string,
  result: AttemptResult,
  now: number,
  random: number,
  probe = false,
): Order {
  return {
    ...order,
    deliveries: order.deliveries.map((delivery) =>
      delivery.id === deliveryId ? conclude(delivery, result, now, random, probe) : delivery,
    ),
  }
}

export function conclude(
  delivery: Delivery,
  result: AttemptResult,
  now: number,
  random: number,
  probe = false,
): Delivery {
  if (result.outcome === 'not_tried') return putOff(delivery, now, random)
  const attempt = toAttempt(result, now)
  const firstAttemptAt = delivery.firstAttemptAt ?? attempt.at
  const free = probe || (isThrottle(result) && now - firstAttemptAt < THROTTLE_GRACE_MS)
  const tried: Delivery = {
    ...delivery,
    attempts: [...delivery.attempts.map(shortened), attempt].slice(-ATTEMPTS_KEPT),
    attemptsMade: delivery.attemptsMade + 1,
    attemptsSpent: delivery.attemptsSpent + (free ? 0 : 1),
    firstAttemptAt,
    nextAttemptAt: null,
  }
  if (result.outcome === 'delivered') return { ...tried, state: 'delivered', reason: null }
  if (result.outcome === 'gone') return { ...tried, state: 'held', reason: 'gone' }
  const delaySeconds = ATTEMPT_DELAYS_SECONDS[Math.max(1, tried.attemptsSpent)]
  if (delaySeconds === undefined) return { ...tried, state: 'failed', reason: 'exhausted' }
  const paced = isThrottle(result) && free ? throttledSeconds(tried) : delaySeconds
  const nextAttemptAt =
    now + Math.max(jitteredMs(paced, random), askedMs(result), slowTrackMs(result, random))
  return { ...tried, state: 'pending', reason: result.outcome, nextAttemptAt }
}

/** Nothing was sent, and not for a reason of the receiver's: no attempt is noted, none is spent. */
function putOff(delivery: Delivery, now: number, random: number): Delivery {
  const nextAttemptAt = now + jitteredMs(NOT_TRIED_SECONDS, random)
  return { ...delivery, state: 'pending', reason: 'not_tried', nextAttemptAt }
}

function jitteredMs(seconds: number, random: number): number {
  return Math.round(seconds * 1_000 * (1 + JITTER * (2 * random - 1)))
}

/** The least pause on the slow track: it varies too, but is never shorter. */
function slowTrackMs({ outcome }: AttemptResult, random: number): number {
  return SLOW_TRACK.has(outcome) ? Math.round(SLOW_TRACK_SECONDS * 1_000 * (1 + JITTER * random)) : 0
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

function isOpen({ state }: Delivery): boolean {
  return state === 'pending' || state === 'held'
}

function cancelled(delivery: Delivery, reason: string): Delivery {
  return { ...delivery, state: 'cancelled', reason, nextAttemptAt: null }
}

/** Its own, or the one that took over its events and was not told of this one itself. */
function endpointOf(
  delivery: Delivery,
  order: Order,
  endpoints: readonly EndpointState[],
): EndpointState | undefined {
  const own = endpoints.find(({ id }) => id === delivery.endpointId)
  const heir = own ?? endpoints.find(({ replaces }) => replaces.includes(delivery.endpointId))
  const hasOne = order.deliveries.some(
    (other) => other !== delivery && other.eventId === delivery.eventId && other.endpointId === heir?.id,
  )
  return own ?? (hasOne ? undefined : heir)
}

/** Asked for by the merchant: who was away needs only the newest state. */
function isFolded(delivery: Delivery, endpoint: EndpointState, order: Order): boolean {
  if (delivery.state !== 'held' || endpoint.state !== 'active' || !endpoint.foldSuperseded) return false
  return order.deliveries.some((other) => other.state !== 'cancelled' && isNewer(other, delivery, order))
}

/** For the same endpoint, of a later event. */
function isNewer(a: Delivery, b: Delivery, { events }: Order): boolean {
  if (a.endpointId !== b.endpointId) return false
  const versionOf = ({ eventId }: Delivery) => events.find(({ id }) => id === eventId)?.stateVersion ?? 0
  return versionOf(a) > versionOf(b)
}

/** Of what no order has: see the merchant's summaries. */
export function followOne(delivery: Delivery, endpoint: EndpointState | undefined, now: number): Delivery {
  if (!isOpen(delivery)) return delivery
  return endpoint === undefined ? cancelled(delivery, 'endpoint_deleted') : follow(delivery, endpoint, now)
}

function follow(delivery: Delivery, endpoint: EndpointState, now: number): Delivery {
  const { id: endpointId, url } = endpoint
  const same = delivery.url === url && delivery.endpointId === endpointId
  const moved = same ? delivery : { ...delivery, endpointId, url }
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
    attemptsMade: 0,
    nextAttemptAt: active ? now : null,
    firstAttemptAt: null,
    replayed: false,
    replay: null,
    attempts: [],
  }
}

function toAttempt(result: AttemptResult, now: number): Attempt {
  const { outcome, httpStatus, durationMs, answer } = result
  return { at: now - durationMs, outcome, httpStatus, durationMs, answer }
}

function shortened(attempt: Attempt): Attempt {
  return { ...attempt, answer: attempt.answer.slice(0, ANSWER_KEPT_CHARACTERS) }
}
