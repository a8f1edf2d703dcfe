/**
 * What does not add up between the provider and a merchant's orders: each is open until it is explained. Nothing is
 * concluded from a finding; it holds what both sides said.
 */
import type { Environment } from '../order/state'
import type { Finding, FindingKind } from '../reconcile/finding'

export const FINDING_KINDS = ['orphan', 'broken_chain'] as const
export const FINDING_STATES = ['open', 'closed'] as const

/** What one side says, read back; `at` is unix ms. */
export type Side = Readonly<Record<string, string | number | null>>

export interface ListedFinding extends Omit<Finding, 'upstream' | 'ours'> {
  readonly upstream: Side | null
  readonly ours: Side | null
  readonly state: (typeof FINDING_STATES)[number]
}

export interface FindingFilter {
  readonly environment: Environment
  readonly state: string | null
  readonly kind: string | null
  readonly limit: number
  /** The `place` of the last item of the page before; null for the newest. */
  readonly before: string | null
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
    PRIMARY KEY (environment, place)
  ) WITHOUT ROWID;
`
const TIME_DIGITS = 15

export class Findings {
  readonly #sql: SqlStorage
  #ready: boolean

  constructor(sql: SqlStorage) {
    this.#sql = sql
    this.#ready = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'findings'").toArray().length > 0
  }

  /** Found again, it stays as it is. */
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

  /** Newest first. */
  list({ environment, state, kind, before, limit }: FindingFilter): {
    items: ListedFinding[]
    next: string | null
  } {
    if (!this.#ready) return { items: [], next: null }
    const rows = this.#sql
      .exec<FindingRow>(
        `SELECT place, id, environment, kind, ref, found_at AS foundAt, upstream, ours, state FROM findings
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
    return {
      items: page.map(({ place, upstream, ours, ...finding }) => ({
        ...finding,
        upstream: JSON.parse(upstream),
        ours: JSON.parse(ours),
      })),
      next: rows.length > limit ? (page.at(-1)?.place ?? null) : null,
    }
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
  state: ListedFinding['state']
}
