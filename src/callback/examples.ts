/** Events as they will look, for trying out a receiver. Made by what makes the real ones. Pure. */
import { begin, looked, submitted } from '../order/machine'
import {
  type Environment,
  EVENT_TYPES,
  type EventType,
  type Intent,
  type Order,
  RECONCILIATION_EVENT,
  type Topup,
} from '../order/state'
import { EMPTY_TALLY, type Report } from '../reconcile/report'
import { renderReport } from '../reconcile/report-event'

/** What there is an example of. */
export type ExampleType = EventType | typeof RECONCILIATION_EVENT

export const EXAMPLE_TYPES: readonly ExampleType[] = [...EVENT_TYPES, RECONCILIATION_EVENT]

export interface ExampleEvent {
  readonly id: string
  readonly type: ExampleType
  readonly body: string
}

/** A number of the sandbox: it belongs to nobody. */
const MSISDN = '0600010099'
const PLAN = 'PREPAID_MOBILIS'
/** How long ago the top-up was sent. */
const SENT_MS = 12_000
const EXAMPLE_WINDOW_MS = 2 * 24 * 3_600_000

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
 * `random` is hex. Its id begins with `evt_test_`, its `ref` (of a report, its `data.id`) with `test-`, and `data.test`
 * is true, so that no receiver moves money for it.
 */
export function exampleEvent(
  type: ExampleType,
  environment: Environment,
  random: string,
  now: number,
): ExampleEvent {
  if (type === RECONCILIATION_EVENT) {
    const { body } = renderReport(exampleReport(environment, random, now), now)
    return { id: `evt_test_${random}_1`, type, body: asTest(body) }
  }
  const event = COURSES[type]
    .reduce((order, said) => told(order, said, now), accepted(environment, random, now))
    .events.at(-1)
  if (event?.type !== type) throw new Error(`the machine made no ${type}`)
  return { id: event.id, type, body: asTest(event.body) }
}

function asTest(body: string): string {
  const { data, ...rest } = JSON.parse(body)
  return JSON.stringify({ ...rest, data: { ...data, test: true } })
}

/** A day on which all was well but for one send that was taken for lost, and one that the provider does not show. */
function exampleReport(environment: Environment, random: string, now: number): Report {
  const from = now - EXAMPLE_WINDOW_MS
  const counts = {
    ...EMPTY_TALLY.counts,
    upstream: 2,
    ours: 3,
    matched: 2,
    healed: 1,
    adopted: 1,
    lookedUp: 1,
  }
  return {
    ...{ id: `test-${random}`, environment, trigger: 'daily', state: 'complete', from, to: now },
    ...{ startedAt: now - SENT_MS, endedAt: now, reachedAt: now, pagesRead: 1, reasons: [] },
    ...{
      counts,
      findings: { missing: 1 },
      chargedCentimes: 96_000,
      refundedCentimes: 0,
      fulfilledDzd: 1_000,
    },
    balance: {
      openingCentimes: 1_000_000,
      closingCentimes: 904_000,
      movedCentimes: -96_000,
      differenceCentimes: 0,
    },
  }
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
