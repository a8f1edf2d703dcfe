/** An order of ours as the comparison needs it: from its row in the book, or from the order itself, which is the truth. */
import type { Environment, Phase, Status } from '../order/state'

export interface OurOrder {
  readonly objectId: string
  readonly merchantId: string
  readonly environment: Environment
  readonly ref: string
  /** What the provider was given. */
  readonly upstreamRef: string
  /** Unix ms by our clock. */
  readonly createdAt: number
  readonly revision: number
  readonly topupId: string
  /** Null while the provider's id is not known. */
  readonly providerId: string | null
  readonly phase: Phase
  readonly status: Status
  readonly planCode: string
  readonly msisdn: string
  /** Face value as it was seen or, before that, asked for; 0 while nobody has said it. Whole DZD. */
  readonly amountDzd: number
  /** What the merchant asked for; null where he asked for none, or where it is not known any more. */
  readonly askedDzd: number | null
  readonly settledAt: number | null
}
