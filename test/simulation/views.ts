/**
 * What three parties know when everything is over: the provider, the merchants, the gateway. The simulation
 * and the kill tests fill them in, each from its own world; the checker compares them. Times are unix ms.
 */

/** The truth about money. */
export interface ProviderView {
  /** Every top-up that was ever accepted, in the order of acceptance. */
  readonly topups: readonly ProviderTopup[]
  /** Every call that reached the provider, whether or not its answer arrived anywhere. */
  readonly calls: readonly ProviderCall[]
  /** What somebody else made on the account. Null where the world has no books. */
  readonly elsewhere: readonly { readonly id: string; readonly at: number }[] | null
}

export interface ProviderTopup {
  readonly id: string
  /** As the gateway gave it. */
  readonly upstreamRef: string
  readonly planCode: string
  readonly msisdn: string
  readonly amountDzd: number
  readonly acceptedAt: number
  /** Each status it ever had, with the time it began; the last one is the truth now. */
  readonly statuses: readonly { readonly at: number; readonly status: string }[]
}

export interface ProviderCall {
  readonly at: number
  readonly kind: 'send' | 'look' | 'list'
  /** Null for a list. */
  readonly upstreamRef: string | null
}

/** One merchant's program and the receiver behind his endpoints. */
export interface MerchantView {
  readonly merchantId: string
  /** Every send he made; a ref may be sent several times. */
  readonly sends: readonly MerchantSend[]
  /** Every callback that reached his receiver, in the order of arrival, also those that he answered badly. */
  readonly received: readonly ReceivedCallback[]
  readonly endpoints: readonly {
    readonly id: string
    readonly state: 'active' | 'paused' | 'disabled' | 'unverified'
  }[]
}

export interface MerchantSend {
  readonly ref: string
  readonly planCode: string
  readonly msisdn: string
  readonly amountDzd: number
  readonly at: number
  /** `none`: the connection ended without an answer, so he knows nothing. */
  readonly answer:
    | { readonly kind: 'ok'; readonly topupId: string; readonly replayed: boolean }
    | { readonly kind: 'refused'; readonly httpStatus: number; readonly code: string }
    | { readonly kind: 'none' }
}

export interface ReceivedCallback {
  readonly at: number
  readonly endpointId: string
  /** The `webhook-id` header. */
  readonly eventId: string
  /** Byte for byte. */
  readonly body: string
  /** He answered with 2xx, and the answer left his server. */
  readonly accepted: boolean
}

export interface GatewayView {
  readonly orders: readonly GatewayOrder[]
  /** What its operator was told: money that left the account for no order. */
  readonly losses: readonly GatewayLoss[]
}

export interface GatewayLoss {
  readonly kind: string
  /** The top-up that took it; null where none is known. */
  readonly topupId: string | null
}

/** What is durable of an order, and the alarm that is durable with it. */
export interface GatewayOrder {
  readonly merchantId: string
  readonly ref: string
  readonly upstreamRef: string
  readonly topupId: string | null
  readonly status: string
  readonly final: boolean
  readonly stateVersion: number
  readonly createdAt: number
  /** When it became final first; null while it is not. */
  readonly settledAt: number | null
  /** The next time it is awake by itself; null when none is set. */
  readonly alarmAt: number | null
  readonly flagged: boolean
  readonly events: readonly {
    readonly id: string
    readonly type: string
    readonly stateVersion: number
    readonly body: string
  }[]
  readonly deliveries: readonly {
    readonly eventId: string
    readonly endpointId: string
    readonly state: 'pending' | 'delivered' | 'held' | 'failed' | 'cancelled'
    readonly attempts: number
  }[]
}

export interface Views {
  /** The moment at which they were taken. */
  readonly at: number
  readonly provider: ProviderView
  readonly merchants: readonly MerchantView[]
  readonly gateway: GatewayView
}

/** A promise that was broken, in one sentence, about one ref. */
export interface Violation {
  readonly promise: string
  readonly ref: string
  readonly what: string
}
