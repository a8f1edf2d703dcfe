/**
 * Signed notices to an endpoint's second address, for the merchant whose callbacks do not arrive: they follow the
 * callbacks' own schedule, then are given up. The API's answers say the same.
 */
import { post } from '../callback/post'
import type { SigningKeys } from '../callback/sign'
import { type Env, settings } from '../env'
import { ATTEMPT_DELAYS_SECONDS } from '../order/outbox'
import { logError } from '../platform/log'

interface Notice {
  readonly id: string
  readonly endpointId: string
  readonly url: string
  readonly body: string
  readonly at: number
  readonly spent: number
}

/** Null: the endpoint was deleted. */
type KeysOf = (endpointId: string) => Promise<readonly SigningKeys[] | null>

export class Notices {
  readonly #env: Env
  readonly #kv: SyncKvStorage
  readonly #keysOf: KeysOf

  constructor(env: Env, kv: SyncKvStorage, keysOf: KeysOf) {
    this.#env = env
    this.#kv = kv
    this.#keysOf = keysOf
  }

  /** In the same turn as what it tells of, so that both are durable together; `run` sends it. */
  add(notice: Omit<Notice, 'at' | 'spent'>): void {
    this.#kv.put(`notice:${notice.id}`, { ...notice, at: Date.now(), spent: 0 })
  }

  /** Null when there are none. */
  nextAt(): number | null {
    const times = this.#all().map(({ at }) => at)
    return times.length === 0 ? null : Math.min(...times)
  }

  async run(now: number): Promise<void> {
    await Promise.all(this.#all().map((notice) => (notice.at <= now ? this.#send(notice) : undefined)))
  }

  async #send(notice: Notice): Promise<void> {
    const keys = await this.#keysOf(notice.endpointId)
    const key = `notice:${notice.id}`
    // Nobody can check what a deleted endpoint would have signed.
    if (keys === null) return void this.#kv.delete(key)
    const spent = notice.spent + 1
    const delaySeconds = ATTEMPT_DELAYS_SECONDS[spent]
    // Durable before it leaves: a crash costs one try and not a storm of them.
    if (delaySeconds === undefined) this.#kv.delete(key)
    else this.#kv.put(key, { ...notice, spent, at: Date.now() + delaySeconds * 1_000 })
    try {
      const message = { id: notice.id, body: notice.body, attemptNumber: spent }
      const { outcome } = await post({ url: notice.url, keys }, message, settings(this.#env))
      if (outcome === 'delivered' || outcome === 'gone') this.#kv.delete(key)
    } catch (error) {
      logError('notice.send', error, { endpoint: notice.endpointId })
    }
  }

  #all(): Notice[] {
    return Array.from(this.#kv.list<Notice>({ prefix: 'notice:' }), ([, notice]) => notice)
  }
}
