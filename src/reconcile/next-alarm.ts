/** The one alarm of a reconciler: there while something is left to do, and not put off by whoever comes by meanwhile. */

/** An alarm set for now or earlier has been seen to be lost by the platform. */
const SOON_MS = 1_000
/** One that is late by less comes yet: to set it anew would put it off. */
const LOST_MS = 60_000

export class NextAlarm {
  readonly #storage: DurableObjectStorage
  readonly #wantedAt: () => number | null
  /** The pending one, as far as this instance has set it; null when there is none or it is not known. */
  #at: number | null = null

  /** `wantedAt`: when there is something to do, unix ms; null when there is nothing. */
  constructor(storage: DurableObjectStorage, wantedAt: () => number | null) {
    this.#storage = storage
    this.#wantedAt = wantedAt
  }

  /** It has come, or what was written with it was not kept: nobody knows whether there is one. */
  forget(): void {
    this.#at = null
  }

  /** What is left to do has an alarm. One that comes sooner stays. */
  arm(now: number): void {
    const at = this.#dueAt(now)
    const pending = this.#at
    const comesSooner = (than: number) => pending !== null && pending > now - LOST_MS && pending <= than
    if (at !== null && !comesSooner(at)) this.#set(at)
  }

  /** At the end of an alarm the next one is exact, or there is none. */
  rest(now: number): void {
    const at = this.#dueAt(now)
    if (at !== null && at !== this.#at) this.#set(at)
    if (at !== null) return
    this.#at = null
    void this.#storage.deleteAlarm()
  }

  /** Sets one that was lost anew. Not to be called while an alarm is at work. */
  async heal(now: number): Promise<void> {
    const at = this.#dueAt(now)
    if (at === null) return
    const pending = await this.#storage.getAlarm()
    if (pending === null || pending < now - LOST_MS) this.#set(at)
  }

  #set(at: number): void {
    this.#at = at
    void this.#storage.setAlarm(at)
  }

  #dueAt(now: number): number | null {
    const at = this.#wantedAt()
    return at === null ? null : Math.max(now + SOON_MS, at)
  }
}
