/**
 * What is durable of an order: one record and one alarm, written together. Everything else in the object
 * may vanish at any moment.
 */
import { log } from '../platform/log'
import { measure } from '../platform/metrics'
import { doubtMs } from './history'
import { alarmAt } from './schedule'
import type { Order } from './state'

const RECORD = 'order'
/** An alarm set for now or earlier has been seen to be lost by the platform. */
const MIN_AHEAD_MS = 1_000

export class Keeper {
  readonly #storage: DurableObjectStorage
  readonly #metrics: AnalyticsEngineDataset
  #record: Order | null
  /** The pending alarm as far as this instance knows; null when there is none or it is not known. */
  #alarm: number | null = null

  constructor(storage: DurableObjectStorage, metrics: AnalyticsEngineDataset) {
    this.#storage = storage
    this.#metrics = metrics
    const kept = storage.kv.get<Order>(RECORD)
    // Records of an earlier version lack what came since.
    this.#record = kept === undefined ? null : { ...kept, expected: kept.expected ?? null }
  }

  /** Null when the order was never sent, or was refused. */
  get record(): Order | null {
    return this.#record
  }

  get alarm(): number | null {
    return this.#alarm
  }

  /** For code that runs only while there is an order. */
  mustHave(): Order {
    if (this.#record === null) throw new Error('this order has no record')
    return this.#record
  }

  /** Record and alarm are durable together or not at all; the answer goes out only after them. */
  commit(next: Order, now: number): void {
    const record: Order = { ...next, revision: next.revision + 1 }
    const wanted = alarmAt(record, now)
    this.#storage.transactionSync(() => {
      this.#storage.kv.put(RECORD, record)
      if (wanted !== null) this.arm(wanted)
    })
    const before = this.#record
    this.#record = record
    if (before?.phase !== record.phase || before.status !== record.status) tell('order.state', record)
    if (before !== null && before.flag !== record.flag) tell('order.flagged', record)
    this.#measure(before, record, now)
  }

  /** For what may be forgotten: costs no written row. */
  remember(next: Order): void {
    this.#record = next
  }

  /** Leaves nothing behind but a line in the log: the ref is free. */
  async erase(refused: Order): Promise<void> {
    this.#record = null
    this.#alarm = null
    await this.#storage.deleteAll()
    tell('order.refused', refused)
  }

  /** Wakes the object at `at` or sooner. Each alarm written costs a row, so an earlier one stays. */
  arm(at: number): void {
    const now = Date.now()
    if (this.#alarm !== null && this.#alarm > now && this.#alarm <= at) return
    this.#alarm = Math.max(at, now + MIN_AHEAD_MS)
    void this.#storage.setAlarm(this.#alarm)
  }

  /** The alarm has fired: there is none now. */
  fired(): void {
    this.#alarm = null
  }

  /** Whatever the record still waits for has an alarm after this. */
  rearm(now: number): void {
    const wanted = this.#record === null ? null : alarmAt(this.#record, now)
    if (wanted !== null) this.arm(wanted)
  }

  #measure(before: Order | null, after: Order, now: number): void {
    const of = subject(after)
    const { status, submissions, createdAt } = after
    if (after.phase === 'settled' && before?.phase !== 'settled') {
      const times = { sinceSendMs: now - createdAt, doubtMs: doubtMs(after.history, now) }
      measure(this.#metrics, { fact: 'settled', ...of, status, submissions, ...times })
    } else if (before?.phase === 'settled' && before.status !== status) {
      const sinceFinalMs = now - (before.settledAt ?? now)
      measure(this.#metrics, { fact: 'reversed', ...of, status, sinceFinalMs })
    }
    if (before !== null && before.flag !== after.flag) {
      measure(this.#metrics, { fact: 'flagged', ...of, sinceSendMs: now - createdAt })
    }
  }

  /** A pending alarm in the past never comes: sets it anew. */
  async heal(now: number): Promise<void> {
    const pending = await this.#storage.getAlarm()
    this.#alarm = pending !== null && pending > now ? pending : null
    const wanted = this.#record === null ? null : alarmAt(this.#record, now)
    if (this.#alarm === null && wanted !== null) this.arm(now)
  }
}

/** Whose it is, as the metrics name it. */
function subject({ intent }: Order) {
  return { merchant: intent.merchantId, environment: intent.environment, plan: intent.request.planCode }
}

function tell(
  event: string,
  { intent, gatewayId, phase, status, stateVersion, submissions, flag }: Order,
): void {
  log(event, {
    order: gatewayId,
    merchant: intent.merchantId,
    environment: intent.environment,
    phase,
    status,
    state_version: stateVersion,
    submissions,
    flag: flag?.reason ?? null,
  })
}
