/** Sends in doubt where memory, time and the provider's account change under the objects. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { LookOutcome, Order as OrderRecord } from '../../src/order/state'
import type { Told } from '../../src/provider/oneclick'
import { type Submitted, Wallet } from '../../src/provider/wallet'
import { env, failure, newWorld, orderOf, send, type World, walletLooks, withList } from './world'

let world: World

beforeEach(() => {
  world = newWorld()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  env.ONECLICK_ACCESS_TOKEN = TOKEN
})

const TOKEN = env.ONECLICK_ACCESS_TOKEN

/** What a wallet brings that asked at `at`. */
function notFound(ref: string, at: number): Told<LookOutcome> {
  const path = `/v3/mobile/check-ref/demo.${ref}`
  const answer = { httpStatus: 404, failure: null, received: '', receivedBytes: 0, sha256: null }
  return {
    outcome: { kind: 'not_found' },
    evidence: [{ at, durationMs: 5, method: 'GET', path, sent: null, ...answer }],
  }
}

/** Look-ups a minute and a half apart, each followed by all that it leads to. */
async function lookForMinutes(ref: string): Promise<void> {
  for (let look = 0; look < 6; look++) {
    vi.setSystemTime(Date.now() + 30_000)
    await walletLooks(ref)
    await runDurableObjectAlarm(await orderOf(ref))
  }
}

it('is never sent again on another account: there every ref is absent', async () => {
  const ref = 'other-account'
  world.onSend(() => failure(500, 'INTERNAL_ERROR'), { accept: true })
  await send(ref)
  env.ONECLICK_ACCESS_TOKEN = 'the key of another account'
  world.accepted.clear()
  await lookForMinutes(ref)
  expect(world.sends).toHaveLength(1)
})

it('is proven absent from a list of many pages, read once', async () => {
  const ref = 'long-list'
  world.onSend(() => failure(500, 'INTERNAL_ERROR'))
  await send(ref)
  const list = withList({ totalPages: 180 })
  await lookForMinutes(ref)
  expect(world.sends).toEqual([`demo.${ref}`, `demo.${ref}`])
  expect(list.reads).toBe(180)
})

it('is not proven absent by a list that does not say its refs', async () => {
  const ref = 'mute-list'
  world.onSend(() => failure(500, 'INTERNAL_ERROR'))
  await send(ref)
  withList({ totalPages: 1, items: [{ _id: 'x', status: 'PENDING' }] })
  await lookForMinutes(ref)
  expect(world.sends).toHaveLength(1)
})

it('is not proven absent by look-ups that were asked in a hurry and read later', async () => {
  const ref = 'read-late'
  world.onSend(() => failure(500, 'INTERNAL_ERROR'))
  await send(ref)
  const list = withList({ totalPages: 1 })
  const order = await orderOf(ref)
  const start = Date.now()
  const read = async (askedAfterMs: number, readAfterMs: number) => {
    vi.setSystemTime(start + readAfterMs)
    await order.observe(notFound(ref, start + askedAfterMs))
    await order.status('demo')
  }
  await read(2_000, 2_000)
  await read(30_000, 70_000)
  await read(59_000, 75_000)
  expect((await order.story('demo'))?.order.absence).toMatchObject({ count: 3, lastAt: start + 59_000 })
  expect(list.reads).toBe(0)
  await read(62_500, 80_000)
  await vi.waitFor(() => expect(list.reads).toBe(1))
})

it('many in doubt at once share one reading of the list', async () => {
  // One more in a row, and the wallet would take it for an outage.
  const refs = Array.from({ length: 4 }, (_, index) => `outage-${index}`)
  for (const ref of refs) {
    world.onSend(() => failure(500, 'INTERNAL_ERROR'))
    await send(ref)
  }
  const list = withList({ totalPages: 10 })
  for (let look = 0; look < 3; look++) {
    vi.setSystemTime(Date.now() + 31_000)
    await Promise.all(refs.map(walletLooks))
  }
  await vi.waitFor(() => expect(world.sends).toHaveLength(2 * refs.length))
  // Two readings of ten pages for all of them, not for each; beside them the sweep may turn a page.
  expect(list.reads).toBeLessThan(2 * 2 * 10)
})

it('takes an acceptance that comes after the merchant has his answer', async () => {
  const ref = 'late-answer'
  const answer = Promise.withResolvers<Submitted>()
  vi.spyOn(Wallet.prototype, 'submit').mockReturnValue(answer.promise)
  const sent = await send(ref)
  expect(sent).toMatchObject({ status: 200, data: { gateway: { final: false } } })
  answer.resolve({ outcome: { kind: 'accepted', topupId: 'b'.repeat(24) }, evidence: [], expected: null })
  const order = await orderOf(ref)
  await vi.waitFor(async () => {
    const record = await runInDurableObject(order, (_, { storage }) => storage.kv.get<OrderRecord>('order'))
    expect(record).toMatchObject({
      phase: 'tracking',
      providerId: 'b'.repeat(24),
      topupId: sent.data.topupId,
    })
  })
}, 20_000)
