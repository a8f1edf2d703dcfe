/** What the operator of a provider account should know: kept with the account, and written to the log. */
import { sandboxAccount } from '../order/name'
import { log } from '../platform/log'
import { measure } from '../platform/metrics'

export type IncidentKind = 'orphan' | 'broken_chain' | 'low_balance' | 'breaker_open' | 'drift' | 'order_late'

export interface Incident {
  /** The same fact has the same id, however often it is found. */
  readonly id: string
  readonly kind: IncidentKind
  /** Unix ms. */
  readonly at: number
  /** Plain JSON; no secret and no whole phone number. */
  readonly facts: Readonly<Record<string, string | number | null>>
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS incidents (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    facts TEXT NOT NULL
  ) WITHOUT ROWID;
`
/** More than anybody reads; the log has the rest. */
const KEPT = 1_000

export class Incidents {
  readonly #sql: SqlStorage
  readonly #wallet: () => string
  readonly #metrics: AnalyticsEngineDataset
  #ready = false

  constructor(sql: SqlStorage, metrics: AnalyticsEngineDataset, wallet: () => string) {
    this.#sql = sql
    this.#metrics = metrics
    this.#wallet = wallet
  }

  /** False when it was known. */
  add({ id, kind, at, facts }: Incident): boolean {
    if (!this.#ready) this.#sql.exec(SCHEMA)
    this.#ready = true
    const insert = 'INSERT INTO incidents VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1'
    const isNew = this.#sql.exec(insert, id, kind, at, JSON.stringify(facts)).toArray().length > 0
    if (!isNew) return false
    const wallet = this.#wallet()
    log(`wallet.${kind}`, { wallet, ...facts })
    const environment = sandboxAccount(wallet) === null ? 'production' : 'sandbox'
    measure(this.#metrics, { fact: 'incident', wallet, environment, kind, why: whyOf(facts) })
    this.#sql.exec(
      'DELETE FROM incidents WHERE id IN (SELECT id FROM incidents ORDER BY at DESC, id DESC LIMIT -1 OFFSET ?)',
      KEPT,
    )
    return true
  }

  /** Newest first. */
  all(limit: number): Incident[] {
    const exists = this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'incidents'").toArray().length > 0
    if (!exists) return []
    return this.#sql
      .exec<{ id: string; kind: IncidentKind; at: number; facts: string }>(
        'SELECT id, kind, at, facts FROM incidents ORDER BY at DESC, id DESC LIMIT ?',
        limit,
      )
      .toArray()
      .map(({ facts, ...incident }) => ({ ...incident, facts: JSON.parse(facts) }))
  }
}

/** The one word that tells incidents of a kind apart; the other facts are amounts, ids and foreign text. */
function whyOf({ reason, by, certainty }: Incident['facts']): string {
  return String(reason ?? by ?? certainty ?? '')
}
