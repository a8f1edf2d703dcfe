/**
 * What becomes of a top-up, from its number and the time since it was accepted. Nothing here is stored and
 * no timer runs: the same question at the same moment always has the same answer.
 *
 * A number `06000d00oo` chooses delay `d` and outcome `oo`; `0600000001` (refunded) and `0600000002`
 * (refunded, with other offers) are the provider's own test numbers and fall out of that table.
 */
import { findPlan, offersInstead, type PlanOffer } from './plans'

export interface Topup {
  /** 24 lower-case hex digits. */
  readonly id: string
  readonly ref: string
  readonly planCode: string
  readonly msisdn: string
  /** Face value in DZD. */
  readonly amount: number
  /** Unix milliseconds. */
  readonly acceptedAt: number
}

/** A status and the moment (Unix milliseconds) from which it holds. */
export interface Stage {
  readonly status: string
  readonly from: number
}

/** What a test number does to the answer of a send. */
export type SendFault = 'none' | 'answer_lost' | 'error_not_accepted' | 'error_accepted' | 'no_balance'

/** What a test number does to the answer of a look-up. */
export type LookUpFault = 'none' | 'throttled' | 'html' | 'hidden'

const TEST_NUMBER = /^06000([0-9])00([0-9]{2})$/

/** The provider's own sandbox was seen to settle in 5 to 16 s. */
const ORDINARY_DELAY_MIN_MS = 5000
const ORDINARY_DELAY_MAX_MS = 16_000
const DELAY_BY_DIGIT_MS: ReadonlyMap<string, number> = new Map([
  ['1', 1000],
  ['2', 20_000],
  ['3', 300_000],
])
/** From UNKNOWN_ERROR to its real end, and from FULFILLED to a reversal; in life it takes hours. */
const SECOND_THOUGHT_MS = 30_000
/** How long outcome 11 shows its strange status. */
const STRANGE_STATUS_MS = 5000
/** How long outcome 12 answers HTML and outcome 13 hides, from the moment of acceptance. */
const LOOK_UP_FAULT_MS = 10_000
/** A word no documentation has: a client must take it for unknown, never for an end. */
const STRANGE_STATUS = 'AWAITING_REVIEW'

const MESSAGE_REFUSED = 'لم تنجح عملية التعبئة. يرجى التحقق من الرقم ثم إعادة المحاولة.'
const MESSAGE_OTHER_OFFERS = 'هذا الرقم لا يقبل هذا العرض. يرجى إرسال أحد العروض التالية:'
const MESSAGE_MENU = 'العروض المتاحة لهذا الرقم:'
const MESSAGE_UNKNOWN = 'حالة العملية غير مؤكدة بعد. يرجى الانتظار حتى يتم التحقق منها.'

function testNumber(msisdn: string): { delayDigit: string; outcome: string } | null {
  const match = TEST_NUMBER.exec(msisdn)
  return match === null ? null : { delayDigit: match[1] ?? '', outcome: match[2] ?? '' }
}

function outcomeOf(msisdn: string): string {
  return testNumber(msisdn)?.outcome ?? ''
}

/** Test numbers fit every plan: the vendor's own examples send Djezzy plans to numbers in 06. */
export function isTestNumber(msisdn: string): boolean {
  return testNumber(msisdn) !== null
}

/** From acceptance to the first outcome. Derived from the id, so that it survives without being stored. */
export function settleDelayMs(topup: Topup): number {
  const chosen = DELAY_BY_DIGIT_MS.get(testNumber(topup.msisdn)?.delayDigit ?? '')
  if (chosen !== undefined) return chosen
  const spread = ORDINARY_DELAY_MAX_MS - ORDINARY_DELAY_MIN_MS + 1
  return ORDINARY_DELAY_MIN_MS + (Number.parseInt(topup.id.slice(-8), 16) % spread)
}

/** The statuses after settling, each with its distance from that moment. */
function ending(topup: Topup): readonly (readonly [status: string, afterMs: number])[] {
  if (isMenu(topup)) return [['REFUNDED', 0]]
  switch (outcomeOf(topup.msisdn)) {
    case '01':
    case '02':
      return [['REFUNDED', 0]]
    case '03':
      return [
        ['UNKNOWN_ERROR', 0],
        ['FULFILLED', SECOND_THOUGHT_MS],
      ]
    case '04':
      return [
        ['UNKNOWN_ERROR', 0],
        ['REFUNDED', SECOND_THOUGHT_MS],
      ]
    case '09':
      return [
        ['FULFILLED', 0],
        ['REFUNDED', SECOND_THOUGHT_MS],
      ]
    case '11':
      return [
        [STRANGE_STATUS, 0],
        ['FULFILLED', STRANGE_STATUS_MS],
      ]
    default:
      return [['FULFILLED', 0]]
  }
}

/** The whole life of a top-up, in order: PENDING, HANDLING from half-way, then its ending. */
function timeline(topup: Topup): Stage[] {
  const delay = settleDelayMs(topup)
  const settledAt = topup.acceptedAt + delay
  return [
    { status: 'PENDING', from: topup.acceptedAt },
    { status: 'HANDLING', from: topup.acceptedAt + Math.floor(delay / 2) },
    ...ending(topup).map(([status, afterMs]) => ({ status, from: settledAt + afterMs })),
  ]
}

export function statusAt(topup: Topup, now: number): string {
  return timeline(topup).findLast((stage) => stage.from <= now)?.status ?? 'PENDING'
}

/** The moment from which the money is back, or null for a top-up that keeps it. */
export function refundedAt(topup: Topup): number | null {
  return timeline(topup).find((stage) => stage.status === 'REFUNDED')?.from ?? null
}

/** The moment after which nothing about this top-up changes any more. */
export function settledForGoodAt(topup: Topup): number {
  return Math.max(timeline(topup).at(-1)?.from ?? 0, topup.acceptedAt + LOOK_UP_FAULT_MS)
}

export function refundMessage(topup: Topup, status: string): string | null {
  if (status === 'UNKNOWN_ERROR') return MESSAGE_UNKNOWN
  if (status !== 'REFUNDED') return null
  if (isMenu(topup)) return MESSAGE_MENU
  return outcomeOf(topup.msisdn) === '02' ? MESSAGE_OTHER_OFFERS : MESSAGE_REFUSED
}

export function suggestedOffers(topup: Topup, status: string): PlanOffer[] | null {
  const plan = findPlan(topup.planCode)
  if (status !== 'REFUNDED' || plan === null) return null
  if (plan.kind !== 'menu' && outcomeOf(topup.msisdn) !== '02') return null
  return offersInstead(plan, topup.amount)
}

export function sendFault(msisdn: string): SendFault {
  switch (outcomeOf(msisdn)) {
    case '05':
      return 'answer_lost'
    case '06':
      return 'error_not_accepted'
    case '07':
      return 'error_accepted'
    case '08':
      return 'no_balance'
    default:
      return 'none'
  }
}

/** Not there yet for anybody who looks: check-ref, check-id and the list. */
export function isHidden(topup: Topup, now: number): boolean {
  return outcomeOf(topup.msisdn) === '13' && now < topup.acceptedAt + LOOK_UP_FAULT_MS
}

/** `lookUpNumber` counts from 1: the second, fourth, … look-up of outcome 10 is throttled. */
export function lookUpFault(topup: Topup, now: number, lookUpNumber: number): LookUpFault {
  if (isHidden(topup, now)) return 'hidden'
  const outcome = outcomeOf(topup.msisdn)
  if (outcome === '12' && now < topup.acceptedAt + LOOK_UP_FAULT_MS) return 'html'
  return outcome === '10' && lookUpNumber % 2 === 0 ? 'throttled' : 'none'
}

function isMenu(topup: Topup): boolean {
  return findPlan(topup.planCode)?.kind === 'menu'
}
