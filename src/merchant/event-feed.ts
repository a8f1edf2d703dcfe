/**
 * Every event of a merchant in the order in which his book learnt of them, so that he can read what he may have
 * missed. The order is a number that only grows and is given in the transaction that keeps the event: whoever has
 * read up to a number has read everything below it, for ever.
 */
import type { Delivery, Environment, FeedEventType, OrderEvent } from '../order/state'
import { IS_OWED, isOwed, keepHeld } from './deliveries'

/** What a reader is given of an event; `body` is the exact text of its callbacks. */
export type FeedEvent = Pick<OrderEvent, 'id' | 'createdAt' | 'body'> & {
  readonly type: FeedEventType
  /** Null where it is of no one order. */
  readonly ref: string | null
  readonly stateVersion: number | null
}

export interface FeedRequest {
  readonly environment: Environment
  /** The `next` of the page before; null for the oldest event that is kept. */
  readonly after: number | null
  readonly limit: number
  /** How long to wait for an event when there is none. */
  readonly waitMs: number
}

export type FeedPage =
  | {
      readonly kind: 'page'
      readonly items: readonly FeedEvent[]
      readonly next: number
      readonly hasMore: boolean
    }
  /** Events behind `after` were deleted before they were read, or there never was such a place. */
  | { readonly kind: 'expired' | 'unknown' }

/** What became of an order's event: the object that makes its deliveries, and these. */
export interface Told {
  readonly objectId: string
  readonly deliveries: readonly Delivery[]
}

const ENVIRONMENTS = ['sandbox', 'production'] as const
/** Events are kept for so long. */
export const KEPT_MS = 90 * 24 * 3_600_000
/** Events deleted in one run of the cron, in each environment: faster than they can come in. */
const FORGET_BATCH = 2_000

export class EventFeed {
  readonly #storage: DurableObjectStorage
  /** The number of the newest event; null until it is asked for. */
  #latest: number | null = null
  readonly #waiting = new Map<() => void, Environment>()

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage
  }

  /** In the transaction that makes it known, once. Answers its number. `told` is null for what is of no one order. */
  add(environment: Environment, event: FeedEvent, told: Told | null): number {
    const position = Math.max(this.#newest() + 1, Date.now() * 1_000)
    this.#latest = position
    this.#write(environment, position, event, told)
    if (told !== null) keepHeld(this.#storage.sql, told.objectId, [], told.deliveries)
    return position
  }

  /**
   * What became of it since. What did not change is not written again. An event that the feed has forgotten is kept
   * for as long as it is owed; its number is behind every reader, so nobody reads it twice.
   */
  update(environment: Environment, position: number, event: FeedEvent, told: Told): void {
    const before = this.#deliveries(environment, position)
    if (before === JSON.stringify(told.deliveries)) return
    keepHeld(this.#storage.sql, told.objectId, JSON.parse(before), told.deliveries)
    if (position > this.#forgotten(environment) || told.deliveries.some(isOwed)) {
      this.#write(environment, position, event, told)
    } else this.#delete(environment, position)
  }

  /** Whether all of them are behind every reader. */
  hasForgotten(environment: Environment, positions: readonly number[]): boolean {
    const forgotten = this.#forgotten(environment)
    return positions.every((position) => position <= forgotten)
  }

  /** In a transaction, of a forgotten event: it is owed no longer, for its order can make no delivery any more. */
  drop(environment: Environment, position: number, objectId: string): void {
    keepHeld(this.#storage.sql, objectId, JSON.parse(this.#deliveries(environment, position)), [])
    this.#delete(environment, position)
  }

  /** After that transaction: readers who wait look again. */
  announce(environment: Environment): void {
    for (const [wake, waitsFor] of this.#waiting) if (waitsFor === environment) wake()
  }

  /** `hasTables`: whether there ever was an order; may be so after the wait. */
  async read(request: FeedRequest, hasTables: () => boolean): Promise<FeedPage> {
    const page = this.#page(request, hasTables())
    if (request.waitMs === 0 || page.kind !== 'page' || page.items.length > 0) return page
    await this.#news(request.environment, request.waitMs)
    return this.#page(request, hasTables())
  }

  /** Deletes the oldest of those that are kept no longer, but for those that are owed to an endpoint. */
  forget(now: number): void {
    for (const environment of ENVIRONMENTS) {
      const forgotten = this.#forgotten(environment)
      const old = this.#storage.sql
        .exec<{ position: number }>(
          `SELECT position FROM events
           WHERE environment = ?1 AND position > ?2 AND position < ?3 ORDER BY position LIMIT ?4`,
          environment,
          forgotten,
          (now - KEPT_MS) * 1_000, // the number of an event is no earlier than its time
          FORGET_BATCH,
        )
        .toArray()
      const last = old.at(-1)
      if (last === undefined) continue
      this.#storage.transactionSync(() => {
        const { sql, kv } = this.#storage
        sql.exec(
          `DELETE FROM events AS e WHERE environment = ?1 AND position > ?2 AND position <= ?3
             AND NOT EXISTS (SELECT 1 FROM json_each(e.deliveries) AS d WHERE ${IS_OWED})`,
          environment,
          forgotten,
          last.position,
        )
        kv.put(forgottenKey(environment), last.position)
      })
    }
  }

  /** As they were told last, as JSON. */
  #deliveries(environment: Environment, position: number): string {
    const [row] = this.#storage.sql
      .exec<{ deliveries: string }>(
        'SELECT deliveries FROM events WHERE environment = ? AND position = ?',
        environment,
        position,
      )
      .toArray()
    return row?.deliveries ?? '[]'
  }

  #delete(environment: Environment, position: number): void {
    this.#storage.sql.exec('DELETE FROM events WHERE environment = ? AND position = ?', environment, position)
  }

  #write(
    environment: Environment,
    position: number,
    { id, type, ref, stateVersion, createdAt, body }: FeedEvent,
    told: Told | null,
  ): void {
    this.#storage.sql.exec(
      `INSERT INTO events
         (environment, position, id, type, ref, state_version, created_at, body, object_id, deliveries)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
       ON CONFLICT DO UPDATE SET object_id = ?9, deliveries = ?10`,
      environment,
      position,
      id,
      type,
      ref,
      stateVersion,
      createdAt,
      body,
      told?.objectId ?? null,
      JSON.stringify(told?.deliveries ?? []),
    )
  }

  #page({ environment, after, limit }: FeedRequest, hasTables: boolean): FeedPage {
    const forgotten = this.#forgotten(environment)
    const start = after ?? forgotten
    if (start < forgotten) return { kind: 'expired' }
    if (start > (hasTables ? this.#newest() : 0)) return { kind: 'unknown' }
    if (!hasTables) return { kind: 'page', items: [], next: start, hasMore: false }
    const rows = this.#storage.sql
      .exec<FeedRow>(
        `SELECT position, id, type, ref, state_version AS stateVersion, created_at AS createdAt, body FROM events
         WHERE environment = ?1 AND position > ?2 ORDER BY position LIMIT ?3`,
        environment,
        start,
        limit + 1,
      )
      .toArray()
    const items = rows.slice(0, limit)
    return {
      kind: 'page',
      items: items.map(({ position, ...event }) => event),
      next: items.at(-1)?.position ?? start,
      hasMore: rows.length > items.length,
    }
  }

  /** Resolves with the next event, or when the time is over. */
  async #news(environment: Environment, waitMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, waitMs)
    this.#waiting.set(resolve, environment)
    await promise
    clearTimeout(timer)
    this.#waiting.delete(resolve)
  }

  /** A clock that steps back must not give a number twice, nor one that was read past. */
  #newest(): number {
    this.#latest ??= Math.max(
      ...ENVIRONMENTS.map((environment) => {
        const { newest } = this.#storage.sql
          .exec<{ newest: number | null }>(
            'SELECT MAX(position) AS newest FROM events WHERE environment = ?',
            environment,
          )
          .one()
        return Math.max(newest ?? 0, this.#forgotten(environment))
      }),
    )
    return this.#latest
  }

  /** The number of the newest event that was deleted. */
  #forgotten(environment: Environment): number {
    return this.#storage.kv.get<number>(forgottenKey(environment)) ?? 0
  }
}

const forgottenKey = (environment: Environment) => `events_forgotten:${environment}`

interface FeedRow extends Record<string, SqlStorageValue> {
  position: number
  id: string
  type: FeedEvent['type']
  ref: string | null
  stateVersion: number | null
  createdAt: number
  body: string
}
