/** What the book keeps of an order. Pure. */
import type { BookEntry } from '../merchant/book-entry'
import { OPERATOR_WALLET } from './name'
import type { Order } from './state'
import { topupView } from './view'

/** `dueAt`: when the order wakes by itself (unix ms); null when nothing is left to do. */
export function bookEntry(order: Order, objectId: string, dueAt: number | null): BookEntry {
  const { intent, events } = order
  return {
    objectId,
    environment: intent.environment,
    ref: intent.ref,
    createdAt: order.createdAt,
    revision: order.revision,
    gatewayId: order.gatewayId,
    topupId: order.topupId ?? order.gatewayId,
    providerId: order.providerId === order.topupId ? null : order.providerId,
    phase: order.phase,
    status: order.status,
    stateVersion: order.stateVersion,
    planCode: intent.request.planCode,
    msisdn: intent.request.msisdn,
    topupAmountDzd: topupView(order).topup_amount,
    askedDzd: intent.request.amountDzd,
    wallet: intent.wallet,
    // Movements of an account of his own are the provider's to tell.
    chargedDzd: intent.wallet === OPERATOR_WALLET ? order.chargedDzd : null,
    topup: topupView(order),
    settledAt: order.settledAt,
    dueAt,
    events: events.map(({ fannedOut, ...event }) => ({ ...event, ref: intent.ref })),
    deliveries: order.deliveries,
  }
}
