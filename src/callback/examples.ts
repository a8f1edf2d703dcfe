/** An event of each type as it will look, for trying out a receiver. Made by the real machine. Pure. */
import { begin, looked, submitted } from '../order/machine'
import type { Environment, EventType, Intent, Order, OrderEvent, Topup } from '../order/state'

/** A number of the sandbox: it belongs to nobody. */
const MSISDN = '0600010099'
const PLAN = 'PREPAID_MOBILIS'
/** How long ago the top-up was sent. */
const SENT_MS = 12_000

/** What the provider said since, the last of it just now. */
const COURSES: Readonly<Record<EventType, readonly Partial<Topup>[]>> = {
  'topup.fulfilled': [{ status: 'FULFILLED' }],
  'topup.refunded': [
    {
      status: 'REFUNDED',
      balanceAmountDzd: 0,
      refundMessage: 'هذا الرقم يقبل عرضًا آخر',
      suggestedOffers: [{ typename: 'PixX 500', planCode: 'MOBILIS_PIXX_500', amountDzd: 500 }],
    },
  ],
  'topup.unknown': [{ status: 'UNKNOWN_ERROR' }],
  'topup.reversed': [{ status: 'FULFILLED' }, { status: 'REFUNDED', balanceAmountDzd: 0 }],
}

/**
 * `random` is hex. Its `ref` begins with `test-`, its id with `evt_test_`, and `data.test` is true, so that no
 * receiver moves money for it.
 */
export function exampleEvent(
  type: EventType,
  environment: Environment,
  random: string,
  now: number,
): Pick<OrderEvent, 'id' | 'type' | 'body'> {
  const event = COURSES[type]
    .reduce((order, said) => told(order, said, now), accepted(environment, random, now))
    .events.at(-1)
  if (event?.type !== type) throw new Error(`the machine made no ${type}`)
  const { data, ...rest } = JSON.parse(event.body)
  return { id: event.id, type, body: JSON.stringify({ ...rest, data: { ...data, test: true } }) }
}

function accepted(environment: Environment, random: string, now: number): Order {
  const ref = `test-${random}`
  const intent: Intent = {
    merchantId: 'test',
    environment,
    ref,
    wallet: 'test',
    account: 'test',
    upstreamRef: ref,
    request: { planCode: PLAN, msisdn: MSISDN, amountDzd: 500 },
    callback: null,
  }
  const order = begin(intent, { gatewayId: `test_${random}`, pageSecret: '', warnings: [] }, now - SENT_MS)
  return submitted(order, { kind: 'accepted', topupId: random }, now - SENT_MS)
}

function told(order: Order, said: Partial<Topup>, now: number): Order {
  const topup: Topup = {
    id: order.providerId ?? '',
    ref: order.intent.upstreamRef,
    status: 'PENDING',
    planCode: PLAN,
    msisdn: MSISDN,
    topupAmountDzd: 500,
    balanceAmountDzd: 480,
    refundMessage: null,
    suggestedOffers: null,
    ...said,
  }
  return looked(order, { kind: 'found', topup }, now)
}
