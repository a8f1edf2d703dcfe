/**
 * How one provider account is spoken to: the budgets of both directions, the breaker, and what its answers say about
 * each. Every exchange passes by here, whoever asked.
 */
import { log } from '../platform/log'
import { isAnswer, isDefinite } from './answered'
import { Breaker, type BreakerView } from './breaker'
import { Budget, type BudgetView, READS_PER_MINUTE, SENDS_PER_MINUTE } from './budget'
import { classifySend, type Exchange, retryAfterSeconds } from './classify'
import { Gate } from './gate'
import type { Call, Noted } from './oneclick'
import { Turns } from './turns'

/** Set by the operator; null is the default. */
export interface Rates {
  readonly readsPerMinute: number | null
  readonly sendsPerMinute: number | null
}

/** What only the wallet can do. */
interface Ways {
  /** Tells an order that its turn to be sent has come. */
  callOrder(order: string): Promise<void>
  /** Whether the provider answers `GET /v3/validate`. */
  probe(): Promise<boolean>
  opened(view: BreakerView): void
  noted(call: Call, exchange: Exchange): void
}

export interface PaceView {
  readonly reads: BudgetView & { readonly total: number }
  readonly sends: BudgetView & { readonly total: number; readonly waiting: number }
  readonly breaker: BreakerView
}

export class Pace {
  readonly gate: Gate
  readonly turns: Turns
  readonly #reads: Budget
  readonly #sends: Budget
  readonly #breaker: Breaker
  readonly #ways: Ways
  #probing: ReturnType<typeof setTimeout> | null = null
  /** Since this object woke up. */
  readonly #made = { reads: 0, sends: 0 }

  constructor(rates: Rates, ways: Ways, now: number) {
    this.#ways = ways
    this.#reads = new Budget(rates.readsPerMinute ?? READS_PER_MINUTE, now)
    this.#sends = new Budget(rates.sendsPerMinute ?? SENDS_PER_MINUTE, now)
    this.#breaker = new Breaker(now)
    this.gate = new Gate(this.#reads, this.#breaker)
    this.turns = new Turns(this.#sends, this.#breaker, (order) => ways.callOrder(order))
  }

  set({ readsPerMinute, sendsPerMinute }: Rates, now: number): void {
    this.#reads.set(readsPerMinute ?? READS_PER_MINUTE, now)
    this.#sends.set(sendsPerMinute ?? SENDS_PER_MINUTE, now)
    this.gate.paceChanged()
    this.turns.paceChanged()
  }

  describe(now: number): PaceView {
    return {
      reads: { ...this.#reads.describe(now), total: this.#made.reads },
      sends: { ...this.#sends.describe(now), total: this.#made.sends, waiting: this.turns.length },
      breaker: this.#breaker.describe(now),
    }
  }

  /** For the client: one exchange begins; what is given back is told its end. */
  readonly noted: Noted = (call, subject) => {
    const direction = call === 'send' ? 'send' : 'read'
    this.#made[call === 'send' ? 'sends' : 'reads']++
    const pass = this.#breaker.start(direction, subject, Date.now())
    return (exchange) => {
      const now = Date.now()
      this.#followPace(call, exchange, now)
      if (pass !== null) this.#breaker.ended(pass, answered(call, exchange), now)
      this.#watchBreaker(now)
      this.#ways.noted(call, exchange)
    }
  }

  #followPace(call: Call, exchange: Exchange, now: number): void {
    if (exchange.kind === 'failed') return
    const { httpStatus, retryAfter } = exchange
    const budget = call === 'send' ? this.#sends : this.#reads
    if (httpStatus !== 429 && httpStatus < 500) {
      budget.succeeded(now)
      return
    }
    budget.throttled(now, retryAfterSeconds(retryAfter), httpStatus)
    log('provider.slower', { call, http_status: httpStatus, ...budget.describe(now) })
  }

  /** While it is open, one probe at a time asks for all. */
  #watchBreaker(now: number): void {
    const view = this.#breaker.describe(now)
    if (view.nextProbeAt === null || this.#probing !== null) return
    if (view.since === now) this.#ways.opened(view)
    this.#probing = setTimeout(() => void this.#probe(), Math.max(1, view.nextProbeAt - now))
  }

  async #probe(): Promise<void> {
    try {
      if (this.#breaker.startProbe(Date.now())) this.#breaker.probed(await this.#ways.probe(), Date.now())
    } finally {
      this.#probing = null
      this.#watchBreaker(Date.now())
    }
  }
}

function answered(call: Call, exchange: Exchange): boolean {
  if (call !== 'send') return isAnswer(exchange)
  return isDefinite(classifySend(exchange), exchange.kind === 'failed' ? null : exchange.httpStatus)
}
