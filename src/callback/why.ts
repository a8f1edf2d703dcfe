/** Why an event has not arrived, and what to do: one sentence in each language. Pure. */
import { ATTEMPT_DELAYS_SECONDS } from '../order/outbox'
import type { Attempt, Delivery } from '../order/state'
import { ar } from './why-texts/ar'
import { en } from './why-texts/en'
import { fr } from './why-texts/fr'
import type { Facts, WhyTexts } from './why-texts/texts'

export interface Why {
  readonly en: string
  readonly fr: string
  readonly ar: string
}

type Unarrived = Pick<Delivery, 'state' | 'reason' | 'url' | 'attempts' | 'nextAttemptAt' | 'attemptsSpent'>
type Tried = Pick<Attempt, 'outcome' | 'httpStatus' | 'answer'>

/** A sentence that nobody can read to its end explains nothing. */
const MAX_URL_SHOWN = 120
const MAX_ANSWER_SHOWN = 160

/** Null when it has arrived. */
export function why(delivery: Unarrived): Why | null {
  return delivery.state === 'delivered' ? null : inEach((texts) => sentence(delivery, texts))
}

/** Of a single attempt that nothing follows; null when it arrived. */
export function whyNot(attempt: Tried, url: string): Why | null {
  return attempt.outcome === 'delivered' ? null : inEach((texts) => cause(attempt, url, texts))
}

function inEach(say: (texts: WhyTexts) => string): Why {
  const whole = (texts: WhyTexts) => say(texts) + texts.stop
  return { en: whole(en), fr: whole(fr), ar: whole(ar) }
}

function sentence(delivery: Unarrived, texts: WhyTexts): string {
  switch (delivery.state) {
    case 'held':
      return heldSentence(delivery, texts)
    case 'cancelled':
      return worded(texts.cancelled, texts.cancelledOtherwise, delivery.reason, texts)
    case 'failed':
      return after(delivery, texts.exhausted(delivery.attemptsSpent), texts)
    default:
      return pendingSentence(delivery, texts)
  }
}

function pendingSentence(delivery: Unarrived, texts: WhyTexts): string {
  const { attempts, attemptsSpent, nextAttemptAt } = delivery
  if (nextAttemptAt === null) return texts.soon
  const at = texts.isolated(utc(nextAttemptAt))
  if (attempts.length === 0) return texts.firstAttempt(at)
  return after(delivery, texts.nextAttempt(at, attemptsSpent, ATTEMPT_DELAYS_SECONDS.length), texts)
}

/** An endpoint that is probed may be repaired: what is wrong with it is told too. */
function heldSentence(delivery: Unarrived, texts: WhyTexts): string {
  const held = worded(texts.held, texts.heldOtherwise, delivery.reason, texts)
  return delivery.reason === 'breaker' ? after(delivery, held, texts) : held
}

/** What the newest attempt came to, and what follows. */
function after({ attempts, url }: Unarrived, next: string, texts: WhyTexts): string {
  const newest = attempts.at(-1)
  // What follows a cause begins in small letters.
  if (newest === undefined) return next.charAt(0).toUpperCase() + next.slice(1)
  return texts.joined(cause(newest, url, texts), next)
}

function cause(attempt: Tried, url: string, texts: WhyTexts): string {
  return texts.causes[causeOf(attempt)](facts(attempt, url, texts))
}

/** Outcomes whose name is enough: with an answer, and without one. */
const ANSWERED = ['delivered', 'redirected', 'gone', 'throttled', 'too_large'] as const
const UNANSWERED = ['timeout', 'dns', 'tls', 'connect', 'forbidden'] as const

function causeOf({ outcome, httpStatus }: Tried): keyof WhyTexts['causes'] {
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
  otherwise: (reason: string) => string,
  reason: string | null,
  { isolated }: WhyTexts,
): string {
  const known = reason !== null && Object.hasOwn(sentences, reason) ? sentences[reason] : undefined
  return known ?? otherwise(isolated(reason ?? '?'))
}

function facts({ httpStatus, answer }: Tried, url: string, { isolated }: WhyTexts): Facts {
  const { origin, pathname, host } = URL.parse(url) ?? { origin: '', pathname: url, host: url }
  return {
    url: isolated(shortened(origin + pathname, MAX_URL_SHOWN)),
    host: isolated(shortened(host, MAX_URL_SHOWN)),
    status: httpStatus === null ? '' : String(httpStatus),
    answer: isolated(shortened(answer.trim().replace(/\.$/, ''), MAX_ANSWER_SHOWN)),
  }
}

function shortened(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`
}

/** 2026-11-24 14:20:05 UTC. */
function utc(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
