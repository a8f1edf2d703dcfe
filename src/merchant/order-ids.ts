/**
 * Orders found by an id. The provider's ids, and our own, begin with the second in which they were made; orders are
 * clustered by the moment in which they were made: so an id shows where its order is, and an index, which is a row
 * written for each id, is not needed. Ids that tell no time, or a time far from their order's, are in `untimed_ids`.
 * Both are looked at, so every id is found.
 */
import type { Environment } from '../order/state'
import { timeOfId } from '../order/timed-id'
import type { BookEntry } from './book-entry'
import type { OrderPlace } from './order-row'

/** An id is timed if it was made so close to its order: the clocks differ, and sends may be late. */
const TIMED_WITHIN_MS = 120_000
/** Where most are: in the second of the send, or in the twelve that the answer may take. */
const LIKELY_BEFORE_MS = 15_000
const LIKELY_AFTER_MS = 1_000

/** In the transaction that keeps the order. */
export function keepUntimed(
  sql: SqlStorage,
  { environment, createdAt, objectId, gatewayId, topupId, providerId }: BookEntry,
): void {
  for (const id of new Set([gatewayId, topupId, providerId])) {
    if (id === null || isTimed(id, createdAt)) continue
    const row = [environment, id, createdAt, objectId]
    sql.exec('INSERT INTO untimed_ids VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING', ...row)
  }
}

function isTimed(id: string, createdAt: number): boolean {
  const madeAt = timeOfId(id)
  return madeAt !== null && Math.abs(madeAt - createdAt) <= TIMED_WITHIN_MS
}

/** An order that was found. */
export type Found = OrderPlace & { readonly ref: string }

/** By the merchant's id of a top-up or the provider's; undefined when there is none. */
export function findById(sql: SqlStorage, environment: Environment, id: string): Found | undefined {
  return find(sql, environment, id, '? IN (o.topup_id, o.provider_id)')
}

/** By the id that its events and deliveries are named by; undefined when there is none. */
export function findByGatewayId(sql: SqlStorage, environment: Environment, id: string): Found | undefined {
  return find(sql, environment, id, '? = o.gateway_id')
}

function find(sql: SqlStorage, environment: Environment, id: string, isIt: string): Found | undefined {
  for (const [from, to] of ranges(id)) {
    const [found] = sql
      .exec<Row>(
        `SELECT ${COLUMNS} FROM orders AS o
         WHERE o.environment = ? AND o.created_at BETWEEN ? AND ? AND ${isIt} LIMIT 1`,
        environment,
        from,
        to,
        id,
      )
      .toArray()
    if (found !== undefined) return found
  }
  return sql
    .exec<Row>(
      `SELECT ${COLUMNS} FROM untimed_ids AS u CROSS JOIN orders AS o
         ON o.environment = u.environment AND o.created_at = u.created_at AND o.object_id = u.object_id
       WHERE u.environment = ? AND u.id = ? AND ${isIt} LIMIT 1`,
      environment,
      id,
      id,
    )
    .toArray()[0]
}

/** When the order was made that has this id, if it is timed: first where most are, then the whole of it. */
function ranges(id: string): (readonly [from: number, to: number])[] {
  const madeAt = timeOfId(id)
  if (madeAt === null) return []
  return [
    [madeAt - LIKELY_BEFORE_MS, madeAt + LIKELY_AFTER_MS],
    [madeAt - TIMED_WITHIN_MS, madeAt + TIMED_WITHIN_MS],
  ]
}

const COLUMNS = 'o.created_at AS createdAt, o.object_id AS objectId, o.ref'

type Row = Record<string, SqlStorageValue> & { createdAt: number; objectId: string; ref: string }
