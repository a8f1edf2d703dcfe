/** Bulk replays where objects fail and die: each delivery of the list is made again exactly once. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { bookOf, merchantById } from '../../src/env'
import type { Replay, ReplayFilter } from '../../src/merchant/replay'
import { Order } from '../../src/order/order'
import {
  checkRef,
  demoBook,
  env,
  newWorld,
  patchEndpoint,
  registerEndpoint,
  send,
  type World,
  walletLooks,
} from './world'

const LONG_MS = 60_000
const ORDERS = 70
const REFS = Array.from({ length: ORDERS }, (_, number) => `replay-${number}`)

let world: World
let endpoint: string

beforeAll(async () => {
  world = newWorld()
  endpoint = (await registerEndpoint()).data.id
  await patchEndpoint(endpoint, { state: 'active' })
  for (const ref of REFS) await delivered(ref)
}, LONG_MS)
beforeEach(() => {
  world = newWorld()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

async function delivered(ref: string): Promise<void> {
  await send(ref)
  world.settle(ref, 'FULFILLED')
  await walletLooks(ref)
  await vi.waitFor(async () => expect((await checkRef(ref)).data.gateway.callback).toBe('delivered'))
  await vi.waitFor(async () => expect(await listed(ref)).toBe('delivered'))
}

async function listed(ref: string): Promise<string | undefined> {
  const { items } = await demoBook().deliveries({
    ...ANY,
    state: null,
    endpointId: null,
    ref,
    limit: 1,
    before: null,
  })
  return items[0]?.delivery.state
}

const ANY = { environment: 'production' } as const
const filter = (change: Partial<ReplayFilter> = {}): ReplayFilter => ({
  ...ANY,
  from: null,
  to: null,
  state: null,
  endpointId: null,
  refs: null,
  eventType: null,
  ...change,
})

const merchant = () => merchantById(env, 'demo')

async function start(change: Partial<ReplayFilter> = {}): Promise<Replay> {
  const replay = await merchant().makeReplay(filter(change))
  if (replay === null) throw new Error('another replay is running')
  return replay
}

async function now({ id }: Replay): Promise<Replay> {
  const replay = await merchant().replay('production', id)
  if (replay === null) throw new Error('the replay is gone')
  return replay
}

/** How often each event came. */
function times(): number[] {
  const counts = new Map<string, number>()
  for (const { id } of world.callbacks) counts.set(id, (counts.get(id) ?? 0) + 1)
  return [...counts.values()]
}

/** Until it is over; `between` happens after each alarm. */
async function untilOver(replay: Replay, between: () => Promise<void>): Promise<Replay> {
  return await vi.waitFor(
    async () => {
      vi.setSystemTime(Date.now() + 5_000)
      await runDurableObjectAlarm(merchant())
      await between()
      const current = await now(replay)
      expect(current.state).not.toBe('running')
      return current
    },
    { timeout: LONG_MS, interval: 50 },
  )
}

it('each of the list is attempted again exactly once, whatever fails and dies', {
  timeout: LONG_MS,
}, async () => {
  const { retry } = Order.prototype
  let calls = 0
  vi.spyOn(Order.prototype, 'retry').mockImplementation(async function (this: Order, ...asked) {
    calls += 1
    if (calls % 13 === 0) throw new Error('it cannot be reached')
    const answer = await retry.apply(this, asked)
    if (calls % 17 === 0) throw new Error('the answer is lost')
    return answer
  })
  const replay = await start({ state: 'delivered' })
  expect(replay.matched).toBe(ORDERS)
  // What comes in meanwhile is not of the list.
  await delivered('replay-meanwhile')
  let deaths = 0
  const over = await untilOver(replay, async () => {
    if (++deaths % 2 === 0) await evictDurableObject(merchant())
    else await runInDurableObject(merchant(), (_, state) => state.abort('crash')).catch(() => undefined)
  })
  expect(over).toMatchObject({ state: 'complete', done: ORDERS, skipped: {} })
  expect(deaths).toBeGreaterThan(1)
  await vi.waitFor(() => expect(world.callbacks).toHaveLength(ORDERS + 1))
  expect(times()).toEqual(Array.from({ length: ORDERS + 1 }, () => 1))
})

it('a part that is done again because nobody noted it makes nothing twice', {
  timeout: LONG_MS,
}, async () => {
  const replay = await start({ refs: REFS.slice(0, 3) })
  await vi.waitFor(async () => expect((await now(replay)).state).toBe('complete'))
  await world.received(3)
  await runInDurableObject(merchant(), (_, { storage }) => storage.kv.put(`replay:${replay.id}`, replay))
  await runInDurableObject(bookOf(env, 'demo'), (book) =>
    book.makeReplayList(replay.id, filter({ refs: REFS.slice(0, 3) })),
  )
  await runInDurableObject(merchant(), async (instance) => instance.alarm())
  expect(await now(replay)).toMatchObject({ state: 'complete', done: 3 })
  await delivered('replay-after')
  expect(times()).toEqual([1, 1, 1, 1])
})

it('cancel stops it', { timeout: LONG_MS }, async () => {
  const replay = await start({ refs: REFS })
  expect(await merchant().makeReplay(filter())).toBeNull()
  const first = await merchant().cancelReplay('production', replay.id)
  expect(first).toMatchObject({ state: 'cancelled' })
  await vi.waitFor(async () => expect((await now(replay)).done).toBe(50))
  await runInDurableObject(merchant(), async (instance) => instance.alarm())
  expect(await now(replay)).toMatchObject({ state: 'cancelled', done: 50, matched: ORDERS })
  await world.received(50)
  // Another one may begin.
  const next = await start({ refs: REFS.slice(50) })
  await vi.waitFor(async () => expect(await now(next)).toMatchObject({ state: 'complete', done: 20 }))
  await world.received(70)
  expect(times()).toEqual(Array.from({ length: 70 }, () => 1))
})

it('what is held is skipped and counted', { timeout: LONG_MS }, async () => {
  await patchEndpoint(endpoint, { state: 'paused' })
  const replay = await start({ refs: REFS.slice(0, 2) })
  await vi.waitFor(async () => expect((await now(replay)).state).toBe('complete'))
  expect(await now(replay)).toMatchObject({ done: 0, skipped: { paused: 2 } })
  expect(world.callbacks).toEqual([])
  await patchEndpoint(endpoint, { state: 'active' })
})

it('every condition counts, and the list is in order', async () => {
  const book = demoBook()
  const count = (change: Partial<ReplayFilter>) => book.countReplay(filter(change))
  const [all, none] = [await count({}), 0]
  expect(all).toBeGreaterThanOrEqual(ORDERS)
  expect(await count({ environment: 'sandbox' })).toBe(none)
  expect(await count({ refs: ['replay-1', 'replay-2', 'nobody'] })).toBe(2)
  expect(await count({ state: 'failed' })).toBe(none)
  expect(await count({ endpointId: endpoint, state: 'delivered' })).toBe(all)
  expect(await count({ endpointId: 'ep_demo_0' })).toBe(none)
  expect(await count({ eventType: 'topup.fulfilled' })).toBe(all)
  expect(await count({ eventType: 'topup.refunded' })).toBe(none)

  await book.makeReplayList('rpl_test', filter({ refs: REFS }))
  const list = await book.replayPart('rpl_test', 'production', 0, 500)
  const made = list.map(({ deliveryId }) => Number.parseInt(deliveryId.split('_')[1] ?? '', 36))
  expect(made).toHaveLength(ORDERS)
  expect(made).toEqual(made.toSorted((a, b) => a - b))
  const [from, to] = [made[10] ?? 0, made[20] ?? 0]
  expect(await count({ refs: REFS, from, to })).toBe(made.filter((at) => at >= from && at <= to).length)
  expect(await book.replayPart('rpl_test', 'production', 68, 50)).toEqual(list.slice(68))
})
