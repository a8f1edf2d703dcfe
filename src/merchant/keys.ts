/** API keys: what is kept of them, and where they are looked up. A key itself is stored nowhere. */
import type { Environment } from '../order/state'
import type { CallbackHealth } from './callback-health'
import type { MerchantRecord } from './record'

export type Scope = 'READ-WRITE' | 'READ-ONLY'

export interface WantedKey {
  readonly environment: Environment
  readonly scope: Scope
  /** For people. */
  readonly name: string
  /** Addresses and ranges it may be used from; empty is any. */
  readonly allowedIps: readonly string[]
}

/** The truth, in the merchant object. */
export interface Key extends WantedKey {
  readonly id: string
  /** SHA-256 of the key, hex. */
  readonly hash: string
  readonly createdAt: number
  readonly disabledAt: number | null
}

/** What may be changed of a key; disabling is for ever. */
export interface KeyChange {
  readonly name?: string | undefined
  readonly allowedIps?: readonly string[] | undefined
  readonly state?: 'disabled' | undefined
}

/** The copy in KV under `key:<hash>`, read at the edge on every request that memory does not answer. */
export interface KeyEntry {
  readonly merchantId: string
  readonly keyId: string
  readonly environment: Environment
  readonly scope: Scope
  /** The key, or its merchant. */
  readonly disabled: boolean
  readonly allowedIps: readonly string[]
  /** Fingerprint of the merchant's own provider account; null: he uses the operator's. */
  readonly ownAccount: string | null
  /** The merchant set limits: his object is asked before each send. */
  readonly limited: boolean
  /** He wants no send to an operator that the provider calls down. Entries of an earlier version lack it. */
  readonly refusesDown?: boolean
  /** Some of his orders are in his book only: it is asked before a ref is sent. Entries of an earlier version lack it. */
  readonly folds?: boolean
  /** What every answer tells him of his callbacks; null while all is well. */
  readonly callbackHealth: CallbackHealth | null
}

export function keyEntry(
  merchant: MerchantRecord,
  key: Key,
  callbackHealth: CallbackHealth | null,
): KeyEntry {
  const { id: keyId, environment, scope, allowedIps, disabledAt } = key
  const { dailyAmountDzd, largestAmountDzd, repeat, refusesDown } = merchant.limits
  return {
    merchantId: merchant.id,
    keyId,
    environment,
    scope,
    disabled: disabledAt !== null || merchant.disabledAt !== null,
    allowedIps,
    ownAccount: merchant.ownAccount,
    limited: dailyAmountDzd !== null || largestAmountDzd !== null || repeat !== null,
    refusesDown: refusesDown ?? false,
    folds: merchant.folds ?? false,
    callbackHealth,
  }
}

export const keyPath = (hash: string): string => `key:${hash}`

/** The prefix tells a reader which it is; the gateway never reads the environment from it. */
export function newKey(environment: Environment, random: string): string {
  return `rsd_${environment === 'sandbox' ? 'test' : 'live'}_${random}`
}

/** What the operator sees of a key. `lastUsedAt` is exact to some ten minutes. */
export function keyView(key: Key, lastUsedAt: number | null) {
  return {
    id: key.id,
    environment: key.environment,
    scope: key.scope,
    name: key.name,
    allowed_ips: key.allowedIps,
    state: key.disabledAt === null ? 'active' : 'disabled',
    created_at: new Date(key.createdAt).toISOString(),
    last_used_at: lastUsedAt === null ? null : new Date(lastUsedAt).toISOString(),
  }
}
