/** The bindings, parsed once into a strict type: optional things are null, never undefined or ''. */
import type { Book } from './merchant/book'
import type { Merchant } from './merchant/merchant'
import { sandboxAccount } from './order/name'
import type { Order } from './order/order'
import { sha256Hex } from './platform/crypto'
import type { Wallet } from './provider/wallet'

/** The generated bindings; a secret that nobody has set yet is undefined all the same. */
export type Env = Omit<Cloudflare.Env, 'ONECLICK_BASE_URL'> & {
  readonly ONECLICK_BASE_URL: string
  /** Set by `npm start` and the tests, in no configuration that is deployed. */
  readonly LOCAL?: string
}

export interface Settings {
  /** On this machine only: the demo merchant exists and callbacks may go to loopback over plain http. */
  readonly local: boolean
  /** Without a trailing slash. */
  readonly oneclickBaseUrl: string
  readonly oneclickAccessToken: string | null
  /** Null closes the admin surface. */
  readonly adminToken: string | null
}

const ONECLICK_BASE_URL = 'https://api.oneclickdz.com'

export function settings(env: Env): Settings {
  return {
    local: env.LOCAL === 'true',
    oneclickBaseUrl: (env.ONECLICK_BASE_URL || ONECLICK_BASE_URL).replace(/\/+$/, ''),
    oneclickAccessToken: env.ONECLICK_ACCESS_TOKEN || null,
    adminToken: env.ADMIN_TOKEN || null,
  }
}

/**
 * Names the account behind a wallet without telling its key. A send in doubt may be proven absent only on
 * the account that it went to: on another one every ref is absent.
 */
export async function accountOf(env: Env, wallet: string): Promise<string> {
  if (sandboxAccount(wallet) !== null) return wallet
  const { oneclickBaseUrl, oneclickAccessToken } = settings(env)
  return (await sha256Hex(`${oneclickBaseUrl} ${oneclickAccessToken}`)).slice(0, 16)
}

/** Near the provider, which the objects call most, and near its merchants. Matters at creation only. */
const PLACE: DurableObjectNamespaceGetDurableObjectOptions = { locationHint: 'weur' }

export function orderByName(env: Env, name: string): DurableObjectStub<Order> {
  return env.ORDER.get(env.ORDER.idFromName(name), PLACE)
}

/** The same object, for those who were given its id: it does not know its own name then. */
export function orderById(env: Env, id: string): DurableObjectStub<Order> {
  return env.ORDER.get(env.ORDER.idFromString(id), PLACE)
}

export function walletByName(env: Env, name: string): DurableObjectStub<Wallet> {
  return env.WALLET.get(env.WALLET.idFromName(name), PLACE)
}

export function merchantById(env: Env, merchantId: string): DurableObjectStub<Merchant> {
  return env.MERCHANT.get(env.MERCHANT.idFromName(merchantId), PLACE)
}

export function bookOf(env: Env, merchantId: string): DurableObjectStub<Book> {
  return env.BOOK.get(env.BOOK.idFromName(merchantId), PLACE)
}
