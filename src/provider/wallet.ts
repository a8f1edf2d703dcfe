/**
 * One provider account: the only speaker to it. Sends for orders, and watches what was sent: in memory,
 * because each order's own alarm is the safety net when this object forgets.
 */
import { DurableObject } from 'cloudflare:workers'
import { type Env, orderById } from '../env'
import { walletOwner } from '../order/name'
import type { Intent, LookOutcome, SubmitOutcome, TopupRequest } from '../order/state'
import { log, logError } from '../platform/log'
import { type Account, openAccount } from './account'
import { FRESH_MS, isFresh, type KeptPlans, readCatalogue, shouldAsk } from './catalogue'
import { isAboutCredential, type ReadOutcome } from './classify'
import { type Listed, ListReading, type Window } from './list-reading'
import type { Told } from './oneclick'
import { WatchList } from './watch-list'

/** The provider never settles sooner than this after a send. */
const FIRST_LOOK_MS = 1_500
/** When an order could not be asked for its next time. */
const RETRY_WATCH_MS = 10_000
/** A merchant's own credential is read again after this: he may have brought another. */
const ACCOUNT_MEMORY_MS = 60_000

/** A credential is repaired by people, but one that was just changed is known everywhere within a minute. */
const RETRY_SECONDS = 30

/** Twice what the edge and a wallet remember of a credential that was taken away. */
const FREE_AFTER_MS = 5 * 60_000

/** Whose a provider account is, and until when. */
interface Owner {
  readonly merchantId: string
  readonly freeAt: number | null
}

/** What ties an order to its top-up: the object's id, and the ref that the provider knows. */
export interface Tracked {
  readonly order: string
  readonly upstreamRef: string
  /** The account that it was sent on. */
  readonly account: string
}

export class Wallet extends DurableObject<Env> {
  readonly #watched = new WatchList<Tracked>((tracked) => this.#lookAt(tracked))
  /** By the account that is read: a reading of one proves nothing for another. */
  readonly #lists = new Map<string, ListReading>()
  /** Until then no look-ups: the provider asked for it. */
  #pausedUntil = 0
  #account: { readonly is: Account; readonly until: number } | null = null
  #plans: { readonly asking: Promise<KeptPlans | null>; readonly at: number } | null = null

  /**
   * Sends one top-up, on the account that the order was promised and on no other. Whatever
   * came of it, unless it was refused, is watched from here on.
   */
  async submit(tracked: Tracked, request: TopupRequest): Promise<Told<SubmitOutcome>> {
    const { account } = tracked
    const open = await this.#openAccount(account)
    if (open === null) return notAdmitted('the gateway has no credential at the provider yet')
    if (open.fingerprint !== account) {
      return notAdmitted('the credential at the provider was changed a moment ago; send again in a minute')
    }
    const sent = await open.provider.send(tracked.upstreamRef, request)
    const { outcome } = sent
    if (outcome.kind !== 'refused') {
      this.#watched.add(tracked, Date.now() + FIRST_LOOK_MS)
      return sent
    }
    if (!isAboutCredential(outcome.refusal)) return sent
    logError('provider.credential', outcome.refusal.code, { wallet: this.#name })
    return notAdmitted("the provider does not accept the gateway's credential")
  }

  /** One look-up. Under another credential than it was sent with, "not found" says nothing. */
  async look({ upstreamRef, account }: Tracked): Promise<Told<LookOutcome>> {
    const open = await this.#openAccount()
    if (open === null) return { outcome: noAnswer('no_credential'), evidence: [] }
    const told = await open.provider.look(upstreamRef)
    const isBlind = told.outcome.kind === 'not_found' && open.fingerprint !== account
    return isBlind ? { ...told, outcome: noAnswer('other_credential') } : told
  }

  /** Looks at the order again at `at` (unix ms), and from then on whenever it asks for; null: never. */
  watch(tracked: Tracked, at: number | null): void {
    if (at === null) this.#watched.remove(tracked)
    else this.#watched.add(tracked, at)
  }

  /** Whether the provider's list of the window has the ref. On another account than it went to nothing is proven. */
  async isListed(
    { upstreamRef, account }: Pick<Intent, 'upstreamRef' | 'account'>,
    window: Window,
  ): Promise<Listed> {
    const open = await this.#openAccount(account)
    if (open === null || open.fingerprint !== account) return 'unread'
    const reading = this.#lists.get(account) ?? new ListReading(open.provider)
    this.#lists.set(account, reading)
    return await reading.ask(upstreamRef, window)
  }

  /**
   * Of a wallet named for a provider account: who may bring it. Refs are unique in an account, so two merchants
   * with the same one would take each other's top-ups for their own. False when it is another's.
   */
  claim(merchantId: string): boolean {
    const owner = this.ctx.storage.kv.get<Owner>('owner') ?? null
    const isTaken = owner !== null && (owner.freeAt === null || owner.freeAt > Date.now())
    if (isTaken && owner.merchantId !== merchantId) return false
    this.ctx.storage.kv.put<Owner>('owner', { merchantId, freeAt: null })
    return true
  }

  /** Another merchant may bring it, once nobody can be sending on it any more. */
  unclaim(merchantId: string): void {
    const owner = this.ctx.storage.kv.get<Owner>('owner') ?? null
    if (owner?.merchantId !== merchantId) return
    this.ctx.storage.kv.put<Owner>('owner', { merchantId, freeAt: Date.now() + FREE_AFTER_MS })
  }

  /** Any other read of the provider, as it comes: `/v3/account/balance` and its kin. */
  async read(path: string): Promise<ReadOutcome> {
    const account = await this.#openAccount()
    if (account === null) return { kind: 'no_answer', reason: 'no_credential' }
    return await account.provider.read(path)
  }

  /** The plans as last read; asked for anew when they are older than that (6 h), kept while the provider is down. Null before the first. */
  plans(maxAgeMs: number = FRESH_MS): KeptPlans | null | Promise<KeptPlans | null> {
    const kept = this.ctx.storage.kv.get<KeptPlans>('plans') ?? null
    const now = Date.now()
    if (kept !== null && isFresh(kept, now, maxAgeMs)) return kept
    if (this.#plans === null || shouldAsk(this.#plans.at, now)) {
      this.#plans = { asking: this.#askPlans(kept), at: now }
    }
    return this.#plans.asking
  }

  async #askPlans(kept: KeptPlans | null): Promise<KeptPlans | null> {
    const read = await this.read('/v3/mobile/plans')
    if (read.kind !== 'data' || readCatalogue(read.dataJson) === null) {
      log('provider.no_plans', { wallet: this.#name, reason: read.kind })
      return kept
    }
    const plans: KeptPlans = { readAt: Date.now(), dataJson: read.dataJson }
    this.ctx.storage.kv.put('plans', plans)
    return plans
  }

  async #lookAt(tracked: Tracked): Promise<void> {
    if (Date.now() < this.#pausedUntil) return this.#watched.add(tracked, this.#pausedUntil)
    try {
      const looked = await this.look(tracked)
      if (looked.outcome.kind === 'no_answer') this.#noteNoAnswer(looked.outcome)
      const next = await orderById(this.env, tracked.order).observe(looked)
      if (next !== null) this.#watched.add(tracked, next)
    } catch (error) {
      logError('wallet.look', error)
      this.#watched.add(tracked, Date.now() + RETRY_WATCH_MS)
    }
  }

  #noteNoAnswer({ reason, retryAfterSeconds }: LookOutcome & { kind: 'no_answer' }): void {
    log('provider.no_answer', { wallet: this.#name, reason, retry_after_seconds: retryAfterSeconds })
    if (retryAfterSeconds !== null) this.#pausedUntil = Date.now() + retryAfterSeconds * 1_000
  }

  /**
   * A merchant's own is remembered for a while, and read anew when it is not the one that is wanted: he may
   * have brought another.
   */
  async #openAccount(wanted?: string): Promise<Account | null> {
    const known = this.#account
    const isRight = wanted === undefined || known?.is.fingerprint === wanted
    if (known !== null && isRight && known.until > Date.now()) return known.is
    try {
      const is = await openAccount(this.env, this.#name)
      const isOwn = walletOwner(this.#name) !== null
      this.#account = is !== null && isOwn ? { is, until: Date.now() + ACCOUNT_MEMORY_MS } : null
      return is
    } catch (error) {
      logError('wallet.account', error, { wallet: this.#name })
      return null // nothing can have been sent without it
    }
  }

  get #name(): string {
    const name = this.ctx.id.name
    if (name === undefined) throw new Error('a wallet is addressed by name')
    return name
  }
}

function noAnswer(reason: string): LookOutcome {
  return { kind: 'no_answer', reason, retryAfterSeconds: null }
}

/** Not the merchant's fault: an error about keys would make him doubt his own. Nothing was made. */
function notAdmitted(why: string): Told<SubmitOutcome> {
  const refusal = {
    httpStatus: 503,
    code: 'SERVICE_UNAVAILABLE',
    message: `Nothing was sent: ${why}`,
    detailsJson: null,
    retryAfterSeconds: RETRY_SECONDS,
  }
  return { outcome: { kind: 'refused', refusal }, evidence: [] }
}
