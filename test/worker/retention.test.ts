/** When orders are folded into the book, and their objects emptied. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Book } from '../../src/merchant/book'
import { FoldTables } from '../../src/merchant/fold-tables'
import { Order } from '../../src/order/order'
import type { Order as OrderRecord } from '../../src/order/state'
import {
  cron,
  DAY_MS,
  demo,
  evict,
  HOUR_MS,
  isEmpty,
  later,
  rowOf,
  settled,
  stored,
  yearLater,
} from './fold-world'
import {
  call,
  demoBook,
  env,
  HANG,
  newWorld,
  orderOf,
  patchEndpoint,
  registerEndpoint,
  send,
  type World,
  walletLooks,
} from './world'

let world: World
let endpoint: string
let count = 0
const newRef = () => `fold-${++count}`

beforeAll(async () => {
  newWorld()
  endpoint = (await registerEndpoint()).data.id
})
beforeEach(() => {
  world = newWorld()
})
afterEach(() => {
  vi.restoreAllMocks()
})
afterAll(() => {
  vi.useRealTimers()
})

async function crashBook(): Promise<void> {
  await runInDurableObject(demoBook(), (_, state) => state.abort('crash')).catch(() => undefined)
}

/** As for a merchant of whose orders none was ever folded. */
async function edgeKnowsNothing(): Promise<void> {
  await runInDurableObject(demo(), (_, { storage }) => storage.kv.delete('folds_told_at'))
}

const REVERSED = {
  outcome: {
    kind: 'found',
    topup: {
      id: '0'.repeat(24),
      ref: null,
      status: 'REFUNDED',
      planCode: null,
      msisdn: null,
      topupAmountDzd: 500,
      balanceAmountDzd: 0,
      refundMessage: null,
      suggestedOffers: null,
    },
  },
  evidence: [],
} as const

describe('an order that was over for longer than it is kept whole', () => {
  it('is folded into the book, and nothing is left in its object', async () => {
    const ref = newRef()
    await settled(world, ref)
    await yearLater()
    expect(await isEmpty(ref)).toBe(false)
    await cron()
    expect(await stored(ref)).toMatchObject({ keys: [], alarm: null })
    expect(await rowOf(ref)).toMatchObject({ status: 'FULFILLED', events: [], deliveries: [], history: [] })
  })

  it('is not before the edge has known for a day that some are', async () => {
    await edgeKnowsNothing()
    const ref = newRef()
    await settled(world, ref)
    later(401 * DAY_MS)
    await cron()
    later(23 * HOUR_MS)
    await cron()
    expect([await isEmpty(ref), await rowOf(ref)]).toEqual([false, null])
    later(HOUR_MS)
    await cron()
    expect(await isEmpty(ref)).toBe(true)
  })

  it('is not while the edge cannot be told', async () => {
    await edgeKnowsNothing()
    const ref = newRef()
    await settled(world, ref)
    vi.spyOn(Object.getPrototypeOf(env.KEYS), 'put').mockRejectedValue(new Error('KV is down'))
    for (let tried = 0; tried < 3; tried++) {
      later(401 * DAY_MS)
      await cron()
    }
    expect(await isEmpty(ref)).toBe(false)
    vi.restoreAllMocks()
    await cron()
    expect(await isEmpty(ref)).toBe(false)
    later(DAY_MS)
    await cron()
    expect(await isEmpty(ref)).toBe(true)
  })

  it('is at the time that the operator sets', async () => {
    await demo().beginFolding()
    const ref = newRef()
    await settled(world, ref)
    later(100 * DAY_MS)
    await cron()
    expect(await isEmpty(ref)).toBe(false)
    await demo().change({ retentionDays: 90 })
    await cron()
    await demo().change({ retentionDays: 400 })
    expect(await isEmpty(ref)).toBe(true)
  })
})

describe('whatever dies between the two steps', () => {
  const whole = async (ref: string) => {
    const record = await runInDurableObject(await orderOf(ref), (_, { storage }) =>
      storage.kv.get<OrderRecord>('order'),
    )
    return record?.history.length
  }

  it('an order that did not hear of it is whole, and is told again', async () => {
    const ref = newRef()
    await settled(world, ref)
    await yearLater()
    vi.spyOn(Order.prototype, 'empty').mockRejectedValueOnce(new Error('the call was lost'))
    await cron()
    expect(await rowOf(ref)).not.toBeNull()
    expect(await whole(ref)).toBeGreaterThan(0)
    expect((await (await orderOf(ref)).story('demo'))?.order.history.length).toBeGreaterThan(0)
    await evict(ref)
    later(DAY_MS)
    await cron()
    expect(await isEmpty(ref)).toBe(true)
  })

  it('a book that crashed then begins the same batch again', async () => {
    const refs = [newRef(), newRef()]
    for (const ref of refs) await settled(world, ref)
    await yearLater()
    const empty = vi.spyOn(Order.prototype, 'empty').mockImplementation(() => new Promise(() => undefined))
    later(1)
    await demoBook().wakeOverdue(0)
    await vi.waitFor(() => expect(empty).toHaveBeenCalledTimes(2))
    await crashBook()
    vi.restoreAllMocks()
    world = newWorld()
    for (const ref of refs) {
      expect(await rowOf(ref)).not.toBeNull()
      expect(await isEmpty(ref)).toBe(false)
      await evict(ref)
    }
    await cron()
    for (const ref of refs) expect(await isEmpty(ref)).toBe(true)
  })

  it('an order that was emptied before the book could note it is not lost', async () => {
    const ref = newRef()
    await settled(world, ref)
    await yearLater()
    vi.spyOn(FoldTables.prototype, 'passed').mockImplementationOnce(() => {
      throw new Error('the book dies')
    })
    await cron()
    await crashBook()
    await evict(ref)
    const row = await rowOf(ref)
    expect([await isEmpty(ref), row?.status]).toEqual([true, 'FULFILLED'])
    await cron()
    expect(await rowOf(ref)).toEqual(row)
    expect((await (await orderOf(ref)).status('demo'))?.topup.status).toBe('FULFILLED')
  })

  it('no object is emptied whose row was not kept', async () => {
    const ref = newRef()
    await settled(world, ref)
    await yearLater()
    const empty = vi.spyOn(Order.prototype, 'empty')
    vi.spyOn(FoldTables.prototype, 'keep').mockImplementationOnce(() => {
      throw new Error('the disk is full')
    })
    await cron()
    expect(empty).not.toHaveBeenCalled()
    expect([await isEmpty(ref), await rowOf(ref)]).toEqual([false, null])
    later(DAY_MS)
    await cron()
    expect(await isEmpty(ref)).toBe(true)
  })

  it('an order of which there is news by then is not emptied, and the row goes', async () => {
    const ref = newRef()
    await settled(world, ref)
    await yearLater()
    const { empty } = Order.prototype
    vi.spyOn(Order.prototype, 'empty').mockImplementationOnce(async function (this: Order, request) {
      this.observe(REVERSED)
      return await empty.call(this, request)
    })
    await cron()
    expect((await world.received(2)).type).toBe('topup.reversed')
    await evict(ref)
    expect(await isEmpty(ref)).toBe(false)
    await vi.waitFor(async () => expect(await rowOf(ref)).toBeNull())
    expect((await (await orderOf(ref)).status('demo'))?.topup.status).toBe('REFUNDED')
    // It was over anew, and is kept whole for as long again.
    later(DAY_MS)
    await cron()
    expect(await isEmpty(ref)).toBe(false)
    later(401 * DAY_MS)
    await cron()
    expect(await rowOf(ref)).toMatchObject({ status: 'REFUNDED', stateVersion: 3 })
    expect(await isEmpty(ref)).toBe(true)
  })
})

describe('never folded, however old', () => {
  const year = async () => {
    await yearLater()
    await cron()
    later(DAY_MS)
    await cron()
  }

  it('is an order whose end is not known; once it is, its time begins', async () => {
    const ref = newRef()
    await send(ref)
    world.settle(ref, 'UNKNOWN_ERROR')
    await walletLooks(ref)
    await world.received(1)
    for (let years = 0; years < 3; years++) await year()
    expect([await isEmpty(ref), await rowOf(ref)]).toEqual([false, null])
    await evict(ref)
    world.settle(ref, 'REFUNDED')
    await walletLooks(ref)
    expect((await world.received(2)).type).toBe('topup.refunded')
    later(DAY_MS)
    await cron()
    expect(await isEmpty(ref)).toBe(false)
    await year()
    expect(await rowOf(ref)).toMatchObject({ status: 'REFUNDED', stateVersion: 3 })
    expect(await isEmpty(ref)).toBe(true)
  })

  it('is an order that holds an event; it is folded once that has arrived', async () => {
    const ref = newRef()
    await patchEndpoint(endpoint, { state: 'paused' })
    await send(ref)
    world.settle(ref, 'FULFILLED')
    await walletLooks(ref)
    await vi.waitFor(async () => expect(await demoBook().heldCounts()).toEqual({ [endpoint]: 1 }))
    await year()
    expect([await isEmpty(ref), await rowOf(ref)]).toEqual([false, null])
    await patchEndpoint(endpoint, { state: 'active' })
    await world.received(1)
    await vi.waitFor(async () => expect(await demoBook().heldCounts()).toEqual({}))
    later(DAY_MS)
    await cron()
    expect(await isEmpty(ref)).toBe(true)
  })

  it('is an order with an attempt under way', async () => {
    const ref = newRef()
    await settled(world, ref)
    await yearLater()
    world.onCallback(HANG)
    const order = await orderOf(ref)
    const [delivery] = (await order.story('demo'))?.order.deliveries ?? []
    await order.retry(delivery?.id ?? '', null)
    await world.received(2)
    await cron()
    expect(await isEmpty(ref)).toBe(false)
  })
})

describe('what an order leaves in the book', () => {
  it('is no delivery that could still be asked for, and nothing for the watchdog', async () => {
    const ref = newRef()
    await settled(world, ref)
    const order = await orderOf(ref)
    // As after 70 hours of failures.
    await runInDurableObject(order, (_, { storage }) => {
      const record = storage.kv.get<OrderRecord>('order')
      if (record === undefined) throw new Error('it is there')
      const deliveries = record.deliveries.map(
        (one) => ({ ...one, state: 'failed', reason: 'exhausted' }) as const,
      )
      storage.kv.put('order', { ...record, deliveries, revision: record.revision + 1 })
    })
    await evict(ref)
    await order.wake()
    const listed = async () => (await call('GET', `/v1/deliveries?ref=${ref}`)).data.items
    await vi.waitFor(async () => expect(await listed()).toMatchObject([{ state: 'failed' }]))
    const [{ id }] = await listed()
    later(100 * DAY_MS)
    await cron()
    expect(await listed()).toHaveLength(1)
    await yearLater()
    await cron()
    expect(await isEmpty(ref)).toBe(true)
    expect(await listed()).toEqual([])
    expect((await call('GET', `/v1/deliveries/${id}`)).status).toBe(404)
    expect((await call('POST', `/v1/deliveries/${id}/retry`)).status).toBe(404)
    const due = await runInDurableObject(demoBook(), (_, { storage }) =>
      storage.sql.exec('SELECT 1 FROM orders WHERE ref = ? AND due_at IS NOT NULL', ref).toArray(),
    )
    expect(due).toEqual([])
    expect(await order.wake()).toBeNull()
    expect(await isEmpty(ref)).toBe(true)
  })
})

it('a book that was made before orders were folded has all that it needs, and its rows', async () => {
  const ref = newRef()
  await settled(world, ref)
  const rows = () =>
    runInDurableObject(demoBook(), (_, { storage }) => storage.sql.exec('SELECT * FROM orders').toArray())
  const before = await rows()
  await runInDurableObject(demoBook(), (_, { storage }) => {
    storage.sql.exec('DROP TABLE folded; DROP TABLE fold_again')
  })
  await evictDurableObject(demoBook())
  expect(await rowOf(ref)).toBeNull()
  expect(await rows()).toEqual(before)
  const again = newRef()
  await settled(world, again)
  await runInDurableObject(demoBook(), (book: Book) => expect(book.folded('nobody')).toBeNull())
})
