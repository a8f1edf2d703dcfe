import { expect } from 'vitest'
import { BREAKER_ORDERS } from '../../src/merchant/health'
import { ADMIN_TOKEN, type Answer, eventually, type Reachable } from './harness'
import { type Merchant, startMerchant } from './merchant'
import { expectGenuine } from './signature'

/** Sandbox number: FULFILLED one second after the send. */
const QUICK_SUCCESS = '0600010099'

export interface EndpointAnswer {
  readonly id: string
  readonly url: string
  readonly events: readonly string[]
  readonly state: string
  readonly reason: string | null
  readonly description: string | null
  readonly secret: string
  readonly public_key: string
  readonly public_keys: readonly {
    readonly public_key: string
    readonly created_at: string
    readonly expires_at: string | null
  }[]
  readonly verified_at: string | null
  readonly created_at: string
}

export interface DeliveryAnswer {
  readonly id: string
  readonly event_id: string
  readonly event_type: string
  readonly ref: string
  readonly endpoint_id: string
  readonly url: string
  readonly state: string
  readonly reason: string | null
  readonly next_attempt_at: string | null
  readonly why: { readonly en: string; readonly fr: string; readonly ar: string } | null
  readonly replayed: boolean
  readonly attempts: readonly {
    readonly at: string
    readonly outcome: string
    readonly http_status: number | null
    readonly duration_ms: number
    readonly answer: string
  }[]
}

/** A fake merchant's server that is registered as an endpoint. */
export interface Receiver {
  readonly merchant: Merchant
  readonly endpoint: EndpointAnswer
}

/** A merchant of the gateway, alone with his key: what he sees, no other test of the file can disturb. */
export interface Shop {
  readonly key: string
  call(method: string, path: string, body?: unknown): Promise<Answer>
  /** Registers and, in production, waits until the endpoint has proven itself. */
  receiver(wanted?: object): Promise<Receiver>
  register(url: string, wanted?: object): Promise<EndpointAnswer>
  endpoint(id: string): Promise<EndpointAnswer>
  patch(id: string, change: object): Promise<Answer>
  send(ref: string, msisdn?: string): Promise<Answer>
  deliveries(query?: string): Promise<readonly DeliveryAnswer[]>
  /** The newest delivery of the query, once it is in this state. */
  deliveryIn(state: string, query: string, timeoutMs?: number): Promise<DeliveryAnswer>
}

const receivers: { gateway: Reachable; receiver: Receiver }[] = []

/** Of all receivers of this gateway: for a last test that nothing unsigned ever arrived. Answers how many. */
export async function expectAllGenuine(gateway: Reachable): Promise<number> {
  let checked = 0
  for (const { receiver } of receivers.filter((each) => each.gateway === gateway)) {
    const { merchant, endpoint } = receiver
    for (const received of [...merchant.verifications, ...merchant.callbacks]) {
      await expectGenuine(gateway, received, endpoint)
      checked += 1
    }
  }
  return checked
}

export async function openShop(gateway: Reachable, environment: 'sandbox' | 'production'): Promise<Shop> {
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` }
  const made = await gateway.call('POST', '/admin/merchants', { headers, body: { name: 'Shop' } })
  expect(made.status).toBe(201)
  const path = `/admin/merchants/${made.json.data.id}/keys`
  const keyed = await gateway.call('POST', path, { headers, body: { environment, name: 'till' } })
  expect(keyed.status).toBe(201)
  return shopWithKey(gateway, keyed.json.data.key)
}

export function shopWithKey(gateway: Reachable, key: string): Shop {
  const shop: Shop = {
    key,
    call: (method, path, body) => gateway.call(method, path, { key, body }),
    async receiver(wanted = {}) {
      const merchant = await startMerchant()
      const endpoint = await shop.register(merchant.url, wanted)
      receivers.push({ gateway, receiver: { merchant, endpoint } })
      await eventually('the endpoint to be active', async () => {
        return (await shop.endpoint(endpoint.id)).state === 'active'
      })
      return { merchant, endpoint }
    },
    async register(url, wanted = {}) {
      const answer = await shop.call('POST', '/v1/endpoints', { url, ...wanted })
      expect(answer.status, answer.text).toBe(201)
      return answer.json.data
    },
    async endpoint(id) {
      const answer = await shop.call('GET', `/v1/endpoints/${id}`)
      expect(answer.status, answer.text).toBe(200)
      return answer.json.data
    },
    patch: (id, change) => shop.call('PATCH', `/v1/endpoints/${id}`, change),
    async send(ref, msisdn = QUICK_SUCCESS) {
      const body = { plan_code: 'PREPAID_MOBILIS', MSSIDN: msisdn, amount: 500, ref }
      const answer = await shop.call('POST', '/v3/mobile/send', body)
      expect(answer.status, answer.text).toBe(200)
      return answer
    },
    async deliveries(query = '') {
      const answer = await shop.call('GET', `/v1/deliveries?${query}`)
      expect(answer.status, answer.text).toBe(200)
      return answer.json.data.items
    },
    deliveryIn: (state, query, timeoutMs) =>
      eventually(
        `a delivery (${query}) to be ${state}`,
        async () => {
          const [newest] = await shop.deliveries(query)
          return newest?.state === state && newest
        },
        timeoutMs,
      ),
  }
  return shop
}

/** One that has failed for so many orders that it is only asked now and then. */
export async function silentReceiver(shop: Shop): Promise<Receiver> {
  const receiver = await shop.receiver()
  receiver.merchant.answer({ status: 500 })
  await Promise.all(Array.from({ length: BREAKER_ORDERS }, (_, n) => shop.send(`unheard-${n}`)))
  await eventually('the endpoint to be silent', async () => {
    const { json } = await shop.call('GET', `/v1/endpoints/${receiver.endpoint.id}`)
    return json.data.health.state === 'silent'
  })
  return receiver
}
