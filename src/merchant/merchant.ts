/**
 * The Durable Object of one merchant: his keys and his callback endpoints. Each is one small record.
 * Nothing is written until the operator creates the merchant, so a guessed id leaves no trace.
 */
import { DurableObject } from 'cloudflare:workers'
import { generateSigningKeys } from '../callback/sign'
import { bookOf, type Env, orderById, settings } from '../env'
import type { Environment } from '../order/state'
import { randomHex } from '../platform/crypto'
import { log, logError } from '../platform/log'
import { challenge } from './challenge'
import { DEMO_KEYS, DEMO_MERCHANT } from './demo'
import {
  type CallbackTarget,
  changedEndpoint,
  type Endpoint,
  type EndpointChange,
  endpointId,
  MAX_ENDPOINTS,
  newEndpoint,
  nextChallenge,
  provenEndpoint,
  type WantedEndpoint,
} from './endpoint'
import { KeyRing } from './key-ring'
import { type Key, MERCHANT_PREFIX, newKey, type WantedKey } from './keys'

export interface MerchantRecord {
  readonly id: string
  readonly name: string
  readonly createdAt: number
}

/** Held events of an endpoint that is active again, or gone: their orders are woken batch by batch. */
interface Release {
  readonly at: number
  /** How far the book was read; null at the start. */
  readonly after: string | null
  /** Some order could not be woken: the book is read once more. */
  readonly again: boolean
}

export type ChangeResult =
  | { readonly ok: true; readonly endpoint: Endpoint }
  | { readonly ok: false; readonly reason: string }

/** Orders woken at once, one batch a second: a merchant's storm must not be one object's queue. */
const RELEASE_BATCH = 50
const RELEASE_PAUSE_MS = 1_000
const RELEASE_AGAIN_MS = 30_000
/** A challenge may take 10 s. */
const CHALLENGE_LEASE_MS = 15_000
const MIN_AHEAD_MS = 1_000

export class Merchant extends DurableObject<Env> {
  readonly #kv: SyncKvStorage
  readonly #keys: KeyRing

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#kv = ctx.storage.kv
    this.#keys = new KeyRing(env, this.#kv)
  }

  async create(id: string, name: string): Promise<MerchantRecord> {
    const merchant = this.describe() ?? { id, name, createdAt: Date.now() }
    this.#kv.put('merchant', merchant)
    await this.env.KEYS.put(MERCHANT_PREFIX + id, '')
    return merchant
  }

  /** Null when the operator never created this merchant. */
  describe(): MerchantRecord | null {
    return this.#kv.get<MerchantRecord>('merchant') ?? null
  }

  /** The demo merchant of a developer's machine, created on first use. */
  async seedDemo(): Promise<void> {
    const { id } = await this.create(DEMO_MERCHANT, 'Demo')
    for (const [key, environment] of Object.entries(DEMO_KEYS)) {
      await this.#keys.add(id, { environment, scope: 'READ-WRITE', name: key }, key)
    }
  }

  /** The key itself is given back here and never again. */
  async createKey(wanted: WantedKey): Promise<{ key: string; record: Key }> {
    const key = newKey(wanted.environment, randomHex(24))
    return { key, record: await this.#keys.add(this.#mustExist().id, wanted, key) }
  }

  keys(): Key[] {
    return this.#keys.all()
  }

  /** Disabled here at once; elsewhere within a minute or so, as KV and memory caches expire. */
  async disableKey(keyId: string): Promise<Key | null> {
    const merchant = this.describe()
    return merchant === null ? null : await this.#keys.disable(merchant.id, keyId)
  }

  /** Null when there are too many. */
  async createEndpoint(wanted: WantedEndpoint): Promise<Endpoint | null> {
    const { id } = this.#mustExist()
    const keys = [await generateSigningKeys()]
    if (this.endpoints(wanted.environment).length >= MAX_ENDPOINTS) return null
    const endpoint = newEndpoint(wanted, endpointId(id, randomHex(8)), keys, Date.now())
    this.#keep(endpoint)
    this.ctx.waitUntil(this.#doChores())
    return endpoint
  }

  endpoints(environment: Environment): Endpoint[] {
    const all = Array.from(this.#kv.list<Endpoint>({ prefix: 'endpoint:' }), ([, endpoint]) => endpoint)
    return all
      .filter((endpoint) => endpoint.environment === environment)
      .sort((a, b) => a.createdAt - b.createdAt)
  }

  endpoint(environment: Environment, id: string): Endpoint | null {
    const endpoint = this.#kv.get<Endpoint>(`endpoint:${id}`)
    return endpoint?.environment === environment ? endpoint : null
  }

  /** Newest first; null when there is no such endpoint. Public by design. */
  publicKeys(id: string): string[] | null {
    return this.#kv.get<Endpoint>(`endpoint:${id}`)?.keys.map(({ publicKey }) => publicKey) ?? null
  }

  /** Going active again lets held events go; an unproven production endpoint is challenged first, up to 10 s. */
  async changeEndpoint(
    environment: Environment,
    id: string,
    change: EndpointChange,
  ): Promise<ChangeResult | null> {
    const before = this.endpoint(environment, id)
    if (before === null) return null
    this.#keep(changedEndpoint(before, change, Date.now()))
    if (change.state === 'active') return await this.#activate(id)
    this.ctx.waitUntil(this.#doChores())
    return { ok: true, endpoint: this.#endpoint(id) }
  }

  deleteEndpoint(environment: Environment, id: string): boolean {
    if (this.endpoint(environment, id) === null) return false
    this.#kv.delete(`endpoint:${id}`)
    this.#release(id)
    return true
  }

  /** For orders that call back: every endpoint, whatever its state, with its signing keys. */
  callbackTargets(environment: Environment): CallbackTarget[] {
    return this.endpoints(environment)
  }

  /**
   * The receiver answered 410: it wants no more. Its events are held until the merchant says otherwise.
   * False when the endpoint has another address by now, whose receiver said nothing of the kind.
   */
  endpointGone(id: string, url: string): boolean {
    const endpoint = this.#kv.get<Endpoint>(`endpoint:${id}`)
    if (endpoint?.url !== url) return false
    this.#keep({ ...endpoint, state: 'disabled', reason: 'the receiver answered 410 Gone' })
    log('endpoint.disabled', { endpoint: id, reason: 'gone' })
    return true
  }

  override async alarm(): Promise<void> {
    try {
      await this.#doChores()
    } catch (error) {
      logError('merchant.alarm', error)
    }
    this.#arm()
  }

  async #activate(id: string): Promise<ChangeResult> {
    const endpoint = this.#endpoint(id)
    if (endpoint.environment === 'production' && endpoint.verifiedAt === null) {
      const reason = await this.#challenge(endpoint, true)
      return reason === null ? { ok: true, endpoint: this.#endpoint(id) } : { ok: false, reason }
    }
    this.#keep({ ...endpoint, state: 'active', reason: null, challenge: null })
    this.#release(id)
    return { ok: true, endpoint: this.#endpoint(id) }
  }

  /** Null when it was echoed, else what was wrong. An endpoint that was paused meanwhile is proven but stays so. */
  async #challenge(endpoint: Endpoint, activate: boolean): Promise<string | null> {
    const reason = await challenge(endpoint, randomHex(16), settings(this.env))
    const current = this.#kv.get<Endpoint>(`endpoint:${endpoint.id}`)
    if (current === undefined || current.url !== endpoint.url) return 'the endpoint was changed meanwhile'
    if (reason === null) {
      this.#keep(provenEndpoint(current, activate, Date.now()))
      this.#release(endpoint.id)
    } else {
      this.#keep({ ...current, reason, challenge: nextChallenge(current, Date.now()) })
    }
    return reason
  }

  async #doChores(): Promise<void> {
    const now = Date.now()
    const endpoints = Array.from(this.#kv.list<Endpoint>({ prefix: 'endpoint:' }), ([, endpoint]) => endpoint)
    const challenged = endpoints.filter(({ challenge }) => challenge !== null && challenge.at <= now)
    await Promise.all(challenged.map((endpoint) => this.#challenge(this.#lease(endpoint, now), false)))
    for (const [key, release] of Array.from(this.#kv.list<Release>({ prefix: 'release:' }))) {
      if (release.at <= now) await this.#releaseBatch(key.slice('release:'.length), release)
    }
  }

  /** Puts the challenge off while it is under way, so that the alarm does not send a second one. */
  #lease(endpoint: Endpoint, now: number): Endpoint {
    const leased = {
      ...endpoint,
      challenge: { at: now + CHALLENGE_LEASE_MS, spent: endpoint.challenge?.spent ?? 0 },
    }
    this.#keep(leased)
    return leased
  }

  /** An order that was not in the book yet looks for itself, once the book knows of it. */
  async #releaseBatch(endpointId: string, release: Release): Promise<void> {
    const key = `release:${endpointId}`
    const held = await bookOf(this.env, this.#mustExist().id).heldOrders(
      endpointId,
      release.after,
      RELEASE_BATCH,
    )
    const woken = await Promise.allSettled(held.map(({ objectId }) => orderById(this.env, objectId).wake()))
    const again = release.again || woken.some(({ status }) => status === 'rejected')
    // Asked for anew meanwhile: that one starts from the beginning.
    if (this.#kv.get<Release>(key)?.at !== release.at) return
    const last = held.at(-1)
    const now = Date.now()
    if (last !== undefined) this.#kv.put(key, { at: now + RELEASE_PAUSE_MS, after: last.position, again })
    else if (again) this.#kv.put(key, { at: now + RELEASE_AGAIN_MS, after: null, again: false })
    else this.#kv.delete(key)
    this.#arm()
  }

  #release(endpointId: string): void {
    const release: Release = { at: Date.now(), after: null, again: false }
    this.ctx.storage.transactionSync(() => {
      this.#kv.put(`release:${endpointId}`, release)
      this.#arm()
    })
    this.ctx.waitUntil(this.#doChores())
  }

  #keep(endpoint: Endpoint): void {
    this.ctx.storage.transactionSync(() => {
      this.#kv.put(`endpoint:${endpoint.id}`, endpoint)
      this.#arm()
    })
  }

  /** One alarm for the earliest chore. */
  #arm(): void {
    const challenges = Array.from(
      this.#kv.list<Endpoint>({ prefix: 'endpoint:' }),
      ([, { challenge }]) => challenge?.at,
    )
    const releases = Array.from(this.#kv.list<Release>({ prefix: 'release:' }), ([, { at }]) => at)
    const times = [...challenges, ...releases].filter((at) => at !== undefined)
    if (times.length === 0) return
    void this.ctx.storage.setAlarm(Math.max(Date.now() + MIN_AHEAD_MS, Math.min(...times)))
  }

  #endpoint(id: string): Endpoint {
    const endpoint = this.#kv.get<Endpoint>(`endpoint:${id}`)
    if (endpoint === undefined) throw new Error('this endpoint was deleted meanwhile')
    return endpoint
  }

  #mustExist(): MerchantRecord {
    const merchant = this.describe()
    if (merchant === null) throw new Error('this merchant was never created')
    return merchant
  }
}
