/** What an order tells the book of itself. */
import type { Delivery, Environment, Phase, Status } from '../order/state'
import type { TopupView } from '../order/view'
import type { FeedEvent } from './event-feed'

export interface BookEntry {
  readonly objectId: string
  readonly environment: Environment
  readonly ref: string
  readonly createdAt: number
  /** A lower revision never overwrites a higher one. */
  readonly revision: number
  /** What its events and deliveries are named by. */
  readonly gatewayId: string
  readonly topupId: string
  /** Only where it is not the id that the merchant knows. */
  readonly providerId: string | null
  readonly phase: Phase
  readonly status: Status
  readonly stateVersion: number
  readonly planCode: string
  readonly msisdn: string
  /** Face value; 0 while nobody has said it. */
  readonly topupAmountDzd: number
  /** What the merchant asked for; null when he named no amount. */
  readonly askedDzd: number | null
  /** The provider account that it was promised to, by the name of its wallet. */
  readonly wallet: string
  /** What was seen to be taken from an account that he shares, refunded or not; null when never seen. */
  readonly chargedDzd: number | null
  /** The object as the merchant is shown it in lists. */
  readonly topup: TopupView
  readonly settledAt: number | null
  readonly dueAt: number | null
  /** All that it ever had. */
  readonly events: readonly (FeedEvent & { readonly stateVersion: number })[]
  /** Of all its events; in an order that only grows at its end. */
  readonly deliveries: readonly Delivery[]
}
