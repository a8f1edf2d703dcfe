/** A book that was written by the version before: it opens, and everything in it is found as it was. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { deliveryId, deliveryPosition } from '../../src/order/delivery-id'
import { ANY, entry, newBook, record, refsOf, walk } from './book-entries'

const START = Date.UTC(2026, 1, 1)
const HOUR_MS = 3_600_000
const ENDPOINT = 'ep_shop_12345678'

/** As it was until 2026-11-25. */
const OLD = `
  CREATE TABLE orders (
    environment TEXT NOT NULL, created_at INTEGER NOT NULL, object_id TEXT NOT NULL, ref TEXT NOT NULL,
    booked INTEGER NOT NULL, revision INTEGER NOT NULL, updated_at INTEGER NOT NULL, topup_id TEXT NOT NULL,
    provider_id TEXT, phase TEXT NOT NULL, status TEXT NOT NULL, state_version INTEGER NOT NULL,
    plan_code TEXT NOT NULL, msisdn TEXT NOT NULL, topup_amount_dzd INTEGER NOT NULL, charged_dzd REAL,
    topup TEXT NOT NULL, settled_at INTEGER, due_at INTEGER,
    PRIMARY KEY (environment, created_at, object_id)
  ) WITHOUT ROWID;
  CREATE INDEX orders_by_topup ON orders (topup_id);
  CREATE INDEX orders_by_provider ON orders (provider_id) WHERE provider_id IS NOT NULL;
  CREATE INDEX orders_due ON orders (due_at) WHERE due_at IS NOT NULL;
  CREATE TABLE deliveries (
    environment TEXT NOT NULL, position TEXT NOT NULL, ref TEXT NOT NULL, object_id TEXT NOT NULL,
    event_type TEXT NOT NULL, endpoint_id TEXT NOT NULL, state TEXT NOT NULL, delivery TEXT NOT NULL,
    PRIMARY KEY (environment, position)
  ) WITHOUT ROWID;
  CREATE INDEX deliveries_held ON deliveries (endpoint_id, position) WHERE state = 'held';
  CREATE TABLE events (
    environment TEXT NOT NULL, position INTEGER NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, ref TEXT,
    state_version INTEGER, created_at INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (environment, position)
  ) WITHOUT ROWID;
  CREATE TABLE replay_lists (
    environment TEXT NOT NULL, replay_id TEXT NOT NULL, start INTEGER NOT NULL, positions TEXT NOT NULL,
    PRIMARY KEY (environment, replay_id, start)
  ) WITHOUT ROWID;
`

/** The first is open, the second has told two events, the third is of the sandbox. */
const open = entry(1, { createdAt: START, dueAt: START + 20_000, providerId: 'provider-1' })
const told = entry(2, { createdAt: START + 1, status: 'FULFILLED', phase: 'settled', stateVersion: 3 })
const other = entry(3, { createdAt: START + 2, environment: 'sandbox' })

const events = [2, 3].map((stateVersion) => ({
  id: `evt_${told.gatewayId}_${stateVersion}`,
  type: 'topup.unknown' as const,
  ref: told.ref,
  stateVersion,
  createdAt: START + stateVersion * 1_000,
  body: `{"è":"\\u0000","version":${stateVersion}}`,
}))
const deliveries = events.map((event, index) => ({
  id: deliveryId(event, ENDPOINT),
  eventId: event.id,
  endpointId: ENDPOINT,
  url: 'https://shop.example/"callback"',
  state: index === 0 ? ('delivered' as const) : ('held' as const),
  reason: index === 0 ? null : 'paused',
  attemptsSpent: 0,
  attemptsMade: 0,
  nextAttemptAt: null,
  firstAttemptAt: null,
  replayed: false,
  replay: null,
  attempts: [],
}))

const number = (index: number) => (START + index) * 1_000

function insert(sql: SqlStorage, table: string, row: readonly SqlStorageValue[]): void {
  sql.exec(`INSERT INTO ${table} VALUES (${row.map(() => '?').join(', ')})`, ...row)
}

describe('a book of the version before', () => {
  const book = newBook('migrated')
  const feed = () => book.events({ environment: 'production', after: null, limit: 10, waitMs: 0 })

  afterAll(() => {
    vi.useRealTimers()
  })
  beforeAll(async () => {
    vi.setSystemTime(START + HOUR_MS)
    await runInDurableObject(book, (_, { storage: { sql } }) => {
      sql.exec(OLD)
      for (const one of [open, told, other]) {
        insert(sql, 'orders', [
          ...[one.environment, one.createdAt, one.objectId, one.ref, number(1), 1, START, one.topupId],
          ...[one.providerId, one.phase, one.status, one.stateVersion, one.planCode, one.msisdn, 500, null],
          ...[JSON.stringify(one.topup), null, one.dueAt],
        ])
      }
      for (const { id, type, ref, stateVersion, createdAt, body } of events) {
        insert(sql, 'events', [
          'production',
          number(stateVersion),
          id,
          type,
          ref,
          stateVersion,
          createdAt,
          body,
        ])
      }
      insert(sql, 'events', [
        'production',
        number(9),
        'evt_summary',
        'summary.daily',
        null,
        null,
        START,
        '{}',
      ])
      for (const { id, state, ...rest } of deliveries) {
        insert(sql, 'deliveries', [
          ...['production', deliveryPosition(id), told.ref, told.objectId, 'topup.unknown', ENDPOINT, state],
          JSON.stringify({ id, state, ...rest }),
        ])
      }
      insert(sql, 'replay_lists', ['production', 'rpl_old', 0, '[]'])
    })
    await evictDurableObject(book)
  })

  it('opens, and has every order under every id', async () => {
    expect(refsOf((await walk(book, ANY, 10)).items)).toEqual([told.ref, open.ref])
    expect(await book.refOf('production', open.topupId)).toBe(open.ref)
    expect(await book.refOf('production', 'provider-1')).toBe(open.ref)
    expect(await book.refOf('production', told.topupId)).toBe(told.ref)
    expect(await book.refOf('sandbox', other.topupId)).toBe(other.ref)
  })

  it('has the feed, each event with its number', async () => {
    expect(await feed()).toMatchObject({
      kind: 'page',
      items: [...events, { id: 'evt_summary', ref: null, stateVersion: null }],
      next: number(9),
    })
  })

  it('has each delivery, what is held, and the way to their orders', async () => {
    const filter = { environment: 'production', state: null, endpointId: ENDPOINT, ref: told.ref } as const
    const { items } = await book.deliveries({ ...filter, limit: 10, before: null })
    expect(items.map(({ delivery: { id, state, url } }) => ({ id, state, url }))).toEqual(
      deliveries.map(({ id, state, url }) => ({ id, state, url })).reverse(),
    )
    expect(await book.heldCounts()).toEqual({ [ENDPOINT]: 1 })
    expect((await book.heldOrders(ENDPOINT, null, 10)).map(({ objectId }) => objectId)).toEqual([
      told.objectId,
    ])
    for (const { id } of deliveries) expect(await book.orderOfDelivery('production', id)).toBe(told.objectId)
    // A replay that was running finds its list empty, and ends.
    expect(await book.replayPart('rpl_old', 'production', 0, 50)).toEqual([])
  })

  it('misses the order that is overdue', async () => {
    expect(await book.wakeOverdue(START + HOUR_MS)).toBe(1)
  })

  it('goes on: what an order tells next is no event twice', async () => {
    const [first, second] = deliveries
    if (first === undefined || second === undefined) throw new Error('there are two')
    const after = [first, { ...second, state: 'delivered' as const, reason: null }]
    await record(book, [{ ...told, revision: 2, events, deliveries: after }])
    await evictDurableObject(book)
    expect(await book.heldCounts()).toEqual({})
    const page = await feed()
    const topups = page.kind === 'page' ? page.items.filter(({ ref }) => ref !== null) : []
    expect(topups).toEqual(events)
    for (const { id } of deliveries) expect(await book.orderOfDelivery('production', id)).toBe(told.objectId)
  })
})
