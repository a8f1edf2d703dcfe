/**
 * The provider's way of listing: numbered pages, newest first, with totals. Orders that come in would shift
 * every page, so whoever turns the pages walks through the orders that were there when he opened the first.
 */
import type { Environment } from '../order/state'
import type { TopupView } from '../order/view'

export interface PageRequest {
  readonly environment: Environment
  /** From 1. */
  readonly page: number
  readonly pageSize: number
  /** Unix ms, both included. */
  readonly window: { readonly from: number; readonly to: number } | null
  /** Who turns the pages: the id of his key. */
  readonly walker: string
}

export interface TopupPage {
  readonly items: readonly TopupView[]
  readonly totalResults: number
}

interface Walk {
  /** The newest order that belongs to it. */
  readonly booked: number
  readonly totalResults: number
  readonly at: number
}

/** Since the last page was turned. */
const WALK_MS = 10 * 60_000
const MAX_WALKS = 1_000

/** Walks are kept in memory: one that is forgotten goes on among the orders of the moment. */
export class Walks {
  readonly #sql: SqlStorage
  readonly #walks = new Map<string, Walk>()

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  /** `booked`: the number of the newest order now. */
  page(request: PageRequest, booked: number, now: number): TopupPage {
    const { environment, page, pageSize, window, walker } = request
    const name = JSON.stringify([environment, walker, pageSize, window])
    const known = page > 1 ? this.#walks.get(name) : undefined
    const isGoing = known !== undefined && now - known.at < WALK_MS
    const walk = isGoing ? { ...known, at: now } : this.#begin(request, booked, now)
    if (this.#walks.size >= MAX_WALKS) this.#walks.clear()
    this.#walks.set(name, walk)
    const rows = this.#sql.exec<{ topup: string }>(
      `SELECT topup FROM orders
       WHERE environment = ?1 AND created_at BETWEEN ?2 AND ?3 AND booked <= ?4
       ORDER BY created_at DESC, object_id DESC LIMIT ?5 OFFSET ?6`,
      environment,
      window?.from ?? 0,
      window?.to ?? Number.MAX_SAFE_INTEGER,
      walk.booked,
      pageSize,
      (page - 1) * pageSize,
    )
    const items = rows.toArray().map(({ topup }): TopupView => JSON.parse(topup))
    return { items, totalResults: walk.totalResults }
  }

  #begin({ environment, window }: PageRequest, booked: number, now: number): Walk {
    const { total } = this.#sql
      .exec<{ total: number }>(
        `SELECT COUNT(*) AS total FROM orders
         WHERE environment = ?1 AND created_at BETWEEN ?2 AND ?3 AND booked <= ?4`,
        environment,
        window?.from ?? 0,
        window?.to ?? Number.MAX_SAFE_INTEGER,
        booked,
      )
      .one()
    return { booked, totalResults: total, at: now }
  }
}
