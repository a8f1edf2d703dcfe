/** What a merchant with limits has sent lately: three rows a send, and none while he has no limits. */
import { algerianDay, type Earlier, judge, type Limits, type Request, type Verdict } from './limits'

/** `repeat` looks back a day at most, and a day's sum needs no more. */
const KEPT_MS = 48 * 3_600_000
/** Old rows deleted with each new one: more than come in. */
const PURGE_BATCH = 5

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS admissions (
    environment TEXT NOT NULL,
    msisdn TEXT NOT NULL,
    ref TEXT NOT NULL,
    at INTEGER NOT NULL,
    value_dzd INTEGER,
    PRIMARY KEY (environment, msisdn, ref)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS admissions_by_time ON admissions (at);
  CREATE TABLE IF NOT EXISTS days (
    environment TEXT NOT NULL,
    day TEXT NOT NULL,
    sent_dzd INTEGER NOT NULL,
    PRIMARY KEY (environment, day)
  ) WITHOUT ROWID;
`

interface Admission extends Record<string, SqlStorageValue> {
  ref: string
  at: number
  value_dzd: number | null
}

/** What would become of a send, and the day's sum before it. */
export interface Foreseen {
  readonly verdict: Verdict
  readonly sentTodayDzd: number
}

export class Admissions {
  readonly #storage: DurableObjectStorage
  #ready = false

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage
  }

  /**
   * Counts the send when it is admitted. An order asks before its first send only, so what is known of its ref
   * is from a send that never left: it is judged anew.
   */
  admit(limits: Limits, request: Request, now: number): Verdict {
    return this.#storage.transactionSync(() => {
      this.release(request)
      const earlier = this.#sentTo(request)
      const verdict = judge(limits, request, this.#earlier(limits, request, earlier, now), now)
      // What costs nothing counts for nothing, and needs no row.
      if (verdict.kind === 'admitted' && request.valueDzd !== 0) this.#add(request, now)
      return verdict
    })
  }

  /** What `admit` would say; nothing is counted. */
  foresee(limits: Limits, request: Request, now: number): Foreseen {
    this.#makeTables()
    const others = this.#sentTo(request).filter(({ ref }) => ref !== request.ref)
    const earlier = this.#earlier(limits, request, others, now)
    return { verdict: judge(limits, request, earlier, now), sentTodayDzd: earlier.sentTodayDzd }
  }

  /** The provider refused it: it counts no more. */
  release({ environment, msisdn, ref }: Pick<Request, 'environment' | 'msisdn' | 'ref'>): void {
    this.#storage.transactionSync(() => {
      this.#makeTables()
      const rows = this.#storage.sql.exec<Admission>(
        `DELETE FROM admissions WHERE environment = ?1 AND msisdn = ?2 AND ref = ?3 RETURNING ref, at, value_dzd`,
        environment,
        msisdn,
        ref,
      )
      for (const { at, value_dzd } of rows.toArray()) this.#count(environment, at, -(value_dzd ?? 0))
    })
  }

  #earlier(
    { repeat }: Limits,
    { environment, valueDzd }: Request,
    sentTo: readonly Admission[],
    now: number,
  ): Earlier {
    const since = now - (repeat?.minutes ?? 0) * 60_000
    const equal = sentTo.filter(({ at, value_dzd }) => value_dzd === valueDzd && at >= since)
    const newest = equal.sort((a, b) => b.at - a.at)[0] ?? null
    const day = this.#storage.sql.exec<{ sent_dzd: number }>(
      'SELECT sent_dzd FROM days WHERE environment = ?1 AND day = ?2',
      environment,
      algerianDay(now),
    )
    return { sentTodayDzd: day.toArray()[0]?.sent_dzd ?? 0, equal: newest }
  }

  #sentTo({ environment, msisdn }: Request): Admission[] {
    return this.#storage.sql
      .exec<Admission>(
        'SELECT ref, at, value_dzd FROM admissions WHERE environment = ?1 AND msisdn = ?2',
        environment,
        msisdn,
      )
      .toArray()
  }

  #add({ environment, msisdn, ref, valueDzd }: Request, now: number): void {
    const { sql } = this.#storage
    sql.exec(
      'INSERT INTO admissions (environment, msisdn, ref, at, value_dzd) VALUES (?1, ?2, ?3, ?4, ?5)',
      environment,
      msisdn,
      ref,
      now,
      valueDzd,
    )
    this.#count(environment, now, valueDzd ?? 0)
    sql.exec(
      `DELETE FROM admissions WHERE (environment, msisdn, ref) IN
         (SELECT environment, msisdn, ref FROM admissions WHERE at < ?1 ORDER BY at LIMIT ?2)`,
      now - KEPT_MS,
      PURGE_BATCH,
    )
    sql.exec('DELETE FROM days WHERE day < ?1', algerianDay(now - KEPT_MS))
  }

  #count(environment: string, at: number, valueDzd: number): void {
    this.#storage.sql.exec(
      `INSERT INTO days (environment, day, sent_dzd) VALUES (?1, ?2, ?3)
       ON CONFLICT DO UPDATE SET sent_dzd = sent_dzd + ?3`,
      environment,
      algerianDay(at),
      valueDzd,
    )
  }

  #makeTables(): void {
    if (!this.#ready) this.#storage.sql.exec(SCHEMA)
    this.#ready = true
  }
}
