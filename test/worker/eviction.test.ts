/**
 * The order's life, with the object thrown out of memory between each two steps of it. Whatever the moment:
 * one top-up at the provider, one event id, the true status.
 */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  checkRef,
  failure,
  forgetWallet,
  HANG,
  newWorld,
  orderOf,
  registerEndpoint,
  send,
  type World,
  walletLooks,
} from './world'

let world: World
let count = 0
const newRef = () => `evict-${++count}`

beforeAll(async () => {
  newWorld()
  await registerEndpoint()
})
beforeEach(() => {
  world = newWorld()
})
afterEach(() => {
  vi.restoreAllMocks()
})

async function evict(ref: string): Promise<void> {
  await evictDurableObject(await orderOf(ref))
}

/** A crash, not an eviction: what was in flight is lost, what was committed stays. */
async function crash(ref: string): Promise<void> {
  const order = await orderOf(ref)
  await runInDurableObject(order, (_, state) => state.abort('crash')).catch(() => undefined)
}

async function alarm(ref: string): Promise<void> {
  expect(await runDurableObjectAlarm(await orderOf(ref))).toBe(true)
}

/** The provider takes the next send and never answers it. What it returns waits until that has left. */
function acceptWithoutAnswer(): () => Promise<void> {
  const before = world.sends.length
  world.onSend(() => new Promise<Response>(() => undefined), { accept: true })
  return () => vi.waitFor(() => expect(world.sends.length).toBe(before + 1), 4_000)
}

async function crashDuringSend(ref: string): Promise<void> {
  const hasLeft = acceptWithoutAnswer()
  const lost = send(ref)
  await hasLeft()
  await crash(ref)
  expect((await lost).status).toBeGreaterThanOrEqual(500)
}

/** The end of every life here. */
async function expectDelivered(ref: string): Promise<void> {
  const callback = await world.received(1)
  expect(callback.type).toBe('topup.fulfilled')
  expect((await checkRef(ref)).data).toMatchObject({
    status: 'FULFILLED',
    gateway: { final: true, state_version: 2 },
  })
  expect(world.accepted.size).toBe(1)
  expect(new Set(world.callbacks.map(({ id }) => id)).size).toBe(1)
}

describe('an order thrown out of memory', () => {
  it('while the send is under way is looked up, never sent again', async () => {
    const ref = newRef()
    await crashDuringSend(ref)
    expect((await checkRef(ref)).data).toMatchObject({ status: 'PENDING', gateway: { final: false } })
    world.settle(ref, 'FULFILLED')
    await alarm(ref)
    await expectDelivered(ref)
    expect(world.sends).toHaveLength(1)
  })

  it('while the send is under way answers the repeated send without sending', async () => {
    const ref = newRef()
    await crashDuringSend(ref)
    const again = await send(ref)
    expect(again.status).toBe(200)
    expect(world.sends).toHaveLength(1)
  })

  it('between the accepted send and the first look-up', async () => {
    const ref = newRef()
    await send(ref)
    await evict(ref)
    await forgetWallet()
    world.settle(ref, 'FULFILLED')
    await alarm(ref)
    await expectDelivered(ref)
  })

  it('between PENDING and HANDLING', async () => {
    const ref = newRef()
    await send(ref)
    await walletLooks(ref)
    await evict(ref)
    world.settle(ref, 'HANDLING')
    await walletLooks(ref)
    expect((await checkRef(ref)).data.status).toBe('HANDLING')
    world.settle(ref, 'FULFILLED')
    await walletLooks(ref)
    await expectDelivered(ref)
  })

  it('between HANDLING and the final status', async () => {
    const ref = newRef()
    await send(ref)
    world.settle(ref, 'HANDLING')
    await walletLooks(ref)
    await evict(ref)
    world.settle(ref, 'FULFILLED')
    await walletLooks(ref)
    await expectDelivered(ref)
  })

  it('between the final status and the record of the attempt', async () => {
    const ref = newRef()
    await send(ref)
    world.settle(ref, 'FULFILLED')
    world.onCallback(HANG)
    await walletLooks(ref)
    const first = await world.received(1)
    await crash(ref)
    await alarm(ref)
    expect(await world.received(2)).toEqual(first)
    await expectDelivered(ref)
  })

  it('between a failed attempt and the next', async () => {
    const ref = newRef()
    await send(ref)
    world.settle(ref, 'FULFILLED')
    world.onCallback(503)
    await walletLooks(ref)
    const first = await world.received(1)
    await evict(ref)
    vi.setSystemTime(Date.now() + 10_000)
    await alarm(ref)
    vi.useRealTimers()
    const second = await world.received(2)
    expect(second).toEqual(first)
    await evict(ref)
    expect((await checkRef(ref)).data.gateway.callback).toBe('delivered')
  })

  it('between delivery and the last alarm, which finds nothing to do', async () => {
    const ref = newRef()
    await send(ref)
    world.settle(ref, 'FULFILLED')
    await walletLooks(ref)
    await world.received(1)
    await evict(ref)
    await runDurableObjectAlarm(await orderOf(ref))
    expect(world.callbacks).toHaveLength(1)
    const order = await orderOf(ref)
    expect(await runInDurableObject(order, (_, state) => state.storage.getAlarm())).toBeNull()
  })

  it('between unknown and settled', async () => {
    const ref = newRef()
    await send(ref)
    world.settle(ref, 'UNKNOWN_ERROR')
    await walletLooks(ref)
    expect((await world.received(1)).type).toBe('topup.unknown')
    await evict(ref)
    expect((await checkRef(ref)).data).toMatchObject({ status: 'UNKNOWN_ERROR', gateway: { final: false } })
    world.settle(ref, 'REFUNDED')
    await alarm(ref)
    expect((await world.received(2)).type).toBe('topup.refunded')
    expect((await checkRef(ref)).data).toMatchObject({
      status: 'REFUNDED',
      gateway: { final: true, state_version: 3 },
    })
  })
})

describe('an order in doubt thrown out of memory after each step of the proof of absence', () => {
  it('is sent again once, under the same ref, and only after the proof', async () => {
    const ref = newRef()
    const start = Date.now()
    world.onSend(() => failure(500, 'INTERNAL_ERROR'))
    await send(ref)
    for (const seconds of [1, 30, 62]) {
      expect(world.sends).toHaveLength(1)
      await evict(ref)
      vi.setSystemTime(start + seconds * 1_000)
      await walletLooks(ref)
    }
    vi.useRealTimers()
    await vi.waitFor(() => expect(world.sends).toEqual([`demo.${ref}`, `demo.${ref}`]))
    await evict(ref)
    world.settle(ref, 'FULFILLED')
    await walletLooks(ref)
    await expectDelivered(ref)
  })
})

describe('an order sent again after the proof', () => {
  it('and thrown out of memory while that send is under way is looked up, not sent a third time', async () => {
    const ref = newRef()
    const start = Date.now()
    world.onSend(() => failure(500, 'INTERNAL_ERROR'))
    await send(ref)
    const hasLeft = acceptWithoutAnswer()
    for (const seconds of [1, 30, 62]) {
      vi.setSystemTime(start + seconds * 1_000)
      await walletLooks(ref)
    }
    vi.useRealTimers()
    await hasLeft()
    await crash(ref)
    world.settle(ref, 'FULFILLED')
    await alarm(ref)
    await expectDelivered(ref)
    expect(world.sends).toHaveLength(2)
  })
})

describe('an unknown ref', () => {
  it('leaves no storage behind', async () => {
    expect((await checkRef('never-sent')).status).toBe(404)
    const order = await orderOf('never-sent')
    expect(await runInDurableObject(order, async (_, state) => (await state.storage.list()).size)).toBe(0)
    expect(await runInDurableObject(order, (_, state) => state.storage.getAlarm())).toBeNull()
  })

  it('is free again after a refused send', async () => {
    const ref = newRef()
    world.onSend(() => failure(403, 'INSUFFICIENT_BALANCE'))
    expect((await send(ref)).error.code).toBe('INSUFFICIENT_BALANCE')
    const order = await orderOf(ref)
    expect(await runInDurableObject(order, async (_, state) => (await state.storage.list()).size)).toBe(0)
    expect((await send(ref, 600)).status).toBe(200)
  })
})
