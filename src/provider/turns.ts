/**
 * The line in which sends wait when there are more of them than the account's budget lets out: first come, first
 * served, and everybody may know his place. In memory: an order that was promised a turn asks again by its alarm.
 */
import { logError } from '../platform/log'
import type { Breaker } from './breaker'
import type { Budget } from './budget'

/** A merchant's request waits inside his call for so long; the send itself takes up to 8 s of his 11. */
const WAIT_IN_CALL_MS = 2_500
/** A send whose turn would come later than this is turned away. */
const LONGEST_WAIT_MS = 60_000
/** An order that was called and did not come has lost its turn. */
const GRANT_MS = 30_000

export type Turn =
  | { readonly kind: 'now' }
  /** The order is called when its turn comes. */
  | { readonly kind: 'queued'; readonly position: number }
  | { readonly kind: 'full'; readonly retryAfterSeconds: number }

interface Place {
  readonly order: string
  readonly start: () => void
}

export class Turns {
  readonly #budget: Budget
  readonly #breaker: Breaker
  readonly #call: (order: string) => Promise<void>
  #line: Place[] = []
  /** Orders that were called, and until when they may come. */
  readonly #called = new Map<string, number>()
  #timer: ReturnType<typeof setTimeout> | null = null

  /** `call` tells an order that its turn has come. */
  constructor(budget: Budget, breaker: Breaker, call: (order: string) => Promise<void>) {
    this.#budget = budget
    this.#breaker = breaker
    this.#call = call
  }

  get length(): number {
    return this.#line.length
  }

  /** From 1; null when it does not wait. */
  position(order: string): number | null {
    const at = this.#line.findIndex((place) => place.order === order)
    return at < 0 ? null : at + 1
  }

  /** `isPromised`: its merchant was told that it is on its way, so it is never turned away. */
  ask(order: string, isPromised: boolean): Turn | Promise<Turn> {
    const now = Date.now()
    const until = this.#called.get(order)
    this.#called.delete(order)
    if (until !== undefined && until >= now) return { kind: 'now' }
    const isOpen = this.#breaker.admits(now)
    if (!isOpen && !isPromised)
      return { kind: 'full', retryAfterSeconds: this.#breaker.retryAfterSeconds(now) }
    if (isOpen && this.#line.length === 0 && this.#budget.take(now)) return { kind: 'now' }
    const waitMs = this.#budget.waitFor(this.#line.length + 1, now)
    if (isOpen && waitMs <= WAIT_IN_CALL_MS && this.position(order) === null) return this.#waitInCall(order)
    if (!isPromised && waitMs > LONGEST_WAIT_MS) {
      return { kind: 'full', retryAfterSeconds: Math.ceil((waitMs - LONGEST_WAIT_MS) / 1_000) }
    }
    return { kind: 'queued', position: this.join(order) }
  }

  /** Its place in the line, at the end of it if it had none. */
  join(order: string): number {
    const known = this.position(order)
    if (known !== null) return known
    this.#line.push({ order, start: () => void this.#callOrder(order) })
    this.#schedule()
    return this.#line.length
  }

  /** Whoever waits need not wait for a time that was reckoned before. */
  paceChanged(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#schedule()
  }

  #waitInCall(order: string): Promise<Turn> {
    return new Promise((resolve) => {
      const place: Place = { order, start: () => resolve({ kind: 'now' }) }
      this.#line.push(place)
      this.#schedule()
      // The pace may have slowed down meanwhile: then the merchant is told his place.
      setTimeout(() => {
        const at = this.#line.indexOf(place)
        if (at < 0) return
        this.#line[at] = { order, start: () => void this.#callOrder(order) }
        resolve({ kind: 'queued', position: at + 1 })
      }, WAIT_IN_CALL_MS + 500)
    })
  }

  async #callOrder(order: string): Promise<void> {
    const now = Date.now()
    for (const [called, until] of this.#called) if (until < now) this.#called.delete(called)
    this.#called.set(order, now + GRANT_MS)
    try {
      await this.#call(order)
    } catch (error) {
      this.#called.delete(order)
      logError('wallet.turn', error) // its alarm asks again
    }
  }

  #schedule(): void {
    if (this.#timer !== null || this.#line.length === 0) return
    const now = Date.now()
    const pauseMs = this.#breaker.retryAfterSeconds(now) * 1_000
    this.#timer = setTimeout(() => this.#letOut(), Math.max(1, pauseMs, this.#budget.nextAt(now) - now))
  }

  #letOut(): void {
    this.#timer = null
    const now = Date.now()
    while (this.#line.length > 0 && this.#breaker.admits(now) && this.#budget.take(now)) {
      this.#line.shift()?.start()
    }
    this.#schedule()
  }
}
