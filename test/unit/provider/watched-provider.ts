/** A provider with a clock of its own, orders that are told what it says, and the wallet's list of them between. */
import { vi } from 'vitest'
import type { Evidence } from '../../../src/order/history'
import type { LookOutcome } from '../../../src/order/state'
import { type ListedTopup, plainRef } from '../../../src/provider/classify'
import type { Incident } from '../../../src/provider/incidents'
import type { Window } from '../../../src/provider/list-reading'
import type { Told } from '../../../src/provider/oneclick'
import { SettlingTimes } from '../../../src/provider/settling'
import { type ReadRows, type Tracked, WatchList, type Wish } from '../../../src/provider/watch'

export const NOON = Date.UTC(2026, 1, 1, 12)
export const SECOND = 1_000
const PLAN = 'PREPAID_MOBILIS'
const ACCOUNT = 'account-a'
const LATENCY_MS = 60
const ROWS_A_PAGE = 100

interface Row {
  readonly ref: string
  /** By our clock, ms after noon. */
  readonly madeAt: number
  /** Ms after `madeAt`. */
  readonly settlesAfter: number
  readonly settlesAs: string
  /** In the list from here on; look-ups know it at once. */
  readonly listedAfter: number
}

export interface ToldOf {
  readonly order: string
  /** Ms after noon. */
  readonly at: number
  readonly words: string
  /** Which read said it. */
  readonly by: 'look' | 'page'
}

export interface Send {
  readonly settlesAfter?: number
  readonly settlesAs?: string
  readonly listedAfter?: number
  /** Does the provider make it at all? */
  readonly isMade?: boolean
  readonly isSwept?: boolean
}

/** All fields are the test's to set. `vi.useFakeTimers({ now: NOON })` first. */
export class WatchedProvider {
  /** Its clock less ours. */
  skewMs = 0
  readsPerMinute = 600
  /** As the provider shows refs. */
  shown = (ref: string): string | null => `API-77-${ref}`
  showsCreatedAt = true
  /** What a page is answered with instead of rows. */
  pageFails = false
  hasAccount = true
  account = ACCOUNT
  /** What telling an order comes to besides. */
  onPush: (order: string) => void = () => undefined
  lookAnswer: (ref: string) => LookOutcome | null = () => null
  /** Takes a row out of a page, or puts others in. */
  onPage: (rows: ListedTopup[]) => ListedTopup[] = (rows) => rows
  readonly told: ToldOf[] = []
  readonly late: Incident[] = []
  readonly looks: { readonly ref: string; readonly at: number }[] = []
  readonly pages: { readonly window: Window; readonly at: number; readonly refs: readonly string[] }[] = []
  readonly list: WatchList
  readonly times: SettlingTimes
  readonly #rows: Row[] = []
  #tokens = 20
  #filledAt = NOON

  constructor(times = new SettlingTimes(false)) {
    this.times = times
    this.list = new WatchList(
      {
        mayRead: (now) => this.#take(now),
        nextReadAt: (now) => now + (this.#fill(now) >= 1 ? 0 : 60_000 / this.readsPerMinute),
        look: (tracked) => this.#look(tracked),
        page: (window) => this.#page(window),
        push: (tracked, told) => this.#push(tracked, told),
        late: (incident) => this.late.push(incident),
      },
      times,
    )
  }

  /** The wallet sends it now, and the provider answers at once. */
  send(order: string, send: Send = {}): Tracked {
    if (send.isMade !== false) this.make(order, send)
    const tracked = this.tracked(order)
    this.list.sent(tracked, { at: Date.now() + 1_500, isSwept: send.isSwept ?? true }, Date.now())
    return tracked
  }

  tracked(order: string, change: Partial<Tracked> = {}): Tracked {
    return {
      order,
      upstreamRef: order,
      account: ACCOUNT,
      planCode: PLAN,
      submittedAt: Date.now(),
      providerId: null,
      ...change,
    }
  }

  /** It is made at the provider, whoever sent it. */
  make(
    ref: string,
    { settlesAfter = 12 * SECOND, settlesAs = 'FULFILLED', listedAfter = 0 }: Send = {},
  ): void {
    this.#rows.push({ ref, madeAt: Date.now() - NOON, settlesAfter, settlesAs, listedAfter })
  }

  get reads(): number {
    return this.looks.length + this.pages.length
  }

  /** What an order was told, in words, one after the other. */
  wordsOf(order: string): string[] {
    return this.told.filter((told) => told.order === order).map(({ words }) => words)
  }

  /** Ms from its settlement until its order was told; NaN if it never was. */
  noticedAfter(order: string): number {
    const row = this.#rows.find(({ ref }) => ref === order)
    const told = this.told.find((one) => one.order === order && one.words === row?.settlesAs)
    return (told?.at ?? Number.NaN) - (row?.madeAt ?? 0) - (row?.settlesAfter ?? 0)
  }

  #statusOf({ madeAt, settlesAfter, settlesAs }: Row): string {
    return Date.now() - NOON >= madeAt + settlesAfter ? settlesAs : 'HANDLING'
  }

  async #look({ upstreamRef }: Tracked): Promise<Told<LookOutcome>> {
    this.looks.push({ ref: upstreamRef, at: Date.now() - NOON })
    await answered()
    const row = this.#rows.find(({ ref }) => ref === upstreamRef)
    const outcome: LookOutcome =
      row === undefined ? { kind: 'not_found' } : { kind: 'found', topup: this.#listed(row) }
    return { outcome: this.lookAnswer(upstreamRef) ?? outcome, evidence: [evidence('look')] }
  }

  async #page(window: Window): Promise<ReadRows | null> {
    const at = Date.now()
    const inWindow = (row: Row) => {
      const createdAt = row.madeAt + NOON + this.skewMs
      return createdAt >= window.from && createdAt <= window.to && at - NOON >= row.madeAt + row.listedAfter
    }
    const rows = this.onPage(
      this.#rows
        .filter(inWindow)
        .sort((a, b) => b.madeAt - a.madeAt)
        .map((row) => this.#listed(row)),
    ).slice(0, ROWS_A_PAGE)
    this.pages.push({ window, at: at - NOON, refs: rows.map(({ ref }) => plainRef(ref ?? '')) })
    await answered()
    if (!this.hasAccount) return null
    const page = { topups: rows, page: 1, totalPages: 1, totalResults: rows.length, writtenAt: at }
    return { account: this.account, page: this.pageFails ? null : page, evidence: evidence('page') }
  }

  #listed(row: Row): ListedTopup {
    return {
      id: `id-${row.ref}`,
      ref: this.shown(row.ref),
      status: this.#statusOf(row),
      planCode: PLAN,
      msisdn: '0661234567',
      topupAmountDzd: 500,
      balanceAmountDzd: 480,
      refundMessage: null,
      suggestedOffers: null,
      createdAt: this.showsCreatedAt ? row.madeAt + NOON + this.skewMs : null,
      json: '{}',
    }
  }

  /** As an order: it is over with a final word, and waits for as long as it is open. */
  #push({ order }: Tracked, { outcome, evidence }: Told<LookOutcome>): Promise<Wish | null> {
    const words = outcome.kind === 'found' ? outcome.topup.status : outcome.kind
    const by = evidence.at(-1)?.path === 'page' ? 'page' : 'look'
    this.told.push({ order, at: Date.now() - NOON, words, by })
    try {
      this.onPush(order)
    } catch (error) {
      return Promise.reject(error)
    }
    const isFinal = words === 'FULFILLED' || words === 'REFUNDED'
    return Promise.resolve(isFinal ? null : { at: Date.now() + 5 * SECOND, isSwept: true })
  }

  #take(now: number): boolean {
    if (this.#fill(now) < 1) return false
    this.#tokens--
    return true
  }

  #fill(now: number): number {
    this.#tokens = Math.min(20, this.#tokens + ((now - this.#filledAt) * this.readsPerMinute) / 60_000)
    this.#filledAt = now
    return this.#tokens
  }
}

/** For so many seconds. */
export const goOn = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * SECOND)

function answered(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, LATENCY_MS))
}

function evidence(path: 'look' | 'page'): Evidence {
  const asked = { at: Date.now(), durationMs: LATENCY_MS, method: 'GET', path, sent: null } as const
  return { ...asked, httpStatus: 200, failure: null, received: '{}', receivedBytes: 2, sha256: '' }
}
