/** Rows written are the largest cost of an order. Counted where they are written: alarms, records, SQL. */
import { afterEach, expect, it, vi } from 'vitest'
import { countRows, KINDS, type Kind, type Row } from './bill'
import {
  checkRef,
  demoBook,
  newWorld,
  registerEndpoint,
  send,
  success,
  type World,
  walletLooks,
} from './world'

const MAX_ROWS: Readonly<Record<Kind, number>> = { record: 4, alarm: 1, sql: 3 }
const MAX_ROWS_PER_ORDER = 8

afterEach(() => {
  vi.restoreAllMocks()
})

const sum = (rows: readonly Row[], wanted: Kind) => rows.filter(({ kind }) => kind === wanted).length

/** From send to the delivered callback, as the book lists it. */
async function delivered(world: World, ref: string): Promise<void> {
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
}

/** The first order of a merchant also makes the book's tables. */
async function newShop(ref: string): Promise<World> {
  const world = newWorld()
  await registerEndpoint()
  await send(ref)
  return world
}

it(`an order writes at most ${MAX_ROWS_PER_ORDER} rows from send to delivered callback`, async () => {
  const world = await newShop('rows-first')
  const { rows } = await countRows()
  await delivered(world, 'rows-1')
  for (const kind of KINDS) {
    expect(sum(rows, kind), `rows of kind ${kind}: ${JSON.stringify(rows)}`).toBeLessThanOrEqual(
      MAX_ROWS[kind],
    )
    // A kind that is not seen at all is not counted.
    expect(sum(rows, kind)).toBeGreaterThan(0)
  }
  expect(rows.length).toBeLessThanOrEqual(MAX_ROWS_PER_ORDER)
})

it('an id that tells no time costs one row more', async () => {
  const world = await newShop('rows-second')
  const ref = 'rows-2'
  world.onSend(
    () => {
      const topup = world.accepted.get(`demo.${ref}`)
      if (topup === undefined) throw new Error('it was accepted')
      topup.id = 'f'.repeat(24)
      return success({ topupId: topup.id, topupRef: `demo.${ref}` })
    },
    { accept: true },
  )
  const { rows } = await countRows()
  await delivered(world, ref)
  expect(sum(rows, 'sql')).toBe(MAX_ROWS.sql + 1)
  expect(await demoBook().refOf('production', 'f'.repeat(24))).toBe(ref)
})
