/** What the statement shows for one top-up, against what the provider says became of it. Pure. Amounts are centimes. */
import { isDebit, type Movement } from '../provider/movement'
import type { FindingKind } from './finding'

export interface Charges {
  readonly debits: readonly Movement[]
  readonly credits: readonly Movement[]
}

export const NO_CHARGES: Charges = { debits: [], credits: [] }

/** By the top-up that they belong to. What moves nothing, and what belongs to none, is left out. */
export function chargesByTopup(movements: readonly Movement[]): ReadonlyMap<string, Charges> {
  const found = new Map<string, Charges>()
  for (const one of movements) {
    if (one.topupId === null || one.beforeCentimes === one.afterCentimes) continue
    const { debits, credits } = found.get(one.topupId) ?? NO_CHARGES
    const added = isDebit(one)
      ? { debits: [...debits, one], credits }
      : { debits, credits: [...credits, one] }
    found.set(one.topupId, added)
  }
  return found
}

/** What is wrong for good. A refund that has not come is another matter: it may come. */
export function wrongCharges(status: string, { debits, credits }: Charges): readonly FindingKind[] {
  const wrong: FindingKind[] = []
  if (debits.length > 1) wrong.push('charged_twice')
  if (credits.length > 1) wrong.push('refunded_twice')
  if (credits.length > 0 && status === 'FULFILLED') wrong.push('refunded_and_fulfilled')
  return wrong
}

export function awaitsRefund(status: string, { debits, credits }: Charges): boolean {
  return status === 'REFUNDED' && debits.length > 0 && credits.length === 0
}

export function sumCentimes(movements: readonly Movement[]): number {
  return movements.reduce((sum, one) => sum + Math.abs(one.afterCentimes - one.beforeCentimes), 0)
}
