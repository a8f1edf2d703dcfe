/**
 * The provider with a truth of its own: what it accepted, and what became of it. What it says of that may be
 * late, wrong, unreadable or nothing at all.
 *
 * What no client could survive is left out: that a top-up is made a minute after its send, or stays out of
 * list and look-ups alike for that long.
 */
import { timedId } from '../../src/order/timed-id'
import type { Dice } from './dice'
import type { Faults } from './faults'
import type { Kernel } from './kernel'
import type { Asked, Reply, Server } from './network'
import { WORLD } from './platform'
import * as say from './provider-answers'
import { type Fate, fateOf, statusAt } from './provider-fates'
import { type Spent, Statement } from './provider-statement'
import type { Trace } from './trace'
import type { ProviderCall, ProviderView } from './views'

export interface Topup {
  readonly id: string
  readonly upstreamRef: string
  readonly planCode: string
  readonly msisdn: string
  readonly amountDzd: number
  readonly acceptedAt: number
  readonly fate: Fate
  /** Look-ups find it from here on; the list may know it sooner. */
  readonly foundFrom: number
  readonly listedFrom: number
}

/** The list lags no longer behind the truth; a page of it may be older by that much once more. */
const LIST_LAG_MS = 20_000
const STALE_LIST_MS = 25_000
/** Fewer than it is asked for, so that reading a window takes several pages. */
const ROWS_A_PAGE = 40

/** How it behaves when nothing goes wrong. Times are ms. */
export interface Habits {
  readonly fateOf: typeof fateOf
  readonly rowsAPage: number
  readonly sendTakesMs: readonly [number, number]
  readonly lookTakesMs: readonly [number, number]
  readonly listTakesMs: readonly [number, number]
}

const WAYWARD: Habits = {
  fateOf,
  rowsAPage: ROWS_A_PAGE,
  sendTakesMs: [80, 900],
  lookTakesMs: [30, 400],
  listTakesMs: [50, 900],
}

interface Parts {
  readonly kernel: Kernel
  readonly dice: Dice
  readonly faults: Faults
  readonly trace: Trace
}

export class Provider implements Server {
  readonly #kernel: Kernel
  readonly #dice: Dice
  readonly #faults: Faults
  readonly #trace: Trace
  readonly #keyOfRef: (upstreamRef: string) => number
  readonly #habits: Habits
  readonly #topups: Topup[] = []
  readonly #byRef = new Map<string, Topup[]>()
  readonly #calls: ProviderCall[] = []
  readonly #statement = new Statement()
  /** When the balance or the statement was read, or a probe made. */
  readonly accountReads: number[] = []
  #downUntil = 0
  readonly #elsewhere: (Spent & { readonly upstreamRef: string })[] = []

  constructor(
    { kernel, dice, faults, trace }: Parts,
    keyOfRef: (upstreamRef: string) => number,
    habits = WAYWARD,
  ) {
    this.#kernel = kernel
    this.#dice = dice
    this.#faults = faults
    this.#trace = trace
    this.#keyOfRef = keyOfRef
    this.#habits = habits
  }

  get calls(): number {
    return this.#calls.length
  }

  view(): ProviderView {
    const { now } = this.#kernel
    return {
      topups: this.#topups.map(({ fate, foundFrom: _, listedFrom: __, ...topup }) => ({
        ...topup,
        statuses: fate.filter(({ at }) => at <= now),
      })),
      calls: this.#calls,
      elsewhere: this.#elsewhere.map(({ id, acceptedAt }) => ({ id, at: acceptedAt })),
    }
  }

  keyOf({ method, url, body }: Asked): number {
    if (method === 'POST') return this.#keyOfRef(sendOf(body).ref)
    return url.pathname.includes('/check-ref/') ? this.#keyOfRef(refOf(url)) : WORLD
  }

  travelMs(key: number): number {
    return this.#dice.between(key, 'travel', 5, 80)
  }

  handle(asked: Asked, key: number): Reply {
    const reply = this.#answer(asked, key)
    const short = reply.kind === 'answer' ? `${reply.status} ${reply.body.slice(0, 90)}` : reply.kind
    this.#trace(key, () => `provider: ${asked.method} ${asked.url.pathname} ${asked.body} => ${short}`)
    return reply
  }

  /** Until then nothing arrives: the connection ends, or what stands in front of it answers in its place. */
  goDown(forMs: number): void {
    this.#downUntil = this.#kernel.now + forMs
  }

  #answer(asked: Asked, key: number): Reply {
    if (this.#kernel.now < this.#downUntil) return this.#outage(key)
    if (asked.method === 'POST') return this.#send(asked.body, key)
    const { pathname } = asked.url
    if (pathname.endsWith('/list')) return this.#list(asked.url)
    if (pathname.includes('/account/') || pathname.endsWith('/validate')) return this.#account(asked.url)
    if (pathname.includes('/check-id/')) return this.#lookById(refOf(asked.url))
    return this.#look(refOf(asked.url), key)
  }

  #outage(key: number): Reply {
    const afterMs = this.#dice.between(key, 'outage_takes', 10, 3_000)
    return this.#dice.unit(key, 'outage') < 0.5
      ? { kind: 'reset', afterMs }
      : say.broken(this.#dice, key, afterMs)
  }

  #send(body: string, key: number): Reply {
    const dice = this.#dice
    const strikes = this.#striking(key)
    const wanted = sendOf(body)
    if (strikes('send_lost')) return { kind: 'reset', afterMs: dice.between(key, 'reset', 10, 3_000) }
    this.#called('send', wanted.ref)
    const soon = dice.between(key, 'send_takes', ...this.#habits.sendTakesMs)
    if (strikes('send_5xx_before')) return say.broken(dice, key, soon)
    if (strikes('send_429')) return say.throttled(dice, key, soon)
    if (strikes('send_refused_balance')) return say.failure(403, 'INSUFFICIENT_BALANCE', soon)
    if (strikes('send_refused_invalid')) return say.failure(400, 'ERR_VALIDATION', soon)
    if (this.#knows(wanted.ref)) return say.duplicate(dice, key, soon)
    if (strikes('send_accepted_late')) {
      this.#kernel.after(dice.between(key, 'accepted_after', 1_000, 12_000), null, () =>
        this.#accept(wanted, key),
      )
      return { kind: 'hang' }
    }
    const topup = this.#accept(wanted, key)
    if (strikes('send_answer_lost')) return { kind: 'reset', afterMs: soon }
    if (strikes('send_5xx_after')) return say.broken(dice, key, soon)
    if (strikes('send_5xx_refusal')) return say.failure(500, 'INSUFFICIENT_BALANCE', soon)
    if (strikes('send_html')) return say.html(dice, key, soon)
    if (strikes('send_odd_4xx')) return say.failure(409, 'TRY_AGAIN', soon)
    if (strikes('send_doubled')) return say.duplicate(dice, key, soon)
    const accepted = say.accepted(topup, soon)
    if (strikes('send_truncated')) return { ...accepted, isCut: true }
    if (strikes('send_answer_late')) return { ...accepted, afterMs: dice.between(key, 'late', 5_000, 40_000) }
    return accepted
  }

  #look(ref: string, key: number): Reply {
    const dice = this.#dice
    const strikes = this.#striking(key)
    const soon = dice.between(key, 'look_takes', ...this.#habits.lookTakesMs)
    if (strikes('look_lost')) return { kind: 'reset', afterMs: dice.between(key, 'reset', 10, 3_000) }
    this.#called('look', ref)
    if (strikes('look_5xx')) return say.broken(dice, key, soon)
    if (strikes('look_429')) return say.throttled(dice, key, soon)
    if (strikes('look_html')) return say.html(dice, key, soon)
    if (strikes('look_not_found')) return say.notFound(ref, soon)
    const { now } = this.#kernel
    const topup = this.#byRef.get(ref)?.find(({ foundFrom }) => foundFrom <= now)
    if (topup === undefined) return say.notFound(ref, soon)
    const ago = strikes('look_stale') ? dice.between(key, 'stale', 1_000, 60_000) : 0
    const row = say.row(topup, statusAt(topup.fate, now - ago), dice.unit(key, 'form') < 0.3)
    if (strikes('look_other')) return say.success({ ...row, ref: 'another-ref', status: 'FULFILLED' }, soon)
    const answer = say.success(row, soon)
    if (strikes('look_truncated')) return { ...answer, isCut: true }
    if (strikes('look_late')) return { ...answer, afterMs: dice.between(key, 'late', 3_000, 30_000) }
    return answer
  }

  #list(url: URL): Reply {
    const dice = this.#dice
    const strikes = this.#striking(WORLD)
    this.#called('list', null)
    const soon = dice.between(WORLD, 'list_takes', ...this.#habits.listTakesMs)
    if (strikes('list_failed')) return say.broken(dice, WORLD, soon)
    const ago = strikes('list_stale') ? dice.between(WORLD, 'stale', 1_000, STALE_LIST_MS) : 0
    const asOf = this.#kernel.now - ago
    const [from, to] = [Date.parse(param(url, 'from')), Date.parse(param(url, 'to'))]
    const rows = this.#topups
      .filter(({ acceptedAt, listedFrom }) => acceptedAt >= from && acceptedAt <= to && listedFrom <= asOf)
      .map((topup) => say.row(topup, statusAt(topup.fate, asOf), true))
      .reverse()
    const page = Number(param(url, 'page'))
    const { rowsAPage } = this.#habits
    const items: object[] = rows.slice((page - 1) * rowsAPage, page * rowsAPage)
    if (items[0] !== undefined && strikes('list_without_ref')) items[0] = { ...items[0], ref: null }
    const totalPages = Math.ceil(rows.length / rowsAPage)
    const pagination = { page, totalPages, totalResults: rows.length }
    const answer = say.dated({ items, pagination }, this.#kernel.now, soon)
    return strikes('list_truncated') ? { ...answer, isCut: true } : answer
  }

  /** Somebody else spends from the account: not by us, and not through us. */
  spendElsewhere(amountDzd: number): void {
    const { now } = this.#kernel
    const id = (0xf0e0_0000_0000 + this.#elsewhere.length).toString(16).padStart(24, '6')
    const fate = [{ at: now, status: 'FULFILLED' }]
    this.#elsewhere.push({ id, upstreamRef: `elsewhere-${id}`, acceptedAt: now, amountDzd, fate })
    this.#trace(WORLD, () => `SOMEBODY ELSE SPENDS ${amountDzd} DZD as ${id}`)
  }

  #lookById(id: string): Reply {
    const { now } = this.#kernel
    this.accountReads.push(now)
    const soon = this.#dice.between(WORLD, 'by_id_takes', 30, 400)
    if (this.#striking(WORLD)('account_failed')) return say.broken(this.#dice, WORLD, soon)
    const other = this.#elsewhere.find((topup) => topup.id === id)
    const topup = other ?? this.#topups.find((each) => each.id === id && each.foundFrom <= now)
    if (topup === undefined) return say.notFound(id, soon)
    return say.success(say.row({ ...ELSEWHERE, ...topup }, statusAt(topup.fate, now), true), soon)
  }

  #account({ pathname, searchParams }: URL): Reply {
    const { now } = this.#kernel
    this.accountReads.push(now)
    const soon = this.#dice.between(WORLD, 'account_takes', 50, 900)
    if (this.#striking(WORLD)('account_failed')) return say.broken(this.#dice, WORLD, soon)
    const spent = [...this.#topups, ...this.#elsewhere]
    if (pathname.endsWith('/validate')) return say.success({ username: '+213550000000', apiKey: {} }, soon)
    if (pathname.endsWith('/balance'))
      return say.success({ balance: this.#statement.balanceDzd(spent, now) }, soon)
    const [from, to] = [Date.parse(searchParams.get('from') ?? ''), Date.parse(searchParams.get('to') ?? '')]
    const isInside = ({ at }: { at: number }) => Number.isNaN(from) || (at >= from && at <= to)
    const rows = this.#statement.rows(spent, now).filter(isInside)
    const [page, pageSize] = [
      Number(searchParams.get('page') ?? 1),
      Number(searchParams.get('pageSize') ?? 20),
    ]
    const items = rows.slice((page - 1) * pageSize, page * pageSize)
    const totalPages = Math.ceil(rows.length / pageSize)
    const pagination = { page, pageSize, totalPages, totalResults: rows.length }
    return say.dated({ items, pagination }, now, soon)
  }

  #accept(wanted: Wanted, key: number): Topup {
    const { now } = this.#kernel
    const dice = this.#dice
    const strikes = this.#striking(key)
    const hiddenMs = strikes('not_found_at_first') ? dice.between(key, 'hidden', 5_000, 600_000) : 0
    const number = this.#topups.length
    const topup: Topup = {
      id: timedId(number.toString(16).padStart(16, '6'), now),
      upstreamRef: wanted.ref,
      planCode: wanted.plan_code,
      msisdn: wanted.MSSIDN,
      amountDzd: wanted.amount ?? 0,
      acceptedAt: now,
      fate: this.#habits.fateOf(now, key, dice, strikes),
      foundFrom: now + hiddenMs,
      listedFrom: now + Math.min(hiddenMs, LIST_LAG_MS),
    }
    this.#topups.push(topup)
    const same = this.#byRef.get(wanted.ref)
    if (same === undefined) this.#byRef.set(wanted.ref, [topup])
    else same.push(topup)
    this.#trace(key, () => `PROVIDER ACCEPTS ${topup.upstreamRef} as ${topup.id}`)
    return topup
  }

  /** Its check for duplicates sees what look-ups see: only the list keeps a hidden ref from being paid twice. */
  #knows(ref: string): boolean {
    return this.#byRef.get(ref)?.some(({ foundFrom }) => foundFrom <= this.#kernel.now) ?? false
  }

  #called(kind: ProviderCall['kind'], upstreamRef: string | null): void {
    this.#calls.push({ at: this.#kernel.now, kind, upstreamRef })
  }

  #striking(key: number): (name: Parameters<Faults['strikes']>[0]) => boolean {
    return (name) => this.#faults.strikes(name, key)
  }
}

/** What somebody else asked for does not matter. */
const ELSEWHERE = { planCode: 'PREPAID_MOBILIS', msisdn: '0550000000', foundFrom: 0, listedFrom: 0 }

interface Wanted {
  readonly plan_code: string
  readonly MSSIDN: string
  readonly amount?: number
  readonly ref: string
}

/** The gateway wrote it. */
function sendOf(body: string): Wanted {
  return JSON.parse(body)
}

function refOf({ pathname }: URL): string {
  return decodeURIComponent(pathname.slice(pathname.lastIndexOf('/') + 1))
}

function param({ searchParams }: URL, name: string): string {
  return searchParams.get(name) ?? ''
}
