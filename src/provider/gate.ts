/**
 * The one way to read from a provider account: at the pace of its budget, and not while its breaker is open. Whoever
 * waits for an answer goes before the sweep, which can read something else a moment later; the books go beside it.
 */
import type { Breaker } from './breaker'
import type { Budget } from './budget'

/** Of the budget, at most: a long statement must not keep results waiting. */
const BOOKS_SHARE = 1 / 3

interface Waiting {
  readonly until: number
  readonly go: (isAdmitted: boolean) => void
}

export class Gate {
  readonly #budget: Budget
  readonly #breaker: Breaker
  readonly #waiting: Waiting[] = []
  #timer: ReturnType<typeof setTimeout> | null = null
  /** When the books may take their next turn. */
  #booksAt = 0

  constructor(budget: Budget, breaker: Breaker) {
    this.#budget = budget
    this.#breaker = breaker
  }

  /** Takes a read if there is one to spare. */
  mayRead(now: number): boolean {
    return this.#waiting.length === 0 && this.#breaker.admits(now, 'read') && this.#budget.take(now)
  }

  /** When to ask again after a no, unix ms. */
  nextAt(now: number): number {
    if (this.#breaker.admits(now, 'read')) return this.#budget.nextAt(now)
    return now + this.#breaker.retryAfterSeconds(now) * 1_000
  }

  /** Waits for a turn; false when there was none in that time, or there will be none. */
  turn(patienceMs: number): Promise<boolean> {
    const now = Date.now()
    if (!this.#breaker.admits(now, 'read')) return Promise.resolve(false)
    if (this.mayRead(now)) return Promise.resolve(true)
    return new Promise((go) => {
      this.#waiting.push({ until: now + patienceMs, go })
      this.#schedule()
    })
  }

  /** For the books, which are long and in no hurry. */
  async booksTurn(patienceMs: number): Promise<boolean> {
    const now = Date.now()
    const at = Math.max(now, this.#booksAt)
    this.#booksAt = at + 60_000 / (this.#budget.describe(now).ratePerMinute * BOOKS_SHARE)
    if (at > now) await new Promise((resolve) => setTimeout(resolve, at - now))
    return await this.turn(patienceMs)
  }

  /** Whoever waits need not wait for a time that was reckoned before. */
  paceChanged(): void {
    this.#schedule()
  }

  #schedule(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#waiting.length === 0) return
    const now = Date.now()
    const first = Math.min(this.#budget.nextAt(now), ...this.#waiting.map(({ until }) => until))
    this.#timer = setTimeout(() => this.#letIn(), Math.max(1, first - now))
  }

  #letIn(): void {
    this.#timer = null
    const now = Date.now()
    const isOpen = this.#breaker.admits(now, 'read')
    for (const one of this.#waiting.splice(0)) {
      const isAdmitted = isOpen && one.until >= now && this.#budget.take(now)
      if (isAdmitted || !isOpen || one.until <= now) one.go(isAdmitted)
      else this.#waiting.push(one)
    }
    this.#schedule()
  }
}
