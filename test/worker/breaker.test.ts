/** A receiver that fails for several orders is asked by one at a time; the others hold their events and lose none. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { merchantById } from '../../src/env'
import { Book } from '../../src/merchant/book'
import { BREAKER_ORDERS } from '../../src/merchant/health'
import { Merchant } from '../../src/merchant/merchant'
import { FlakyReceiver } from './receiver'
import { demoBook, env, newWorld, orderOf, patchEndpoint, registerEndpoint, send, type World } from './world'

const PATIENCE = { timeout: 20_000, interval: 50 }
const PROBE_MS = 20_000
const merchant = () => merchantById(env, 'demo')

let world: World
let receiver: FlakyReceiver
let endpoint: string
let count = 0

beforeAll(async () => {
  newWorld()
  endpoint = (await registerEndpoint()).data.id
  await patchEndpoint(endpoint, { state: 'active' })
})
beforeEach(async () => {
  world = newWorld()
  receiver = new FlakyReceiver()
  // A fresh start: active again, whatever failed in the test before.
  await patchEndpoint(endpoint, { state: 'active' })
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** The provider has settled it before it is sent: its event is due at once. */
async function settled(ref = `breaker-${++count}`): Promise<string> {
  const body = { plan_code: 'PREPAID_MOBILIS', MSSIDN: '0661234567', amount: 500 }
  const id = crypto.randomUUID().replaceAll('-', '').slice(0, 24)
  world.accepted.set(`demo.${ref}`, { id, status: 'FULFILLED', body })
  await send(ref)
  return ref
}

async function deliveryOf(ref: string) {
  const filter = { environment: 'production', state: null, endpointId: null, limit: 1, before: null } as const
  return (await demoBook().deliveries({ ...filter, ref })).items[0]?.delivery
}

async function waitFor(refs: readonly string[], state: string, reason: string | null): Promise<void> {
  for (const ref of refs)
    await vi.waitFor(async () => expect(await deliveryOf(ref)).toMatchObject({ state, reason }), PATIENCE)
}

async function health() {
  const found = await merchant().endpoint('production', endpoint)
  return found?.health ?? null
}

/** Moves the clock that the objects read, to when the next probe is due. */
async function untilProbe(): Promise<void> {
  vi.setSystemTime(Date.now() + 6 * 60_000)
  await runDurableObjectAlarm(merchant())
}

/** Its breaker is open, and `BREAKER_ORDERS` orders hold their events. */
async function silence(): Promise<string[]> {
  receiver.status = 500
  const refs: string[] = []
  for (let order = 0; order < BREAKER_ORDERS; order++) {
    refs.push(await settled())
    await receiver.answered(order + 1)
  }
  await vi.waitFor(async () => expect((await health())?.breaker).not.toBeNull(), PATIENCE)
  // Their own alarms come 5 s later, find the breaker open, and hold.
  vi.setSystemTime(Date.now() + 6_000)
  for (const ref of refs) await runDurableObjectAlarm(await orderOf(ref))
  await waitFor(refs, 'held', 'breaker')
  return refs
}

const evict = () => evictDurableObject(merchant())
const crash = () => runInDurableObject(merchant(), (_, state) => state.abort('crash')).catch(() => undefined)

describe.each([
  ['', async () => undefined],
  [', its merchant thrown out of memory between each two steps', evict],
  [', its merchant crashing between each two steps', crash],
])('a receiver that fails for five orders%s', (_, interrupt) => {
  it('holds what follows, is asked by one order at a time, and has everything once it is back', async () => {
    const first = await silence()
    await interrupt()
    const more = [await settled(), await settled(), await settled()]
    await waitFor(more, 'held', 'breaker')
    expect(receiver.requests).toBe(BREAKER_ORDERS)

    await interrupt()
    receiver.slow = true
    await untilProbe()
    await receiver.came(BREAKER_ORDERS + 1)
    for (const ref of [...first, ...more]) await (await orderOf(ref)).wake()
    const late = await settled()
    await waitFor([late], 'held', 'breaker')
    expect(receiver.requests).toBe(BREAKER_ORDERS + 1)
    receiver.slow = false
    await receiver.answered(BREAKER_ORDERS + 1)
    await vi.waitFor(async () => expect((await health())?.breaker?.probes).toBe(1), PATIENCE)

    await interrupt()
    receiver.status = 204
    await untilProbe()
    const all = [...first, ...more, late]
    await vi.waitFor(() => expect(new Set(receiver.taken)).toEqual(new Set(all)), PATIENCE)
    await waitFor(all, 'delivered', null)
    expect(receiver.taken).toEqual(all.toSorted())
    expect(await health()).toBeNull()
    // Probes are made for all and cost nobody an attempt; every attempt of an event is the same event.
    for (const ref of all) {
      const seen = receiver.seen.filter((each) => each.ref === ref)
      expect(new Set(seen.map(({ id, body }) => `${id} ${body}`)).size).toBe(1)
    }
  }, 60_000)
})

describe('a receiver that is silent', () => {
  it('whose merchant crashes while it is asked is asked again', async () => {
    const refs = await silence()
    receiver.slow = true
    await untilProbe()
    await receiver.came(BREAKER_ORDERS + 1)
    await crash()
    receiver.slow = false
    await receiver.answered(BREAKER_ORDERS + 1)
    receiver.status = 204
    await untilProbe()
    await waitFor(refs, 'delivered', null)
    expect(receiver.taken).toEqual(refs.toSorted())
  }, 60_000)

  it('is asked by another order each time', async () => {
    const refs = await silence()
    for (let probe = 1; probe <= 2; probe++) {
      await untilProbe()
      await receiver.answered(BREAKER_ORDERS + probe)
      await vi.waitFor(async () => expect((await health())?.breaker?.probes).toBe(probe), PATIENCE)
    }
    const asked = receiver.seen.slice(BREAKER_ORDERS).map(({ ref }) => ref)
    expect(new Set(asked).size).toBe(2)
    receiver.status = 204
    await untilProbe()
    await waitFor(refs, 'delivered', null)
  }, 60_000)

  it('is left alone while its endpoint is paused', async () => {
    const refs = await silence()
    await patchEndpoint(endpoint, { state: 'paused' })
    const wakes = vi.spyOn(Book.prototype, 'heldOrders')
    await untilProbe()
    await untilProbe()
    expect(wakes).not.toHaveBeenCalled()
    expect(await runInDurableObject(merchant(), (_, { storage }) => storage.getAlarm())).toBeNull()
    receiver.status = 204
    await patchEndpoint(endpoint, { state: 'active' })
    await waitFor(refs, 'delivered', null)
  }, 60_000)

  it('is asked all the same when the book failed at first', async () => {
    const refs = await silence()
    const down = vi.spyOn(Book.prototype, 'heldOrders').mockImplementation(() => {
      throw new Error('overloaded')
    })
    receiver.status = 204
    await untilProbe()
    expect(down).toHaveBeenCalled()
    expect(await runInDurableObject(merchant(), (_, { storage }) => storage.getAlarm())).not.toBeNull()
    down.mockRestore()
    await untilProbe()
    await waitFor(refs, 'delivered', null)
    expect(receiver.taken).toEqual(refs.toSorted())
  }, 60_000)
})

it('one order that is refused again and again silences nobody else', async () => {
  receiver.status = 422
  const poison = await settled()
  for (let attempt = 1; attempt <= 8; attempt++) {
    await receiver.answered(attempt)
    await vi.waitFor(async () => expect((await deliveryOf(poison))?.attempts).toHaveLength(attempt), PATIENCE)
    vi.setSystemTime(Date.now() + 12 * 3_600_000)
    await runDurableObjectAlarm(await orderOf(poison))
  }
  expect(await health()).toMatchObject({ breaker: null, orders: [expect.any(String)] })
  receiver.status = 204
  const fine = await settled()
  await waitFor([fine], 'delivered', null)
}, 60_000)

it('an attempt whose end could not be noted for the others is not made again for that', async () => {
  receiver.status = 500
  const failing = await settled()
  await receiver.answered(1)
  await vi.waitFor(async () => expect(await health()).not.toBeNull(), PATIENCE)
  const concluded = vi.spyOn(Merchant.prototype, 'callbackConcluded').mockImplementation(() => {
    throw new Error('reset because its code was updated')
  })
  const gone = 410
  receiver.status = gone
  const refs = [await settled()]
  await waitFor(refs, 'pending', 'failed')
  receiver.status = 204
  refs.push(await settled())
  await waitFor(refs.slice(1), 'delivered', null)
  expect(concluded).toHaveBeenCalledTimes(2)
  expect(receiver.seen.map(({ status }) => status)).toEqual([500, gone, 204])
  concluded.mockRestore()
  vi.setSystemTime(Date.now() + 60_000)
  for (const each of [failing, ...refs]) await runDurableObjectAlarm(await orderOf(each))
  await waitFor([failing, ...refs], 'delivered', null)
  expect(receiver.taken).toEqual([failing, ...refs].toSorted())
}, 60_000)

it('the breaker closes by itself when nobody waits for its receiver', async () => {
  const id = 'lonely'
  const lonely = merchantById(env, id)
  await lonely.create(id, 'Lonely')
  const wanted = { environment: 'sandbox', url: 'http://localhost:9099/callback', events: [] } as const
  const made = await lonely.createEndpoint({
    ...wanted,
    description: null,
    foldSuperseded: false,
    notifyUrl: null,
  })
  if (made === null) throw new Error('there is room for an endpoint')
  for (let order = 0; order < BREAKER_ORDERS; order++)
    await lonely.callbackConcluded(made.endpoint.id, made.endpoint.url, {
      order: `order-${order}`,
      outcome: 'timeout',
    })
  const healthOf = async () => (await lonely.endpoint('sandbox', made.endpoint.id))?.health
  expect(await healthOf()).toMatchObject({ failures: BREAKER_ORDERS, breaker: { probes: 0 } })
  vi.setSystemTime(Date.now() + PROBE_MS)
  await runDurableObjectAlarm(lonely)
  expect(await healthOf()).toMatchObject({ failures: BREAKER_ORDERS, orders: [], breaker: null })
})
