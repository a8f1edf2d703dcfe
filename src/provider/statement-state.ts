/**
 * What the audit remembers between two readings, and how long an unknown debit waits for what. Plain data, bounded, and read back
 * with care: it may have been written by an older version.
 */
import * as z from 'zod'
import type { Movement } from './movement'

/** A send is answered within 8 s, and within 2.5 s more where its ref was there before: then its id is known. */
const GRACE_MS = 12_000
/** An orphan is told within 60 s. The rest is for looks that take long, or that fail. */
const TELL_AFTER_MS = 40_000
/** It happened at most this long before the reading that did not have it yet. */
const ROW_LATENESS_MS = 10_000
/**
 * Nobody is told in haste, also where the 60 s are nearly over: who could not say it four times will not say it the fifth time. A question
 * without an answer counts half: of a million orders it happened four times in a row to one of ours.
 */
const ASKED_ENOUGH = 8
const ANSWERED = 2
const NOT_ANSWERED = 1
/** What was asked before a pause says nothing of what would be answered now. */
const PAUSE_MS = 60_000
/** Somebody who did not know is asked again. */
const ASK_AGAIN_MS = 1_500
/**
 * A debit that nobody can explain may be the send of ours whose answer was lost: while there is one, it is told this
 * much later, and asked about less often.
 */
const DOUBT_MS = 15 * 60_000
const DOUBT_ASK_MS = 10_000
/** What remains of the 60 s: until then it is asked about as often as before. */
const TELL_WITHIN_MS = 20_000
/** A clock is set right now and then: what was learnt of it is not kept for longer. */
const CLOCK_MEMORY_MS = 3_600_000

const movement = z.object({
  id: z.string(),
  type: z.string(),
  topupId: z.string().nullable(),
  at: z.number(),
  beforeCentimes: z.number(),
  afterCentimes: z.number(),
  note: z.string(),
})

const clock = z.object({ aheadMs: z.number(), learntAt: z.number() })

const held = z.object({
  movement,
  /** When it is asked about next, and until when it must be told. Unix ms, our clock. */
  askAt: z.number(),
  tellBy: z.number(),
  /** When it was seen first; after a long pause much later than it must have been told by. */
  seenAt: z.number().catch(0),
  /** How much it was asked about, for nothing. */
  asked: z.number(),
  /** What the provider shows for its top-up, once that is known. */
  ref: z.string().nullable(),
})

const statementState = z.object({
  /** Nothing is missing up to there: the next reading begins with it. */
  anchor: z.object({ at: z.number(), balanceCentimes: z.number().nullable() }),
  /** Nothing up to there is judged: it was before our time. Unix ms, the provider's, as is `newestAt`. */
  begunAt: z.number(),
  newestAt: z.number(),
  balance: z.object({ centimes: z.number(), learntAt: z.number() }).nullable(),
  clock: clock.nullable(),
  /** When the newest complete reading was asked for; unix ms, our clock. */
  readAt: z.number(),
  held: z.array(held),
  /** Seen once; `id` is that of the movement after it. */
  gaps: z.array(z.object({ id: z.string(), seenAt: z.number() })),
  /** Believed and told; the chain goes on behind them. */
  broken: z.array(z.object({ id: z.string(), at: z.number() })),
  /** Debits that were explained or told; kept while they can be read again. */
  settled: z.array(z.object({ id: z.string(), at: z.number() })),
})

export type StatementState = z.infer<typeof statementState>
export type Held = z.infer<typeof held>
/** The provider's clock is at least so much ahead of ours (behind, where negative); and when that was learnt, by ours. */
export type Clock = z.infer<typeof clock>

/** Null for anything that is not one: the audit begins anew. */
export function readState(stored: unknown): StatementState | null {
  const read = statementState.safeParse(stored)
  return read.success ? read.data : null
}

/** A row that was here at `answeredAt` was made before it: the provider's clock had come at least that far. */
export function withClock(
  known: Clock | null,
  newest: Movement | undefined,
  answeredAt: number,
): Clock | null {
  if (newest === undefined) return known
  const seen: Clock = { aheadMs: newest.at - answeredAt, learntAt: answeredAt }
  const isKept =
    known !== null && known.aheadMs > seen.aheadMs && answeredAt - known.learntAt < CLOCK_MEMORY_MS
  return isKept ? known : seen
}

/**
 * A debit of nobody we know. It may be of a send that is not answered yet, so it waits for as long as one can take, counted from
 * its own time, from now, or from the newest send: whichever ends first.
 */
export function heldFrom(
  unknown: Movement,
  { clock: known, readAt }: Pick<StatementState, 'clock' | 'readAt'>,
  { now, lastSendAt }: { now: number; lastSendAt: number | null },
): Held {
  // By our clock, and not before it really was: the provider's is ahead by that much or more.
  const happenedAt = known === null ? now : Math.min(now, unknown.at - known.aheadMs)
  const graceUntil = Math.min(happenedAt, lastSendAt ?? Number.NEGATIVE_INFINITY) + GRACE_MS
  const tellBy = Math.min(happenedAt, readAt - ROW_LATENESS_MS) + TELL_AFTER_MS
  return {
    movement: unknown,
    askAt: Math.max(now, graceUntil),
    tellBy,
    seenAt: now,
    asked: 0,
    ref: null,
  }
}

/** Whose turn it is, the oldest first: neighbours are on the same page of the provider's list. A time far ahead was written by a clock that was set back since. */
export function dueOf({ held: all }: StatementState, now: number): Held[] {
  return all
    .filter(({ askAt }) => askAt <= now || askAt > now + GRACE_MS)
    .sort((a, b) => a.movement.at - b.movement.at)
}

/** Those whose id was learnt meanwhile are no longer unknown. */
export function withoutOurs(state: StatementState, isOurs: (topupId: string) => boolean): StatementState {
  const left = state.held.filter(({ movement: { topupId } }) => topupId === null || !isOurs(topupId))
  return left.length === state.held.length ? state : { ...state, held: left }
}

/** Explained or told: not asked about again. */
export function withSettled(state: StatementState, done: readonly Held[]): StatementState {
  if (done.length === 0) return state
  const ids = new Set(done.map((one) => one.movement.id))
  return {
    ...state,
    held: state.held.filter((one) => !ids.has(one.movement.id)),
    settled: [...state.settled, ...done.map((one) => ({ id: one.movement.id, at: one.movement.at }))],
  }
}

/** `unsure`: somebody was there and did not know; `outage`: the provider answers nobody, whatever he asks. */
export type Answer = 'unsure' | 'none' | 'outage'

/** Asked about for nothing. */
export function askedInVain(held: Held, answer: Answer, now: number): Held {
  if (answer === 'outage') return { ...held, asked: 0 }
  const before = now - held.askAt > PAUSE_MS ? 0 : held.asked
  return { ...held, asked: before + (answer === 'unsure' ? ANSWERED : NOT_ANSWERED) }
}

/** Whether it is told now, as what nobody could explain. */
export function mustBeTold({ asked, tellBy, seenAt }: Held, hasDoubt: boolean, now: number): boolean {
  return (hasDoubt ? Math.max(tellBy, seenAt) + DOUBT_MS : tellBy) <= now && asked >= ASKED_ENOUGH
}

/** To be asked about again, at the latest when it must be told. */
export function withAskedAgain(state: StatementState, unsure: readonly Held[], now: number): StatementState {
  if (unsure.length === 0) return state
  const next = new Map(unsure.map((one) => [one.movement.id, { ...one, askAt: askAgainAt(one, now) }]))
  return { ...state, held: state.held.map((one) => next.get(one.movement.id) ?? one) }
}

function askAgainAt({ tellBy }: Held, now: number): number {
  if (now < tellBy) return Math.min(now + ASK_AGAIN_MS, tellBy)
  return now + (now < tellBy + TELL_WITHIN_MS ? ASK_AGAIN_MS : DOUBT_ASK_MS)
}

/** False when only clocks went on: then a write would be for nothing. */
export function isWorthSaving(before: StatementState | null, after: StatementState): boolean {
  return (
    before === null ||
    before.anchor.at !== after.anchor.at ||
    before.held !== after.held ||
    before.gaps.length + after.gaps.length > 0 ||
    before.settled.length !== after.settled.length ||
    before.broken.length !== after.broken.length
  )
}
