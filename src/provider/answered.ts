/** Whether what came back is an answer of the provider at all: what the breaker counts. Pure and total. */
import type { SubmitOutcome } from '../order/state'
import type { Exchange } from './classify'

const TOO_MANY_REQUESTS = 429

/** Of a read. An error page is not the provider's; "too many requests" is, and the budget's business. */
export function isAnswer(exchange: Exchange): boolean {
  if (exchange.kind === 'failed' || exchange.httpStatus >= 500) return false
  return exchange.httpStatus === TOO_MANY_REQUESTS || isObject(exchange.body)
}

/** Of a send; a refusal is an answer. `httpStatus` is null where none came. */
export function isDefinite(outcome: SubmitOutcome, httpStatus: number | null): boolean {
  return outcome.kind !== 'in_doubt' || httpStatus === TOO_MANY_REQUESTS
}

/** Also one outside the envelope: a router's miss comes from a server that lives. */
function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
