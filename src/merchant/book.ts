/**
 * The Durable Object that indexes one merchant's orders and deliveries. It is a copy: the order objects
 * are the truth, and tell it after each commit that matters. It finds orders by id, finds those whose time
 * has passed, and lists deliveries. Tables are made by the first order, never by a reader.
 */
import { DurableObject } from 'cloudflare:workers'
import { type Env, orderById } from '../env'
import { deliveryPosition } from '../order/delivery-id'
import type { Delivery, Environment, EventType, Phase, Status } from '../order/state'
import type { TopupView } from '../order/view'
import { logError } from '../platform/log'
import { type DeliveryView, deliveryView } from './delivery-view'
import { EventFeed, FEED_SCHEMA, type FeedEvent, type FeedPage, type FeedRequest } from './event-feed'
import { type Finding, type FindingFilter, Findings, type ListedFinding } from './findings'
import { type MovementPage, movements } from './movements'
import { type PageRequest, type TopupPage, Walks } from './order-pages'
import type { OrderFilter, OrderPlace } from './order-row'
import { findById, type OrderPage, searchOrders } from './order-search'
import type { ReplayFilter } from './replay'
import { type Listed, ReplayLists } from './replay-list'
import { Summaries } from './summaries'

export interface BookEntry {
  readonly objectId: string
  readonly environment: Environment
  readonly ref: string
  readonly createdAt: number
  /** A lower revision never overwrites a higher one. */
  readonly revision: number
  readonly topupId: string
  /** Only where it is not the id that the merchant knows. */
  readonly providerId: string | null
  readonly phase: Phase
  readonly status: Status
  readonly stateVersion: number
  readonly planCode: string
  readonly msisdn: string
  /** Face value; 0 while nobody has said it. */
  readonly topupAmountDzd: number
  /** What was seen to be taken from an account that he shares, refunded or not; null when never seen. */
  readonly chargedDzd: number | null
  /** The object as the merchant is shown it in lists. */
  readonly topup: TopupView
  readonly settledAt: number | null
  readonly dueAt: number | null
  /** All that it ever had. */
  readonly events: readonly (FeedEvent & { readonly stateVersion: number })[]
  readonly deliveries: readonly BookDelivery[]
}

type BookDelivery = Delivery & { readonly eventType: EventType }

export interface DeliveryFilter {
  readonly environment: Environment
  readonly state: string | null
  readonly endpointId: string | null
  readonly ref: string | null
  readonly limit: number
  /** The `position` of the last item of the page before; null for the newest. */
  readonly before: string | null
}

/** Orders woken in one run of the watchdog; the next minute goes on. */
const WAKE_BATCH = 200
/** The platform allows six open connections per object run. */
const PARALLEL_WAKES = 6

/**
 * Rows written are the largest cost of an order, so there are only the indexes that a promise needs.
 * Clustered by time of creation, which the order never changes: listing and updating need no index.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS orders (
    environment TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    object_id TEXT NOT NULL,
    ref TEXT NOT NULL,
    booked INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    topup_id TEXT NOT NULL,
    provider_id TEXT,
    phase TEXT NOT NULL,
    status TEXT NOT NULL,
    state_version INTEGER NOT NULL,
    plan_code TEXT NOT NULL,
    msisdn TEXT NOT NULL,
    topup_amount_dzd INTEGER NOT NULL,
    charged_dzd REAL,
    topup TEXT NOT NULL,
    settled_at INTEGER,
    due_at INTEGER,
    PRIMARY KEY (environment, created_at, object_id)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS orders_by_topup ON orders (topup_id);
  CREATE INDEX IF NOT EXISTS orders_by_provider ON orders (provider_id) WHERE provider_id IS NOT NULL;
  CREATE INDEX IF NOT EXISTS orders_due ON orders (due_at) WHERE due_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS deliveries (
    environment TEXT NOT NULL,
    position TEXT NOT NULL,
    ref TEXT NOT NULL,
    object_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    endpoint_id TEXT NOT NULL,
    state TEXT NOT NULL,
    delivery TEXT NOT NULL,
    PRIMARY KEY (environment, position)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS deliveries_held ON deliveries (endpoint_id, position) WHERE state = 'held';
`

export class Book extends DurableObject<Env> {
  readonly #sql: SqlStorage
  readonly #walks: Walks
  readonly #feed: EventFeed
  readonly #summaries: Summaries
  readonly #replays: ReplayLists
  readonly #findings: Findings
  #ready: boolean
  /** Numbers the orders as they come in. */
  #booked: number

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#sql = ctx.storage.sql
    this.#walks = new Walks(this.#sql)
    this.#feed = new EventFeed(ctx.storage)
    this.#summaries = new Summaries(env, ctx.storage, this.#feed, () => this.#merchantId())
    this.#replays = new ReplayLists(this.#sql)
    this.#findings = new Findings(this.#sql)
    this.#ready = this.#sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'deliveries'").toArray().length > 0
    this.#booked = Math.max(Date.now() * 1_000, this.#ready ? latestBooked(this.#sql) : 0)
  }

  /** Keeps the newest state of an order and of its deliveries, in one transaction. */
  record(entry: BookEntry): void {
    let news: readonly FeedEvent[] = []
    this.ctx.storage.transactionSync(() => {
      if (!this.#ready) this.#sql.exec(SCHEMA + FEED_SCHEMA)
      const told = this.#stateVersion(entry)
      if (!this.#recordOrder(entry)) return
      for (const delivery of entry.deliveries) this.#recordDelivery(entry, delivery)
      // Each event has made a version of the order: those up to the known one are in the feed.
      news = entry.events.filter(({ stateVersion }) => stateVersion > told)
      this.#feed.add(entry.environment, news)
    })
    this.#ready = true
    if (news.length > 0) this.#feed.announce(entry.environment)
  }

  /** The ref of the order with this top-up id, the merchant's or the provider's; null when unknown. */
  refOf(environment: Environment, id: string): string | null {
    return this.#ready ? (findById(this.#sql, environment, id)?.ref ?? null) : null
  }

  /** Newest first. */
  orders(filter: OrderFilter, before: OrderPlace | null, limit: number): OrderPage {
    return this.#ready ? searchOrders(this.#sql, filter, before, limit) : { items: [], next: null }
  }

  /** A numbered page of the merchant's top-ups, newest first. */
  page(request: PageRequest): TopupPage {
    return this.#ready ? this.#walks.page(request, this.#booked, Date.now()) : { items: [], totalResults: 0 }
  }

  /** What his orders took from an account that he shares, and what came back, newest first. */
  movements(request: Omit<PageRequest, 'walker'>): MovementPage {
    return this.#ready ? movements(this.#sql, request) : { items: [], totalResults: 0 }
  }

  /** Oldest first, as they were booked; waits for one when there is none. */
  events(request: FeedRequest): Promise<FeedPage> {
    return this.#feed.read(request, () => this.#ready)
  }

  /** Newest first. */
  deliveries(filter: DeliveryFilter): { items: DeliveryView[]; next: string | null } {
    if (!this.#ready) return { items: [], next: null }
    const rows = this.#sql
      .exec<DeliveryRow>(
        `SELECT position, ref, event_type, delivery FROM deliveries
         WHERE environment = ?1 AND (?2 IS NULL OR position < ?2) AND (?3 IS NULL OR state = ?3)
           AND (?4 IS NULL OR endpoint_id = ?4) AND (?5 IS NULL OR ref = ?5)
         ORDER BY position DESC LIMIT ?6`,
        filter.environment,
        filter.before,
        filter.state,
        filter.endpointId,
        filter.ref,
        filter.limit + 1,
      )
      .toArray()
    const page = rows.slice(0, filter.limit)
    return {
      items: page.map(({ delivery, ref, event_type }) => deliveryView(JSON.parse(delivery), ref, event_type)),
      next: rows.length > page.length ? (page.at(-1)?.position ?? null) : null,
    }
  }

  /** The object of the order that makes this delivery; null when there is none such. */
  orderOfDelivery(environment: Environment, deliveryId: string): string | null {
    const position = deliveryPosition(deliveryId)
    if (!this.#ready || position === null) return null
    const [row] = this.#sql
      .exec<{ objectId: string }>(
        'SELECT object_id AS objectId FROM deliveries WHERE environment = ?1 AND position = ?2',
        environment,
        position,
      )
      .toArray()
    return row?.objectId ?? null
  }

  /** Something does not add up; told again, it is known. */
  find(finding: Finding): void {
    this.#findings.add(finding)
  }

  /** Newest first. */
  findings(filter: FindingFilter): { items: ListedFinding[]; next: string | null } {
    return this.#findings.list(filter)
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
  heldOrders(
    endpointId: string,
    after: string | null,
    limit: number,
  ): { objectId: string; position: string }[] {
    if (!this.#ready) return []
    return this.#sql
      .exec<{ objectId: string; position: string }>(
        `SELECT object_id AS objectId, position FROM deliveries
         WHERE endpoint_id = ?1 AND state = 'held' AND (?2 IS NULL OR position > ?2)
         ORDER BY position LIMIT ?3`,
        endpointId,
        after,
        limit,
      )
      .toArray()
  }

  /** How many events each endpoint holds; those that hold none are left out. */
  heldCounts(): Record<string, number> {
    if (!this.#ready) return {}
    const rows = this.#sql.exec<{ endpointId: string; held: number }>(
      `SELECT endpoint_id AS endpointId, COUNT(*) AS held FROM deliveries WHERE state = 'held' GROUP BY endpoint_id`,
    )
    return Object.fromEntries(rows.toArray().map(({ endpointId, held }) => [endpointId, held]))
  }

  /**
   * The watchdog: wakes orders that should have woken before `dueBefore` (unix ms). Answers how many. After that,
   * what the feed keeps no longer goes, and days that are over are summed up.
   */
  async wakeOverdue(dueBefore: number): Promise<number> {
    if (!this.#ready) return 0
    const overdue = this.#sql
      .exec<OverdueRow>(
        `SELECT environment, created_at AS createdAt, object_id AS objectId FROM orders
         WHERE due_at < ?1 ORDER BY due_at LIMIT ?2`,
        dueBefore,
        WAKE_BATCH,
      )
      .toArray()
    for (let start = 0; start < overdue.length; start += PARALLEL_WAKES) {
      await Promise.all(overdue.slice(start, start + PARALLEL_WAKES).map((row) => this.#wake(row)))
    }
    await this.#keepFeed(Date.now())
    return overdue.length
  }

  /** Never throws: orders are woken whatever becomes of the feed. */
  async #keepFeed(now: number): Promise<void> {
    try {
      this.#feed.forget(now)
      this.#summaries.make(now)
      await this.#summaries.tell()
    } catch (error) {
      logError('book.feed', error)
    }
  }

  #merchantId(): string {
    const { name } = this.ctx.id
    if (name === undefined) throw new Error('a book is reached by the id of its merchant')
    return name
  }

  async #wake({ environment, createdAt, objectId }: OverdueRow): Promise<void> {
    try {
      const wakesAt = await orderById(this.env, objectId).wake()
      this.#sql.exec(
        `UPDATE orders SET due_at = ?1 WHERE environment = ?2 AND created_at = ?3 AND object_id = ?4`,
        wakesAt,
        environment,
        createdAt,
        objectId,
      )
    } catch (error) {
      logError('book.wake', error) // it stays overdue: the next minute tries again
    }
  }

  /** Of the order as it is kept; 0 when it is not. */
  #stateVersion({ environment, createdAt, objectId }: BookEntry): number {
    const [row] = this.#sql
      .exec<{ known: number }>(
        'SELECT state_version AS known FROM orders WHERE environment = ?1 AND created_at = ?2 AND object_id = ?3',
        environment,
        createdAt,
        objectId,
      )
      .toArray()
    return row?.known ?? 0
  }

  /** False when a newer revision is here already. */
  #recordOrder(entry: BookEntry): boolean {
    this.#booked = Math.max(this.#booked + 1, Date.now() * 1_000)
    const written = this.#sql.exec(
      `INSERT INTO orders (environment, created_at, object_id, ref, booked, revision, updated_at, topup_id, provider_id,
         phase, status, state_version, plan_code, msisdn, topup_amount_dzd, charged_dzd, topup, settled_at, due_at)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
       ON CONFLICT DO UPDATE SET revision = ?6, updated_at = ?7, provider_id = ?9, phase = ?10, status = ?11,
         state_version = ?12, topup_amount_dzd = ?15, charged_dzd = ?16, topup = ?17, settled_at = ?18, due_at = ?19
       WHERE excluded.revision > revision
       RETURNING 1`,
      entry.environment,
      entry.createdAt,
      entry.objectId,
      entry.ref,
      this.#booked,
      entry.revision,
      Date.now(),
      entry.topupId,
      entry.providerId,
      entry.phase,
      entry.status,
      entry.stateVersion,
      entry.planCode,
      entry.msisdn,
      entry.topupAmountDzd,
      entry.chargedDzd,
      JSON.stringify(entry.topup),
      entry.settledAt,
      entry.dueAt,
    )
    return written.toArray().length > 0
  }

  /** Unchanged deliveries are not written again. */
  #recordDelivery(entry: BookEntry, { eventType, ...delivery }: BookDelivery): void {
    this.#sql.exec(
      `INSERT INTO deliveries (environment, position, ref, object_id, event_type, endpoint_id, state, delivery)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
       ON CONFLICT DO UPDATE SET endpoint_id = ?6, state = ?7, delivery = ?8 WHERE excluded.delivery <> delivery`,
      entry.environment,
      deliveryPosition(delivery.id),
      entry.ref,
      entry.objectId,
      eventType,
      delivery.endpointId,
      delivery.state,
      JSON.stringify(delivery),
    )
  }
}

/** Of the newest orders: a clock that steps back after an eviction must not hide them. */
function latestBooked(sql: SqlStorage): number {
  const { latest } = sql
    .exec<{ latest: number | null }>(
      `SELECT MAX(booked) AS latest FROM (
         SELECT booked FROM (SELECT booked FROM orders WHERE environment = 'sandbox' ORDER BY created_at DESC LIMIT 1000)
         UNION ALL
         SELECT booked FROM (SELECT booked FROM orders WHERE environment = 'production' ORDER BY created_at DESC LIMIT 1000))`,
    )
    .one()
  return latest ?? 0
}

interface DeliveryRow extends Record<string, SqlStorageValue> {
  position: string
  ref: string
  event_type: string
  delivery: string
}

interface OverdueRow extends Record<string, SqlStorageValue> {
  environment: string
  createdAt: number
  objectId: string
}
