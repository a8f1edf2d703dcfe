import { fill } from '../platform/words'
import type { Dress } from './dress'
import { calendarDate, clockTime, isSameDay } from './format'
import type { ShownState, StatusTexts, StepMark } from './texts'

/** What the page needs to know of an order. Times in unix milliseconds, the amount in dinars. */
export interface StatusPageView {
  readonly status: 'PENDING' | 'HANDLING' | 'FULFILLED' | 'REFUNDED' | 'UNKNOWN_ERROR'
  readonly final: boolean
  readonly amountDzd: number | null
  /** The whole number: the page masks it. */
  readonly msisdn: string
  readonly createdAt: number
  /** When the provider was first known to have it; null while it is not, and when that is no longer known. */
  readonly acceptedAt: number | null
  /** When it was first seen at the operator. */
  readonly deliveringAt: number | null
  readonly settledAt: number | null
  readonly nextCheckAt: number | null
  /** The provider's words, untrusted. */
  readonly refundMessage: string | null
  readonly suggestedOffers: readonly { readonly typename: string; readonly amount: number }[]
}

const REFRESH_SECONDS = 5
/** An unknown order is looked up at growing intervals: no need to ask as often. */
const REFRESH_UNKNOWN_SECONDS = 15
/** Top-ups settle in 5 to 30 s; the texts say "usually less than a minute". */
const LATE_AFTER_MS = 2 * 60_000
/** A clock time without seconds says nothing about a moment this near. */
const SOON_MS = 60_000

/** `FULFILLED` or `REFUNDED` that is not final yet is not announced: a customer acts on what he reads. */
export function shownState(view: StatusPageView): ShownState {
  if (view.status === 'UNKNOWN_ERROR') return 'unknown'
  if (view.final && view.status === 'FULFILLED') return 'sent'
  if (view.final && view.status === 'REFUNDED') return 'refunded'
  return view.status === 'PENDING' ? 'queued' : 'sending'
}

/** Null once final: nothing on the page will change. */
export function refreshSeconds(view: StatusPageView): number | null {
  if (view.final) return null
  return view.status === 'UNKNOWN_ERROR' ? REFRESH_UNKNOWN_SECONDS : REFRESH_SECONDS
}

/** What happens next, in one or two sentences. */
export function nextSentence(view: StatusPageView, now: number, dress: Dress): string {
  const { texts } = dress
  const state = shownState(view)
  const usual = texts.states[state].next
  if (state === 'unknown') return `${nextLook(view.nextCheckAt, now, dress)} ${usual}`
  const waiting = state === 'queued' || state === 'sending'
  return waiting && now - view.createdAt > LATE_AFTER_MS ? texts.late : usual
}

function nextLook(at: number | null, now: number, { texts, language }: Dress): string {
  if (at === null) return texts.nextLook.undated
  if (at - now < SOON_MS) return texts.nextLook.soon
  const time = clockTime(at, language)
  if (isSameDay(at, now)) return fill(texts.nextLook.at, { time })
  return fill(texts.nextLook.on, { date: calendarDate(at, language), time })
}

/** Marks of the steps "with the operator" and "result". */
const MARKS: Record<ShownState, readonly [StepMark, StepMark]> = {
  queued: ['later', 'later'],
  sending: ['now', 'later'],
  sent: ['done', 'done'],
  refunded: ['failed', 'done'],
  unknown: ['doubt', 'later'],
}

export interface Step {
  readonly label: string
  readonly mark: StepMark
  readonly at: number | null
}

export function timeline(view: StatusPageView, texts: StatusTexts): readonly Step[] {
  const state = shownState(view)
  const [operator, result] = MARKS[state]
  const words = texts.states[state]
  return [
    { label: texts.askedStep, mark: 'done', at: view.createdAt },
    ...accepted(view, state, texts),
    { label: words.operatorStep, mark: operator, at: view.deliveringAt },
    { label: words.resultStep, mark: result, at: view.final ? view.settledAt : null },
  ]
}

/** What was refunded may never have been accepted: without the time of it, it is not claimed. */
function accepted({ acceptedAt }: StatusPageView, state: ShownState, texts: StatusTexts): readonly Step[] {
  if (acceptedAt === null && state === 'refunded') return []
  const mark = acceptedAt === null && state === 'queued' ? 'now' : 'done'
  return [{ label: texts.acceptedStep, mark, at: acceptedAt }]
}
