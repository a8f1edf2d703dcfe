/**
 * The Durable Object of one order: load, decide (machine.ts), persist (keeper.ts), then act. No rule about
 * money is in here.
 */
import { DurableObject } from 'cloudflare:workers'
import { type Env, walletByName } from '../env'
import type { EventDelivery } from '../merchant/delivery-view'
import type { StatusPageView } from '../pages/status-page'
import { equalSecrets } from '../platform/crypto'
import { logError } from '../platform/log'
import type { Told } from '../provider/oneclick'
import type { Tracked, Wish } from '../provider/watch'
import { NOT_ASKED, type Terms } from './admission'
import { Booking } from './booking'
import { type ComparableOrder, comparable } from './comparable'
import { Courier } from './courier'
import { type FoldAnswer, type FoldRequest, foldAnswer } from './fold'
import { inWords, noted } from './history'
import { Keeper } from './keeper'
import { type StatusLink, statusToken } from './link'
import * as machine from './machine'
import { hasOpenDeliveries } from './outbox'
import { Recall } from './recall'
import type { RetryRefusal } from './retry'
import { isWatchedByWallet, nextLookAt, wishOf } from './schedule'
import { Sender } from './sender'
import type { Intent, LookOutcome, Order as OrderRecord, Refusal } from './state'
import { deliveryOf } from './story'
import { pageView, type Snapshot, snapshot } from './view'

export type SendAnswer =
  | { readonly kind: 'sent'; readonly snapshot: Snapshot; readonly replayed: boolean }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** The ref is taken by a send with another body. */
  | { readonly kind: 'conflict'; readonly snapshot: Snapshot; readonly fields: readonly string[] }

export type RetryAnswer =
  | { readonly kind: 'due'; readonly delivery: EventDelivery }
  | { readonly kind: RetryRefusal; readonly reason: string; readonly endpointId: string }

/**
 * A merchant has his answer within 12 s, whatever the provider does and however long another send of his
 * ref was waited for. The wallet alone answers sooner.
 */
const SEND_WAIT_MS = 11_000
/** After another object could not be reached. Until the book knows an order, it is not found by its id. */
const RETRY_MS = 2_000
/** The wallet looks when a result is likely and tells only of news: what it was asked for is an outer bound. */
const SOON_MS = 1_000
/** The provider's list is searched from a little before the first send to after the last: its clock is not ours. */
const CLOCK_SKEW_MS = 5 * 60_000

export class Order extends DurableObject<Env> {
  readonly #kept: Keeper
  readonly #courier: Courier
  readonly #booking: Booking
  readonly #sender: Sender
  readonly #recall: Recall
  /** What the wallet was asked for last; null when it need not look. */
  #wish: Wish | null = null
  #acting: Promise<void> | null = null
  #actAgain = false

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#kept = new Keeper(ctx.storage, env.METRICS)
    this.#courier = new Courier(env, this.#kept)
    this.#booking = new Booking(env, ctx.id.toString())
    const waitUntil = (work: Promise<unknown>) => ctx.waitUntil(work)
    this.#sender = new Sender(env, this.#kept, { id: ctx.id.toString(), waitUntil })
    this.#recall = new Recall(this.#kept, this.#booking, () => this.#sender.underWay !== null)
  }

  /** One `ref` is at most one top-up: the first send goes out, the others wait for it and share its answer. */
  async send(intent: Intent, terms: Terms): Promise<SendAnswer> {
    const answerBy = Date.now() + SEND_WAIT_MS
    let isAsked = !terms.folds
    // Whatever is waited for, all is asked anew after it: nothing may come between the last question and the send.
    for (;;) {
      if (this.#sender.underWay !== null) {
        const { intent: first, concluded } = this.#sender.underWay
        const refusal = await concluded
        const same = machine.differingFields(first, intent).length === 0
        // Who says that he means it is asked for himself.
        if (refusal !== null && same && !terms.allowDuplicate) return { kind: 'refused', refusal }
        isAsked = !terms.folds
      } else if (this.#current() !== null) return this.#repeated(intent)
      else if (isAsked) return this.#sendFirst(intent, terms, answerBy)
      else if (await this.#recall.isDone(intent.merchantId)) isAsked = true
      else return { kind: 'refused', refusal: NOT_ASKED }
    }
  }

  /** There is a record: nothing is sent. */
  async #repeated(intent: Intent): Promise<SendAnswer> {
    const existing = this.#kept.mustHave()
    await this.#tellOfInterruption(existing)
    const fields = machine.differingFields(existing.intent, intent)
    const snapshot = await this.#placedSnapshot()
    return fields.length > 0
      ? { kind: 'conflict', snapshot, fields }
      : { kind: 'sent', snapshot, replayed: true }
  }

  /**
   * Null when there is no such order. Waits for a send under way, so that what it tells is never taken back. Throws when
   * there is nothing here and the merchant's book, where it may be, cannot be asked.
   */
  async status(merchantId: string): Promise<Snapshot | null> {
    return await this.#told(merchantId)
  }

  /** What the customer's page shows; null for a wrong secret. */
  async page({ pageSecret, merchantId }: StatusLink): Promise<StatusPageView | null> {
    const snapshot = await this.#told(merchantId)
    const { record } = this.#kept
    if (snapshot === null || record === null || !(await equalSecrets(pageSecret, record.pageSecret)))
      return null
    return pageView(record, snapshot.nextCheckAt)
  }

  /** Everything that is known of it; null when there is no such order. */
  async story(merchantId: string): Promise<{ snapshot: Snapshot; order: OrderRecord } | null> {
    const snapshot = await this.status(merchantId)
    const { record } = this.#kept
    return snapshot === null || record === null ? null : { snapshot, order: record }
  }

  /** One of its deliveries; null when it has none such. */
  delivery(id: string): EventDelivery | null {
    const record = this.#current()
    return record === null ? null : deliveryOf(record, id)
  }

  /** Makes it again, now; null when there is none such. `replay`: the bulk replay that asks, if one does. */
  async retry(deliveryId: string, replay: string | null): Promise<RetryAnswer | null> {
    if (this.#current() === null) return null
    const retry = await this.#courier.retry(deliveryId, replay)
    const delivery = this.delivery(deliveryId)
    if (delivery === null || retry.kind === 'unknown') return null
    if (retry.kind !== 'due') return { ...retry, endpointId: delivery.delivery.endpointId }
    this.ctx.waitUntil(this.#act())
    return { kind: 'due', delivery }
  }

  /** The wallet looked. Answers when it should look again, null when never. */
  observe(looked: Told<LookOutcome>): Wish | null {
    if (this.#current() === null) return null
    this.#learn(looked)
    this.ctx.waitUntil(this.#act())
    return this.#wish
  }

  /** The wallet calls: the turn to be sent has come. Answers at once, and then goes. */
  turn(): void {
    const record = this.#current()
    if (record?.phase !== 'queued') return
    const now = Date.now()
    this.#kept.commit(machine.called(record, now), now)
    this.ctx.waitUntil(this.#sendAgain(record.intent, now).then(() => this.#act()))
  }

  /** Whether a top-up that the provider shows under this order's ref is this order's. While no id is known, it is. */
  async owns(providerId: string, merchantId: string): Promise<boolean> {
    if (this.#current() === null) await this.#recall.from(merchantId)
    const record = this.#current()
    return record !== null && (record.providerId === null || record.providerId === providerId)
  }

  /** As it is compared with what the provider shows; null when there is no such order. */
  async comparable(merchantId: string): Promise<ComparableOrder | null> {
    if (this.#current() === null) await this.#recall.from(merchantId)
    const record = this.#current()
    return record === null ? null : comparable(record, this.ctx.id.toString())
  }

  /** What it is looked up by, and on which account; null when there is no such order. */
  tracked(): Tracked | null {
    const record = this.#current()
    return record === null ? null : this.#sender.tracked(record)
  }

  /** The book has lost its row, or an older one. Throws when the book cannot be reached. */
  async rebook(): Promise<void> {
    const record = this.#current()
    if (record !== null) await this.#booking.tellAgain(record)
  }

  /**
   * The book, or an endpoint that is active again, thinks that something is due. Heals a lost alarm.
   * Answers when the order wakes by itself next (unix ms), null when all is done.
   */
  async wake(): Promise<number | null> {
    if (this.#current() === null) return null
    await this.#kept.heal(Date.now())
    // Held deliveries have no time of their own: should this run fail, the alarm is their next chance.
    if (hasOpenDeliveries(this.#kept.mustHave())) this.#kept.arm(Date.now())
    this.ctx.waitUntil(this.#act())
    return this.#kept.alarm
  }

  /** The book would fold it. Changes nothing here: the book must have what is kept of it first. */
  fold(request: FoldRequest): FoldAnswer {
    const record = this.#current()
    if (record !== null && record.revision !== request.revision) this.ctx.waitUntil(this.#tellBook())
    return foldAnswer(record, request, this.#isBusy(), Date.now())
  }

  /**
   * The book has, durably, what this very revision was folded to. False when that is no longer all that there is to
   * know; true also where nothing was left.
   */
  async empty(request: FoldRequest): Promise<boolean> {
    const { kind } = this.fold(request)
    if (kind === 'folded') await this.#kept.empty(this.#kept.mustHave())
    return kind === 'folded' || kind === 'empty'
  }

  /** Expected failures never leave this handler: seven throws in a row would erase the alarm for good. */
  override async alarm(): Promise<void> {
    this.#kept.fired()
    try {
      await this.#sender.underWay?.concluded
      await this.#remindWallet()
    } catch (error) {
      logError('order.alarm', error)
    }
    await this.#act()
    this.#kept.rearm(Date.now())
  }

  /** `merchantId`: in whose book it may be; null when nobody knows. */
  async #told(merchantId: string | null): Promise<Snapshot | null> {
    await this.#sender.underWay?.concluded
    if (this.#current() === null && merchantId !== null) {
      await this.#recall.from(merchantId)
      await this.#sender.underWay?.concluded
    }
    const record = this.#current()
    if (record === null) return null
    await this.#tellOfInterruption(record)
    return await this.#placedSnapshot()
  }

  /** Something may be in memory that is not durable yet, or is about to happen. */
  #isBusy(): boolean {
    return this.#acting !== null || this.#courier.isBusy || this.#sender.underWay !== null
  }

  async #sendFirst(intent: Intent, terms: Terms, answerBy: number): Promise<SendAnswer> {
    const refusal = await this.#sender.first(intent, terms, answerBy)
    if (refusal !== null) return { kind: 'refused', refusal }
    this.#followUp()
    await this.#tellBook()
    return { kind: 'sent', snapshot: await this.#placedSnapshot(), replayed: false }
  }

  /** After a send that left. */
  #followUp(): void {
    const record = this.#kept.mustHave()
    this.#wish = wishOf(record, Date.now())
    // The provider had it already, and it was final.
    if (hasOpenDeliveries(record)) this.ctx.waitUntil(this.#act())
  }

  #learn({ outcome, evidence }: Told<LookOutcome>): void {
    const now = Date.now()
    const before = this.#kept.mustHave()
    const learnt = machine.aged(machine.looked(before, outcome, now, evidence.at(-1)?.at), now)
    const after = noted(learnt, { did: 'look', result: inWords(outcome), evidence }, now)
    if (machine.isWorthKeeping(before, after)) this.#kept.commit(after, now)
    else this.#kept.remember(after)
    this.#wish = wishOf(after, now)
  }

  /** The net under the wallet's memory, and the clock of orders that wait for hours. */
  async #remindWallet(): Promise<void> {
    const record = this.#current()
    if (record === null) return
    const wallet = walletByName(this.env, record.intent.wallet)
    const tracked = this.#sender.tracked(record)
    const step = machine.nextStep(record)
    if (step === 'await_turn') await wallet.standInLine(tracked.order)
    if (step !== 'look') return
    if (!isWatchedByWallet(record)) return this.#learn(await wallet.look(tracked))
    this.#wish ??= wishOf(record, Date.now())
    await wallet.watch(tracked, this.#wish)
  }

  /** One run at a time; a call during a run makes it go round once more. */
  #act(): Promise<void> {
    this.#actAgain = true
    this.#acting ??= this.#actUntilDone().finally(() => {
      this.#acting = null
    })
    return this.#acting
  }

  /** Never throws: what fails here is tried again by the alarm. */
  async #actUntilDone(): Promise<void> {
    while (this.#actAgain) {
      this.#actAgain = false
      try {
        await this.#proveAbsence()
        await this.#callBack()
        // One write tells of the status and of what came of its callback.
        if (!this.#courier.isBusy) await this.#tellBook()
      } catch (error) {
        logError('order.act', error)
        this.#kept.arm(Date.now() + RETRY_MS)
      }
    }
  }

  /** Attempts go their own way, up to 10 s each; each one's end is another round. */
  async #callBack(): Promise<void> {
    const { record } = this.#kept
    if (record === null || !hasOpenDeliveries(record)) return
    for (const attempt of await this.#courier.start()) {
      this.ctx.waitUntil(attempt.then(() => this.#act()))
    }
  }

  async #proveAbsence(): Promise<void> {
    const { record } = this.#kept
    if (record === null || machine.nextStep(record) !== 'prove_absence') return
    const { intent } = record
    const wallet = walletByName(this.env, intent.wallet)
    const window = { from: record.createdAt - CLOCK_SKEW_MS, to: record.submittedAt + CLOCK_SKEW_MS }
    const verdict = await wallet.isListed(intent, window)
    const now = Date.now()
    const before = this.#kept.mustHave()
    const step = { did: 'list', result: verdict, evidence: [] } as const
    if (verdict === 'absent') {
      const after = machine.provenAbsent(before, now)
      if (after === before) return
      this.#kept.commit(noted(after, step, now), now)
      if (after.phase === 'sending') await this.#sendAgain(intent, now)
      return
    }
    if (verdict === 'listed' && before.absence !== null) {
      this.#kept.commit(noted(machine.notAbsent(before), step, now), now)
    }
    const still = this.#kept.mustHave()
    this.#wish = wishOf(still, now)
    await wallet.watch(this.#sender.tracked(still), this.#wish)
  }

  /** What the merchant was told is on its way. */
  async #sendAgain(intent: Intent, now: number): Promise<void> {
    await this.#sender.again(intent, now + SEND_WAIT_MS)
    this.#followUp()
  }

  /** Never throws: the alarm tries again. */
  async #tellBook(): Promise<void> {
    const { record } = this.#kept
    if (record === null) return
    try {
      const isNews = await this.#booking.tell(record)
      // An endpoint that went active before the book knew of what is held for it has released nothing.
      if (isNews && record.deliveries.some(({ state }) => state === 'held')) this.#actAgain = true
    } catch (error) {
      logError('order.tell_book', error)
      this.#kept.arm(Date.now() + RETRY_MS)
    }
  }

  /** Before a merchant is told of an order, the book knows of it: the watchdog under its alarm is there. */
  async #tellOfInterruption({ history }: OrderRecord): Promise<void> {
    if (history.at(-1)?.did === 'interrupted') await this.#tellBook()
  }

  /** A record in `sending` without a send in memory was left by an instance that died. */
  #current(): OrderRecord | null {
    const { record } = this.#kept
    if (record?.phase === 'sending' && this.#sender.underWay === null) {
      const now = Date.now()
      const step = { did: 'interrupted', result: 'in_doubt', evidence: [] } as const
      this.#kept.commit(noted(machine.interrupted(record, now), step, now), now)
    }
    return this.#kept.record
  }

  /** With its place in the line, where it waits in one. Never throws. */
  async #placedSnapshot(): Promise<Snapshot> {
    const record = this.#kept.mustHave()
    if (record.phase !== 'queued') return this.#snapshot(record)
    const wallet = walletByName(this.env, record.intent.wallet)
    const position = await wallet.position(this.ctx.id.toString()).catch(() => null)
    return this.#snapshot(this.#kept.mustHave(), position)
  }

  #snapshot(record: OrderRecord, queuePosition: number | null = null): Snapshot {
    const now = Date.now()
    const waits = machine.nextStep(record) !== 'none'
    const planned = this.#wish?.at ?? this.#kept.alarm ?? nextLookAt(record, now) ?? now
    const nextCheckAt = waits ? Math.max(planned, now + SOON_MS) : null
    const token = statusToken(this.ctx.id.toString(), record.pageSecret, record.intent.merchantId)
    return snapshot(record, nextCheckAt, token, now, queuePosition)
  }
}
