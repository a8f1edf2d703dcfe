/**
 * What people do in the console: a row before it is done, which says so when it is over. One without an end is of
 * something that was interrupted. A session is over once there is a row of its sign-out.
 */
import type { Environment } from '../order/state'
import { KEPT_MS } from './event-feed'

/** One thing that somebody is about to do. No secret and no whole phone number is in it. */
export interface Act {
  readonly environment: Environment
  readonly session: string
  readonly keyId: string
  /** The form's route, and what it switches something to: `/endpoints/state paused`. */
  readonly action: string
  /** The ref, id or name of what it is done to. */
  readonly subject: string | null
}

export interface ActRow extends Pick<Act, 'keyId' | 'action' | 'subject'> {
  readonly at: number
  /** `done`, or the code of the refusal; null while it is not over. */
  readonly outcome: string | null
}

export interface ActPage {
  /** Newest first. */
  readonly items: readonly ActRow[]
  /** Before which the next page is; null on the last. */
  readonly next: number | null
}

const SIGN_OUT = '/sign-out'
/** Deleted in one run of the cron: faster than people act. */
const FORGET_BATCH = 500

/** The place of a row is its time in µs, or the next that is free: it orders them and names them. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS activity (
    environment TEXT NOT NULL,
    place INTEGER NOT NULL,
    session TEXT NOT NULL,
    key_id TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT,
    outcome TEXT,
    PRIMARY KEY (environment, place)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS ended_sessions ON activity (session) WHERE action = '${SIGN_OUT}';
`

export class Activity {
  readonly #storage: DurableObjectStorage
  #hasTable = false

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage
  }

  /** Its place, to say later how it ended; null when the session is over, and it must not be done. */
  begin({ environment, session, keyId, action, subject }: Act, now: number): number | null {
    return this.#storage.transactionSync(() => {
      this.#storage.sql.exec(SCHEMA)
      if (this.isOver(session)) return null
      return this.#storage.sql
        .exec<{ place: number }>(
          `INSERT INTO activity (environment, place, session, key_id, action, subject)
           SELECT ?1, MAX(?2, COALESCE(MAX(place) + 1, 0)), ?3, ?4, ?5, ?6 FROM activity WHERE environment = ?1
           RETURNING place`,
          environment,
          now * 1_000,
          session,
          keyId,
          action,
          subject,
        )
        .one().place
    })
  }

  end(environment: Environment, place: number, outcome: string): void {
    const ended = 'UPDATE activity SET outcome = ?3 WHERE environment = ?1 AND place = ?2'
    this.#storage.sql.exec(ended, environment, place, outcome)
  }

  isOver(session: string): boolean {
    if (!this.#exists()) return false
    const rows = this.#storage.sql.exec(
      `SELECT 1 FROM activity WHERE session = ? AND action = '${SIGN_OUT}' LIMIT 1`,
      session,
    )
    return rows.toArray().length > 0
  }

  page(environment: Environment, before: number | null, limit: number): ActPage {
    if (!this.#exists()) return { items: [], next: null }
    const rows = this.#storage.sql
      .exec<Row>(
        `SELECT place, key_id AS keyId, action, subject, outcome FROM activity
         WHERE environment = ?1 AND place < ?2 ORDER BY place DESC LIMIT ?3`,
        environment,
        before ?? Number.MAX_SAFE_INTEGER,
        limit + 1,
      )
      .toArray()
    const shown = rows.slice(0, limit)
    const items = shown.map(({ place, ...row }) => ({ ...row, at: Math.floor(place / 1_000) }))
    return { items, next: rows.length > limit ? (shown.at(-1)?.place ?? null) : null }
  }

  /** Rows are kept as long as events. */
  forget(now: number): void {
    if (!this.#exists()) return
    this.#storage.sql.exec(
      `DELETE FROM activity WHERE (environment, place) IN
         (SELECT environment, place FROM activity WHERE environment IN ('sandbox', 'production') AND place < ?1
          LIMIT ${FORGET_BATCH})`,
      (now - KEPT_MS) * 1_000,
    )
  }

  /** It is made by the first act: who never uses the console has none. */
  #exists(): boolean {
    const made = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'activity'"
    this.#hasTable ||= this.#storage.sql.exec(made).toArray().length > 0
    return this.#hasTable
  }
}

interface Row extends Record<string, SqlStorageValue> {
  place: number
  keyId: string
  action: string
  subject: string | null
  outcome: string | null
}
