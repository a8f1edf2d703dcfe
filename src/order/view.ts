/** The provider's own top-up object (check-ref, check-id, list rows) as the merchant sees it. Pure. */
import type { StatusPageView } from '../pages/status-page'
import { type Delivery, isFinal, type Order } from './state'

/** Wire names are the provider's. `refund_message` and `suggested_offers` only where it sends them. */
export interface TopupView {
  readonly _id: string
  readonly ref: string
  readonly status: string
  readonly plan_code: string
  readonly MSSIDN: string
  /** DZD face value; 0 while the provider has not said it and the merchant sent none. */
  readonly topup_amount: number
  /** DZD taken from the balance; 0 while not known and once refunded. */
  readonly balance_amount: number
  readonly created_at: string
  readonly refund_message?: string
  readonly suggested_offers?: readonly { typename: string; plan_code: string; amount: number }[]
}

export function topupView(order: Order): TopupView {
  const { intent, seen } = order
  return {
    _id: order.topupId ?? order.gatewayId,
    ref: intent.ref,
    status: order.status,
    plan_code: intent.request.planCode,
    MSSIDN: intent.request.msisdn,
    topup_amount: seen?.topupAmountDzd ?? intent.request.amountDzd ?? 0,
    balance_amount: order.status === 'REFUNDED' ? 0 : (seen?.balanceAmountDzd ?? 0),
    created_at: new Date(order.createdAt).toISOString(),
    ...(seen?.refundMessage == null ? {} : { refund_message: seen.refundMessage }),
    ...(seen?.suggestedOffers == null
      ? {}
      : {
          suggested_offers: seen.suggestedOffers.map((offer) => ({
            typename: offer.typename,
            plan_code: offer.planCode,
            amount: offer.amountDzd,
          })),
        }),
  }
}

/** What the gateway adds to the provider's object. Times are unix ms. */
export interface Snapshot {
  readonly topup: TopupView
  readonly final: boolean
  readonly stateVersion: number
  readonly settledAt: number | null
  /** When the provider is asked next; null when it is not. */
  readonly nextCheckAt: number | null
  /** By when a result is likely; null when it is there, or nobody can tell. */
  readonly expectedAt: number | null
  /** It takes longer than 199 of 200 others of its plan. */
  readonly isLate: boolean
  /** Its place among the sends that wait for their turn, from 1; null when it does not wait. */
  readonly queuePosition: number | null
  readonly callback: CallbackState
  /** Why a human should look at it; null when nobody needs to. */
  readonly flag: Order['flag']
  readonly warnings: Order['warnings']
  /** The path part of the customer's link, `/t/{statusToken}`. */
  readonly statusToken: string
}

export function snapshot(
  order: Order,
  nextCheckAt: number | null,
  statusToken: string,
  now: number,
  queuePosition: number | null = null,
): Snapshot {
  return {
    ...expectation(order, now),
    queuePosition: order.phase === 'queued' ? queuePosition : null,
    topup: topupView(order),
    final: isFinal(order),
    stateVersion: order.stateVersion,
    settledAt: order.settledAt,
    nextCheckAt,
    callback: callbackState(order),
    flag: order.flag,
    warnings: order.warnings,
    statusToken,
  }
}

/** Whoever is past the time by which most are settled is told the one by which nearly all are; then none. */
function expectation({ phase, expected }: Order, now: number): Pick<Snapshot, 'expectedAt' | 'isLate'> {
  if (phase !== 'tracking' || expected === null) return { expectedAt: null, isLate: false }
  const { at, lateAt } = expected
  return { expectedAt: [at, lateAt].find((time) => time > now) ?? null, isLate: now >= lateAt }
}

/** What the customer may see: nothing of the merchant's. */
export function pageView(order: Order, nextCheckAt: number | null): StatusPageView {
  const { topup_amount, suggested_offers } = topupView(order)
  return {
    status: order.status,
    final: isFinal(order),
    amountDzd: topup_amount || null,
    msisdn: order.intent.request.msisdn,
    createdAt: order.createdAt,
    ...progress(order),
    settledAt: order.settledAt,
    nextCheckAt,
    refundMessage: order.seen?.refundMessage ?? null,
    suggestedOffers: suggested_offers ?? [],
  }
}

/** From the order's story, as far as it is kept: a folded order has none. */
function progress({ history }: Order): Pick<StatusPageView, 'acceptedAt' | 'deliveringAt'> {
  // The words of `inWords` for "the provider has it".
  const accepted = history.find(({ result }) => /^(?:accepted|found)\b/.test(result))
  const delivering = history.find(({ status }) => status === 'HANDLING')
  return { acceptedAt: accepted?.at ?? null, deliveringAt: delivering?.at ?? null }
}

/** How far the newest event has come: the least finished of its deliveries. */
export type CallbackState = 'none' | 'pending' | 'held' | 'failed' | 'delivered'

export function callbackState(order: Order): CallbackState {
  const event = order.events.at(-1)
  if (event === undefined) return order.folded?.callback ?? 'none'
  if (!event.fannedOut) return 'pending'
  const states = order.deliveries.filter(({ eventId }) => eventId === event.id).map(({ state }) => state)
  const least: Delivery['state'][] = ['pending', 'held', 'failed', 'delivered']
  const state = least.find((candidate) => states.includes(candidate))
  return state === undefined || state === 'cancelled' ? 'none' : state
}
