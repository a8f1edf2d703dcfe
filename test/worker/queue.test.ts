/**
 * A send that waits for its turn, in its object and in the wallet's line, with either of them thrown out of memory at
 * each step: it is sent once, never twice, and its merchant is called back.
 */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { walletByName } from '../../src/env'
import { OPERATOR_WALLET } from '../../src/order/name'
import type { Order } from '../../src/order/order'
import type { Order as OrderRecord } from '../../src/order/state'
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

vi.setConfig({ testTimeout: 20_000 })

/** Until a turn comes, and some. */
const SOON = { timeout: 8_000, interval: 50 }

let world: World
let count = 0
const newRef = () => `queue-${++count}`
const wallet = () => walletByName(env, OPERATOR_WALLET)

beforeAll(async () => {
  newWorld()
  await registerEndpoint()
})
beforeEach(() => {
  world = newWorld()
})
afterEach(async () => {
  await openLine()
  vi.restoreAllMocks()
})

/** One send every 2.7 s, a little longer than anybody waits in his call; the first of them is gone. */
async function closeLine(): Promise<void> {
  await wallet().change({ sendsPerMinute: 23 })
  await forgetWallet()
  await send(newRef())
  world.sends.length = 0
  world.accepted.clear()
}

/** From the next turn on everybody is let out at once. */
async function openLine(): Promise<void> {
  await wallet().change({ sendsPerMinute: 60_000 })
}

async function queue(ref: string) {
  const answer = await send(ref)
  expect(answer.status).toBe(200)
  expect(answer.data.gateway).toMatchObject({ final: false })
  expect(sendsOf(ref)).toBe(0)
  return answer
}

async function recordOf(ref: string): Promise<OrderRecord> {
  return await runInDurableObject(await orderOf(ref), (_: Order, { storage }) => {
    const record = storage.kv.get<OrderRecord>('order')
    if (record === undefined) throw new Error(`there is no order ${ref}`)
    return record
  })
}

/** The first callback; a turn may have to come before it. */
async function called() {
  await vi.waitFor(() => expect(world.callbacks).not.toEqual([]), SOON)
  return await world.received(1)
}

async function crash(ref: string): Promise<void> {
  const order = await orderOf(ref)
  await runInDurableObject(order, (_, state) => state.abort('crash')).catch(() => undefined)
}

async function alarm(ref: string): Promise<void> {
  expect(await runDurableObjectAlarm(await orderOf(ref))).toBe(true)
}

/** How often it reached the provider. */
const sendsOf = (ref: string) => world.sends.filter((sent) => sent === `demo.${ref}`).length

/** It left, once, and the merchant hears of its end under the id that he was told. */
async function expectSentOnce(ref: string, topupId: string): Promise<void> {
  await vi.waitFor(() => expect(sendsOf(ref)).toBe(1), SOON)
  await vi.waitFor(async () => expect((await recordOf(ref)).phase).toBe('tracking'), SOON)
  world.settle(ref, 'FULFILLED')
  await walletLooks(ref)
  const callback = await called()
  expect(callback.type).toBe('topup.fulfilled')
  expect(JSON.parse(callback.body).data).toMatchObject({ ref, _id: topupId })
  expect((await checkRef(ref)).data).toMatchObject({
    _id: topupId,
    status: 'FULFILLED',
    gateway: { final: true },
  })
  expect(sendsOf(ref)).toBe(1)
}

describe('a send for which there is no turn', () => {
  beforeEach(closeLine)

  it('is answered PENDING under an id that stays, with its place in the line, and nothing has left', async () => {
    const [first, second] = [newRef(), newRef()]
    const { data } = await queue(first)
    await queue(second)
    expect((await recordOf(first)).phase).toBe('queued')
    const status = (await checkRef(first)).data
    expect(status).toMatchObject({ _id: data.topupId, status: 'PENDING', gateway: { queue_position: 1 } })
    expect((await checkRef(second)).data.gateway.queue_position).toBe(2)
    expect(world.sends).toEqual([])
  })

  it('sent again by its merchant waits where it waited', async () => {
    const ref = newRef()
    const { data } = await queue(ref)
    const again = await send(ref)
    expect(again.data.topupId).toBe(data.topupId)
    expect((await checkRef(ref)).data.gateway.queue_position).toBe(1)
    expect((await send(ref, 600)).error.code).toBe('DUPLICATED_REF')
    await openLine()
    await expectSentOnce(ref, data.topupId)
  })

  it('is called when its turn comes, first come, first served', async () => {
    const refs = [newRef(), newRef(), newRef()]
    const told = []
    for (const ref of refs) told.push((await queue(ref)).data.topupId)
    await openLine()
    await vi.waitFor(() => expect(world.sends).toEqual(refs.map((ref) => `demo.${ref}`)), SOON)
  })

  it('that the provider then refuses ends REFUNDED, and its merchant is called back', async () => {
    const ref = newRef()
    const { data } = await queue(ref)
    world.onSend(() => failure(403, 'INSUFFICIENT_BALANCE'))
    await openLine()
    const callback = await called()
    expect(callback.type).toBe('topup.refunded')
    expect(JSON.parse(callback.body).data).toMatchObject({ _id: data.topupId, balance_amount: 0 })
    expect(sendsOf(ref)).toBe(1)
    expect((await send(ref)).data.topupId).toBe(data.topupId)
    expect(sendsOf(ref)).toBe(1)
  })

  it('whose answer is lost is in doubt like any other, and looked up', async () => {
    const ref = newRef()
    const { data } = await queue(ref)
    world.onSend(() => Promise.reject(new Error('reset')), { accept: true })
    await openLine()
    await vi.waitFor(async () => expect((await recordOf(ref)).phase).toBe('in_doubt'), SOON)
    await walletLooks(ref)
    await expectSentOnce(ref, data.topupId)
  })
})

describe('thrown out of memory while it waits', () => {
  beforeEach(closeLine)

  it('the order is called all the same', async () => {
    const ref = newRef()
    const { data } = await queue(ref)
    await evictDurableObject(await orderOf(ref))
    await openLine()
    await expectSentOnce(ref, data.topupId)
  })

  it('the order that crashed is called all the same', async () => {
    const ref = newRef()
    const { data } = await queue(ref)
    await crash(ref)
    await openLine()
    await expectSentOnce(ref, data.topupId)
  })

  it('the wallet that forgot its line is asked by the order’s alarm', async () => {
    const ref = newRef()
    const { data } = await queue(ref)
    await forgetWallet()
    expect((await checkRef(ref)).data.gateway.queue_position).toBeUndefined()
    await openLine()
    await alarm(ref)
    await expectSentOnce(ref, data.topupId)
  })

  it('both, and the alarm too: the watchdog finds it', async () => {
    const ref = newRef()
    const { data } = await queue(ref)
    await runInDurableObject(await orderOf(ref), (_, { storage }) => storage.deleteAlarm())
    await crash(ref)
    await forgetWallet()
    await openLine()
    await (await orderOf(ref)).wake()
    await alarm(ref)
    await expectSentOnce(ref, data.topupId)
  })

  it('and asked for again and again, it stands in the line once', async () => {
    const ref = newRef()
    const { data } = await queue(ref)
    for (let times = 0; times < 3; times++) {
      await alarm(ref)
      await evictDurableObject(await orderOf(ref))
    }
    expect((await checkRef(ref)).data.gateway.queue_position).toBe(1)
    await openLine()
    await expectSentOnce(ref, data.topupId)
  })
})

describe('a crash at the moment of its turn', () => {
  beforeEach(closeLine)

  it('of the wallet after the order has committed: nobody knows, so it is looked up', async () => {
    const ref = newRef()
    const { data } = await queue(ref)
    await openLine()
    world.onSend(() => new Promise(() => undefined), { accept: true })
    await vi.waitFor(() => expect(sendsOf(ref)).toBe(1), SOON)
    await forgetWallet()
    await vi.waitFor(async () => expect((await recordOf(ref)).phase).toBe('in_doubt'), SOON)
    await walletLooks(ref)
    await expectSentOnce(ref, data.topupId)
  })

  it('of the order after its commit: its send is looked up, never sent again', async () => {
    const ref = newRef()
    const { data } = await queue(ref)
    await openLine()
    world.onSend(() => new Promise(() => undefined), { accept: true })
    await vi.waitFor(() => expect(sendsOf(ref)).toBe(1), SOON)
    await crash(ref)
    expect((await checkRef(ref)).data).toMatchObject({ _id: data.topupId, status: 'PENDING' })
    expect((await recordOf(ref)).phase).toBe('in_doubt')
    await alarm(ref)
    await expectSentOnce(ref, data.topupId)
  })

  it('called twice, it is sent once', async () => {
    const ref = newRef()
    const { data } = await queue(ref)
    await openLine()
    const order = await orderOf(ref)
    await Promise.all([order.turn(), order.turn(), order.turn()])
    await expectSentOnce(ref, data.topupId)
    await order.turn()
    expect(sendsOf(ref)).toBe(1)
  })
})

describe('an order that does not wait', () => {
  it('is not sent by a call', async () => {
    const ref = newRef()
    await send(ref)
    await (await orderOf(ref)).turn()
    await (await orderOf('never-sent')).turn()
    expect(sendsOf(ref)).toBe(1)
  })
})
