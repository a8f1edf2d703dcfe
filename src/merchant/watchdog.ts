/**
 * The watchdog under the orders' alarms: which orders should have woken by now. Nearly all orders are over within
 * minutes, so none has an entry in an index for that; young ones are found by reading all that were made lately.
 *
 * Why none slips through: there is a mark, a time of creation, durable, that only grows. Orders made after it are all
 * read. Of those made at it or before it, each that is open is watched, which is an entry in the index
 * `orders_watched`: the transaction that moves the mark sets it for all that are open, and an order that is booked
 * later, or is due again, gets it with its own row. So nothing depends on when cron comes, or on what is in memory:
 * without cron the mark stays where it is, and there is more to read.
 */
import { type Env, orderById } from '../env'
import type { Environment } from '../order/state'
import { logError } from '../platform/log'

/** Orders woken in one run; the next minute goes on. */
const WAKE_BATCH = 200
/** The platform allows six open connections per object run. */
const PARALLEL_WAKES = 6
/** By then nearly every order is over, and needs no entry when the mark moves past it. */
export const YOUNG_MS = 10 * 60_000
/** The mark is a row written; a thousand rows read cost as much. With so many to be read in vain each minute it moves. */
const MOVES_PAST = 100
const MARK = 'watched_up_to'
const BOTH = "environment IN ('production', 'sandbox')"

interface Overdue {
  readonly environment: Environment
  readonly createdAt: number
  readonly objectId: string
  readonly revision: number
}

export class Watchdog {
  readonly #env: Env
  readonly #storage: DurableObjectStorage

  constructor(env: Env, storage: DurableObjectStorage) {
    this.#env = env
    this.#storage = storage
  }

  /** Of an order that is about to be kept. */
  mustWatch(createdAt: number): boolean {
    return createdAt <= this.#mark()
  }

  /** Wakes orders that should have woken before `dueBefore` (unix ms). Answers how many. */
  async wakeOverdue(dueBefore: number): Promise<number> {
    const overdue = this.#overdue(dueBefore)
    for (let start = 0; start < overdue.length; start += PARALLEL_WAKES) {
      await Promise.all(overdue.slice(start, start + PARALLEL_WAKES).map((order) => this.#wake(order)))
    }
    return overdue.length
  }

  /** Watches what is open for long, once there is enough that is not. */
  moveMark(now: number): void {
    const [mark, next] = [this.#mark(), now - YOUNG_MS]
    const { sql } = this.#storage
    const passed = `${BOTH} AND created_at > ?1 AND created_at <= ?2`
    const some = `SELECT 1 FROM orders WHERE ${passed} LIMIT ?3`
    if (sql.exec(some, mark, next, MOVES_PAST).toArray().length < MOVES_PAST) return
    this.#storage.transactionSync(() => {
      sql.exec(
        `UPDATE orders SET is_watched = 1 WHERE ${passed} AND due_at IS NOT NULL AND is_watched = 0`,
        mark,
        next,
      )
      this.#storage.kv.put(MARK, next)
    })
  }

  /** The first that were due. */
  #overdue(dueBefore: number): Overdue[] {
    return this.#storage.sql
      .exec<Row<Overdue>>(
        `SELECT environment, created_at AS createdAt, object_id AS objectId, revision, due_at FROM orders
         WHERE is_watched = 1 AND due_at IS NOT NULL AND due_at < ?1
         UNION ALL
         SELECT environment, created_at AS createdAt, object_id AS objectId, revision, due_at FROM orders
         WHERE ${BOTH} AND created_at > ?2 AND is_watched = 0 AND due_at < ?1
         ORDER BY due_at LIMIT ?3`,
        dueBefore,
        this.#mark(),
        WAKE_BATCH,
      )
      .toArray()
  }

  async #wake({ environment, createdAt, objectId, revision }: Overdue): Promise<void> {
    try {
      const wakesAt = await orderById(this.#env, objectId).wake()
      // The mark may have moved past it meanwhile. What the order has told of itself since is newer than its answer.
      this.#storage.sql.exec(
        `UPDATE orders SET due_at = ?1, is_watched = 1
         WHERE environment = ?2 AND created_at = ?3 AND object_id = ?4 AND revision = ?5`,
        wakesAt,
        environment,
        createdAt,
        objectId,
        revision,
      )
    } catch (error) {
      logError('book.wake', error) // it stays overdue: the next minute tries again
    }
  }

  #mark(): number {
    return watchedUpTo(this.#storage)
  }
}

/** Open orders made after it are in no index. */
export function watchedUpTo(storage: DurableObjectStorage): number {
  return storage.kv.get<number>(MARK) ?? 0
}

type Row<T> = { -readonly [K in keyof T]: T[K] & SqlStorageValue }
