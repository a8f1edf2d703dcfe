/**
 * The balance of one provider account: what it is, how long it will last, and whether every DZD that left it is
 * some order's (audit.ts). Looks at the statement by alarm, as long as sends are made on the account.
 */
import { logError } from '../platform/log'
import { Audit, type AuditPorts } from './audit'
import type { ReadOutcome } from './classify'
import { readBalance } from './classify'
import { type Balance, canPay, isAmple, type LowMark, lowBy, Spending } from './funds'
import type { Incident as Loss } from './incident'
import type { Incident } from './incidents'

/**
 * A foreign spend is told within a minute of it while somebody sent on the account within so long; after a longer pause,
 * with the next send. An account that nobody uses would cost a row every half minute.
 */
const WATCHED_MS = 6 * 3_600_000
/** The sandbox's money is nobody's. */
const SANDBOX_WATCHED_MS = 2 * 60_000
/** What was ours before is known again by then, also what the provider hides for ten minutes. */
const FORGOTTEN_MS = 12 * 60_000
/** The provider ids of the newest sends: more than any statement page that is still to be read. */
const REMEMBERED = 20_000

/** What only the wallet can do. */
interface Ways {
  /** Of the books, and of what somebody waits for. */
  read(path: string): Promise<ReadOutcome>
  /** Whether an order on the account is in doubt. */
  hasDoubt(): boolean
  /** Whether the provider answers at all. */
  isAnswering(): boolean
  ask(path: string): Promise<ReadOutcome>
  owner: AuditPorts['owner']
  /** Something that the operator should know. */
  incident(incident: Incident): void
  /** What is gone from the account, and whom it concerns, as far as its ref says. */
  lost(loss: Loss): Promise<void>
}

export interface MoneyView {
  readonly balance: Balance | null
  readonly hoursLeft: number | null
  /** When the statement was read to its end last, unix ms. */
  readonly statementReadAt: number | null
}

export class Money {
  readonly #storage: DurableObjectStorage
  readonly #ways: Ways
  readonly #audit: Audit
  readonly #spending: Spending
  readonly #watchedMs: number
  readonly #wokeAt = Date.now()
  readonly #ours = new Set<string>()
  #balance: Balance | null = null
  #mark: LowMark
  #isLow = false
  #lastSendAt: number | null = null
  #isArmed = false

  constructor(
    storage: DurableObjectStorage,
    { mark, isSandbox }: { mark: LowMark; isSandbox: boolean },
    ways: Ways,
  ) {
    this.#storage = storage
    this.#ways = ways
    this.#mark = mark
    this.#watchedMs = isSandbox ? SANDBOX_WATCHED_MS : WATCHED_MS
    this.#spending = new Spending(Date.now())
    this.#audit = new Audit({
      read: (path) => ways.read(path),
      isOurs: (topupId) => this.#ours.has(topupId),
      hasDoubt: () => ways.hasDoubt() || Date.now() - this.#wokeAt < FORGOTTEN_MS,
      isAnswering: () => ways.isAnswering(),
      lastSendAt: () => this.#lastSendAt,
      owner: ways.owner,
      load: () => Promise.resolve(storage.kv.get('statement') ?? null),
      save: (state) => Promise.resolve(storage.kv.put('statement', state)),
      tell: (loss) => ways.lost(loss),
      now: () => Date.now(),
    })
  }

  set(mark: LowMark): void {
    const isOther = mark.dzd !== this.#mark.dzd || mark.hours !== this.#mark.hours
    this.#mark = mark
    if (isOther) this.#isLow = false
  }

  describe(now: number): MoneyView {
    const balance = this.#balance
    const hoursLeft = balance === null ? null : this.#spending.hoursLeft(balance.dzd, now)
    return { balance, hoursLeft, statementReadAt: this.#audit.readAt }
  }

  /** Null when the account can pay, as far as anybody knows; else what it has. Asks for the balance before it says no. */
  async cannotPay(priceDzd: number | null): Promise<number | null> {
    if (canPay(this.#balance, priceDzd, Date.now()) === 'ask') await this.#ask()
    return canPay(this.#balance, priceDzd, Date.now()) === 'no' ? (this.#balance?.dzd ?? null) : null
  }

  /** Unix ms, as far as it is known: to the hour after a sleep. Null: none ever. */
  get lastSendAt(): number | null {
    return this.#lastSendAt ?? this.#storage.kv.get<number>('sent_at') ?? null
  }

  /** A send is about to leave. */
  sends(now: number): void {
    this.#lastSendAt = now
    if (!this.#isArmed) void this.#arm(now + 1_000)
  }

  /** A top-up of one of our orders. */
  recognise(topupId: string): void {
    this.#ours.add(topupId)
    if (this.#ours.size > REMEMBERED) this.#ours.delete(this.#ours.values().next().value ?? '')
  }

  /** The provider made what was sent at `sentAt`. */
  made(topupId: string, priceDzd: number | null, { sentAt, now }: { sentAt: number; now: number }): void {
    this.recognise(topupId)
    if (priceDzd === null) return
    this.#spending.add(priceDzd, now)
    // So that a burst does not overdraw what was read before it.
    // What was learnt since it left may be without it already, as the answer's own `newBalance` is.
    if (this.#balance !== null && this.#balance.at < sentAt)
      this.#balance = { ...this.#balance, dzd: this.#balance.dzd - priceDzd }
  }

  learn(dzd: number, at: number): void {
    // The same word again would undo what was taken off since.
    if (this.#balance !== null && this.#balance.at >= at) return
    this.#balance = { dzd, at }
    const now = Date.now()
    const hoursLeft = this.#spending.hoursLeft(dzd, now)
    if (this.#isLow && isAmple(dzd, hoursLeft, this.#mark)) this.#isLow = false
    const by = this.#isLow ? null : lowBy(dzd, hoursLeft, this.#mark)
    if (by === null) return
    this.#isLow = true
    const facts = { by, balance_dzd: dzd, hours_left: hoursLeft }
    this.#ways.incident({ id: `low-balance-${now}`, kind: 'low_balance', at: now, facts })
  }

  /** One part of the audit; sets the next alarm. Never throws. */
  async alarm(): Promise<void> {
    const { more, nextRunAt } = await this.#audit.run()
    const known = this.#audit.balance
    if (known !== null) this.learn(known.balanceDzd, known.learntAt)
    const now = Date.now()
    const sentAt = this.lastSendAt ?? 0
    this.#isArmed = false
    if (more || now - sentAt < this.#watchedMs) await this.#arm(Math.max(nextRunAt, now + 1_000))
  }

  async #arm(at: number): Promise<void> {
    this.#isArmed = true
    try {
      // To the hour: whoever wakes up later knows for how long to go on.
      const [sentAt, known] = [this.#lastSendAt, this.#storage.kv.get<number>('sent_at') ?? 0]
      if (sentAt !== null && sentAt - known > 3_600_000) this.#storage.kv.put('sent_at', sentAt)
      const pending = await this.#storage.getAlarm()
      if (pending === null || pending < Date.now() || pending > at) await this.#storage.setAlarm(at)
    } catch (error) {
      this.#isArmed = false
      logError('wallet.arm', error) // the next send tries again
    }
  }

  async #ask(): Promise<void> {
    const askedAt = Date.now()
    const dzd = readBalance(await this.#ways.ask('/v3/account/balance'))
    if (dzd !== null) this.learn(dzd, askedAt)
  }
}
