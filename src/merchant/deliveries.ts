/**
 * What became of each event at each endpoint. A delivery has no row of its own: it is in the row of its event, which is
 * written once anyway, and its place there never changes. Only what is held has a row besides, in `held`, so that
 * it can be released, and counted, without a look at all events.
 */
import { deliveryPosition } from '../order/delivery-id'
import type { Delivery, Environment } from '../order/state'
import type { EventDelivery } from './delivery-view'

export interface DeliveryFilter {
  readonly environment: Environment
  readonly state: string | null
  readonly endpointId: string | null
  readonly ref: string | null
  readonly limit: number
  /** The `next` of the page before; null for the newest. */
  readonly before: string | null
}

export interface DeliveryPage {
  readonly items: EventDelivery[]
  readonly next: string | null
}

/** An order that holds an event. */
export interface Held {
  readonly objectId: string
  readonly position: string
}

/** Each delivery beside its event. */
export const DELIVERIES = 'events AS e CROSS JOIN json_each(e.deliveries) AS d'
export const STATE = "json_extract(d.value, '$.state')"
export const ENDPOINT_ID = "json_extract(d.value, '$.endpointId')"
/** Behind every event. */
const END = Number.MAX_SAFE_INTEGER

/** Newest first: the events as they were booked, of each the newest delivery first. */
export function listDeliveries(
  sql: SqlStorage,
  { environment, state, endpointId, ref, limit, before }: DeliveryFilter,
): DeliveryPage {
  const [position = END, place = 0] = before === null ? [] : before.split(':').map(Number)
  const rows = sql
    .exec<DeliveryRow>(
      `SELECT e.position, d.key AS place, e.ref, e.type, d.value AS delivery FROM ${DELIVERIES}
       WHERE e.environment = ?1 AND e.position <= ?2 AND (e.position < ?2 OR d.key < ?3)
         AND (?4 IS NULL OR ${STATE} = ?4) AND (?5 IS NULL OR ${ENDPOINT_ID} = ?5) AND (?6 IS NULL OR e.ref = ?6)
       ORDER BY e.position DESC, d.key DESC LIMIT ?7`,
      environment,
      position,
      place,
      state,
      endpointId,
      ref,
      limit + 1,
    )
    .toArray()
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map(({ delivery, ref, type }) => ({ delivery: JSON.parse(delivery), ref, type })),
    next: rows.length > page.length && last !== undefined ? `${last.position}:${last.place}` : null,
  }
}

/** Orders that hold an event for this endpoint, oldest first, in batches by position. */
export function heldOrders(sql: SqlStorage, endpointId: string, after: string | null, limit: number): Held[] {
  return sql
    .exec<Row<Held>>(
      `SELECT object_id AS objectId, position FROM held
       WHERE endpoint_id = ? AND position > ? ORDER BY position LIMIT ?`,
      endpointId,
      after ?? '',
      limit,
    )
    .toArray()
}

/** How many events each endpoint holds; those that hold none are left out. */
export function heldCounts(sql: SqlStorage): Record<string, number> {
  const rows = sql.exec<{ endpointId: string; held: number }>(
    'SELECT endpoint_id AS endpointId, COUNT(*) AS held FROM held GROUP BY endpoint_id',
  )
  return Object.fromEntries(rows.toArray().map(({ endpointId, held }) => [endpointId, held]))
}

/** In the transaction that keeps `after`, which follows `before`. */
export function keepHeld(
  sql: SqlStorage,
  objectId: string,
  before: readonly Delivery[],
  after: readonly Delivery[],
): void {
  const now = after.filter(isHeld)
  for (const one of before.filter(isHeld)) {
    if (now.some((other) => isSamePlace(one, other))) continue
    const place = [one.endpointId, deliveryPosition(one.id)]
    sql.exec('DELETE FROM held WHERE endpoint_id = ? AND position = ?', ...place)
  }
  for (const { endpointId, id } of now) {
    const row = [endpointId, deliveryPosition(id), objectId]
    sql.exec('INSERT INTO held VALUES (?, ?, ?) ON CONFLICT DO NOTHING', ...row)
  }
}

/** What may still arrive, or may be wanted again because it never did: it is kept for as long as it is so. */
const OWED: readonly Delivery['state'][] = ['pending', 'held', 'failed']
export const IS_OWED = `${STATE} IN (${OWED.map((state) => `'${state}'`).join(', ')})`

export function isOwed({ state }: Delivery): boolean {
  return OWED.includes(state)
}

function isHeld({ state }: Delivery): boolean {
  return state === 'held'
}

function isSamePlace(one: Delivery, other: Delivery): boolean {
  return one.id === other.id && one.endpointId === other.endpointId
}

type Row<T> = { -readonly [K in keyof T]: T[K] & SqlStorageValue }

interface DeliveryRow extends Record<string, SqlStorageValue> {
  position: number
  place: number
  ref: string
  type: string
  delivery: string
}
