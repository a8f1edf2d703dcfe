/**
 * The edge's copies of a merchant and his keys, in KV. One publication at a time, each of what is true by then, so
 * that none overwrites a newer one; what could not be written is written by the alarm.
 */
import type { Env } from '../env'
import { logError } from '../platform/log'
import type { KeyRing } from './key-ring'
import { MERCHANT_PREFIX, type MerchantRecord, summary } from './record'

/** Counts the changes that were not published yet; absent when there are none. */
const PENDING = 'unpublished'
const RETRY_MS = 5_000

export class Publisher {
  readonly #env: Env
  readonly #kv: SyncKvStorage
  readonly #keys: KeyRing
  #last: Promise<void> = Promise.resolve()

  constructor(env: Env, kv: SyncKvStorage, keys: KeyRing) {
    this.#env = env
    this.#kv = kv
    this.#keys = keys
  }

  /** In the same turn as the change, so that both are durable together. */
  changed(): void {
    this.#kv.put(PENDING, (this.#kv.get<number>(PENDING) ?? 0) + 1)
  }

  /** When the alarm should try, unix ms; null when all is published. */
  retryAt(now: number): number | null {
    return this.#kv.get<number>(PENDING) === undefined ? null : now + RETRY_MS
  }

  /** Throws when KV does; then the alarm tries again. */
  async publish(): Promise<void> {
    const publication = this.#last.then(() => this.#publishNow())
    this.#last = publication.catch((error: unknown) => logError('merchant.publish', error))
    await publication
  }

  async #publishNow(): Promise<void> {
    const merchant = this.#kv.get<MerchantRecord>('merchant')
    const pending = this.#kv.get<number>(PENDING)
    if (merchant === undefined || pending === undefined) return
    // Keys first: who is let in matters more than the list.
    await this.#keys.publish(merchant)
    await this.#env.KEYS.put(MERCHANT_PREFIX + merchant.id, '', { metadata: summary(merchant) })
    if (this.#kv.get<number>(PENDING) === pending) this.#kv.delete(PENDING)
  }
}
