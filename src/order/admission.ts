/** What is asked of a first send before anything is written: the edge's objection, the merchant's limits. */
import { type Env, merchantById } from '../env'
import type { Verdict } from '../merchant/limits'
import { logError } from '../platform/log'
import type { Intent, Refusal, Warning } from './state'

/** What the edge knows of a send besides the intent. None of it matters to a ref that was sent before. */
export interface Terms {
  /** Why it would be refused, were it the first of its ref. */
  readonly objection: Refusal | null
  readonly warnings: readonly Warning[]
  /** The merchant has limits: his object decides. */
  readonly limited: boolean
  /** Face value; null while only the provider knows it. */
  readonly valueDzd: number | null
  readonly allowDuplicate: boolean
  /** The merchant wants no send to an operator that the provider calls down. */
  readonly refusesDown: boolean
  /** Some of the merchant's orders are in his book only: the ref may be one of theirs. */
  readonly folds: boolean
}

/** Never throws: a merchant object that cannot be asked lets nothing out. */
export async function admission(env: Env, intent: Intent, terms: Terms): Promise<Verdict> {
  const { objection, warnings, limited, valueDzd, allowDuplicate } = terms
  if (objection !== null) return { kind: 'refused', refusal: objection }
  if (!limited) return { kind: 'admitted', warnings }
  const { merchantId, environment, ref, request } = intent
  try {
    const asked = { environment, ref, msisdn: request.msisdn, valueDzd, allowDuplicate }
    const verdict = await merchantById(env, merchantId).admit(asked)
    return verdict.kind === 'refused'
      ? verdict
      : { kind: 'admitted', warnings: [...warnings, ...verdict.warnings] }
  } catch (error) {
    logError('order.admission', error)
    return { kind: 'refused', refusal: NOT_ASKED }
  }
}

/** The provider refused it: it counts against no limit. Should this fail, the limit is the stricter. */
export async function giveBack(env: Env, { merchantId, environment, ref, request }: Intent): Promise<void> {
  try {
    await merchantById(env, merchantId).release({ environment, ref, msisdn: request.msisdn })
  } catch (error) {
    logError('order.give_back', error)
  }
}

export const NOT_ASKED: Refusal = {
  httpStatus: 503,
  code: 'SERVICE_UNAVAILABLE',
  message: 'Nothing was sent: the gateway is busy; send the same request again',
  detailsJson: null,
  retryAfterSeconds: 1,
}
