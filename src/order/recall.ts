/** Brings an order that was folded back from its merchant's book, into memory: storage stays empty until there is news of it. */
import { logError } from '../platform/log'
import type { Booking } from './booking'
import type { Keeper } from './keeper'
import { within } from './submit'

/** A send that must know waits no longer for the book: it is refused, and its ref is free. */
const PATIENCE_MS = 3_000

export class Recall {
  readonly #kept: Keeper
  readonly #booking: Booking
  readonly #isSending: () => boolean

  constructor(kept: Keeper, booking: Booking, isSending: () => boolean) {
    this.#kept = kept
    this.#booking = booking
    this.#isSending = isSending
  }

  /** What is here by the time of the answer counts for more. Throws when the book cannot be reached. */
  async from(merchantId: string): Promise<void> {
    const folded = await this.#booking.folded(merchantId)
    if (folded !== null && this.#kept.record === null && !this.#isSending()) this.#kept.remember(folded)
  }

  /** False when the book did not answer. Never throws. */
  async isDone(merchantId: string): Promise<boolean> {
    try {
      const recall = this.from(merchantId).then(() => true)
      return (await within(PATIENCE_MS, recall)) ?? false
    } catch (error) {
      logError('order.recall', error)
      return false
    }
  }
}
