/**
 * The Durable Object of one order: load, decide (machine.ts), persist together with the alarm, then act.
 * No rule about money is in here. The record is the only storage; an order that was never sent has none.
 */
import { DurableObject } from 'cloudflare:workers'
import { bookOf, type Env, walletByName } from '../env'
import type { StatusPageView } from '../pages/status-page'
import { equalSecrets, randomHex } from '../platform/crypto'
import { log, logError } from '../platform/log'
import type { Tracked } from '../provider/wallet'
import { drain } from './courier'
import { bookEntry } from './entry'
import { PAGE_SECRET_BYTES, statusToken } from './link'
import * as machine from './machine'
import { hasOpenDeliveries } from './outbox'
import { ALARM_SLACK_MS, alarmAt, isWatchedByWallet, nextLookAt } from './schedule'
import type { Intent, LookOutcome, Order as OrderRecord, Refusal, SubmitOutcome, TopupRequest } from './state'
import { callbackState, type Snapshot, topupView } from './view'

export type SendAnswer =
  | { readonly kind: 'sent'; readonly snapshot: Snapshot; readonly replayed: boolean }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** The ref is taken by a send with another body. */
  | { readonly kind: 'conflict'; readonly snapshot: Snapshot; readonly fields: readonly string[] }

const RECORD = 'order'
/** The wallet answers sooner; when it does not, the merchant gets his answer all the same. */
const WALLET_DEADLINE_MS = 11_000
const BOOK_RETRY_MS = 30_000
/** A wallet that is this late with a look-up has forgotten the order. */
const LATE_LOOK_MS = 5_000
/** The provider's list is searched from a little before the first send: its clock is not ours. */
const CLOCK_SKEW_MS = 5 * 60_000

interface Sending {
  readonly request: TopupRequest
  /** Null when the send was not refused. */
  readonly concluded: Promise<Refusal | null>
}

export class Order extends DurableObject<Env> {
  #record: OrderRecord | null
  #sending: Sending | null = null
  /** The pending alarm as far as this instance knows; null when none or not known. */
  #alarm: number | null = null
  #nextLookAt: number | null = null
  #bookedRevision = 0
  #acting: Promise<void> | null = null
  #actAgain = false

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#record = ctx.storage.kv.get<OrderRecord>(RECORD) ?? null
  }

  /** One `ref` is at most one top-up: the first send goes out, the others wait for it and share its answer. */
  async send(intent: Intent): Promise<SendAnswer> {
    while (this.#sending !== null) {
      const { request, concluded } = this.#sending
      const refusal = await concluded
      const same = machine.differingFields(request, intent.request).length === 0
      if (refusal !== null && same) return { kind: 'refused', refusal }
    }
    const existing = this.#current()
    if (existing === null) return this.#sendFirst(intent)
    const fields = machine.differingFields(existing.intent.request, intent.request)
    const snapshot = this.#snapshot(existing)
    return fields.length > 0 ? { kind: 'conflict', snapshot, fields } : { kind: 'sent', snapshot, replayed: true }
  }

  /** Null when there is no such order. Waits for a send under way, so that what it tells is never taken back. */
  async status(): Promise<Snapshot | null> {
    await this.#sending?.concluded
    const record = this.#current()
    return record === null ? null : this.#snapshot(record)
  }

  /** What the customer's page shows; null for a wrong secret. */
  async page(secret: string): Promise<StatusPageView | null> {
    const snapshot = await this.status()
    const record = this.#record
    if (snapshot === null || record === null || !(await equalSecrets(secret, record.pageSecret))) return null
    return {
      status: record.status,
      final: snapshot.final,
      amountDzd: snapshot.topup.topup_amount || null,
      msisdn: record.intent.request.msisdn,
      createdAt: record.createdAt,
      settledAt: record.settledAt,
      nextCheckAt: snapshot.nextCheckAt,
      refundMessage: record.seen?.refundMessage ?? null,
      suggestedOffers: snapshot.topup.suggested_offers ?? [],
    }
  }

  /** The wallet looked. Answers when it should look again (unix ms), null when never. */
  async observe(outcome: LookOutcome): Promise<number | null> {
    const record = this.#current()
    if (record === null) return null
    this.#learn(outcome)
    this.ctx.waitUntil(this.#act())
    return this.#nextLookAt
  }

  /**
   * The book, or an endpoint that is active again, thinks that something is due. Heals a lost alarm.
   * Answers when the order wakes by itself next (unix ms), null when all is done.
   */
  async wake(): Promise<number | null> {
    const record = this.#current()
    if (record === null) return null
    const wanted = alarmAt(record, Date.now())
    const pending = await this.ctx.storage.getAlarm()
    this.#alarm = pending !== null && pending > Date.now() ? pending : null
    if (this.#alarm === null && wanted !== null) this.#arm(Date.now())
    this.ctx.waitUntil(this.#act())
    return this.#alarm
  }

  /** Expected failures never leave this handler: seven throws in a row would erase the alarm for good. */
  override async alarm(): Promise<void> {
    this.#alarm = null
    try {
      if (this.#sending !== null) await this.#sending.concluded
      await this.#lookIfForgotten()
      await this.#act()
    } catch (error) {
      logError('order.alarm', error)
    }
    const wanted = this.#record === null ? null : alarmAt(this.#record, Date.now())
    if (wanted !== null) this.#arm(wanted)
  }

  async #sendFirst(intent: Intent): Promise<SendAnswer> {
    const now = Date.now()
    const ids = { gatewayId: randomHex(12), pageSecret: randomHex(PAGE_SECRET_BYTES) }
    this.#commit(machine.begin(intent, ids, now), now)
    const refusal = await this.#submit(intent)
    if (refusal !== null) return { kind: 'refused', refusal }
    await this.#tellBook()
    return { kind: 'sent', snapshot: this.#snapshot(this.#mustHave()), replayed: false }
  }

  /** The record says `sending`, durably; only now may a byte leave. */
  #submit(intent: Intent): Promise<Refusal | null> {
    const concluded = this.#concludeSend(intent).finally(() => {
      this.#sending = null
    })
    this.#sending = { request: intent.request, concluded }
    return concluded
  }

  async #concludeSend(intent: Intent): Promise<Refusal | null> {
    const outcome = await this.#askWallet(intent)
    const now = Date.now()
    const record = this.#mustHave()
    const next = machine.submitted(record, outcome, now)
    if (next.phase !== 'refused') {
      this.#nextLookAt = nextLookAt(next, now)
      if (next !== record) this.#commit(next, now)
      return null
    }
    // The provider never made it: the ref is free and nothing is kept.
    this.#record = null
    this.#alarm = null
    await this.ctx.storage.deleteAll()
    this.#log('order.refused', next)
    return next.refusal
  }

  async #askWallet(intent: Intent): Promise<SubmitOutcome> {
    const wallet = walletByName(this.env, intent.wallet)
    const submitted = wallet.submit(this.#tracked(intent), intent.request).catch((error: unknown) => {
      logError('order.submit', error)
      return inDoubt('wallet_failed')
    })
    const late = new AbortController()
    const timeout = scheduler
      .wait(WALLET_DEADLINE_MS, { signal: late.signal })
      .then(() => inDoubt('wallet_late'))
      .catch(() => inDoubt('wallet_late'))
    const outcome: SubmitOutcome = await Promise.race([submitted, timeout])
    late.abort()
    return outcome
  }

  #learn(outcome: LookOutcome): void {
    const now = Date.now()
    const before = this.#mustHave()
    const after = machine.aged(machine.looked(before, outcome, now), now)
    if (machine.isWorthKeeping(before, after)) this.#commit(after, now)
    else this.#record = after
    this.#nextLookAt = isWatchedByWallet(after) ? nextLookAt(after, now) : null
  }

  /** The net under the wallet's memory, and the clock of orders that wait for hours. */
  async #lookIfForgotten(): Promise<void> {
    const record = this.#current()
    if (record === null || machine.nextStep(record) !== 'look') return
    if (this.#nextLookAt !== null && Date.now() < this.#nextLookAt + LATE_LOOK_MS) return
    const wallet = walletByName(this.env, record.intent.wallet)
    const tracked = this.#tracked(record.intent)
    this.#learn(await wallet.look(tracked))
    if (this.#nextLookAt !== null) await wallet.watch(tracked, this.#nextLookAt)
  }

  /** One run at a time; a call during a run makes it go round once more. */
  #act(): Promise<void> {
    this.#actAgain = true
    this.#acting ??= this.#actUntilDone().finally(() => {
      this.#acting = null
    })
    return this.#acting
  }

  async #actUntilDone(): Promise<void> {
    while (this.#actAgain) {
      this.#actAgain = false
      await this.#proveAbsence()
      if (this.#record !== null && hasOpenDeliveries(this.#record)) {
        await drain(this.env, () => this.#mustHave(), (next) => this.#commit(next, Date.now()))
      }
      await this.#tellBook()
    }
  }

  async #proveAbsence(): Promise<void> {
    const record = this.#record
    if (record === null || this.#sending !== null || machine.nextStep(record) !== 'prove_absence') return
    const { intent } = record
    const wallet = walletByName(this.env, intent.wallet)
    const window = { from: record.createdAt - CLOCK_SKEW_MS, to: Date.now() + CLOCK_SKEW_MS }
    const verdict = await wallet.isListed(intent.upstreamRef, window)
    const now = Date.now()
    const current = this.#mustHave()
    if (verdict === 'absent') {
      this.#commit(machine.provenAbsent(current, now), now)
      this.#log('order.proven_absent', this.#mustHave())
      if (this.#mustHave().phase === 'sending') await this.#submit(intent)
      return
    }
    if (verdict === 'listed') this.#commit(machine.notAbsent(current), now)
    await wallet.watch(this.#tracked(intent), nextLookAt(this.#mustHave(), now) ?? now + LATE_LOOK_MS)
  }

  async #tellBook(): Promise<void> {
    const record = this.#record
    if (record === null || this.#bookedRevision >= record.revision) return
    try {
      const entry = bookEntry(record, this.ctx.id.toString(), alarmAt(record, Date.now()))
      await bookOf(this.env, record.intent.merchantId).record(entry)
      this.#bookedRevision = record.revision
    } catch (error) {
      logError('order.tell_book', error)
      this.#arm(Date.now() + BOOK_RETRY_MS)
    }
  }

  /** Record and alarm are durable together or not at all. */
  #commit(next: OrderRecord, now: number): void {
    const before = this.#record
    const record: OrderRecord = { ...next, revision: next.revision + 1 }
    const wanted = alarmAt(record, now)
    this.ctx.storage.transactionSync(() => {
      this.ctx.storage.kv.put(RECORD, record)
      if (wanted !== null) this.#arm(wanted)
    })
    this.#record = record
    if (before?.phase !== record.phase || before.status !== record.status) this.#log('order.state', record)
  }

  /** Each alarm written costs a row, so one that is due soon enough is left alone. */
  #arm(at: number): void {
    const now = Date.now()
    if (this.#alarm !== null && this.#alarm > now && this.#alarm <= at + ALARM_SLACK_MS) return
    this.#alarm = Math.max(at, now + 1_000)
    void this.ctx.storage.setAlarm(this.#alarm)
  }

  /** A record in `sending` without a send in memory was left by an instance that died. */
  #current(): OrderRecord | null {
    const record = this.#record
    if (record?.phase === 'sending' && this.#sending === null) {
      const now = Date.now()
      this.#commit(machine.interrupted(record, now), now)
    }
    return this.#record
  }

  #mustHave(): OrderRecord {
    if (this.#record === null) throw new Error('this order has no record')
    return this.#record
  }

  #tracked(intent: Intent): Tracked {
    return { order: this.ctx.id.toString(), upstreamRef: intent.upstreamRef }
  }

  #snapshot(record: OrderRecord): Snapshot {
    const now = Date.now()
    const waiting = machine.nextStep(record) !== 'none'
    return {
      topup: topupView(record),
      final: record.phase === 'settled',
      stateVersion: record.stateVersion,
      settledAt: record.settledAt,
      nextCheckAt: waiting ? (this.#nextLookAt ?? this.#alarm ?? nextLookAt(record, now)) : null,
      callback: callbackState(record),
      statusToken: statusToken(this.ctx.id.toString(), record.pageSecret),
    }
  }

  #log(event: string, record: OrderRecord): void {
    const { merchantId, environment } = record.intent
    const { phase, status, stateVersion, submissions } = record
    log(event, {
      order: record.gatewayId,
      merchant: merchantId,
      environment,
      phase,
      status,
      state_version: stateVersion,
      submissions,
    })
  }
}

function inDoubt(reason: string): SubmitOutcome {
  return { kind: 'in_doubt', reason, refusal: null }
}
