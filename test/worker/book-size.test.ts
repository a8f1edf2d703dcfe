/** How large a merchant's book gets: what docs/operations.md says of it, measured with rows as real orders make them. */
import { runInDurableObject } from 'cloudflare:test'
import { expect, it } from 'vitest'
import type { Book } from '../../src/merchant/book'
import { bookEntry } from '../../src/order/entry'
import { begin, looked, submitted } from '../../src/order/machine'
import { attempted, fanOut } from '../../src/order/outbox'
import type { Intent, Order, Topup } from '../../src/order/state'
import { timedId } from '../../src/order/timed-id'
import { newBook } from './book-entries'
import { checkRef, newWorld, orderOf, patchEndpoint, registerEndpoint, send, walletLooks } from './world'

const ORDERS = 10_000
/** Twenty a second: the second of a made id is shared, as on a busy day. */
const BETWEEN_MS = 50
/** Measured: 1,614, of which the event is 1,026. */
const MAX_BYTES = { whole: 1_700, withoutEvent: 620 }
/** Measured: four pages of 4 KB, the record being 4.8 KB of JSON. */
const MAX_ORDER_BYTES = 16 * 1_024

const ENDPOINT = {
  id: 'ep_m0123456789ab_0123456789abcdef',
  url: 'https://shop.example.dz/callbacks/rasid',
  state: 'active',
  environment: 'production',
  events: ['topup.fulfilled', 'topup.refunded', 'topup.unknown', 'topup.reversed'],
  foldSuperseded: false,
  replaces: [],
} as const

const random = (digits: number) => crypto.randomUUID().replaceAll('-', '').slice(0, digits)

/** As accepted, and as called back. */
function ordinary(number: number, createdAt: number): readonly [Order, Order] {
  const ref = `invoice-2026-${String(number).padStart(8, '0')}`
  const intent: Intent = {
    merchantId: 'm0123456789ab',
    environment: 'production',
    ref,
    wallet: 'operator',
    account: random(16),
    upstreamRef: `m0123456789ab.${ref}`,
    request: { planCode: 'PREPAID_DJEZZY', msisdn: `07${String(number).padStart(8, '0')}`, amountDzd: 500 },
    callback: null,
  }
  const made = { gatewayId: timedId(random(16), createdAt), pageSecret: random(24), warnings: [] }
  const topup: Topup = {
    id: timedId(random(16), createdAt + 400),
    ref: `API-213550000000-${intent.upstreamRef}`,
    status: 'FULFILLED',
    planCode: intent.request.planCode,
    msisdn: intent.request.msisdn,
    topupAmountDzd: 500,
    balanceAmountDzd: 490,
    refundMessage: null,
    suggestedOffers: null,
  }
  const sending = begin(intent, made, createdAt)
  const accepted = submitted(sending, { kind: 'accepted', topupId: topup.id }, createdAt + 400)
  const settledAt = createdAt + 9_000
  const final = fanOut(looked(accepted, { kind: 'found', topup }, settledAt), [ENDPOINT], settledAt)
  const answer = { outcome: 'delivered', httpStatus: 200, retryAfterSeconds: null, durationMs: 180 } as const
  const told = attempted(
    final,
    final.deliveries[0]?.id ?? '',
    { ...answer, answer: 'OK' },
    settledAt + 200,
    0,
  )
  return [
    { ...accepted, revision: 2 },
    { ...told, revision: 4 },
  ]
}

it('a book grows by no more than is said for each order, and less once the event is gone', async () => {
  await runInDurableObject(newBook('size'), (book: Book, { storage }) => {
    const from = Date.now() - ORDERS * BETWEEN_MS
    for (let number = 0; number < ORDERS; number++) {
      const createdAt = from + number * BETWEEN_MS
      const [accepted, told] = ordinary(number, createdAt)
      const objectId = random(32) + random(32)
      book.record(bookEntry(accepted, objectId, createdAt + 20_000))
      book.record(bookEntry(told, objectId, null))
    }
    const whole = storage.sql.databaseSize / ORDERS
    storage.sql.exec('DELETE FROM events')
    expect(whole).toBeLessThan(MAX_BYTES.whole)
    expect(storage.sql.databaseSize / ORDERS).toBeLessThan(MAX_BYTES.withoutEvent)
  })
})

it('an order keeps its own record in a few pages', async () => {
  const world = newWorld()
  await patchEndpoint((await registerEndpoint()).data.id, { state: 'active' })
  await send('size-1')
  await walletLooks('size-1')
  world.settle('size-1', 'HANDLING')
  await walletLooks('size-1')
  world.settle('size-1', 'FULFILLED')
  await walletLooks('size-1')
  await world.received(1)
  expect((await checkRef('size-1')).data.gateway.final).toBe(true)
  const size = await runInDurableObject(await orderOf('size-1'), (_, { storage }) => {
    return storage.sql.databaseSize
  })
  expect(size).toBeLessThanOrEqual(MAX_ORDER_BYTES)
})
