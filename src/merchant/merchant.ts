/**
 * The Durable Object of one merchant: his record, keys, limits, provider credential and callback endpoints.
 * Nothing is written until the operator creates the merchant, so a guessed id leaves no trace.
 */
import { DurableObject } from 'cloudflare:workers'
import { generateSigningKeys } from '../callback/sign'
import type { Env } from '../env'
import type { Environment } from '../order/state'
import { randomHex } from '../platform/crypto'
import { log, logError } from '../platform/log'
import { Admissions } from './admissions'
import { Chores } from './chores'
import type { Credential, CredentialCheck } from './credential'
import { DEMO_KEYS, DEMO_MERCHANT } from './demo'
import {
  type CallbackTarget,
  changedEndpoint,
  type Endpoint,
  type EndpointChange,
  endpointId,
  MAX_ENDPOINTS,
  newEndpoint,
  type WantedEndpoint,
} from './endpoint'
import type { FeedEvent } from './event-feed'
import { KeyRing } from './key-ring'
import { type Key, type KeyChange, newKey, type WantedKey } from './keys'
import type { Request, Verdict } from './limits'
import { OwnAccount } from './own-account'
import { Publisher } from './publisher'
import { changedMerchant, type MerchantChange, type MerchantRecord, newMerchant } from './record'
import type { Replay, ReplayFilter } from './replay'
import { SummaryDeliveries } from './summary-deliveries'

export type ChangeResult =
  | { readonly ok: true; readonly endpoint: Endpoint }
  | { readonly ok: false; readonly reason: string }

export interface KeyWithUse {
  readonly key: Key
  readonly lastUsedAt: number | null
}

export class Merchant extends DurableObject<Env> {
  readonly #kv: SyncKvStorage
  readonly #keys: KeyRing
  readonly #publisher: Publisher
  readonly #admissions: Admissions
  readonly #chores: Chores
  readonly #own: OwnAccount
  readonly #summaries: SummaryDeliveries

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#kv = ctx.storage.kv
    this.#keys = new KeyRing(env, this.#kv)
    this.#publisher = new Publisher(env, this.#kv, this.#keys)
    this.#admissions = new Admissions(ctx.storage)
    this.#chores = new Chores(env, ctx.storage, this.#publisher, () => this.#mustExist().id)
    this.#own = new OwnAccount(env, this.#kv)
    this.#summaries = new SummaryDeliveries(env, ctx.storage, {
      endpoints: () => this.#chores.endpoints(),
      gone: (id, url) => this.endpointGone(id, url),
      arm: () => this.#chores.arm(),
    })
    this.#chores.add(this.#summaries)
  }

  async create(id: string, name: string): Promise<MerchantRecord> {
    return await this.#keepRecord(this.describe() ?? newMerchant(id, name, Date.now()))
  }

  /** Null when the operator never created this merchant. */
  describe(): MerchantRecord | null {
    return this.#kv.get<MerchantRecord>('merchant') ?? null
  }

  /** Here at once; at the edge within a minute. */
  async change(change: MerchantChange): Promise<MerchantRecord> {
    return await this.#keepRecord(changedMerchant(this.#mustExist(), change, Date.now()))
  }

  /** The demo merchant of a developer's machine, created on first use. */
  async seedDemo(): Promise<void> {
    await this.create(DEMO_MERCHANT, 'Demo')
    for (const [key, environment] of Object.entries(DEMO_KEYS)) {
      const wanted = { environment, scope: 'READ-WRITE', name: key, allowedIps: [] } as const
      await this.#keys.add(wanted, key)
    }
    await this.#publish()
  }

  /** The key itself is given back here and never again. */
  async createKey(wanted: WantedKey): Promise<{ key: string; record: Key }> {
    this.#mustExist()
    const key = newKey(wanted.environment, randomHex(24))
    const record = await this.#keys.add(wanted, key)
    await this.#publish()
    return { key, record }
  }

  keys(): KeyWithUse[] {
    return this.#keys.all().map((key) => ({ key, lastUsedAt: this.#keys.lastUsedAt(key.id) }))
  }

  /** Null when there is no such key. Here at once; at the edge within a minute. */
  async changeKey(keyId: string, change: KeyChange): Promise<KeyWithUse | null> {
    const key = this.#keys.change(keyId, change)
    if (key === null) return null
    await this.#publish()
    return { key, lastUsedAt: this.#keys.lastUsedAt(keyId) }
  }

  /** The edge saw it used. */
  keyUsed(keyId: string): void {
    this.#keys.noteUse(keyId)
  }

  /** Asked by an order before its first send leaves, when there are limits. */
  admit(request: Request): Verdict {
    return this.#admissions.admit(this.#mustExist().limits, request, Date.now())
  }

  /** The provider refused what was admitted. */
  release(request: Pick<Request, 'environment' | 'msisdn' | 'ref'>): void {
    this.#admissions.release(request)
  }

  credential(): Credential | null {
    return this.#own.credential
  }

  /** Taken only when the provider lets it in. From then on, within a minute, his sends are his own. */
  async setCredential(accessToken: string, masterKey: string): Promise<CredentialCheck> {
    const { id } = this.#mustExist()
    const check = await this.#own.claim(id, accessToken)
    if (!check.ok) return check
    await this.#useAccount(await this.#own.sealed(id, accessToken, check.username, masterKey))
    return check
  }

  /** From then on, within a minute, he uses the operator's account. */
  async removeCredential(): Promise<void> {
    await this.#useAccount(null)
  }

  /** Null when there are too many. */
  async createEndpoint(wanted: WantedEndpoint): Promise<Endpoint | null> {
    const { id } = this.#mustExist()
    const keys = [await generateSigningKeys()]
    if (this.endpoints(wanted.environment).length >= MAX_ENDPOINTS) return null
    const endpoint = newEndpoint(wanted, endpointId(id, randomHex(8)), keys, Date.now())
    this.#chores.keep(endpoint)
    this.ctx.waitUntil(this.#chores.run())
    return endpoint
  }

  endpoints(environment: Environment): Endpoint[] {
    return this.#chores
      .endpoints()
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
    this.#chores.keep(changedEndpoint(before, change, Date.now()))
    if (change.state === 'active') return await this.#activate(id)
    this.ctx.waitUntil(this.#chores.run())
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
    this.#chores.keep({ ...endpoint, state: 'disabled', reason: 'the receiver answered 410 Gone' })
    log('endpoint.disabled', { endpoint: id, reason: 'gone' })
    return true
  }

  /** Null while another one runs in this environment. */
  async makeReplay(filter: ReplayFilter): Promise<Replay | null> {
    const replay = await this.#chores.replays.make(filter)
    this.ctx.waitUntil(this.#chores.run())
    return replay
  }

  /** Newest first. */
  replays(environment: Environment): Replay[] {
    return this.#chores.replays.all(environment)
  }

  /** Null when there is none such. */
  replay(environment: Environment, id: string): Replay | null {
    return this.#chores.replays.get(environment, id)
  }

  cancelReplay(environment: Environment, id: string): Replay | null {
    return this.#chores.replays.cancel(environment, id)
  }

  /** The book made one; it may tell of it twice. */
  deliverSummary(environment: Environment, event: FeedEvent): void {
    this.#summaries.add(environment, event)
    this.ctx.waitUntil(this.#chores.run())
  }

  override async alarm(): Promise<void> {
    for (const chore of [() => this.#publisher.publish(), () => this.#chores.run()]) {
      await chore().catch((error: unknown) => logError('merchant.alarm', error))
    }
    this.#chores.arm()
  }

  async #activate(id: string): Promise<ChangeResult> {
    const endpoint = this.#endpoint(id)
    if (endpoint.environment === 'production' && endpoint.verifiedAt === null) {
      const reason = await this.#chores.challenge(endpoint, true)
      this.ctx.waitUntil(this.#chores.run())
      return reason === null ? { ok: true, endpoint: this.#endpoint(id) } : { ok: false, reason }
    }
    this.#chores.keep({ ...endpoint, state: 'active', reason: null, challenge: null })
    this.#release(id)
    return { ok: true, endpoint: this.#endpoint(id) }
  }

  /** Credential, record and the duty to publish are durable together; the old account is free in any case. */
  async #useAccount(credential: Credential | null): Promise<void> {
    const merchant = this.#mustExist()
    const before = this.#own.replace(credential)
    await Promise.all([
      this.#keepRecord({ ...merchant, ownAccount: credential?.fingerprint ?? null }),
      this.#own.giveUp(merchant.id, before),
    ])
  }

  #release(endpointId: string): void {
    this.#chores.release(endpointId)
    this.ctx.waitUntil(this.#chores.run())
  }

  /** Record and the duty to publish it are durable together. */
  async #keepRecord(merchant: MerchantRecord): Promise<MerchantRecord> {
    this.#kv.put('merchant', merchant)
    await this.#publish()
    return merchant
  }

  /** After a change that the edge must know of, in the same turn. Fails when the edge could not be told yet. */
  async #publish(): Promise<void> {
    this.ctx.storage.transactionSync(() => {
      this.#publisher.changed()
      this.#chores.arm()
    })
    await this.#publisher.publish()
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
