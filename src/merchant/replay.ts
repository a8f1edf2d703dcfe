/** A bulk replay: which deliveries it makes again, and how far it has come. Pure. Times are unix ms. */
import type { DeliveryState, Environment, EventType } from '../order/state'

/** Each null asks nothing. */
export interface ReplayFilter {
  readonly environment: Environment
  /** Of the event's time; both included. */
  readonly from: number | null
  readonly to: number | null
  readonly state: DeliveryState | null
  readonly endpointId: string | null
  readonly refs: readonly string[] | null
  readonly eventType: EventType | null
}

export interface Replay {
  readonly id: string
  readonly environment: Environment
  readonly state: 'running' | 'complete' | 'cancelled'
  readonly createdAt: number
  readonly finishedAt: number | null
  /** The length of its list: the deliveries that fitted when it was made. */
  readonly matched: number
  readonly done: number
  /** How many, by reason. */
  readonly skipped: Readonly<Record<string, number>>
  /** When it goes on. */
  readonly at: number
  /** How often the part of the list that is next could not be done. */
  readonly tries: number
}

/** What came of one delivery; `failed`: its order could not be reached. */
export type Outcome = 'done' | 'failed' | { readonly skipped: string }

/** Deliveries made again at once, one batch a second: a merchant's storm must not be one object's queue. */
export const REPLAY_BATCH = 50
const PAUSE_MS = 1_000
const AGAIN_MS = 5_000
/** An order that cannot be reached for two minutes must not stop all others. */
const MAX_TRIES = 24

/** Sorts by time. */
export function replayId(random: string, now: number): string {
  return `rpl_${now.toString(36).padStart(9, '0')}_${random}`
}

export function newReplay(id: string, environment: Environment, matched: number, now: number): Replay {
  const replay = {
    id,
    environment,
    createdAt: now,
    matched,
    done: 0,
    skipped: {},
    at: now,
    tries: 0,
  } as const
  return matched === 0
    ? { ...replay, state: 'complete', finishedAt: now }
    : { ...replay, state: 'running', finishedAt: null }
}

/** How many of its list are behind it: where it goes on. */
export function position({ done, skipped }: Replay): number {
  return Object.values(skipped).reduce((sum, count) => sum + count, done)
}

/**
 * After the next part of the list. It is behind us up to the first that failed, which is asked again with those
 * after it: they know this replay and do nothing twice. A replay that was cancelled meanwhile stays so, and counts
 * what was done.
 */
export function advanced(replay: Replay, outcomes: readonly Outcome[], now: number): Replay {
  const isRunning = replay.state === 'running'
  const tries = replay.tries + 1
  const goesPast = (index: number) => !isRunning || (index === 0 && tries >= MAX_TRIES)
  const failed = outcomes.findIndex((outcome, index) => outcome === 'failed' && !goesPast(index))
  const behind = failed === -1 ? outcomes : outcomes.slice(0, failed)
  const at = now + (failed === -1 ? PAUSE_MS : AGAIN_MS)
  const counted = behind.reduce(count, { ...replay, tries: behind.length > 0 ? 0 : tries, at })
  const isOver = position(counted) >= replay.matched || outcomes.length === 0
  return isRunning && isOver ? { ...counted, state: 'complete', finishedAt: now } : counted
}

function count(replay: Replay, outcome: Outcome): Replay {
  if (outcome === 'done') return { ...replay, done: replay.done + 1 }
  const reason = outcome === 'failed' ? 'unreachable' : outcome.skipped
  return { ...replay, skipped: { ...replay.skipped, [reason]: (replay.skipped[reason] ?? 0) + 1 } }
}

/** What is over stays as it is. */
export function cancelled(replay: Replay, now: number): Replay {
  return replay.state === 'running' ? { ...replay, state: 'cancelled', finishedAt: now } : replay
}

export type ReplayView = ReturnType<typeof replayView>

export function replayView({ id, state, matched, done, skipped, createdAt, finishedAt }: Replay) {
  return {
    id,
    state,
    matched,
    done,
    skipped,
    created_at: new Date(createdAt).toISOString(),
    finished_at: finishedAt === null ? null : new Date(finishedAt).toISOString(),
  }
}
