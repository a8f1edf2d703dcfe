/** A merchant's API keys: the records that are the truth, and their copies in KV. */
import type { Env } from '../env'
import type { Environment } from '../order/state'
import { randomHex, sha256Hex } from '../platform/crypto'
import type { CallbackHealth } from './callback-health'
import { type Key, type KeyChange, keyEntry, keyPath, type WantedKey } from './keys'
import type { MerchantRecord } from './record'

/** A key in constant use writes a row this often. */
const USE_NOTED_MS = 10 * 60_000

type HealthOf = (environment: Environment) => CallbackHealth | null

export class KeyRing {
  readonly #env: Env
  readonly #kv: SyncKvStorage
  readonly #callbackHealth: HealthOf

  constructor(env: Env, kv: SyncKvStorage, callbackHealth: HealthOf) {
    this.#env = env
    this.#kv = kv
    this.#callbackHealth = callbackHealth
  }

  all(): Key[] {
    return Array.from(this.#kv.list<Key>({ prefix: 'key:' }), ([, key]) => key)
  }

  /** Adding a key that is here already changes nothing, also when it was disabled. */
  async add(wanted: WantedKey, key: string): Promise<Key> {
    const hash = await sha256Hex(key)
    const known = this.all().find((candidate) => candidate.hash === hash)
    const fresh = { ...wanted, id: `key_${randomHex(8)}`, hash, createdAt: Date.now(), disabledAt: null }
    return this.#keep(known ?? fresh)
  }

  /** Null when there is no such key. */
  change(keyId: string, change: KeyChange): Key | null {
    const key = this.#kv.get<Key>(`key:${keyId}`)
    if (key === undefined) return null
    return this.#keep({
      ...key,
      name: change.name ?? key.name,
      allowedIps: change.allowedIps ?? key.allowedIps,
      disabledAt: key.disabledAt ?? (change.state === 'disabled' ? Date.now() : null),
    })
  }

  /** Every key as it is now, for the edge to read. */
  async publish(merchant: MerchantRecord): Promise<void> {
    await Promise.all(
      this.all().map((key) => {
        const entry = keyEntry(merchant, key, this.#callbackHealth(key.environment))
        return this.#env.KEYS.put(keyPath(key.hash), JSON.stringify(entry))
      }),
    )
  }

  noteUse(keyId: string): void {
    const now = Date.now()
    if (this.#kv.get<Key>(`key:${keyId}`) === undefined) return
    if (now - (this.lastUsedAt(keyId) ?? 0) >= USE_NOTED_MS) this.#kv.put(`used:${keyId}`, now)
  }

  lastUsedAt(keyId: string): number | null {
    return this.#kv.get<number>(`used:${keyId}`) ?? null
  }

  #keep(key: Key): Key {
    this.#kv.put(`key:${key.id}`, key)
    return key
  }
}
