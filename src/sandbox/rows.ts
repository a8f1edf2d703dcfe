/** How the books look on the wire: rows of top-ups and of transactions, and pages of either. */
import { refundedAt, refundMessage, statusAt, suggestedOffers, type Topup } from './outcomes'
import { chargeCentimes } from './plans'
import type { Pagination, WireTopup, WireTransaction } from './protocol'

const CENTIMES_PER_DZD = 100

/** One change of the balance. */
export interface Movement {
  readonly topup: Topup
  readonly type: 'FLEXY' | 'REFUND-FLEXY'
  readonly centimes: number
  /** Unix milliseconds. */
  readonly at: number
}

export function dzd(centimes: number): number {
  return centimes / CENTIMES_PER_DZD
}

/** What a top-up has taken from the balance as of now: nothing once it is refunded. */
export function keptCentimes(topup: Topup, now: number): number {
  const back = refundedAt(topup)
  return back !== null && back <= now ? 0 : chargeCentimes(topup.planCode, topup.amount)
}

export function renderTopup(topup: Topup, now: number): WireTopup {
  const status = statusAt(topup, now)
  const message = refundMessage(topup, status)
  const offers = suggestedOffers(topup, status)
  return {
    _id: topup.id,
    ref: topup.ref,
    status,
    plan_code: topup.planCode,
    MSSIDN: topup.msisdn,
    topup_amount: topup.amount,
    balance_amount: dzd(keptCentimes(topup, now)),
    created_at: new Date(topup.acceptedAt).toISOString(),
    ...(message === null ? {} : { refund_message: message }),
    ...(offers === null ? {} : { suggested_offers: offers }),
  }
}

export function renderMovement(movement: Movement, before: number, after: number): WireTransaction {
  const { topup, type, centimes, at } = movement
  const isCharge = type === 'FLEXY'
  return {
    _id: movementId(movement),
    type,
    operation: isCharge ? 'DECREMENT' : 'INCREMENT',
    amount: dzd(centimes),
    oldBalance: dzd(before),
    newBalance: dzd(after),
    objid: topup.id,
    note: `${topup.planCode} ${topup.msisdn}`,
    time: new Date(at).toISOString(),
  }
}

/** An id of its own for each movement, the same at every reading although nothing is stored for it. */
function movementId({ topup, type, at }: Movement): string {
  const seconds = Math.floor(at / 1000).toString(16)
  return `${seconds.padStart(8, '0')}${topup.id.slice(-14)}${type === 'FLEXY' ? 'f1' : 'f2'}`
}

export function paginate<Row>(
  rows: readonly Row[],
  { page, pageSize }: { page: number; pageSize: number },
): { items: Row[]; pagination: Pagination } {
  const start = (page - 1) * pageSize
  return {
    items: rows.slice(start, start + pageSize),
    pagination: {
      page,
      pageSize,
      totalPages: Math.ceil(rows.length / pageSize),
      totalResults: rows.length,
    },
  }
}
