/**
 * Of a wallet named for a provider account: who may bring it. Refs are unique in an account, so two merchants with
 * the same one would take each other's top-ups for their own.
 */

/** Twice what the edge and a wallet remember of a credential that was taken away. */
const FREE_AFTER_MS = 5 * 60_000

/** Whose a provider account is, and until when. */
interface Owner {
  readonly merchantId: string
  readonly freeAt: number | null
}

export class AccountOwner {
  readonly #kv: SyncKvStorage

  constructor(kv: SyncKvStorage) {
    this.#kv = kv
  }

  /** False when it is another's. */
  claim(merchantId: string): boolean {
    const owner = this.#owner
    const isTaken = owner !== null && (owner.freeAt === null || owner.freeAt > Date.now())
    if (isTaken && owner.merchantId !== merchantId) return false
    this.#kv.put<Owner>('owner', { merchantId, freeAt: null })
    return true
  }

  /** Another merchant may bring it, once nobody can be sending on it any more. */
  unclaim(merchantId: string): void {
    if (this.#owner?.merchantId !== merchantId) return
    this.#kv.put<Owner>('owner', { merchantId, freeAt: Date.now() + FREE_AFTER_MS })
  }

  get #owner(): Owner | null {
    return this.#kv.get<Owner>('owner') ?? null
  }
}
