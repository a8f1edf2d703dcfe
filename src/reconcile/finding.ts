/**
 * What does not add up between the provider and our orders: each is open until somebody closes it with a note. Nothing is concluded
 * from a finding; it holds what both sides said, and what a person may do. Pure.
 */
import type { Environment } from '../order/state'

/** What each kind means, and what to do: told to whoever lists findings. */
export const SUGGESTED_ACTIONS = {
  orphan:
    'Money left the account for a top-up that no order explains. Find out who else uses the credential; if nobody does, change it at the provider.',
  broken_chain:
    'The balance changed by something that the statement does not show. Ask the provider for the movements around that time.',
  missing:
    'The provider shows this top-up neither in its list nor by its ref. Ask the provider before anything is refunded or sent again.',
  duplicate:
    'The provider shows more than one top-up for one ref. Ask the provider which of them were delivered, and to refund the others.',
  number_mismatch:
    'The provider shows another phone number than was asked for. Ask the provider who was topped up before the customer is told anything.',
  plan_mismatch: 'The provider shows another plan than was asked for. Ask the provider what was delivered.',
  amount_mismatch:
    'The provider shows another amount than was asked for or seen before. Compare what the customer received with what was charged.',
  status_mismatch:
    'The order is final here, and the provider calls it open again. Do not refund; look again tomorrow or ask the provider.',
  changed_after_final:
    'The provider changed its final answer. The callback topup.reversed tells the new one; undo what was done because of the old.',
  charged_twice:
    'The provider took the price more than once for one top-up. Ask the provider to refund the others.',
  refunded_twice:
    'The provider gave the price back more than once. Expect that it takes one back; do not spend it.',
  never_refunded:
    'The provider calls the top-up refunded, and its statement shows no money coming back. Ask the provider for it.',
  refunded_and_fulfilled:
    'The provider gave the price back for a top-up that it calls delivered. Expect that one of the two changes.',
  index_mismatch:
    'The index shows an order whose own record is not there. Report it to the operator of the gateway.',
} as const satisfies Record<string, string>

export type FindingKind = keyof typeof SUGGESTED_ACTIONS

export const FINDING_KINDS = Object.keys(SUGGESTED_ACTIONS) as [FindingKind, ...FindingKind[]]
export const FINDING_STATES = ['open', 'closed'] as const
export type FindingState = (typeof FINDING_STATES)[number]

/** What one side says. Times are unix ms, amounts DZD; phone numbers are whole: nobody but the merchant is shown them. */
export type Side = Readonly<Record<string, string | number | null>>

export interface Finding {
  /** The same fact has the same id, however often it is found. */
  readonly id: string
  readonly environment: Environment
  readonly kind: FindingKind
  /** Unix ms. */
  readonly foundAt: number
  /** The merchant's own ref, as far as it can be told; null otherwise. */
  readonly ref: string | null
  /** What the provider shows, and what we have; null where there is nothing. */
  readonly upstream: Side | null
  readonly ours: Side | null
}
