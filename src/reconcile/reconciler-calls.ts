/** What may be asked of the object that reconciles one provider account. */
import type { Environment } from '../order/state'
import type { Report } from './report'

/** Times are unix ms by our clock; `from` included, `to` not, and never later than now. */
export interface Wanted {
  /** Whose orders; null: everybody's on the account, which only the operator may ask. */
  readonly merchantId: string | null
  readonly environment: Environment
  readonly from: number
  readonly to: number
  /** Of the book's rows in the window, which are held against their orders. */
  readonly checkIndex: 'sample' | 'all'
}

/** `busy`: one of the same asker is under way. */
export type Started =
  | { readonly kind: 'started'; readonly report: Report }
  | { readonly kind: 'busy'; readonly id: string }
