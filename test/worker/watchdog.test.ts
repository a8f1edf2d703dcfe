/** What finds an order again when an alarm was lost, a wallet forgot, or the provider takes days. */
import {
  createExecutionContext,
  createScheduledController,
  evictDurableObject,
  runDurableObjectAlarm,
  runInDurableObject,
  waitOnExecutionContext,
} from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { merchantById, walletByName } from '../../src/env'
import worker from '../../src/index'
import { OPERATOR_WALLET } from '../../src/order/name'
import {
  checkRef,
  env,
  failure,
  forgetWallet,
  newWorld,
  orderOf,
  registerEndpoint,
  send,
  type World,
  walletLooks,
} from './world'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

let world: World
let count = 0
const newRef = () => `watch-${++count}`

beforeEach(() => {
  world = newWorld()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

async function cron(): Promise<void> {
  const context = createExecutionContext()
  // A minute in which nothing else is planned.
  const scheduledTime = new Date(Date.UTC(2026, 1, 1, 12, 7))
  const controller = createScheduledController({ cron: '* * * * *', scheduledTime })
  await worker.scheduled(controller, env)
  await waitOnExecutionContext(context)
}

async function alarmTime(ref: string): Promise<number | null> {
  return runInDurableObject(await orderOf(ref), (_, state) => state.storage.getAlarm())
}

async function loseAlarm(ref: string): Promise<void> {
  await runInDurableObject(await orderOf(ref), (_, state) => state.storage.deleteAlarm())
}

async function crash(stub: DurableObjectStub): Promise<void> {
  await runInDurableObject(stub, (_, state) => state.abort('crash')).catch(() => undefined)
}

/** Moves the clock that the objects read; alarms do not fire because of it. */
function later(ms: number): void {
  vi.setSystemTime(Date.now() + ms)
}

describe('cron', () => {
  it("sets a merchant's lost alarm anew", async () => {
    vi.mocked(fetch).mockImplementation(async () => new Response('no echo'))
    await registerEndpoint()
    const merchant = merchantById(env, 'demo')
    const alarm = () => runInDurableObject(merchant, (_, { storage }) => storage.getAlarm())
    await vi.waitFor(async () => expect(await alarm()).not.toBeNull())
    await runInDurableObject(merchant, (_, { storage }) => storage.deleteAlarm())
    await cron()
    expect(await alarm()).not.toBeNull()
  })

  it('wakes an order whose alarm was lost, once it is two minutes overdue', async () => {
    const ref = newRef()
    await send(ref)
    await evictDurableObject(await orderOf(ref))
    await loseAlarm(ref)
    later(MINUTE_MS)
    await cron()
    expect(await alarmTime(ref)).toBeNull()
    later(3 * MINUTE_MS)
    await cron()
    expect(await alarmTime(ref)).toBeGreaterThan(Date.now())
    world.settle(ref, 'FULFILLED')
    await forgetWallet()
    await runDurableObjectAlarm(await orderOf(ref))
    await vi.waitFor(async () => expect((await checkRef(ref)).data.status).toBe('FULFILLED'), 4_000)
  })

  it('leaves an order alone that will wake by itself', async () => {
    const ref = newRef()
    await send(ref)
    const before = await alarmTime(ref)
    later(4 * MINUTE_MS)
    world.settle(ref, 'UNKNOWN_ERROR')
    await runDurableObjectAlarm(await orderOf(ref))
    const alarm = await alarmTime(ref)
    expect(alarm).not.toBe(before)
    await cron()
    expect(await alarmTime(ref)).toBe(alarm)
  })
})

describe('an order that the wallet forgot', () => {
  it('is watched again when its alarm comes', async () => {
    const ref = newRef()
    await send(ref)
    await crash(walletByName(env, OPERATOR_WALLET))
    world.settle(ref, 'HANDLING')
    later(8_000)
    await runDurableObjectAlarm(await orderOf(ref))
    await vi.waitFor(async () => expect((await checkRef(ref)).data.status).toBe('HANDLING'), 4_000)
    vi.useRealTimers()
    world.settle(ref, 'FULFILLED')
    // Nobody looks but the wallet now: it was told to watch again.
    await vi.waitFor(async () => expect((await checkRef(ref)).data.status).toBe('FULFILLED'), 20_000)
  }, 30_000)

  it('does not read what the wallet has just read', async () => {
    const ref = newRef()
    await send(ref)
    await walletLooks(ref)
    const reads = vi.mocked(fetch).mock.calls.length
    await runDurableObjectAlarm(await orderOf(ref))
    expect(vi.mocked(fetch).mock.calls).toHaveLength(reads)
  })
})

describe('an order that is unknown', () => {
  it('is looked up for as long as it takes, at growing intervals, and flagged after a day', async () => {
    const ref = newRef()
    await send(ref)
    world.settle(ref, 'UNKNOWN_ERROR')
    await walletLooks(ref)
    const start = Date.now()
    const pauses: number[] = []
    while (Date.now() - start < 26 * HOUR_MS) {
      const alarm = await alarmTime(ref)
      if (alarm === null) throw new Error('an open order has an alarm')
      pauses.push(alarm - Date.now())
      later(alarm - Date.now())
      await runDurableObjectAlarm(await orderOf(ref))
    }
    expect(pauses.every((pause) => pause > 0)).toBe(true)
    expect(pauses.at(-1)).toBe(HOUR_MS)
    const { data } = await checkRef(ref)
    expect(data).toMatchObject({ status: 'UNKNOWN_ERROR', gateway: { final: false } })
    expect(data.gateway.flag.reason).toContain('24 h')
    world.settle(ref, 'FULFILLED')
    await runDurableObjectAlarm(await orderOf(ref))
    expect((await checkRef(ref)).data).toMatchObject({ status: 'FULFILLED', gateway: { final: true } })
  })
})

describe('an alarm', () => {
  it('never throws and always leaves another one, whatever the provider does', async () => {
    const ref = newRef()
    await send(ref)
    later(30_000)
    vi.mocked(fetch).mockRejectedValue(new Error('the network is gone'))
    for (let run = 0; run < 10; run++) {
      expect(await runDurableObjectAlarm(await orderOf(ref))).toBe(true)
      expect(await alarmTime(ref)).toBeGreaterThan(Date.now())
      later(HOUR_MS)
    }
    expect((await checkRef(ref)).data.status).toBe('PENDING')
  })

  it('is set before the first byte leaves', async () => {
    const ref = newRef()
    let alarm: number | null = null
    world.onSend(async () => {
      alarm = await alarmTime(ref)
      return failure(500, 'INTERNAL_ERROR')
    })
    await send(ref)
    expect(alarm).toBeGreaterThan(Date.now())
  })
})
