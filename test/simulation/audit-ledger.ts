/**
 * What happens on one provider account, made up before the audit looks at it: orders of ours, refunds, deposits, and money that
 * somebody else spends. Chance comes from (seed, key, purpose) alone, as everywhere here.
 */
import { Dice } from './dice'

/** The provider's clock when a world begins. */
export const EPOCH_MS = Date.UTC(2026, 10, 24)
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const MAX_REFUND_MS = 30 * HOUR_MS
/** Foreign money while nobody sends. */
const TAIL_FOREIGN_EVERY_MS = 2 * HOUR_MS
const OPENING_CENTIMES = 50_000_000

/** Orders per second, how many of them a phase has, and of how many phases one is like that. */
const LOADS = [
  { rate: 0.01, orders: 15, weight: 1 },
  { rate: 0.1, orders: 80, weight: 1 },
  { rate: 1, orders: 600, weight: 2 },
  { rate: 5, orders: 1_500, weight: 2 },
  { rate: 20, orders: 3_000, weight: 2 },
  { rate: 50, orders: 5_000, weight: 2 },
] as const

/** Of an order. Times are true ones, which are the provider's. */
export interface Sale {
  readonly topupId: string
  readonly ref: string
  readonly startedAt: number
  /** When the wallet learns the id; never, for some of those whose answer was lost. */
  readonly learntAt: number
}

export interface Row {
  readonly id: string
  readonly type: string
  readonly objid: string
  readonly at: number
  /** When readings have it; never, for what the statement hides. */
  readonly visibleAt: number
  readonly before: number
  readonly after: number
  readonly whose: 'ours' | 'foreign' | 'hidden' | 'other'
  readonly msisdn: string
}

export interface Phase {
  readonly rate: number
  readonly from: number
  readonly to: number
}

export interface Books {
  readonly sales: readonly Sale[]
  /** In the order of the balance. */
  readonly rows: readonly Row[]
  readonly phases: readonly Phase[]
  readonly endsAt: number
}

interface Draft {
  readonly at: number
  readonly type: string
  readonly objid: string
  readonly deltaCentimes: number
  readonly whose: Row['whose']
  readonly msisdn: string
}

const OTHER_TYPES = ['SEND', 'WITHDRAW', 'SERVICE', 'ADSL', 'ORDER'] as const

export function books(seed: number, orders: number): Books {
  const dice = new Dice(seed)
  const roll = (key: number, purpose: string) => dice.nth(key, purpose, 1)
  const phases = phasesOf(roll, orders)
  const sales: Sale[] = []
  const drafts: Draft[] = []
  // Where many things share a millisecond, their order is nobody's guess.
  const grainMs = roll(0, 'grain') < 0.3 ? 20 : 1
  for (const { rate, from, to, first, count } of phases) {
    for (let nth = 0; nth < count; nth++) {
      const key = first + nth
      const startedAt = Math.floor(from + (nth + roll(key, 'start')) * (1_000 / rate))
      addSale(roll, key, startedAt, grainMs, sales, drafts)
      if (roll(key, 'foreign') < 1 / 250) addForeign(roll, key, startedAt, drafts)
      if (roll(key, 'hidden') < 1 / 2_500) {
        drafts.push({
          ...nobodys(roll, key),
          at: startedAt,
          deltaCentimes: -spend(roll, key),
          whose: 'hidden',
        })
      }
      if (roll(key, 'deposit') < 1 / 400) drafts.push(deposit(roll, key, startedAt))
    }
    addForeign(roll, first + 0.5, to + 5_000 + Math.floor(roll(first, 'rest') * 40_000), drafts)
  }
  const quietFrom = phases.at(-1)?.to ?? EPOCH_MS
  const lastAt = drafts.reduce((last, { at }) => Math.max(last, at), quietFrom)
  for (let at = quietFrom, key = orders + 1; at < lastAt; key++) {
    at += Math.floor(roll(key, 'tail') * 2 * TAIL_FOREIGN_EVERY_MS)
    addForeign(roll, key, at, drafts)
  }
  const rows = withBalances(roll, history(roll), drafts)
  const endsAt = rows.reduce((last, { at }) => Math.max(last, at), 0) + 3 * MINUTE_MS
  return { sales, rows, phases, endsAt }
}

type Roll = (key: number, purpose: string) => number

function phasesOf(roll: Roll, orders: number): (Phase & { first: number; count: number })[] {
  const phases = []
  let from = EPOCH_MS + MINUTE_MS
  const bag = LOADS.flatMap((load) => Array.from({ length: load.weight }, () => load))
  for (let first = 1; first <= orders; ) {
    const load = bag[Math.floor(roll(first, 'load') * bag.length)] ?? LOADS[0]
    const count = Math.min(load.orders, orders + 1 - first)
    const to = from + Math.floor((count * 1_000) / load.rate)
    phases.push({ rate: load.rate, from, to, first, count })
    first += count
    from = to + Math.floor(roll(first, 'pause') * 4 * MINUTE_MS)
  }
  return phases
}

function addSale(
  roll: Roll,
  key: number,
  startedAt: number,
  grainMs: number,
  sales: Sale[],
  drafts: Draft[],
): void {
  const topupId = objectId(startedAt, key, roll)
  const answerMs = 100 + Math.floor(roll(key, 'answer') ** 3 * 9_900)
  const exact = startedAt + Math.floor(roll(key, 'charge') * answerMs)
  const chargedAt = Math.max(startedAt, Math.floor(exact / grainMs) * grainMs)
  const doubt = roll(key, 'doubt')
  const learntAt =
    doubt < 0.01
      ? Number.POSITIVE_INFINITY
      : startedAt + answerMs + (doubt < 0.02 ? Math.floor(roll(key, 'late') * 10 * MINUTE_MS) : 0)
  sales.push({ topupId, ref: `API-213550000001-m${key % 7}.order-${key}`, startedAt, learntAt })
  const deltaCentimes = -spend(roll, key)
  const draft = { objid: topupId, msisdn: msisdn(roll, key), whose: 'ours' } as const
  drafts.push({ ...draft, at: chargedAt, type: 'FLEXY', deltaCentimes })
  if (roll(key, 'refund') < 0.08) {
    const afterMs = Math.floor(3_000 * (MAX_REFUND_MS / 3_000) ** roll(key, 'refund after'))
    const at = chargedAt + afterMs
    drafts.push({ ...draft, at, type: 'REFUND-FLEXY', deltaCentimes: -deltaCentimes, whose: 'other' })
  }
}

/** Alone or several at once; some of it comes back. */
function addForeign(roll: Roll, key: number, from: number, drafts: Draft[]): void {
  const several = roll(key, 'several') < 0.25 ? 2 + Math.floor(roll(key, 'how many') * 4) : 1
  for (let nth = 0; nth < several; nth++) {
    const own = key * 16 + nth + 1_000_000_000
    const at = from + (roll(own, 'together') < 0.5 ? 0 : Math.floor(roll(own, 'apart') * 3_000))
    const type =
      roll(own, 'type') < 0.6 ? 'FLEXY' : (OTHER_TYPES[Math.floor(roll(own, 'other') * 5)] ?? 'SEND')
    const draft = {
      ...nobodys(roll, own),
      at,
      type,
      deltaCentimes: -spend(roll, own),
      whose: 'foreign' as const,
    }
    drafts.push(draft)
    if (roll(own, 'back') < 0.1) {
      const back = at + Math.floor(roll(own, 'back after') * 20_000)
      drafts.push({
        ...draft,
        at: back,
        type: 'REFUND-FLEXY',
        deltaCentimes: -draft.deltaCentimes,
        whose: 'other',
      })
    }
  }
}

function nobodys(roll: Roll, key: number): Omit<Draft, 'at' | 'deltaCentimes' | 'whose'> {
  return { type: 'FLEXY', objid: objectId(EPOCH_MS, key, roll, 'f'), msisdn: msisdn(roll, key) }
}

function deposit(roll: Roll, key: number, at: number): Draft {
  const type = roll(key, 'deposit type') < 0.8 ? 'DEPOSIT' : 'RECEIVE'
  const deltaCentimes = (1_000 + Math.floor(roll(key, 'deposited') * 50_000)) * 100
  return { at, type, objid: objectId(at, key, roll, 'd'), deltaCentimes, whose: 'other', msisdn: '' }
}

/** What was before anybody audited it. */
function history(roll: Roll): Draft[] {
  return Array.from({ length: 40 }, (_, nth) => ({
    ...nobodys(roll, 2_000_000_000 + nth),
    at: EPOCH_MS - 30_000 - (40 - nth) * 7_000,
    deltaCentimes: -spend(roll, nth),
    whose: 'other' as const,
  }))
}

/** 40 to 5000 DZD at a wholesale price: whole centimes. Often the same, so that balances come back. */
function spend(roll: Roll, key: number): number {
  const dzd =
    roll(key, 'round') < 0.5
      ? 100 * (1 + Math.floor(roll(key, 'hundreds') * 10))
      : 40 + Math.floor(roll(key, 'amount') * 4_961)
  return dzd * 96
}

function msisdn(roll: Roll, key: number): string {
  return `06${String(10_000_000 + Math.floor(roll(key, 'msisdn') * 89_999_999))}`
}

function objectId(at: number, key: number, roll: Roll, mark = 'a'): string {
  const seconds = Math.floor(at / 1_000).toString(16)
  const rest = Math.floor(roll(key, `id ${mark}`) * 0xffff_ffff).toString(16)
  return (
    seconds +
    mark +
    rest.padStart(8, '0') +
    Math.floor(key * 2)
      .toString(16)
      .padStart(7, '0')
  )
}

function withBalances(roll: Roll, before: readonly Draft[], drafts: readonly Draft[]): Row[] {
  let balance = OPENING_CENTIMES
  // Dated a moment before what it followed, on accounts under load.
  const jitterMs = roll(0, 'jitter') < 0.3 ? 200 : 0
  const inTime = [...before, ...drafts].sort((a, b) => a.at - b.at)
  return inTime.map((draft, nth): Row => {
    const { deltaCentimes, ...shown } = draft
    const startBalance = balance
    balance += deltaCentimes
    const lagMs = roll(nth, 'lag') < 0.1 ? roll(nth, 'lag of') * 10_000 : roll(nth, 'lag of') * 200
    const at = draft.at - Math.floor(roll(nth, 'jitter of') * jitterMs)
    const visibleAt = draft.whose === 'hidden' ? Number.POSITIVE_INFINITY : at + Math.floor(lagMs)
    return { ...shown, id: objectId(at, nth, roll, 'b'), at, visibleAt, before: startBalance, after: balance }
  })
}
