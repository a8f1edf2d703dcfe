/**
 * Whether an endpoint's receiver answers, and what follows from that. Pure. Times are unix milliseconds.
 *
 * Two rules, which do not depend on each other:
 * - the breaker: after failures of several orders in a row nothing is sent but one probe at a time, so that a dead
 *   receiver costs one attempt per probe and not one per order;
 * - the end: without a success for days, the endpoint is disabled. Its merchant is warned on the way.
 */

/** Different orders in a row that failed, before the breaker opens: one order that is refused is no outage. */
export const BREAKER_ORDERS = 5
/** Between probes; the last one repeats. */
const PROBE_DELAYS_MS = [15_000, 30_000, 60_000, 120_000, 300_000] as const
const JITTER = 0.15
/** A probe takes 10 s at most; what is not reported by then died. */
const PROBE_LEASE_MS = 20_000

/** All three at once disable an endpoint. */
const DEAD_AFTER_MS = 72 * 3_600_000
const DEAD_FAILURES = 20
const DEAD_HOURS = 3
const HOUR_MS = 3_600_000
const KEPT_FROM_FAILURES = 3

/** How much of the way to being disabled is gone when the merchant is warned, in percent. */
const WARNINGS = [75, 50, 25] as const
export type Warning = 0 | (typeof WARNINGS)[number]

export interface Breaker {
  readonly openedAt: number
  /** How many failed since. */
  readonly probes: number
  readonly probeAt: number
  /** Which order is asking the receiver, and until when it is believed to; null when none is. */
  readonly probe: { readonly order: string; readonly until: number } | null
}

/** Since the first failure after a success. An endpoint that answers has none. */
export interface Health {
  readonly failingSince: number
  readonly failures: number
  /** Hours (of unix time) with a failure in them: the first few. */
  readonly hours: readonly number[]
  /** Different orders whose attempts failed, at most those that open the breaker. */
  readonly orders: readonly string[]
  readonly lastOutcome: string
  readonly warned: Warning
  readonly breaker: Breaker | null
}

/** "Not now" is an answer: the receiver is alive. What was not tried is our own fault and never the merchant's. */
const NO_FAILURES = ['delivered', 'throttled', 'not_tried']

export function isFailure(outcome: string): boolean {
  return !NO_FAILURES.includes(outcome)
}

/** One more attempt failed. `order` names whose it was; `random` is in [0, 1). */
export function failed(
  health: Health | null,
  failure: { readonly order: string; readonly outcome: string },
  now: number,
  random: number,
): Health {
  const hour = Math.floor(now / HOUR_MS)
  const before = health ?? unharmed(now)
  const after: Health = {
    ...before,
    failures: before.failures + 1,
    hours: withOneMore(before.hours, hour, DEAD_HOURS),
    orders: withOneMore(before.orders, failure.order, BREAKER_ORDERS),
    lastOutcome: failure.outcome,
  }
  return { ...after, breaker: breakerAfter(after, failure.order, now, random) }
}

/** Few failures may be forgotten, and a probe under way: that costs no written row. */
export function isWorthKeeping(before: Health | null, after: Health): boolean {
  if (after.failures < KEPT_FROM_FAILURES) return false
  return (
    after.failures <= DEAD_FAILURES ||
    before?.breaker?.probes !== after.breaker?.probes ||
    before?.hours.length !== after.hours.length ||
    before.warned !== after.warned
  )
}

/** Nobody waits for this receiver any more: the next order may ask it again. The way to the end goes on. */
export function closed(health: Health): Health {
  return { ...health, orders: [], breaker: null }
}

/** Whether `order` may ask the receiver now. An open breaker lets one at a time, when its time has come. */
export function mayCall(health: Health | null, order: string, now: number): 'freely' | 'as_probe' | 'no' {
  const breaker = health?.breaker ?? null
  if (breaker === null) return 'freely'
  if (breaker.probe !== null && breaker.probe.until > now) {
    return breaker.probe.order === order ? 'as_probe' : 'no'
  }
  return breaker.probeAt <= now ? 'as_probe' : 'no'
}

/** `order` asks for all the others. */
export function probing(health: Health, order: string, now: number): Health {
  if (health.breaker === null) return health
  return { ...health, breaker: { ...health.breaker, probe: { order, until: now + PROBE_LEASE_MS } } }
}

/** When somebody should ask next; null while the breaker is closed. */
export function nextProbeAt({ breaker }: Health): number | null {
  return breaker === null ? null : Math.max(breaker.probeAt, breaker.probe?.until ?? 0)
}

export function isDead(health: Health, now: number): boolean {
  return deadShare(health, now) >= 1
}

/** The warning that is due and was not given yet; null when none is. */
export function dueWarning(health: Health, now: number): Exclude<Warning, 0> | null {
  const share = deadShare(health, now) * 100
  const due = WARNINGS.find((percent) => share >= percent) ?? null
  return due !== null && due > health.warned ? due : null
}

/** When it would be disabled at the earliest, if nothing succeeds. */
export function deadAt({ failingSince }: Health): number {
  return failingSince + DEAD_AFTER_MS
}

/** The least of three ways that all have to be gone. */
function deadShare({ failingSince, failures, hours }: Health, now: number): number {
  return Math.min((now - failingSince) / DEAD_AFTER_MS, failures / DEAD_FAILURES, hours.length / DEAD_HOURS)
}

function unharmed(now: number): Health {
  return {
    failingSince: now,
    failures: 0,
    hours: [],
    orders: [],
    lastOutcome: '',
    warned: 0,
    breaker: null,
  }
}

function withOneMore<T>(some: readonly T[], one: T, atMost: number): readonly T[] {
  return some.includes(one) || some.length >= atMost ? some : [...some, one]
}

function breakerAfter(
  { orders, breaker }: Health,
  order: string,
  now: number,
  random: number,
): Breaker | null {
  if (breaker === null) {
    if (orders.length < BREAKER_ORDERS) return null
    return { openedAt: now, probes: 0, probeAt: now + probeDelayMs(0, random), probe: null }
  }
  // The end of an attempt that began before the breaker opened says nothing new.
  if (breaker.probe?.order !== order) return breaker
  const probes = breaker.probes + 1
  return { ...breaker, probes, probeAt: now + probeDelayMs(probes, random), probe: null }
}

function probeDelayMs(probes: number, random: number): number {
  const delay = PROBE_DELAYS_MS[Math.min(probes, PROBE_DELAYS_MS.length - 1)] ?? 0
  return Math.round(delay * (1 + JITTER * (2 * random - 1)))
}
