/** What the home page of the console is told, by the book itself. */
import { runInDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { BookEntry } from '../../src/merchant/book-entry'
import { entry, newBook, record } from './book-entries'

const HOUR_MS = 3_600_000
const NOW = Date.UTC(2026, 10, 25, 12, 30)
const TODAY = Date.UTC(2026, 10, 24, 23)
const REQUEST = {
  environment: 'production',
  from: Date.UTC(2026, 10, 24, 13),
  bucketMs: HOUR_MS,
  buckets: 24,
  today: TODAY,
} as const

let number = 0
function made(hoursAgo: number, change: Partial<BookEntry> & { tookMs?: number } = {}): BookEntry {
  const { tookMs, ...more } = change
  const createdAt = NOW - hoursAgo * HOUR_MS
  const settled = { phase: 'settled', settledAt: createdAt + (tookMs ?? 0) } as const
  return entry(++number, { createdAt, ...(tookMs === undefined ? {} : settled), ...more })
}

afterEach(() => {
  vi.useRealTimers()
})

describe('the statistics of a book', () => {
  it('of a merchant without orders are nothing, in as many buckets, and make no tables', async () => {
    const book = newBook('statistics-none')
    const told = await book.statistics(REQUEST)
    expect(told.buckets).toHaveLength(24)
    expect(told).toMatchObject({ times: { medianMs: null, p95Ms: null }, doubtful: [], since: null })
    const tables = await runInDurableObject(book, (_, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'orders'").toArray(),
    )
    expect(tables).toEqual([])
  })

  it('count each order once, in the hour in which it was made, by what is known of it', async () => {
    const book = newBook('statistics-counts')
    await record(book, [
      made(0, { status: 'FULFILLED', tookMs: 4_000, topupAmountDzd: 300 }),
      made(0.2, { status: 'FULFILLED', tookMs: 8_000, topupAmountDzd: 200 }),
      made(0.3, { status: 'PENDING' }),
      made(2, { status: 'REFUNDED', tookMs: 60_000 }),
      made(14, { status: 'FULFILLED', tookMs: 6_000 }),
      made(40, { status: 'FULFILLED', tookMs: 1 }),
      made(0, { status: 'FULFILLED', tookMs: 1, environment: 'sandbox' }),
    ])
    const { buckets, times, today, since } = await book.statistics(REQUEST)
    expect(buckets[23]).toEqual({ fulfilled: 2, refunded: 0, open: 1, medianMs: 4_000 })
    expect(buckets[21]).toEqual({ fulfilled: 0, refunded: 1, open: 0, medianMs: 60_000 })
    expect(buckets[9]).toEqual({ fulfilled: 1, refunded: 0, open: 0, medianMs: 6_000 })
    expect(buckets.reduce((sum, each) => sum + each.fulfilled + each.refunded + each.open, 0)).toBe(5)
    expect(times).toEqual({ medianMs: 6_000, p95Ms: 60_000 })
    expect(today).toEqual({ fulfilled: 2, refunded: 1, open: 1, fulfilledDzd: 500 })
    expect(since).toBeNull()
  })

  it('name every order in doubt or unknown, the oldest first, also those that are days old', async () => {
    const book = newBook('statistics-doubt')
    // Old and open: watched, as the watchdog's mark has passed it.
    await runInDurableObject(book, (_, { storage }) => storage.kv.put('watched_up_to', NOW - 50 * HOUR_MS))
    await record(book, [
      made(100, { phase: 'unknown', status: 'UNKNOWN_ERROR', dueAt: NOW }),
      made(3, { phase: 'in_doubt', dueAt: NOW }),
      made(0.1, { phase: 'tracking', dueAt: NOW }),
      made(90, { phase: 'unknown', environment: 'sandbox', dueAt: NOW }),
    ])
    const { doubtful, doubtfulTotal } = await book.statistics(REQUEST)
    expect(doubtful.map(({ phase, createdAt }) => [phase, createdAt])).toEqual([
      ['unknown', NOW - 100 * HOUR_MS],
      ['in_doubt', NOW - 3 * HOUR_MS],
    ])
    expect(doubtfulTotal).toBe(2)
  })

  it('write no row', async () => {
    const book = newBook('statistics-rows')
    await record(book, [made(1, { status: 'FULFILLED', tookMs: 5_000 }), made(1, { phase: 'in_doubt' })])
    const changes = () =>
      runInDurableObject(book, (_, { storage }) =>
        storage.sql.exec<{ changes: number }>('SELECT total_changes() AS changes').one(),
      )
    const before = await changes()
    await book.statistics(REQUEST)
    expect(await changes()).toEqual(before)
  })
})
