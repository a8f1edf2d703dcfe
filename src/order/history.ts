/** What was done for an order and what came of it: its story, for whoever must explain it. Pure. */
import type { LookOutcome, Phase, Status, SubmitOutcome } from './state'

/** One HTTP exchange with the provider. No header is kept: one of them is the credential. */
export interface Evidence {
  readonly at: number
  readonly durationMs: number
  readonly method: string
  readonly path: string
  /** The body as it left; null without one. */
  readonly sent: string | null
  /** Null when no answer came: `failure` says why. */
  readonly httpStatus: number | null
  readonly failure: string | null
  /** The beginning of the answer's body; the digest is of the whole. */
  readonly received: string
  readonly receivedBytes: number
  readonly sha256: string | null
}

export type Deed = 'send' | 'late_answer' | 'look' | 'list' | 'interrupted'

/** Equal steps in a row are one, counted. */
export interface Step {
  readonly at: number
  readonly lastAt: number
  readonly times: number
  readonly did: Deed
  /** What it proved, in the classifier's words. */
  readonly result: string
  /** The order's state after it. */
  readonly phase: Phase
  readonly status: Status
  readonly stateVersion: number
  /** Those of the last time. */
  readonly evidence: readonly Evidence[]
}

interface Told {
  readonly phase: Phase
  readonly status: Status
  readonly stateVersion: number
  readonly history: readonly Step[]
}

interface Note {
  readonly did: Deed
  readonly result: string
  readonly evidence: readonly Evidence[]
}

/** How an order began is never forgotten ... */
const KEPT_FIRST = 10
/** ... nor how it stands; what goes back and forth for days in between is. */
const KEPT_STEPS = 50

/** The order with one more step, in the state that it has now. */
export function noted<T extends Told>(order: T, { did, result, evidence }: Note, now: number): T {
  const { phase, status, stateVersion, history } = order
  const step: Step = { at: now, lastAt: now, times: 1, did, result, phase, status, stateVersion, evidence }
  const last = history.at(-1)
  if (last !== undefined && isSame(last, step)) {
    const repeated = { ...step, at: last.at, times: last.times + 1 }
    return { ...order, history: [...history.slice(0, -1), repeated] }
  }
  const kept =
    history.length < KEPT_STEPS
      ? history
      : [...history.slice(0, KEPT_FIRST), ...history.slice(KEPT_FIRST + 1)]
  return { ...order, history: [...kept, step] }
}

/** `found: PENDING`, `refused: ERR_VALIDATION`, `no_answer: http_502`. */
export function inWords(outcome: SubmitOutcome | LookOutcome): string {
  switch (outcome.kind) {
    case 'found':
      return outcome.topup === null ? 'found' : `found: ${outcome.topup.status}`
    case 'refused':
      return `refused: ${outcome.refusal.code}`
    case 'in_doubt':
    case 'no_answer':
      return `${outcome.kind}: ${outcome.reason}`
    case 'accepted':
    case 'queued':
    case 'not_found':
      return outcome.kind
  }
}

/** How long it was in doubt until `now`, all in all: from each step that left it so to the next that did not. */
export function doubtMs(history: readonly Step[], now: number): number {
  return history.reduce((sum, { phase, at }, index) => {
    const until = history[index + 1]?.at ?? now
    return phase === 'in_doubt' ? sum + Math.max(0, until - at) : sum
  }, 0)
}

function isSame(a: Step, b: Step): boolean {
  return a.did === b.did && a.result === b.result && a.phase === b.phase && a.stateVersion === b.stateVersion
}
