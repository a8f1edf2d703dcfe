/**
 * One top-up of the provider brought together with the order behind it: what is provable is healed, by the order itself; the rest becomes a
 * finding. Two things are copies, and nothing is concluded from them alone: a row of the book, before the order itself was asked; and a
 * row of the list against an order that is final, before the provider was asked again, since the order may have settled, or have been
 * reversed, while the list was read.
 */
import type { Evidence } from '../order/history'
import type { Topup } from '../order/state'
import type { Movement } from '../provider/movement'
import type { RefOwner } from '../provider/ownership'
import { awaitsRefund, type Charges, NO_CHARGES, sumCentimes, wrongCharges } from './charges'
import { compare, type DynamicPlans, mustBeThere, type Verdict } from './compare'
import type { FindingKind } from './finding'
import type { OurOrder } from './ours'
import type { Outcome } from './outcome'
import type { Ports } from './ports'
import type { AwaitedRefund } from './run'
import { Unread } from './unread'

/** What the provider shows of a top-up, and the exchange that says so. */
export interface Shown {
  readonly topup: Topup
  readonly evidence: readonly Evidence[]
}

export interface Pair {
  readonly shown: Shown
  /** When it was made, unix ms by our clock; null when the provider does not say. */
  readonly at: number | null
  readonly owner: RefOwner
  /** The book's row; null when it shows none. */
  readonly known: OurOrder | null
  readonly charges: Charges
}

export class Pairing {
  readonly #ports: Ports
  readonly #outcome: Outcome
  readonly #dynamicPlans: DynamicPlans
  /** Top-ups that are called refunded, without money so far. */
  readonly awaited: AwaitedRefund[] = []
  /** Those whose money came back. */
  readonly credited: string[] = []
  /** Orders that were told of news: what the book showed of them before is old. */
  readonly taught = new Set<string>()

  constructor(ports: Ports, outcome: Outcome, dynamicPlans: DynamicPlans) {
    this.#ports = ports
    this.#outcome = outcome
    this.#dynamicPlans = dynamicPlans
  }

  /** A row of the list. Answers the order, if there is one. Throws `Unread`. */
  async pairListed(pair: Pair): Promise<OurOrder | null> {
    const { shown, owner, known, charges } = pair
    let order = known
    let verdict = known === null ? null : this.#compare(shown.topup, known)
    if (verdict === null || (verdict.kind !== 'same' && verdict.kind !== 'open')) {
      order = await this.#ports.order(owner.merchantId, owner.ref)
      verdict = order === null ? null : this.#compare(shown.topup, order)
    }
    if (order === null || verdict === null) {
      if (known !== null) await this.#outcome.find('index_mismatch', known.topupId, { owner, ours: known })
      await this.orphan(shown.topup, pair.at, charges, owner)
      return null
    }
    if (isAgainstFinal(verdict) || isGift(shown.topup, charges)) await this.#asksAgain(pair, order)
    else await this.#conclude(pair, order, verdict)
    return order
  }

  /** An order that the list does not show, or that was not in any list. Throws `Unread`. */
  async lookUp(known: OurOrder): Promise<void> {
    const shown = await this.#look(known)
    const order = await this.#ports.order(known.merchantId, known.ref)
    if (order === null) {
      await this.#outcome.find('index_mismatch', known.topupId, { owner: known, ours: known })
    } else if (shown !== null) {
      this.#outcome.count(known.merchantId, 'lookedUp')
      await this.#judge(shown, null, order)
    } else if (mustBeThere(order)) {
      await this.#outcome.find('missing', order.topupId, { owner: known, ours: order })
    } else this.#outcome.count(known.merchantId, order.phase === 'settled' ? 'matched' : 'open')
  }

  /** Money that came back long after the top-up was made. Throws `Unread`. */
  async pairRefund(topup: Topup, owner: RefOwner, credit: Movement): Promise<void> {
    const order = await this.#ports.order(owner.merchantId, owner.ref)
    if (order === null) return
    this.#outcome.add(owner.merchantId, { refundedCentimes: sumCentimes([credit]) })
    const kind = this.#compare(topup, order).kind
    if (kind === 'news' || kind === 'reversed') await this.lookUp(order)
    await this.#findWrong(topup, null, order, { debits: [], credits: [credit] })
  }

  /** A top-up that no order explains. By the movement that paid for it, if it is shown: the audit tells of it under the same id. */
  async orphan(topup: Topup, at: number | null, { debits }: Charges, owner: RefOwner | null): Promise<void> {
    const movement = debits[0] ?? null
    await this.#outcome.find('orphan', movement?.id ?? topup.id, { owner, theirs: topup, at, movement })
  }

  #compare(topup: Topup, order: OurOrder): Verdict {
    return compare(topup, order, this.#dynamicPlans)
  }

  /** Null: the provider says that it has none. */
  async #look({ upstreamRef }: OurOrder): Promise<Shown | null> {
    const { outcome, evidence } = await this.#ports.look(upstreamRef)
    if (outcome.kind === 'no_answer') throw new Unread(`check-ref: ${outcome.reason}`)
    return outcome.kind === 'found' ? { topup: outcome.topup, evidence } : null
  }

  async #asksAgain(pair: Pair, { merchantId, ref, upstreamRef }: OurOrder): Promise<void> {
    const { outcome, evidence } = await this.#ports.look(upstreamRef)
    if (outcome.kind !== 'found') throw new Unread('check-ref: what the list shows was not found')
    const order = await this.#ports.order(merchantId, ref)
    if (order === null) throw new Unread('an order went away')
    const shown = { topup: outcome.topup, evidence }
    await this.#conclude({ ...pair, shown }, order, this.#compare(shown.topup, order))
  }

  async #conclude(pair: Pair, order: OurOrder, verdict: Verdict): Promise<void> {
    const { shown, at, charges } = pair
    if (verdict.kind === 'same' || verdict.kind === 'open') {
      this.#outcome.count(order.merchantId, verdict.kind === 'same' ? 'matched' : 'open')
    } else await this.#judge(shown, at, order)
    await this.#judgeCharges(shown.topup, at, order, charges)
  }

  /** The two do not tell the same: the order learns it, or a human must. */
  async #judge(shown: Shown, at: number | null, order: OurOrder): Promise<void> {
    const verdict = this.#compare(shown.topup, order)
    if (verdict.kind === 'mismatch') await this.#mismatch(verdict.of, shown.topup, at, order)
    else if (verdict.kind === 'news' || verdict.kind === 'reversed') await this.#heal(shown, at, order)
  }

  async #heal({ topup, evidence }: Shown, at: number | null, order: OurOrder): Promise<void> {
    const { merchantId } = order
    this.taught.add(order.objectId)
    const after = await this.#ports.observe(order, { outcome: { kind: 'found', topup }, evidence })
    if (after === null) return
    const verdict = this.#compare(topup, after)
    if (verdict.kind === 'mismatch') return await this.#mismatch(verdict.of, topup, at, after)
    // It is under way to the provider at this moment: it hears of itself.
    if (verdict.kind === 'news' || verdict.kind === 'reversed') return this.#outcome.count(merchantId, 'open')
    this.#outcome.count(merchantId, 'healed')
    if (order.phase === 'in_doubt') this.#outcome.count(merchantId, 'adopted')
    if (order.phase !== 'settled') return
    const key = `${topup.id}-${topup.status.toLowerCase()}`
    await this.#outcome.find('changed_after_final', key, { owner: order, theirs: topup, at, ours: order })
  }

  async #mismatch(of: FindingKind, topup: Topup, at: number | null, order: OurOrder): Promise<void> {
    await this.#outcome.find(of, keyOf(of, topup), { owner: order, theirs: topup, at, ours: order })
  }

  async #judgeCharges(topup: Topup, at: number | null, order: OurOrder, charges: Charges): Promise<void> {
    const { debits, credits } = charges
    this.#outcome.add(order.merchantId, {
      chargedCentimes: sumCentimes(debits),
      refundedCentimes: sumCentimes(credits),
      fulfilledDzd: topup.status === 'FULFILLED' ? (topup.topupAmountDzd ?? 0) : 0,
    })
    await this.#findWrong(topup, at, order, charges)
    if (credits.length > 0) this.credited.push(topup.id)
    const [debit] = debits
    if (debit === undefined || !awaitsRefund(topup.status, charges)) return
    const settledAt = order.settledAt ?? this.#ports.now()
    this.awaited.push({
      merchantId: order.merchantId,
      ref: order.ref,
      providerId: topup.id,
      settledAt,
      debit,
    })
  }

  /** Each with the newest movement that should not be. */
  async #findWrong(topup: Topup, at: number | null, order: OurOrder, charges: Charges): Promise<void> {
    for (const kind of wrongCharges(topup.status, charges)) {
      const movement = (kind === 'charged_twice' ? charges.debits : charges.credits).at(-1) ?? null
      await this.#outcome.find(kind, topup.id, { owner: order, theirs: topup, at, movement, ours: order })
    }
  }
}

function isAgainstFinal(verdict: Verdict): boolean {
  return verdict.kind === 'reversed' || (verdict.kind === 'mismatch' && verdict.of === 'status_mismatch')
}

/** The list was read before the statement: perhaps it is called refunded by now. */
function isGift({ status }: Topup, { credits }: Charges): boolean {
  return wrongCharges(status, { ...NO_CHARGES, credits }).includes('refunded_and_fulfilled')
}

/** The same fact has the same key. Another word of the provider is another fact. */
function keyOf(kind: FindingKind, { id, status, topupAmountDzd }: Topup): string {
  if (kind === 'status_mismatch') return `${id}-${status.toLowerCase()}`
  return kind === 'amount_mismatch' ? `${id}-${topupAmountDzd ?? 0}` : id
}
