/** Makes, seals and opens the signing keys of a merchant's endpoints. In the clear they are only in memory. */
import { generateSigningKeys, type SigningKeys } from '../callback/sign'
import { type Env, settings } from '../env'
import { logError } from '../platform/log'
import { seal, unseal } from '../platform/vault'
import type { Endpoint } from './endpoint'
import { KEYS_CONTEXT, liveKeys, type SealedKeys, type Secrets } from './endpoint-keys'

export class EndpointVault {
  readonly #env: Env
  /** By endpoint, then by what is sealed: of those that signed when it was asked last. */
  readonly #opened = new Map<string, ReadonlyMap<string, SigningKeys>>()

  constructor(env: Env) {
    this.#env = env
  }

  /** Fresh keys. The secret is for the merchant, who is told it once. */
  async make(endpointId: string): Promise<{ kept: SealedKeys; secret: string }> {
    const { publicKey, ...made } = await generateSigningKeys()
    const sealed = await seal(
      this.#masterKey(),
      KEYS_CONTEXT + endpointId,
      JSON.stringify(made satisfies Secrets),
    )
    const kept: SealedKeys = { sealed, publicKey, createdAt: Date.now(), expiresAt: null }
    return { kept, secret: made.secret }
  }

  /**
   * Newest first, those that sign now. What does not open, because the master key is another one by now, is
   * left out: new keys of the same endpoint open, and no endpoint holds up another.
   */
  async open({ id, keys }: Pick<Endpoint, 'id' | 'keys'>): Promise<SigningKeys[]> {
    const known = this.#opened.get(id)
    const live = liveKeys(keys, Date.now())
    const opened = await Promise.all(
      live.map(async (key) => known?.get(key.sealed) ?? (await this.#unseal(id, key))),
    )
    const found = live.flatMap(({ sealed }, index) => {
      const signing = opened[index]
      return signing === undefined || signing === null ? [] : [[sealed, signing] as const]
    })
    this.#opened.set(id, new Map(found))
    return found.map(([, signing]) => signing)
  }

  /** The endpoint was deleted. */
  forget(endpointId: string): void {
    this.#opened.delete(endpointId)
  }

  async #unseal(endpointId: string, { sealed, publicKey }: SealedKeys): Promise<SigningKeys | null> {
    try {
      const text = await unseal(this.#masterKey(), KEYS_CONTEXT + endpointId, sealed)
      const secrets: Secrets = JSON.parse(text)
      return { ...secrets, publicKey }
    } catch (error) {
      logError('endpoint.keys', error, { endpoint: endpointId })
      return null
    }
  }

  #masterKey(): string {
    const { masterKey } = settings(this.#env)
    if (masterKey === null) throw new Error('no MASTER_KEY is set')
    return masterKey
  }
}
