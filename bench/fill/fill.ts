/**
 * What a gateway holds before it is measured, written by its own code: settled orders through `Book.record`, as each
 * order tells of itself, and keys as a merchant publishes them. Only the objects of these orders are not made.
 */
import { Book as GatewayBook } from '../../src/merchant/book'
import { DEMO_MERCHANT } from '../../src/merchant/demo'
import { type KeyEntry, keyPath } from '../../src/merchant/keys'
import { bookEntry } from '../../src/order/entry'
import * as machine from '../../src/order/machine'
import { sandboxAccount, walletName } from '../../src/order/name'
import type { Environment } from '../../src/order/state'
import { timedId } from '../../src/order/timed-id'
import { sha256Hex } from '../../src/platform/crypto'

/** In one transaction. */
const BATCH_ORDERS = 5_000
const BATCH_KEYS = 250
const SPREAD_MS = 24 * 3_600_000
const SETTLES_MS = 8_000
const REQUEST = { planCode: 'PREPAID_MOBILIS', msisdn: '0661234567', amountDzd: 500 }
const WALLET = walletName(DEMO_MERCHANT, 'sandbox', false)

interface Wanted {
  readonly orders: number
  readonly keys: readonly { readonly key: string; readonly environment: Environment }[]
}

interface Env {
  readonly KEYS: KVNamespace
  readonly BOOK: DurableObjectNamespace<Book>
}

export class Book extends GatewayBook {
  /** Orders `from` to `to` of `all`, spread evenly over the day that ends now. */
  fill(from: number, to: number, all: number): void {
    const now = Date.now()
    for (let order = from; order < to; order++) {
      this.record(entryOf(order, Math.floor(now - SPREAD_MS * (1 - order / all) - SETTLES_MS)))
    }
  }
}

function entryOf(order: number, createdAt: number) {
  const ref = `held-${order}`
  const hex = order.toString(16).padStart(16, '0')
  const id = timedId(hex, createdAt)
  const account = sandboxAccount(WALLET) ?? ''
  const intent = { merchantId: DEMO_MERCHANT, environment: 'sandbox', ref, wallet: WALLET, account } as const
  const begun = machine.begin(
    { ...intent, upstreamRef: ref, request: REQUEST, callback: null },
    { gatewayId: id, pageSecret: hex, warnings: [] },
    createdAt,
  )
  const accepted = machine.submitted(begun, { kind: 'accepted', topupId: id }, createdAt)
  const { planCode, msisdn, amountDzd } = REQUEST
  const facts = { planCode, msisdn, topupAmountDzd: amountDzd, balanceAmountDzd: amountDzd }
  const topup = { id, ref, status: 'FULFILLED', ...facts, refundMessage: null, suggestedOffers: null }
  const settled = machine.looked(accepted, { kind: 'found', topup }, createdAt + SETTLES_MS)
  return bookEntry(settled, hex.padStart(64, '0'), null)
}

async function publish(env: Env, { key, environment }: Wanted['keys'][number]): Promise<void> {
  const entry: KeyEntry = {
    merchantId: DEMO_MERCHANT,
    keyId: `key_${key}`,
    environment,
    scope: 'READ-WRITE',
    disabled: false,
    allowedIps: [],
    ownAccount: null,
    limited: false,
    callbackHealth: null,
  }
  await env.KEYS.put(keyPath(await sha256Hex(key)), JSON.stringify(entry))
}

export default {
  async fetch(request, env) {
    if (request.method !== 'POST') return new Response()
    const { orders, keys } = await request.json<Wanted>()
    const book = env.BOOK.getByName(DEMO_MERCHANT)
    for (let from = 0; from < orders; from += BATCH_ORDERS) {
      await book.fill(from, Math.min(orders, from + BATCH_ORDERS), orders)
    }
    for (let from = 0; from < keys.length; from += BATCH_KEYS) {
      await Promise.all(keys.slice(from, from + BATCH_KEYS).map((key) => publish(env, key)))
    }
    return new Response()
  },
} satisfies ExportedHandler<Env>
