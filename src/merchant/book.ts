/**
 * The Durable Object that indexes one merchant's orders and deliveries. It is a copy: the order objects
 * are the truth, and tell it after each commit that matters. It finds orders by id, finds those whose time
 * has passed, and lists deliveries. Tables are made by the first order or report, never by a reader.
 */
import { DurableObject } from 'cloudflare:workers'
import type { Env } from '../env'
import { makerOfDelivery } from '../order/delivery-id'
import type { Environment, Order } from '../order/state'
import { logError } from '../platform/log'
import { measure } from '../platform/metrics'
import type { Finding } from '../reconcile/finding'
import type { Report } from '../reconcile/report'
import { isToldOf, renderReport } from '../reconcile/report-event'
import type { BookEntry } from './book-entry'
import { openTables, SCHEMA } from './book-tables'
import {
  type BookedOrder,
  booked,
  type ComparableRow,
  comparableOrders,
  hasOrders,
  newestOrderAt,
  type OnAccount,
  type TimeRange,
  unknownOrders,
  walletsOfUnknown,
} from './comparable'
import {
  type DeliveryFilter,
  type DeliveryPage,
  type Held,
  heldCounts,
  heldOrders,
  listDeliveries,
} from './deliveries'
import { EventFeed, type FeedPage, type FeedRequest } from './event-feed'
import {
  type EventListPage,
  type EventListRequest,
  type EventWithDeliveries,
  eventAt,
  listEvents,
} from './event-list'
import {
  type Closed,
  type Closing,
  type FindingFilter,
  type FindingPage,
  Findings,
  type ListedFinding,
} from './findings'
import { MerchantEvents } from './merchant-events'
import { type MovementPage, movements } from './movements'
import { findByGatewayId, findById, keepUntimed } from './order-ids'
import { type PageRequest, type TopupPage, Walks } from './order-pages'
import type { OrderFilter, OrderPlace } from './order-row'
import { type OrderPage, searchOrders } from './order-search'
import { type EventPositions, type Known, OrderTable } from './order-table'
import type { ReplayFilter } from './replay'
import { type Listed, ReplayLists } from './replay-list'
import { type ReportFilter, type ReportPage, Reports } from './reports'
import { Retention } from './retention'
import {
  emptyBuckets,
  NO_STATISTICS,
  type Statistics,
  type StatisticsRequest,
  statistics,
} from './statistics'
import { Summaries } from './summaries'
import { Watchdog } from './watchdog'

/** At a million orders a day it grows by 70 MB in that time. */
const MEASURE_EVERY_MS = 3_600_000

export class Book extends DurableObject<Env> {
  readonly #sql: SqlStorage
  readonly #orders: OrderTable
  readonly #walks: Walks
  readonly #feed: EventFeed
  readonly #events: MerchantEvents
  readonly #summaries: Summaries
  readonly #replays: ReplayLists
  readonly #watchdog: Watchdog
  readonly #findings: Findings
  readonly #reports: Reports
  readonly #retention: Retention
  #ready: boolean
  #measuredAt = 0

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#sql = ctx.storage.sql
    this.#ready = openTables(ctx.storage)
    this.#orders = new OrderTable(this.#sql, this.#ready)
    this.#walks = new Walks(this.#sql)
    this.#feed = new EventFeed(ctx.storage)
    const merchantId = () => this.#merchantId()
    this.#events = new MerchantEvents(env, ctx.storage.kv, this.#feed, merchantId)
    this.#summaries = new Summaries(ctx.storage, this.#events, merchantId)
    this.#replays = new ReplayLists(this.#sql)
    this.#watchdog = new Watchdog(env, ctx.storage)
    this.#findings = new Findings(ctx.storage)
    this.#reports = new Reports(this.#sql)
    this.#retention = new Retention(env, ctx.storage, this.#feed, () => this.#merchantId())
  }

  /** Keeps the newest state of an order and of its deliveries, in one transaction. */
  record(entry: BookEntry): void {
    let hasNews = false
    this.ctx.storage.transactionSync(() => {
      if (!this.#ready) this.#sql.exec(SCHEMA)
      const known = this.#orders.known(entry)
      if (known !== null && known.revision >= entry.revision) return
      const positions = this.#recordEvents(entry, known)
      this.#orders.keep(entry, positions, this.#watchdog.mustWatch(entry.createdAt))
      keepUntimed(this.#sql, entry)
      this.#retention.changed(entry)
      hasNews = entry.stateVersion > (known?.stateVersion ?? 1)
    })
    this.#ready = true
    if (hasNews) this.#feed.announce(entry.environment)
  }

  /** The ref of the order with this top-up id, the merchant's or the provider's; null when unknown. */
  refOf(environment: Environment, id: string): string | null {
    return this.#ready ? (findById(this.#sql, environment, id)?.ref ?? null) : null
  }

  /** What is kept of an order whose object was emptied; null when there is no such order. */
  folded(objectId: string): Order | null {
    return this.#ready ? this.#retention.folded(objectId) : null
  }

  /** Newest first. */
  orders(filter: OrderFilter, before: OrderPlace | null, limit: number): OrderPage {
    return this.#ready ? searchOrders(this.#sql, filter, before, limit) : { items: [], next: null }
  }

  /** What the home page of the console shows. */
  statistics(request: StatisticsRequest): Statistics {
    if (!this.#ready) return { ...NO_STATISTICS, buckets: emptyBuckets(request.buckets) }
    return statistics(this.#sql, request)
  }

  /** A numbered page of the merchant's top-ups, newest first. */
  page(request: PageRequest): TopupPage {
    if (!this.#ready) return { items: [], totalResults: 0 }
    return this.#walks.page(request, this.#orders.booked, Date.now())
  }

  /** What his orders took from an account that he shares, and what came back, newest first. */
  movements(request: Omit<PageRequest, 'walker'>): MovementPage {
    return this.#ready ? movements(this.#sql, request) : { items: [], totalResults: 0 }
  }

  /** Oldest first, as they were booked; waits for one when there is none. */
  events(request: FeedRequest): Promise<FeedPage> {
    return this.#feed.read(request, () => this.#ready)
  }

  /** Newest first, for people. */
  listEvents(request: EventListRequest): EventListPage {
    return this.#ready ? listEvents(this.#sql, request) : { items: [], next: null }
  }

  /** Null when there is no event in this place of the feed. */
  eventAt(environment: Environment, position: number): EventWithDeliveries | null {
    return this.#ready ? eventAt(this.#sql, environment, position) : null
  }

  /** Newest first. */
  deliveries(filter: DeliveryFilter): DeliveryPage {
    return this.#ready ? listDeliveries(this.#sql, filter) : { items: [], next: null }
  }

  /** The object of the order that would make this delivery; null when there is none. Only the order knows if it does. */
  orderOfDelivery(environment: Environment, deliveryId: string): string | null {
    const maker = makerOfDelivery(deliveryId)
    if (!this.#ready || maker === null) return null
    return findByGatewayId(this.#sql, environment, maker)?.objectId ?? null
  }

  /** Whether he has orders on the account that were made in the time. */
  hasOrders(account: OnAccount, range: TimeRange): boolean {
    return this.#ready && hasOrders(this.#sql, account, range)
  }

  /** Those that may be on the account, the oldest first, a page behind `after`. */
  comparable(account: OnAccount, range: TimeRange, after: OrderPlace | null, limit: number): BookedOrder[] {
    if (!this.#ready) return []
    return this.#booked(account, comparableOrders(this.#sql, account, range, after, limit))
  }

  /** Those without a final word that may be on the account, whatever their age, the oldest first. */
  unknownOrders(account: OnAccount, before: number, after: OrderPlace | null, limit: number): BookedOrder[] {
    if (!this.#ready) return []
    return this.#booked(account, unknownOrders(this.ctx.storage, account, before, after, limit))
  }

  /** The wallets that such orders may be on. */
  walletsOfUnknown(before: number): string[] {
    return this.#ready ? walletsOfUnknown(this.ctx.storage, this.#merchantId(), before) : []
  }

  /** When the newest order of each environment was made, unix ms; null when there is none. */
  newestOrderAt(): Record<Environment, number | null> {
    const newest = (environment: Environment) => (this.#ready ? newestOrderAt(this.#sql, environment) : null)
    return { sandbox: newest('sandbox'), production: newest('production') }
  }

  /** Something does not add up; told again, it is known. */
  find(finding: Finding): void {
    this.#findings.add(finding)
  }

  /** Newest first. */
  findings(filter: FindingFilter): FindingPage {
    return this.#findings.list(filter)
  }

  finding(environment: Environment, id: string): ListedFinding | null {
    return this.#findings.get(environment, id)
  }

  /** Closed already, it stays as it was closed. */
  closeFinding(environment: Environment, id: string, closing: Closing): Closed {
    return this.#findings.close(environment, id, closing)
  }

  /** A reconciliation runs, or has ended: of that the merchant is told once, whenever and however often it is told here. */
  reported(report: Report): void {
    const { environment } = report
    let isNews = false
    this.ctx.storage.transactionSync(() => {
      if (!this.#ready) this.#sql.exec(SCHEMA)
      isNews = this.#reports.keep(report) && isToldOf(report)
      if (isNews) this.#events.add(environment, renderReport(report, Date.now()))
    })
    this.#ready = true
    if (!isNews) return
    this.#events.announce(environment)
    this.ctx.waitUntil(this.#events.tell())
  }

  /** Newest first. */
  reports(environment: Environment, filter: ReportFilter): ReportPage {
    return this.#reports.list(environment, filter)
  }

  report(environment: Environment, id: string): Report | null {
    return this.#reports.get(environment, id)
  }

  /** How many deliveries a replay would match. */
  countReplay(filter: ReplayFilter): number {
    return this.#ready ? this.#replays.count(filter) : 0
  }

  /** Keeps which deliveries fit now; answers how many. */
  makeReplayList(id: string, filter: ReplayFilter): number {
    return this.#ready ? this.ctx.storage.transactionSync(() => this.#replays.make(id, filter)) : 0
  }

  replayPart(id: string, environment: Environment, from: number, limit: number): Listed[] {
    return this.#replays.part(id, environment, from, limit)
  }

  dropReplayList(id: string, environment: Environment): void {
    this.#replays.drop(id, environment)
  }

  /** Orders that hold an event for this endpoint, oldest first, in batches by position. */
  heldOrders(endpointId: string, after: string | null, limit: number): Held[] {
    return this.#ready ? heldOrders(this.#sql, endpointId, after, limit) : []
  }

  /** How many events each endpoint holds; those that hold none are left out. */
  heldCounts(): Record<string, number> {
    return this.#ready ? heldCounts(this.#sql) : {}
  }

  /**
   * The watchdog: wakes orders that should have woken before `dueBefore` (unix ms). Answers how many. After that,
   * what the feed keeps no longer goes, and days that are over are summed up. Old orders are folded in the background:
   * the cron asks one book after the other.
   */
  async wakeOverdue(dueBefore: number): Promise<number> {
    if (!this.#ready) return 0
    const orders = await this.#watchdog.wakeOverdue(dueBefore)
    if (orders > 0) measure(this.env.METRICS, { fact: 'woken', merchant: this.#merchantId(), orders })
    await this.#keepUp(Date.now())
    this.ctx.waitUntil(this.#retention.run(Date.now()))
    return orders
  }

  /** Never throws: orders are woken whatever becomes of the feed. */
  async #keepUp(now: number): Promise<void> {
    try {
      this.#watchdog.moveMark(now)
      this.#feed.forget(now)
      this.#reports.forget(now)
      this.#summaries.make(now)
      await this.#events.tell()
      this.#measureSize(now)
    } catch (error) {
      logError('book.keep_up', error)
    }
  }

  #booked(account: OnAccount, rows: readonly ComparableRow[]): BookedOrder[] {
    return rows.map((row) => booked(row, this.#merchantId(), account))
  }

  #measureSize(now: number): void {
    if (now - this.#measuredAt < MEASURE_EVERY_MS) return
    this.#measuredAt = now
    const bytes = this.#sql.databaseSize
    measure(this.env.METRICS, { fact: 'book', merchant: this.#merchantId(), bytes })
  }

  #merchantId(): string {
    const { name } = this.ctx.id
    if (name === undefined) throw new Error('a book is reached by the id of its merchant')
    return name
  }

  /** Each event has made a version of the order: those up to the known one are in the feed. Answers where all are. */
  #recordEvents(
    { environment, objectId, events, deliveries }: BookEntry,
    known: Known | null,
  ): EventPositions {
    const positions: Record<string, number> = { ...known?.positions }
    for (const event of events) {
      const told = { objectId, deliveries: deliveries.filter(({ eventId }) => eventId === event.id) }
      const position = positions[event.stateVersion]
      if (position !== undefined) this.#feed.update(environment, position, event, told)
      else if (event.stateVersion > (known?.stateVersion ?? 0)) {
        positions[event.stateVersion] = this.#feed.add(environment, event, told)
      }
    }
    return positions
  }
}
