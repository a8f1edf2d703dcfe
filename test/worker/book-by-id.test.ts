/** An order by its id: where the id says that it is, or in the table of ids that tell no time. */
import { runInDurableObject } from 'cloudflare:test'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BookEntry } from '../../src/merchant/book-entry'
import { findById } from '../../src/merchant/order-ids'
import { deliveryId } from '../../src/order/delivery-id'
import { timedId } from '../../src/order/timed-id'
import { entry, newBook, record } from './book-entries'

const START = Date.UTC(2026, 1, 1)
const LONG_MS = 60_000

type Stub = ReturnType<typeof newBook>

const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0')

/** An id that says that it was made so long after its order. */
function timed(number: number, createdAt: number, lateMs: number): string {
  return timedId(hex(number, 16), createdAt + lateMs)
}

/** All of its ids are timed. */
function order(number: number, change: Partial<BookEntry> = {}): BookEntry {
  const createdAt = change.createdAt ?? START + number * 1_000
  const topupId = timed(number, createdAt, 700)
  return entry(number, { createdAt, topupId, gatewayId: timed(number + 0xa000, createdAt, 0), ...change })
}

async function untimed(book: Stub): Promise<string[]> {
  return await runInDurableObject(book, (_, { storage }) =>
    storage.sql
      .exec<{ id: string }>('SELECT id FROM untimed_ids ORDER BY id')
      .toArray()
      .map(({ id }) => id),
  )
}

/** Each step of SQLite's plans for one look-up. */
async function planOf(book: Stub, id: string): Promise<string[]> {
  return await runInDurableObject(book, (_, { storage }) => {
    const plans: string[] = []
    const explained = new Proxy(storage.sql, {
      get: (sql, name) => {
        if (name !== 'exec') throw new Error(`${String(name)} is not asked for`)
        return (query: string, ...values: SqlStorageValue[]) => {
          const steps = sql.exec<{ detail: string }>(`EXPLAIN QUERY PLAN ${query}`, ...values)
          plans.push(...steps.toArray().map(({ detail }) => detail))
          return sql.exec(query, ...values)
        }
      },
    })
    findById(explained, 'production', id)
    return plans
  })
}

describe('an id', () => {
  it('that tells its time is found where it says, without a row of its own', async () => {
    const book = newBook('by-id-timed')
    await record(
      book,
      [1, 2, 3].map((number) => order(number)),
    )
    expect(await untimed(book)).toEqual([])
    expect(await book.refOf('production', order(2).topupId)).toBe('order-2')
    const plan = await planOf(book, order(2).topupId)
    expect(plan).toEqual(['SEARCH o USING PRIMARY KEY (environment=? AND created_at>? AND created_at<?)'])
  })

  it.each([
    ['tells no time', 'provider-2'],
    ['tells a time long before its order', timed(2, START, -24 * 3_600_000)],
    ['tells a time long after its order', timed(2, START, 24 * 3_600_000)],
    ['tells a time of which no clock has heard', 'f'.repeat(24)],
  ])('that %s is found too', async (_, id) => {
    const book = newBook(`by-id-${id}`)
    const later = { ...order(2), revision: 2, providerId: id }
    await record(book, [order(1), order(2), order(3), later, later, { ...later, revision: 3 }])
    expect(await untimed(book)).toEqual([id])
    expect(await book.refOf('production', id)).toBe('order-2')
    expect(await book.refOf('production', order(2).topupId)).toBe('order-2')
    expect(await book.refOf('sandbox', id)).toBeNull()
    for (const step of await planOf(book, id)) expect(step).toMatch(/^SEARCH [ou] USING PRIMARY KEY \(/)
  })

  it('that was made two minutes before or after its order is timed, one further off is not', async () => {
    const book = newBook('by-id-edges')
    const edges = [-120_001, -120_000, 120_000, 120_001]
    const orders = edges.map((lateMs, number) => {
      const createdAt = START - lateMs
      return order(number, {
        createdAt,
        topupId: timed(number, START, 0),
        gatewayId: timed(number, createdAt, 0),
      })
    })
    await record(book, orders)
    expect(await untimed(book)).toEqual([orders[0]?.topupId, orders[3]?.topupId].sort())
    for (const { topupId, ref } of orders) expect(await book.refOf('production', topupId)).toBe(ref)
  })

  it('that the provider has taken back is not found', async () => {
    const book = newBook('by-id-changed')
    await record(book, [
      { ...order(2), providerId: 'first' },
      { ...order(2), revision: 2, providerId: 'second' },
    ])
    expect(await book.refOf('production', 'first')).toBeNull()
    expect(await book.refOf('production', 'second')).toBe('order-2')
  })

  it('of a delivery leads to its order, whatever is known of the delivery', async () => {
    const book = newBook('by-id-delivery')
    const untimedMaker = order(4, { gatewayId: 'f'.repeat(24) })
    await record(book, [order(1), order(2), order(3), untimedMaker])
    for (const { gatewayId, createdAt, objectId } of [order(2), untimedMaker]) {
      const id = deliveryId({ id: `evt_${gatewayId}_2`, createdAt: createdAt + 5_000 }, 'ep_shop_12345678')
      expect(await book.orderOfDelivery('production', id)).toBe(objectId)
      expect(await book.orderOfDelivery('sandbox', id)).toBeNull()
    }
    const unknown = deliveryId({ id: `evt_${'0'.repeat(24)}_2`, createdAt: START }, 'ep_shop_12345678')
    expect(await book.orderOfDelivery('production', unknown)).toBeNull()
    expect(await book.orderOfDelivery('production', 'dlv_')).toBeNull()
  })
})

it('whatever an id says of its time, its order is found by it, and no other', {
  timeout: LONG_MS,
}, async () => {
  const late = fc.oneof(
    fc.integer({ min: -130_000, max: 130_000 }),
    fc.constantFrom(-120_001, -120_000, -119_001, -15_001, -15_000, 1_000, 1_001, 120_000, 120_999, 121_000),
    fc.integer({ min: -(10 ** 10), max: 10 ** 10 }),
  )
  const one = fc.record({ gapMs: fc.nat({ max: 5_000 }), topup: late, provider: fc.option(late) })
  let worlds = 0
  await fc.assert(
    fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 30 }), async (made) => {
      let createdAt = START
      const orders = made.map(({ gapMs, topup, provider }, number) => {
        createdAt += gapMs
        return order(number, {
          createdAt,
          topupId: timed(number, createdAt, topup),
          providerId: provider === null ? null : timed(number + 0xb000, createdAt, provider),
        })
      })
      const book = newBook(`by-id-any-${++worlds}`)
      await record(book, orders)
      for (const { topupId, providerId, ref } of orders) {
        expect(await book.refOf('production', topupId)).toBe(ref)
        if (providerId !== null) expect(await book.refOf('production', providerId)).toBe(ref)
      }
      expect(await book.refOf('production', timed(0xc000, createdAt, 0))).toBeNull()
    }),
    { numRuns: 40 },
  )
})
