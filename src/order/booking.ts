/** Keeps the merchant's book up to date with one order, and asks it for what it has kept of it. */
import { bookOf, type Env } from '../env'
import { bookEntry } from './entry'
import { alarmAt } from './schedule'
import type { Order } from './state'

export class Booking {
  readonly #env: Env
  readonly #objectId: string
  /** What the book was told last, as far as this instance knows; telling it again changes nothing there. */
  #revision = 0

  constructor(env: Env, objectId: string) {
    this.#env = env
    this.#objectId = objectId
  }

  /** Whatever it was told before: it may have lost it. Throws when the book cannot be reached. */
  async tellAgain(order: Order): Promise<void> {
    this.#revision = 0
    await this.tell(order)
  }

  /** False when there was nothing new to tell. Throws when the book cannot be reached. */
  async tell(order: Order): Promise<boolean> {
    if (this.#revision >= order.revision) return false
    const entry = bookEntry(order, this.#objectId, alarmAt(order, Date.now()))
    await bookOf(this.#env, order.intent.merchantId).record(entry)
    this.#revision = order.revision
    return true
  }

  /** What the book keeps of an order whose object was emptied; null when it has none. Throws when it cannot be reached. */
  async folded(merchantId: string): Promise<Order | null> {
    return await bookOf(this.#env, merchantId).folded(this.#objectId)
  }
}
