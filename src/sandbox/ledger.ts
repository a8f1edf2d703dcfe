/**
 * The books of one sandbox account: its top-ups and its balance. Pure and synchronous: one call is one step,
 * so two calls can never see each other half-way. The clock and the dice come from outside.
 *
 * The balance is never stored as such. It is what the account opened with, less every charge, plus every
 * charge whose top-up is REFUNDED by now: so money comes back exactly once, without a write.
 */
import * as z from 'zod'
import { isHidden, lookUpFault, refundedAt, sendFault, settledForGoodAt, type Topup } from './outcomes'
import { chargeCentimes } from './plans'
import type {
  FindAnswer,
  ListQuery,
  Pagination,
  SendAnswer,
  SendOrder,
  WireTopup,
  WireTransaction,
} from './protocol'
import { dzd, keptCentimes, type Movement, paginate, renderMovement, renderTopup } from './rows'

/** So much that nobody's tests ever drain it: test number 08 is there for the refusal. */
const OPENING_CENTIMES = 100_000_000_00
/** Enough for a load test to page through; older settled ones leave only their cost behind. */
export const KEPT_TOPUPS = 2000
/** The whole state is one stored value, and one value may be 2 MB. */
const MAX_STATE_BYTES = 1_800_000
/** Upper bound of what a top-up takes beside its ref: id, number, plan, amount, time and their framing. */
const TOPUP_BYTES = 120
const REF_UNIT_BYTES = 2
/** Refs of sends answered 500 and not accepted (outcome 06), remembered until they are sent again. */
const KEPT_FAILED_REFS = 500

const savedTopup = z.tuple([z.string(), z.string(), z.string(), z.string(), z.number(), z.number()])

/** A tuple a top-up: names repeated 2,000 times would be most of the stored value. */
export const savedLedger = z.object({
  openingCentimes: z.number(),
  topups: z.array(savedTopup),
  failedRefs: z.array(z.string()),
})

export type SavedLedger = z.infer<typeof savedLedger>

export class Ledger {
  #openingCentimes: number
  /** Oldest first. */
  #topups: Topup[] = []
  readonly #byRef = new Map<string, Topup>()
  readonly #byId = new Map<string, Topup>()
  readonly #failedRefs: Set<string>
  /** Look-ups per id; only outcome 10 needs them, and forgetting them with the memory does no harm. */
  readonly #lookUps = new Map<string, number>()
  #bytes = 0

  constructor(saved: SavedLedger | null) {
    this.#openingCentimes = saved?.openingCentimes ?? OPENING_CENTIMES
    this.#failedRefs = new Set(saved?.failedRefs ?? [])
    for (const [id, ref, planCode, msisdn, amount, acceptedAt] of saved?.topups ?? []) {
      this.#add({ id, ref, planCode, msisdn, amount, acceptedAt })
    }
  }

  save(): SavedLedger {
    return {
      openingCentimes: this.#openingCentimes,
      topups: this.#topups.map((t) => [t.id, t.ref, t.planCode, t.msisdn, t.amount, t.acceptedAt]),
      failedRefs: [...this.#failedRefs],
    }
  }

  /** `newId` makes the id of a top-up accepted at that moment. */
  send(order: SendOrder, now: number, newId: (now: number) => string): SendAnswer {
    const id = newId(now)
    const ref = order.ref ?? `REF-${id}`
    if (this.#byRef.has(ref)) return { kind: 'duplicate' }

    const fault = sendFault(order.msisdn)
    if (fault === 'error_not_accepted' && !this.#failedRefs.delete(ref)) {
      if (order.ref !== null) this.#rememberFailed(ref)
      return { kind: 'not_accepted' }
    }
    const charge = chargeCentimes(order.planCode, order.amount)
    const available = this.#balanceCentimes(now)
    if (charge > available) return { kind: 'insufficient', required: dzd(charge), available: dzd(available) }
    if (fault === 'no_balance') return { kind: 'insufficient', required: dzd(charge), available: 0 }
    this.#dropOldest(now)
    if (this.#stateBytes() > MAX_STATE_BYTES) return { kind: 'full' }

    const { planCode, msisdn, amount } = order
    // The list is in order of acceptance, so the clock may not step back between two top-ups.
    const acceptedAt = Math.max(now, this.#topups.at(-1)?.acceptedAt ?? 0)
    this.#add({ id, ref, planCode, msisdn, amount, acceptedAt })
    const answer = fault === 'answer_lost' ? 'lost' : fault === 'error_accepted' ? 'error' : 'sent'
    return { kind: 'accepted', id, ref, answer }
  }

  findByRef(refs: readonly string[], now: number): FindAnswer {
    const ref = refs.find((candidate) => this.#byRef.has(candidate))
    return this.#find(ref === undefined ? undefined : this.#byRef.get(ref), now)
  }

  findById(id: string, now: number): FindAnswer {
    return this.#find(this.#byId.get(id), now)
  }

  list(query: ListQuery, now: number): { items: WireTopup[]; pagination: Pagination } {
    const visible = this.#topups.filter(
      (topup) => !isHidden(topup, now) && isInside(query.window, topup.acceptedAt),
    )
    const { items, pagination } = paginate(visible.reverse(), query)
    return { items: items.map((topup) => renderTopup(topup, now)), pagination }
  }

  transactions(query: ListQuery, now: number): { items: WireTransaction[]; pagination: Pagination } {
    let centimes = this.#openingCentimes
    const rows: WireTransaction[] = []
    for (const movement of this.#movements(now)) {
      const before = centimes
      centimes += movement.type === 'FLEXY' ? -movement.centimes : movement.centimes
      if (isInside(query.window, movement.at)) rows.push(renderMovement(movement, before, centimes))
    }
    return paginate(rows.reverse(), query)
  }

  /** DZD, two decimals. */
  balance(now: number): number {
    return dzd(this.#balanceCentimes(now))
  }

  #find(topup: Topup | undefined, now: number): FindAnswer {
    if (topup === undefined) return { kind: 'absent' }
    const lookUpNumber = (this.#lookUps.get(topup.id) ?? 0) + 1
    this.#lookUps.set(topup.id, lookUpNumber)
    const fault = lookUpFault(topup, now, lookUpNumber)
    if (fault === 'none') return { kind: 'found', topup: renderTopup(topup, now) }
    return { kind: fault === 'hidden' ? 'absent' : fault }
  }

  #balanceCentimes(now: number): number {
    return this.#topups.reduce((sum, topup) => sum - keptCentimes(topup, now), this.#openingCentimes)
  }

  /** Every change of the balance up to now, oldest first. */
  #movements(now: number): Movement[] {
    const movements = this.#topups.flatMap((topup): Movement[] => {
      const centimes = chargeCentimes(topup.planCode, topup.amount)
      if (centimes === 0) return []
      const back = refundedAt(topup)
      const taken: Movement = { topup, type: 'FLEXY', centimes, at: topup.acceptedAt }
      if (back === null || back > now) return [taken]
      return [taken, { topup, type: 'REFUND-FLEXY', centimes, at: back }]
    })
    return movements.sort((a, b) => a.at - b.at)
  }

  #add(topup: Topup): void {
    this.#topups.push(topup)
    this.#byRef.set(topup.ref, topup)
    this.#byId.set(topup.id, topup)
    this.#bytes += bytesOf(topup)
  }

  #stateBytes(): number {
    let bytes = this.#bytes
    for (const ref of this.#failedRefs) bytes += ref.length * REF_UNIT_BYTES
    return bytes
  }

  #rememberFailed(ref: string): void {
    this.#failedRefs.add(ref)
    const [oldest] = this.#failedRefs
    if (this.#failedRefs.size > KEPT_FAILED_REFS && oldest !== undefined) this.#failedRefs.delete(oldest)
  }

  /** Makes room for one more. An unsettled top-up always stays: somebody is still waiting for it. */
  #dropOldest(now: number): void {
    let excess = this.#topups.length - (KEPT_TOPUPS - 1)
    let excessBytes = this.#stateBytes() - MAX_STATE_BYTES
    if (excess <= 0 && excessBytes <= 0) return
    this.#topups = this.#topups.filter((topup) => {
      if ((excess <= 0 && excessBytes <= 0) || settledForGoodAt(topup) > now) return true
      excess -= 1
      excessBytes -= bytesOf(topup)
      this.#forget(topup, now)
      return false
    })
  }

  #forget(topup: Topup, now: number): void {
    this.#openingCentimes -= keptCentimes(topup, now)
    this.#byRef.delete(topup.ref)
    this.#byId.delete(topup.id)
    this.#lookUps.delete(topup.id)
    this.#bytes -= bytesOf(topup)
  }
}

function bytesOf(topup: Topup): number {
  return TOPUP_BYTES + topup.ref.length * REF_UNIT_BYTES
}

function isInside(window: ListQuery['window'], at: number): boolean {
  return window === null || (window.from <= at && at <= window.to)
}
