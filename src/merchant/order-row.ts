/** An order in a list, as the book keeps it and as its merchant sees it; and what lists may ask for. Pure. */
import type { Environment, Phase, Status } from '../order/state'
import type { TopupView } from '../order/view'

/** Each null asks nothing. Times are unix ms, amounts whole DZD. */
export interface OrderFilter {
  readonly environment: Environment
  /** One order, found by its ref. */
  readonly only: OrderPlace | null
  /** The merchant's id of the top-up, or the provider's. */
  readonly id: string | null
  readonly status: Status | null
  readonly phase: Phase | null
  readonly planCode: string | null
  readonly msisdn: string | null
  readonly amountDzd: number | null
  /** Both included. */
  readonly from: number | null
  readonly to: number | null
  /** Included too: asked again with the newest time seen, nothing is missed. */
  readonly updatedAfter: number | null
}

/** Where an order stands in the book: fixed for ever, whatever comes in. */
export interface OrderPlace {
  /** Unix ms. */
  readonly createdAt: number
  readonly objectId: string
}

/** The provider's own object, and what the gateway knows besides. */
export interface OrderView extends TopupView {
  /** The provider's own id, where the merchant was told another before it was known. */
  readonly provider_id: string | null
  readonly phase: Phase
  readonly final: boolean
  readonly state_version: number
  readonly updated_at: string
  readonly settled_at: string | null
}

/** As the book stores it. */
export interface OrderRow extends Record<string, SqlStorageValue> {
  created_at: number
  object_id: string
  topup: string
  provider_id: string | null
  phase: Phase
  state_version: number
  updated_at: number
  settled_at: number | null
}

export function orderView(row: OrderRow): OrderView {
  const topup: TopupView = JSON.parse(row.topup)
  return {
    ...topup,
    provider_id: row.provider_id,
    phase: row.phase,
    final: row.phase === 'settled',
    state_version: row.state_version,
    updated_at: new Date(row.updated_at).toISOString(),
    settled_at: row.settled_at === null ? null : new Date(row.settled_at).toISOString(),
  }
}

/** What a filter asks of an order besides its place, as SQL over the columns of `orders`. */
export function conditions(filter: OrderFilter): Condition {
  return all([
    ['object_id = ?', filter.only?.objectId ?? null],
    ['status = ?', filter.status],
    ['phase = ?', filter.phase],
    ['plan_code = ?', filter.planCode],
    ['msisdn = ?', filter.msisdn],
    ['topup_amount_dzd = ?', filter.amountDzd],
    ['updated_at >= ?', filter.updatedAfter],
  ])
}

/** Where a page of the filter's orders begins and the last may end: what the primary key answers. */
export function places({ environment, from, to }: OrderFilter, before: OrderPlace | null): Condition {
  const range = all([
    ['environment = ?', environment],
    ['created_at >= ?', from],
    ['created_at <= ?', to],
  ])
  if (before === null) return range
  return {
    sql: `${range.sql} AND (created_at, object_id) < (?, ?)`,
    values: [...range.values, before.createdAt, before.objectId],
  }
}

export interface Condition {
  readonly sql: string
  readonly values: readonly SqlStorageValue[]
}

/** What is null is not asked. */
function all(asked: readonly [sql: string, value: SqlStorageValue][]): Condition {
  const used = asked.filter(([, value]) => value !== null)
  return { sql: used.map(([sql]) => sql).join(' AND ') || 'TRUE', values: used.map(([, value]) => value) }
}

/** A cursor: where a page ended. */
export function writePlace({ createdAt, objectId }: OrderPlace): string {
  return `${String(createdAt).padStart(15, '0')}:${objectId}`
}

/** Of a cursor whose form was checked at the door. */
export function readPlace(cursor: string): OrderPlace {
  const [createdAt = '', objectId = ''] = cursor.split(':')
  return { createdAt: Number(createdAt), objectId }
}
