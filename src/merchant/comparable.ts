/**
 * The book's rows as they are compared with what the provider shows, a page at a time by the primary key: whatever the
 * length of a window, no more than a page of it is in memory.
 */
import { upstreamRef, walletName } from '../order/name'
import type { Environment, Phase, Status } from '../order/state'
import type { OurOrder } from '../reconcile/ours'
import type { OrderPlace } from './order-row'
import { watchedUpTo } from './watchdog'

/** A provider account, and which of a merchant's orders may be on it. */
export interface OnAccount {
  readonly environment: Environment
  readonly wallet: string
}

/** Times of creation, unix ms; `to` is left out. */
export interface TimeRange {
  readonly from: number
  readonly to: number
}

/** `isSure` false: the row is older than the columns that tell its account and what was asked for. Its order knows. */
export interface BookedOrder {
  readonly order: OurOrder
  readonly isSure: boolean
}

/** Sent, and without a final word: queued ones have not left yet. */
const UNKNOWN = "phase IN ('in_doubt', 'tracking', 'unknown') AND due_at IS NOT NULL"
const MAY_BE_ON = '(wallet IS NULL OR wallet = ?)'

/** The oldest first. */
export function comparableOrders(
  sql: SqlStorage,
  { environment, wallet }: OnAccount,
  { from, to }: TimeRange,
  after: OrderPlace | null,
  limit: number,
): ComparableRow[] {
  const begin = after !== null && after.createdAt >= from ? after : { createdAt: from, objectId: '' }
  return sql
    .exec<ComparableRow>(
      `SELECT ${COLUMNS} FROM orders
       WHERE environment = ? AND (created_at, object_id) > (?, ?) AND created_at < ? AND ${MAY_BE_ON}
       ORDER BY created_at, object_id LIMIT ?`,
      environment,
      begin.createdAt,
      begin.objectId,
      to,
      wallet,
      limit,
    )
    .toArray()
}

/** Whether there is one at all. */
export function hasOrders(
  sql: SqlStorage,
  { environment, wallet }: OnAccount,
  { from, to }: TimeRange,
): boolean {
  const query = `SELECT 1 FROM orders
    WHERE environment = ? AND created_at >= ? AND created_at < ? AND ${MAY_BE_ON} LIMIT 1`
  return sql.exec(query, environment, from, to, wallet).toArray().length > 0
}

/** Unix ms; null when there is none. */
export function newestOrderAt(sql: SqlStorage, environment: Environment): number | null {
  const query = 'SELECT MAX(created_at) AS newest FROM orders WHERE environment = ?'
  return sql.exec<{ newest: number | null }>(query, environment).one().newest
}

/**
 * Orders without a final word, whatever their age, made before `before`, the oldest first. Those that are open for long are in
 * the index of the watchdog, and the others were made after its mark: so it reads no order that is over but young ones.
 */
export function unknownOrders(
  storage: DurableObjectStorage,
  { environment, wallet }: OnAccount,
  before: number,
  after: OrderPlace | null,
  limit: number,
): ComparableRow[] {
  const { createdAt, objectId } = after ?? { createdAt: 0, objectId: '' }
  const wanted = `environment = ?1 AND ${UNKNOWN} AND (wallet IS NULL OR wallet = ?2)
    AND created_at < ?3 AND (created_at, object_id) > (?4, ?5)`
  return storage.sql
    .exec<ComparableRow>(
      `SELECT ${COLUMNS} FROM orders INDEXED BY orders_watched WHERE is_watched = 1 AND ${wanted}
       UNION ALL
       SELECT ${COLUMNS} FROM orders WHERE is_watched = 0 AND created_at > ?6 AND ${wanted}
       ORDER BY created_at, object_id LIMIT ?7`,
      environment,
      wallet,
      before,
      createdAt,
      objectId,
      watchedUpTo(storage),
      limit,
    )
    .toArray()
}

export function booked(
  row: ComparableRow,
  merchantId: string,
  { environment, wallet }: OnAccount,
): BookedOrder {
  const isSure = row.wallet !== null
  return {
    isSure,
    order: {
      objectId: row.object_id,
      merchantId,
      environment,
      ref: row.ref,
      upstreamRef: upstreamRef(wallet, merchantId, row.ref),
      createdAt: row.created_at,
      revision: row.revision,
      topupId: row.topup_id,
      // Kept only where the merchant knows it by another.
      providerId: row.provider_id ?? (row.topup_id === row.gateway_id ? null : row.topup_id),
      phase: row.phase,
      status: row.status,
      planCode: row.plan_code,
      msisdn: row.msisdn,
      amountDzd: row.topup_amount_dzd,
      askedDzd: row.asked_dzd,
      settledAt: row.settled_at,
    },
  }
}

/** Wallets on which orders without a final word may be. */
export function walletsOfUnknown(
  storage: DurableObjectStorage,
  merchantId: string,
  before: number,
): string[] {
  const accounts: OnAccount[] = [
    { environment: 'sandbox', wallet: walletName(merchantId, 'sandbox', false) },
    { environment: 'production', wallet: walletName(merchantId, 'production', false) },
    { environment: 'production', wallet: walletName(merchantId, 'production', true) },
  ]
  return accounts
    .filter((account) => unknownOrders(storage, account, before, null, 1).length > 0)
    .map(({ wallet }) => wallet)
}

const COLUMNS = `object_id, ref, created_at, revision, topup_id, provider_id, gateway_id, phase, status, plan_code, msisdn,
  topup_amount_dzd, asked_dzd, settled_at, wallet`

export interface ComparableRow extends Record<string, SqlStorageValue> {
  object_id: string
  ref: string
  created_at: number
  revision: number
  topup_id: string
  provider_id: string | null
  gateway_id: string | null
  phase: Phase
  status: Status
  plan_code: string
  msisdn: string
  topup_amount_dzd: number
  asked_dzd: number | null
  settled_at: number | null
  wallet: string | null
}
