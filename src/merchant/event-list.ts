/** A merchant's events for people: newest first, and each with what became of it. The feed itself is read in its own order. */
import type { Delivery, Environment, FeedEventType } from '../order/state'
import type { FeedEvent } from './event-feed'

export interface EventListRequest {
  readonly environment: Environment
  /** Null asks for all. */
  readonly type: FeedEventType | null
  readonly limit: number
  /** The `next` of the page before; null for the newest. */
  readonly before: number | null
}

export interface ListedEvent extends Omit<FeedEvent, 'body'> {
  /** Its place in the feed, which names it. */
  readonly position: number
}

export interface EventListPage {
  readonly items: readonly ListedEvent[]
  /** The page after this one begins behind it; null at the end. */
  readonly next: number | null
}

export interface EventWithDeliveries extends FeedEvent {
  readonly deliveries: readonly Delivery[]
}

/** There is no index for types, so one page looks at this many events at most, and may be short before the end. */
const LOOKED_AT = 20_000
const COLUMNS = 'position, id, type, ref, state_version AS stateVersion, created_at AS createdAt'
const END = Number.MAX_SAFE_INTEGER

export function listEvents(
  sql: SqlStorage,
  { environment, type, limit, before }: EventListRequest,
  lookedAt = LOOKED_AT,
): EventListPage {
  const rows = sql
    .exec<Row<ListedEvent>>(
      // The outer query keeps the order of the inner one and stops it as soon as the page is full.
      `SELECT ${COLUMNS} FROM
         (SELECT * FROM events WHERE environment = ?1 AND position < ?2 ORDER BY position DESC LIMIT ?3)
       WHERE ?4 IS NULL OR type = ?4 LIMIT ?5`,
      environment,
      before ?? END,
      lookedAt,
      type,
      limit + 1,
    )
    .toArray()
  const items = rows.slice(0, limit)
  if (rows.length > limit) return { items, next: items.at(-1)?.position ?? null }
  const [edge] = sql
    .exec<{ position: number }>(
      `SELECT position FROM events WHERE environment = ? AND position < ?
       ORDER BY position DESC LIMIT 1 OFFSET ?`,
      environment,
      before ?? END,
      lookedAt - 1,
    )
    .toArray()
  return { items, next: edge?.position ?? null }
}

/** Null when there is no event in this place, or no longer. */
export function eventAt(
  sql: SqlStorage,
  environment: Environment,
  position: number,
): EventWithDeliveries | null {
  const [row] = sql
    .exec<Row<FeedEvent> & { deliveries: string }>(
      `SELECT ${COLUMNS}, body, deliveries FROM events WHERE environment = ? AND position = ?`,
      environment,
      position,
    )
    .toArray()
  return row === undefined ? null : { ...row, deliveries: JSON.parse(row.deliveries) }
}

type Row<T> = { -readonly [K in keyof T]: T[K] & SqlStorageValue }
