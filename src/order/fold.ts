/**
 * An order that has been over for long is folded: what may still be asked of it goes into its merchant's book, and its
 * object is emptied. Pure. Times are unix milliseconds.
 */
import { hasOpenDeliveries } from './outbox'
import type { Order } from './state'
import { callbackState } from './view'

/** What the book asks with. */
export interface FoldRequest {
  /** What was over by then may be folded. */
  readonly olderThan: number
  /** The newest that the book knows. */
  readonly revision: number
}

export type FoldAnswer =
  /** What the book must have durably before the object is told to empty itself. */
  | { readonly kind: 'folded'; readonly order: Order }
  /** Something may still become of it: the book will hear of that. */
  | { readonly kind: 'open' }
  /** Not at this moment. */
  | { readonly kind: 'later' }
  /** There is nothing here: it was emptied before. */
  | { readonly kind: 'empty' }

/**
 * A book that does not know the newest state is no place to fold into. What is under way (`isBusy`) may be in memory
 * only.
 */
export function foldAnswer(
  order: Order | null,
  { olderThan, revision }: FoldRequest,
  isBusy: boolean,
  now: number,
): FoldAnswer {
  if (order === null) return { kind: 'empty' }
  if (order.revision !== revision || isBusy) return { kind: 'later' }
  if (isOpen(order)) return { kind: 'open' }
  // Counted from its end: what was told of it last is as old by then as what the feed forgets.
  if (order.settledAt === null || order.settledAt >= olderThan) return { kind: 'later' }
  return { kind: 'folded', order: folded(order, now) }
}

/** However old it is: while the status may change, or an event may have to go out, it is an order. */
function isOpen(order: Order): boolean {
  return order.phase !== 'settled' || hasOpenDeliveries(order)
}

/** All that answers a look-up or a repeated send. The story of how it came to that is not kept. */
function folded(order: Order, now: number): Order {
  return {
    ...order,
    expected: null,
    absence: null,
    history: [],
    events: [],
    deliveries: [],
    folded: { at: now, callback: callbackState(order) },
  }
}
