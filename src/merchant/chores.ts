/**
 * What a merchant needs done in time: challenges until his endpoints are proven, the release of held events when
 * they are active again, probes of silent receivers, notices of their health, and what the edge could not be told.
 * Kept with one alarm for the earliest.
 */
import { bookOf, type Env, orderById, settings } from '../env'
import { randomHex } from '../platform/crypto'
import { challenge } from './challenge'
import { type Endpoint, nextChallenge, provenEndpoint } from './endpoint'
import type { EndpointVault } from './endpoint-vault'
import type { Notices } from './notices'
import type { Publisher } from './publisher'
import type { Receivers } from './receivers'
import { Replays } from './replays'

/**
 * Held events of an endpoint that is active again, or gone: their orders are woken batch by batch, and again,
 * until the book knows of none: an order that was woken may die before it acts.
 */
interface Release {
  readonly at: number
  /** How far the book was read; null at the start. */
  readonly after: string | null
}

/** Something else that a merchant needs done in time. */
export interface Chore {
  times(): number[]
  run(now: number): Promise<void>
}

/** Orders woken at once, one batch a second: a merchant's storm must not be one object's queue. */
const RELEASE_BATCH = 50
const RELEASE_PAUSE_MS = 1_000
const RELEASE_AGAIN_MS = 30_000
/** A challenge may take 13 s: 3 s for the name, 10 s for the answer. */
const CHALLENGE_LEASE_MS = 15_000
const MIN_AHEAD_MS = 1_000

interface Parts {
  readonly publisher: Publisher
  readonly vault: EndpointVault
  readonly receivers: Receivers
  readonly notices: Notices
}

export class Chores {
  readonly #env: Env
  readonly #storage: DurableObjectStorage
  readonly #kv: SyncKvStorage
  readonly #with: Parts
  readonly #merchantId: () => string
  readonly replays: Replays
  readonly #others: Chore[]

  constructor(env: Env, storage: DurableObjectStorage, parts: Parts, merchantId: () => string) {
    this.#env = env
    this.#storage = storage
    this.#kv = storage.kv
    this.#with = parts
    this.#merchantId = merchantId
    this.replays = new Replays(env, storage, merchantId, () => this.arm())
    this.#others = [this.replays]
  }

  /** Done with the rest, at its times. */
  add(chore: Chore): void {
    this.#others.push(chore)
  }

  endpoints(): Endpoint[] {
    return Array.from(this.#kv.list<Endpoint>({ prefix: 'endpoint:' }), ([, endpoint]) => endpoint)
  }

  /** Endpoint and alarm are durable together. */
  keep(endpoint: Endpoint): void {
    this.#storage.transactionSync(() => {
      this.#kv.put(`endpoint:${endpoint.id}`, endpoint)
      this.arm()
    })
  }

  /** A fresh start for its receiver, and its held events may go; `run` does it. */
  release(endpointId: string): void {
    this.#with.receivers.forget(endpointId)
    const release: Release = { at: Date.now(), after: null }
    this.#storage.transactionSync(() => {
      this.#kv.put(`release:${endpointId}`, release)
      this.arm()
    })
  }

  /** Everything that is due. */
  async run(): Promise<void> {
    const now = Date.now()
    const challenged = this.endpoints().filter(({ challenge }) => challenge !== null && challenge.at <= now)
    await Promise.all(challenged.map((endpoint) => this.challenge(this.#lease(endpoint, now), false)))
    for (const [key, release] of Array.from(this.#kv.list<Release>({ prefix: 'release:' }))) {
      if (release.at <= now) await this.#releaseBatch(key.slice('release:'.length), release)
    }
    const { receivers, notices } = this.#with
    for (const { id, at } of this.#probes()) {
      if (at !== null && at <= now) await receivers.probe(this.#merchantId(), id)
    }
    await notices.run(now)
    await Promise.all(this.#others.map((chore) => chore.run(now)))
  }

  /**
   * Null when it was echoed, else what was wrong. An endpoint that was paused meanwhile is proven but stays
   * so. What it held is released by the next `run`.
   */
  async challenge(endpoint: Endpoint, activate: boolean): Promise<string | null> {
    const reason = await challenge(
      endpoint,
      await this.#with.vault.open(endpoint),
      randomHex(16),
      settings(this.#env),
    )
    const current = this.#kv.get<Endpoint>(`endpoint:${endpoint.id}`)
    if (current === undefined || current.url !== endpoint.url) return 'the endpoint was changed meanwhile'
    if (reason === null) {
      this.keep(provenEndpoint(current, activate, Date.now()))
      this.release(endpoint.id)
    } else {
      this.keep({ ...current, reason, challenge: nextChallenge(current, Date.now()) })
    }
    return reason
  }

  /** One alarm for the earliest chore. */
  arm(): void {
    const challenges = this.endpoints().map(({ challenge }) => challenge?.at)
    const releases = Array.from(this.#kv.list<Release>({ prefix: 'release:' }), ([, { at }]) => at)
    const { publisher, notices } = this.#with
    const probes = this.#probes().map(({ at }) => at)
    const more = this.#others.flatMap((chore) => chore.times())
    const others = [publisher.retryAt(Date.now()), notices.nextAt(), ...more]
    const times = [...challenges, ...releases, ...probes, ...others].filter((at) => at != null)
    if (times.length === 0) return
    void this.#storage.setAlarm(Math.max(Date.now() + MIN_AHEAD_MS, Math.min(...times)))
  }

  /** A paused endpoint is not asked, however silent it was: whoever were woken for it would only hold on. */
  #probes(): { readonly id: string; readonly at: number | null }[] {
    const active = this.endpoints().filter(({ state }) => state === 'active')
    return active.map(({ id }) => ({ id, at: this.#with.receivers.nextProbeAt(id) }))
  }

  /** Puts the challenge off while it is under way, so that the alarm does not send a second one. */
  #lease(endpoint: Endpoint, now: number): Endpoint {
    const leased = {
      ...endpoint,
      challenge: { at: now + CHALLENGE_LEASE_MS, spent: endpoint.challenge?.spent ?? 0 },
    }
    this.keep(leased)
    return leased
  }

  /** An order that was not in the book yet looks for itself, once the book knows of it. */
  async #releaseBatch(endpointId: string, release: Release): Promise<void> {
    const key = `release:${endpointId}`
    const book = bookOf(this.#env, this.#merchantId())
    const held = await book.heldOrders(endpointId, release.after, RELEASE_BATCH)
    await Promise.allSettled(held.map(({ objectId }) => orderById(this.#env, objectId).wake()))
    // Asked for anew meanwhile: that one starts from the beginning.
    if (this.#kv.get<Release>(key)?.at !== release.at) return
    const last = held.at(-1)
    const now = Date.now()
    if (last !== undefined) this.#kv.put(key, { at: now + RELEASE_PAUSE_MS, after: last.position })
    else if (release.after !== null && this.#mayDeliver(endpointId)) {
      this.#kv.put(key, { at: now + RELEASE_AGAIN_MS, after: null })
    } else this.#kv.delete(key)
    this.arm()
  }

  /** Or has been deleted, and its events are to be cancelled. */
  #mayDeliver(endpointId: string): boolean {
    const state = this.#kv.get<Endpoint>(`endpoint:${endpointId}`)?.state
    const answers = this.#with.receivers.nextProbeAt(endpointId) === null
    return state === undefined || (state === 'active' && answers)
  }
}
