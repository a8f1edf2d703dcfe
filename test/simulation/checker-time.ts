/** Promises about states and time: what is final, what happens next, and how often the provider is asked. */
import { broken, type Facts, FINAL, TRANSIT_MS } from './checker-facts.ts'
import type { GatewayOrder, ProviderTopup, Violation } from './views.ts'

type Found = Generator<Violation>

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const WAITING = new Set(['PENDING', 'HANDLING', 'UNKNOWN_ERROR'])

/** The table of phases: "PENDING", "PENDING, HANDLING", "UNKNOWN_ERROR, not final", "FULFILLED, REFUNDED, final". */
export function* statusWords({ views }: Facts): Found {
  for (const order of views.gateway.orders) {
    const { ref, status, final, settledAt, createdAt, stateVersion } = order
    const fits = final ? FINAL.has(status) : WAITING.has(status)
    if (!fits) yield broken('only known words, final or not', ref, `${status} with final ${final}`)
    if (final !== (settledAt !== null))
      yield broken('only known words, final or not', ref, `final ${final}, settled at ${settledAt}`)
    if (settledAt !== null && (settledAt < createdAt || settledAt > views.at))
      yield broken('only known words, final or not', ref, `settled at ${settledAt}, not in its life`)
    if (!Number.isSafeInteger(stateVersion) || stateVersion < 1)
      yield broken('only known words, final or not', ref, `state_version ${stateVersion}`)
  }
}

/**
 * An alarm is "always strictly in the future" when it is set. Once due it runs late by a restart and by the
 * platform's repetitions (2 s, doubled, six times: two minutes); an alarm overdue by more will not come.
 */
const ALARM_GRACE_MS = 3 * MINUTE
/** The longest pause the design has is a callback's 24 h ± 15 %; later than that is not "a time for it". */
const ALARM_AHEAD_MS = 28 * HOUR

/** "Every accepted order always has a next action and a time for it"; a callback still to be made is one too. */
export function* nextAction({ views }: Facts): Found {
  for (const { ref, final, alarmAt, deliveries } of views.gateway.orders) {
    if (final && !deliveries.some(({ state }) => state === 'pending')) continue
    if (alarmAt === null) yield broken('a next action', ref, 'no alarm is set')
    else if (!(alarmAt >= views.at - ALARM_GRACE_MS))
      yield broken('a next action', ref, 'its alarm is overdue')
    else if (alarmAt > views.at + ALARM_AHEAD_MS)
      yield broken('a next action', ref, 'its alarm is too far away')
  }
}

/** Had the top-up this status at some moment from `from`, and had it begun by `until`? */
function held({ statuses }: ProviderTopup, status: string, from: number, until: number) {
  return statuses.some(
    (was, i) => was.status === status && was.at <= until && (statuses[i + 1]?.at ?? Infinity) > from,
  )
}

/** Each final thing that was said of an order, with the moment at which it was. */
function* finals({ told }: Facts, order: GatewayOrder, settledAt: number) {
  let last = settledAt
  for (const { body } of order.events) {
    const event = told(body)
    if (event?.data.final !== true || typeof event.data.status !== 'string') continue
    const at = event.at >= settledAt ? event.at : settledAt
    last = Math.max(last, at)
    yield { status: event.data.status, at }
  }
  yield { status: order.status, at: last }
}

/**
 * "nothing becomes final because somebody ran out of patience. What Rasid does not recognise is *unknown*, never
 * *failed* and never *done*." A final word is one the provider had said by then. A reversal after it that nobody
 * asked about again may stay unnoticed. REFUNDED where the provider has nothing is right: nothing was taken.
 */
export function* neverGuessed(f: Facts): Found {
  for (const order of f.views.gateway.orders) {
    if (!order.final) continue
    const settledAt = order.settledAt ?? f.views.at
    const topup = f.topupsOf.get(order.upstreamRef)?.[0]
    for (const { status, at } of finals(f, order, settledAt)) {
      const right = topup ? held(topup, status, settledAt - TRANSIT_MS, at) : status === 'REFUNDED'
      if (right && FINAL.has(status)) continue
      const truth = topup ? topup.statuses.map((was) => was.status).join(', ') : 'nothing'
      yield broken('never guessed', order.ref, `${status}, while the provider had ${truth}`)
      break
    }
  }
}

/** "Told at once. Final means a signed callback within moments": a truth old enough is known, and unknown is said to be. */
export function* noticed({ views, topupsOf, settleGraceMs }: Facts): Found {
  for (const { ref, upstreamRef, createdAt, final, status } of views.gateway.orders) {
    const truth = topupsOf.get(upstreamRef)?.[0]?.statuses.at(-1)
    if (final || !truth || views.at - Math.max(truth.at, createdAt) < settleGraceMs) continue
    if (FINAL.has(truth.status) || (truth.status === 'UNKNOWN_ERROR' && status !== 'UNKNOWN_ERROR'))
      yield broken('noticed in time', ref, `${truth.status} at the provider, still ${status} here`)
  }
}

/** "after 24 h flagged for a human and still looked up". Counted from the event that told of it, plus the grace. */
export function* flagged({ views, told, settleGraceMs }: Facts): Found {
  for (const order of views.gateway.orders) {
    if (order.status !== 'UNKNOWN_ERROR' || order.flagged) continue
    const since = told(order.events.at(-1)?.body ?? '')?.at ?? order.createdAt
    if (views.at - since >= DAY + settleGraceMs)
      yield broken('flagged after a day', order.ref, 'unknown for more than a day and no human was told')
  }
}

/** "settled ... only by a reversal the provider reports": nobody asks after final, except a call already under way. */
export function* quietAfterFinal({ views, callsOf }: Facts): Found {
  for (const { ref, upstreamRef, settledAt } of views.gateway.orders) {
    const calls = callsOf.get(upstreamRef)
    if (settledAt === null || !calls) continue
    const late = (at: number | undefined) => at !== undefined && at > settledAt + TRANSIT_MS
    if (late(calls.looks.at(-1))) yield broken('no look after final', ref, 'looked up after it was settled')
    if (late(calls.sends.at(-1))) yield broken('no send after final', ref, 'sent after it was settled')
  }
}

/** Shortest mean pause allowed up to an age: "looked up at growing intervals". Five seconds is the provider's advice. */
const LOOK_PAUSE: Pauses = [
  [5 * MINUTE, 5_000],
  [HOUR, MINUTE],
  [DAY, 15 * MINUTE],
  [Infinity, HOUR],
]
/** "settle -> noticed, median ≤ 1.2 s at any load" needs a list every second or two while anything is young. */
const LIST_PAUSE: Pauses = [
  [5 * MINUTE, 1_000],
  [HOUR, 30_000],
  [DAY, 5 * MINUTE],
  [Infinity, HOUR],
]
const SPARE_CALLS = 10

type Pauses = readonly (readonly [untilAge: number, pause: number])[]

/** The sum over the ages of age / pause. */
function callsIn(age: number, pauses: Pauses): number {
  let from = 0
  let calls = 0
  for (const [until, pause] of pauses) {
    calls += Math.max(Math.min(age, until) - from, 0) / pause
    from = until
  }
  return calls
}

/**
 * "upstream reads per order" are few. Look-ups of one ref: at most (1 + sends) x callsIn(its open time) + 10: every
 * send may begin the schedule anew, and as many answers again may be lost. Lists: every open order
 * may account for its own; one page is for up to 100 of them; and 1 a minute for reconciliation and stale orders.
 */
export function* fewCalls({ views, callsOf, lists, orderOfUpstream }: Facts): Found {
  for (const [upstreamRef, { sends, looks }] of callsOf) {
    const order = orderOfUpstream.get(upstreamRef)
    const first = Math.min(sends[0] ?? Infinity, looks[0] ?? Infinity, order?.createdAt ?? Infinity)
    const open = Math.max((order?.settledAt ?? views.at) - first, 0)
    const allowed = (1 + sends.length) * callsIn(open, LOOK_PAUSE) + SPARE_CALLS
    if (looks.length > allowed)
      yield broken('few calls', upstreamRef, `${looks.length} look-ups, at most ${Math.floor(allowed)}`)
  }
  let allowed = SPARE_CALLS
  let begin = lists[0] ?? views.at
  for (const { createdAt, settledAt } of views.gateway.orders) {
    allowed += 2 * callsIn(Math.max((settledAt ?? views.at) - createdAt, 0), LIST_PAUSE) + 1
    begin = Math.min(begin, createdAt)
  }
  allowed += Math.max(views.at - begin, 0) / MINUTE
  if (lists.length > allowed)
    yield broken('few calls', '', `${lists.length} list calls, at most ${Math.floor(allowed)}`)
}
