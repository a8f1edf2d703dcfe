/** How a run goes on after a part of it that was done, or that could not be read. Pure. Times are unix ms. */
import { passOver, type Run } from './run'

/** A run that waits for its turn, or is under way. */
export interface Queued {
  readonly run: Run
  /** The account at the provider that it is about; null before its first part. On another it would find everything missing. */
  readonly account: string | null
  /** How often in a row the part that is next was not read. */
  readonly failures: number
  /** How often in a row an alarm has begun with that part, and nothing was heard of it again. */
  readonly deaths: number
  /** Not before. */
  readonly retryAt: number
}

/** A restart, a deployment, an outage. Whoever waits for longer has others wait behind him. */
const RETRY_MS = [30_000, 2 * 60_000, 5 * 60_000]
/** Deployments do not come so often. */
const MOST_DEATHS = 3
const AFTER_DEATH_MS = 30_000
/** An order went out on an account whose credential is not ours any more: asked again, the provider says the same. */
const HOPELESS = 'other_credential'

export function queue(run: Run): Queued {
  return { run, account: null, failures: 0, deaths: 0, retryAt: 0 }
}

/**
 * To be kept before an alarm's first part. Evictions are no news; but a part that takes the object with it each time, by its size or
 * its length, is given up like one that cannot be read.
 */
export function begun(item: Queued, now: number): Queued {
  if (item.deaths >= MOST_DEATHS)
    return done(item, givenUp(item.run, 'the gateway stopped while it was at it'))
  return { ...item, deaths: item.deaths + 1, retryAt: now + AFTER_DEATH_MS }
}

/** `run` is what became of it. */
export function done(item: Queued, run: Run): Queued {
  return { ...item, run, failures: 0, deaths: 0, retryAt: 0 }
}

/** It is tried again after a while, three times; then the report says that this part is missing, and why. */
export function blocked(item: Queued, run: Run, reason: string, now: number): Queued {
  const waitMs = RETRY_MS[item.failures]
  const isWorthwhile = waitMs !== undefined && !reason.endsWith(HOPELESS)
  return isWorthwhile
    ? { ...item, run, failures: item.failures + 1, deaths: 0, retryAt: now + waitMs }
    : done(item, givenUp(run, reason))
}

/** Nothing more of the window can be read. */
export function abandoned(item: Queued, run: Run, reason: string): Queued {
  let left = run
  while (left.reachedAt < left.to) left = passOver(left, reason)
  return done(item, left)
}

/** Over, whatever was still to be done. */
export function ended(item: Queued, reason: string): Queued {
  return done(item, over(item.run, reason))
}

/** What comes after the window has no parts to pass over. */
function givenUp(run: Run, reason: string): Run {
  return run.reachedAt < run.to ? passOver(run, reason) : over(run, reason)
}

function over(run: Run, reason: string): Run {
  const reasons = run.reasons.includes(reason) ? run.reasons : [...run.reasons, reason]
  return { ...run, reasons, awaited: [], isOver: true }
}
