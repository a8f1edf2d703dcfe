/** Names that tie an order to its objects and to the provider. */
import { sha256Hex } from '../platform/crypto'
import { plainRef } from '../provider/classify'
import type { Environment } from './state'

/**
 * The order object's name: merchant + environment + `ref`. The ref is hashed because object names show
 * up in dashboards and merchants put phone numbers into refs.
 */
export async function orderName(merchantId: string, environment: Environment, ref: string): Promise<string> {
  return `${merchantId}:${environment}:${await sha256Hex(ref)}`
}

/** The operator's provider account, shared by every merchant without a credential of his own. */
export const OPERATOR_WALLET = 'operator'

const SANDBOX_PREFIX = 'sandbox:'
const OWN_PREFIX = 'own:'

/** `hasOwn`: the merchant brought a provider credential of his own. */
export function walletName(merchantId: string, environment: Environment, hasOwn: boolean): string {
  if (environment === 'sandbox') return SANDBOX_PREFIX + merchantId
  return hasOwn ? OWN_PREFIX + merchantId : OPERATOR_WALLET
}

/** The merchant whose own account it is; null for the sandbox's and the operator's. */
export function walletOwner(wallet: string): string | null {
  return wallet.startsWith(OWN_PREFIX) ? wallet.slice(OWN_PREFIX.length) : null
}

/** The sandbox account of a sandbox wallet; null for a wallet with real money. */
export function sandboxAccount(wallet: string): string | null {
  return wallet.startsWith(SANDBOX_PREFIX) ? wallet.slice(SANDBOX_PREFIX.length) : null
}

/**
 * The `ref` the provider is given. On a wallet that several merchants share it carries the merchant, so
 * that it is unique there and both can be read back: merchant ids never contain a dot.
 */
export function upstreamRef(wallet: string, merchantId: string, ref: string): string {
  return wallet === OPERATOR_WALLET ? `${merchantId}.${ref}` : ref
}

/** The merchant's ref in what the provider shows for it, `API-<account>-<upstream ref>`; others as they are. */
export function merchantsRef(wallet: string, merchantId: string, shown: string): string {
  const upstream = plainRef(shown)
  const prefix = `${merchantId}.`
  const isShared = upstream !== shown && wallet === OPERATOR_WALLET
  return isShared && upstream.startsWith(prefix) ? upstream.slice(prefix.length) : upstream
}
