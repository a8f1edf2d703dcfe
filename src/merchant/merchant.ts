/**
 * The Durable Object of one merchant: his record, keys, limits, provider credential and callback endpoints.
 * Nothing is written until the operator creates the merchant, so a guessed id leaves no trace.
 */
import { DurableObject } from 'cloudflare:workers'
import type { ExampleType } from '../callback/examples'
import type { SigningKeys } from '../callback/sign'
import { type Env, settings } from '../env'
import { endpointFor } from '../order/callback-url'
import type { Environment } from '../order/state'
import { randomHex } from '../platform/crypto'
import { log, logError } from '../platform/log'
import { type Act, Activity, type ActPage } from './activity'
import { Admissions, type Foreseen } from './admissions'
import { type CallbackHealth, callbackHealth, renderHealth } from './callback-health'
import { Chores } from './chores'
import type { Credential, CredentialCheck } from './credential'
import { DEMO_KEYS, DEMO_MERCHANT } from './demo'
import {
  type CallbackTarget,
  changedEndpoint,
  type Endpoint,
  type EndpointChange,
  endpointId,
  heirOf,
  MAX_ENDPOINTS,
  mustProve,
  newEndpoint,
  type Signer,
  type WantedEndpoint,
} from './endpoint'
import { liveKeys, rotatedKeys, withoutFormer } from './endpoint-keys'
import { type EndpointTest, EndpointTests } from './endpoint-tests'
import { EndpointVault } from './endpoint-vault'
import type { FeedEvent } from './event-feed'
import type { Health } from './health'
import { KeyRing } from './key-ring'
import { type Key, type KeyChange, newKey, type WantedKey } from './keys'
import type { Request, Verdict } from './limits'
import { MerchantEventDeliveries } from './merchant-event-deliveries'
import { Notices } from './notices'
import { OwnAccount } from './own-account'
import { Publisher } from './publisher'
import { type Asker, Receivers, type Report, type Turn } from './receivers'
import {
  changedMerchant,
  DEFAULT_RETENTION_DAYS,
  type MerchantChange,
  type MerchantRecord,
  newMerchant,
} from './record'
import type { Replay, ReplayFilter } from './replay'

export type ChangeResult =
  | { readonly ok: true; readonly endpoint: ListedEndpoint }
  | { readonly ok: false; readonly reason: string }

/** An endpoint, and how its receiver fares; null while it answers. */
export type ListedEndpoint = Endpoint & { readonly health: Health | null }

/** The secret is told here and never again. */
export interface NewSecret {
  readonly endpoint: ListedEndpoint
  readonly secret: string
}

/** What his book must know before it folds orders. */
export interface Folding {
  readonly days: number
  /** Since when every copy of his keys says that a ref may be of a folded order; null while none of them may. */
  readonly edgeKnowsSince: number | null
}

export interface KeyWithUse {
  readonly key: Key
  readonly lastUsedAt: number | null
}

const FOLDS_TOLD_AT = 'folds_told_at'

export class Merchant extends DurableObject<Env> {
  readonly #kv: SyncKvStorage
  readonly #keys: KeyRing
  readonly #publisher: Publisher
  readonly #activity: Activity
  readonly #admissions: Admissions
  readonly #receivers: Receivers
  readonly #notices: Notices
  readonly #vault: EndpointVault
  readonly #chores: Chores
  readonly #own: OwnAccount
  readonly #tests = new EndpointTests()
  readonly #events: MerchantEventDeliveries

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#kv = ctx.storage.kv
    this.#keys = new KeyRing(env, this.#kv, (environment) => this.callbackHealth(environment))
    this.#publisher = new Publisher(env, this.#kv, this.#keys)
    this.#activity = new Activity(ctx.storage)
    this.#admissions = new Admissions(ctx.storage)
    this.#receivers = new Receivers(env, this.#kv)
    this.#vault = new EndpointVault(env)
    this.#notices = new Notices(env, this.#kv, (id) => this.#keysOf(id))
    const [publisher, receivers, notices, vault] = [
      this.#publisher,
      this.#receivers,
      this.#notices,
      this.#vault,
    ]
    this.#chores = new Chores(
      env,
      ctx.storage,
      { publisher, receivers, notices, vault },
      () => this.#mustExist().id,
    )
    this.#own = new OwnAccount(env, this.#kv)
    this.#events = new MerchantEventDeliveries(env, ctx.storage, {
      endpoints: () => this.#chores.endpoints(),
      keysOf: (endpoint) => this.#vault.open(endpoint),
      gone: (id, url) => this.callbackConcluded(id, url, { order: 'none', outcome: 'gone' }),
      arm: () => this.#chores.arm(),
    })
    this.#chores.add(this.#events)
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

  /** Null when the operator never created him. */
  folding(): Folding | null {
    const merchant = this.describe()
    if (merchant === null) return null
    const days = merchant.retentionDays ?? DEFAULT_RETENTION_DAYS
    return { days, edgeKnowsSince: this.#kv.get<number>(FOLDS_TOLD_AT) ?? null }
  }

  /** His book will fold orders. Throws when the edge could not be told: then it is not known there yet. */
  async beginFolding(): Promise<void> {
    await this.#keepRecord({ ...this.#mustExist(), folds: true })
    if (this.#kv.get<number>(FOLDS_TOLD_AT) === undefined) this.#kv.put(FOLDS_TOLD_AT, Date.now())
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

  /** What `admit` would say now; nothing is counted. */
  foresee(request: Request): Foreseen {
    return this.#admissions.foresee(this.#mustExist().limits, request, Date.now())
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
  async createEndpoint(wanted: WantedEndpoint): Promise<NewSecret | null> {
    const id = endpointId(this.#mustExist().id, randomHex(8))
    const { kept, secret } = await this.#vault.make(id)
    if (this.endpoints(wanted.environment).length >= MAX_ENDPOINTS) return null
    const endpoint = newEndpoint(wanted, id, [kept], Date.now())
    this.#chores.keep(endpoint)
    this.ctx.waitUntil(this.#chores.run())
    return { endpoint: this.#listed(endpoint), secret }
  }

  endpoints(environment: Environment): ListedEndpoint[] {
    return this.#chores
      .endpoints()
      .filter((endpoint) => endpoint.environment === environment)
      .sort((a, b) => a.createdAt - b.createdAt)
      .map((endpoint) => this.#listed(endpoint))
  }

  endpoint(environment: Environment, id: string): ListedEndpoint | null {
    const endpoint = this.#kv.get<Endpoint>(`endpoint:${id}`)
    return endpoint?.environment === environment ? this.#listed(endpoint) : null
  }

  /** The worst of his endpoints, for every answer of the API; null while all is well. */
  callbackHealth(environment: Environment): CallbackHealth | null {
    return callbackHealth(
      this.endpoints(environment).map(({ health, ...endpoint }) => ({ endpoint, health })),
    )
  }

  /** Newest first; null when there is no such endpoint. Public by design. */
  publicKeys(id: string): string[] | null {
    const endpoint = this.#kv.get<Endpoint>(`endpoint:${id}`)
    return endpoint === undefined ? null : withLiveKeys(endpoint).keys.map(({ publicKey }) => publicKey)
  }

  /** What signed until now signs beside the new keys for the overlap. Null when there is no such endpoint. */
  async rotateKeys(
    environment: Environment,
    id: string,
    overlapMs: number,
  ): Promise<NewSecret | 'too_many' | null> {
    if (this.endpoint(environment, id) === null) return null
    const { kept, secret } = await this.#vault.make(id)
    // Another one may have come or gone meanwhile.
    if (this.endpoint(environment, id) === null) return null
    const before = this.#endpoint(id)
    const keys = rotatedKeys(before.keys, kept, overlapMs, Date.now())
    if (keys === null) return 'too_many'
    const endpoint: Endpoint = { ...before, keys }
    this.#chores.keep(endpoint)
    return { endpoint: this.#listed(endpoint), secret }
  }

  /** The newest keys sign alone from here on. Null when there is no such endpoint. */
  revokeFormerKeys(environment: Environment, id: string): ListedEndpoint | null {
    if (this.endpoint(environment, id) === null) return null
    const before = this.#endpoint(id)
    this.#chores.keep({ ...before, keys: withoutFormer(before.keys) })
    return this.endpoint(environment, id)
  }

  /** Going active again lets held events go; an unproven production endpoint is challenged first, up to 10 s. */
  async changeEndpoint(
    environment: Environment,
    id: string,
    change: EndpointChange,
  ): Promise<ChangeResult | null> {
    if (this.endpoint(environment, id) === null) return null
    const before = this.#endpoint(id)
    const wasWell = this.callbackHealth(environment) === null
    this.#chores.keep(changedEndpoint(before, change, Date.now()))
    // The old address was silent, and perhaps the new one is not.
    if (change.url !== undefined && change.url !== before.url) this.#chores.release(id)
    if (change.state === 'active') return await this.#activate(id)
    if (!wasWell) this.#publishSoon()
    this.ctx.waitUntil(this.#chores.run())
    return { ok: true, endpoint: this.#listed(this.#endpoint(id)) }
  }

  /** Sends an example to an endpoint now. Null when there is no such endpoint. */
  async testEndpoint(
    environment: Environment,
    id: string,
    type: ExampleType,
  ): Promise<EndpointTest | 'busy' | null> {
    const find = async () => (await this.signers(environment)).find((signer) => signer.id === id)
    return await this.#tests.send(id, type, settings(this.env), find)
  }

  /**
   * What it holds goes to the endpoint `heir`, or is cancelled when that is null. False when there is no such
   * endpoint, or no such heir.
   */
  deleteEndpoint(environment: Environment, id: string, heir: string | null): boolean {
    if (this.endpoint(environment, id) === null) return false
    if (heir !== null && (heir === id || this.endpoint(environment, heir) === null)) return false
    const deleted = this.#endpoint(id)
    this.ctx.storage.transactionSync(() => {
      if (heir !== null) this.#kv.put(`endpoint:${heir}`, heirOf(this.#endpoint(heir), deleted))
      this.#kv.delete(`endpoint:${id}`)
      this.#chores.release(id)
    })
    this.#vault.forget(id)
    this.#tellOfHealth(deleted)
    return true
  }

  /** Asked before a send that brings its own URL: the endpoint that answers for it; null when none does. */
  callbackEndpoint(environment: Environment, url: string): string | null {
    return endpointFor(url, this.endpoints(environment))
  }

  /** Every endpoint with the keys that sign for it now. */
  async signers(environment: Environment): Promise<Signer[]> {
    return await Promise.all(
      this.endpoints(environment).map(async (endpoint) => ({
        id: endpoint.id,
        environment,
        url: endpoint.url,
        keys: await this.#vault.open(endpoint),
      })),
    )
  }

  /** For an order that calls back: every endpoint with its signing keys, and whether it may be called now. */
  callbackTargets(environment: Environment, asker: Asker): Promise<CallbackTarget[]> {
    const now = Date.now()
    const targets = this.endpoints(environment).map(async ({ health, ...endpoint }) => {
      const admitted =
        endpoint.state === 'active' ? this.#receivers.admit(endpoint, asker, now) : ('freely' as const)
      const state = admitted === 'no' ? ('breaker' as const) : endpoint.state
      const keys = await this.#vault.open(endpoint)
      return { ...endpoint, keys, state, probe: admitted === 'as_probe', watched: health !== null }
    })
    return Promise.all(targets)
  }

  /** An order tells how its attempt ended. False when the endpoint has another address by now. */
  callbackConcluded(id: string, url: string, report: Report): boolean {
    const endpoint = this.#kv.get<Endpoint>(`endpoint:${id}`)
    if (endpoint?.url !== url) return false
    if (report.outcome === 'gone') {
      if (endpoint.state !== 'disabled') this.#disable(endpoint, 'the receiver answered 410 Gone')
    } else if (endpoint.state === 'active') {
      this.#follow(endpoint, this.#receivers.conclude(endpoint, report, Date.now()))
      this.#chores.arm()
    }
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

  /** The book made one that is of no one order; it may tell of it twice. */
  deliverEvent(environment: Environment, event: FeedEvent): void {
    this.#events.add(environment, event)
    this.ctx.waitUntil(this.#chores.run())
  }

  /** Somebody is about to do something in the console: its place in the list; null when his session is over. */
  actBegins(act: Act): number | null {
    this.#mustExist()
    return this.#activity.begin(act, Date.now())
  }

  actEnded(environment: Environment, place: number, outcome: string): void {
    this.#activity.end(environment, place, outcome)
  }

  activity(environment: Environment, before: number | null, limit: number): ActPage {
    return this.#activity.page(environment, before, limit)
  }

  /** He has signed out of it. */
  sessionIsOver(session: string): boolean {
    return this.#activity.isOver(session)
  }

  override async alarm(): Promise<void> {
    for (const chore of [() => this.#publisher.publish(), () => this.#chores.run()]) {
      await chore().catch((error: unknown) => logError('merchant.alarm', error))
    }
    this.#chores.arm()
  }

  /** The watchdog, every minute: an alarm that the platform lost is set anew, and what is old goes. */
  async keepTime(): Promise<void> {
    this.#activity.forget(Date.now())
    const pending = await this.ctx.storage.getAlarm()
    if (pending === null || pending < Date.now()) this.#chores.arm()
  }

  async #activate(id: string): Promise<ChangeResult> {
    const endpoint = this.#endpoint(id)
    if (mustProve(endpoint)) {
      const reason = await this.#chores.challenge(endpoint, true)
      if (reason === null) this.#tellOfHealth(endpoint)
      this.ctx.waitUntil(this.#chores.run())
      return reason === null
        ? { ok: true, endpoint: this.#listed(this.#endpoint(id)) }
        : { ok: false, reason }
    }
    this.#chores.keep({ ...endpoint, state: 'active', reason: null, challenge: null })
    const wasWell = this.callbackHealth(endpoint.environment) === null
    this.#release(id)
    if (!wasWell) this.#publishSoon()
    return { ok: true, endpoint: this.#listed(this.#endpoint(id)) }
  }

  #follow(endpoint: Endpoint, turn: Turn): void {
    if (turn.kind === 'dead') this.#disable(endpoint, 'no callback succeeded for 72 h')
    else if (turn.kind === 'warning') this.#tellOfHealth(endpoint)
    else if (turn.kind === 'recovered') {
      if (turn.before.breaker !== null) this.#release(endpoint.id)
      if (turn.before.warned > 0) this.#tellOfHealth(endpoint)
    }
  }

  /** It holds its events until the merchant says otherwise. */
  #disable(endpoint: Endpoint, reason: string): void {
    this.#receivers.forget(endpoint.id)
    this.#chores.keep({ ...endpoint, state: 'disabled', reason, challenge: null })
    log('endpoint.disabled', { endpoint: endpoint.id, reason })
    this.#tellOfHealth(endpoint)
  }

  /** The edge, so that every answer of the API says it, and the endpoint's second address. */
  #tellOfHealth({ id }: Endpoint): void {
    const endpoint = this.#kv.get<Endpoint>(`endpoint:${id}`)
    if (endpoint !== undefined && endpoint.notifyUrl !== null) {
      const health = callbackHealth([{ endpoint, health: this.#receivers.health(id) }])
      if (health !== null) {
        const notice = { id: `evt_${randomHex(16)}`, endpointId: id, url: endpoint.notifyUrl }
        this.#notices.add({ ...notice, body: renderHealth(health, endpoint.url, Date.now()) })
        this.ctx.waitUntil(this.#chores.run())
      }
    }
    this.#publishSoon()
  }

  /** What KV cannot take now is published by the alarm. */
  #publishSoon(): void {
    this.ctx.waitUntil(this.#publish().catch(() => undefined))
  }

  /** Null when it was deleted. */
  async #keysOf(endpointId: string): Promise<readonly SigningKeys[] | null> {
    const endpoint = this.#kv.get<Endpoint>(`endpoint:${endpointId}`)
    return endpoint === undefined ? null : await this.#vault.open(endpoint)
  }

  #listed(endpoint: Endpoint): ListedEndpoint {
    return { ...withLiveKeys(endpoint), health: this.#receivers.health(endpoint.id) }
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

/** What has expired is told to nobody, and is not kept with the next change. */
function withLiveKeys(endpoint: Endpoint): Endpoint {
  return { ...endpoint, keys: liveKeys(endpoint.keys, Date.now()) }
}
