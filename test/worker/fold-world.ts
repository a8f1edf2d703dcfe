/** Long times of the demo merchant: the cron's runs, what is left of an order, and how one comes to be folded. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { expect, vi } from 'vitest'
import { merchantById } from '../../src/env'
import { Retention } from '../../src/merchant/retention'
import type { Order as OrderRecord } from '../../src/order/state'
import { demoBook, env, orderOf, send, type World, walletLooks } from './world'

const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS
/** Of a merchant for whom the operator has set nothing. */
const RETENTION_DAYS = 400

export const later = (ms: number) => vi.setSystemTime(Date.now() + ms)

export const demo = () => merchantById(env, 'demo')

export async function evict(ref: string): Promise<void> {
  await evictDurableObject(await orderOf(ref))
}

/** What is durable of an order's own object. */
export async function stored(ref: string): Promise<{ keys: string[]; alarm: number | null; bytes: number }> {
  return await runInDurableObject(await orderOf(ref), async (_, { storage }) => ({
    keys: Array.from((await storage.list()).keys()),
    alarm: await storage.getAlarm(),
    bytes: storage.sql.databaseSize,
  }))
}

export const isEmpty = async (ref: string) => (await stored(ref)).keys.length === 0

/** What the book keeps of it. */
export async function rowOf(ref: string): Promise<OrderRecord | null> {
  return await demoBook().folded((await orderOf(ref)).id.toString())
}

/** The next minute's run, to its end. */
export async function cron(): Promise<void> {
  later(MINUTE_MS)
  const { mock } = vi.spyOn(Retention.prototype, 'run')
  const runs = mock.calls.length
  await demoBook().wakeOverdue(0)
  expect(mock.calls).toHaveLength(runs + 1)
  await vi.waitFor(() => expect(mock.settledResults.at(-1)?.type).toBe('fulfilled'), 10_000)
}

/** Sent, final at once, its event told, and all of it in the book. */
export async function settled(world: World, ref: string, status = 'FULFILLED'): Promise<void> {
  const before = world.callbacks.length
  await send(ref)
  world.settle(ref, status)
  await walletLooks(ref)
  await world.received(before + 1)
  await vi.waitFor(async () => {
    const filter = { environment: 'production', state: 'delivered', endpointId: null, ref } as const
    expect((await demoBook().deliveries({ ...filter, limit: 1, before: null })).items).toHaveLength(1)
  })
}

/** The edge has known for more than a day, and all that there is by now is older than it is kept whole. */
export async function yearLater(): Promise<void> {
  await demo().beginFolding()
  later((RETENTION_DAYS + 1) * DAY_MS)
}

/** An order that was folded, and is in nobody's memory. */
export async function foldedOrder(world: World, ref: string): Promise<string> {
  await settled(world, ref)
  await yearLater()
  await cron()
  expect(await isEmpty(ref)).toBe(true)
  await evict(ref)
  return ref
}
