/** What a part of a run comes to: counts and sums for each merchant, and findings, which are told at once. */
import type { Topup } from '../order/state'
import { dzdOf, type Movement } from '../provider/movement'
import type { RefOwner } from '../provider/ownership'
import type { FindingKind, Side } from './finding'
import type { OurOrder } from './ours'
import type { Ports } from './ports'
import { addTallies, type CountName, EMPTY_TALLY, type Tally } from './report'
import { NOBODY, type Run } from './run'

/** Both sides of a finding, as far as there are any. */
export interface Facts {
  readonly owner: RefOwner | null
  readonly theirs?: Topup
  /** When the top-up was made, unix ms by our clock; null when the provider does not say. */
  readonly at?: number | null
  /** The row of the statement that it is about. */
  readonly movement?: Movement | null
  readonly ours?: OurOrder
}

export class Outcome {
  readonly #run: Run
  readonly #ports: Ports
  readonly #tallies = new Map<string, Tally>()

  constructor(run: Run, ports: Ports) {
    this.#run = run
    this.#ports = ports
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
    this.add(merchantId, { counts: { ...EMPTY_TALLY.counts, [name]: 1 } })
  }

  add(merchantId: string, tally: Partial<Tally>): void {
    const before = this.#tallies.get(merchantId) ?? EMPTY_TALLY
    this.#tallies.set(merchantId, addTallies(before, { ...EMPTY_TALLY, ...tally }))
  }

  /** `key`: the same fact has the same, however often it is found. */
  async find(kind: FindingKind, key: string, facts: Facts): Promise<void> {
    const merchantId = facts.owner?.merchantId ?? this.#ports.accountOwner
    await this.#ports.find(merchantId, {
      id: `${kind.replaceAll('_', '-')}-${key}`,
      environment: this.#run.environment,
      kind,
      foundAt: this.#ports.now(),
      ref: facts.owner?.ref ?? null,
      upstream: theirSide(facts),
      ours: facts.ours === undefined ? null : ourSide(facts.ours),
    })
    this.add(merchantId ?? NOBODY, { findings: { [kind]: 1 } })
  }
}

function theirSide({ theirs, at = null, movement = null }: Facts): Side | null {
  if (theirs === undefined && movement === null) return null
  const moved =
    movement === null
      ? {}
      : { movementId: movement.id, amountDzd: dzdOf(movement.beforeCentimes - movement.afterCentimes) }
  if (theirs === undefined)
    return {
      topupId: movement?.topupId ?? null,
      type: movement?.type ?? null,
      at: movement?.at ?? at,
      ...moved,
    }
  const { id, ref, status, planCode, msisdn, topupAmountDzd, balanceAmountDzd } = theirs
  return { topupId: id, ref, status, planCode, msisdn, topupAmountDzd, balanceAmountDzd, at, ...moved }
}

function ourSide(order: OurOrder): Side {
  const { topupId, providerId, status, phase, planCode, msisdn, amountDzd, askedDzd, createdAt } = order
  return { topupId, providerId, status, phase, planCode, msisdn, amountDzd, askedDzd, at: createdAt }
}
