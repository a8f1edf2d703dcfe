/**
 * The body of a callback: Standard Webhooks 1.0's `{type, timestamp, data}`. Rendered once, when the
 * status is committed; every attempt and every replay sends these bytes.
 */
import { type EventType, isFinal, type Order, type OrderEvent, type Status } from '../order/state'
import { topupView } from '../order/view'

/** `order` is already in its new state; the id follows from it, so an event told twice has one id. */
export function renderEvent(order: Order, type: EventType, previousStatus: Status, now: number): OrderEvent {
  const data = {
    ...topupView(order),
    final: isFinal(order),
    state_version: order.stateVersion,
    previous_status: previousStatus,
    environment: order.intent.environment,
  }
  return {
    id: `evt_${order.gatewayId}_${order.stateVersion}`,
    type,
    stateVersion: order.stateVersion,
    createdAt: now,
    body: JSON.stringify({ type, timestamp: new Date(now).toISOString(), data }),
    fannedOut: false,
  }
}

/** The signed question that proves an endpoint: its JSON answer must echo `data.challenge`. */
export function renderVerification(endpointId: string, challenge: string, now: number): string {
  return JSON.stringify({
    type: 'endpoint.verification',
    timestamp: new Date(now).toISOString(),
    data: { challenge, endpoint_id: endpointId },
  })
}
