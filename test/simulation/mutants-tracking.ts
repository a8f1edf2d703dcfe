/** Mutants of states, time and callbacks: they lie, forget, or fall silent. */
import { type Mutant, mutant } from './mutant'

const MACHINE = 'src/order/machine.ts'
const CLASSIFY = 'src/provider/classify.ts'
const OUTBOX = 'src/order/outbox.ts'
const ORDER = 'src/order/order.ts'
const KEEPER = 'src/order/keeper.ts'
const COURIER = 'src/order/courier.ts'
const SCHEDULE = 'src/order/schedule.ts'
const RECEIVERS = 'src/merchant/receivers.ts'
const MERCHANT = 'src/merchant/merchant.ts'

export const STATES: readonly Mutant[] = [
  mutant(
    'unknown for a day is refunded',
    MACHINE,
    "return { ...order, flag: { at: now, reason: 'open for 24 h' } }",
    "return settle(order, 'REFUNDED', 'topup.refunded', now)",
  ),
  mutant(
    'HANDLING is final',
    MACHINE,
    "  ['FULFILLED', { status:",
    "  ['HANDLING', { status: 'FULFILLED', event: 'topup.fulfilled' }],\n  ['FULFILLED', { status:",
  ),
  mutant(
    'a new word is a failure',
    MACHINE,
    "  if (topup.status !== 'PENDING' && topup.status !== 'HANDLING') return unknown(known, now)\n",
    `  if (topup.status === 'UNKNOWN_ERROR') return unknown(known, now)
  if (topup.status !== 'PENDING' && topup.status !== 'HANDLING') return settle(known, 'REFUNDED', 'topup.refunded', now)\n`,
  ),
  mutant(
    'UNKNOWN_ERROR is a failure',
    MACHINE,
    "  ['REFUNDED', { status:",
    "  ['UNKNOWN_ERROR', { status: 'REFUNDED', event: 'topup.refunded' }],\n  ['REFUNDED', { status:",
  ),
  mutant(
    'a later look overwrites what is final',
    MACHINE,
    "  if (order.phase === 'settled') return maybeReversed(order, topup, now)\n",
    '',
  ),
  mutant(
    'the top-up of another ref is believed',
    CLASSIFY,
    'return topup.ref === null || isRef(topup.ref, ref)',
    'return topup.ref === null || isRef(topup.ref, ref) || httpStatus < 300',
  ),
  mutant(
    'an event has the version of the one before',
    MACHINE,
    'stateVersion: order.stateVersion + 1 }',
    'stateVersion: order.stateVersion }',
  ),
  mutant(
    'status and event are two commits',
    ORDER,
    'if (machine.isWorthKeeping(before, after)) this.#kept.commit(after, now)',
    `if (machine.isWorthKeeping(before, after)) {
      this.#kept.commit({ ...after, events: before.events }, now)
      void Promise.resolve().then(() => this.#kept.commit(after, now))
    }`,
  ),
]

export const TIME: readonly Mutant[] = [
  mutant(
    'the alarm is set after the commit',
    KEEPER,
    '      if (wanted !== null) this.arm(wanted)\n    })',
    '    })\n    if (wanted !== null) void Promise.resolve().then(() => this.arm(wanted))',
  ),
  mutant('there is no alarm with the intent', SCHEDULE, 'return order.submittedAt + LEASE_MS', 'return null'),
  mutant('an alarm may be set for now', KEEPER, 'Math.max(at, now + MIN_AHEAD_MS)', 'at'),
  mutant(
    'an alarm in the past is trusted',
    KEEPER,
    'pending !== null && pending > now ? pending : null',
    'pending',
  ),
  mutant(
    'the watchdog wakes nobody',
    'src/reconcile/overdue.ts',
    'wakeOverdue(now - OVERDUE_AFTER_MS)',
    'wakeOverdue(0)',
  ),
  mutant(
    'look-ups end after six hours',
    SCHEDULE,
    "    case 'look': {\n",
    "    case 'look': {\n      if (now - order.createdAt > 6 * 3_600_000) return null\n",
  ),
  mutant(
    'look-ups go on after final',
    MACHINE,
    "    case 'settled':\n    case 'refused':\n      return 'none'",
    "    case 'settled':\n      return 'look'\n    case 'refused':\n      return 'none'",
  ),
]

export const CALLBACKS: readonly Mutant[] = [
  mutant(
    'each attempt has an id of its own',
    COURIER,
    'id: event.id, body',
    "id: event.id + '-' + delivery.attempts.length, body",
  ),
  mutant(
    'each attempt is rendered anew',
    COURIER,
    'body: event.body, attemptNumber',
    `body: event.body.replace(/"timestamp":"[^"]*"/, '"timestamp":"' + new Date(Date.now()).toISOString() + '"'), attemptNumber`,
  ),
  mutant(
    'Retry-After is believed whatever it says',
    OUTBOX,
    'RETRY_AFTER_CAP_SECONDS = 3_600',
    'RETRY_AFTER_CAP_SECONDS = 1e9',
  ),
  mutant(
    'a redirect is a success',
    'src/callback/deliver.ts',
    'if (status >= 200 && status <= 299) {',
    'if (status >= 200 && status <= 399) {',
  ),
  mutant(
    '410 drops the event',
    OUTBOX,
    "state: 'held', reason: 'gone' }",
    "state: 'cancelled', reason: 'gone' }",
  ),
  mutant(
    'what is held is never released',
    OUTBOX,
    "moved.state === 'held' ? { ...moved, state: 'pending', reason: null, nextAttemptAt: now } : moved",
    'moved',
  ),
  mutant(
    'a paused endpoint gets no event',
    OUTBOX,
    '.filter((endpoint) => isFor(endpoint, order, event))',
    ".filter((endpoint) => isFor(endpoint, order, event) && endpoint.state === 'active')",
  ),
  mutant(
    "one endpoint's yes counts for all",
    OUTBOX,
    'delivery.id === deliveryId ? conclude',
    "delivery.id === deliveryId || result.outcome === 'delivered' ? conclude",
  ),
  mutant(
    'what was not tried by our own fault is given up',
    OUTBOX,
    "state: 'pending', reason: 'not_tried', nextAttemptAt }",
    "state: 'failed', reason: 'not_tried', nextAttemptAt: null }",
  ),
  mutant(
    'a failed delivery is not tried again',
    OUTBOX,
    'if (delaySeconds === undefined) return',
    "if (delaySeconds === undefined || result.outcome === 'failed') return",
  ),
  mutant(
    'a silent receiver is never asked again',
    RECEIVERS,
    'await orderById(this.#env, held.objectId).wake()',
    'void held.objectId',
  ),
  mutant(
    'what a silent receiver held is not released',
    MERCHANT,
    'if (turn.before.breaker !== null) this.#release(endpoint.id)',
    '',
  ),
  mutant(
    'an event for a silent receiver is dropped',
    OUTBOX,
    '  // "gone" says more than',
    "  if (endpoint.state === 'breaker') return cancelled(moved, 'breaker')\n  // \"gone\" says more than",
  ),
]
