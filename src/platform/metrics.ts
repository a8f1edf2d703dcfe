/**
 * What an operator counts and alerts on, as data points of Analytics Engine; docs/operations.md has the queries. They cost
 * no written row, and nothing depends on them: a point that cannot be written is gone, and the log has the fact too.
 *
 * All points begin alike: index1 is whose it is, blob1 which fact, blob2 the environment. No phone number, no ref, no
 * key, and no text that anybody else chose.
 */
import { logError } from './log'

type Environment = 'sandbox' | 'production'

interface OfMerchant {
  readonly merchant: string
  readonly environment: Environment
}

interface OfOrder extends OfMerchant {
  readonly plan: string
}

/** Final for the first time. `sinceSendMs` counts from the merchant's send, with what it waited in line. */
interface Settled extends OfOrder {
  readonly fact: 'settled'
  readonly status: string
  readonly sinceSendMs: number
  readonly doubtMs: number
  /** More than one only after proven absence. */
  readonly submissions: number
}

/** The provider changed its final word. */
interface Reversed extends OfOrder {
  readonly fact: 'reversed'
  readonly status: string
  readonly sinceFinalMs: number
}

/** A human should look at it. */
interface Flagged extends OfOrder {
  readonly fact: 'flagged'
  readonly sinceSendMs: number
}

/** What one send came to. What was `queued` is sent later, and is then another fact. */
interface Sent extends OfOrder {
  readonly fact: 'send'
  readonly outcome: 'accepted' | 'found' | 'refused' | 'in_doubt' | 'queued'
  /** The refusal's code, or what made it doubtful; empty otherwise. */
  readonly why: string
  /** The gateway, where the provider was not asked or its answer was not waited for. */
  readonly answeredBy: 'provider' | 'gateway'
  /** With what it waited for its turn. */
  readonly ms: number
  /** Of the exchanges with the provider alone. */
  readonly providerMs: number
  readonly submissions: number
}

/** One HTTP try of a callback. */
interface CalledBack extends OfMerchant {
  readonly fact: 'callback'
  readonly outcome: string
  readonly httpStatus: number | null
  readonly ms: number
  /** From 1. */
  readonly attempt: number
}

/** Of a provider account; that its breaker opened is one too. Each is told once. */
interface Incident {
  readonly fact: 'incident'
  readonly wallet: string
  readonly environment: Environment
  readonly kind: string
  readonly why: string
}

/** Orders that should have woken by themselves, of both environments. */
interface Woken {
  readonly fact: 'woken'
  readonly merchant: string
  readonly orders: number
}

/** How large a merchant's book is: one object holds 10 GB. */
interface BookSize {
  readonly fact: 'book'
  readonly merchant: string
  readonly bytes: number
}

export type Fact = Settled | Reversed | Flagged | Sent | CalledBack | Incident | Woken | BookSize

export interface Point {
  readonly indexes: [string]
  readonly blobs: string[]
  readonly doubles: number[]
}

/** Never throws. */
export function measure(metrics: AnalyticsEngineDataset, fact: Fact): void {
  try {
    metrics.writeDataPoint(pointOf(fact))
  } catch (error) {
    logError('metrics.write', error, { fact: fact.fact })
  }
}

/** The columns keep their places for ever: one query reads the points of three months. New ones come behind. */
export function pointOf(fact: Fact): Point {
  switch (fact.fact) {
    case 'settled': {
      const doubles = [seconds(fact.sinceSendMs), seconds(fact.doubtMs), fact.submissions]
      return ofMerchant(fact, [name(fact.plan), fact.status], doubles)
    }
    case 'reversed':
      return ofMerchant(fact, [name(fact.plan), fact.status], [seconds(fact.sinceFinalMs)])
    case 'flagged':
      return ofMerchant(fact, [name(fact.plan)], [seconds(fact.sinceSendMs)])
    case 'send': {
      const blobs = [name(fact.plan), fact.outcome, name(fact.why), fact.answeredBy]
      return ofMerchant(fact, blobs, [fact.ms, fact.providerMs, fact.submissions])
    }
    case 'callback':
      return ofMerchant(fact, [fact.outcome, httpClass(fact.httpStatus)], [fact.ms, fact.attempt])
    case 'incident': {
      const blobs = [fact.fact, fact.environment, fact.kind, name(fact.why)]
      return { indexes: [fact.wallet], blobs, doubles: [] }
    }
    case 'woken':
      return { indexes: [fact.merchant], blobs: [fact.fact, ''], doubles: [fact.orders] }
    case 'book':
      return { indexes: [fact.merchant], blobs: [fact.fact, ''], doubles: [fact.bytes] }
  }
}

function ofMerchant(
  { fact, merchant, environment }: OfMerchant & { readonly fact: string },
  blobs: string[],
  doubles: number[],
): Point {
  return { indexes: [merchant], blobs: [fact, environment, ...blobs], doubles }
}

/** A clock may be set back under us. */
function seconds(ms: number): number {
  return Math.max(0, ms) / 1_000
}

function httpClass(status: number | null): string {
  return status === null ? 'none' : `${Math.floor(status / 100)}xx`
}

/** Plans come from merchants, codes from the provider. What does not look like a name, or could hold a number or an id, is not told. */
const NAME = /^(?!.*\d{6})[A-Za-z][\w-]{0,39}$/

function name(text: string): string {
  return text === '' || NAME.test(text) ? text : 'other'
}
