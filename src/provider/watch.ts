/**
 * What the wallet watches, and the sweep over it: each tick makes the reads that are worth most (sweep.ts) and tells
 * orders what has changed. In memory: an order that is forgotten here wakes by its own alarm.
 */
import { type Evidence, inWords } from '../order/history'
import type { LookOutcome, Topup } from '../order/state'
import { logError } from '../platform/log'
import { isRef, type ListedTopup, type ListPage, plainRef } from './classify'
import type { Incident } from './incidents'
import type { Window } from './list-reading'
import { rowEvidence, type Told } from './oneclick'
import type { SettlingTimes } from './settling'
import { dueAt, PAGE_ROWS, type Read, readyAt, SWEPT_MS, type Watched, worthiest } from './sweep'

/** The platform allows six open connections per object run: two are left to sends. */
const PARALLEL_READS = 4
const PARALLEL_PUSHES = 6
/** When an order could not be told of a change. */
const RETRY_MS = 10_000
/** Between ticks while several orders make a page worth its price before one of them alone does. */
const PULSE_MS = 1_500
const FASTEST_PULSE_MS = 100
/** By so much one order's way to the provider takes longer than another's. */
const MARGIN_MS = 150
/** How much of it a single row changes. */
const SKEW_SHARE = 0.2
/** A moment is told in whole milliseconds, and the end of a window may not belong to it. */
const ROUNDING_MS = 2
/** Until then: the newest rows, whatever their time. */
const AHEAD_MS = 15 * 60_000
/** After a page that could not be read. */
const NO_PAGES_MS = 5_000
const LONGEST_NO_PAGES_MS = 60_000
/** A process that is kept busy by requests was seen to let timers wait for 40 s: whoever comes by then ticks. */
const OVERDUE_MS = 50
/** The platform's longest timer is far beyond this. */
const LONGEST_WAIT_MS = 3_600_000

/** What ties an order to its top-up, and what its times are learnt from. */
export interface Tracked {
  /** The object's id. */
  readonly order: string
  /** What the provider knows it by. */
  readonly upstreamRef: string
  /** The account that it was sent on. */
  readonly account: string
  readonly planCode: string
  /** When it was sent last, unix ms. */
  readonly submittedAt: number
  /** What the provider calls it, as far as the order knows: the books must know it for ours. */
  readonly providerId: string | null
}

/** When an order wants to be looked at: swept with the others, or at a time of its own (unix ms). */
export interface Wish {
  readonly at: number
  readonly isSwept: boolean
}

/** What only the wallet can do. None throws but `push`. */
export interface Ways {
  /** Takes one read of the budget. */
  mayRead(now: number): boolean
  nextReadAt(now: number): number
  look(tracked: Tracked): Promise<Told<LookOutcome>>
  /** The newest rows up to a moment, and the account they are of; null when there is no account. */
  page(window: Window): Promise<ReadRows | null>
  /** An order takes longer than nearly all others of its plan; told once. */
  late(incident: Incident): void
  /** Null: the order wants no more looks. */
  push(tracked: Tracked, told: Told<LookOutcome>): Promise<Wish | null>
}

export interface ReadRows {
  readonly account: string
  readonly page: ListPage | null
  readonly evidence: Evidence
}

interface Entry extends Watched {
  tracked: Tracked
  madeAt: number
  /** The provider's own time of it, once a row has said so. */
  createdAt: number | null
  isOver: boolean
  isAsked: boolean
  lookedAt: number
  curve: Watched['curve']
  dueAt: number
  isMissed: boolean
  /** When it was known to be open; null while that is not known. */
  openAt: number | null
  /** What its order was told last, in words. */
  told: string | null
  isLate: boolean
}

export class WatchList {
  readonly #ways: Ways
  readonly #times: SettlingTimes
  readonly #entries = new Map<string, Entry>()
  #timer: ReturnType<typeof setTimeout> | null = null
  #tickAt = 0
  #underWay = 0
  /** The provider's time of an order less ours when it was sent; null until a row has told it. */
  #skewMs: number | null = null
  /** Nothing was worth a read, or none was left. */
  #idleUntil = 0
  #noPagesUntil = 0
  #noPagesMs = NO_PAGES_MS

  constructor(ways: Ways, times: SettlingTimes) {
    this.#ways = ways
    this.#times = times
  }

  /** Orders that are waited for. */
  get open(): number {
    let open = 0
    for (const { isOver } of this.#entries.values()) if (!isOver) open++
    return open
  }

  /** Whether one of them may have been made without our knowing. */
  get hasDoubt(): boolean {
    for (const { isOver, curve } of this.#entries.values()) if (!isOver && curve === null) return true
    return false
  }

  /** Null: no more. What is known of it is not forgotten. */
  watch(tracked: Tracked, wish: Wish | null): void {
    const known = this.#entries.get(tracked.order)
    if (wish === null) {
      if (known !== undefined) known.isOver = true
    } else if (known === undefined || known.isOver) {
      this.#add(tracked, wish)
    } else {
      known.tracked = tracked
      this.#wish(known, wish)
      this.#schedule()
    }
  }

  /** A send that left at `sentAt` was answered just now. */
  sent(tracked: Tracked, wish: Wish, sentAt: number): void {
    this.#entries.delete(tracked.order) // it may be sent again: it is as new as its last send
    this.#add(tracked, wish, sentAt, Date.now())
  }

  #add(tracked: Tracked, wish: Wish, madeAt = tracked.submittedAt, openAt: number | null = null): void {
    const entry: Entry = {
      tracked,
      madeAt,
      createdAt: null,
      isOver: false,
      isAsked: false,
      lookedAt: madeAt,
      curve: null,
      dueAt: wish.at,
      isMissed: false,
      openAt,
      told: null,
      isLate: false,
    }
    this.#entries.set(tracked.order, entry)
    this.#wish(entry, wish)
    // It was forgotten: nobody knows when it was looked at last.
    if (wish.isSwept && openAt === null) entry.dueAt = Date.now()
    this.#schedule()
  }

  #wish(entry: Entry, { at, isSwept }: Wish): void {
    entry.curve = isSwept ? this.#times.curve(entry.tracked.planCode) : null
    entry.dueAt = entry.curve === null ? at : dueAt(entry, entry.curve)
  }

  #schedule(): void {
    const now = Date.now()
    const isOverdue = this.#timer !== null && now > this.#tickAt + OVERDUE_MS
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (isOverdue) {
      this.#tick()
      return
    }
    if (this.#underWay >= PARALLEL_READS) return
    let [next, young] = [Number.POSITIVE_INFINITY, 0]
    for (const entry of this.#entries.values()) {
      if (entry.isOver || entry.isAsked) continue
      next = Math.min(next, readyAt(entry))
      if (entry.curve !== null && isYoung(entry, now)) young++
    }
    if (next === Number.POSITIVE_INFINITY) return
    if (young > 1) next = Math.min(next, now + Math.max(FASTEST_PULSE_MS, PULSE_MS / young))
    const waitMs = Math.max(next, this.#ways.nextReadAt(now), this.#idleUntil) - now
    this.#tickAt = now + Math.min(LONGEST_WAIT_MS, Math.max(1, waitMs))
    this.#timer = setTimeout(() => this.#tick(), this.#tickAt - now)
  }

  #tick(): void {
    this.#timer = null
    this.#forgetOld(Date.now())
    while (this.#underWay < PARALLEL_READS) {
      const now = Date.now()
      const read = this.#worthiest(now)
      if (read === null || !this.#ways.mayRead(now)) {
        this.#idleUntil = now + FASTEST_PULSE_MS
        break
      }
      this.#underWay++
      void this.#make(read, now)
        .catch((error: unknown) => logError('wallet.sweep', error))
        .finally(() => {
          this.#underWay--
          this.#schedule()
        })
    }
    this.#schedule()
  }

  #worthiest(now: number): Read<Entry> | null {
    return worthiest(this.#newestFirst(), now, now >= this.#noPagesUntil)
  }

  #newestFirst(): Entry[] {
    return Array.from(this.#entries.values()).sort((a, b) => b.madeAt - a.madeAt)
  }

  async #make(read: Read<Entry>, now: number): Promise<void> {
    if (read.kind === 'look') await this.#look(read.item, now)
    else await this.#readPage(read.newest, now)
  }

  async #look(entry: Entry, askedAt: number): Promise<void> {
    entry.isAsked = true
    try {
      await this.#learn(entry, await this.#ways.look(entry.tracked), askedAt)
    } finally {
      entry.isAsked = false
    }
  }

  async #readPage(newest: Entry, askedAt: number): Promise<void> {
    const to = this.#pageEnd(newest, askedAt)
    const asked = this.#below(newest)
    for (const entry of asked) entry.isAsked = true
    try {
      const read = await this.#ways.page({ from: to - SWEPT_MS - AHEAD_MS, to })
      const page = read?.page ?? null
      if (read === null || page === null) return this.#pageFailed(askedAt)
      const found = this.#match(page.topups, read.account)
      // It would show nobody the next time either, and everybody would wait for it.
      if (found.size === 0 && this.#skewMs === null) return this.#pageFailed(askedAt)
      this.#noPagesMs = NO_PAGES_MS
      this.#noteMissed(asked, found, page.topups, { to, account: read.account, newest })
      await this.#tellAll(found, read.evidence, askedAt)
    } finally {
      for (const entry of asked) entry.isAsked = false
    }
  }

  #pageFailed(now: number): void {
    this.#noPagesUntil = now + this.#noPagesMs
    this.#noPagesMs = Math.min(LONGEST_NO_PAGES_MS, this.#noPagesMs * 2)
  }

  /** The provider's time up to which rows are wanted. */
  #pageEnd({ createdAt, madeAt }: Entry, now: number): number {
    if (createdAt !== null) return createdAt + ROUNDING_MS
    return this.#skewMs === null ? now + AHEAD_MS : madeAt + this.#skewMs + MARGIN_MS
  }

  /** Those that a page from here is meant to answer for. */
  #below(newest: Entry): Entry[] {
    const entries = this.#newestFirst()
    const from = entries.indexOf(newest)
    return entries.slice(from, from + PAGE_ROWS).filter(({ isOver, isAsked }) => !isOver && !isAsked)
  }

  #match(rows: readonly ListedTopup[], account: string): Map<Entry, ListedTopup> {
    const byRef = new Map<string, Entry>()
    for (const entry of this.#entries.values()) {
      if (!entry.isOver && entry.tracked.account === account) byRef.set(entry.tracked.upstreamRef, entry)
    }
    const found = new Map<Entry, ListedTopup>()
    for (const row of rows) {
      if (row.ref === null) continue
      const entry = byRef.get(row.ref) ?? byRef.get(plainRef(row.ref))
      if (entry !== undefined && isRef(row.ref, entry.tracked.upstreamRef)) found.set(entry, row)
    }
    return found
  }

  /** Whoever should have been on the page and was not is looked up by his ref: a page proves no absence. */
  #noteMissed(
    asked: readonly Entry[],
    found: ReadonlyMap<Entry, ListedTopup>,
    rows: readonly ListedTopup[],
    { to, account, newest }: { to: number; account: string; newest: Entry },
  ): void {
    const skewMs = this.#skewMs
    const oldest = rows.length < PAGE_ROWS ? Number.NEGATIVE_INFINITY : (rows.at(-1)?.createdAt ?? to)
    for (const entry of asked) {
      const at = entry.createdAt ?? (skewMs === null ? Number.NaN : entry.madeAt + skewMs)
      // The page was chosen to begin with the newest: asked for again it would be the same page.
      const isWithin = entry === newest || (at > oldest + 2 * MARGIN_MS && at < to - 2 * MARGIN_MS)
      if (!found.has(entry) && (isWithin || entry.tracked.account !== account)) entry.isMissed = true
    }
  }

  /** Results first: they are what is waited for. */
  async #tellAll(found: ReadonlyMap<Entry, ListedTopup>, page: Evidence, askedAt: number): Promise<void> {
    const isOpen = ({ status }: Topup) => status === 'PENDING' || status === 'HANDLING'
    const rows = Array.from(found).sort(([, a], [, b]) => Number(isOpen(a)) - Number(isOpen(b)))
    const turns = rows.values()
    const tell = async () => {
      for (const [entry, row] of turns) {
        if (entry.isOver || entry.lookedAt > askedAt) continue
        const { createdAt, json, ...topup } = row
        if (createdAt !== null && entry.createdAt === null) this.#learnSkew(entry, createdAt)
        entry.isMissed = false
        const told: Told<LookOutcome> = {
          outcome: { kind: 'found', topup },
          evidence: [rowEvidence(page, json)],
        }
        await this.#learn(entry, told, askedAt)
      }
    }
    await Promise.all(Array.from({ length: PARALLEL_PUSHES }, tell))
  }

  #learnSkew(entry: Entry, createdAt: number): void {
    const skewMs = createdAt - entry.madeAt
    this.#skewMs = this.#skewMs === null ? skewMs : this.#skewMs + (skewMs - this.#skewMs) * SKEW_SHARE
    entry.createdAt = createdAt
  }

  /** Orders are told what is new to them; one that counts its looks is told of each. */
  async #learn(entry: Entry, told: Told<LookOutcome>, askedAt: number): Promise<void> {
    const { outcome } = told
    this.#learnTime(entry, outcome, askedAt)
    entry.lookedAt = askedAt
    const words = inWords(outcome)
    if (entry.curve !== null && entry.told === words) {
      entry.curve = this.#times.curve(entry.tracked.planCode)
      entry.dueAt = dueAt(entry, entry.curve)
      return
    }
    try {
      const wish = await this.#ways.push(entry.tracked, told)
      entry.told = words
      if (wish === null) entry.isOver = true
      else this.#wish(entry, wish)
    } catch (error) {
      logError('wallet.push', error)
      // It may have heard all the same, and may want no more looks: it is told of whatever comes next.
      entry.told = null
      entry.dueAt = Date.now() + RETRY_MS
    }
  }

  #learnTime(entry: Entry, outcome: LookOutcome, askedAt: number): void {
    if (outcome.kind !== 'found') return
    const { planCode } = entry.tracked
    const { status } = outcome.topup
    const ageMs = askedAt - entry.madeAt
    if (status !== 'PENDING' && status !== 'HANDLING') {
      if (entry.curve !== null && entry.openAt !== null) {
        this.#times.learn(planCode, entry.openAt - entry.madeAt, ageMs)
      }
      return
    }
    entry.openAt = askedAt
    if (entry.isLate || ageMs < this.#times.lateAfterMs(planCode)) return
    entry.isLate = true
    const facts = { order: entry.tracked.order, plan: planCode, age_ms: ageMs }
    this.#ways.late({ id: `late-${entry.tracked.order}`, kind: 'order_late', at: askedAt, facts })
  }

  /** What is over stays while rows of younger ones lie around it: a page is counted in rows. */
  #forgetOld(now: number): void {
    let oldest = Number.POSITIVE_INFINITY
    for (const entry of this.#entries.values()) {
      if (!entry.isOver && isYoung(entry, now)) oldest = Math.min(oldest, entry.madeAt)
    }
    for (const [order, { isOver, isAsked, madeAt }] of this.#entries) {
      if (isOver && !isAsked && madeAt < oldest) this.#entries.delete(order)
    }
  }
}

function isYoung({ madeAt }: Entry, now: number): boolean {
  return now - madeAt < SWEPT_MS
}
