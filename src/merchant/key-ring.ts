/** A merchant's API keys: the records that are the truth, and their copies in KV. */
import type { Env } from '../env'
import { randomHex, sha256Hex } from '../platform/crypto'
import { type Key, keyEntry, keyPath, type WantedKey } from './keys'

export class KeyRing {
  readonly #env: Env
  readonly #kv: SyncKvStorage

  constructor(env: Env, kv: SyncKvStorage) {
    this.#env = env
    this.#kv = kv
  }

  all(): Key[] {
    return Array.from(this.#kv.list<Key>({ prefix: 'key:' }), ([, key]) => key)
  }

  /** Adding a key that is here already changes nothing, also when it was disabled. */
  async add(merchantId: string, wanted: WantedKey, key: string): Promise<Key> {
    const hash = await sha256Hex(key)
    const known = this.all().find((candidate) => candidate.hash === hash)
    const fresh = { ...wanted, id: `key_${randomHex(8)}`, hash, createdAt: Date.now(), disabledAt: null }
    return this.#keep(merchantId, known ?? fresh)
  }

  /** Null when there is no such key. */
  async disable(merchantId: string, keyId: string): Promise<Key | null> {
    const key = this.#kv.get<Key>(`key:${keyId}`)
    if (key === undefined) return null
    return await this.#keep(merchantId, { ...key, disabledAt: key.disabledAt ?? Date.now() })
  }

  /** KV follows the record; if this fails the caller sees an error and repeats the call. */
  async #keep(merchantId: string, key: Key): Promise<Key> {
    this.#kv.put(`key:${key.id}`, key)
    await this.#env.KEYS.put(keyPath(key.hash), JSON.stringify(keyEntry(merchantId, key)))
    return key
  }
}
