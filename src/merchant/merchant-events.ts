/**
 * Events of no one order: each is in the feed, and the duty to tell the merchant object, which delivers it, is durable together with it.
 */
import { type Env, merchantById } from '../env'
import type { Environment } from '../order/state'
import { logError } from '../platform/log'
import type { EventFeed, FeedEvent } from './event-feed'

/** From when there were only summaries. */
const UNTOLD = 'summary_untold:'

interface Untold {
  readonly environment: Environment
  readonly event: FeedEvent
}

export class MerchantEvents {
  readonly #env: Env
  readonly #kv: SyncKvStorage
  readonly #feed: EventFeed
  readonly #merchantId: () => string

  constructor(env: Env, kv: SyncKvStorage, feed: EventFeed, merchantId: () => string) {
    this.#env = env
    this.#kv = kv
    this.#feed = feed
    this.#merchantId = merchantId
  }

  /** In the transaction that notes that it is done; `announce` after it. */
  add(environment: Environment, event: FeedEvent): void {
    this.#feed.add(environment, event, null)
    this.#kv.put<Untold>(UNTOLD + event.id, { environment, event })
  }

  announce(environment: Environment): void {
    this.#feed.announce(environment)
  }

  /** Tells the merchant object. Never throws: the next run of the cron goes on. */
  async tell(): Promise<void> {
    const untold = Array.from(this.#kv.list<Untold>({ prefix: UNTOLD }))
    for (const [key, { environment, event }] of untold) {
      try {
        await merchantById(this.#env, this.#merchantId()).deliverEvent(environment, event)
        this.#kv.delete(key)
      } catch (error) {
        logError('book.tell', error, { event: event.id })
      }
    }
  }
}
