/**
 * The lists of bulk replays: which deliveries fitted at the moment a replay was made, in the book's order. What
 * becomes of them meanwhile changes no list, so nothing is skipped and nothing comes in twice.
 */
import { deliveryIdAt, timePosition } from '../order/delivery-id'
import type { Environment } from '../order/state'
import type { ReplayFilter } from './replay'

/** One delivery of a list, and the object that makes it. */
export interface Listed {
  readonly objectId: string
  readonly deliveryId: string
}

/** Deliveries in one row: a row written for each would cost as much as the replay itself. */
const CHUNK = 500

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS replay_lists (
    environment TEXT NOT NULL,
    replay_id TEXT NOT NULL,
    start INTEGER NOT NULL,
    positions TEXT NOT NULL,
    PRIMARY KEY (environment, replay_id, start)
  ) WITHOUT ROWID;
`

const FITS = `
  environment = ?1 AND (?2 IS NULL OR position >= ?2) AND (?3 IS NULL OR position < ?3)
  AND (?4 IS NULL OR state = ?4) AND (?5 IS NULL OR endpoint_id = ?5) AND (?6 IS NULL OR event_type = ?6)
  AND (?7 IS NULL OR ref IN (SELECT value FROM json_each(?7)))`

export class ReplayLists {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  count(filter: ReplayFilter): number {
    const counted = `SELECT COUNT(*) AS matched FROM deliveries WHERE ${FITS}`
    return this.#sql.exec<{ matched: number }>(counted, ...values(filter)).one().matched
  }

  /**
   * Answers its length. In one transaction. Earlier lists of the environment are dropped: a replay is made when
   * none is running.
   */
  make(replayId: string, filter: ReplayFilter): number {
    this.#sql.exec(SCHEMA)
    const { environment } = filter
    this.#sql.exec('DELETE FROM replay_lists WHERE environment = ? AND replay_id < ?', environment, replayId)
    let matched = 0
    let after = ''
    for (;;) {
      const positions = this.#sql
        .exec<{ position: string }>(
          `SELECT position FROM deliveries WHERE ${FITS} AND position > ?8 ORDER BY position LIMIT ?9`,
          ...values(filter),
          after,
          CHUNK,
        )
        .toArray()
        .map(({ position }) => position)
      if (positions.length === 0) return matched
      const row = [environment, replayId, matched, JSON.stringify(positions)]
      this.#sql.exec('INSERT INTO replay_lists VALUES (?, ?, ?, ?)', ...row)
      matched += positions.length
      after = positions.at(-1) ?? after
    }
  }

  /** From the `from`-th on, `limit` at most; none only behind the end. */
  part(replayId: string, environment: Environment, from: number, limit: number): Listed[] {
    const [row] = this.#sql
      .exec<{ positions: string }>(
        'SELECT positions FROM replay_lists WHERE environment = ? AND replay_id = ? AND start = ?',
        environment,
        replayId,
        from - (from % CHUNK),
      )
      .toArray()
    const positions: string[] = JSON.parse(row?.positions ?? '[]')
    const part = positions.slice(from % CHUNK, (from % CHUNK) + limit)
    return this.#sql
      .exec<{ objectId: string; position: string }>(
        `SELECT object_id AS objectId, position FROM deliveries
         WHERE environment = ?1 AND position IN (SELECT value FROM json_each(?2)) ORDER BY position`,
        environment,
        JSON.stringify(part),
      )
      .toArray()
      .map(({ objectId, position }) => ({ objectId, deliveryId: deliveryIdAt(position) }))
  }

  drop(replayId: string, environment: Environment): void {
    this.#sql.exec('DELETE FROM replay_lists WHERE environment = ? AND replay_id = ?', environment, replayId)
  }
}

function values({ environment, from, to, state, endpointId, eventType, refs }: ReplayFilter) {
  return [
    environment,
    from === null ? null : timePosition(from),
    to === null ? null : timePosition(to + 1),
    state,
    endpointId,
    eventType,
    refs === null ? null : JSON.stringify(refs),
  ]
}
