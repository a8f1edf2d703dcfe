/** The book's rows as they are compared with the provider: every one on the account, once, a page at a time. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Book } from '../../src/merchant/book'
import type { BookEntry } from '../../src/merchant/book-entry'
import type { BookedOrder, OnAccount } from '../../src/merchant/comparable'
import type { OrderPlace } from '../../src/merchant/order-row'
import { entry, newBook, record } from './book-entries'

const START = Date.UTC(2026, 1, 1)
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const OPERATOR: OnAccount = { environment: 'production', wallet: 'operator' }

type Stub = ReturnType<typeof newBook>
type Turn = (after: OrderPlace | null, limit: number) => Promise<BookedOrder[]>

let numbers = 0
let books = 0
let book: Stub

beforeEach(() => {
  vi.setSystemTime(START)
  book = newBook(`comparable-${++books}`)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

async function allPages(turn: Turn, limit: number): Promise<BookedOrder[]> {
  const all: BookedOrder[] = []
  for (;;) {
    const page = await turn(all.at(-1)?.order ?? null, limit)
    all.push(...page)
    expect(page.length).toBeLessThanOrEqual(limit)
    if (page.length < limit) return all
  }
}

const ids = (orders: readonly BookedOrder[]) => orders.map(({ order }) => order.objectId)

/** The oldest first. */
function model(entries: readonly BookEntry[], isWanted: (one: BookEntry) => boolean): string[] {
  return entries
    .filter(isWanted)
    .toSorted((a, b) => a.createdAt - b.createdAt || (a.objectId < b.objectId ? -1 : 1))
    .map(({ objectId }) => objectId)
}

const anyEntry = fc
  .record({
    createdAt: fc.integer({ min: START - 5, max: START + 5 }),
    wallet: fc.constantFrom('operator', 'own:him'),
    environment: fc.constantFrom('production' as const, 'sandbox' as const),
    phase: fc.constantFrom('queued', 'sending', 'in_doubt', 'tracking', 'unknown', 'settled' as const),
  })
  .map((made) => entry(++numbers, { ...made, dueAt: made.phase === 'settled' ? null : START + HOUR_MS }))

describe('rows of a window', () => {
  it('come all and once, the oldest first, whatever the page', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyEntry, { maxLength: 25 }),
        fc.integer({ min: START - 6, max: START + 6 }),
        fc.integer({ min: 0, max: 8 }),
        fc.integer({ min: 1, max: 4 }),
        async (entries, from, lengthMs, limit) => {
          const mine = newBook(`comparable-any-${++books}`)
          await record(mine, entries)
          const range = { from, to: from + lengthMs }
          const isWanted = ({ environment, wallet, createdAt }: BookEntry) =>
            environment === 'production' && wallet === 'operator' && createdAt >= from && createdAt < range.to
          const found = await allPages((after, size) => mine.comparable(OPERATOR, range, after, size), limit)
          expect(ids(found)).toEqual(model(entries, isWanted))
          expect(await mine.hasOrders(OPERATOR, range)).toBe(found.length > 0)
        },
      ),
      { numRuns: 40 },
    )
  })

  it('say what the order would say', async () => {
    await record(book, [entry(++numbers, { createdAt: START, askedDzd: 400, settledAt: START + 5 })])
    const [row] = await book.comparable(OPERATOR, { from: START, to: START + 1 }, null, 10)
    const topupId = numbers.toString(16).padStart(24, '0')
    expect(row).toMatchObject({
      isSure: true,
      order: { upstreamRef: `comparable-${books}.order-${numbers}`, topupId, providerId: topupId },
    })
    expect(row?.order).toMatchObject({ amountDzd: 500, askedDzd: 400, settledAt: START + 5, revision: 1 })
  })

  it('tell the id of the provider from the one that the gateway gave', async () => {
    const gatewayId = '9'.repeat(24)
    await record(book, [
      entry(++numbers, { createdAt: START, gatewayId, topupId: gatewayId, phase: 'in_doubt' }),
      entry(++numbers, { createdAt: START + 1, gatewayId, topupId: gatewayId, providerId: 'b'.repeat(24) }),
    ])
    const rows = await book.comparable(OPERATOR, { from: START, to: START + 2 }, null, 10)
    expect(rows.map(({ order }) => order.providerId)).toEqual([null, 'b'.repeat(24)])
  })

  it('are read by the primary key', async () => {
    await record(book, [entry(++numbers)])
    const plans = await plansOf(book, (mine) => {
      mine.comparable(OPERATOR, { from: START, to: START + HOUR_MS }, null, 10)
      mine.hasOrders(OPERATOR, { from: START, to: START + HOUR_MS })
    })
    expect(plans).toHaveLength(2)
    for (const plan of plans) {
      expect(plan).toMatch(
        /^SEARCH orders USING PRIMARY KEY \(environment=\? AND .*created_at.* AND created_at<\?\)$/,
      )
    }
  })
})

describe('orders that are still unknown', () => {
  const isUnknown = ({ environment, wallet, phase }: BookEntry) =>
    environment === 'production' &&
    wallet === 'operator' &&
    ['in_doubt', 'tracking', 'unknown'].includes(phase)

  it('come all and once, whether the watchdog has an entry for them or not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyEntry, { maxLength: 25 }),
        fc.array(anyEntry, { maxLength: 25 }),
        fc.integer({ min: 1, max: 4 }),
        async (old, young, limit) => {
          vi.setSystemTime(START)
          const mine = newBook(`comparable-any-${++books}`)
          await record(mine, [...old, ...crowd()])
          vi.setSystemTime(START + HOUR_MS)
          await mine.wakeOverdue(0)
          const late = young.map((one) => ({ ...one, createdAt: one.createdAt + 2 * HOUR_MS }))
          await record(mine, late)
          const before = START + 2 * HOUR_MS
          const turn: Turn = (after, size) => mine.unknownOrders(OPERATOR, before, after, size)
          const wanted = (one: BookEntry) => isUnknown(one) && one.createdAt < before
          expect(ids(await allPages(turn, limit))).toEqual(model([...old, ...late], wanted))
        },
      ),
      { numRuns: 20 },
    )
  })

  it('are found without a look at those that are over', async () => {
    await record(book, [...crowd(), entry(++numbers, { phase: 'unknown', dueAt: START + DAY_MS })])
    vi.setSystemTime(START + HOUR_MS)
    await book.wakeOverdue(0)
    const plans = await plansOf(book, (mine) => void mine.unknownOrders(OPERATOR, START + DAY_MS, null, 10))
    const reads = plans.filter((plan) => plan.includes('orders'))
    expect(reads.map((plan) => plan.replace(/ AND created_at<\?/, '')).toSorted()).toEqual([
      'SEARCH orders USING INDEX orders_watched (due_at>?)',
      'SEARCH orders USING PRIMARY KEY (environment=? AND created_at>?)',
    ])
  })

  it('name the wallets that they are on', async () => {
    const merchantId = `comparable-${books}`
    const unknown = { phase: 'unknown', dueAt: START + DAY_MS } as const
    await record(book, [
      entry(++numbers, { ...unknown, wallet: `own:${merchantId}` }),
      entry(++numbers, { ...unknown, environment: 'sandbox', wallet: `sandbox:${merchantId}` }),
      entry(++numbers, { phase: 'settled' }),
    ])
    expect(await book.walletsOfUnknown(START + 1)).toEqual([`sandbox:${merchantId}`, `own:${merchantId}`])
    expect(await book.walletsOfUnknown(START)).toEqual([])
  })
})

describe('a book of the version before', () => {
  it('has rows that do not tell their account, until their orders tell of themselves again', async () => {
    const old = [1, 2].map((ms) => entry(++numbers, { createdAt: START + ms, wallet: 'own:him' }))
    await record(book, old)
    await runInDurableObject(book, (_, { storage: { sql } }) => {
      sql.exec('ALTER TABLE orders DROP COLUMN wallet; ALTER TABLE orders DROP COLUMN asked_dzd')
    })
    await evictDurableObject(book)
    const range = { from: START, to: START + HOUR_MS }
    const read = async () =>
      (await book.comparable(OPERATOR, range, null, 10)).map(({ isSure, order }) => [isSure, order.askedDzd])
    expect(await read()).toEqual([
      [false, null],
      [false, null],
    ])
    await record(
      book,
      old.slice(0, 1).map((one) => ({ ...one, revision: 2 })),
    )
    expect(await read()).toEqual([[false, null]])
    const own = await book.comparable({ ...OPERATOR, wallet: 'own:him' }, range, null, 10)
    expect(own.map(({ isSure, order }) => [isSure, order.askedDzd])).toEqual([
      [true, 500],
      [false, null],
    ])
  })

  it('nobody has ever sent: a reader makes no tables', async () => {
    expect(await book.comparable(OPERATOR, { from: 0, to: START }, null, 10)).toEqual([])
    expect(await book.unknownOrders(OPERATOR, START, null, 10)).toEqual([])
    expect(await book.walletsOfUnknown(START)).toEqual([])
    expect(await book.newestOrderAt()).toEqual({ sandbox: null, production: null })
    const tables = await runInDurableObject(book, (_, { storage: { sql } }) =>
      sql.exec("SELECT name FROM sqlite_master WHERE name = 'orders'").toArray(),
    )
    expect(tables).toEqual([])
  })
})

it('the newest order of each environment is told', async () => {
  await record(book, [
    entry(++numbers, { createdAt: START }),
    entry(++numbers, { createdAt: START + 7 }),
    entry(++numbers, { createdAt: START + 9, environment: 'sandbox' }),
  ])
  expect(await book.newestOrderAt()).toEqual({ production: START + 7, sandbox: START + 9 })
})

/** Enough that are over for the watchdog's mark to move. */
function crowd(): BookEntry[] {
  return Array.from({ length: 120 }, () =>
    entry(++numbers, { createdAt: START, phase: 'settled', wallet: 'else' }),
  )
}

async function plansOf(of: Stub, act: (mine: Book) => void): Promise<string[]> {
  const plans: string[] = []
  await runInDurableObject(of, (instance: Book, { storage }) => {
    const prototype = Object.getPrototypeOf(storage.sql)
    const { exec } = prototype
    vi.spyOn(prototype, 'exec').mockImplementation(function (this: unknown, query, ...values) {
      if (String(query).includes('FROM orders')) {
        const plan = exec.call(this, `EXPLAIN QUERY PLAN ${query}`, ...values)
        plans.push(...plan.toArray().map(({ detail }: { detail: string }) => detail))
      }
      return exec.call(this, query, ...values)
    })
    act(instance)
  })
  return plans
}
