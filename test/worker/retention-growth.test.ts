/** Under a steady flow of orders, storage grows until the first are folded, and then no more. */
import { runInDurableObject } from 'cloudflare:test'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { cron, DAY_MS, demo, evict, later, settled, stored } from './fold-world'
import { checkRef, demoBook, newWorld, registerEndpoint, send, type World } from './world'

const ORDERS_A_MONTH = 3
const MONTHS = 12
const MONTH_MS = 30 * DAY_MS
const RETENTION_DAYS = 90
/** Those of three months, and of the one in which the oldest of them are folded. */
const KEPT_WHOLE = 4 * ORDERS_A_MONTH

let world: World

beforeAll(async () => {
  world = newWorld()
  await registerEndpoint()
  await demo().change({ retentionDays: RETENTION_DAYS })
  await demo().beginFolding()
})
afterEach(() => {
  vi.restoreAllMocks()
})
afterAll(() => {
  vi.useRealTimers()
})

interface Size {
  /** Objects of orders that hold anything, and the bytes of their databases. */
  readonly objects: number
  readonly bytes: number
  readonly events: number
  readonly held: number
  readonly again: number
}

async function sizeOf(refs: readonly string[]): Promise<Size> {
  const all = await Promise.all(refs.map(stored))
  const whole = all.filter(({ keys }) => keys.length > 0)
  const rows = await runInDurableObject(demoBook(), (_, { storage: { sql } }) => {
    const count = (table: string) =>
      sql.exec<{ rows: number }>(`SELECT COUNT(*) AS rows FROM ${table}`).one().rows
    return { events: count('events'), held: count('held'), again: count('fold_again') }
  })
  const bytes = whole.reduce((sum, one) => sum + one.bytes, 0)
  return { objects: whole.length, bytes, ...rows }
}

/** It lives through a year of them, on whatever machine. */
const TIMEOUT_MS = 60_000

describe('a year of orders', () => {
  it(
    'takes no more storage at its end than after four months, but for one small row an order',
    async () => {
      const refs: string[] = []
      const sizes: Size[] = []
      for (let month = 0; month < MONTHS; month++) {
        for (let order = 0; order < ORDERS_A_MONTH; order++) {
          const ref = `month-${month}-${order}`
          await settled(world, ref)
          refs.push(ref)
        }
        later(MONTH_MS)
        await cron()
        sizes.push(await sizeOf(refs))
      }
      expect(sizes[1]?.objects).toBe(2 * ORDERS_A_MONTH)
      const [early, last] = [sizes[4], sizes.at(-1)]
      if (early === undefined || last === undefined) throw new Error('there were months')
      expect(early.objects).toBeGreaterThan(0)
      expect(last.objects).toBeLessThanOrEqual(KEPT_WHOLE)
      expect(last).toEqual(early)

      // A row of the book is what is left of each of the others: less than its object was, and all of them are there.
      const rows = await runInDurableObject(demoBook(), (_, { storage }) =>
        storage.sql.exec<{ bytes: number }>('SELECT LENGTH(folded) AS bytes FROM folded').toArray(),
      )
      expect(rows).toHaveLength(refs.length - last.objects)
      const whole = early.bytes / early.objects
      for (const { bytes } of rows) expect(bytes).toBeLessThan(Math.min(2_000, whole / 2))

      const first = refs[0] ?? ''
      await evict(first)
      expect((await checkRef(first)).data.status).toBe('FULFILLED')
      await evict(first)
      expect((await send(first)).status).toBe(200)
      expect(world.sends).toHaveLength(refs.length)
    },
    TIMEOUT_MS,
  )
})
