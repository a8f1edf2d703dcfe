/** The list of deliveries, what is held, and lists of replays, against a model that looks at every one of them. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import fc from 'fast-check'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import type { BookEntry } from '../../src/merchant/book-entry'
import type { DeliveryFilter } from '../../src/merchant/deliveries'
import type { EventDelivery } from '../../src/merchant/delivery-view'
import type { ReplayFilter } from '../../src/merchant/replay'
import { deliveryId, deliveryPosition } from '../../src/order/delivery-id'
import type { Delivery, DeliveryState } from '../../src/order/state'
import { entry, newBook, record } from './book-entries'

const START = Date.UTC(2026, 1, 1)
const DAY_MS = 24 * 3_600_000
const LONG_MS = 60_000
const STATES = ['pending', 'delivered', 'held', 'failed', 'cancelled'] as const
const TYPES = ['topup.fulfilled', 'topup.refunded', 'topup.unknown'] as const
const ENDPOINTS = ['ep_shop_aaaaaaa1', 'ep_shop_aaaaaaa2', 'ep_shop_aaaaaaa3']

afterEach(() => {
  vi.useRealTimers()
})

type Stub = ReturnType<typeof newBook>

/** An event of the order with this number, which makes its `version`, and how it fares at each endpoint. */
interface Told {
  readonly type?: (typeof TYPES)[number]
  readonly createdAt: number
  readonly states: Readonly<Record<string, DeliveryState>>
}

function order(number: number, told: readonly Told[], change: Partial<BookEntry> = {}): BookEntry {
  const bare = entry(number, { createdAt: START + number, ...change })
  const events = told.map(({ type = 'topup.unknown', createdAt }, index) => ({
    id: `evt_${bare.gatewayId}_${index + 2}`,
    type,
    ref: bare.ref,
    stateVersion: index + 2,
    createdAt,
    body: `{"number":${number}}`,
  }))
  const deliveries = events.flatMap((event, index) =>
    Object.entries(told[index]?.states ?? {}).map(
      ([endpointId, state]): Delivery => ({
        id: deliveryId(event, endpointId),
        eventId: event.id,
        endpointId,
        url: 'https://shop.example/callback',
        state,
        reason: null,
        attemptsSpent: 0,
        attemptsMade: 0,
        nextAttemptAt: null,
        firstAttemptAt: null,
        replayed: false,
        replay: null,
        attempts: [],
      }),
    ),
  )
  return { ...bare, stateVersion: 1 + events.length, events, deliveries }
}

const ANY: DeliveryFilter = {
  environment: 'production',
  state: null,
  endpointId: null,
  ref: null,
  limit: 100,
  before: null,
}

/** Every page by the cursor, with what happens between two of them. */
async function walk(
  book: Stub,
  filter: Partial<DeliveryFilter> = {},
  between: () => Promise<void> = () => Promise.resolve(),
): Promise<EventDelivery[]> {
  const items: EventDelivery[] = []
  let before: string | null = null
  do {
    const page: Awaited<ReturnType<Stub['deliveries']>> = await book.deliveries({ ...ANY, ...filter, before })
    if (page.items.some(({ delivery: { id } }) => items.some(({ delivery }) => delivery.id === id)))
      throw new Error('one is repeated')
    items.push(...page.items)
    before = page.next
    if (before !== null) await between()
  } while (before !== null)
  return items
}

/** As the release of held events walks. */
async function held(book: Stub, endpointId: string, limit = 3): Promise<string[]> {
  const found: string[] = []
  let after: string | null = null
  for (;;) {
    const part: Awaited<ReturnType<Stub['heldOrders']>> = await book.heldOrders(endpointId, after, limit)
    found.push(...part.map(({ objectId }) => objectId))
    after = part.at(-1)?.position ?? null
    if (after === null) return found
  }
}

const states = fc.dictionary(fc.constantFrom(...ENDPOINTS), fc.constantFrom(...STATES), { maxKeys: 3 })
const told = fc.record({
  type: fc.constantFrom(...TYPES),
  createdAt: fc.integer({ min: START, max: START + 1_000 }),
  states,
})

describe('whatever orders tell', () => {
  const sometimes = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null, freq: 2 })
  const telling = fc.record({ number: fc.nat({ max: 12 }), told: fc.array(told, { maxLength: 3 }) })
  const time = fc.integer({ min: START - 1, max: START + 1_001 })
  const question = fc.record({
    state: sometimes(fc.constantFrom(...STATES)),
    endpointId: sometimes(fc.constantFrom(...ENDPOINTS, 'ep_shop_aaaaaaa9')),
    ref: sometimes(fc.nat({ max: 13 }).map((number) => `order-${number}`)),
    eventType: sometimes(fc.constantFrom(...TYPES)),
    from: sometimes(time),
    to: sometimes(time),
    limit: fc.integer({ min: 1, max: 7 }),
  })
  let worlds = 0

  it('each delivery is listed, held, counted and replayed as it was told last', {
    timeout: LONG_MS,
  }, async () => {
    const tellings = fc.array(telling, { minLength: 1, maxLength: 25 })
    await fc.assert(
      fc.asyncProperty(
        tellings,
        fc.array(question, { minLength: 3, maxLength: 3 }),
        async (all, questions) => {
          vi.setSystemTime(START)
          const book = newBook(`deliveries-any-${++worlds}`)
          const orders = new Map<number, BookEntry>()
          /** Events as they were booked. */
          const booked: string[] = []
          for (const { number, told } of all) {
            const before = orders.get(number)
            // What an event is never changes, and none is taken back; only what became of it does.
            const kept =
              before?.events.map((event, index) => ({ ...event, states: told[index]?.states ?? {} })) ?? []
            const next = order(number, [...kept, ...told.slice(kept.length)] as Told[], {
              revision: (before?.revision ?? 0) + 1,
            })
            orders.set(number, next)
            booked.push(...next.events.map(({ id }) => id).slice(kept.length))
            await record(book, [next])
          }
          await evictDurableObject(book)

          const everything = booked.flatMap((id) =>
            [...orders.values()].flatMap((one) =>
              one.deliveries
                .filter(({ eventId }) => eventId === id)
                .map((delivery) => ({ delivery, one, event: one.events.find((event) => event.id === id) })),
            ),
          )
          for (const endpoint of ENDPOINTS) {
            const wanted = everything
              .filter(({ delivery }) => delivery.endpointId === endpoint && delivery.state === 'held')
              .toSorted((a, b) => (position(a.delivery) < position(b.delivery) ? -1 : 1))
            expect(await held(book, endpoint)).toEqual(wanted.map(({ one }) => one.objectId))
            expect((await book.heldCounts())[endpoint] ?? 0).toBe(wanted.length)
          }
          for (const { state, endpointId, ref, eventType, from, to, limit } of questions) {
            const listed = everything.filter(
              ({ delivery, one }) =>
                (state ?? delivery.state) === delivery.state &&
                (endpointId ?? delivery.endpointId) === delivery.endpointId &&
                (ref ?? one.ref) === one.ref,
            )
            const items = await walk(book, { state, endpointId, ref, limit })
            expect(items.map(({ delivery }) => delivery.id)).toEqual(
              listed.map(({ delivery }) => delivery.id).reverse(),
            )

            const replayed = listed.filter(
              ({ event }) =>
                event !== undefined &&
                (eventType ?? event.type) === event.type &&
                event.createdAt >= (from ?? 0) &&
                event.createdAt <= (to ?? Number.POSITIVE_INFINITY),
            )
            const refs = ref === null ? null : [ref]
            const filter: ReplayFilter = {
              environment: 'production',
              state,
              endpointId,
              refs,
              eventType,
              from,
              to,
            }
            expect(await book.countReplay(filter)).toBe(replayed.length)
            expect(await book.makeReplayList('rpl_any', filter)).toBe(replayed.length)
            expect(await book.replayPart('rpl_any', 'production', 0, 500)).toEqual(
              replayed.map(({ delivery, one }) => ({ deliveryId: delivery.id, objectId: one.objectId })),
            )
            await book.dropReplayList('rpl_any', 'production')
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})

const position = ({ id }: Delivery) => deliveryPosition(id) ?? ''

describe('a list of thousands', () => {
  const book = newBook('deliveries-many')
  const EVENTS = 1_203
  const two = { ep_shop_aaaaaaa1: 'delivered', ep_shop_aaaaaaa2: 'failed' } as const
  const all = Array.from({ length: EVENTS }, (_, number) =>
    order(number, [{ createdAt: START, states: two }]),
  )
  const ids = all.flatMap(({ deliveries }) => deliveries.map(({ id }) => id))

  beforeAll(async () => {
    await record(book, all)
  })

  it('is read while others come in and change, none skipped and none repeated', async () => {
    let number = 10_000
    const items = await walk(book, { limit: 100 }, async () => {
      await record(book, [order(++number, [{ createdAt: START, states: two }])])
      const [oldest] = all
      const change = { revision: number, updatedAt: number }
      if (oldest !== undefined) await record(book, [{ ...oldest, ...change }])
    })
    expect(items.map(({ delivery }) => delivery.id)).toEqual(ids.toReversed())
  })

  it('becomes a list for a replay, in chunks, in the order in which it was booked', async () => {
    const filter: ReplayFilter = {
      environment: 'production',
      from: null,
      to: null,
      state: 'failed',
      endpointId: null,
      refs: null,
      eventType: null,
    }
    const matched = await book.makeReplayList('rpl_many', filter)
    const listed: string[] = []
    while (listed.length < matched) {
      const part = await book.replayPart('rpl_many', 'production', listed.length, 50)
      expect(part).not.toHaveLength(0)
      listed.push(...part.map(({ deliveryId }) => deliveryId))
    }
    const failed = all.flatMap(({ deliveries }) => deliveries.filter(({ state }) => state === 'failed'))
    expect(listed.slice(0, EVENTS)).toEqual(failed.map(({ id }) => id))
  })

  it('is read from where the page begins, and never sorted as a whole', async () => {
    const plan = await runInDurableObject(book, (_, { storage }) => {
      const { sql } = storage
      const { exec } = Object.getPrototypeOf(sql)
      const steps: string[] = []
      const spy = vi.spyOn(Object.getPrototypeOf(sql), 'exec').mockImplementation(function (
        this: unknown,
        query,
        ...values
      ) {
        const explained = exec.call(this, `EXPLAIN QUERY PLAN ${query}`, ...values)
        steps.push(...explained.toArray().map(({ detail }: { detail: string }) => detail))
        return exec.call(this, query, ...values)
      })
      return { steps, spy }
    }).then(async ({ steps, spy }) => {
      await book.deliveries(ANY)
      spy.mockRestore()
      return steps
    })
    expect(plan).toEqual([
      'SEARCH e USING PRIMARY KEY (environment=? AND position<?)',
      'SCAN d VIRTUAL TABLE INDEX 1:',
      'USE TEMP B-TREE FOR LAST TERM OF ORDER BY',
    ])
  })
})

describe('after 90 days', () => {
  const states = { ep_shop_aaaaaaa1: 'delivered' } as const
  const asked = { environment: 'production', after: null, limit: 100, waitMs: 0 } as const
  const ofTopups = async (book: Stub) => {
    const page = await book.events(asked)
    if (page.kind !== 'page') throw new Error(`the place is ${page.kind}`)
    return page.items.filter(({ type }) => type !== 'summary.daily')
  }

  it.each(['held', 'pending', 'failed'] as const)(
    'what is %s is kept, and forgotten once it is over',
    async (state) => {
      vi.setSystemTime(START)
      const book = newBook(`deliveries-old-${state}`)
      const owed = order(1, [
        { createdAt: START, states: { ep_shop_aaaaaaa1: 'delivered', ep_shop_aaaaaaa2: state } },
      ])
      await record(book, [owed, order(2, [{ createdAt: START, states }])])
      vi.setSystemTime(START + 91 * DAY_MS)
      await book.wakeOverdue(0)
      await evictDurableObject(book)
      // The feed is as long as it says; what is owed is still to be found.
      expect(await ofTopups(book)).toEqual([])
      expect((await walk(book)).map(({ ref }) => ref)).toEqual(['order-1', 'order-1'])
      expect(await held(book, 'ep_shop_aaaaaaa2')).toEqual(state === 'held' ? [owed.objectId] : [])
      vi.setSystemTime(START + 92 * DAY_MS)
      await book.wakeOverdue(0)
      expect(await walk(book)).toHaveLength(2)

      const over = order(1, [{ createdAt: START, states: { ...states, ep_shop_aaaaaaa2: 'delivered' } }], {
        revision: 2,
      })
      await record(book, [over])
      expect(await walk(book)).toEqual([])
      expect(await book.heldCounts()).toEqual({})
    },
  )

  it('what is wanted again is held and listed again, and no reader of the feed sees it twice', async () => {
    vi.setSystemTime(START)
    const book = newBook('deliveries-again')
    await record(book, [order(1, [{ createdAt: START, states }])])
    vi.setSystemTime(START + 91 * DAY_MS)
    await record(book, [order(2, [{ createdAt: START + 91 * DAY_MS, states }])])
    await book.wakeOverdue(0)
    const again = order(1, [{ createdAt: START, states: { ep_shop_aaaaaaa1: 'held' } }], { revision: 2 })
    await record(book, [again])
    expect((await walk(book)).map(({ ref, delivery }) => [ref, delivery.state])).toEqual([
      ['order-2', 'delivered'],
      ['order-1', 'held'],
    ])
    expect(await held(book, 'ep_shop_aaaaaaa1')).toEqual([again.objectId])
    expect((await ofTopups(book)).map(({ ref }) => ref)).toEqual(['order-2'])
  })

  it('what is kept gives no number of the feed twice', async () => {
    vi.setSystemTime(START)
    const book = newBook('deliveries-numbers')
    await record(book, [order(1, [{ createdAt: START, states: { ep_shop_aaaaaaa1: 'held' } }])])
    // The second time the summary of that day is forgotten too: nothing but what is held is left.
    for (const days of [91, 190]) {
      vi.setSystemTime(START + days * DAY_MS)
      await book.wakeOverdue(0)
    }
    const before = await book.events(asked)
    vi.setSystemTime(START)
    await evictDurableObject(book)
    await record(book, [order(3, [{ createdAt: START, states }])])
    const after = before.kind === 'page' ? before.next : null
    const page = await book.events({ ...asked, after })
    expect(page).toMatchObject({ kind: 'page', items: [{ ref: 'order-3' }] })
  })
})
