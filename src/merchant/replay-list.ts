/**
 * The lists of bulk replays: which deliveries fitted at the moment a replay was made, in the book's order. What
 * becomes of them meanwhile changes no list, so nothing is skipped and nothing comes in twice.
 */
import type { Environment } from '../order/state'
import { DELIVERIES, ENDPOINT_ID, STATE } from './deliveries'
import type { ReplayFilter } from './replay'

/** One delivery of a list, and the object that makes it. */
export interface Listed {
  readonly objectId: string
  readonly deliveryId: string
}

/** Deliveries in one row: a row written for each would cost as much as the replay itself. */
const CHUNK = 500

/**
 * Events are in the order in which they were booked, at the times of the book's clock; an order that could not reach
 * its book, or whose clock is late, is booked after its event's time, one whose clock is ahead may be booked before.
 */
const CLOCKS_DIFFER_MS = 24 * 3_600_000

const FITS = `
  e.environment = ?1 AND e.position >= ?2 AND (e.position > ?2 OR d.key > ?3) AND e.created_at BETWEEN ?4 AND ?5
  AND (?6 IS NULL OR ${STATE} = ?6) AND (?7 IS NULL OR ${ENDPOINT_ID} = ?7) AND (?8 IS NULL OR e.type = ?8)
  AND (?9 IS NULL OR e.ref IN (SELECT value FROM json_each(?9)))`

/** Where the list has come to; the next delivery is behind it. */
interface Place {
  readonly position: number
  readonly place: number
}

export class ReplayLists {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  count(filter: ReplayFilter): number {
    const counted = `SELECT COUNT(*) AS matched FROM ${DELIVERIES} WHERE ${FITS}`
    return this.#sql.exec<{ matched: number }>(counted, ...values(filter, start(filter))).one().matched
  }

  /**
   * Answers its length. In one transaction. Earlier lists of the environment are dropped: a replay is made when
   * none is running.
   */
  make(replayId: string, filter: ReplayFilter): number {
    const { environment } = filter
    this.#sql.exec('DELETE FROM replay_lists WHERE environment = ? AND replay_id < ?', environment, replayId)
    let matched = 0
    let after = start(filter)
    for (;;) {
      const rows = this.#sql
        .exec<ListedRow>(
          `SELECT e.position, d.key AS place, e.object_id AS objectId, json_extract(d.value, '$.id') AS deliveryId
           FROM ${DELIVERIES} WHERE ${FITS} ORDER BY e.position, d.key LIMIT ?10`,
          ...values(filter, after),
          CHUNK,
        )
        .toArray()
      const last = rows.at(-1)
      if (last === undefined) return matched
      const listed = rows.map(({ objectId, deliveryId }): Listed => ({ objectId, deliveryId }))
      const row = [environment, replayId, matched, JSON.stringify(listed)]
      this.#sql.exec('INSERT INTO replay_lists VALUES (?, ?, ?, ?)', ...row)
      matched += rows.length
      after = last
    }
  }

  /** From the `from`-th on, `limit` at most; none only behind the end. */
  part(replayId: string, environment: Environment, from: number, limit: number): Listed[] {
    const [row] = this.#sql
      .exec<{ deliveries: string }>(
        'SELECT deliveries FROM replay_lists WHERE environment = ? AND replay_id = ? AND start = ?',
        environment,
        replayId,
        from - (from % CHUNK),
      )
      .toArray()
    const listed: Listed[] = JSON.parse(row?.deliveries ?? '[]')
    return listed.slice(from % CHUNK, (from % CHUNK) + limit)
  }

  drop(replayId: string, environment: Environment): void {
    this.#sql.exec('DELETE FROM replay_lists WHERE environment = ? AND replay_id = ?', environment, replayId)
  }
}

/** Before the first delivery that may fit. */
function start({ from }: ReplayFilter): Place {
  return { position: Math.max(0, (from ?? 0) - CLOCKS_DIFFER_MS) * 1_000, place: -1 }
}

function values(
  { environment, from, to, state, endpointId, eventType, refs }: ReplayFilter,
  { position, place }: Place,
) {
  return [
    environment,
    position,
    place,
    from ?? 0,
    to ?? Number.MAX_SAFE_INTEGER,
    state,
    endpointId,
    eventType,
    refs === null ? null : JSON.stringify(refs),
  ]
}

interface ListedRow extends Record<string, SqlStorageValue> {
  position: number
  place: number
  objectId: string
  deliveryId: string
}
