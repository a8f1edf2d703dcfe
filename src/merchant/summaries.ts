/**
 * Makes the summary of each day that had orders, once: the event and the note that the day is done are one transaction
 * of the book. Whatever cron misses is made up for by its next run.
 */
import type { Environment } from '../order/state'
import { algerianDay } from './limits'
import type { MerchantEvents } from './merchant-events'
import {
  type Day,
  dayEnd,
  dayStart,
  type EventSpan,
  renderSummary,
  type StatusSum,
  summedUpTo,
} from './summary'

const ENVIRONMENTS = ['sandbox', 'production'] as const
/** In one run of the cron, in each environment. */
const DAYS_AT_ONCE = 7

export class Summaries {
  readonly #storage: DurableObjectStorage
  readonly #events: MerchantEvents
  readonly #merchantId: () => string

  constructor(storage: DurableObjectStorage, events: MerchantEvents, merchantId: () => string) {
    this.#storage = storage
    this.#events = events
    this.#merchantId = merchantId
  }

  /** Of every day that is over. */
  make(now: number): void {
    for (const environment of ENVIRONMENTS) {
      for (let made = 0; made < DAYS_AT_ONCE; made++) {
        const date = this.#nextDate(environment, now)
        if (date === null) break
        this.#makeOne({ merchantId: this.#merchantId(), environment, date }, now)
      }
    }
  }

  /** The next day with orders after the last that was summed up; null when there is none yet. */
  #nextDate(environment: Environment, now: number): string | null {
    const last = this.#storage.kv.get<string>(doneKey(environment))
    const { earliest } = this.#storage.sql
      .exec<{ earliest: number | null }>(
        `SELECT MIN(created_at) AS earliest FROM orders
         WHERE environment = ? AND created_at >= ? AND created_at < ?`,
        environment,
        last === undefined ? 0 : dayEnd(last),
        summedUpTo(now),
      )
      .one()
    return earliest === null ? null : algerianDay(earliest)
  }

  #makeOne(day: Day, now: number): void {
    const { environment, date } = day
    const event = renderSummary(day, this.#sums(day), this.#span(day), now)
    this.#storage.transactionSync(() => {
      this.#events.add(environment, event)
      this.#storage.kv.put(doneKey(environment), date)
    })
    this.#events.announce(environment)
  }

  #sums({ environment, date }: Day): StatusSum[] {
    return this.#storage.sql
      .exec<Row<StatusSum>>(
        `SELECT status, COUNT(*) AS orders, SUM(topup_amount_dzd) AS amountDzd FROM orders
         WHERE environment = ? AND created_at >= ? AND created_at < ? GROUP BY status ORDER BY status`,
        environment,
        dayStart(date),
        dayEnd(date),
      )
      .toArray()
  }

  /** An event's number is the time when it was booked, in microseconds. */
  #span({ environment, date }: Day): EventSpan {
    return this.#storage.sql
      .exec<Row<EventSpan>>(
        `SELECT COUNT(*) AS events, MIN(position) AS first, MAX(position) AS last FROM events
         WHERE environment = ? AND position >= ? AND position < ? AND type LIKE 'topup.%'`,
        environment,
        dayStart(date) * 1_000,
        dayEnd(date) * 1_000,
      )
      .one()
  }
}

type Row<T> = { -readonly [K in keyof T]: T[K] & SqlStorageValue }

const doneKey = (environment: Environment) => `summed_up:${environment}`
