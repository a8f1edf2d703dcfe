/** Which orders the book finds overdue, against a model that looks at every one of them. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Book } from '../../src/merchant/book'
import type { BookEntry } from '../../src/merchant/book-entry'
import { Order } from '../../src/order/order'
import { entry, newBook, record } from './book-entries'
import { env } from './world'

const START = Date.UTC(2026, 1, 1)
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const LONG_MS = 60_000
/** Enough that are over for the mark to move. */
const CROWD = 120

type Stub = ReturnType<typeof newBook>

beforeEach(() => {
  vi.setSystemTime(START)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

let numbers = 0
const later = (ms: number) => vi.setSystemTime(Date.now() + ms)
/** Nobody is there to be woken, so an order stays as overdue as it is. */
const cron = (book: Stub) => book.wakeOverdue(Date.now())

async function crowd(book: Stub): Promise<void> {
  await record(
    book,
    Array.from({ length: CROWD }, () => entry(++numbers, { phase: 'settled', status: 'FULFILLED' })),
  )
}

/** The mark has moved past everything until now. */
async function busyHours(book: Stub): Promise<void> {
  await crowd(book)
  later(HOUR_MS)
  await cron(book)
}

async function watched(book: Stub): Promise<number> {
  return await runInDurableObject(
    book,
    (_, { storage }) =>
      storage.sql
        .exec<{ watched: number }>(
          'SELECT COUNT(*) AS watched FROM orders INDEXED BY orders_watched WHERE is_watched = 1 AND due_at IS NOT NULL',
        )
        .one().watched,
  )
}

describe('an order that is overdue is found', () => {
  it('while it is young, without an entry in an index', async () => {
    const book = newBook('dog-young')
    await record(book, [entry(++numbers, { dueAt: START + 20_000 })])
    expect(await cron(book)).toBe(0)
    later(3 * MINUTE_MS)
    expect(await cron(book)).toBe(1)
    expect(await watched(book)).toBe(0)
  })

  it('among many that are over, when it is due after days', async () => {
    const book = newBook('dog-far')
    await record(book, [entry(++numbers, { dueAt: START + 3 * DAY_MS })])
    for (let day = 0; day < 3; day++) {
      await busyHours(book)
      expect(await cron(book)).toBe(0)
      await evictDurableObject(book)
      later(DAY_MS - HOUR_MS)
    }
    expect(await watched(book)).toBe(1)
    later(1)
    expect(await cron(book)).toBe(1)
  })

  it('when cron was away for a day, and it was booked late', async () => {
    const book = newBook('dog-outage')
    await record(book, [entry(++numbers, { dueAt: START + 20_000 })])
    later(DAY_MS)
    await crowd(book)
    await evictDurableObject(book)
    later(HOUR_MS)
    expect(await cron(book)).toBe(1)
    // The mark is past all of these; the book was not to be reached when this order was made.
    await record(book, [entry(++numbers, { createdAt: START + HOUR_MS, dueAt: START + HOUR_MS + 20_000 })])
    await evictDurableObject(book)
    expect(await cron(book)).toBe(2)
  })

  it('when it was over and is due again', async () => {
    const book = newBook('dog-again')
    const order = entry(++numbers, { createdAt: START })
    await record(book, [order])
    await busyHours(book)
    expect(await watched(book)).toBe(0)
    await record(book, [{ ...order, revision: 2, dueAt: Date.now() }])
    later(MINUTE_MS)
    expect(await cron(book)).toBe(1)
    await record(book, [{ ...order, revision: 3, dueAt: null }])
    expect(await cron(book)).toBe(0)
    expect(await watched(book)).toBe(0)
  })

  it('without a look at those that are over', async () => {
    const book = newBook('dog-plan')
    await busyHours(book)
    const steps: string[] = []
    await runInDurableObject(book, async (instance: Book, { storage }) => {
      const { sql } = storage
      const { exec } = Object.getPrototypeOf(sql)
      vi.spyOn(Object.getPrototypeOf(sql), 'exec').mockImplementation(function (
        this: unknown,
        query,
        ...values
      ) {
        if (/^\s*SELECT[\s\S]*due_at </.test(String(query))) {
          const plan = exec.call(this, `EXPLAIN QUERY PLAN ${query}`, ...values)
          steps.push(...plan.toArray().map(({ detail }: { detail: string }) => detail))
        }
        return exec.call(this, query, ...values)
      })
      await instance.wakeOverdue(Date.now())
    })
    const reads = steps.filter((step) => step.includes('orders'))
    expect(reads.map((step) => step.replace(/^SEARCH orders USING /, '')).sort()).toEqual([
      'INDEX orders_watched (due_at>? AND due_at<?)',
      'PRIMARY KEY (environment=? AND created_at>?)',
    ])
  })
})

it('what an order tells of itself while it is woken is not overwritten by its answer', async () => {
  const book = newBook('dog-stale')
  const objectId = env.ORDER.idFromName('dog-stale').toString()
  const order = entry(++numbers, { objectId, dueAt: START })
  await record(book, [order])
  later(HOUR_MS)
  const wake = vi.spyOn(Order.prototype, 'wake').mockImplementation(async () => {
    // By a stub of this object's own: that of the test belongs to another.
    await newBook('dog-stale').record({ ...order, revision: 2, dueAt: START + 30 * MINUTE_MS })
    return null
  })
  expect(await cron(book)).toBe(1)
  wake.mockImplementation(async () => Date.now() + HOUR_MS)
  expect(await cron(book)).toBe(1)
  expect(await cron(book)).toBe(0)
  later(HOUR_MS + 1)
  expect(await cron(book)).toBe(1)
})

describe('in any order of bookings, clocks, evictions and crons', () => {
  const due = fc.option(fc.integer({ min: -HOUR_MS, max: 3 * DAY_MS }), { freq: 3 })
  const happening = fc.oneof(
    // Late: an order may be made long before its book can be reached; or its clock is ahead.
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('made' as const),
        agoMs: fc.oneof(fc.constant(0), fc.integer({ min: -HOUR_MS, max: 3 * DAY_MS })),
        due,
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('told' as const), which: fc.nat(), due }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('crowd' as const) }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('cron' as const) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('eviction' as const) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('clock' as const),
        ms: fc.oneof(fc.integer({ min: 0, max: HOUR_MS }), fc.integer({ min: -HOUR_MS, max: 2 * DAY_MS })),
      }),
    },
  )
  let worlds = 0

  it('exactly those are found that are overdue', { timeout: LONG_MS }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 30 }), async (happenings) => {
        vi.setSystemTime(START)
        const book = newBook(`dog-any-${++worlds}`)
        const orders: BookEntry[] = []
        const dueAt = (ms: number | null) => (ms === null ? null : Date.now() + ms)
        for (const what of happenings) {
          if (what.kind === 'made') {
            const environment = numbers % 3 === 0 ? 'sandbox' : 'production'
            const made = { createdAt: Date.now() - what.agoMs, dueAt: dueAt(what.due), environment } as const
            orders.push(entry(++numbers, made))
            await record(book, orders.slice(-1))
          } else if (what.kind === 'told') {
            const index = what.which % Math.max(orders.length, 1)
            const before = orders[index]
            if (before === undefined) continue
            orders[index] = { ...before, revision: before.revision + 1, dueAt: dueAt(what.due) }
            await record(book, orders.slice(index, index + 1))
          } else if (what.kind === 'crowd') await crowd(book)
          else if (what.kind === 'clock') later(what.ms)
          else if (what.kind === 'eviction') {
            await book.heldCounts() // what is not in memory cannot be thrown out of it
            await evictDurableObject(book)
          } else {
            const now = Date.now()
            const overdue = orders.filter(({ dueAt }) => dueAt !== null && dueAt < now)
            expect(await cron(book)).toBe(overdue.length)
          }
        }
      }),
      { numRuns: 60 },
    )
  })
})
