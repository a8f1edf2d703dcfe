/** Rows of a statement, and readings of them, for tests. */
import type { Movement } from '../../../src/provider/movement'
import type { Reading } from '../../../src/provider/statement'

export const NOON = Date.UTC(2026, 10, 24, 12)

export interface RowGiven {
  readonly type?: string
  readonly topupId?: string | null
  /** Milliseconds after noon. */
  readonly at: number
  readonly from: number
  readonly to: number
}

/** Balances in DZD. */
export function movement(
  id: string,
  { type = 'FLEXY', topupId = `t-${id}`, at, from, to }: RowGiven,
): Movement {
  const [beforeCentimes, afterCentimes] = [Math.round(from * 100), Math.round(to * 100)]
  return { id, type, topupId, at: NOON + at, beforeCentimes, afterCentimes, note: '' }
}

/** As the provider writes them. */
export function wireRow({ id, type, topupId, at, beforeCentimes, afterCentimes, note }: Movement): object {
  return {
    _id: id,
    type,
    operation: 'X',
    amount: Math.abs(afterCentimes - beforeCentimes) / 100,
    oldBalance: beforeCentimes / 100,
    newBalance: afterCentimes / 100,
    objid: topupId,
    note,
    time: new Date(at).toISOString(),
  }
}

/** Our clock is the provider's here, unless a test says otherwise. `after`: milliseconds after noon. */
export function reading(after: number, movements: readonly Movement[], more: Partial<Reading> = {}): Reading {
  const at = NOON + after
  return { movements, askedAt: at, answeredAt: at, endedAt: at, isWhole: true, until: null, ...more }
}
