/** The orders of one merchant by what they are, newest first, page after page. */
import { findById } from './order-ids'
import {
  conditions,
  type OrderFilter,
  type OrderPlace,
  type OrderRow,
  type OrderView,
  orderView,
  places,
} from './order-row'

export interface OrderPage {
  readonly items: readonly OrderView[]
  /** The page after this one begins behind it; null at the end. */
  readonly next: OrderPlace | null
}

/**
 * There is no index for numbers and amounts: it would cost a written row per order, and people search rarely.
 * So one page looks at this many orders at most, and may be short or empty before the end.
 */
const LOOKED_AT = 20_000
const COLUMNS = 'created_at, object_id, topup, provider_id, phase, state_version, updated_at, settled_at'

/** `before`: where the page before ended. Orders that come in meanwhile change no page but the first. */
export function searchOrders(
  sql: SqlStorage,
  filter: OrderFilter,
  before: OrderPlace | null,
  limit: number,
): OrderPage {
  const one = oneOrder(sql, filter)
  if (one === 'none') return { items: [], next: null }
  const narrowed = one === null ? filter : { ...filter, only: one, from: one.createdAt, to: one.createdAt }
  const place = places(narrowed, before)
  const wanted = conditions(narrowed)
  const rows = sql
    .exec<OrderRow>(
      // The outer query keeps the order of the inner one and stops it as soon as the page is full.
      `SELECT ${COLUMNS} FROM
         (SELECT * FROM orders WHERE ${place.sql} ORDER BY created_at DESC, object_id DESC LIMIT ${LOOKED_AT})
       WHERE ${wanted.sql} LIMIT ?`,
      ...place.values,
      ...wanted.values,
      limit + 1,
    )
    .toArray()
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  const next = rows.length > limit && last !== undefined ? placeOf(last) : lookedUpTo(sql, place)
  return { items: page.map(orderView), next }
}

/** The one order that the filter can mean; null when it names none. */
function oneOrder(sql: SqlStorage, filter: OrderFilter): OrderPlace | null | 'none' {
  const { environment, only, id, from, to } = filter
  const found = id === null ? only : (findById(sql, environment, id) ?? 'none')
  if (found === null || found === 'none') return found
  const isOutside = (from !== null && found.createdAt < from) || (to !== null && found.createdAt > to)
  return isOutside || (only !== null && only.objectId !== found.objectId) ? 'none' : found
}

/** The last order that a page may have looked at; null when it looked at all. */
function lookedUpTo(sql: SqlStorage, { sql: place, values }: ReturnType<typeof places>): OrderPlace | null {
  const [edge] = sql
    .exec<Pick<OrderRow, 'created_at' | 'object_id'>>(
      `SELECT created_at, object_id FROM orders WHERE ${place}
       ORDER BY created_at DESC, object_id DESC LIMIT 1 OFFSET ${LOOKED_AT - 1}`,
      ...values,
    )
    .toArray()
  return edge === undefined ? null : placeOf(edge)
}

function placeOf({ created_at, object_id }: Pick<OrderRow, 'created_at' | 'object_id'>): OrderPlace {
  return { createdAt: created_at, objectId: object_id }
}
