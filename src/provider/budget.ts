/**
 * How fast one provider account is asked, in one direction: reads or sends. A bucket that never lets more out in any
 * 60 s than the limit, also right after an idle hour, and that slows down when the provider says so. Pure, in memory:
 * an object that wakes up begins with a full bucket, since what made it sleep was that nobody asked.
 */
import { SteadyClock } from './steady-clock'

/**
 * The provider publishes no limits for top-ups. 120 a minute is what its bill payment API publishes for production.
 * Both can be set per wallet.
 */
export const READS_PER_MINUTE = 120
/** Nobody published one either. Higher: each is a customer who waits, and a 429 moves no money. */
export const SENDS_PER_MINUTE = 300

const MINUTE_MS = 60_000
/** The burst, as a share of the limit: what 2 s bring. More would have to be taken off the steady rate. */
const BURST_SHARE = 2 / 60
/**
 * What flows in within a minute beside a burst of 1: a limit of 1 has nothing left for it, and would stop for
 * ever. Less than 1, so that two are always more than a minute apart.
 */
const LEAST_FILL = 0.95
/** One a millisecond, the finest that a clock of milliseconds can tell. */
const MAX_PER_MINUTE = 60_000

/** Slow enough for any trouble, and still an answer now and then that tells when it is over. */
const LEAST_SHARE = 1 / 8
/** From the bottom to the limit in three minutes of answers. */
const RECOVERY_SHARE = 0.05
const RECOVERY_MS = 10_000
/** An uncapped header once put a client to sleep for an hour. */
const MAX_PAUSE_MS = 60_000
/** A 429 that does not say how long. */
const SHORT_PAUSE_MS = 2_000
/** What was in flight together fails together, and says one thing. */
const SAME_MOMENT_MS = 2_000
/** A token is there a rounding error early, or `nextAt` could name a moment that is too soon for itself. */
const ROUNDING = 1e-6

export interface BudgetView {
  readonly limitPerMinute: number
  /** Lower than the limit after trouble. */
  readonly ratePerMinute: number
  /** Requests that may go out at once. */
  readonly tokens: number
  /** Unix ms; null while it is not paused. */
  readonly pausedUntil: number | null
}

/** `now` is unix ms everywhere. Times inside are the steady clock's. */
export class Budget {
  readonly #clock: SteadyClock
  #limit: number
  /** Of the limit, in [LEAST_SHARE, 1]. */
  #share = 1
  #tokens: number
  #filledAt: number
  #pausedUntil = Number.NEGATIVE_INFINITY
  #halvedAt = Number.NEGATIVE_INFINITY
  /** Since when nothing went wrong, or since the last step of recovery. */
  #steadySince: number

  constructor(perMinute: number, now: number) {
    this.#clock = new SteadyClock(now)
    this.#limit = sane(perMinute)
    this.#tokens = capacity(this.#limit, 1)
    this.#filledAt = now
    this.#steadySince = now
  }

  /** One request may go out; false when none may. */
  take(now: number): boolean {
    const at = this.#fill(now)
    if (at < this.#pausedUntil || this.#tokens < 1 - ROUNDING) return false
    this.#tokens -= 1
    return true
  }

  /** When a token will be there if nobody else takes it, unix ms; not before `now`. */
  nextAt(now: number): number {
    return now + this.waitFor(1, now)
  }

  /** About how long (ms) until the `position`-th of those who wait (1 is the next) has its token, at today's rate. */
  waitFor(position: number, now: number): number {
    const at = this.#fill(now)
    const missing = Math.max(1, position) - this.#tokens
    const fillMs = missing > ROUNDING ? missing / this.#fillPerMs() : 0
    const waitMs = Math.max(0, this.#pausedUntil - at) + fillMs
    // A clock that stepped back a little has to catch up first.
    return waitMs === 0 ? 0 : Math.ceil(waitMs + this.#clock.wall(at) - now)
  }

  /**
   * The provider is not well, or wants less: a 429 or a 5xx. `retryAfterSeconds` is its header; without one a
   * 429 pauses for a moment and a 5xx does not.
   */
  throttled(now: number, retryAfterSeconds: number | null, httpStatus = 429): void {
    const at = this.#fill(now)
    // Whoever is answered in a pause asked before it.
    const isKnown = at < this.#pausedUntil || at - this.#halvedAt < SAME_MOMENT_MS
    if (!isKnown) {
      this.#share = Math.max(LEAST_SHARE, this.#share / 2)
      this.#halvedAt = at
    }
    const pauseMs = pauseAfter(retryAfterSeconds, httpStatus)
    this.#pausedUntil = Math.max(this.#pausedUntil, at + pauseMs)
    this.#steadySince = Math.max(at, this.#pausedUntil)
    // No burst at the end of a pause: one request asks whether it is over.
    this.#tokens = Math.min(this.#tokens, pauseMs > 0 ? 1 : capacity(this.#limit, this.#share))
  }

  /**
   * An answer that was none of these. A step at a time, and only by answers: an hour in which nobody
   * asked proves nothing.
   */
  succeeded(now: number): void {
    const at = this.#fill(now)
    if (at - this.#steadySince < RECOVERY_MS) return
    this.#share = Math.min(1, this.#share + RECOVERY_SHARE)
    this.#steadySince = at
  }

  /** Another limit. What is slowed down stays so, by the same share; nothing is given for the change. */
  set(perMinute: number, now: number): void {
    this.#fill(now)
    this.#limit = sane(perMinute)
    this.#tokens = Math.min(this.#tokens, capacity(this.#limit, this.#share))
  }

  describe(now: number): BudgetView {
    const at = this.#fill(now)
    return {
      limitPerMinute: this.#limit,
      ratePerMinute: this.#limit * this.#share,
      tokens: Math.max(0, Math.floor(this.#tokens + ROUNDING)),
      pausedUntil: at < this.#pausedUntil ? this.#clock.wall(this.#pausedUntil) : null,
    }
  }

  /** Returns the steady time. Nothing flows in while it is paused. */
  #fill(now: number): number {
    const at = this.#clock.read(now)
    const flowedMs = Math.max(0, at - Math.max(this.#filledAt, this.#pausedUntil))
    const brim = capacity(this.#limit, this.#share)
    this.#tokens = Math.min(brim, this.#tokens + flowedMs * this.#fillPerMs())
    this.#filledAt = at
    return at
  }

  /** Burst and inflow of a minute together are the limit: no window of 60 s can see more. */
  #fillPerMs(): number {
    return (this.#share * Math.max(LEAST_FILL, this.#limit - capacity(this.#limit, 1))) / MINUTE_MS
  }
}

function capacity(limit: number, share: number): number {
  return Math.max(1, limit * BURST_SHARE * share)
}

/** A limit that is no number must not stop a wallet, nor let it go at any speed. */
function sane(perMinute: number): number {
  return Math.min(MAX_PER_MINUTE, Math.max(1, Math.floor(perMinute) || 1))
}

function pauseAfter(retryAfterSeconds: number | null, httpStatus: number): number {
  if (retryAfterSeconds !== null && retryAfterSeconds >= 0)
    return Math.min(MAX_PAUSE_MS, retryAfterSeconds * 1_000)
  return httpStatus === 429 ? SHORT_PAUSE_MS : 0
}
