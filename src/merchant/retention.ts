/**
 * Folds orders that have been over for longer than their merchant keeps them whole: what may still be asked of one is
 * a row of the book from then on, and its object is emptied. Two steps: the row is durable first, and only then the
 * object, which knows best whether that row is all there is to know, is told to empty itself. Whatever dies in
 * between, both are done again and come to the same; an object that has a record of its own never asks for the row.
 *
 * Each order has its turn once, by its time of creation, and a durable mark follows. Which was open then gets another
 * turn with the next that it tells; which could not be folded at that moment, a day later: both are in `fold_again`.
 */
import { type Env, merchantById, orderById } from '../env'
import type { FoldRequest } from '../order/fold'
import type { Order } from '../order/state'
import { log, logError } from '../platform/log'
import type { BookEntry } from './book-entry'
import type { EventFeed } from './event-feed'
import { FoldTables, type FoldTurn } from './fold-tables'
import { MIN_RETENTION_DAYS } from './record'

const DAY_MS = 24 * 3_600_000
/** Orders in one run; the next minute goes on. With two calls each it is well below what one run of an object may ask. */
const BATCH = 200
/** Of them, those that have their turn again: they hold up nobody whose first it is. */
const AGAIN_BATCH = 50
/** The platform allows six open connections per object run. */
const PARALLEL = 6
/**
 * A send whose ref may be folded must ask the book, and the edge, which tells it so, may be minutes behind. So it is
 * told this long before the first order is folded.
 */
const EDGE_KNOWS_MS = DAY_MS
const AGAIN_MS = DAY_MS

export class Retention {
  readonly #env: Env
  readonly #storage: DurableObjectStorage
  readonly #feed: EventFeed
  readonly #merchantId: () => string
  readonly #tables: FoldTables
  #isRunning = false

  constructor(env: Env, storage: DurableObjectStorage, feed: EventFeed, merchantId: () => string) {
    this.#env = env
    this.#storage = storage
    this.#feed = feed
    this.#merchantId = merchantId
    this.#tables = new FoldTables(storage)
  }

  /** What is kept of an order; null when it was not folded. */
  folded(objectId: string): Order | null {
    return this.#tables.folded(objectId)
  }

  /** In the transaction that keeps a newer state of it: what it was folded to, if it was, is no longer true. */
  changed({ environment, createdAt, objectId }: BookEntry): void {
    const now = Date.now()
    // A younger one has not had its turn yet.
    if (createdAt >= now - MIN_RETENTION_DAYS * DAY_MS) return
    this.#tables.unfold(objectId)
    this.#tables.again({ environment, createdAt, objectId }, now + AGAIN_MS)
  }

  /** One run at a time. Never throws: the next minute tries again. */
  async run(now: number): Promise<void> {
    if (this.#isRunning) return
    this.#isRunning = true
    try {
      const olderThan = await this.#olderThan(now)
      if (olderThan !== null) await this.#foldBatch(olderThan, now)
    } catch (error) {
      logError('book.fold', error)
    } finally {
      this.#isRunning = false
    }
  }

  /** What was over by then may be folded; null while nothing may. */
  async #olderThan(now: number): Promise<number | null> {
    // Asks nobody while there is nothing that any merchant could want folded.
    if (!this.#tables.hasTurns(now - MIN_RETENTION_DAYS * DAY_MS, now)) return null
    const merchant = merchantById(this.#env, this.#merchantId())
    const wanted = await merchant.folding()
    if (wanted === null) return null
    const olderThan = now - wanted.days * DAY_MS
    if (!this.#tables.hasTurns(olderThan, now)) return null
    if (wanted.edgeKnowsSince === null) await merchant.beginFolding()
    return wanted.edgeKnowsSince !== null && now - wanted.edgeKnowsSince >= EDGE_KNOWS_MS ? olderThan : null
  }

  async #foldBatch(olderThan: number, now: number): Promise<void> {
    const again = this.#tables.turnsAgain(now, AGAIN_BATCH)
    const first = this.#tables.firstTurns(olderThan, BATCH - again.length)
    const turns = [...again, ...first]
    const later: FoldTurn[] = []
    for (let start = 0; start < turns.length; start += PARALLEL) {
      const some = turns.slice(start, start + PARALLEL)
      const isOver = await Promise.all(some.map((turn) => this.#fold(turn, olderThan)))
      later.push(...some.filter((_, index) => !isOver[index]))
    }
    this.#tables.passed(turns, later, now + AGAIN_MS)
    const merchant = this.#merchantId()
    if (turns.length > 0) log('book.folded', { merchant, orders: turns.length, later: later.length })
  }

  /** False when its turn must come again. Never throws. */
  async #fold(turn: FoldTurn, olderThan: number): Promise<boolean> {
    // It will tell when it is over; the mark may pass it by.
    if (turn.phase !== 'settled' || turn.settledAt === null) return true
    if (turn.againAt !== null && this.#tables.isAheadOfMark(turn)) return true
    if (turn.settledAt >= olderThan || !this.#feed.hasForgotten(turn.environment, turn.positions))
      return false
    try {
      const order = orderById(this.#env, turn.objectId)
      const request: FoldRequest = { olderThan, revision: turn.revision }
      const answer = await order.fold(request)
      if (answer.kind === 'open') return true
      if (answer.kind === 'empty') return this.#mustHave(turn)
      if (answer.kind === 'later' || !this.#keep(turn, answer.order)) return false
      // The platform would let no call leave before that is durable; so much depends on it that it is said here too.
      await this.#storage.sync()
      return await order.empty(request)
    } catch (error) {
      logError('book.fold_one', error, { order: turn.objectId })
      return false
    }
  }

  /** False when the order has told something newer meanwhile. What the feed still owes of it goes with it. */
  #keep(turn: FoldTurn, order: Order): boolean {
    return this.#storage.transactionSync(() => {
      if (!this.#tables.keep(turn, order)) return false
      for (const position of turn.positions) this.#feed.drop(turn.environment, position, turn.objectId)
      return true
    })
  }

  /** It was emptied by an earlier run, which died before it could note that. */
  #mustHave({ objectId }: FoldTurn): boolean {
    if (this.#tables.folded(objectId) === null) {
      logError('book.fold_lost', new Error('an order of the book has neither record nor row'), {
        order: objectId,
      })
    }
    return true
  }
}
