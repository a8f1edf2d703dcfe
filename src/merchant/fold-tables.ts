/** The book's tables of folded orders, and whose turn it is to be folded. Times are unix milliseconds. */
import type { Environment, Order, Phase } from '../order/state'
import type { OrderPlace } from './order-row'

/** An order whose turn it is, as the book has it. */
export interface FoldTurn extends OrderPlace {
  readonly environment: Environment
  readonly revision: number
  readonly phase: Phase
  readonly settledAt: number | null
  /** Where its events are in the feed. */
  readonly positions: readonly number[]
  /** Until when it was put off; null at its first turn. */
  readonly againAt: number | null
}

type Place = Pick<FoldTurn, 'environment' | 'createdAt' | 'objectId'>

const ENVIRONMENTS = ['sandbox', 'production'] as const
/** Before every order. */
const START: OrderPlace = { createdAt: 0, objectId: '' }

export class FoldTables {
  readonly #storage: DurableObjectStorage
  readonly #sql: SqlStorage

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage
    this.#sql = storage.sql
  }

  /** What is kept of an order; null when it was not folded. */
  folded(objectId: string): Order | null {
    const [row] = this.#sql
      .exec<{ folded: string }>('SELECT folded FROM folded WHERE object_id = ?', objectId)
      .toArray()
    return row === undefined ? null : JSON.parse(row.folded)
  }

  /** In a transaction. False when the book knows a newer state of it by now. Nothing waits for it from here on. */
  keep({ environment, createdAt, objectId }: Place, order: Order): boolean {
    const place = [environment, createdAt, objectId, order.revision]
    const isIt = 'environment = ? AND created_at = ? AND object_id = ? AND revision = ?'
    if (this.#sql.exec(`SELECT 1 FROM orders WHERE ${isIt}`, ...place).toArray().length === 0) return false
    this.#sql.exec(`UPDATE orders SET due_at = NULL WHERE ${isIt} AND due_at IS NOT NULL`, ...place)
    const row = [objectId, JSON.stringify(order)]
    this.#sql.exec('INSERT INTO folded VALUES (?1, ?2) ON CONFLICT DO UPDATE SET folded = ?2', ...row)
    return true
  }

  /** It is an order again. */
  unfold(objectId: string): void {
    this.#sql.exec('DELETE FROM folded WHERE object_id = ?', objectId)
  }

  /** Whether anybody has a turn: of those made before `olderThan`, or put off until `now`. */
  hasTurns(olderThan: number, now: number): boolean {
    return this.turnsAgain(now, 1).length > 0 || this.firstTurns(olderThan, 1).length > 0
  }

  /** Those that were put off until now. */
  turnsAgain(now: number, limit: number): FoldTurn[] {
    const rows = this.#sql.exec<TurnRow>(
      `SELECT ${COLUMNS}, a.again_at AS againAt FROM fold_again AS a CROSS JOIN orders AS o
         ON o.environment = a.environment AND o.created_at = a.created_at AND o.object_id = a.object_id
       WHERE a.again_at <= ? ORDER BY a.again_at LIMIT ?`,
      now,
      limit,
    )
    return rows.toArray().map(turnOf)
  }

  /** The next after the mark, oldest first. */
  firstTurns(olderThan: number, limit: number): FoldTurn[] {
    const turns: FoldTurn[] = []
    for (const environment of ENVIRONMENTS) {
      const { createdAt, objectId } = this.#mark(environment)
      const rows = this.#sql.exec<TurnRow>(
        `SELECT ${COLUMNS}, NULL AS againAt FROM orders AS o
         WHERE o.environment = ?1 AND (o.created_at, o.object_id) > (?2, ?3) AND o.created_at < ?4
         ORDER BY o.created_at, o.object_id LIMIT ?5`,
        environment,
        createdAt,
        objectId,
        olderThan,
        limit - turns.length,
      )
      turns.push(...rows.toArray().map(turnOf))
    }
    return turns
  }

  /** Of one that was put off: whether its first turn will come all the same. */
  isAheadOfMark({ environment, createdAt, objectId }: Place): boolean {
    const mark = this.#mark(environment)
    return createdAt === mark.createdAt ? objectId > mark.objectId : createdAt > mark.createdAt
  }

  /** All of them have had their turn; `later`, of them, have another one at `laterAt`. */
  passed(turns: readonly FoldTurn[], later: readonly FoldTurn[], laterAt: number): void {
    this.#storage.transactionSync(() => {
      for (const environment of ENVIRONMENTS) {
        const last = turns.findLast((turn) => turn.againAt === null && turn.environment === environment)
        if (last === undefined) continue
        const mark: OrderPlace = { createdAt: last.createdAt, objectId: last.objectId }
        this.#storage.kv.put(markKey(environment), mark)
      }
      for (const { againAt, environment, createdAt, objectId } of turns) {
        if (againAt === null) continue
        this.#sql.exec(
          'DELETE FROM fold_again WHERE again_at = ? AND environment = ? AND created_at = ? AND object_id = ?',
          againAt,
          environment,
          createdAt,
          objectId,
        )
      }
      for (const turn of later) this.again(turn, laterAt)
    })
  }

  /** It has a turn at `at`, whatever comes of the first. */
  again({ environment, createdAt, objectId }: Place, at: number): void {
    const row = [at, environment, createdAt, objectId]
    this.#sql.exec('INSERT INTO fold_again VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING', ...row)
  }

  /** The last order that had its first turn. */
  #mark(environment: Environment): OrderPlace {
    return this.#storage.kv.get<OrderPlace>(markKey(environment)) ?? START
  }
}

const markKey = (environment: Environment) => `folded_up_to:${environment}`

const COLUMNS = `o.environment, o.created_at AS createdAt, o.object_id AS objectId, o.revision, o.phase,
  o.settled_at AS settledAt, o.event_positions AS positions`

interface TurnRow extends Record<string, SqlStorageValue> {
  environment: Environment
  createdAt: number
  objectId: string
  revision: number
  phase: Phase
  settledAt: number | null
  positions: string
  againAt: number | null
}

function turnOf({ positions, ...row }: TurnRow): FoldTurn {
  return { ...row, positions: Object.values<number>(JSON.parse(positions)) }
}
