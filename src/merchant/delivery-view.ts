/** A delivery as the merchant sees it. Pure. */
import { type Why, type WhyTexts, why } from '../callback/why'
import type { Attempt, Delivery } from '../order/state'

/** A delivery and what it delivers, as objects hand it out: without words for people. */
export interface EventDelivery {
  readonly delivery: Delivery
  readonly ref: string
  readonly type: string
}

export interface DeliveryView {
  readonly id: string
  readonly event_id: string
  readonly event_type: string
  readonly ref: string
  readonly endpoint_id: string
  readonly url: string
  readonly state: string
  readonly reason: string | null
  readonly next_attempt_at: string | null
  /** Why it has not arrived, for people; null once it has. */
  readonly why: Why | null
  readonly replayed: boolean
  readonly attempts: readonly AttemptView[]
}

interface AttemptView {
  readonly at: string
  readonly outcome: string
  readonly http_status: number | null
  readonly duration_ms: number
  readonly answer: string
}

export function deliveryView({ delivery, ref, type }: EventDelivery, texts: WhyTexts): DeliveryView {
  return {
    id: delivery.id,
    event_id: delivery.eventId,
    event_type: type,
    ref,
    endpoint_id: delivery.endpointId,
    url: delivery.url,
    state: delivery.state,
    reason: delivery.reason,
    next_attempt_at: iso(delivery.nextAttemptAt),
    why: why(delivery, texts),
    replayed: delivery.replayed,
    attempts: delivery.attempts.map(attemptView),
  }
}

function attemptView({ at, outcome, httpStatus, durationMs, answer }: Attempt): AttemptView {
  return { at: new Date(at).toISOString(), outcome, http_status: httpStatus, duration_ms: durationMs, answer }
}

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString()
}
