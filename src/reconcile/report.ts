/** What came of comparing a window, for one merchant or for a whole account. Plain data that only grows: parts are added. Pure. */
import type { Environment } from '../order/state'
import type { FindingKind } from './finding'

/** `recent`: every 15 minutes; `daily`: two days, and what is unknown; `demand`: somebody asked for it. */
export type Trigger = 'recent' | 'daily' | 'demand'
/** `incomplete`: some part of the window could not be read so that it proves anything; `reasons` say why. */
export const REPORT_STATES = ['running', 'complete', 'incomplete'] as const
export type ReportState = (typeof REPORT_STATES)[number]

export const COUNTS = [
  /** Top-ups that the provider shows. */
  'upstream',
  /** Orders of ours that should be there. */
  'ours',
  'matched',
  /** Open on both sides. */
  'open',
  /** The provider knew more: the order learnt it. */
  'healed',
  /** Sends in doubt that were found there; also counted as healed. */
  'adopted',
  /** Found by its ref only, not in the list of the window. */
  'lookedUp',
  /** Rows of the index that were held against their orders, and those that were mended. */
  'indexChecked',
  'indexRepaired',
] as const
export type CountName = (typeof COUNTS)[number]

export interface Tally {
  readonly counts: Readonly<Record<CountName, number>>
  readonly findings: Readonly<Partial<Record<FindingKind, number>>>
  /** What the provider's statement shows for these orders, centimes. */
  readonly chargedCentimes: number
  readonly refundedCentimes: number
  /** Face value of what was delivered, whole DZD. */
  readonly fulfilledDzd: number
}

/** Of an account; null where the statement shows none, or where the account is shared and not the reader's to see. */
export interface Balance {
  readonly openingCentimes: number
  readonly closingCentimes: number
  /** Sum of all movements. */
  readonly movedCentimes: number
  /** closing - opening - moved: 0 when the chain is whole. */
  readonly differenceCentimes: number
}

export interface Report extends Tally {
  readonly id: string
  readonly environment: Environment
  readonly trigger: Trigger
  readonly state: ReportState
  /** Unix ms by our clock; `from` included, `to` not. */
  readonly from: number
  readonly to: number
  readonly startedAt: number
  readonly endedAt: number | null
  /** Up to here it has come; `to` at its end. */
  readonly reachedAt: number
  readonly pagesRead: number
  readonly reasons: readonly string[]
  readonly balance: Balance | null
}

export const EMPTY_TALLY: Tally = {
  counts: Object.fromEntries(COUNTS.map((name) => [name, 0])) as Record<CountName, number>,
  findings: {},
  chargedCentimes: 0,
  refundedCentimes: 0,
  fulfilledDzd: 0,
}

export function addTallies(one: Tally, other: Tally): Tally {
  const kinds = Object.keys({ ...one.findings, ...other.findings }) as FindingKind[]
  return {
    counts: Object.fromEntries(COUNTS.map((name) => [name, one.counts[name] + other.counts[name]])) as Record<
      CountName,
      number
    >,
    findings: Object.fromEntries(
      kinds.map((kind) => [kind, (one.findings[kind] ?? 0) + (other.findings[kind] ?? 0)]),
    ),
    chargedCentimes: one.chargedCentimes + other.chargedCentimes,
    refundedCentimes: one.refundedCentimes + other.refundedCentimes,
    fulfilledDzd: one.fulfilledDzd + other.fulfilledDzd,
  }
}
