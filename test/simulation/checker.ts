/**
 * Did the gateway keep its promises? Written from the design alone, not from the code that it judges, so that it
 * cannot share its mistakes. Pure and total; time linear in the size of the views.
 *
 * What it takes for granted of a world: one merchant id is one merchant in one environment; upstream refs are unique
 * over all wallets in one view; endpoints want every type and were registered before the first send; an order whose
 * ref was freed by a refusal is not in the gateway's view.
 */
import { lossesTold } from './checker-books.ts'
import * as events from './checker-events.ts'
import { type Facts, facts } from './checker-facts.ts'
import * as money from './checker-money.ts'
import * as time from './checker-time.ts'
import type { Views, Violation } from './views.ts'

/** How long after the provider settled an order must be final: more than the pauses of a day's looking up. */
export const SETTLE_GRACE_MS = 2 * 60 * 60_000

const PROMISES: readonly ((facts: Facts) => Iterable<Violation>)[] = [
  money.onceUpstream,
  money.oncePerRef,
  money.oneOrder,
  money.asAsked,
  money.neverLost,
  money.refusedTookNothing,
  money.answeredForEver,
  money.otherBodyRefused,
  money.sameAnswerAgain,
  money.intentFirst,
  money.absenceProven,
  time.statusWords,
  time.nextAction,
  time.neverGuessed,
  time.noticed,
  time.flagged,
  time.quietAfterFinal,
  time.fewCalls,
  events.oneEventPerVersion,
  events.eventIds,
  events.eventsFit,
  events.frozenBytes,
  events.deliveryForAll,
  events.deliveryStates,
  events.oneRule,
  lossesTold,
]

export function check(views: Views, settleGraceMs = SETTLE_GRACE_MS): Violation[] {
  const indexed = facts(views, settleGraceMs)
  return PROMISES.flatMap((promise) => [...promise(indexed)])
}
