/** Mutants of the wallet: its line of sends, its sweep, its breaker and its books. */
import { type Mutant, mutant } from './mutant'

const MACHINE = 'src/order/machine.ts'
const SCHEDULE = 'src/order/schedule.ts'
const ORDER = 'src/order/order.ts'
const SUBMIT = 'src/order/submit.ts'
const WATCH = 'src/provider/watch.ts'
const TURNS = 'src/provider/turns.ts'
const BREAKER = 'src/provider/breaker.ts'
const OWNERSHIP = 'src/provider/ownership.ts'

export const LINE: readonly Mutant[] = [
  mutant(
    'an order that was called stays in the line',
    ORDER,
    '    this.#kept.commit(machine.called(record, now), now)\n',
    '',
  ),
  mutant('what was queued is forgotten', SCHEDULE, 'return now + TURN_SILENCE_MS', 'return null'),
  mutant(
    'a line that was forgotten is asked by nobody',
    ORDER,
    "    if (step === 'await_turn') await wallet.standInLine(tracked.order)\n",
    '',
  ),
  mutant(
    'a queued send has no id yet',
    MACHINE,
    "return { ...enter(order, 'queued', now), topupId: order.topupId ?? order.gatewayId }",
    "return enter(order, 'queued', now)",
  ),
  mutant(
    'a called send that was interrupted stands in line again',
    MACHINE,
    "return order.phase === 'sending' ? doubt(order, null, now) : order",
    "return order.phase !== 'sending' ? order : order.topupId === null ? doubt(order, null, now) : queue(order, now)",
  ),
  mutant(
    'a wallet that fails has queued it',
    SUBMIT,
    "return doubtful('wallet_failed')",
    "return { outcome: { kind: 'queued', position: 1 }, evidence: [], expected: null }",
  ),
  mutant('a turn that was given is not remembered', TURNS, 'this.#called.set(order, now + GRANT_MS)', ''),
  mutant(
    'a definite no after a doubtful send settles at once',
    MACHINE,
    '  if (order.submissions > 1) return doubt(order, refusal, now)\n',
    '',
  ),
]

export const SWEEP: readonly Mutant[] = [
  mutant(
    'a page proves absence',
    WATCH,
    'entry.tracked.account !== account)) entry.isMissed = true',
    `entry.tracked.account !== account)) {
        entry.isMissed = true
        void this.#learn(entry, { outcome: { kind: 'not_found' }, evidence: [] }, Date.now())
      }`,
  ),
  mutant(
    'a page row of another ref is believed',
    WATCH,
    'if (entry !== undefined && isRef(row.ref, entry.tracked.upstreamRef)) found.set(entry, row)',
    'for (const near of entry === undefined ? byRef.values() : [entry]) if (!found.has(near)) found.set(near, row)',
  ),
  mutant(
    'what is over is swept for ever',
    WATCH,
    'if (wish === null) entry.isOver = true\n      else this.#wish(entry, wish)',
    'if (wish !== null) this.#wish(entry, wish)',
  ),
]

export const BOOKS: readonly Mutant[] = [
  mutant(
    'the breaker forgets to close',
    BREAKER,
    "if (ok) this.#enter('half_open', at)",
    "if (ok && at < 0) this.#enter('half_open', at)",
  ),
  mutant(
    'a foreign spend is taken for ours',
    OWNERSHIP,
    "if (owner === null) return 'foreign'",
    "if (owner === null) return 'ours'",
  ),
  mutant(
    'a debit under a ref of ours that its order does not own is ours',
    OWNERSHIP,
    "return (await order.owns(topupId, owner.merchantId)) ? 'ours' : 'foreign'",
    "return (await order.owns(topupId, owner.merchantId)) ? 'foreign' : 'ours'",
  ),
]
