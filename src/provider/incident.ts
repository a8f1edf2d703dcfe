/** What the operator is told when money left the provider account and no order explains it. */
import type { Gap } from './chain'
import { dzdOf, type Movement } from './movement'

export interface Incident {
  /** Made from the movement's own id: told again, it is the same. */
  readonly id: string
  /**
   * `orphan`: a debit that is of no order. `broken_chain`: the balance changed between two movements, and the statement does
   * not show by what.
   */
  readonly kind: 'orphan' | 'broken_chain'
  /** `unexplained`: nobody could say in time whose it is; it may turn out to be ours. */
  readonly certainty: 'foreign' | 'unexplained'
  /** Unix ms by the provider's clock; of a broken chain, the first movement after it. */
  readonly at: number
  /** What is gone; negative where a broken chain shows more money than before. */
  readonly amountDzd: number
  readonly topupId: string | null
  /** As the provider shows it. */
  readonly ref: string | null
  /** The provider's word; null for what it does not show. */
  readonly type: string | null
  /** Cut, phone numbers masked. */
  readonly note: string
  readonly balanceBeforeDzd: number
  readonly balanceAfterDzd: number
}

export function orphan(
  { id, type, topupId, at, note, beforeCentimes, afterCentimes }: Movement,
  ref: string | null,
  certainty: Incident['certainty'],
): Incident {
  return {
    id: `orphan-${id}`,
    kind: 'orphan',
    certainty,
    at,
    topupId,
    ref,
    type,
    note,
    ...balances(beforeCentimes, afterCentimes),
  }
}

export function brokenChain({ beforeCentimes, next }: Gap): Incident {
  return {
    id: `broken-chain-${next.id}`,
    kind: 'broken_chain',
    certainty: 'foreign',
    at: next.at,
    topupId: null,
    ref: null,
    type: null,
    note: '',
    ...balances(beforeCentimes, next.beforeCentimes),
  }
}

function balances(
  beforeCentimes: number,
  afterCentimes: number,
): Pick<Incident, 'amountDzd' | 'balanceBeforeDzd' | 'balanceAfterDzd'> {
  return {
    amountDzd: dzdOf(beforeCentimes - afterCentimes),
    balanceBeforeDzd: dzdOf(beforeCentimes),
    balanceAfterDzd: dzdOf(afterCentimes),
  }
}
