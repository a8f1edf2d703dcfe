/** Why the wallet itself sends nothing: refusals in the provider's form. The ref is free after each. Pure. */
import type { Refusal } from '../order/state'

/** A credential is repaired by people, but one that was just changed is known everywhere within a minute. */
const CREDENTIAL_RETRY_SECONDS = 30
/** An operator that is down is asked about twice a minute. */
const OPERATOR_RETRY_SECONDS = 60

/** Not the merchant's fault: an error about keys would make him doubt his own. */
export function notAdmitted(why: string): Refusal {
  return unavailable(why, CREDENTIAL_RETRY_SECONDS)
}

export function tooMany(retryAfterSeconds: number): Refusal {
  return unavailable('more sends are waiting than can leave within a minute', retryAfterSeconds)
}

export function providerIll(retryAfterSeconds: number): Refusal {
  return unavailable('the provider does not answer at the moment', retryAfterSeconds)
}

export function operatorDown(operator: string): Refusal {
  return unavailable(`the provider says that ${operator} is down`, OPERATOR_RETRY_SECONDS)
}

/** The provider's own words for it. */
export function unpayable(requiredDzd: number, availableDzd: number): Refusal {
  return {
    httpStatus: 403,
    code: 'INSUFFICIENT_BALANCE',
    message: 'Your balance is insufficient for this operation',
    detailsJson: JSON.stringify({ required: requiredDzd, available: availableDzd }),
    retryAfterSeconds: null,
  }
}

function unavailable(why: string, retryAfterSeconds: number): Refusal {
  return {
    httpStatus: 503,
    code: 'SERVICE_UNAVAILABLE',
    message: `Nothing was sent: ${why}`,
    detailsJson: null,
    retryAfterSeconds,
  }
}
