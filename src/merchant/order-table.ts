/** The book's table of orders: one row for each, and what is known of it from before. */
import type { BookEntry } from './book-entry'

/** Where the order's events are in the feed, by the version of the order that each has made. */
export type EventPositions = Readonly<Record<string, number>>

/** Of an order that is booked already. */
export interface Known {
  readonly revision: number
  readonly stateVersion: number
  readonly positions: EventPositions
}

export class OrderTable {
  readonly #sql: SqlStorage
  /** Numbers the orders as they come in. */
  #booked: number

  constructor(sql: SqlStorage, hasTables: boolean) {
    this.#sql = sql
    this.#booked = Math.max(Date.now() * 1_000, hasTables ? latestBooked(sql) : 0)
  }

  /** The number of the newest order. */
  get booked(): number {
    return this.#booked
  }

  /** Null when it is not booked yet. */
  known({ environment, createdAt, objectId }: BookEntry): Known | null {
    const [row] = this.#sql
      .exec<{ revision: number; stateVersion: number; positions: string }>(
        `SELECT revision, state_version AS stateVersion, event_positions AS positions FROM orders
         WHERE environment = ?1 AND created_at = ?2 AND object_id = ?3`,
        environment,
        createdAt,
        objectId,
      )
      .toArray()
    return row === undefined ? null : { ...row, positions: JSON.parse(row.positions) }
  }

  /** Of a newer revision than the one that is known. A watched order stays so. */
  keep(entry: BookEntry, positions: EventPositions, isWatched: boolean): void {
    this.#booked = Math.max(this.#booked + 1, Date.now() * 1_000)
    this.#sql.exec(
      `INSERT INTO orders (environment, created_at, object_id, ref, booked, revision, updated_at, topup_id, provider_id,
         phase, status, state_version, plan_code, msisdn, topup_amount_dzd, charged_dzd, topup, settled_at, due_at,
         gateway_id, event_positions, is_watched, asked_dzd, wallet)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
         ?23, ?24)
       ON CONFLICT DO UPDATE SET revision = ?6, updated_at = ?7, provider_id = ?9, phase = ?10, status = ?11,
         state_version = ?12, topup_amount_dzd = ?15, charged_dzd = ?16, topup = ?17, settled_at = ?18, due_at = ?19,
         gateway_id = ?20, event_positions = ?21, is_watched = MAX(is_watched, ?22),
         asked_dzd = ?23, wallet = ?24`,
      entry.environment,
      entry.createdAt,
      entry.objectId,
      entry.ref,
      this.#booked,
      entry.revision,
      Date.now(),
      entry.topupId,
      entry.providerId,
      entry.phase,
      entry.status,
      entry.stateVersion,
      entry.planCode,
      entry.msisdn,
      entry.topupAmountDzd,
      entry.chargedDzd,
      JSON.stringify(entry.topup),
      entry.settledAt,
      entry.dueAt,
      entry.gatewayId,
      JSON.stringify(positions),
      isWatched ? 1 : 0,
      entry.askedDzd,
      entry.wallet,
    )
  }
}

/** Of the newest orders: a clock that steps back after an eviction must not hide them. */
function latestBooked(sql: SqlStorage): number {
  const { latest } = sql
    .exec<{ latest: number | null }>(
      `SELECT MAX(booked) AS latest FROM (
         SELECT booked FROM (SELECT booked FROM orders WHERE environment = 'sandbox' ORDER BY created_at DESC LIMIT 1000)
         UNION ALL
         SELECT booked FROM (SELECT booked FROM orders WHERE environment = 'production' ORDER BY created_at DESC LIMIT 1000))`,
    )
    .one()
  return latest ?? 0
}
