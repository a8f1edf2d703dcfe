/**
 * What a merchant's orders took from a provider account that he shares, in the shape of the provider's
 * transactions. Only what was seen is listed; the balances of a shared account are not his to know.
 */
import type { PageRequest } from './order-pages'

/** `oldBalance` and `newBalance` are null: see above. `objid` is the id of the top-up. */
export interface MovementView {
  readonly _id: string
  readonly type: 'FLEXY' | 'REFUND-FLEXY'
  readonly operation: 'DECREMENT' | 'INCREMENT'
  readonly amount: number
  readonly oldBalance: null
  readonly newBalance: null
  readonly objid: string
  readonly note: string
  readonly time: string
}

export interface MovementPage {
  readonly items: readonly MovementView[]
  readonly totalResults: number
}

interface MovementRow extends Record<string, SqlStorageValue> {
  at: number
  is_refund: number
  topup_id: string
  charged_dzd: number
  plan_code: string
  msisdn: string
}

const MOVEMENTS = `
  SELECT created_at AS at, 0 AS is_refund, topup_id, charged_dzd, plan_code, msisdn FROM orders
  WHERE environment = ?1 AND charged_dzd > 0
  UNION ALL
  SELECT settled_at AS at, 1 AS is_refund, topup_id, charged_dzd, plan_code, msisdn FROM orders
  WHERE environment = ?1 AND charged_dzd > 0 AND status = 'REFUNDED'
`

export function movements(
  sql: SqlStorage,
  { environment, page, pageSize, window }: Omit<PageRequest, 'walker'>,
): MovementPage {
  const from = window?.from ?? 0
  const to = window?.to ?? Number.MAX_SAFE_INTEGER
  const { total } = sql
    .exec<{ total: number }>(
      `SELECT COUNT(*) AS total FROM (${MOVEMENTS}) WHERE at BETWEEN ?2 AND ?3`,
      environment,
      from,
      to,
    )
    .one()
  const rows = sql.exec<MovementRow>(
    `SELECT * FROM (${MOVEMENTS}) WHERE at BETWEEN ?2 AND ?3
     ORDER BY at DESC, is_refund DESC, topup_id DESC LIMIT ?4 OFFSET ?5`,
    environment,
    from,
    to,
    pageSize,
    (page - 1) * pageSize,
  )
  return { items: rows.toArray().map(movementView), totalResults: total }
}

function movementView({
  at,
  is_refund,
  topup_id,
  charged_dzd,
  plan_code,
  msisdn,
}: MovementRow): MovementView {
  const isRefund = is_refund === 1
  return {
    // An id of its own for each movement, the same at every reading, although nothing is stored for it.
    // Ids made in a row differ at their end; their beginning is a clock that turns in half a year.
    _id: (isRefund ? 'f2' : 'f1') + topup_id.slice(2),
    type: isRefund ? 'REFUND-FLEXY' : 'FLEXY',
    operation: isRefund ? 'INCREMENT' : 'DECREMENT',
    amount: charged_dzd,
    oldBalance: null,
    newBalance: null,
    objid: topup_id,
    note: `${plan_code} ${msisdn}`,
    time: new Date(at).toISOString(),
  }
}
