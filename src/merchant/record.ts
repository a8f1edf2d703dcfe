/** What the gateway knows of a merchant besides keys and endpoints. Pure. */
import type { Limits } from './limits'
import { NO_LIMITS } from './limits'

export interface MerchantRecord {
  readonly id: string
  /** For people. */
  readonly name: string
  readonly createdAt: number
  /** While set, none of his keys is let in; his orders are tracked and called back all the same. */
  readonly disabledAt: number | null
  readonly limits: Limits
  /** Fingerprint of his own provider account; null: he uses the operator's. */
  readonly ownAccount: string | null
  /** His orders are kept whole for so long. Records of an earlier version lack it. */
  readonly retentionDays?: number
  /** Some of his orders are folded, or soon will be; never false again. Records of an earlier version lack it. */
  readonly folds?: boolean
}

/** An order is kept whole, with its story, for so long after it was over, unless the operator sets another time. */
export const DEFAULT_RETENTION_DAYS = 400
/** By then the feed has forgotten its events. */
export const MIN_RETENTION_DAYS = 90
export const MAX_RETENTION_DAYS = 3_650

export interface MerchantChange {
  readonly name?: string | undefined
  readonly state?: 'active' | 'disabled' | undefined
  readonly limits?: Partial<Limits> | undefined
  readonly retentionDays?: number | undefined
}

/** KV lists the merchants, for cron and for the operator: `merchant:<id>`, with this as its metadata. */
export const MERCHANT_PREFIX = 'merchant:'

export interface MerchantSummary {
  readonly name: string
  readonly createdAt: number
  readonly disabled: boolean
}

export function newMerchant(id: string, name: string, now: number): MerchantRecord {
  return { id, name, createdAt: now, disabledAt: null, limits: NO_LIMITS, ownAccount: null }
}

export function changedMerchant(
  merchant: MerchantRecord,
  { name, state, limits, retentionDays }: MerchantChange,
  now: number,
): MerchantRecord {
  const since = state === 'active' ? null : merchant.disabledAt
  return {
    ...merchant,
    name: name ?? merchant.name,
    disabledAt: state === 'disabled' ? (since ?? now) : since,
    limits: { ...merchant.limits, ...limits },
    ...(retentionDays === undefined ? {} : { retentionDays }),
  }
}

export function summary({ name, createdAt, disabledAt }: MerchantRecord): MerchantSummary {
  return { name, createdAt, disabled: disabledAt !== null }
}

/** In a list, where the rest of a merchant is not at hand. */
export function summaryView(id: string, { name, createdAt, disabled }: MerchantSummary) {
  return { id, name, state: stateOf(disabled), created_at: new Date(createdAt).toISOString() }
}

export function merchantView(merchant: MerchantRecord) {
  const { dailyAmountDzd, largestAmountDzd, repeat, refusesDown } = merchant.limits
  return {
    ...summaryView(merchant.id, summary(merchant)),
    settings: {
      daily_amount: dailyAmountDzd,
      largest_amount: largestAmountDzd,
      repeat,
      operator_down: refusesDown ? 'refuse' : 'send',
      retention_days: merchant.retentionDays ?? DEFAULT_RETENTION_DAYS,
    },
    wallet: merchant.ownAccount === null ? 'operator' : 'own',
  }
}

function stateOf(disabled: boolean): 'active' | 'disabled' {
  return disabled ? 'disabled' : 'active'
}
