/**
 * One reconciliation: a window of time on one provider account, gone through slice by slice. What it has come to is plain data that is
 * stored between two slices; a slice that dies is done again and finds the same. Times are unix ms by our clock.
 */
import type { OrderPlace } from '../merchant/order-row'
import { randomHex } from '../platform/crypto'
import type { Movement } from '../provider/movement'
import { balanceOf, type Chain, NEW_CHAIN } from './balances'
import type { Wanted } from './reconciler-calls'
import { addTallies, type Balance, EMPTY_TALLY, type Report, type Tally, type Trigger } from './report'

/** Whom a top-up is counted for: nobody's are counted under the empty name. */
export const NOBODY = ''

/** A top-up that the provider calls refunded, while no money has come back yet. */
export interface AwaitedRefund {
  readonly providerId: string
  readonly merchantId: string
  readonly ref: string
  readonly settledAt: number
  /** What was taken for it. */
  readonly debit: Movement
}

export interface Run {
  readonly id: string
  readonly trigger: Trigger
  /** Whose orders; null: everybody's on the account. */
  readonly merchantId: string | null
  readonly environment: Wanted['environment']
  readonly from: number
  readonly to: number
  readonly checkIndex: Wanted['checkIndex']
  readonly startedAt: number
  /** Everything before is done. */
  readonly reachedAt: number
  readonly sliceMs: number
  /** The provider's clock less ours; the same for all slices, so that none is between two of them. Null before the first. */
  readonly skewMs: number | null
  readonly pagesRead: number
  readonly reasons: readonly string[]
  readonly tallies: Readonly<Record<string, Tally>>
  readonly chain: Chain
  readonly awaited: readonly AwaitedRefund[]
  /** Provider ids of top-ups whose money came back during the window, the newest: a second time is once too often. */
  readonly credited: readonly string[]
  /** How far the orders still unknown were looked at, which is done after the window; null: not yet. */
  readonly unknownAfter: { readonly merchantId: string; readonly place: OrderPlace | null } | null
  readonly isOver: boolean
}

const RUN_ID_BYTES = 8

export function newRunId(): string {
  return `rec_${randomHex(RUN_ID_BYTES)}`
}

export function newRun(id: string, wanted: Wanted, trigger: Trigger, now: number): Run {
  const to = Math.min(wanted.to, now)
  const from = Math.min(wanted.from, to)
  return {
    id,
    trigger,
    merchantId: wanted.merchantId,
    environment: wanted.environment,
    from,
    to,
    checkIndex: wanted.checkIndex,
    startedAt: now,
    reachedAt: from,
    sliceMs: Math.max(1, to - from),
    skewMs: null,
    pagesRead: 0,
    reasons: [],
    tallies: {},
    chain: NEW_CHAIN,
    awaited: [],
    credited: [],
    unknownAfter: null,
    isOver: false,
  }
}

/** The run with what one more part of it has come to. */
export function withTallies(run: Run, tallies: ReadonlyMap<string, Tally>): Run {
  const sums = { ...run.tallies }
  for (const [merchantId, tally] of tallies)
    sums[merchantId] = addTallies(sums[merchantId] ?? EMPTY_TALLY, tally)
  return { ...run, tallies: sums }
}

/** Gives the slice up that could not be read: the report says that it is not complete, and why. */
export function passOver(run: Run, reason: string): Run {
  const reachedAt = Math.min(run.to, run.reachedAt + run.sliceMs)
  const reasons = run.reasons.includes(reason) ? run.reasons : [...run.reasons, reason]
  // Money that moved meanwhile was not seen: the chain begins anew behind it.
  return { ...run, reachedAt, reasons, chain: { ...run.chain, isBroken: true } }
}

export interface Reports {
  /** Of everything on the account: the operator's, or the merchant's whose account it is. */
  readonly account: Report
  readonly merchants: ReadonlyMap<string, Report>
}

/** `isShared`: the balance of the account is not its merchants' to know. */
export function reportsOf(run: Run, isShared: boolean, now: number): Reports {
  const state = !run.isOver ? 'running' : run.reasons.length > 0 ? 'incomplete' : 'complete'
  const report = (tally: Tally, balance: Balance | null): Report => ({
    ...tally,
    id: run.id,
    environment: run.environment,
    trigger: run.trigger,
    state,
    from: run.from,
    to: run.to,
    startedAt: run.startedAt,
    endedAt: run.isOver ? now : null,
    reachedAt: run.reachedAt,
    pagesRead: run.pagesRead,
    reasons: run.reasons,
    balance,
  })
  const balance = balanceOf(run.chain)
  const whole = Object.values(run.tallies).reduce(addTallies, EMPTY_TALLY)
  const own = Object.entries(run.tallies).filter(([merchantId]) => merchantId !== NOBODY)
  return {
    account: report(whole, balance),
    merchants: new Map(
      own.map(([merchantId, tally]) => [merchantId, report(tally, isShared ? null : balance)]),
    ),
  }
}
