/**
 * Whether a provider account is asked at all. Pure, in memory, one per wallet.
 *
 * - It opens after sends of several orders in a row came to nothing certain, or reads of several things in a row to
 *   no answer. One order in doubt is no outage, and one look-up that makes the provider fail is none either.
 * - Opened by sends it stops sends only: reads may still be answered, and only they resolve doubt. Opened by reads it
 *   stops both.
 * - While it is open one probe at a time asks (`GET /v3/validate`), which moves nothing.
 * - A good probe shows that the door is open, not that top-ups are made. So afterwards sends go one at a
 *   time ("half open"): the first definite answer closes it, the first in doubt opens it again with the next longer
 *   wait. An ill provider gets one send per wait, a healthy one is fully open after one round trip.
 * - Once closed it takes the full count again to open: a provider that fails now and then is one to send to. Within 30 s
 *   the waits then go on where they were, so that one that falls over under load is not flooded every 5 s.
 * - What began before it opened says nothing new, whenever it ends. Only a definite answer to a send makes the first
 *   probe due at once, which costs a read. It closes nothing: one send may crawl through while a hundred hang.
 */
import { SteadyClock } from './steady-clock'

/** Different orders in a row whose send is in doubt. */
const DOUBTFUL_ORDERS = 5
/** Reads in a row without an answer, of at least so many different things. */
const UNANSWERED_READS = 10
const UNANSWERED_SUBJECTS = 2

/** Each probe that fails doubles the wait, up to a minute: nobody waits for longer after the provider is back. */
const FIRST_PROBE_MS = 5_000
const MAX_PROBE_MS = 60_000
/** A read takes 5 s at most; a probe that is not reported by then died. */
const PROBE_LEASE_MS = 10_000
/** A send takes 8 s at most, and 2.5 s more where the ref exists. */
const TRIAL_LEASE_MS = 15_000
/** Without a send for so long, half open proves no more than closed. And an opening within it is the same illness. */
const CAUTION_MS = 30_000
/** A probe or a trial is under way, and takes about this. */
const SOON_SECONDS = 2

export type Call = 'send' | 'read'
type BreakerReason = 'sends_in_doubt' | 'reads_unanswered'

/** A request that was admitted; its end is told with it. */
export interface Pass {
  readonly call: Call
  /** The order of a send; of a read, the ref or path that it asks for. */
  readonly subject: string
  readonly opening: number
}

export interface BreakerView {
  readonly state: 'closed' | 'open' | 'half_open'
  /** Unix ms. */
  readonly since: number
  /** Null while it is closed. */
  readonly reason: BreakerReason | null
  /** Unix ms; null unless it is open. */
  readonly nextProbeAt: number | null
}

/** `now` is unix ms everywhere. Times inside are the steady clock's. */
export class Breaker {
  readonly #clock: SteadyClock
  #state: BreakerView['state'] = 'closed'
  #reason: BreakerReason | null = null
  #since: number
  /** How often it opened: what began before is told apart by it, whatever the clock did. */
  #openings = 0
  /** How often in a row the wait was for nothing. */
  #failures = 0
  #closedAt = Number.NEGATIVE_INFINITY
  #probeAt = 0
  #probeUntil = 0
  #trialUntil = 0
  readonly #doubtful = new Set<string>()
  /** What the latest reads in a row without an answer asked for. */
  #unanswered: readonly string[] = []

  constructor(now: number) {
    this.#clock = new SteadyClock(now)
    this.#since = now
  }

  /** Whether such a request may leave now. */
  admits(now: number, call: Call = 'send'): boolean {
    const at = this.#read(now)
    if (this.#state === 'open') return call === 'read' && this.#reason === 'sends_in_doubt'
    return this.#state === 'closed' || call === 'read' || at >= this.#trialUntil
  }

  /** To be called right before it leaves; null where it may not. */
  start(call: Call, subject: string, now: number): Pass | null {
    if (!this.admits(now, call)) return null
    if (call === 'send' && this.#state === 'half_open') this.#trialUntil = this.#read(now) + TRIAL_LEASE_MS
    return { call, subject, opening: this.#openings }
  }

  /** `answered`: see answered.ts. */
  ended({ call, subject, opening }: Pass, answered: boolean, now: number): void {
    const at = this.#read(now)
    if (opening !== this.#openings) {
      const isNews = call === 'send' && answered && this.#state === 'open' && this.#failures === 0
      if (isNews) this.#probeAt = Math.min(this.#probeAt, at)
      return
    }
    if (call === 'read') this.#readEnded(subject, answered, at)
    else this.#sendEnded(subject, answered, at)
  }

  /** Whether the caller is to ask the provider now, for all others; he reports with `probed`. */
  startProbe(now: number): boolean {
    const at = this.#read(now)
    if (this.#state !== 'open' || at < this.#nextProbeAt()) return false
    this.#probeUntil = at + PROBE_LEASE_MS
    return true
  }

  /** `ok`: the provider answered in its envelope. */
  probed(ok: boolean, now: number): void {
    const at = this.#read(now)
    if (this.#state !== 'open') return
    this.#probeUntil = 0
    if (ok) this.#enter('half_open', at)
    else this.#failures += 1
    this.#probeAt = at + this.#waitMs()
  }

  /** For who was not admitted; 0 where a send may leave now. */
  retryAfterSeconds(now: number): number {
    if (this.admits(now)) return 0
    const at = this.#read(now)
    const waitMs = this.#state === 'open' ? Math.max(0, this.#probeAt - at) : 0
    return Math.max(SOON_SECONDS, Math.ceil(waitMs / 1_000) + 1)
  }

  describe(now: number): BreakerView {
    this.#read(now)
    return {
      state: this.#state,
      since: this.#clock.wall(this.#since),
      reason: this.#reason,
      nextProbeAt: this.#state === 'open' ? this.#clock.wall(this.#nextProbeAt()) : null,
    }
  }

  #sendEnded(order: string, answered: boolean, at: number): void {
    if (!answered) this.#doubtful.add(order)
    else if (this.#state === 'half_open') this.#close(at)
    else this.#doubtful.clear()
    if (answered) return
    if (this.#state === 'half_open' || this.#doubtful.size >= DOUBTFUL_ORDERS)
      this.#open('sends_in_doubt', at)
  }

  #readEnded(subject: string, answered: boolean, at: number): void {
    this.#unanswered = answered ? [] : [...this.#unanswered, subject].slice(-UNANSWERED_READS)
    if (this.#unanswered.length < UNANSWERED_READS) return
    if (new Set(this.#unanswered).size >= UNANSWERED_SUBJECTS) this.#open('reads_unanswered', at)
  }

  #open(reason: BreakerReason, at: number): void {
    this.#reason = reason
    // Reads went on while it was open for sends, and now fail too: the same outage, and the same wait.
    if (this.#state === 'open') return
    const isRelapse = this.#state === 'half_open' || at - this.#closedAt < CAUTION_MS
    this.#failures = isRelapse ? this.#failures + 1 : 0
    this.#openings += 1
    this.#probeAt = at + this.#waitMs()
    this.#enter('open', at)
  }

  #close(at: number): void {
    this.#reason = null
    this.#closedAt = at
    this.#enter('closed', at)
  }

  /** Each state begins with nothing against the provider. */
  #enter(state: BreakerView['state'], at: number): void {
    this.#state = state
    this.#since = at
    this.#trialUntil = 0
    this.#doubtful.clear()
    this.#unanswered = []
  }

  /** The steady time, with what has run out by then. */
  #read(now: number): number {
    const at = this.#clock.read(now)
    const quietUntil = Math.max(this.#since + CAUTION_MS, this.#trialUntil)
    if (this.#state === 'half_open' && at >= quietUntil) this.#close(at)
    return at
  }

  #nextProbeAt(): number {
    return Math.max(this.#probeAt, this.#probeUntil)
  }

  #waitMs(): number {
    return Math.min(MAX_PROBE_MS, FIRST_PROBE_MS * 2 ** this.#failures)
  }
}
