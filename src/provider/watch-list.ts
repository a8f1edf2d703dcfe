/** Orders to look at, each at its time. In memory: whoever is forgotten here wakes by his own alarm. */
import { logError } from '../platform/log'

/** The platform allows six open connections per object run. */
const PARALLEL_LOOKS = 6
/** The platform's longest timer is far beyond this; no order here waits for longer. */
const MAX_WAIT_MS = 3_600_000

export class WatchList<Item extends { readonly order: string }> {
  readonly #watched = new Map<string, { readonly item: Item; readonly at: number }>()
  readonly #look: (item: Item) => Promise<void>
  #timer: ReturnType<typeof setTimeout> | null = null
  #isTicking = false

  /** `look` is called when an item's time has come; to be looked at again it must be added again. */
  constructor(look: (item: Item) => Promise<void>) {
    this.#look = look
  }

  /** Unknown ones too. */
  remove({ order }: Item): void {
    this.#watched.delete(order)
  }

  /** `at` is unix ms. */
  add(item: Item, at: number): void {
    this.#watched.set(item.order, { item, at })
    this.#schedule()
  }

  /** One tick at a time, so that no more than `PARALLEL_LOOKS` are ever under way. */
  #schedule(): void {
    if (this.#isTicking) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    let next = Number.POSITIVE_INFINITY
    for (const { at } of this.#watched.values()) next = Math.min(next, at)
    if (next === Number.POSITIVE_INFINITY) return
    const waitMs = Math.min(MAX_WAIT_MS, Math.max(0, next - Date.now()))
    this.#timer = setTimeout(() => void this.#tick(), waitMs)
  }

  async #tick(): Promise<void> {
    this.#timer = null
    this.#isTicking = true
    const due = this.#takeDue(Date.now()).values()
    const takeTurns = async () => {
      for (const item of due) {
        await this.#look(item).catch((error: unknown) => logError('watch.look', error))
      }
    }
    await Promise.all(Array.from({ length: PARALLEL_LOOKS }, takeTurns))
    this.#isTicking = false
    this.#schedule()
  }

  /** The longest overdue first. */
  #takeDue(now: number): Item[] {
    const due = Array.from(this.#watched.values()).filter(({ at }) => at <= now)
    for (const { item } of due) this.#watched.delete(item.order)
    return due.sort((a, b) => a.at - b.at).map(({ item }) => item)
  }
}
