import type { AttemptOutcome, AttemptResult } from '../../../src/callback/deliver'
import { begin, called, interrupted, looked, provenAbsent, submitted } from '../../../src/order/machine'
import type { EndpointState } from '../../../src/order/outbox'
import type { Delivery, Intent, LookOutcome, Order, Refusal, Topup } from '../../../src/order/state'

/** Noon of an ordinary day: the send of every order here. */
export const NOW = Date.UTC(2026, 1, 1, 12)
export const GATEWAY_ID = 'aaaaaaaaaaaaaaaaaaaaaaaa'
export const PROVIDER_ID = '69a0c1d2e3f405162738495a'
export const MSISDN = '0612345678'
export const PLAN = 'PREPAID_MOBILIS'

/** Unix milliseconds, so many seconds after the send. */
export const at = (seconds: number): number => NOW + seconds * 1_000
export const hours = (count: number): number => at(count * 3_600)

export function intent(change: Partial<Intent> = {}): Intent {
  return {
    merchantId: 'shop',
    environment: 'production',
    ref: 'order-77',
    wallet: 'operator',
    account: 'account-a',
    upstreamRef: 'shop.order-77',
    request: { planCode: PLAN, msisdn: MSISDN, amountDzd: 500 },
    callback: null,
    ...change,
  }
}

/** The provider's object for this very order, with one of its words. */
export function topup(status: string, change: Partial<Topup> = {}): Topup {
  return {
    id: PROVIDER_ID,
    ref: 'shop.order-77',
    status,
    planCode: PLAN,
    msisdn: MSISDN,
    topupAmountDzd: 500,
    balanceAmountDzd: 480,
    refundMessage: null,
    suggestedOffers: null,
    ...change,
  }
}

/** Somebody else's top-up under our ref. */
export const stranger = (status = 'PENDING'): Topup =>
  topup(status, { id: 'ffffffffffffffffffffffff', msisdn: '0799999999' })

export const found = (status: string, change: Partial<Topup> = {}): LookOutcome => ({
  kind: 'found',
  topup: topup(status, change),
})
export const NOT_FOUND: LookOutcome = { kind: 'not_found' }
export const NO_ANSWER: LookOutcome = { kind: 'no_answer', reason: 'http_502', retryAfterSeconds: null }

export function refusal(code = 'INSUFFICIENT_BALANCE', change: Partial<Refusal> = {}): Refusal {
  return { httpStatus: 403, code, message: 'No.', detailsJson: null, retryAfterSeconds: null, ...change }
}

/** The send is on its way. */
export const sending = (change: Partial<Intent> = {}): Order =>
  begin(intent(change), { gatewayId: GATEWAY_ID, pageSecret: 'b'.repeat(24), warnings: [] }, NOW)
/** The provider took it and gave its id. */
export const tracking = (): Order => submitted(sending(), { kind: 'accepted', topupId: PROVIDER_ID }, at(1))
/** The answer to the send was lost. */
export const inDoubt = (): Order =>
  submitted(sending(), { kind: 'in_doubt', reason: 'timeout', refusal: null }, at(10))
/** More sends were waiting than the account lets out: its merchant was told PENDING. */
export const queued = (): Order => submitted(sending(), { kind: 'queued', position: 7 }, at(1))
/** Its turn has come: it is on its way. */
export const calledUp = (): Order => called(queued(), at(30))
export const unsettled = (): Order => looked(tracking(), found('UNKNOWN_ERROR'), at(60))
export const fulfilled = (): Order => looked(tracking(), found('FULFILLED'), at(12))
export const refunded = (): Order => looked(tracking(), found('REFUNDED', { balanceAmountDzd: 0 }), at(12))

/** Three look-ups over a minute found nothing: the provider's list is the last word. */
export function missing(order: Order = inDoubt(), from = at(20)): Order {
  return [0, 30_000, 60_000].reduce((seen, later) => looked(seen, NOT_FOUND, from + later), order)
}
/** Absence was proven and the same ref is on its way again. */
export const resent = (): Order => provenAbsent(missing(), at(90))
/** The second send was refused, after the merchant had been told PENDING. */
export const refusedLater = (): Order => submitted(resent(), { kind: 'refused', refusal: refusal() }, at(91))
export const crashed = (): Order => interrupted(sending(), at(20))

/** One of each phase an order can be in while it still wants something. */
export const openOrders = (): [name: string, order: Order][] => [
  ['sending', sending()],
  ['queued', queued()],
  ['called', calledUp()],
  ['in doubt', inDoubt()],
  ['missing', missing()],
  ['sent again', resent()],
  ['refused after PENDING', refusedLater()],
  ['left by a crash', crashed()],
  ['tracking', tracking()],
  ['unknown', unsettled()],
]

export function endpoint(change: Partial<EndpointState> = {}): EndpointState {
  return {
    id: 'ep_shop_00000001',
    url: 'https://shop.dz/cb',
    state: 'active',
    environment: 'production',
    events: ['topup.fulfilled', 'topup.refunded', 'topup.unknown', 'topup.reversed'],
    foldSuperseded: false,
    replaces: [],
    ...change,
  }
}

export function answer(outcome: AttemptOutcome, retryAfterSeconds: number | null = null): AttemptResult {
  return { outcome, httpStatus: 500, retryAfterSeconds, answer: 'the answer', durationMs: 40 }
}

/** Of orders with a single delivery. */
export function theDelivery(order: Order): Delivery {
  const [delivery] = order.deliveries
  if (delivery === undefined) throw new Error('this order has no delivery')
  return delivery
}

/** What the merchant was told last, as he reads it. */
export function lastBody(order: Order): Record<string, unknown> & { data: Record<string, unknown> } {
  const event = order.events.at(-1)
  if (event === undefined) throw new Error('the merchant was told nothing')
  return JSON.parse(event.body)
}
