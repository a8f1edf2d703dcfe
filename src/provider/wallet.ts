/**
 * One provider account: the only speaker to it. Sends for orders, and watches what was sent: in memory,
 * because each order's own alarm is the safety net when this object forgets.
 */
import { DurableObject } from 'cloudflare:workers'
import { accountOf, type Env, orderById, settings } from '../env'
import { sandboxAccount } from '../order/name'
import type { Intent, LookOutcome, SubmitOutcome, TopupRequest } from '../order/state'
import { log, logError } from '../platform/log'
import { sandboxFetch } from '../sandbox/sandbox'
import { isAboutCredential } from './classify'
import { type Listed, ListReading, type Window } from './list-reading'
import { OneClick } from './oneclick'
import { WatchList } from './watch-list'

/** The provider never settles sooner than this after a send. */
const FIRST_LOOK_MS = 1_500
/** When an order could not be asked for its next time. */
const RETRY_WATCH_MS = 10_000

/** What ties an order to its top-up: the object's id, and the ref that the provider knows. */
export interface Tracked {
  readonly order: string
  readonly upstreamRef: string
}

export class Wallet extends DurableObject<Env> {
  readonly #watched = new WatchList<Tracked>((tracked) => this.#lookAt(tracked))
  readonly #list = new ListReading()
  /** Until then no look-ups: the provider asked for it. */
  #pausedUntil = 0

  /** Sends one top-up. Whatever came of it, unless it was refused, is watched from here on. */
  async submit(tracked: Tracked, request: TopupRequest): Promise<SubmitOutcome> {
    const provider = this.#provider()
    if (provider === null) return notAdmitted('the gateway has no credential at the provider yet')
    const outcome = await provider.send(tracked.upstreamRef, request)
    if (outcome.kind !== 'refused') {
      this.#watched.add(tracked, Date.now() + FIRST_LOOK_MS)
      return outcome
    }
    if (!isAboutCredential(outcome.refusal)) return outcome
    logError('provider.credential', outcome.refusal.code, { wallet: this.#name })
    return notAdmitted("the provider does not accept the gateway's credential")
  }

  /** One look-up, asked for by an order that has not heard from us. */
  async look(tracked: Tracked): Promise<LookOutcome> {
    const provider = this.#provider()
    if (provider === null) return { kind: 'no_answer', reason: 'no_credential', retryAfterSeconds: null }
    return await provider.look(tracked.upstreamRef)
  }

  /** Looks at the order again at `at` (unix ms) and from then on whenever it asks for. */
  watch(tracked: Tracked, at: number): void {
    this.#watched.add(tracked, at)
  }

  /** Whether the provider's list of the window has the ref. On another account than it went to nothing is proven. */
  async isListed(
    { upstreamRef, account }: Pick<Intent, 'upstreamRef' | 'account'>,
    window: Window,
  ): Promise<Listed> {
    const provider = this.#provider()
    if (provider === null || account !== (await accountOf(this.env, this.#name))) return 'unread'
    return await this.#list.ask(provider, upstreamRef, window)
  }

  async #lookAt(tracked: Tracked): Promise<void> {
    if (Date.now() < this.#pausedUntil) return this.#watched.add(tracked, this.#pausedUntil)
    try {
      const outcome = await this.look(tracked)
      if (outcome.kind === 'no_answer') this.#noteNoAnswer(outcome)
      const next = await orderById(this.env, tracked.order).observe(outcome)
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

  #provider(): OneClick | null {
    const account = sandboxAccount(this.#name)
    if (account !== null) {
      const fetch = sandboxFetch(this.env.SANDBOX)
      return new OneClick({ baseUrl: 'https://sandbox.invalid', accessToken: account, fetch })
    }
    const { oneclickBaseUrl: baseUrl, oneclickAccessToken: accessToken } = settings(this.env)
    return accessToken === null
      ? null
      : new OneClick({ baseUrl, accessToken, fetch: (request) => fetch(request) })
  }

  get #name(): string {
    const name = this.ctx.id.name
    if (name === undefined) throw new Error('a wallet is addressed by name')
    return name
  }
}

/** Not the merchant's fault: an error about keys would make him doubt his own. Nothing was made. */
function notAdmitted(why: string): SubmitOutcome {
  const refusal = {
    httpStatus: 503,
    code: 'SERVICE_UNAVAILABLE',
    message: `Nothing was sent: ${why}`,
    detailsJson: null,
    retryAfterSeconds: null,
  }
  return { kind: 'refused', refusal }
}
