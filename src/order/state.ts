/** The order's record: the words of the design as types. Everything here is plain data. */
import type { Step } from './history'
import type { CallbackState } from './view'

export type Environment = 'sandbox' | 'production'

export const STATUSES = ['PENDING', 'HANDLING', 'UNKNOWN_ERROR', 'FULFILLED', 'REFUNDED'] as const

/** What a merchant may see. The first two and UNKNOWN_ERROR are not final. */
export type Status = (typeof STATUSES)[number]

/** A refused send leaves nothing that could be listed. */
export const LISTED_PHASES = ['queued', 'sending', 'in_doubt', 'tracking', 'unknown', 'settled'] as const

export type Phase = (typeof LISTED_PHASES)[number] | 'refused'

export type EventType = 'topup.fulfilled' | 'topup.refunded' | 'topup.unknown' | 'topup.reversed'

export const EVENT_TYPES: readonly EventType[] = [
  'topup.fulfilled',
  'topup.refunded',
  'topup.unknown',
  'topup.reversed',
]

/** Of no one order; only endpoints that name them get them. */
export const SUMMARY_EVENT = 'summary.daily'
export const RECONCILIATION_EVENT = 'reconciliation.completed'

/** What there is in the feed of events, and what an endpoint may want. */
export type FeedEventType = EventType | typeof SUMMARY_EVENT | typeof RECONCILIATION_EVENT

export const FEED_EVENT_TYPES: readonly FeedEventType[] = [
  ...EVENT_TYPES,
  SUMMARY_EVENT,
  RECONCILIATION_EVENT,
]

/** What the merchant asked for. Two sends of one `ref` are the same when these fields and the callback URL are. */
export interface TopupRequest {
  readonly planCode: string
  readonly msisdn: string
  /** Whole DZD as sent; null when the merchant sent none. */
  readonly amountDzd: number | null
}

export interface Intent {
  readonly merchantId: string
  readonly environment: Environment
  /** The merchant's own reference, or the one made for him. */
  readonly ref: string
  /** Name of the wallet object that speaks to the provider for this order. */
  readonly wallet: string
  /** Which provider account the wallet spoke for when the order was sent: see `accountOf`. */
  readonly account: string
  /** The `ref` the provider is given; never changes, also when the order is sent again. */
  readonly upstreamRef: string
  readonly request: TopupRequest
  /** Stands in for this endpoint's own URL in all that is told of this order: see callback-url.ts. */
  readonly callback: { readonly url: string; readonly endpointId: string } | null
}

/** The provider's top-up object (check-ref, check-id, list rows), fields as last seen. */
export interface Topup {
  readonly id: string
  readonly ref: string | null
  /** The provider's word, whatever it is; only `machine.ts` decides what it means. */
  readonly status: string
  readonly planCode: string | null
  readonly msisdn: string | null
  readonly topupAmountDzd: number | null
  /** What was taken from the wallet, DZD; 0 once refunded. */
  readonly balanceAmountDzd: number | null
  readonly refundMessage: string | null
  readonly suggestedOffers: readonly SuggestedOffer[] | null
}

export interface SuggestedOffer {
  readonly typename: string
  readonly planCode: string
  readonly amountDzd: number
}

/** The provider's own error answer to a send. */
export interface Refusal {
  readonly httpStatus: number
  readonly code: string
  readonly message: string
  /** The provider's `details` as JSON text, passed on unread; null when it sent none. */
  readonly detailsJson: string | null
  readonly retryAfterSeconds: number | null
}

/** Something the merchant should know about a send that went out all the same. */
export interface Warning {
  readonly code: 'PREFIX_MISMATCH' | 'REPEATED_TOPUP'
  readonly message: string
}

/** What a send came to. `found`: the provider says that the ref exists, which is good news. */
export type SubmitOutcome =
  | { readonly kind: 'accepted'; readonly topupId: string }
  | { readonly kind: 'found'; readonly topup: Topup | null }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'in_doubt'; readonly reason: string; readonly refusal: Refusal | null }
  /** Not a byte left: the wallet calls when its turn comes. */
  | { readonly kind: 'queued'; readonly position: number }

/** What a look-up by ref came to. Only `not_found` says that the provider does not know the ref. */
export type LookOutcome =
  | { readonly kind: 'found'; readonly topup: Topup }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'no_answer'; readonly reason: string; readonly retryAfterSeconds: number | null }

/** By when a result is likely, and from when on its absence is strange; unix ms. Learnt from others of its plan. */
export interface Expected {
  readonly at: number
  readonly lateAt: number
}

/** Look-ups since the last send that said "not found": the first half of a proof of absence. */
export interface Absence {
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
}

/** A fact that merchants are told. The bytes are rendered once and never again. */
export interface OrderEvent {
  readonly id: string
  readonly type: EventType
  readonly stateVersion: number
  readonly createdAt: number
  readonly body: string
  /** False until the merchant's endpoints were asked for: see outbox.ts. */
  readonly fannedOut: boolean
}

export const DELIVERY_STATES = ['pending', 'delivered', 'held', 'failed', 'cancelled'] as const

export type DeliveryState = (typeof DELIVERY_STATES)[number]

/** One event for one endpoint. */
export interface Delivery {
  readonly id: string
  readonly eventId: string
  readonly endpointId: string
  readonly url: string
  readonly state: DeliveryState
  /** Why it is held, failed or cancelled; one short word. */
  readonly reason: string | null
  /** Attempts that count against the schedule; a throttled one does not, and a probe does not. */
  readonly attemptsSpent: number
  /** All of them, also those that are no longer kept. */
  readonly attemptsMade: number
  readonly nextAttemptAt: number | null
  readonly firstAttemptAt: number | null
  /** Asked for again since it was made; its attempts say so from then on. */
  readonly replayed: boolean
  /** The bulk replay that asked for it last: none asks twice, whatever dies meanwhile. */
  readonly replay: string | null
  /** The newest of them. */
  readonly attempts: readonly Attempt[]
}

/** One HTTP try of a delivery. */
export interface Attempt {
  readonly at: number
  readonly outcome: string
  readonly httpStatus: number | null
  readonly durationMs: number
  /** The first bytes of the receiver's answer, cleaned. */
  readonly answer: string
}

/** Times are unix milliseconds. */
export interface Order {
  readonly intent: Intent
  readonly phase: Phase
  readonly status: Status
  /** 1 when accepted, one more with each event. */
  readonly stateVersion: number
  /** Counts commits, so that a late copy never overwrites a newer one in the book. */
  readonly revision: number
  /** Made with the intent, so that an answer can be given while the provider's id is unknown. */
  readonly gatewayId: string
  readonly providerId: string | null
  /** What the merchant calls it: frozen the first time he is told, for ever. */
  readonly topupId: string | null
  /** The unguessable half of the customer's status link. */
  readonly pageSecret: string
  readonly createdAt: number
  /** When the latest send left; more than one only after proven absence. */
  readonly submittedAt: number
  readonly submissions: number
  readonly phaseSince: number
  readonly settledAt: number | null
  /** Null while it is not accepted, or nothing is known. */
  readonly expected: Expected | null
  readonly absence: Absence | null
  /** A refusal that is believed only once absence is proven too. */
  readonly refusal: Refusal | null
  readonly seen: Topup | null
  /** DZD that the provider was seen to have taken for it, refunded or not; null when never seen. */
  readonly chargedDzd: number | null
  /** Found when it was sent; the merchant sees them with every answer. */
  readonly warnings: readonly Warning[]
  readonly history: readonly Step[]
  /** Why a human should look at it; it is looked up all the same. */
  readonly flag: { readonly at: number; readonly reason: string } | null
  readonly events: readonly OrderEvent[]
  readonly deliveries: readonly Delivery[]
  /**
   * Set when all but the above was let go, and with it how far its last event had come by then: see fold.ts. What became
   * of it since is there again.
   */
  readonly folded: { readonly at: number; readonly callback: CallbackState } | null
}

export function isFinal(order: Order): boolean {
  return order.phase === 'settled'
}
