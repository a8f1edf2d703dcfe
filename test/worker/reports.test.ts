/** Reports of reconciliations: kept as they ended, listed, and of each day the merchant is told once. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { bookOf, merchantById } from '../../src/env'
import { Merchant } from '../../src/merchant/merchant'
import type { FeedEventType } from '../../src/order/state'
import { EMPTY_TALLY, type Report } from '../../src/reconcile/report'
import { entry, record } from './book-entries'
import { env, newWorld, type World } from './world'

const DAY_MS = 24 * 3_600_000
const START = Date.parse('2026-02-02T01:00:00Z')
const RECEIVER = 'http://localhost:9099/callback'
const ALL = { state: null, limit: 100, before: null } as const

let world: World
let merchants = 0
let merchantId: string

beforeEach(async () => {
  world = newWorld()
  vi.setSystemTime(START)
  merchantId = `reports${++merchants}`
  await merchantById(env, merchantId).create(merchantId, 'Shop')
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const report = (id: string, change: Partial<Report> = {}): Report => ({
  ...{ id, environment: 'sandbox', trigger: 'daily', state: 'complete', from: START - DAY_MS, to: START },
  ...{ startedAt: START, endedAt: START + 1_000, reachedAt: START, pagesRead: 2, reasons: [], balance: null },
  ...EMPTY_TALLY,
  ...change,
})
const RUNNING = { state: 'running', endedAt: null } as const

const book = () => bookOf(env, merchantId)
const cron = () => book().wakeOverdue(0)
const idsOf = ({ items }: { readonly items: readonly { readonly id: string }[] }) => items.map(({ id }) => id)

async function told() {
  const page = await book().events({ environment: 'sandbox', after: null, limit: 100, waitMs: 0 })
  if (page.kind !== 'page') throw new Error(`the place is ${page.kind}`)
  return page.items.filter(({ type }) => type === 'reconciliation.completed')
}

describe('in the book', () => {
  it('one that runs is listed, and takes the place of itself when it has ended', async () => {
    const begun = report('rec_1', { ...RUNNING, reachedAt: START - DAY_MS })
    await book().reported(begun)
    expect(await book().report('sandbox', 'rec_1')).toEqual(begun)
    await book().reported(report('rec_1', { ...RUNNING, reachedAt: START - 1 }))
    await book().reported(report('rec_1', { findings: { missing: 1 } }))
    await evictDurableObject(book())
    const { items } = await book().reports('sandbox', ALL)
    expect(items).toEqual([report('rec_1', { findings: { missing: 1 } })])
  })

  it('one that has ended does not run again, whoever is late to say so', async () => {
    await book().reported(report('rec_1', { trigger: 'demand' }))
    await book().reported(report('rec_1', { trigger: 'demand', ...RUNNING }))
    await book().reported(report('rec_1', { trigger: 'demand', state: 'incomplete', reasons: ['no'] }))
    expect(await book().report('sandbox', 'rec_1')).toEqual(report('rec_1', { trigger: 'demand' }))
  })

  it('they come newest first, by state, page by page, and each in its own environment', async () => {
    for (const number of [1, 2, 3, 4]) {
      const state = number === 2 ? 'incomplete' : 'complete'
      await book().reported(report(`rec_${number}`, { startedAt: START + number, state }))
    }
    await book().reported(report('rec_5', { environment: 'production' }))
    const first = await book().reports('sandbox', { ...ALL, limit: 3 })
    expect(idsOf(first)).toEqual(['rec_4', 'rec_3', 'rec_2'])
    const rest = await book().reports('sandbox', { ...ALL, limit: 3, before: first.next })
    expect([idsOf(rest), rest.next]).toEqual([['rec_1'], null])
    expect(idsOf(await book().reports('sandbox', { ...ALL, state: 'incomplete' }))).toEqual(['rec_2'])
    expect(idsOf(await book().reports('production', ALL))).toEqual(['rec_5'])
    expect(await book().report('production', 'rec_1')).toBeNull()
    expect(await book().report('sandbox', 'nobody')).toBeNull()
  })

  it('are kept for 90 days, and so is what was told of them', async () => {
    await book().reported(report('rec_1'))
    vi.setSystemTime(START + 89 * DAY_MS)
    await cron()
    expect(idsOf(await book().reports('sandbox', ALL))).toEqual(['rec_1'])
    expect(await told()).toHaveLength(1)
    vi.setSystemTime(START + 91 * DAY_MS)
    await cron()
    expect(idsOf(await book().reports('sandbox', ALL))).toEqual([])
    expect(await told()).toEqual([])
  })
})

describe('in the feed', () => {
  it('each day is told once, however often it is reported and whenever the object dies', async () => {
    await book().reported(report('rec_1', RUNNING))
    expect(await told()).toEqual([])
    await book().reported(report('rec_1', { findings: { missing: 2 }, chargedCentimes: 48_050 }))
    await evictDurableObject(book())
    await Promise.all([book().reported(report('rec_1')), book().reported(report('rec_1'))])
    await evictDurableObject(book())
    await cron()
    await book().reported(report('rec_2', { state: 'incomplete', startedAt: START + DAY_MS, reasons: ['x'] }))
    const events = await told()
    expect(idsOf({ items: events })).toEqual(['evt_reconciliation_rec_1', 'evt_reconciliation_rec_2'])
    expect(events.map(({ body }) => JSON.parse(body).data)).toMatchObject([
      {
        ...{ id: 'rec_1', environment: 'sandbox', state: 'complete', progress: 1, balance: null },
        ...{ findings: { missing: 2 }, charged_dzd: 480.5, from: '2026-02-01T01:00:00.000Z' },
      },
      { id: 'rec_2', state: 'incomplete', reasons: ['x'] },
    ])
  })

  it('nothing is told of the others', async () => {
    await book().reported(report('rec_1', { trigger: 'recent' }))
    await book().reported(report('rec_2', { trigger: 'demand', state: 'incomplete' }))
    expect(await told()).toEqual([])
  })

  it('a reader who waits is woken', async () => {
    await record(book(), [entry(1, { environment: 'sandbox' })])
    vi.useRealTimers()
    const waiting = book().events({ environment: 'sandbox', after: null, limit: 1, waitMs: 20_000 })
    await book().reported(report('rec_1'))
    expect(await waiting).toMatchObject({ items: [{ type: 'reconciliation.completed' }] })
  })
})

describe('at the endpoints', () => {
  const wanting = async (events: readonly FeedEventType[]) => {
    const rest = { description: null, foldSuperseded: false, notifyUrl: null } as const
    const wanted = { environment: 'sandbox', url: RECEIVER, events, ...rest } as const
    const made = await merchantById(env, merchantId).createEndpoint(wanted)
    if (made === null) throw new Error('there are too many endpoints')
  }

  /** The kept deliveries, as the merchant object has them. */
  async function states(): Promise<string[]> {
    return await runInDurableObject(merchantById(env, merchantId), (_, { storage }) =>
      Array.from(storage.kv.list<{ deliveries: { state: string }[] }>({ prefix: 'summary:' })).flatMap(
        ([, { deliveries }]) => deliveries.map(({ state }) => state),
      ),
    )
  }
  const delivered = () => vi.waitFor(async () => expect(await states()).toEqual(['delivered']))

  it('it comes at once to those that name it, signed, and is the event of the feed', async () => {
    await wanting(['topup.fulfilled', 'summary.daily'])
    await wanting(['reconciliation.completed'])
    await book().reported(report('rec_1'))
    const callback = await world.received(1)
    const [event] = await told()
    expect(callback).toEqual({ id: event?.id, type: 'reconciliation.completed', body: event?.body })
    expect(world.carriers[0]?.headers.get('webhook-signature')).toMatch(/^v1,\S+ v1a,\S+$/)
    await delivered()
    await book().reported(report('rec_1'))
    await cron()
    expect(world.callbacks).toHaveLength(1)
  })

  it('it is tried again, the same bytes, also after the objects died', async () => {
    await wanting(['reconciliation.completed'])
    world.onCallback(500)
    await book().reported(report('rec_1'))
    await vi.waitFor(async () => expect(await states()).toEqual(['pending']))
    await evictDurableObject(book())
    await evictDurableObject(merchantById(env, merchantId))
    vi.setSystemTime(Date.now() + 60_000)
    await runDurableObjectAlarm(merchantById(env, merchantId))
    await world.received(2)
    await delivered()
    expect(new Set(world.callbacks.map(({ body }) => body)).size).toBe(1)
  })

  it('it is told by cron where the merchant object could not be told, and told twice is one', async () => {
    await wanting(['reconciliation.completed'])
    const { deliverEvent } = Merchant.prototype
    const spy = vi.spyOn(Merchant.prototype, 'deliverEvent')
    spy.mockImplementationOnce(() => {
      throw new Error('it cannot be reached')
    })
    spy.mockImplementationOnce(function (this: Merchant, ...args) {
      deliverEvent.apply(this, args)
      throw new Error('the answer is lost')
    })
    await book().reported(report('rec_1'))
    await vi.waitFor(() => expect(spy).toHaveBeenCalledTimes(1))
    expect(world.callbacks).toEqual([])
    await evictDurableObject(book())
    await cron()
    await cron()
    await delivered()
    expect(world.callbacks).toHaveLength(1)
  })
})
