/** Reports of reconciliations, as they are told. One that has ended never changes again: what was read in it stays true. */
import type { Environment } from '../order/state'
import type { Report, ReportState } from '../reconcile/report'

export interface ReportFilter {
  readonly state: ReportState | null
  readonly limit: number
  /** The `next` of the page before; null for the newest. */
  readonly before: string | null
}

export interface ReportPage {
  readonly items: Report[]
  readonly next: string | null
}

/** `report` is JSON; what is besides is what it is found by. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS reconciliations (
    environment TEXT NOT NULL,
    place TEXT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    report TEXT NOT NULL,
    PRIMARY KEY (environment, place)
  ) WITHOUT ROWID;
`
const KEPT_MS = 90 * 24 * 3_600_000
const ENVIRONMENTS = ['sandbox', 'production'] as const
const TIME_DIGITS = 15

export class Reports {
  readonly #sql: SqlStorage
  #ready: boolean

  constructor(sql: SqlStorage) {
    this.#sql = sql
    this.#ready = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'reconciliations'").toArray().length > 0
  }

  /**
   * True when it has ended, and this is the first that is heard of that: told again, or told late that it runs, nothing changes. In
   * the transaction of what follows from it.
   */
  keep(report: Report): boolean {
    if (!this.#ready) this.#sql.exec(SCHEMA)
    this.#ready = true
    const { id, environment, state, startedAt } = report
    const kept = this.#sql.exec(
      `INSERT INTO reconciliations (environment, place, id, state, report) VALUES (?1, ?2, ?3, ?4, ?5)
       ON CONFLICT (id) DO UPDATE SET state = ?4, report = ?5 WHERE reconciliations.state = 'running' RETURNING id`,
      environment,
      `${digits(startedAt)}:${id}`,
      id,
      state,
      JSON.stringify(report),
    )
    return kept.toArray().length > 0 && state !== 'running'
  }

  get(environment: Environment, id: string): Report | null {
    if (!this.#ready) return null
    const [row] = this.#sql
      .exec<{ report: string }>(
        'SELECT report FROM reconciliations WHERE environment = ? AND id = ?',
        environment,
        id,
      )
      .toArray()
    return row === undefined ? null : JSON.parse(row.report)
  }

  /** By the time at which they began, newest first. */
  list(environment: Environment, { state, limit, before }: ReportFilter): ReportPage {
    if (!this.#ready) return { items: [], next: null }
    const rows = this.#sql
      .exec<{ place: string; report: string }>(
        `SELECT place, report FROM reconciliations
         WHERE environment = ?1 AND (?2 IS NULL OR place < ?2) AND (?3 IS NULL OR state = ?3)
         ORDER BY place DESC LIMIT ?4`,
        environment,
        before,
        state,
        limit + 1,
      )
      .toArray()
    const page = rows.slice(0, limit)
    return {
      items: page.map(({ report }): Report => JSON.parse(report)),
      next: rows.length > limit ? (page.at(-1)?.place ?? null) : null,
    }
  }

  /** Those that are kept no longer. */
  forget(now: number): void {
    if (!this.#ready) return
    for (const environment of ENVIRONMENTS) {
      this.#sql.exec(
        'DELETE FROM reconciliations WHERE environment = ? AND place < ?',
        environment,
        digits(now - KEPT_MS),
      )
    }
  }
}

function digits(time: number): string {
  return String(time).padStart(TIME_DIGITS, '0')
}
