/** What a reconciliation asks of the world. Whoever cannot be reached throws; what the provider does not say is null. */
import type { OrderPlace } from '../merchant/order-row'
import type { Evidence } from '../order/history'
import type { LookOutcome, Topup } from '../order/state'
import type { ListPage } from '../provider/classify'
import type { StatementPage } from '../provider/movement'
import type { Told } from '../provider/oneclick'
import type { RefOwner } from '../provider/ownership'
import type { DynamicPlans } from './compare'
import type { Finding } from './finding'
import type { OurOrder } from './ours'
import type { Window } from './whole'

export interface ShownPage {
  readonly page: ListPage
  /** The exchange that it came by. */
  readonly evidence: Evidence
}

export interface Ports {
  /** Of the provider, within its budget. */
  readonly list: (window: Window, page: number) => Promise<ShownPage | null>
  readonly statement: (window: Window, page: number) => Promise<StatementPage | null>
  readonly look: (upstreamRef: string) => Promise<Told<LookOutcome>>
  /** By the provider's id; `none`: it says that there is no such top-up. */
  readonly topup: (providerId: string) => Promise<Topup | 'none' | null>
  /** The codes, in small letters, of plans whose amount the sender chooses. */
  readonly dynamicPlans: () => Promise<DynamicPlans>
  /** Who is behind a ref as the provider shows it; null where it is nobody's. */
  readonly owner: (shownRef: string) => RefOwner | null
  /** Whose account it is; null: the operator's, whom several share. */
  readonly accountOwner: string | null
  /** Merchants with orders on this account that were made in the time. */
  readonly merchants: (from: number, to: number) => Promise<readonly string[]>
  /** Rows of the book, the oldest first: those made in the time, `to` left out, behind `after`. */
  readonly rows: (
    merchantId: string,
    range: { readonly from: number; readonly to: number },
    after: OrderPlace | null,
    limit: number,
  ) => Promise<readonly OurOrder[]>
  /** Orders still unknown, whatever their age, the oldest first. */
  readonly unknown: (
    merchantId: string,
    before: number,
    after: OrderPlace | null,
    limit: number,
  ) => Promise<readonly OurOrder[]>
  /** The order itself; null when there is none under this name. */
  readonly order: (merchantId: string, ref: string) => Promise<OurOrder | null>
  /** Tells the order what the provider shows; its normal path follows. Answers what it is then. */
  readonly observe: (order: OurOrder, told: Told<LookOutcome>) => Promise<OurOrder | null>
  /** The order writes its row in the book anew. */
  readonly rebook: (objectId: string) => Promise<void>
  /** Null: no merchant's. */
  readonly find: (merchantId: string | null, finding: Finding) => Promise<void>
  readonly random: () => number
  readonly now: () => number
}
