/** One top-up of the provider against the order that has its ref: do they tell the same story? Pure. */
import type { Topup } from '../order/state'
import type { FindingKind } from './finding'
import type { OurOrder } from './ours'

/**
 * `same`: final on both sides. `open`: on both. `news`: the provider knows more, and the order may learn it. `reversed`: the order is
 * final, and the provider has the other final word now. `mismatch`: one of them is wrong, and nobody here can say which.
 */
export type Verdict =
  | { readonly kind: 'same' | 'open' | 'news' | 'reversed' }
  | { readonly kind: 'mismatch'; readonly of: FindingKind }

const FINAL_WORDS = new Set(['FULFILLED', 'REFUNDED'])
const OPEN_WORDS = new Set(['PENDING', 'HANDLING'])

/** What the amount asked for is worth: on a plan with a fixed price the provider ignores it. Null: the plans are not known. */
export type DynamicPlans = ReadonlySet<string> | null

export function compare(theirs: Topup, ours: OurOrder, dynamicPlans: DynamicPlans): Verdict {
  const of = misfit(theirs, ours, dynamicPlans)
  return of === null ? byStatus(theirs.status, ours) : { kind: 'mismatch', of }
}

/** In what the two differ that never changes; null when in nothing. What one side does not say is no difference. */
function misfit(theirs: Topup, ours: OurOrder, dynamicPlans: DynamicPlans): FindingKind | null {
  if (theirs.msisdn !== null && theirs.msisdn !== ours.msisdn) return 'number_mismatch'
  if (theirs.planCode !== null && theirs.planCode.toLowerCase() !== ours.planCode.toLowerCase())
    return 'plan_mismatch'
  if (ours.providerId !== null && theirs.id !== ours.providerId) return 'duplicate'
  return isOtherAmount(theirs, ours, dynamicPlans) ? 'amount_mismatch' : null
}

function isOtherAmount({ topupAmountDzd }: Topup, ours: OurOrder, dynamicPlans: DynamicPlans): boolean {
  if (!topupAmountDzd) return false
  // Of a settled order the amount was seen.
  if (ours.phase === 'settled' && ours.amountDzd !== 0 && ours.amountDzd !== topupAmountDzd) return true
  const isAsked = dynamicPlans?.has(ours.planCode.toLowerCase()) ?? false
  return isAsked && Boolean(ours.askedDzd) && ours.askedDzd !== topupAmountDzd
}

function byStatus(word: string, { phase, status }: OurOrder): Verdict {
  const isFinal = FINAL_WORDS.has(word)
  if (phase === 'settled') {
    if (!isFinal) return { kind: 'mismatch', of: 'status_mismatch' }
    return { kind: word === status ? 'same' : 'reversed' }
  }
  if (isFinal || phase === 'in_doubt') return { kind: 'news' }
  // Once unknown, only a settlement is news.
  return { kind: OPEN_WORDS.has(word) || phase === 'unknown' ? 'open' : 'news' }
}

/** Whether the provider must show it. A send that never reached it was refused, or given up after proven absence. */
export function mustBeThere({ phase, status, providerId }: OurOrder): boolean {
  if (phase === 'settled') return status === 'FULFILLED' || providerId !== null
  return phase === 'tracking' || phase === 'unknown'
}
