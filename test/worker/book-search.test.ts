/** Orders found by what they are, against a model that looks at every one of them. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import fc from 'fast-check'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { BookEntry } from '../../src/merchant/book-entry'
import type { OrderFilter } from '../../src/merchant/order-row'
import { LISTED_PHASES, STATUSES } from '../../src/order/state'
import { ANY, entry, newBook, newestFirst, record, refsOf, walk } from './book-entries'

const START = Date.UTC(2026, 1, 1)
const BATCH = 60
const BATCHES = 5
const PLANS = ['PREPAID_MOBILIS', 'PREPAID_DJEZZY', 'PIXX']
const NUMBERS = ['0661234567', '0771234567', '0551234567']
const AMOUNTS = [0, 100, 500]
const LONG_MS = 60_000

afterEach(() => {
  vi.useRealTimers()
})

/** One of them, for this order: far apart for neighbours, the same at every run. */
function pick<T>(from: readonly T[], number: number, salt: number): T {
  const spread = ((number + 1) * 2_654_435_761 * (salt + 1)) % 4_294_967_296
  const one = from[Math.floor((spread / 4_294_967_296) * from.length)]
  if (one === undefined) throw new Error('nothing to pick from')
  return one
}

const updatedIn = (batch: number) => START + 3_600_000 + batch * 1_000
const all = Array.from({ length: BATCH * BATCHES }, (_, number): BookEntry & { updatedAt: number } => {
  const phase = pick(LISTED_PHASES, number, 1)
  const change = {
    createdAt: START + Math.floor(number / 4),
    environment: number % 5 === 0 ? 'sandbox' : 'production',
    status: pick(STATUSES, number, 2),
    phase,
    planCode: pick(PLANS, number, 3),
    msisdn: pick(NUMBERS, number, 4),
    topupAmountDzd: pick(AMOUNTS, number, 5),
    providerId: number % 3 === 0 ? `provider-${number}` : null,
    settledAt: phase === 'settled' ? START + number : null,
  } as const
  return { ...entry(number, change), updatedAt: updatedIn(number % BATCHES) }
})

function isWanted(one: (typeof all)[number], filter: OrderFilter): boolean {
  const { environment, only, id, status, phase, planCode, msisdn, amountDzd, from, to, updatedAfter } = filter
  return (
    one.environment === environment &&
    (only === null || (one.createdAt === only.createdAt && one.objectId === only.objectId)) &&
    (id === null || one.topupId === id || one.providerId === id) &&
    (status === null || one.status === status) &&
    (phase === null || one.phase === phase) &&
    (planCode === null || one.planCode === planCode) &&
    (msisdn === null || one.msisdn === msisdn) &&
    (amountDzd === null || one.topupAmountDzd === amountDzd) &&
    (from === null || one.createdAt >= from) &&
    (to === null || one.createdAt <= to) &&
    (updatedAfter === null || one.updatedAt >= updatedAfter)
  )
}

describe('any question', () => {
  const book = newBook('search-model')

  beforeAll(async () => {
    for (let batch = 0; batch < BATCHES; batch++) {
      vi.setSystemTime(updatedIn(batch))
      await record(
        book,
        all.filter((_, number) => number % BATCHES === batch).map(({ updatedAt: _, ...one }) => one),
      )
    }
    vi.useRealTimers()
  })

  const sometimes = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 2 })
  const rarely = <T>(value: fc.Arbitrary<T>) =>
    fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value })
  const one = fc.constantFrom(...all)
  const time = fc.integer({ min: START - 1, max: START + 80 })
  const asked: fc.Arbitrary<OrderFilter> = fc.record({
    environment: fc.constantFrom('production', 'sandbox'),
    only: rarely(one.map(({ createdAt, objectId }) => ({ createdAt, objectId }))),
    id: rarely(
      fc.oneof(
        one.map(({ topupId, providerId }) => providerId ?? topupId),
        one.map(({ topupId }) => topupId),
        fc.constant('nobody'),
      ),
    ),
    status: sometimes(fc.constantFrom(...STATUSES)),
    phase: sometimes(fc.constantFrom(...LISTED_PHASES)),
    planCode: sometimes(fc.constantFrom(...PLANS, 'NOPE')),
    msisdn: sometimes(fc.constantFrom(...NUMBERS)),
    amountDzd: sometimes(fc.constantFrom(...AMOUNTS)),
    from: sometimes(time),
    to: sometimes(time),
    updatedAfter: sometimes(fc.integer({ min: updatedIn(0) - 1, max: updatedIn(BATCHES) })),
  })
  // Only plain objects may be handed to another object.
  const filters = asked.map((filter) => ({ ...filter }))

  it('finds what the model finds, in its order, page by page', { timeout: LONG_MS }, async () => {
    await fc.assert(
      fc.asyncProperty(filters, fc.integer({ min: 1, max: 40 }), async (filter, limit) => {
        const { items, pages } = await walk(book, filter, limit)
        const wanted = newestFirst(all.filter((candidate) => isWanted(candidate, filter)))
        expect(refsOf(items)).toEqual(refsOf(wanted))
        expect(pages.every((page) => page.length <= limit)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('shows what the book knows besides the top-up', async () => {
    const settled = all.find(({ phase, environment }) => phase === 'settled' && environment === 'production')
    if (settled === undefined) throw new Error('there is one')
    const { items } = await book.orders({ ...ANY, id: settled.topupId }, null, 10)
    expect(items).toEqual([
      {
        ...settled.topup,
        provider_id: settled.providerId,
        phase: 'settled',
        final: true,
        state_version: 1,
        updated_at: new Date(settled.updatedAt).toISOString(),
        settled_at: new Date(settled.settledAt ?? 0).toISOString(),
      },
    ])
  })
})

describe('a question without an index', () => {
  const book = newBook('search-long')
  const ROWS = 45_000
  /** Positions counted from the newest, 1 is the first. */
  const HITS = [1, 20_000, 20_001, 40_000, 40_001, ROWS]
  const hits = { ...ANY, amountDzd: 777 }

  beforeAll(async () => {
    await record(book, [entry(0, { createdAt: START - 1, environment: 'sandbox' })])
    await runInDurableObject(book, (_, { storage }) => {
      storage.sql.exec(
        `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${ROWS})
         INSERT INTO orders
         SELECT 'production', ${START} + (${ROWS} - n) / 3, printf('%064d', ${ROWS} - n), 'order-' || n, 1, 1, 1,
           printf('%024d', n), NULL, 'tracking', 'PENDING', 1, 'P', '0661234567',
           CASE WHEN n IN (${HITS.join(', ')}) THEN 777 ELSE 500 END, NULL,
           json_object('ref', 'order-' || n), NULL, NULL, 0, NULL, '{}', NULL, 'operator'
         FROM numbers`,
      )
    })
  }, LONG_MS)

  it('gives an empty page and a cursor that goes on, and ends', async () => {
    const { items, pages } = await walk(book, { ...ANY, amountDzd: 1 }, 50)
    expect(items).toEqual([])
    expect(pages).toHaveLength(3)
  })

  it('finds each one of the few, once, across pages that look at 20,000', async () => {
    const { items, pages } = await walk(book, hits, 50)
    expect(refsOf(items)).toEqual(HITS.map((position) => `order-${position}`))
    expect(pages.map((page) => page.length)).toEqual([2, 2, 2])
  })

  it.each([1, 2, 3])('finds them %d at a time', async (limit) => {
    const { items, pages } = await walk(book, hits, limit)
    expect(refsOf(items)).toEqual(HITS.map((position) => `order-${position}`))
    expect(pages.every((page) => page.length <= limit)).toBe(true)
  })

  it('goes on where it was when the book was thrown out of memory', async () => {
    const { items } = await walk(book, hits, 1, () => evictDurableObject(book))
    expect(refsOf(items)).toEqual(HITS.map((position) => `order-${position}`))
  })

  it('ends also where the orders end with the page', async () => {
    const from = START + (ROWS - 20_000) / 3
    const { items, pages } = await walk(book, { ...ANY, amountDzd: 1, from: Math.ceil(from) }, 50)
    expect(items).toEqual([])
    expect(pages.length).toBeLessThanOrEqual(2)
  })

  it('without one, a page is full at once', async () => {
    const { items, next } = await book.orders(ANY, null, 50)
    expect(refsOf(items)).toEqual(Array.from({ length: 50 }, (_, index) => `order-${index + 1}`))
    expect(next).not.toBeNull()
  })
})
