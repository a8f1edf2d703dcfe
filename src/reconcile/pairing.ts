/**
 * One top-up of the provider brought together with the order behind it: what is provable is healed, by the order itself; the rest becomes a
 * finding. The book's rows are a copy: nothing is concluded from one that does not fit before the order itself was asked.
 */
import type { Topup } from '../order/state'
import { dzdOf, type Movement } from '../provider/movement'
import type { RefOwner } from '../provider/ownership'
import { awaitsRefund, type Charges, sumCentimes, wrongCharges } from './charges'
import { compare, type DynamicPlans, type Verdict } from './compare'
import type { Finding, FindingKind, Side } from './finding'
import type { OurOrder } from './ours'
import type { Ports } from './ports'
import { addTallies, type CountName, EMPTY_TALLY, type Tally } from './report'
import { type AwaitedRefund, NOBODY, type Run } from './run'

export interface Pair {
  readonly topup: Topup
  /** When it was made, unix ms by our clock; null when the provider does not say. */
  readonly at: number | null
  readonly owner: RefOwner
  /** The book's row; null when it shows none. */
  readonly known: OurOrder | null
  readonly charges: Charges
  /** Found by asking for it: its row of the list is counted where it stands. */
  readonly isLookedUp: boolean
}

export class Pairing {
  readonly #run: Run
  readonly #ports: Ports
  readonly #dynamicPlans: DynamicPlans
  readonly #tallies = new Map<string, Tally>()
  /** Top-ups that are called refunded, without money so far. */
  readonly awaited: AwaitedRefund[] = []
  /** Orders that were told of news: what the book showed of them before is old. */
  readonly taught = new Set<string>()
  /** Those whose money came back. */
  readonly credited: string[] = []

  constructor(run: Run, ports: Ports, dynamicPlans: DynamicPlans) {
    this.#run = run
    this.#ports = ports
    this.#dynamicPlans = dynamicPlans
  }

  get tallies(): ReadonlyMap<string, Tally> {
    return this.#tallies
  }

  /** Whether whoever asked for the run may be told of it. */
  concerns(owner: RefOwner | null): boolean {
    const merchantId = owner?.merchantId ?? this.#ports.accountOwner
    return this.#run.merchantId === null || merchantId === this.#run.merchantId
  }

  count(merchantId: string, name: CountName): void {
    const counts = { ...EMPTY_TALLY.counts, [name]: 1 }
    this.#add(merchantId, { ...EMPTY_TALLY, counts })
  }

  /** Answers the order, if there is one. */
  async pair(pair: Pair): Promise<OurOrder | null> {
    const { topup, owner, known } = pair
    let order = known
    let verdict = known === null ? null : this.#compare(topup, known)
    if (verdict === null || (verdict.kind !== 'same' && verdict.kind !== 'open')) {
      order = await this.#ports.order(owner.merchantId, owner.ref)
      verdict = order === null ? null : this.#compare(topup, order)
    }
    if (order === null || verdict === null) {
      if (known !== null) await this.find('index_mismatch', known.topupId, { owner, ours: known })
      await this.orphan(topup, pair.at, pair.charges, owner)
      return null
    }
    await this.#conclude(pair, order, verdict)
    await this.#judgeCharges(pair, order)
    return order
  }

  /** A top-up that no order explains. By the movement that paid for it, if it is shown: the audit tells of it under the same id. */
  async orphan(topup: Topup, at: number | null, { debits }: Charges, owner: RefOwner | null): Promise<void> {
    const key = debits[0]?.id ?? topup.id
    await this.find('orphan', key, { owner, theirs: topup, at, debit: debits[0] ?? null })
  }

  /** Nothing of it is in the provider's list. */
  async orphanMovement(debit: Movement): Promise<void> {
    if (this.concerns(null)) await this.find('orphan', debit.id, { owner: null, debit })
  }

  /** Money that came back long after the top-up was made. */
  async pairRefund(topup: Topup, owner: RefOwner, credits: readonly Movement[]): Promise<void> {
    const order = await this.#ports.order(owner.merchantId, owner.ref)
    if (order === null) return
    this.addMoney(owner.merchantId, { refundedCentimes: sumCentimes(credits) })
    const verdict = this.#compare(topup, order)
    if (verdict.kind === 'news' || verdict.kind === 'reversed') await this.#heal(topup, null, owner, order)
    for (const kind of wrongCharges(topup.status, { debits: [], credits })) {
      await this.find(kind, topup.id, { owner, theirs: topup, ours: order })
    }
  }

  async find(kind: FindingKind, key: string, facts: Facts): Promise<void> {
    const merchantId = facts.owner?.merchantId ?? this.#ports.accountOwner
    const finding: Finding = {
      id: `${kind.replaceAll('_', '-')}-${key}`,
      environment: this.#run.environment,
      kind,
      foundAt: this.#ports.now(),
      ref: facts.owner?.ref ?? null,
      upstream: theirSide(facts),
      ours: facts.ours === undefined ? null : ourSide(facts.ours),
    }
    await this.#ports.find(merchantId, finding)
    this.#add(merchantId ?? NOBODY, { ...EMPTY_TALLY, findings: { [kind]: 1 } })
  }

  addMoney(merchantId: string, money: Partial<Tally>): void {
    this.#add(merchantId, { ...EMPTY_TALLY, ...money })
  }

  #compare(topup: Topup, order: OurOrder): Verdict {
    return compare(topup, order, this.#dynamicPlans)
  }

  async #conclude({ topup, at, owner, isLookedUp }: Pair, order: OurOrder, verdict: Verdict): Promise<void> {
    const { merchantId } = owner
    const count = (name: CountName) => this.count(merchantId, name)
    if (isLookedUp) count('lookedUp')
    if (verdict.kind === 'mismatch') {
      await this.find(verdict.of, keyOf(verdict.of, topup), { owner, theirs: topup, at, ours: order })
    } else if (verdict.kind === 'same' || verdict.kind === 'open') {
      if (!isLookedUp) count(verdict.kind === 'same' ? 'matched' : 'open')
    } else await this.#heal(topup, at, owner, order)
  }

  async #heal(topup: Topup, at: number | null, owner: RefOwner, order: OurOrder): Promise<void> {
    this.taught.add(order.objectId)
    const outcome = { kind: 'found', topup } as const
    const after = await this.#ports.observe(order, { outcome, evidence: [] })
    const verdict = after === null ? null : this.#compare(topup, after)
    if (after === null || verdict === null) return
    if (verdict.kind === 'mismatch') {
      await this.find(verdict.of, keyOf(verdict.of, topup), { owner, theirs: topup, at, ours: after })
    } else if (verdict.kind === 'same' || verdict.kind === 'open') {
      this.count(owner.merchantId, 'healed')
      if (order.phase === 'in_doubt') this.count(owner.merchantId, 'adopted')
      if (order.phase === 'settled') {
        const key = `${topup.id}-${topup.status.toLowerCase()}`
        await this.find('changed_after_final', key, { owner, theirs: topup, at, ours: order })
      }
    } else this.count(owner.merchantId, 'open')
  }

  async #judgeCharges({ topup, at, owner, charges, isLookedUp }: Pair, order: OurOrder): Promise<void> {
    if (isLookedUp) return
    this.addMoney(owner.merchantId, {
      chargedCentimes: sumCentimes(charges.debits),
      refundedCentimes: sumCentimes(charges.credits),
      fulfilledDzd: topup.status === 'FULFILLED' ? (topup.topupAmountDzd ?? 0) : 0,
    })
    for (const kind of wrongCharges(topup.status, charges)) {
      await this.find(kind, topup.id, { owner, theirs: topup, at, ours: order })
    }
    if (charges.credits.length > 0) this.credited.push(topup.id)
    if (!awaitsRefund(topup.status, charges)) return
    const settledAt = order.settledAt ?? this.#ports.now()
    this.awaited.push({ merchantId: owner.merchantId, ref: owner.ref, providerId: topup.id, settledAt })
  }

  #add(merchantId: string, tally: Tally): void {
    this.#tallies.set(merchantId, addTallies(this.#tallies.get(merchantId) ?? EMPTY_TALLY, tally))
  }
}

export interface Facts {
  readonly owner: RefOwner | null
  readonly theirs?: Topup
  readonly at?: number | null
  readonly debit?: Movement | null
  readonly ours?: OurOrder
}

/** The same fact has the same key. Another word of the provider is another fact. */
function keyOf(kind: FindingKind, { id, status, topupAmountDzd }: Topup): string {
  if (kind === 'status_mismatch') return `${id}-${status.toLowerCase()}`
  return kind === 'amount_mismatch' ? `${id}-${topupAmountDzd ?? 0}` : id
}

function theirSide({ theirs, at = null, debit = null }: Facts): Side | null {
  if (theirs === undefined && debit === null) return null
  const paid =
    debit === null
      ? {}
      : { movementId: debit.id, amountDzd: dzdOf(debit.beforeCentimes - debit.afterCentimes) }
  if (theirs === undefined)
    return { topupId: debit?.topupId ?? null, type: debit?.type ?? null, at: debit?.at ?? at, ...paid }
  const { id, ref, status, planCode, msisdn, topupAmountDzd, balanceAmountDzd } = theirs
  return { topupId: id, ref, status, planCode, msisdn, topupAmountDzd, balanceAmountDzd, at, ...paid }
}

function ourSide(order: OurOrder): Side {
  const { topupId, providerId, status, phase, planCode, msisdn, amountDzd, askedDzd, createdAt } = order
  return { topupId, providerId, status, phase, planCode, msisdn, amountDzd, askedDzd, at: createdAt }
}
