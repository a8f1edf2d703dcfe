/** Why an event has not arrived, and what to do: one sentence in each language. Pure. */
import { ATTEMPT_DELAYS_SECONDS } from '../order/outbox'
import type { Attempt, Delivery } from '../order/state'
import { fill } from '../platform/words'

export interface Why {
  readonly en: string
  readonly fr: string
  readonly ar: string
}

/** Each is without its full stop. `isolated` sets text of the other direction apart, so that neither shuffles the other. */
type Texts = typeof import('../../public/texts/why/en.json')
export type WhyTexts = Readonly<Record<keyof Why, Texts>>

type Unarrived = Pick<Delivery, 'state' | 'reason' | 'url' | 'attempts' | 'nextAttemptAt' | 'attemptsSpent'>
type Tried = Pick<Attempt, 'outcome' | 'httpStatus' | 'answer'>

/** A sentence that nobody can read to its end explains nothing. */
const MAX_URL_SHOWN = 120
const MAX_ANSWER_SHOWN = 160

/** Null when it has arrived. */
export function why(delivery: Unarrived, texts: WhyTexts): Why | null {
  return delivery.state === 'delivered' ? null : inEach(texts, (each) => sentence(delivery, each))
}

/** Of a single attempt that nothing follows; null when it arrived. */
export function whyNot(attempt: Tried, url: string, texts: WhyTexts): Why | null {
  return attempt.outcome === 'delivered' ? null : inEach(texts, (each) => cause(attempt, url, each))
}

function inEach({ en, fr, ar }: WhyTexts, say: (texts: Texts) => string): Why {
  const whole = (texts: Texts) => say(texts) + texts.stop
  return { en: whole(en), fr: whole(fr), ar: whole(ar) }
}

function sentence(delivery: Unarrived, texts: Texts): string {
  switch (delivery.state) {
    case 'held':
      return heldSentence(delivery, texts)
    case 'cancelled':
      return worded(texts.cancelled, texts.cancelledOtherwise, delivery.reason, texts)
    case 'failed':
      return after(delivery, fill(texts.exhausted, { spent: delivery.attemptsSpent }), texts)
    default:
      return pendingSentence(delivery, texts)
  }
}

function pendingSentence(delivery: Unarrived, texts: Texts): string {
  const { attempts, attemptsSpent, nextAttemptAt } = delivery
  if (nextAttemptAt === null) return texts.soon
  const at = isolated(utc(nextAttemptAt), texts)
  if (attempts.length === 0) return fill(texts.firstAttempt, { at })
  const spent = { spent: attemptsSpent, all: ATTEMPT_DELAYS_SECONDS.length }
  return after(delivery, fill(texts.nextAttempt, { at, ...spent }), texts)
}

/** An endpoint that is probed may be repaired: what is wrong with it is told too. */
function heldSentence(delivery: Unarrived, texts: Texts): string {
  const held = worded(texts.held, texts.heldOtherwise, delivery.reason, texts)
  return delivery.reason === 'breaker' ? after(delivery, held, texts) : held
}

/** What the newest attempt came to, and what follows. */
function after({ attempts, url }: Unarrived, next: string, texts: Texts): string {
  const newest = attempts.at(-1)
  // What follows a cause begins in small letters.
  if (newest === undefined) return next.charAt(0).toUpperCase() + next.slice(1)
  return fill(texts.joined, { first: cause(newest, url, texts), next })
}

function cause(attempt: Tried, url: string, texts: Texts): string {
  return fill(texts.causes[causeOf(attempt)], facts(attempt, url, texts))
}

/** Outcomes whose name is enough: with an answer, and without one. */
const ANSWERED = ['delivered', 'redirected', 'gone', 'throttled', 'too_large'] as const
const UNANSWERED = ['timeout', 'dns', 'tls', 'connect', 'forbidden'] as const

function causeOf({ outcome, httpStatus }: Tried): keyof Texts['causes'] {
  const named = [...UNANSWERED, ...(httpStatus === null ? [] : ANSWERED)].find((name) => name === outcome)
  if (named !== undefined) return named
  if (httpStatus === null) return 'silent'
  if (outcome === 'refused') return REFUSALS.get(httpStatus) ?? 'refused'
  return outcome === 'failed' ? 'failed' : 'answered'
}

const REFUSALS: ReadonlyMap<number, 'barred' | 'lost' | 'oversized'> = new Map([
  [401, 'barred'],
  [403, 'barred'],
  [404, 'lost'],
  [405, 'lost'],
  [413, 'oversized'],
])

/** A word that nobody has written a sentence for is shown as it is. */
function worded(
  sentences: Readonly<Record<string, string>>,
  otherwise: string,
  reason: string | null,
  texts: Texts,
): string {
  const known = reason !== null && Object.hasOwn(sentences, reason) ? sentences[reason] : undefined
  return known ?? fill(otherwise, { reason: isolated(reason ?? '?', texts) })
}

/** What the holes of a cause are filled with: of the address without its query, and of the answer where there was one. */
function facts({ httpStatus, answer }: Tried, url: string, texts: Texts) {
  const { origin, pathname, host } = URL.parse(url) ?? { origin: '', pathname: url, host: url }
  const said = shortened(answer.trim().replace(/\.$/, ''), MAX_ANSWER_SHOWN)
  return {
    url: isolated(shortened(origin + pathname, MAX_URL_SHOWN), texts),
    host: isolated(shortened(host, MAX_URL_SHOWN), texts),
    status: httpStatus ?? '',
    because: said === '' ? '' : ` (${isolated(said, texts)})`,
  }
}

function isolated(text: string, texts: Texts): string {
  return text === '' ? '' : fill(texts.isolated, { text })
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`
}

/** 2026-11-24 14:20:05 UTC. */
function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
