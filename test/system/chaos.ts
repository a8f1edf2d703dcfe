/** A faulty provider, a merchant who sends through everything, and what the three parties know in the end. */
import type { GatewayOrder, MerchantSend, Views } from '../simulation/views'
import { DEMO_LIVE_KEY, eventually, type Reachable } from './harness'
import type { Merchant } from './merchant'
import type { Provider, ProviderStatus } from './provider'

/** Sends under way at once. */
const PARALLEL = 40
/** A merchant's program gives up waiting after this, and knows nothing. */
const PATIENCE_MS = 20_000
const PLAN = 'PREPAID_MOBILIS'

/** The same choices for the same seed (mulberry32). */
export function dice(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * One send in six goes wrong, one look-up in ten, in every way that the provider is known to go wrong; until
 * `calm` is called.
 */
export function makeFaulty(provider: Provider, roll: () => number): { calm: () => void } {
  const often = 1_000_000
  let isCalm = false
  const at = (share: number) => () => !isCalm && roll() < share
  provider.setBalance(1_000_000_000)
  provider.fault('send', { when: at(0.04), times: often, notAccepted: true })
  provider.fault('send', { when: at(0.04), times: often, answer: { status: 500, body: 'accepted' } })
  provider.fault('send', { when: at(0.03), times: often, ending: 'destroy' })
  provider.fault('send', { when: at(0.03), times: often, ending: 'truncate' })
  provider.fault('send', { when: at(0.03), times: often, answer: { status: 502, body: '<html>Bad</html>' } })
  provider.fault('send', { when: at(0.02), times: often, delayMs: 1_500 })
  provider.fault('check-ref', { when: at(0.03), times: often, answer: { status: 502, body: '<html>' } })
  provider.fault('check-ref', { when: at(0.03), times: often, ending: 'destroy' })
  provider.fault('check-ref', { when: at(0.03), times: often, answer: { status: 500, body: {} } })
  return {
    calm: () => {
      isCalm = true
    },
  }
}

/** Settles what was accepted two seconds ago, until told to stop. Keeps what the checker must know. */
export function settleAll(provider: Provider, roll: () => number) {
  const statuses = new Map<string, { at: number; status: string }[]>()
  const settle = () => {
    for (const topup of provider.topups) {
      const acceptedAt = Date.parse(topup.createdAt)
      const known = statuses.get(topup.id) ?? [{ at: acceptedAt, status: 'PENDING' }]
      statuses.set(topup.id, known)
      if (known.length > 1 || Date.now() - acceptedAt < 2_000) continue
      const status: ProviderStatus = roll() < 0.9 ? 'FULFILLED' : 'REFUNDED'
      topup.status = status
      known.push({ at: Date.now(), status })
    }
  }
  const timer = setInterval(settle, 200)
  return { statuses, stop: () => clearInterval(timer) }
}

export interface Chaos {
  readonly sends: MerchantSend[]
  /** Sends until every ref has an answer. What has none is sent again, as any program would. */
  run(): Promise<void>
}

/** `gateway` is whatever runs at the moment; null while nothing does. */
export function merchantProgram(count: number, gateway: () => Reachable | null): Chaos {
  const sends: MerchantSend[] = []
  const refs = Array.from({ length: count }, (_, index) => `kill-${index}`)

  async function send(ref: string, index: number): Promise<void> {
    const amountDzd = 100 + (index % 900)
    const msisdn = `06${String(10_000_000 + index)}`
    for (;;) {
      const at = Date.now()
      const answer = await once({ plan_code: PLAN, MSSIDN: msisdn, amount: amountDzd, ref })
      sends.push({ ref, planCode: PLAN, msisdn, amountDzd, at, answer })
      if (answer.kind === 'ok') return
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
  }

  async function once(body: object): Promise<MerchantSend['answer']> {
    const up = await eventually('a gateway to send to', gateway, 120_000)
    try {
      const response = await up.fetch('/v3/mobile/send', {
        method: 'POST',
        headers: { 'X-Access-Token': DEMO_LIVE_KEY, 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(PATIENCE_MS),
      })
      const { data, error } = (await response.json()) as {
        data?: { topupId: string }
        error?: { code: string }
      }
      if (response.status === 200 && data !== undefined) {
        const replayed = response.headers.get('Idempotent-Replayed') === 'true'
        return { kind: 'ok', topupId: data.topupId, replayed }
      }
      // The dev server's own 5xx while it goes down or comes up says nothing of the send.
      if (response.status >= 500) return { kind: 'none' }
      return { kind: 'refused', httpStatus: response.status, code: error?.code ?? '' }
    } catch {
      return { kind: 'none' }
    }
  }

  return {
    sends,
    async run() {
      const left = [...refs.entries()]
      await Promise.all(
        Array.from({ length: PARALLEL }, async () => {
          for (let next = left.shift(); next !== undefined; next = left.shift()) await send(next[1], next[0])
        }),
      )
    },
  }
}

/** Every order of the merchant as `/v1/orders` tells it. */
export async function ordersOf(gateway: Reachable): Promise<GatewayOrder[]> {
  const orders: GatewayOrder[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const query: string = cursor === '' ? '' : `&cursor=${cursor}`
    const page = await gateway.call('GET', `/v1/orders?limit=100${query}`, { key: DEMO_LIVE_KEY })
    if (page.status !== 200) throw new Error(page.text)
    for (const { ref } of page.json.data.items) orders.push(await orderOf(gateway, ref))
    cursor = page.json.data.next_cursor
  }
  return orders
}

async function orderOf(gateway: Reachable, ref: string): Promise<GatewayOrder> {
  const { json, text, status } = await gateway.call('GET', `/v1/orders/${ref}`, { key: DEMO_LIVE_KEY })
  if (status !== 200) throw new Error(text)
  const order = json.data
  return {
    merchantId: 'demo',
    ref,
    upstreamRef: order.upstream_ref,
    topupId: order._id,
    status: order.status,
    final: order.final,
    stateVersion: order.state_version,
    createdAt: Date.parse(order.created_at),
    settledAt: order.settled_at === null ? null : Date.parse(order.settled_at),
    alarmAt: order.next_check_at === null ? null : Date.parse(order.next_check_at),
    flagged: order.flag !== null,
    events: order.events.map((event: { id: string; type: string; state_version: number; body: string }) => ({
      id: event.id,
      type: event.type,
      stateVersion: event.state_version,
      body: event.body,
    })),
    deliveries: order.deliveries.map(
      (delivery: {
        event_id: string
        endpoint_id: string
        state: GatewayOrder['deliveries'][number]['state']
        attempts: unknown[]
      }) => ({
        eventId: delivery.event_id,
        endpointId: delivery.endpoint_id,
        state: delivery.state,
        attempts: delivery.attempts.length,
      }),
    ),
  }
}

export interface Parties {
  readonly provider: Provider
  readonly statuses: ReadonlyMap<string, readonly { at: number; status: string }[]>
  readonly merchant: Merchant
  readonly endpointId: string
  readonly sends: readonly MerchantSend[]
  readonly orders: readonly GatewayOrder[]
}

export function viewsOf({ provider, statuses, merchant, endpointId, sends, orders }: Parties): Views {
  const kinds = { send: 'send', 'check-ref': 'look', list: 'list' } as const
  return {
    at: Date.now(),
    provider: {
      topups: provider.topups.map((topup) => ({
        id: topup.id,
        upstreamRef: topup.ref,
        planCode: topup.planCode,
        msisdn: topup.msisdn,
        amountDzd: topup.amount,
        acceptedAt: Date.parse(topup.createdAt),
        statuses: statuses.get(topup.id) ?? [{ at: Date.parse(topup.createdAt), status: topup.status }],
      })),
      elsewhere: null,
      calls: provider.calls.flatMap(({ operation, subject, at }) =>
        operation === 'send' || operation === 'check-ref' || operation === 'list'
          ? [{ at, kind: kinds[operation], upstreamRef: subject }]
          : [],
      ),
    },
    merchants: [
      {
        merchantId: 'demo',
        sends,
        received: merchant.callbacks.map(({ at, headers, rawBody }) => ({
          at,
          endpointId,
          eventId: headers['webhook-id'] ?? '',
          body: rawBody,
          accepted: true,
        })),
        endpoints: [{ id: endpointId, state: 'active' }],
      },
    ],
    gateway: { orders, losses: [] },
  }
}
