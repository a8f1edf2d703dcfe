/**
 * The Durable Object of one provider account, and the only speaker to it: one budget, one sweep, one breaker, one
 * balance. What it watches, who waits and how well the provider is are in memory: each order's own alarm is the
 * safety net when this object forgets.
 */
import { DurableObject } from 'cloudflare:workers'
import { type Env, orderById } from '../env'
import type { Evidence } from '../order/history'
import { sandboxAccount, walletOwner } from '../order/name'
import type {
  Expected,
  Intent,
  LookOutcome,
  Refusal,
  SubmitOutcome,
  Topup,
  TopupRequest,
} from '../order/state'
import { log, logError } from '../platform/log'
import { type Account, openAccount } from './account'
import { AccountOwner } from './account-owner'
import { AccountReads, BOOKS_PATIENCE_MS } from './account-reads'
import type { BreakerView } from './breaker'
import { chargeDzd, type KeptPlans } from './catalogue'
import { type Exchange, isAboutCredential, type ListPage, type ReadOutcome, toldBalanceDzd } from './classify'
import { driftOf } from './drift/drift'
import { type DriftEntry, DriftLog } from './drift/log'
import type { Incident as Loss } from './incident'
import { type Incident, Incidents } from './incidents'
import { type Listed, ListReading, type Window } from './list-reading'
import { Money } from './money'
import type { StatementPage } from './movement'
import { notAdmitted, operatorDown, providerIll, tooMany, unpayable } from './not-sent'
import type { Call, Told } from './oneclick'
import { OPERATORS_FRESH_MS, type OperatorName, operatorOf, operatorsDown } from './operators'
import { bookLoss, ownership } from './ownership'
import { Pace } from './pace'
import { Plans } from './plans'
import { type SavedTimes, SettlingTimes } from './settling'
import { DEFAULT_SETTINGS, type WalletSettings, type WalletState } from './view'
import { type ReadRows, type Tracked, WatchList, type Wish } from './watch'

/** When the order has not said yet when it wants to be looked at. */
const FIRST_LOOK_MS = 1_500
/** A merchant's own credential is read again after this: he may have brought another. */
const ACCOUNT_MEMORY_MS = 60_000

/** How long each kind of read waits for its turn. */
const LOOK_PATIENCE_MS = 4_000
const READ_PATIENCE_MS = 4_000
const PAGE_PATIENCE_MS = 60_000
/** What is gone must be told within a minute: a page that hangs is asked for again. */
const BOOKS_DEADLINE_MS = 3_000

/** What is learnt may be lost for so long; each time that it is kept costs rows. */
const SAVE_EVERY_MS = 10 * 60_000

/** What the wallet must know of a send besides what is sent. */
export interface SendTerms {
  /** The merchant was told that it is on its way: it is never turned away for its rate. */
  readonly isPromised: boolean
  /** Not to an operator that the provider calls down. */
  readonly refusesDown: boolean
}

export interface Submitted extends Told<SubmitOutcome> {
  /** Of an accepted send. */
  readonly expected: Expected | null
}

export class Wallet extends DurableObject<Env> {
  readonly #pace: Pace
  readonly #times: SettlingTimes
  readonly #watched: WatchList
  readonly #plans: Plans
  readonly #money: Money
  readonly #owner: AccountOwner
  readonly #incidents: Incidents
  readonly #drift: DriftLog
  readonly #reads: AccountReads
  #settings: WalletSettings
  /** By the account that is read: a reading of one proves nothing for another. */
  readonly #lists = new Map<string, ListReading>()
  #account: { readonly is: Account; readonly until: number } | null = null
  #savedAt = Date.now()
  #operators: { readonly down: ReadonlySet<string>; readonly at: number } | null = null

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    const { kv, sql } = ctx.storage
    const isSandbox = sandboxAccount(ctx.id.name ?? '') !== null
    this.#settings = kv.get<WalletSettings>('settings') ?? DEFAULT_SETTINGS
    this.#times = new SettlingTimes(isSandbox, kv.get<SavedTimes>('times'))
    this.#incidents = new Incidents(sql, env.METRICS, () => this.#name)
    this.#drift = new DriftLog()
    this.#drift.load(kv.get<DriftEntry[]>('drift') ?? [])
    this.#owner = new AccountOwner(kv)
    this.#pace = new Pace(
      this.#settings,
      {
        callOrder: async (order) => await orderById(this.env, order).turn(),
        probe: () => this.#probe(),
        opened: (view) => this.#tellOpened(view),
        noted: (call, exchange) => this.#noteWords(call, exchange),
      },
      Date.now(),
    )
    this.#plans = new Plans(kv, (path) => this.read(path))
    this.#money = new Money(
      ctx.storage,
      { mark: this.#settings.lowBalance, isSandbox },
      {
        read: (path) => this.#readBooks(path),
        ask: (path) => this.read(path),
        hasDoubt: () => this.#watched.hasDoubt,
        isAnswering: () => this.#pace.describe(Date.now()).breaker.state === 'closed',
        owner: (topupId, shownRef) => ownership(this.env, this.#name, topupId, shownRef),
        incident: (incident) => void this.#incidents.add(incident),
        lost: (loss) => this.#tellLost(loss),
      },
    )
    this.#reads = new AccountReads({
      open: (wanted) => this.#openAccount(wanted),
      turn: (patienceMs) => this.#pace.gate.booksTurn(patienceMs),
    })
    this.#watched = new WatchList(
      {
        mayRead: (now) => this.#pace.gate.mayRead(now),
        nextReadAt: (now) => this.#pace.gate.nextAt(now),
        look: (tracked) => this.#look(tracked),
        page: (window) => this.#newestRows(window),
        push: async (tracked, told) => {
          if (told.outcome.kind === 'found') this.#money.recognise(told.outcome.topup.id)
          return await orderById(this.env, tracked.order).observe(told)
        },
        late: (late) => void this.#incidents.add(late),
      },
      this.#times,
    )
  }

  /**
   * Sends one top-up, on the account that the order was promised and on no other, when its turn has come. Whatever
   * came of it, unless it was refused or waits, is watched from here on.
   */
  async submit(tracked: Tracked, request: TopupRequest, terms: SendTerms): Promise<Submitted> {
    const { account } = tracked
    const open = await this.#openAccount(account)
    if (open === null) return refused(notAdmitted('the gateway has no credential at the provider yet'))
    if (open.fingerprint !== account) {
      const why = 'the credential at the provider was changed a moment ago; send again in a minute'
      return refused(notAdmitted(why))
    }
    const objection = await this.#objection(request, terms)
    if (objection !== null) return refused(objection)
    const turn = await this.#pace.turns.ask(tracked.order, terms.isPromised)
    if (turn.kind === 'full') {
      const { state } = this.#pace.describe(Date.now()).breaker
      return refused((state === 'closed' ? tooMany : providerIll)(turn.retryAfterSeconds))
    }
    if (turn.kind === 'queued') return { outcome: turn, evidence: [], expected: null }
    return await this.#send(open, tracked, request)
  }

  async #send(open: Account, tracked: Tracked, request: TopupRequest): Promise<Submitted> {
    const sentAt = Date.now()
    this.#money.sends(sentAt)
    const sent = await open.provider.send(tracked.upstreamRef, request)
    const { outcome } = sent
    if (outcome.kind === 'refused') return this.#sendRefused(outcome.refusal, sent)
    const now = Date.now()
    const isSwept = outcome.kind === 'accepted'
    this.#watched.sent(tracked, { at: now + FIRST_LOOK_MS, isSwept }, sentAt)
    if (!isSwept) return { ...sent, expected: null }
    this.#money.made(outcome.topupId, this.#price(request), { sentAt, now })
    return { ...sent, expected: this.#times.expected(request.planCode, now) }
  }

  #sendRefused(refusal: Refusal, sent: Told<SubmitOutcome>): Submitted {
    if (!isAboutCredential(refusal)) return { ...sent, expected: null }
    logError('provider.credential', refusal.code, { wallet: this.#name })
    return refused(notAdmitted("the provider does not accept the gateway's credential"))
  }

  /** What speaks against a send before the provider is asked. Of what was promised only the provider judges. */
  async #objection(request: TopupRequest, { isPromised, refusesDown }: SendTerms): Promise<Refusal | null> {
    if (isPromised) return null
    const operator = refusesDown ? operatorOf(this.#plans.plan(request.planCode)) : null
    if (operator !== null && (await this.#isDown(operator))) return operatorDown(operator)
    const priceDzd = this.#price(request)
    const availableDzd = await this.#money.cannotPay(priceDzd)
    return priceDzd === null || availableDzd === null ? null : unpayable(priceDzd, availableDzd)
  }

  /** The line still has it, or has it again. Its place, from 1. Not `queue`: the platform keeps that name for itself. */
  standInLine(order: string): number {
    return this.#pace.turns.join(order)
  }

  /** Its place in the line, from 1; null when it does not wait there. */
  position(order: string): number | null {
    return this.#pace.turns.position(order)
  }

  /** One look-up, when there is a turn for it. */
  async look(tracked: Tracked): Promise<Told<LookOutcome>> {
    if (!(await this.#pace.gate.turn(LOOK_PATIENCE_MS))) return { outcome: noAnswer('no_turn'), evidence: [] }
    return await this.#look(tracked)
  }

  /** The same for a reconciliation, which has time: nobody else's look waits for it. */
  async lookPatiently(tracked: Tracked): Promise<Told<LookOutcome>> {
    if (await this.#pace.gate.booksTurn(BOOKS_PATIENCE_MS)) return await this.#look(tracked)
    return { outcome: noAnswer('no_turn'), evidence: [] }
  }

  /** A name for the account that the wallet speaks for now; null when it has no credential for one. */
  async account(): Promise<string | null> {
    // No account has this name: what is remembered of a credential is not good enough here.
    return (await this.#openAccount(''))?.fingerprint ?? null
  }

  /** One page of the provider's list, from 1; null when it was not read, or when the account is another by now. */
  listPage(
    account: string,
    window: Window,
    page: number,
  ): Promise<{ page: ListPage; evidence: Evidence } | null> {
    return this.#reads.list(account, window, page)
  }

  /** One page of the provider's statement; as `listPage`. */
  statementPage(account: string, window: Window, page: number): Promise<StatementPage | null> {
    return this.#reads.statement(account, window, page)
  }

  /** One top-up by the provider's id; `none` when it has none such, null as with `listPage`. */
  topup(account: string, id: string): Promise<Topup | 'none' | null> {
    return this.#reads.topup(account, id)
  }

  /** Unix ms, to the hour; null when nobody has ever sent on it. */
  lastSendAt(): number | null {
    return this.#money.lastSendAt
  }

  /** Looks at the order as it wishes from here on; null: never. */
  watch(tracked: Tracked, wish: Wish | null): void {
    // After a crash the books know none of ours, and a top-up that look-ups do not show yet explains itself to nobody.
    if (tracked.providerId !== null) this.#money.recognise(tracked.providerId)
    this.#watched.watch(tracked, wish)
  }

  /** Whether the provider's list of the window has the ref. On another account than it went to nothing is proven. */
  async isListed(
    { upstreamRef, account }: Pick<Intent, 'upstreamRef' | 'account'>,
    window: Window,
  ): Promise<Listed> {
    const open = await this.#openAccount(account)
    if (open === null || open.fingerprint !== account) return 'unread'
    const reading = this.#lists.get(account) ?? new ListReading((...page) => this.#page(open, ...page))
    this.#lists.set(account, reading)
    return await reading.ask(upstreamRef, window)
  }

  claim(merchantId: string): boolean {
    return this.#owner.claim(merchantId)
  }

  unclaim(merchantId: string): void {
    this.#owner.unclaim(merchantId)
  }

  /** Any other read of the provider, as it comes: `/v3/account/balance` and its kin. */
  async read(path: string): Promise<ReadOutcome> {
    const account = await this.#openAccount()
    if (account === null) return { kind: 'no_answer', reason: 'no_credential' }
    if (!(await this.#pace.gate.turn(READ_PATIENCE_MS))) return { kind: 'no_answer', reason: 'no_turn' }
    return await account.provider.read(path)
  }

  async #readBooks(path: string): Promise<ReadOutcome> {
    const account = await this.#openAccount()
    if (account === null) return { kind: 'no_answer', reason: 'no_credential' }
    if (!(await this.#pace.gate.booksTurn(READ_PATIENCE_MS))) return { kind: 'no_answer', reason: 'no_turn' }
    return await account.provider.read(path, BOOKS_DEADLINE_MS)
  }

  plans(maxAgeMs?: number): KeptPlans | null | Promise<KeptPlans | null> {
    return this.#plans.get(maxAgeMs)
  }

  /** For the operator. */
  describe(): WalletState {
    const now = Date.now()
    return {
      pace: this.#pace.describe(now),
      money: this.#money.describe(now),
      watched: this.#watched.open,
      settings: this.#settings,
      drift: this.#drift.entries(),
    }
  }

  /** True from the next call on. */
  change(change: Partial<WalletSettings>): WalletState {
    this.#settings = { ...this.#settings, ...change }
    this.ctx.storage.kv.put('settings', this.#settings)
    this.#pace.set(this.#settings, Date.now())
    this.#money.set(this.#settings.lowBalance)
    return this.describe()
  }

  /** Newest first. */
  incidents(limit: number): Incident[] {
    return this.#incidents.all(limit)
  }

  /** The audit. Never throws: seven throws in a row would erase the alarm for good. */
  override async alarm(): Promise<void> {
    await this.#money.alarm()
    this.#saveLearnt()
  }

  /** Under another credential than it was sent with, "not found" says nothing. */
  async #look({ upstreamRef, account }: Tracked): Promise<Told<LookOutcome>> {
    const open = await this.#openAccount()
    if (open === null) return { outcome: noAnswer('no_credential'), evidence: [] }
    const told = await open.provider.look(upstreamRef)
    if (told.outcome.kind === 'no_answer') {
      log('provider.no_answer', { wallet: this.#name, reason: told.outcome.reason })
    }
    const isBlind = told.outcome.kind === 'not_found' && open.fingerprint !== account
    return isBlind ? { ...told, outcome: noAnswer('other_credential') } : told
  }

  async #newestRows(window: Window): Promise<ReadRows | null> {
    const open = await this.#openAccount()
    return open === null ? null : { account: open.fingerprint, ...(await open.provider.list(window, 1)) }
  }

  async #page(open: Account, window: Window, page: number): Promise<ListPage | null> {
    if (!(await this.#pace.gate.turn(PAGE_PATIENCE_MS))) return null
    return (await open.provider.list(window, page)).page
  }

  async #probe(): Promise<boolean> {
    const open = await this.#openAccount()
    return open !== null && (await open.provider.read('/v3/validate')).kind !== 'no_answer'
  }

  async #isDown(operator: OperatorName): Promise<boolean> {
    const now = Date.now()
    if (this.#operators === null || now - this.#operators.at > OPERATORS_FRESH_MS) {
      const read = await this.read('/v3/ping')
      // Nobody knows: then nothing speaks against it.
      this.#operators = { down: read.kind === 'data' ? operatorsDown(read.dataJson) : new Set(), at: now }
    }
    return this.#operators.down.has(operator)
  }

  #price(request: TopupRequest): number | null {
    return chargeDzd(this.#plans.plan(request.planCode), request)
  }

  #noteWords(call: Call, exchange: Exchange): void {
    const now = Date.now()
    for (const drift of driftOf(call, exchange)) {
      if (this.#drift.note(drift, now) === 'known') continue
      this.ctx.storage.kv.put('drift', this.#drift.entries())
      this.#incidents.add({ id: `drift-${drift.kind}`, kind: 'drift', at: now, facts: { ...drift } })
    }
    const balanceDzd = call === 'send' ? toldBalanceDzd(exchange) : null
    if (balanceDzd !== null) this.#money.learn(balanceDzd, now)
  }

  #tellOpened({ since, reason }: BreakerView): void {
    this.#incidents.add({ id: `breaker-${since}`, kind: 'breaker_open', at: since, facts: { reason } })
  }

  async #tellLost(loss: Loss): Promise<void> {
    const { id, kind, at, ...facts } = loss
    this.#incidents.add({ id, kind, at, facts })
    await bookLoss(this.env, this.#name, loss)
  }

  #saveLearnt(): void {
    const now = Date.now()
    if (now - this.#savedAt < SAVE_EVERY_MS) return
    this.#savedAt = now
    this.ctx.storage.kv.put('times', this.#times.save())
    this.ctx.storage.kv.put('drift', this.#drift.entries())
  }

  /**
   * A merchant's own is remembered for a while, and read anew when it is not the one that is wanted: he may
   * have brought another.
   */
  async #openAccount(wanted?: string): Promise<Account | null> {
    const known = this.#account
    const isRight = wanted === undefined || known?.is.fingerprint === wanted
    if (known !== null && isRight && known.until > Date.now()) return known.is
    try {
      const is = await openAccount(this.env, this.#name, this.#pace.noted)
      const isOwn = walletOwner(this.#name) !== null
      this.#account = is !== null && isOwn ? { is, until: Date.now() + ACCOUNT_MEMORY_MS } : null
      return is
    } catch (error) {
      logError('wallet.account', error, { wallet: this.#name })
      return null // nothing can have been sent without it
    }
  }

  get #name(): string {
    const name = this.ctx.id.name
    if (name === undefined) throw new Error('a wallet is addressed by name')
    return name
  }
}

function noAnswer(reason: string): LookOutcome {
  return { kind: 'no_answer', reason, retryAfterSeconds: null }
}

/** Nothing was made. */
function refused(refusal: Refusal): Submitted {
  return { outcome: { kind: 'refused', refusal }, evidence: [], expected: null }
}
