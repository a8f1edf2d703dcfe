/** The keys that an endpoint's callbacks are signed with: how they are kept, and which of them sign. Pure. */
import type { SigningKeys } from '../callback/sign'

/** One generation of keys. What signs is only in `sealed`. */
export interface SealedKeys {
  /** The `Secrets` as JSON: see platform/vault.ts. */
  readonly sealed: string
  readonly publicKey: string
  readonly createdAt: number
  /** Null: the current ones. Former keys sign beside them until then. */
  readonly expiresAt: number | null
}

export type Secrets = Pick<SigningKeys, 'secret' | 'privateKey'>

/** Sealed for one endpoint, opened for no other. */
export const KEYS_CONTEXT = 'endpoint:'

/** Beside the current ones. Each adds two signatures to a header for which receivers have no endless room. */
export const MAX_FORMER_KEYS = 5

/** Those that sign at `now`, in the same order: newest first. */
export function liveKeys(keys: readonly SealedKeys[], now: number): SealedKeys[] {
  return keys.filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
}

/**
 * `next` signs from now on; what signed alone until now signs beside it for the overlap, and not at all when
 * there is none. Keys that were former already end when they would have. Null when too many would sign.
 */
export function rotatedKeys(
  keys: readonly SealedKeys[],
  next: SealedKeys,
  overlapMs: number,
  now: number,
): SealedKeys[] | null {
  const ending = keys.map((key) => (key.expiresAt === null ? { ...key, expiresAt: now + overlapMs } : key))
  const former = liveKeys(ending, now)
  return former.length > MAX_FORMER_KEYS ? null : [next, ...former]
}

/** The newest alone. */
export function withoutFormer(keys: readonly SealedKeys[]): SealedKeys[] {
  return keys.slice(0, 1)
}

/** A key as its merchant sees it. */
export interface PublicKeyView {
  readonly public_key: string
  readonly created_at: string
  readonly expires_at: string | null
}

export function publicKeyView({ publicKey, createdAt, expiresAt }: SealedKeys): PublicKeyView {
  return {
    public_key: publicKey,
    created_at: new Date(createdAt).toISOString(),
    expires_at: expiresAt === null ? null : new Date(expiresAt).toISOString(),
  }
}
