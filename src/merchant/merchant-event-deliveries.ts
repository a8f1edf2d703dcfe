/** Takes events of no one order to the endpoints that name them, by the same rules as events of orders. */
import { post } from '../callback/post'
import type { SigningKeys } from '../callback/sign'
import { type Env, settings } from '../env'
import { conclude, followOne, newDelivery } from '../order/outbox'
import { LEASE_MS } from '../order/schedule'
import type { Delivery, Environment } from '../order/state'
import { log, logError } from '../platform/log'
import type { Endpoint } from './endpoint'
import type { FeedEvent } from './event-feed'

/** From when there were only summaries: what is on its way must arrive. */
const PREFIX = 'summary:'
/** What is over stays known for so long: the book may tell of it twice. */
const KNOWN_MS = 7 * 24 * 3_600_000

/** What only the merchant object can do. */
interface Ways {
  endpoints(): readonly Endpoint[]
  /** The receiver answered 410. False where that cannot be noted. */
  gone(endpointId: string, url: string): boolean
  keysOf(endpoint: Endpoint): Promise<readonly SigningKeys[]>
  arm(): void
}

interface Kept {
  readonly event: FeedEvent
  readonly deliveries: readonly Delivery[]
}

export class MerchantEventDeliveries {
  readonly #env: Env
  readonly #storage: DurableObjectStorage
  readonly #merchant: Ways
  readonly #underWay = new Set<string>()

  constructor(env: Env, storage: DurableObjectStorage, merchant: Ways) {
    this.#env = env
    this.#storage = storage
    this.#merchant = merchant
  }

  /** Told twice it is kept once. `run` delivers it. */
  add(environment: Environment, event: FeedEvent): void {
    if (this.#storage.kv.get<Kept>(PREFIX + event.id) !== undefined) return
    const wanting = this.#merchant
      .endpoints()
      .filter((endpoint) => endpoint.environment === environment && endpoint.events.includes(event.type))
    if (wanting.length === 0) return
    const now = Date.now()
    this.#keep({ event, deliveries: wanting.map((endpoint) => newDelivery(event, endpoint, now)) })
  }

  /** Each time at which one wants attention. */
  times(): number[] {
    return this.#all().flatMap(({ deliveries }) =>
      deliveries.flatMap(({ id, nextAttemptAt }) => {
        if (nextAttemptAt === null) return []
        return this.#underWay.has(id) ? [Date.now() + LEASE_MS] : [nextAttemptAt]
      }),
    )
  }

  /** Everything that is due, each on its own: a slow receiver holds up no other. */
  async run(now: number): Promise<void> {
    await Promise.all(this.#all().map((kept) => this.#runOne(kept, now)))
  }

  async #runOne(kept: Kept, now: number): Promise<void> {
    const byId = new Map(this.#merchant.endpoints().map((endpoint) => [endpoint.id, endpoint]))
    const deliveries = kept.deliveries.map((each) => followOne(each, byId.get(each.endpointId), now))
    const isOver = deliveries.every(({ state }) => state !== 'pending' && state !== 'held')
    if (isOver && kept.event.createdAt + KNOWN_MS < now) this.#storage.kv.delete(PREFIX + kept.event.id)
    else if (deliveries.some((each, index) => each !== kept.deliveries[index])) {
      this.#keep({ ...kept, deliveries })
    }
    const due = deliveries.filter(
      ({ id, nextAttemptAt }) => nextAttemptAt !== null && nextAttemptAt <= now && !this.#underWay.has(id),
    )
    await Promise.all(
      due.map((delivery) => this.#deliver(kept.event, delivery, byId.get(delivery.endpointId))),
    )
  }

  async #deliver(
    event: FeedEvent,
    { id, attemptsMade }: Delivery,
    endpoint: Endpoint | undefined,
  ): Promise<void> {
    if (endpoint === undefined) return
    this.#underWay.add(id)
    try {
      const message = { id: event.id, body: event.body, attemptNumber: attemptsMade + 1 }
      const keys = await this.#merchant.keysOf(endpoint)
      const answer = await post({ url: endpoint.url, keys }, message, settings(this.#env))
      const { outcome, httpStatus, durationMs } = answer
      const isGone = outcome === 'gone' && this.#merchant.gone(endpoint.id, endpoint.url)
      const result = isGone || outcome !== 'gone' ? answer : ({ ...answer, outcome: 'failed' } as const)
      const told = { message: event.id, endpoint: endpoint.id, outcome, http_status: httpStatus }
      log('callback.attempt', { ...told, duration_ms: durationMs })
      const kept = this.#storage.kv.get<Kept>(PREFIX + event.id)
      if (kept === undefined) return
      this.#underWay.delete(id)
      const concluded = (each: Delivery) => conclude(each, result, Date.now(), Math.random())
      this.#keep({
        ...kept,
        deliveries: kept.deliveries.map((each) => (each.id === id ? concluded(each) : each)),
      })
    } catch (error) {
      logError('callback.deliver', error, { delivery: id }) // still due: the alarm tries again
    } finally {
      this.#underWay.delete(id)
    }
  }

  /** Deliveries and alarm are durable together. */
  #keep(kept: Kept): void {
    this.#storage.transactionSync(() => {
      this.#storage.kv.put(PREFIX + kept.event.id, kept)
      this.#merchant.arm()
    })
  }

  #all(): Kept[] {
    return Array.from(this.#storage.kv.list<Kept>({ prefix: PREFIX }), ([, kept]) => kept)
  }
}
