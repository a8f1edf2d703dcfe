/** Time for what is kept in memory: it stands still where the machine's clock steps back. Pure. */

/**
 * Readings out of order by less than this are one clock read before and after a wait (a send may take 8 s). More is
 * a clock that was set back: waiting for it to catch up could take for ever.
 */
const OUT_OF_ORDER_MS = 10_000

export class SteadyClock {
  #latest: number
  /** By how much the machine's clock was set back so far. */
  #behind = 0

  /** `now` is unix ms, here and below. */
  constructor(now: number) {
    this.#latest = now
  }

  /** Milliseconds that never decrease; the same as `now` until the clock is set back. */
  read(now: number): number {
    const backMs = this.#latest - (now + this.#behind)
    if (backMs > OUT_OF_ORDER_MS) this.#behind += backMs
    this.#latest = Math.max(this.#latest, now + this.#behind)
    return this.#latest
  }

  /** What the machine's clock shows at that moment, unix ms. */
  wall(steady: number): number {
    return steady - this.#behind
  }
}
