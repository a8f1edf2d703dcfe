/** API keys: what is kept of them, and where they are looked up. A key itself is stored nowhere. */
import type { Environment } from '../order/state'

export type Scope = 'READ-WRITE' | 'READ-ONLY'

export interface WantedKey {
  readonly environment: Environment
  readonly scope: Scope
  /** For people. */
  readonly name: string
}

/** The truth, in the merchant object. */
export interface Key extends WantedKey {
  readonly id: string
  /** SHA-256 of the key, hex. */
  readonly hash: string
  readonly createdAt: number
  readonly disabledAt: number | null
}

/** The copy in KV under `key:<hash>`, read at the edge on every request that memory does not answer. */
export interface KeyEntry {
  readonly merchantId: string
  readonly keyId: string
  readonly environment: Environment
  readonly scope: Scope
  readonly disabled: boolean
}

export function keyEntry(merchantId: string, key: Key): KeyEntry {
  const { id: keyId, environment, scope, disabledAt } = key
  return { merchantId, keyId, environment, scope, disabled: disabledAt !== null }
}

export const keyPath = (hash: string): string => `key:${hash}`

/** KV also lists the merchants, for cron: `merchant:<id>`. */
export const MERCHANT_PREFIX = 'merchant:'

/** The prefix tells a reader which it is; the gateway never reads the environment from it. */
export function newKey(environment: Environment, random: string): string {
  return `rsd_${environment === 'sandbox' ? 'test' : 'live'}_${random}`
}

/** What the operator sees of a key. */
export function keyView(key: Key) {
  return {
    id: key.id,
    environment: key.environment,
    scope: key.scope,
    name: key.name,
    state: key.disabledAt === null ? 'active' : 'disabled',
    created_at: new Date(key.createdAt).toISOString(),
  }
}
