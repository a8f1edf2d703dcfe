/** The summary of each day: one, whatever cron does, in the feed and at the endpoints that want it. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { bookOf, merchantById } from '../../src/env'
import type { FeedEvent } from '../../src/merchant/event-feed'
import { Merchant } from '../../src/merchant/merchant'
import type { FeedEventType } from '../../src/order/state'
import { entry, newBook, record } from './book-entries'
import { env, newWorld, type World } from './world'

const DAY_MS = 24 * 3_600_000
const START = Date.parse('2026-02-01T12:00:00+01:00')
const RECEIVER = 'http://localhost:9099/callback'

let world: World
let merchants = 0
let merchantId: string

beforeEach(async () => {
  world = newWorld()
  merchantId = `summary${++merchants}`
  await merchantById(env, merchantId).create(merchantId, 'Shop')
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

type Orders = readonly [status: 'FULFILLED' | 'REFUNDED' | 'PENDING', amount: number][]

let orders = 0

/** Orders of the moment, booked, each with an event unless it is still open. */
async function booked(made: Orders, environment: 'production' | 'sandbox' = 'production'): Promise<void> {
  const entries = made.map(([status, topupAmountDzd]) => {
    const number = ++orders
    const event = {
      id: `evt_${number.toString(16).padStart(24, '0')}_2`,
      type: 'topup.fulfilled' as const,
      ref: `order-${number}`,
      stateVersion: 2,
      createdAt: Date.now(),
      body: '{}',
    }
    const isOpen = status === 'PENDING'
    const version = isOpen ? { stateVersion: 1, events: [] } : { stateVersion: 2, events: [event] }
    return entry(number, { status, topupAmountDzd, environment, ...version })
  })
  await record(newBook(merchantId), entries)
}

const cron = () => bookOf(env, merchantId).wakeOverdue(0)

async function read(environment: 'production' | 'sandbox' = 'production', after: number | null = null) {
  const page = await bookOf(env, merchantId).events({ environment, after, limit: 100, waitMs: 0 })
  if (page.kind !== 'page') throw new Error(`the place is ${page.kind}`)
  return page.items
}

const isSummary = ({ type }: FeedEvent) => type === 'summary.daily'

async function summaries(environment?: 'sandbox') {
  const events = (await read(environment)).filter(isSummary)
  return events.map(({ body }) => JSON.parse(body).data)
}

const position = (cursor: string) => Number.parseInt(cursor.split('_')[3] ?? '', 36)

describe('in the feed', () => {
  it('there is one of each day with orders, however often, late or seldom cron comes', async () => {
    vi.setSystemTime(START)
    await booked([
      ['FULFILLED', 500],
      ['FULFILLED', 100],
      ['REFUNDED', 200],
      ['PENDING', 1_000],
    ])
    await booked([['FULFILLED', 50]], 'sandbox')
    await cron()
    expect(await summaries()).toEqual([])

    vi.setSystemTime(START + DAY_MS)
    await cron()
    await evictDurableObject(bookOf(env, merchantId))
    await Promise.all([cron(), cron()])
    expect(await summaries()).toMatchObject([
      {
        date: '2026-02-01',
        environment: 'production',
        counts: { FULFILLED: 2, PENDING: 1, REFUNDED: 1 },
        amounts_dzd: { FULFILLED: 600, PENDING: 1_000, REFUNDED: 200 },
        events: 3,
      },
    ])
    expect(await summaries('sandbox')).toMatchObject([{ date: '2026-02-01', counts: { FULFILLED: 1 } }])

    await booked([['REFUNDED', 300]])
    vi.setSystemTime(START + 3 * DAY_MS)
    await booked([['FULFILLED', 70]])
    // Cron was away for days; the day between had no orders, and the last is not over.
    vi.setSystemTime(START + 4 * DAY_MS)
    await cron()
    await cron()
    expect((await summaries()).map(({ date }) => date)).toEqual(['2026-02-01', '2026-02-02', '2026-02-04'])
    expect(await summaries('sandbox')).toHaveLength(1)
  })

  it('its cursors span the events of the day', async () => {
    vi.setSystemTime(START)
    await booked([['FULFILLED', 1]])
    vi.setSystemTime(START + DAY_MS)
    await cron()
    await booked([
      ['FULFILLED', 2],
      ['REFUNDED', 3],
    ])
    vi.setSystemTime(START + 2 * DAY_MS)
    await cron()
    await booked([['FULFILLED', 4]])
    const second = (await summaries())[1]
    expect(second.events).toBe(2)
    const behind = (cursor: string) => read('production', position(cursor))
    const before = (await behind(second.first_cursor)).length
    const after = (await behind(second.last_cursor)).length
    expect(before - after).toBe(2)
    expect((await behind(second.first_cursor))[0]?.type).toBe('topup.fulfilled')
  })
})

describe('at the endpoints', () => {
  const wanting = async (events: readonly FeedEventType[]) => {
    const rest = { description: null, foldSuperseded: false, notifyUrl: null } as const
    const wanted = { environment: 'sandbox', url: RECEIVER, events, ...rest } as const
    const made = await merchantById(env, merchantId).createEndpoint(wanted)
    if (made === null) throw new Error('there are too many endpoints')
    return made.endpoint
  }

  async function dayPasses(): Promise<void> {
    vi.setSystemTime(START)
    await booked([['FULFILLED', 500]], 'sandbox')
    vi.setSystemTime(START + DAY_MS)
    await cron()
  }

  /** The kept deliveries, as the merchant object has them. */
  async function states(): Promise<string[]> {
    return await runInDurableObject(merchantById(env, merchantId), (_, { storage }) =>
      Array.from(storage.kv.list<{ deliveries: { state: string }[] }>({ prefix: 'summary:' })).flatMap(
        ([, { deliveries }]) => deliveries.map(({ state }) => state),
      ),
    )
  }

  const alarm = () => runDurableObjectAlarm(merchantById(env, merchantId))

  it('it comes to those that name it, and is the event of the feed', async () => {
    await wanting(['topup.fulfilled'])
    await wanting(['summary.daily'])
    await dayPasses()
    const callback = await world.received(1)
    const [event] = (await read('sandbox')).filter(isSummary)
    expect(callback).toEqual({ id: event?.id, type: 'summary.daily', body: event?.body })
    await vi.waitFor(async () => expect(await states()).toEqual(['delivered']))
    await cron()
    expect(world.callbacks).toHaveLength(1)
  })

  it('it is tried again by the schedule, the same bytes, also after the object died', async () => {
    await wanting(['summary.daily'])
    world.onCallback(500, 500)
    await dayPasses()
    await world.received(1)
    await vi.waitFor(async () => expect(await states()).toEqual(['pending']))
    for (const count of [2, 3]) {
      await evictDurableObject(merchantById(env, merchantId))
      vi.setSystemTime(Date.now() + 60_000)
      await alarm()
      await world.received(count)
    }
    await vi.waitFor(async () => expect(await states()).toEqual(['delivered']))
    expect(new Set(world.callbacks.map(({ body }) => body)).size).toBe(1)
  })

  it('it is told by the next cron where this one could not tell the merchant object, and told twice is one', async () => {
    await wanting(['summary.daily'])
    const { deliverEvent } = Merchant.prototype
    vi.spyOn(Merchant.prototype, 'deliverEvent')
      .mockImplementationOnce(() => {
        throw new Error('it cannot be reached')
      })
      .mockImplementationOnce(function (this: Merchant, ...told) {
        deliverEvent.apply(this, told)
        throw new Error('the answer is lost')
      })
    await dayPasses()
    expect(world.callbacks).toEqual([])
    await cron()
    await cron()
    await world.received(1)
    await vi.waitFor(async () => expect(await states()).toEqual(['delivered']))
    expect(world.callbacks).toHaveLength(1)
  })

  it('it is held while the endpoint is paused, also after a 410', async () => {
    const { id } = await wanting(['summary.daily'])
    const merchant = merchantById(env, merchantId)
    world.onCallback(410)
    await dayPasses()
    await vi.waitFor(async () => expect(await states()).toEqual(['held']))
    expect((await merchant.endpoint('sandbox', id))?.state).toBe('disabled')
    await merchant.changeEndpoint('sandbox', id, { state: 'paused' })
    expect(await states()).toEqual(['held'])
    await merchant.changeEndpoint('sandbox', id, { state: 'active' })
    await vi.waitFor(async () => expect(await states()).toEqual(['delivered']))
    expect(world.callbacks).toHaveLength(2)
  })

  it('it is cancelled when the endpoint is deleted', async () => {
    const { id } = await wanting(['summary.daily'])
    world.onCallback(500)
    await dayPasses()
    await vi.waitFor(async () => expect(await states()).toEqual(['pending']))
    await world.received(1)
    await merchantById(env, merchantId).deleteEndpoint('sandbox', id, null)
    await vi.waitFor(async () => expect(await states()).toEqual(['cancelled']))
  })
})
