/** Lists that are read page by page while orders come in: nothing is missed, nothing is shown twice. */
import { evictDurableObject } from 'cloudflare:test'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { BookEntry } from '../../src/merchant/book-entry'
import type { PageRequest } from '../../src/merchant/order-pages'
import { ANY, entry, newBook, newestFirst, record, refsOf, walk } from './book-entries'

afterEach(() => {
  vi.useRealTimers()
})

const START = Date.UTC(2026, 1, 1)
const SEEDED = 4_000
const WAVE = 150
const PAGE = 100
const LONG_MS = 60_000

/** Three in each millisecond; every fifth of a later wave was created long before it was booked. */
function wave(first: number, count: number): BookEntry[] {
  return Array.from({ length: count }, (_, index) => {
    const number = first + index
    const isLate = number >= SEEDED && number % 5 === 0
    return entry(number, { createdAt: START + Math.floor((isLate ? number % SEEDED : number) / 3) })
  })
}

/** A book with the seeded orders, and a way to have more of them come in. */
async function seeded(merchantId: string) {
  const book = newBook(merchantId)
  const there = wave(0, SEEDED)
  await record(book, there)
  let next = SEEDED
  const moreComeIn = async () => {
    await record(book, wave(next, WAVE))
    next += WAVE
  }
  return { book, there, moreComeIn, count: () => next }
}

const page = (number: number, change: Partial<PageRequest> = {}): PageRequest => ({
  environment: 'production',
  page: number,
  pageSize: PAGE,
  window: null,
  walker: 'key-1',
  ...change,
})

it('by cursor, every order that was there is seen exactly once, in order, among 10,000', {
  timeout: LONG_MS,
}, async () => {
  const { book, there, moreComeIn, count } = await seeded('walk-cursor')
  const { items } = await walk(book, ANY, PAGE, moreComeIn)
  expect(count()).toBeGreaterThanOrEqual(10_000)

  const seen = refsOf(items)
  expect(new Set(seen).size).toBe(seen.length)
  const were = new Set(refsOf(there))
  expect(seen.filter((ref) => were.has(ref))).toEqual(refsOf(newestFirst(there)))
  const times = items.map(({ created_at }) => created_at)
  expect(times).toEqual(times.toSorted().reverse())
  // Some that were booked late stood ahead of the reader: they are seen, in their place.
  expect(seen.length).toBeGreaterThan(there.length)
})

it('by cursor, a book that is thrown out of memory between two pages goes on where it was', {
  timeout: LONG_MS,
}, async () => {
  const book = newBook('walk-evicted')
  const there = wave(0, 400)
  await record(book, there)
  const { items, pages } = await walk(book, ANY, 50, async (count) => {
    await evictDurableObject(book)
    await record(book, wave(SEEDED + count * 20, 20))
  })
  const were = new Set(refsOf(there))
  expect(pages.length).toBeGreaterThanOrEqual(8)
  expect(refsOf(items).filter((ref) => were.has(ref))).toEqual(refsOf(newestFirst(there)))
})

it('by number, the pages and the total stay those of the first page', { timeout: LONG_MS }, async () => {
  const { book, there, moreComeIn, count } = await seeded('walk-pages')
  const seen: string[] = []
  for (let number = 1; number <= SEEDED / PAGE; number++) {
    const { items, totalResults } = await book.page(page(number))
    expect(totalResults).toBe(SEEDED)
    seen.push(...refsOf(items))
    await moreComeIn()
  }
  expect(count()).toBe(10_000)
  expect(seen).toEqual(refsOf(newestFirst(there)))
  expect(await book.page(page(SEEDED / PAGE + 1))).toEqual({ items: [], totalResults: SEEDED })
})

it('by number, another walker, and the same one from the start, see what came in', {
  timeout: LONG_MS,
}, async () => {
  const { book, moreComeIn, there } = await seeded('walk-others')
  await book.page(page(1))
  await moreComeIn()
  const now = newestFirst([...there, ...wave(SEEDED, WAVE)])
  const refs = (number: number) => refsOf(now.slice((number - 1) * PAGE, number * PAGE))

  const other = await book.page(page(1, { walker: 'key-2' }))
  expect(other.totalResults).toBe(SEEDED + WAVE)
  expect(refsOf(other.items)).toEqual(refs(1))
  // He who was there first still walks through his own ...
  expect(await book.page(page(2))).toMatchObject({ totalResults: SEEDED })
  // ... until he starts anew; and whoever never opened a first page sees the orders of the moment.
  expect(await book.page(page(1))).toMatchObject({ totalResults: SEEDED + WAVE })
  const second = await book.page(page(2))
  expect(refsOf(second.items)).toEqual(refs(2))
  expect(await book.page(page(3, { walker: 'key-3' }))).toMatchObject({ totalResults: SEEDED + WAVE })
})

it('by number, what happens to an order meanwhile moves it nowhere', async () => {
  const book = newBook('walk-updates')
  const there = wave(0, 30)
  await record(book, there)
  const first = await book.page(page(1, { pageSize: 10 }))
  const settled = there.map((one): BookEntry => {
    return { ...one, revision: 2, status: 'FULFILLED', topup: { ...one.topup, status: 'FULFILLED' } }
  })
  await record(book, [...settled, ...there])
  const second = await book.page(page(2, { pageSize: 10 }))
  expect(refsOf([...first.items, ...second.items])).toEqual(refsOf(newestFirst(there)).slice(0, 20))
  expect(second.totalResults).toBe(30)
  expect(new Set(second.items.map(({ status }) => status))).toEqual(new Set(['FULFILLED']))
})

it('by number, walks of one key with other sizes or windows do not disturb each other', async () => {
  const book = newBook('walk-windows')
  const there = wave(0, 90)
  await record(book, there)
  const window = { from: START + 10, to: START + 19 }
  const within = newestFirst(
    there.filter(({ createdAt }) => createdAt >= window.from && createdAt <= window.to),
  )
  expect(within).toHaveLength(30)
  expect((await book.page(page(1, { pageSize: 10, window }))).totalResults).toBe(30)
  await record(book, wave(SEEDED, 60))
  expect((await book.page(page(1, { pageSize: 10 }))).totalResults).toBe(150)
  expect((await book.page(page(1, { pageSize: 20, window }))).totalResults).toBeGreaterThan(30)
  const second = await book.page(page(2, { pageSize: 10, window }))
  expect(second.totalResults).toBe(30)
  expect(refsOf(second.items)).toEqual(refsOf(within.slice(10, 20)))
})

it('by number, orders that come in after an eviction are no part of a walk begun after it', async () => {
  const book = newBook('walk-numbered-evicted')
  const there = wave(0, 40)
  await record(book, there)
  await evictDurableObject(book)
  expect((await book.page(page(1, { pageSize: 10 }))).totalResults).toBe(40)
  await record(book, wave(SEEDED, 40))
  const second = await book.page(page(2, { pageSize: 10 }))
  expect(second.totalResults).toBe(40)
  expect(refsOf(second.items)).toEqual(refsOf(newestFirst(there)).slice(10, 20))
})

describe('a clock that was set back before an eviction', () => {
  const HOUR_MS = 3_600_000

  /** Forty orders that were booked an hour ahead of the clock. */
  async function aheadOfTime(merchantId: string) {
    const book = newBook(merchantId)
    const there = wave(0, 40)
    vi.setSystemTime(START + HOUR_MS)
    await record(book, there)
    vi.setSystemTime(START)
    await evictDurableObject(book)
    return { book, there }
  }

  it.each(['production', 'sandbox'] as const)('hides no order from the pages of %s', async (environment) => {
    const { book, there } = await aheadOfTime(`walk-clock-${environment}`)
    if (environment === 'sandbox') {
      vi.setSystemTime(START + 2 * HOUR_MS)
      await record(book, [entry(41, { createdAt: START, environment })])
      vi.setSystemTime(START)
      await evictDurableObject(book)
    }
    const first = await book.page(page(1, { environment }))
    expect(refsOf(first.items)).toEqual(environment === 'sandbox' ? ['order-41'] : refsOf(newestFirst(there)))
    expect(first.totalResults).toBe(first.items.length)
  })

  it('lets no order that comes in later into a walk that was begun', async () => {
    const { book, there } = await aheadOfTime('walk-clock-later')
    expect(await book.page(page(1, { pageSize: 30 }))).toMatchObject({ totalResults: 40 })
    await record(book, wave(SEEDED, 20))
    const second = await book.page(page(2, { pageSize: 30 }))
    expect(second.totalResults).toBe(40)
    expect(refsOf(second.items)).toEqual(refsOf(newestFirst(there)).slice(30))
    expect(await book.page(page(1, { pageSize: 30 }))).toMatchObject({ totalResults: 60 })
  })
})

it('the orders of the other environment are in no list', async () => {
  const book = newBook('walk-environments')
  await record(book, [entry(1, { createdAt: START }), entry(2, { createdAt: START, environment: 'sandbox' })])
  expect(refsOf((await walk(book, ANY, 10)).items)).toEqual(['order-1'])
  expect(await book.page(page(1, { environment: 'sandbox' }))).toMatchObject({ totalResults: 1 })
})

it('of a merchant without orders is empty, and asking leaves nothing behind', async () => {
  const book = newBook('walk-nobody')
  expect(await book.orders(ANY, null, 10)).toEqual({ items: [], next: null })
  expect(await book.page(page(1))).toEqual({ items: [], totalResults: 0 })
})
