/** The feed of events: whoever goes on from where he was misses nothing and sees nothing twice. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Book } from '../../src/merchant/book'
import type { BookEntry } from '../../src/merchant/book-entry'
import type { FeedPage, FeedRequest } from '../../src/merchant/event-feed'
import { entry, newBook, record } from './book-entries'

const START = Date.UTC(2026, 1, 1)
const DAY_MS = 24 * 3_600_000
const LONG_MS = 60_000

afterEach(() => {
  vi.useRealTimers()
})

/** The order of this number after so many events. */
function order(number: number, events: number, change: Partial<BookEntry> = {}): BookEntry {
  const told = Array.from({ length: events }, (_, index) => {
    const id = `evt_${number.toString(16).padStart(24, '0')}_${index + 2}`
    const body = `{"id":"${id}","è":"\\u0000"}`
    return {
      id,
      type: 'topup.unknown' as const,
      ref: `order-${number}`,
      stateVersion: index + 2,
      createdAt: START + number,
      body,
    }
  })
  return entry(number, {
    createdAt: START + number,
    revision: 1 + events * 2,
    stateVersion: 1 + events,
    events: told,
    ...change,
  })
}

type Stub = ReturnType<typeof newBook>

const asked = (change: Partial<FeedRequest> = {}): FeedRequest => ({
  environment: 'production',
  after: null,
  limit: 100,
  waitMs: 0,
  ...change,
})

async function read(book: Stub, change: Partial<FeedRequest> = {}): Promise<FeedPage & { kind: 'page' }> {
  const page = await book.events(asked(change))
  if (page.kind !== 'page') throw new Error(`the place is ${page.kind}`)
  return page
}

/** Of top-ups: cron adds summaries of the days. */
const ids = (events: readonly { readonly id: string }[]) =>
  events.map(({ id }) => id).filter((id) => !id.startsWith('evt_summary_'))

const ENVIRONMENTS = ['sandbox', 'production'] as const
const booking = fc.record({
  kind: fc.constant('booking' as const),
  order: fc.nat({ max: 9 }),
  events: fc.nat({ max: 4 }),
})
const reading = fc.record({
  kind: fc.constant('reading' as const),
  reader: fc.nat({ max: 2 }),
  limit: fc.integer({ min: 1, max: 4 }),
})
const eviction = fc.record({ kind: fc.constant('eviction' as const) })
const clock = fc.record({
  kind: fc.constant('clock' as const),
  ms: fc.integer({ min: -60_000, max: 60_000 }),
})
const happening = fc.oneof(
  { weight: 8, arbitrary: booking },
  { weight: 6, arbitrary: reading },
  { weight: 1, arbitrary: eviction },
  { weight: 1, arbitrary: clock },
)

let worlds = 0

/** Some readers of a book, and what was booked as the model has it. */
class World {
  readonly book = newBook(`feed-${++worlds}`)
  readonly booked: Record<string, string[]> = { sandbox: [], production: [] }
  readonly #versions = new Map<number, number>()
  readonly #readers = [0, 1, 2].map(() => ({ after: null as number | null, seen: [] as string[] }))

  async happens(what: typeof happening extends fc.Arbitrary<infer T> ? T : never): Promise<void> {
    switch (what.kind) {
      case 'booking':
        return await this.#books(what.order, what.events)
      case 'reading':
        return await this.reads(what.reader, what.limit).then(() => undefined)
      case 'eviction':
        await read(this.book) // what is not in memory cannot be thrown out of it
        return await evictDurableObject(this.book)
      case 'clock':
        vi.setSystemTime(Date.now() + what.ms)
    }
  }

  /** Late and repeated copies of an order are nothing new. */
  async #books(number: number, events: number): Promise<void> {
    const environment = number % 2 === 0 ? 'production' : 'sandbox'
    const one = order(number, events, { environment })
    const known = this.#versions.get(number) ?? 0
    await record(this.book, [one])
    this.booked[environment]?.push(...ids(one.events.slice(known)))
    this.#versions.set(number, Math.max(known, events))
  }

  /** False when there was nothing left. */
  async reads(number: number, limit: number): Promise<boolean> {
    const reader = this.#readers[number]
    if (reader === undefined) throw new Error('there is no such reader')
    const environment = this.#environment(number)
    const page = await read(this.book, { environment, after: reader.after, limit })
    reader.seen.push(...ids(page.items))
    reader.after = page.next
    expect(reader.seen).toEqual(this.booked[environment]?.slice(0, reader.seen.length))
    expect(page.hasMore).toBe(reader.seen.length < (this.booked[environment]?.length ?? 0))
    return page.items.length > 0
  }

  async readsToTheEnd(number: number): Promise<void> {
    while (await this.reads(number, 3));
    expect(this.#readers[number]?.seen).toEqual(this.booked[this.#environment(number)])
  }

  #environment(reader: number): (typeof ENVIRONMENTS)[number] {
    return reader === 0 ? 'sandbox' : 'production'
  }
}

it('in any order of bookings, readings, evictions and clocks none is missed and none repeated', {
  timeout: LONG_MS,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 40 }), async (happenings) => {
      const world = new World()
      for (const each of happenings) await world.happens(each)
      for (const reader of [0, 1, 2]) await world.readsToTheEnd(reader)
    }),
    { numRuns: 60 },
  )
})

describe('a reader', () => {
  it('is given the exact text, and what belongs to it', async () => {
    const book = newBook('feed-text')
    const one = order(7, 2)
    await record(book, [one])
    expect((await read(book)).items).toEqual(one.events)
  })

  it('of a merchant without orders has a place to go on from all the same', async () => {
    const book = newBook('feed-empty')
    const { items, next, hasMore } = await read(book)
    expect({ items, hasMore }).toEqual({ items: [], hasMore: false })
    await record(book, [order(1, 1)])
    expect((await read(book, { after: next })).items).toHaveLength(1)
  })

  it('who waits is answered by the next event of his environment', async () => {
    const book = newBook('feed-waits')
    const first = await read(book)
    const waiting = [1, 2].map(() => read(book, { after: first.next, waitMs: LONG_MS }))
    const elsewhere = read(book, { environment: 'sandbox', waitMs: 500 })
    await runInDurableObject(book, (instance: Book) => instance.record(order(1, 0)))
    await runInDurableObject(book, (instance: Book) => instance.record(order(1, 1)))
    for (const page of await Promise.all(waiting)) {
      // An order that is booked without an event wakes nobody for nothing.
      expect(ids(page.items)).toEqual(ids(order(1, 1).events))
    }
    expect((await elsewhere).items).toEqual([])
  })

  it('from a place that never was is told so', async () => {
    const book = newBook('feed-unknown')
    expect(await book.events(asked({ after: 1 }))).toEqual({ kind: 'unknown' })
    await record(book, [order(1, 1)])
    const { next } = await read(book)
    expect(await book.events(asked({ after: next + 1 }))).toEqual({ kind: 'unknown' })
  })
})

describe('after 90 days', () => {
  it('events are gone, and whoever had not read them is told', async () => {
    const book = newBook('feed-old')
    vi.setSystemTime(START)
    await record(book, [order(1, 1), order(2, 1)])
    const half = await read(book, { limit: 1 })
    const all = await read(book, { after: half.next })
    vi.setSystemTime(START + 50 * DAY_MS)
    await record(book, [order(3, 1)])
    vi.setSystemTime(START + 89 * DAY_MS)
    await book.wakeOverdue(0)
    expect(ids((await read(book)).items)).toHaveLength(3)

    vi.setSystemTime(START + 91 * DAY_MS)
    await book.wakeOverdue(0)
    expect(await book.events(asked({ after: half.next }))).toEqual({ kind: 'expired' })
    expect(ids((await read(book, { after: all.next })).items)).toEqual(ids(order(3, 1).events))
    expect(ids((await read(book)).items)).toEqual(ids(order(3, 1).events))
  })

  it('what is read by then is no loss, however quiet the merchant and whatever the clock', async () => {
    const book = newBook('feed-quiet')
    vi.setSystemTime(START)
    await record(book, [order(1, 1)])
    const { next } = await read(book)
    vi.setSystemTime(START + 91 * DAY_MS)
    await book.wakeOverdue(0)
    vi.setSystemTime(START - DAY_MS)
    await evictDurableObject(book)
    expect(ids((await read(book, { after: next })).items)).toEqual([])
    await record(book, [order(1, 2)])
    expect(ids((await read(book, { after: next })).items)).toEqual(ids(order(1, 2).events.slice(1)))
  })
})
