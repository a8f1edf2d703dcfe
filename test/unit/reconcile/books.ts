/** A provider account and our books, both plain data that a test may damage, behind the ports of a reconciliation. */
import type { OrderPlace } from '../../../src/merchant/order-row'
import type { Evidence } from '../../../src/order/history'
import type { Status, Topup } from '../../../src/order/state'
import { timedId } from '../../../src/order/timed-id'
import type { ListedTopup, ListPage } from '../../../src/provider/classify'
import type { Movement, StatementPage } from '../../../src/provider/movement'
import { refOwner } from '../../../src/provider/ownership'
import { advance } from '../../../src/reconcile/advance'
import type { Finding } from '../../../src/reconcile/finding'
import type { OurOrder } from '../../../src/reconcile/ours'
import type { Ports } from '../../../src/reconcile/ports'
import type { Wanted } from '../../../src/reconcile/reconciler-calls'
import type { Trigger } from '../../../src/reconcile/report'
import { newRun, passOver, type Run } from '../../../src/reconcile/run'
import type { Window } from '../../../src/reconcile/whole'

type Draft<T> = { -readonly [K in keyof T]: T[K] }
export type Row = Draft<ListedTopup> & { createdAt: number }
export type Ours = Draft<OurOrder>

export const NOON = Date.UTC(2026, 10, 25, 12)
const MINUTE = 60_000
const PAGE = 100
const PRICE = 0.96
const CENTIMES = 100

const EVIDENCE: Evidence = {
  ...{ at: NOON, durationMs: 1, method: 'GET', path: '/v3/mobile/list', sent: null, httpStatus: 200 },
  ...{ failure: null, received: '', receivedBytes: 0, sha256: null },
}

export class Books {
  now = NOON
  /** The provider's clock less ours. */
  skewMs = 0
  rows: Row[] = []
  movements: Draft<Movement>[] = []
  /** The orders themselves, by merchant and ref. */
  readonly orders = new Map<string, Ours>()
  /** The index: what the book shows of each. */
  index: Ours[] = []
  readonly found: { merchantId: string | null; finding: Finding }[] = []
  readonly rebooked: string[] = []
  wallet = 'operator'
  pages = 0
  looks = 0
  /** Replaces an answer of the provider. */
  onList: (page: ListPage, asked: { window: Window; page: number; count: number }) => ListPage | null = (
    page,
  ) => page
  onStatement: (page: StatementPage) => StatementPage | null = (page) => page
  onLook: (ref: string) => 'none' | 'fails' | null = () => null
  #balance = 100_000_000
  #count = 0

  /** A top-up made `minutes` before noon, known to both sides, with its money. Answers the three of them. */
  add(
    minutes: number,
    { status = 'FULFILLED', merchantId = 'shop', ref, ...change }: Partial<Ours> = {},
  ): { row: Row; order: Ours; debit: Draft<Movement>; credit: Draft<Movement> | null } {
    const number = ++this.#count
    const createdAt = this.now - minutes * MINUTE + number
    const madeAt = createdAt + 300 + this.skewMs
    const id = timedId(number.toString(16).padStart(16, '0'), madeAt)
    const name = ref ?? `r${number}`
    const isFinal = status === 'FULFILLED' || status === 'REFUNDED'
    const order: Ours = {
      objectId: number.toString(16).padStart(64, '0'),
      merchantId,
      environment: 'production',
      ref: name,
      upstreamRef: `${merchantId}.${name}`,
      createdAt,
      revision: 3,
      topupId: id,
      providerId: id,
      phase: isFinal ? 'settled' : status === 'UNKNOWN_ERROR' ? 'unknown' : 'tracking',
      status,
      planCode: 'PREPAID_MOBILIS',
      msisdn: `0661${String(number).padStart(6, '0')}`,
      amountDzd: 500,
      askedDzd: 500,
      settledAt: isFinal ? createdAt + 20_000 : null,
      ...change,
    }
    const row = rowOf(order, id, madeAt, status)
    this.rows.push(row)
    const debit = this.move(id, madeAt, -500 * PRICE)
    const credit = status === 'REFUNDED' ? this.move(id, madeAt + 20_000, 500 * PRICE) : null
    this.orders.set(keyOf(order), order)
    this.index.push({ ...order })
    return { row, order, debit, credit }
  }

  /** Money that came or went; `dzd` is negative when it went. */
  move(
    topupId: string | null,
    at: number,
    dzd: number,
    type = dzd < 0 ? 'FLEXY' : 'REFUND-FLEXY',
  ): Draft<Movement> {
    const beforeCentimes = this.#balance
    this.#balance += Math.round(dzd * CENTIMES)
    const movement: Draft<Movement> = {
      id: `t${this.movements.length}`,
      type,
      topupId,
      at,
      beforeCentimes,
      afterCentimes: this.#balance,
      note: '',
    }
    this.movements.push(movement)
    return movement
  }

  /** The order changes, and its row in the book with it. */
  change(order: Ours, change: Partial<Ours>): void {
    Object.assign(order, change)
    const row = this.index.find(({ objectId }) => objectId === order.objectId)
    if (row !== undefined) Object.assign(row, change)
  }

  /** What was found, the kinds with the refs. */
  get told(): string[] {
    return this.found.map(({ finding }) => `${finding.kind} ${finding.ref}`).sort()
  }

  ports(): Ports {
    return {
      accountOwner: this.wallet === 'operator' ? null : this.wallet.slice('own:'.length),
      owner: (shown) => refOwner(this.wallet, shown),
      now: () => this.now,
      random: () => 0,
      dynamicPlans: () => Promise.resolve(new Set(['prepaid_mobilis'])),
      list: (window, number) => {
        const page = this.#list(window, number)
        return Promise.resolve(page && { page, evidence: EVIDENCE })
      },
      statement: (window, page) => Promise.resolve(this.#statement(window, page)),
      look: (ref) => Promise.resolve(this.#look(ref)),
      topup: (id) => Promise.resolve(this.rows.find((row) => row.id === id) ?? 'none'),
      merchants: (from, to) =>
        Promise.resolve([...new Set(this.#inTime(from, to).map(({ merchantId }) => merchantId))].sort()),
      rows: (merchantId, { from, to }, after, limit) =>
        Promise.resolve(page(this.#inTime(from, to), merchantId, after, limit)),
      unknown: (merchantId, before, after, limit) => {
        const unknown = this.#inTime(0, before).filter(({ phase }) => phase === 'unknown')
        return Promise.resolve(page(unknown, merchantId, after, limit))
      },
      order: (merchantId, ref) => Promise.resolve(copy(this.orders.get(keyOf({ merchantId, ref })))),
      observe: ({ objectId }, { outcome }) =>
        Promise.resolve(outcome.kind === 'found' ? this.#observe(objectId, outcome.topup) : null),
      rebook: (objectId) => {
        this.rebooked.push(objectId)
        return Promise.resolve()
      },
      find: (merchantId, finding) => {
        if (!this.found.some((one) => one.finding.id === finding.id)) this.found.push({ merchantId, finding })
        return Promise.resolve()
      },
    }
  }

  /** To its end; a part that is blocked three times is passed over. */
  async reconcile(wanted: Partial<Wanted> & { trigger?: Trigger } = {}): Promise<Run> {
    const window = { from: this.now - 60 * MINUTE, to: this.now }
    const asked: Wanted = {
      merchantId: null,
      environment: 'production',
      checkIndex: 'sample',
      ...window,
      ...wanted,
    }
    let run = newRun('rec_1', asked, wanted.trigger ?? 'demand', this.now)
    for (let blocked = 0; !run.isOver; ) {
      // Between two parts it is stored.
      const next = await advance(JSON.parse(JSON.stringify(run)), this.ports())
      run = next.run
      blocked = next.blockedBy === null ? 0 : blocked + 1
      if (blocked < 3) continue
      run = passOver(run, next.blockedBy ?? '')
      blocked = 0
    }
    return run
  }

  #inTime(from: number, to: number): Ours[] {
    return this.index.filter(({ createdAt }) => createdAt >= from && createdAt < to)
  }

  #list(window: Window, number: number): ListPage | null {
    this.pages++
    const inside = this.rows
      .filter(({ createdAt }) => createdAt >= window.from && createdAt <= window.to)
      .sort((a, b) => b.createdAt - a.createdAt)
    const answer: ListPage = {
      topups: inside.slice((number - 1) * PAGE, number * PAGE),
      page: number,
      totalPages: Math.ceil(inside.length / PAGE),
      totalResults: inside.length,
      writtenAt: this.now + this.skewMs,
    }
    return this.onList(answer, { window, page: number, count: this.pages })
  }

  #statement(window: Window, number: number): StatementPage | null {
    this.pages++
    const inside = this.movements
      .filter(({ at }) => at >= window.from && at <= window.to)
      .sort((a, b) => b.at - a.at)
    return this.onStatement({
      movements: inside.slice((number - 1) * PAGE, number * PAGE),
      page: number,
      totalPages: Math.ceil(inside.length / PAGE),
      totalResults: inside.length,
    })
  }

  #look(ref: string): Awaited<ReturnType<Ports['look']>> {
    this.looks++
    const told = this.onLook(ref)
    if (told === 'fails') {
      return { outcome: { kind: 'no_answer', reason: 'timeout', retryAfterSeconds: null }, evidence: [] }
    }
    const topup = told === 'none' ? undefined : this.rows.find((row) => row.ref === ref)
    return { outcome: topup === undefined ? { kind: 'not_found' } : { kind: 'found', topup }, evidence: [] }
  }

  /** As an order learns from a look-up. */
  #observe(objectId: string, topup: Topup): Ours | null {
    const order = Array.from(this.orders.values()).find((one) => one.objectId === objectId)
    if (order === undefined) return null
    const isFinal = topup.status === 'FULFILLED' || topup.status === 'REFUNDED'
    const isOpen = topup.status === 'PENDING' || topup.status === 'HANDLING'
    const phase = isFinal ? 'settled' : isOpen ? 'tracking' : 'unknown'
    const status: Status = isFinal || isOpen ? (topup.status as Status) : 'UNKNOWN_ERROR'
    this.change(order, {
      phase,
      status,
      providerId: topup.id,
      revision: order.revision + 1,
      settledAt: this.now,
    })
    return copy(order)
  }
}

/** As from another object: what is told does not change afterwards. */
function copy(order: Ours | undefined): Ours | null {
  return order === undefined ? null : { ...order }
}

export function rowOf(order: Ours, id: string, createdAt: number, status: string): Row {
  return {
    id,
    ref: order.upstreamRef,
    status,
    planCode: order.planCode,
    msisdn: order.msisdn,
    topupAmountDzd: order.amountDzd,
    balanceAmountDzd: status === 'REFUNDED' ? 0 : order.amountDzd * PRICE,
    refundMessage: null,
    suggestedOffers: null,
    createdAt,
    json: '{}',
  }
}

export function keyOf({ merchantId, ref }: { readonly merchantId: string; readonly ref: string }): string {
  return `${merchantId}\n${ref}`
}

function page(orders: readonly Ours[], merchantId: string, after: OrderPlace | null, limit: number): Ours[] {
  return orders
    .filter((order) => order.merchantId === merchantId && (after === null || isBehind(order, after)))
    .sort((a, b) => a.createdAt - b.createdAt)
    .slice(0, limit)
    .map((order) => ({ ...order }))
}

function isBehind(order: Ours, { createdAt, objectId }: OrderPlace): boolean {
  return order.createdAt > createdAt || (order.createdAt === createdAt && order.objectId > objectId)
}
