/** An order as it is compared with what the provider shows. Pure. */
import type { OurOrder } from '../reconcile/ours'
import type { Order } from './state'
import { topupView } from './view'

/** From the order itself: it also knows on which account it went out. */
export interface ComparableOrder extends OurOrder {
  readonly wallet: string
}

export function comparable(order: Order, objectId: string): ComparableOrder {
  const { merchantId, environment, ref, upstreamRef, wallet, request } = order.intent
  return {
    objectId,
    merchantId,
    environment,
    ref,
    upstreamRef,
    wallet,
    createdAt: order.createdAt,
    revision: order.revision,
    topupId: order.topupId ?? order.gatewayId,
    providerId: order.providerId,
    phase: order.phase,
    status: order.status,
    planCode: request.planCode,
    msisdn: request.msisdn,
    amountDzd: topupView(order).topup_amount,
    askedDzd: request.amountDzd,
    settledAt: order.settledAt,
  }
}
