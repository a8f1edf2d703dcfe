/**
 * What is known of the receivers behind a merchant's endpoints: which order may call, what came of it, and when
 * somebody must ask a silent one again. The rules are in health.ts.
 */
import { bookOf, type Env, orderById } from '../env'
import type { Endpoint } from './endpoint'
import type { Health, Warning } from './health'
import * as rules from './health'

/** An order that is about to call back. */
export interface Asker {
  readonly order: string
  /** The endpoints it has something for; null: perhaps any. */
  readonly endpoints: readonly string[] | null
}

export interface Report {
  readonly order: string
  readonly outcome: string
}

/** What a report means for the endpoint. */
export type Turn =
  | { readonly kind: 'none' }
  | { readonly kind: 'recovered'; readonly before: Health }
  | { readonly kind: 'warning'; readonly percent: Exclude<Warning, 0> }
  | { readonly kind: 'dead' }

export class Receivers {
  readonly #env: Env
  readonly #kv: SyncKvStorage
  /** Newer than what is kept: isolated failures cost no row. */
  readonly #memory = new Map<string, Health | null>()
  /** Where the search for an order that asks a silent receiver went on, by endpoint. */
  readonly #asked = new Map<string, string>()

  constructor(env: Env, kv: SyncKvStorage) {
    this.#env = env
    this.#kv = kv
  }

  /** Null: it answers, as far as is known. */
  health(endpointId: string): Health | null {
    const known = this.#memory.get(endpointId)
    if (known !== undefined) return known
    const kept = this.#kv.get<Health>(`health:${endpointId}`) ?? null
    this.#memory.set(endpointId, kept)
    return kept
  }

  /** Whether this order may call now. Who may as the probe is expected to do it at once. */
  admit({ id }: Endpoint, { order, endpoints }: Asker, now: number): ReturnType<typeof rules.mayCall> {
    const health = this.health(id)
    const verdict = rules.mayCall(health, order, now)
    if (health === null || verdict !== 'as_probe') return verdict
    if (endpoints !== null && !endpoints.includes(id)) return 'no'
    this.#memory.set(id, rules.probing(health, order, now))
    return verdict
  }

  conclude({ id }: Endpoint, { order, outcome }: Report, now: number): Turn {
    const before = this.health(id)
    if (outcome === 'delivered') {
      this.forget(id)
      return before === null ? { kind: 'none' } : { kind: 'recovered', before }
    }
    if (!rules.isFailure(outcome)) return { kind: 'none' }
    const after = rules.failed(before, { order, outcome }, now, Math.random())
    const percent = rules.dueWarning(after, now)
    this.#keep(id, before, percent === null ? after : { ...after, warned: percent })
    if (rules.isDead(after, now)) return { kind: 'dead' }
    return percent === null ? { kind: 'none' } : { kind: 'warning', percent }
  }

  /** It answered, moved, or was set active by the merchant. */
  forget(endpointId: string): void {
    this.#memory.set(endpointId, null)
    this.#asked.delete(endpointId)
    if (this.#kv.get(`health:${endpointId}`) !== undefined) this.#kv.delete(`health:${endpointId}`)
  }

  /** When `probe` wants to run for it; null while its breaker is closed. */
  nextProbeAt(endpointId: string): number | null {
    const health = this.health(endpointId)
    return health === null ? null : rules.nextProbeAt(health)
  }

  /** Wakes one order that waits for this receiver; another one each time, lest one that is refused speaks for all. */
  async probe(merchantId: string, endpointId: string): Promise<void> {
    const book = bookOf(this.#env, merchantId)
    const [next] = await book.heldOrders(endpointId, this.#asked.get(endpointId) ?? null, 1)
    const [held] = next === undefined ? await book.heldOrders(endpointId, null, 1) : [next]
    const health = this.health(endpointId)
    if (health === null) return
    if (held === undefined) return this.#keep(endpointId, health, rules.closed(health))
    this.#asked.set(endpointId, held.position)
    await orderById(this.#env, held.objectId).wake()
  }

  #keep(endpointId: string, before: Health | null, after: Health): void {
    this.#memory.set(endpointId, after)
    if (rules.isWorthKeeping(before, after)) this.#kv.put(`health:${endpointId}`, after)
  }
}
