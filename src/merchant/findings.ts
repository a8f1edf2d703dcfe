/**
 * Where findings are kept: in the book those of a merchant, with the reconciler of an account those of nobody. Each is open until
 * somebody closes it with a note, for ever: found again it is the same fact.
 */
import type { Environment } from '../order/state'
import type { Finding, FindingKind, FindingState } from '../reconcile/finding'

/** Who closed it, why, and when; unix ms. */
export interface Closing {
  /** The name of a key, or `operator`. */
  readonly by: string
  readonly note: string
  readonly at: number
}

export interface ListedFinding extends Finding {
  readonly state: FindingState
  /** Null while it is open. */
  readonly closing: Closing | null
}

/** Null when there is no such finding. */
export type Closed = ListedFinding | null

export interface FindingFilter {
  readonly environment: Environment
  readonly state: string | null
  readonly kind: string | null
  readonly limit: number
  /** The `place` of the last item of the page before; null for the newest. */
  readonly before: string | null
}

export interface FindingPage {
  readonly items: ListedFinding[]
  readonly next: string | null
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS findings (
    environment TEXT NOT NULL,
    place TEXT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    ref TEXT,
    found_at INTEGER NOT NULL,
    upstream TEXT NOT NULL,
    ours TEXT NOT NULL,
    state TEXT NOT NULL,
    closed_at INTEGER,
    closed_by TEXT,
    note TEXT,
    PRIMARY KEY (environment, place)
  ) WITHOUT ROWID;
`
/** Tables made before 2026-11-25 knew of no closing. */
const CLOSING_COLUMNS = ['closed_at INTEGER', 'closed_by TEXT', 'note TEXT']
const COLUMNS = `place, id, environment, kind, ref, found_at AS foundAt, upstream, ours, state,
  closed_at AS closedAt, closed_by AS closedBy, note`
const TIME_DIGITS = 15

export class Findings {
  readonly #storage: Pick<DurableObjectStorage, 'sql' | 'transactionSync'>
  readonly #sql: SqlStorage
  #ready: boolean

  /** Writes nothing but for a table of an earlier version: a reader leaves no trace. */
  constructor(storage: Pick<DurableObjectStorage, 'sql' | 'transactionSync'>) {
    this.#storage = storage
    this.#sql = storage.sql
    const [table] = this.#sql
      .exec<{ sql: string }>("SELECT sql FROM sqlite_master WHERE name = 'findings'")
      .toArray()
    this.#ready = table !== undefined
    if (table !== undefined && !table.sql.includes('closed_at')) this.#migrate()
  }

  /** Found again, it stays as it is: also closed. */
  add({ id, environment, kind, foundAt, ref, upstream, ours }: Finding): void {
    if (!this.#ready) this.#sql.exec(SCHEMA)
    this.#ready = true
    this.#sql.exec(
      `INSERT INTO findings (environment, place, id, kind, ref, found_at, upstream, ours, state)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'open') ON CONFLICT DO NOTHING`,
      environment,
      `${String(foundAt).padStart(TIME_DIGITS, '0')}:${id}`,
      id,
      kind,
      ref,
      foundAt,
      JSON.stringify(upstream),
      JSON.stringify(ours),
    )
  }

  get(environment: Environment, id: string): ListedFinding | null {
    if (!this.#ready) return null
    const [row] = this.#sql
      .exec<FindingRow>(`SELECT ${COLUMNS} FROM findings WHERE environment = ? AND id = ?`, environment, id)
      .toArray()
    return row === undefined ? null : listed(row)
  }

  /** The first closing is the one that counts: whoever repeats his call, or comes later, is answered with it. */
  close(environment: Environment, id: string, { by, note, at }: Closing): Closed {
    if (!this.#ready) return null
    this.#sql.exec(
      `UPDATE findings SET state = 'closed', closed_at = ?3, closed_by = ?4, note = ?5
       WHERE environment = ?1 AND id = ?2 AND state = 'open'`,
      environment,
      id,
      at,
      by,
      note,
    )
    return this.get(environment, id)
  }

  /** Newest first. */
  list({ environment, state, kind, before, limit }: FindingFilter): FindingPage {
    if (!this.#ready) return { items: [], next: null }
    const rows = this.#sql
      .exec<FindingRow>(
        `SELECT ${COLUMNS} FROM findings
         WHERE environment = ?1 AND (?2 IS NULL OR place < ?2) AND (?3 IS NULL OR state = ?3)
           AND (?4 IS NULL OR kind = ?4)
         ORDER BY place DESC LIMIT ?5`,
        environment,
        before,
        state,
        kind,
        limit + 1,
      )
      .toArray()
    const page = rows.slice(0, limit)
    return { items: page.map(listed), next: rows.length > limit ? (page.at(-1)?.place ?? null) : null }
  }

  #migrate(): void {
    this.#storage.transactionSync(() => {
      for (const column of CLOSING_COLUMNS) this.#sql.exec(`ALTER TABLE findings ADD COLUMN ${column}`)
    })
  }
}

function listed({ place, upstream, ours, closedAt, closedBy, note, ...finding }: FindingRow): ListedFinding {
  return {
    ...finding,
    upstream: JSON.parse(upstream),
    ours: JSON.parse(ours),
    closing: closedAt === null ? null : { at: closedAt, by: closedBy ?? '', note: note ?? '' },
  }
}

interface FindingRow extends Record<string, SqlStorageValue> {
  place: string
  id: string
  environment: Environment
  kind: FindingKind
  ref: string | null
  foundAt: number
  upstream: string
  ours: string
  state: FindingState
  closedAt: number | null
  closedBy: string | null
  note: string | null
}
