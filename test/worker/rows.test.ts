/** Rows written are the largest cost of an order. Counted where they are written: alarms, records, SQL. */
import { runInDurableObject } from 'cloudflare:test'
import { afterEach, expect, it, vi } from 'vitest'
import { checkRef, demoBook, newWorld, orderOf, registerEndpoint, send, walletLooks } from './world'

const MAX_ROWS_PER_ORDER = 12

afterEach(() => {
  vi.restoreAllMocks()
})

/** Counts every row that any object writes from here on; each alarm and each key-value pair is one. */
async function countRows(): Promise<{ rows: string[] }> {
  const rows: string[] = []
  await runInDurableObject(await orderOf('rows-probe'), (_, { storage }) => {
    const put = Object.getPrototypeOf(storage.kv).put
    vi.spyOn(Object.getPrototypeOf(storage.kv), 'put').mockImplementation(function (this: unknown, ...args) {
      rows.push(`record ${args[0]}`)
      return put.apply(this, args)
    })
    const setAlarm = Object.getPrototypeOf(storage).setAlarm
    vi.spyOn(Object.getPrototypeOf(storage), 'setAlarm').mockImplementation(function (
      this: unknown,
      ...args
    ) {
      rows.push('alarm')
      return setAlarm.apply(this, args)
    })
    const exec = Object.getPrototypeOf(storage.sql).exec
    vi.spyOn(Object.getPrototypeOf(storage.sql), 'exec').mockImplementation(function (
      this: unknown,
      ...args
    ) {
      const cursor = exec.apply(this, args)
      const { toArray } = cursor
      const note = () => {
        for (let row = 0; row < cursor.rowsWritten; row++)
          rows.push(`sql ${String(args[0]).trim().slice(0, 24)}`)
      }
      if (/RETURNING|^\s*SELECT/.test(String(args[0]))) {
        cursor.toArray = () => {
          const all = toArray.call(cursor)
          note()
          return all
        }
      } else note()
      return cursor
    })
  })
  return { rows }
}

it(`an order writes at most ${MAX_ROWS_PER_ORDER} rows from send to delivered callback`, async () => {
  const world = newWorld()
  await registerEndpoint()
  // The first order of a merchant also makes the book's tables.
  await send('rows-first')
  const { rows } = await countRows()

  const ref = 'rows-1'
  await send(ref)
  await walletLooks(ref)
  await walletLooks(ref)
  world.settle(ref, 'HANDLING')
  await walletLooks(ref)
  world.settle(ref, 'FULFILLED')
  await walletLooks(ref)
  await world.received(1)
  await vi.waitFor(async () => {
    const { items } = await demoBook().deliveries({
      environment: 'production',
      state: 'delivered',
      endpointId: null,
      ref,
      limit: 1,
      before: null,
    })
    expect(items).toHaveLength(1)
  })
  expect((await checkRef(ref)).data.gateway).toMatchObject({ final: true, callback: 'delivered' })
  expect(rows.length).toBeLessThanOrEqual(MAX_ROWS_PER_ORDER)
  expect(rows.filter((row) => row.startsWith('record'))).not.toHaveLength(0)
  expect(rows.filter((row) => row === 'alarm')).not.toHaveLength(0)
  expect(rows.filter((row) => row.startsWith('sql'))).not.toHaveLength(0)
})
