/**
 * What a merchant's home page shows of his orders: how many, what became of them, how long it took. It reads rows and
 * writes none, and looks at so many orders at most, the newest: then it says since when.
 */
import type { Environment, Phase, Status } from '../order/state'
import { type Timed, type Times, timesToFinal } from './statistics-maths'

export interface StatisticsRequest {
  readonly environment: Environment
  /** Unix ms: where the first bucket begins, and how long each is. */
  readonly from: number
  readonly bucketMs: number
  readonly buckets: number
  /** Where the Algerian day began. */
  readonly today: number
}

/** Orders by what is known of them now. `open` is all that is not final. */
export interface Outcomes {
  readonly fulfilled: number
  readonly refunded: number
  readonly open: number
}

export interface Doubtful {
  readonly ref: string
  readonly phase: Phase
  readonly status: Status
  readonly createdAt: number
}

export interface Statistics {
  readonly today: Outcomes & { readonly fulfilledDzd: number }
  readonly buckets: readonly (Outcomes & { readonly medianMs: number | null })[]
  readonly times: Times
  /** In doubt and unknown, of whatever age, the oldest first; so many at most. */
  readonly doubtful: readonly Doubtful[]
  readonly doubtfulTotal: number
  /** The figures are of orders made since then, where there were too many to look at; else null. */
  readonly since: number | null
}

/** As many as a page of a search looks at. */
export const LOOKED_AT = 20_000
const DOUBTFUL_SHOWN = 20
const DAY_MS = 24 * 3_600_000

export const NO_STATISTICS: Omit<Statistics, 'buckets'> = {
  today: { fulfilled: 0, refunded: 0, open: 0, fulfilledDzd: 0 },
  times: { medianMs: null, p95Ms: null },
  doubtful: [],
  doubtfulTotal: 0,
  since: null,
}

export function emptyBuckets(buckets: number): Statistics['buckets'] {
  return Array.from({ length: buckets }, () => ({ fulfilled: 0, refunded: 0, open: 0, medianMs: null }))
}

export function statistics(sql: SqlStorage, request: StatisticsRequest): Statistics {
  const since = lookedSince(sql, request)
  const timed = settledTimes(sql, request, since)
  const { buckets, times } = timesToFinal(timed, request.buckets)
  const counted = outcomes(sql, request, since)
  return {
    today: today(sql, request),
    buckets: emptyBuckets(request.buckets).map((empty, index) => ({
      ...empty,
      ...counted.get(index),
      medianMs: buckets[index] ?? null,
    })),
    times,
    ...doubtful(sql, request),
    since,
  }
}

/** When the oldest order was made that is looked at, if there are older ones in the time that is asked for. */
function lookedSince(sql: SqlStorage, { environment, from }: StatisticsRequest): number | null {
  const [edge] = sql
    .exec<{ at: number }>(
      `SELECT created_at AS at FROM orders WHERE environment = ? AND created_at >= ?
       ORDER BY created_at DESC LIMIT 1 OFFSET ${LOOKED_AT}`,
      environment,
      from,
    )
    .toArray()
  return edge === undefined ? null : edge.at + 1
}

const OUTCOMES = `SUM(phase = 'settled' AND status = 'FULFILLED') AS fulfilled,
  SUM(phase = 'settled' AND status = 'REFUNDED') AS refunded, SUM(phase <> 'settled') AS open`

function outcomes(
  sql: SqlStorage,
  { environment, from, bucketMs, buckets }: StatisticsRequest,
  since: number | null,
): Map<number, Outcomes> {
  const rows = sql.exec<Row<Outcomes> & { bucket: number }>(
    `SELECT CAST((created_at - ?1) / ?2 AS INTEGER) AS bucket, ${OUTCOMES} FROM orders
     WHERE environment = ?3 AND created_at >= ?4 AND created_at < ?1 + ?2 * ?5 GROUP BY bucket`,
    from,
    bucketMs,
    environment,
    since ?? from,
    buckets,
  )
  return new Map(rows.toArray().map(({ bucket, ...counted }) => [bucket, counted]))
}

function settledTimes(
  sql: SqlStorage,
  { environment, from, bucketMs, buckets }: StatisticsRequest,
  since: number | null,
): Timed[] {
  return sql
    .exec<Row<Timed>>(
      `SELECT CAST((created_at - ?1) / ?2 AS INTEGER) AS bucket, settled_at - created_at AS ms FROM orders
       WHERE environment = ?3 AND created_at >= ?4 AND created_at < ?1 + ?2 * ?5 AND settled_at IS NOT NULL`,
      from,
      bucketMs,
      environment,
      since ?? from,
      buckets,
    )
    .toArray()
}

function today(sql: SqlStorage, { environment, today }: StatisticsRequest): Statistics['today'] {
  const [counted] = sql
    .exec<{ [name in keyof Statistics['today']]: number | null }>(
      `SELECT ${OUTCOMES}, SUM(CASE WHEN phase = 'settled' AND status = 'FULFILLED' THEN topup_amount_dzd END) AS fulfilledDzd
       FROM (SELECT phase, status, topup_amount_dzd FROM orders WHERE environment = ? AND created_at >= ?
             ORDER BY created_at DESC LIMIT ${LOOKED_AT})`,
      environment,
      today,
    )
    .toArray()
  return {
    fulfilled: counted?.fulfilled ?? 0,
    refunded: counted?.refunded ?? 0,
    open: counted?.open ?? 0,
    fulfilledDzd: counted?.fulfilledDzd ?? 0,
  }
}

/** Those open for long are in the watchdog's index; the young ones are among the newest orders. */
function doubtful(
  sql: SqlStorage,
  { environment, today }: StatisticsRequest,
): Pick<Statistics, 'doubtful' | 'doubtfulTotal'> {
  const isIt = "phase IN ('in_doubt', 'unknown')"
  const columns = 'ref, phase, status, created_at AS createdAt, object_id'
  const rows = sql
    .exec<Row<Doubtful> & { total: number }>(
      `SELECT *, COUNT(*) OVER () AS total FROM
         (SELECT ${columns} FROM orders
            WHERE is_watched = 1 AND due_at IS NOT NULL AND environment = ?1 AND ${isIt}
          UNION
          SELECT ${columns} FROM
            (SELECT * FROM orders WHERE environment = ?1 AND created_at >= ?2
             ORDER BY created_at DESC LIMIT ${LOOKED_AT}) WHERE ${isIt})
       ORDER BY createdAt LIMIT ${DOUBTFUL_SHOWN}`,
      environment,
      today - DAY_MS,
    )
    .toArray()
  return {
    doubtful: rows.map(({ ref, phase, status, createdAt }) => ({ ref, phase, status, createdAt })),
    doubtfulTotal: rows[0]?.total ?? 0,
  }
}

type Row<T> = { -readonly [K in keyof T]: T[K] & SqlStorageValue }
