/** The bindings, parsed once into a strict type: optional things are null, never undefined or ''. */
import type { Book } from './merchant/book'
import type { Merchant } from './merchant/merchant'
import type { Order } from './order/order'
import type { Wallet } from './provider/wallet'
import type { Reconciler } from './reconcile/reconciler'

/** The generated bindings; a secret that nobody has set yet is undefined all the same. */
export type Env = Omit<
  Cloudflare.Env,
  'ONECLICK_BASE_URL' | 'DNS_URL' | 'OWN_ZONES' | 'KEY_LIMIT' | 'STRANGER_LIMIT'
> & {
  readonly ONECLICK_BASE_URL: string
  readonly DNS_URL?: string
  readonly OWN_ZONES?: string
  /** Limiters are a service of the platform's edge: a bare runtime has none, and then nothing is limited. */
  readonly KEY_LIMIT?: RateLimit
  readonly STRANGER_LIMIT?: RateLimit
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
  /** Encrypts merchants' own credentials and endpoints' signing keys; without it there are none. */
  readonly masterKey: string | null
  /** A resolver over HTTPS that speaks `application/dns-json`. */
  readonly dnsUrl: string
  /** Host names that no callback may go to, nor to any name below them: the gateway's own. */
  readonly ownZones: readonly string[]
}

const ONECLICK_BASE_URL = 'https://api.oneclickdz.com'
const DNS_URL = 'https://cloudflare-dns.com/dns-query'

export function settings(env: Env): Settings {
  return {
    local: env.LOCAL === 'true',
    oneclickBaseUrl: (env.ONECLICK_BASE_URL || ONECLICK_BASE_URL).replace(/\/+$/, ''),
    oneclickAccessToken: env.ONECLICK_ACCESS_TOKEN || null,
    adminToken: env.ADMIN_TOKEN || null,
    masterKey: env.MASTER_KEY || null,
    dnsUrl: env.DNS_URL || DNS_URL,
    ownZones: (env.OWN_ZONES ?? '')
      .split(',')
      .map((zone) => zone.trim())
      .filter((zone) => zone !== ''),
  }
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

/** The account's, named like its wallet. */
export function reconcilerByName(env: Env, wallet: string): DurableObjectStub<Reconciler> {
  return env.RECONCILER.get(env.RECONCILER.idFromName(wallet), PLACE)
}
