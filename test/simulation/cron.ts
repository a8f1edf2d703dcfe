/**
 * The cron, every minute. A run that can find nothing is left out: nothing is overdue before the earliest time in
 * a book, and no book changes before the next event.
 */
import { wakeOverdueOrders } from '../../src/reconcile/overdue'
import type { Life } from './kernel'
import { type Platform, WORLD } from './platform'

const MINUTE_MS = 60_000
/** As `wakeOverdueOrders` has it. */
const OVERDUE_AFTER_MS = 2 * MINUTE_MS

export class Cron {
  readonly #platform: Platform
  readonly #edge: Life
  readonly #merchantIds: readonly string[]

  constructor(platform: Platform, edge: Life, merchantIds: readonly string[]) {
    this.#platform = platform
    this.#edge = edge
    this.#merchantIds = merchantIds
  }

  /** Ends by itself when nothing happens any more and nobody is due. */
  plan(): void {
    const { kernel } = this.#platform
    const nextEvent = kernel.nextAt ?? Number.POSITIVE_INFINITY
    const overdue = this.#earliestDue() + OVERDUE_AFTER_MS - kernel.skewMs
    const wanted = Math.max(kernel.now + 1, Math.min(nextEvent, overdue))
    if (wanted === Number.POSITIVE_INFINITY) return
    kernel.at(Math.ceil(wanted / MINUTE_MS) * MINUTE_MS, this.#edge, () => this.#run())
  }

  #run(): void {
    const { kernel, faults, isDown } = this.#platform
    const isDue = this.#earliestDue() + OVERDUE_AFTER_MS <= kernel.wallNow
    if (isDue && !isDown && !faults.strikes('cron_missed', WORLD)) {
      void wakeOverdueOrders(this.#platform.envOf(this.#edge), kernel.wallNow)
    }
    this.plan()
  }

  #earliestDue(): number {
    const books = this.#merchantIds.map((id) => this.#platform.hostOf('BOOK', id)?.earliestDue())
    return Math.min(...books.map((due) => due ?? Number.POSITIVE_INFINITY))
  }
}
