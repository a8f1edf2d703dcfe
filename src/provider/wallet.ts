/**
 * One provider account: the only speaker to it. Sends for orders, and watches what was sent: in memory,
 * because each order's own alarm is the safety net when this object forgets.
 */
import { DurableObject } from 'cloudflare:workers'
import { type Env, orderById, settings } from '../env'
import { sandboxAccount } from '../order/name'
import type { LookOutcome, SubmitOutcome, TopupRequest } from '../order/state'
import { log, logError } from '../platform/log'
import { sandboxFetch } from '../sandbox/sandbox'
import { isAboutCredential, isRef } from './classify'
import { OneClick } from './oneclick'

/** The provider never settles sooner than this after a send. */
const FIRST_LOOK_MS = 1_500
/** When an order could not be asked for its next time. */
const RETRY_WATCH_MS = 10_000
/** The platform allows six open connections per object run. */
const PARALLEL_LOOKS = 6
/** Far more rows than a wallet sends in a window of doubt; beyond it absence is not proven. */
const MAX_LIST_PAGES = 50

/** What ties an order to its top-up: the object's id, and the ref that the provider knows. */
export interface Tracked {
  readonly order: string
  readonly upstreamRef: string
}

interface Watch extends Tracked {
  at: number
}

export class Wallet extends DurableObject<Env> {
  readonly #watched = new Map<string, Watch>()
  #timer: ReturnType<typeof setTimeout> | null = null
  /** Until then no look-ups: the provider asked for it. */
  #pausedUntil = 0

  /** Sends one top-up. Whatever came of it, unless it was refused, is watched from here on. */
  async submit(tracked: Tracked, request: TopupRequest): Promise<SubmitOutcome> {
    const provider = this.#provider()
    if (provider === null) return notAdmitted('the gateway has no credential at the provider yet')
    const outcome = await provider.send(tracked.upstreamRef, request)
    if (outcome.kind !== 'refused') {
      this.#watch(tracked, Date.now() + FIRST_LOOK_MS)
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
    this.#watch(tracked, at)
  }

  /** Reads the whole list of the window. Only a complete, well-formed reading says `absent`. */
  async isListed(
    upstreamRef: string,
    window: { from: number; to: number },
  ): Promise<'listed' | 'absent' | 'unread'> {
    const provider = this.#provider()
    if (provider === null) return 'unread'
    for (let page = 1; page <= MAX_LIST_PAGES; page++) {
      const read = await provider.list(window, page)
      if (read === null) return 'unread'
      // A row that does not say its ref may be the one.
      if (read.topups.some(({ ref }) => ref === null)) return 'unread'
      if (read.topups.some(({ ref }) => ref !== null && isRef(ref, upstreamRef))) return 'listed'
      if (page >= read.totalPages) return 'absent'
    }
    return 'unread'
  }

  #watch(tracked: Tracked, at: number): void {
    this.#watched.set(tracked.order, { ...tracked, at })
    this.#schedule()
  }

  #schedule(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#watched.size === 0) return
    const next = Math.min(...Array.from(this.#watched.values(), ({ at }) => at))
    const waitMs = Math.max(0, Math.max(next, this.#pausedUntil) - Date.now())
    this.#timer = setTimeout(() => {
      this.#tick().catch((error) => logError('wallet.tick', error))
    }, waitMs)
  }

  async #tick(): Promise<void> {
    this.#timer = null
    const now = Date.now()
    const due = Array.from(this.#watched.values()).filter(({ at }) => at <= now)
    // Taken out while they are looked at: `#lookAt` puts back what wants to be looked at again.
    for (const { order } of due) this.#watched.delete(order)
    for (let start = 0; start < due.length; start += PARALLEL_LOOKS) {
      await Promise.all(due.slice(start, start + PARALLEL_LOOKS).map((watch) => this.#lookAt(watch)))
    }
    this.#schedule()
  }

  async #lookAt(tracked: Tracked): Promise<void> {
    try {
      const outcome = await this.look(tracked)
      if (outcome.kind === 'no_answer') this.#noteNoAnswer(outcome)
      const next = await orderById(this.env, tracked.order).observe(outcome)
      if (next !== null)
        this.#watched.set(tracked.order, { ...tracked, at: Math.max(next, this.#pausedUntil) })
    } catch (error) {
      logError('wallet.look', error)
      this.#watched.set(tracked.order, { ...tracked, at: Date.now() + RETRY_WATCH_MS })
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
