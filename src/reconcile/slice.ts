/** One slice of a run, judged: theirs against ours, ours against theirs, and the money of both. Times are unix ms by our clock. */
import type { Topup } from '../order/state'
import { timeOfId } from '../order/timed-id'
import { isDebit, type Movement } from '../provider/movement'
import { rowEvidence } from '../provider/oneclick'
import type { RefOwner } from '../provider/ownership'
import { withMovements } from './balances'
import { type Charges, chargesByTopup, NO_CHARGES, sumCentimes } from './charges'
import { mustBeThere } from './compare'
import type { OurOrder } from './ours'
import type { Outcome } from './outcome'
import type { Pairing } from './pairing'
import type { Ports } from './ports'
import { type AwaitedRefund, NOBODY, type Run, withTallies } from './run'
import type { Slice, Theirs } from './slice-reading'
import { Unread } from './unread'

/** The provider may show a top-up, and its charge, this much later than it made it. */
const SHOWS_UP_MS = 2 * 60_000
/** Rows of the index held against their orders, of each slice. */
const SAMPLE = 5
const PARALLEL = 6
/** Some 500 KB. Refunds are a few of a hundred. */
const MOST_CREDITED = 20_000
/** What the gateway never buys. */
const NEVER_OURS = new Set(['ADSL', 'ORDER', 'WITHDRAW', 'SEND'])

export class SliceJudge {
  readonly #run: Run
  readonly #slice: Slice
  readonly #ports: Ports
  readonly #outcome: Outcome
  readonly #pairing: Pairing
  readonly #skewMs: number
  readonly #byRef: ReadonlyMap<string, OurOrder>
  readonly #byId: ReadonlyMap<string, OurOrder>
  readonly #charges: ReadonlyMap<string, Charges>
  readonly #listed: ReadonlySet<string>
  /** Orders of which the list shows something, in the slice or around it. */
  readonly #shown: ReadonlySet<string>
  #awaited: readonly AwaitedRefund[]
  readonly #credited: string[]

  constructor(
    run: Run,
    slice: Slice,
    ports: Ports,
    { outcome, pairing }: { outcome: Outcome; pairing: Pairing },
  ) {
    this.#run = run
    this.#slice = slice
    this.#ports = ports
    this.#outcome = outcome
    this.#pairing = pairing
    this.#skewMs = run.skewMs ?? 0
    this.#byRef = new Map(slice.ours.map((order) => [keyOf(order), order]))
    this.#byId = new Map(
      slice.ours.flatMap((order) => [order.topupId, order.providerId].map((id) => [id ?? '', order])),
    )
    this.#charges = chargesByTopup(slice.movements)
    this.#listed = new Set(slice.theirs.map(({ id }) => id))
    this.#shown = new Set(slice.theirs.flatMap((one) => this.#owner(one.topup) ?? []).map(keyOf))
    this.#awaited = run.awaited
    this.#credited = [...run.credited]
  }

  /** The run after it. Throws `Unread`. */
  async judge(): Promise<Run> {
    for (const one of this.#slice.theirs) if (this.#isIn(one.at)) await this.#theirs(one)
    for (const order of this.#slice.ours) if (this.#isMadeIn(order)) await this.#ours(order)
    await this.#strays()
    await this.#checkIndex()
    const moved = this.#slice.movements.filter(({ at }) => this.#isIn(at))
    return {
      ...withTallies(this.#run, this.#outcome.tallies),
      reachedAt: this.#slice.to,
      chain: withMovements(this.#run.chain, moved),
      awaited: [...this.#awaited, ...this.#pairing.awaited],
      credited: [...this.#credited, ...this.#pairing.credited].slice(-MOST_CREDITED),
    }
  }

  async #theirs({ topup, at, id, evidence }: Theirs): Promise<void> {
    const owner = this.#owner(topup)
    if (!this.#outcome.concerns(owner)) return
    this.#outcome.count(owner?.merchantId ?? NOBODY, 'upstream')
    const charges = this.#charges.get(id) ?? NO_CHARGES
    const madeAt = at === null ? null : at - this.#skewMs
    if (owner === null) return await this.#pairing.orphan(topup, madeAt, charges, null)
    const known = this.#byRef.get(keyOf(owner)) ?? null
    const shown = { topup, evidence: [rowEvidence(evidence, topup.json)] }
    const order = await this.#pairing.pairListed({ shown, at: madeAt, owner, known, charges })
    if (order !== null) await this.#mendIndex(order, known)
  }

  /** What the provider must show, and does not. */
  async #ours(known: OurOrder): Promise<void> {
    this.#outcome.count(known.merchantId, 'ours')
    if (this.#shown.has(keyOf(known))) return
    const isYoung = this.#ports.now() - known.createdAt < SHOWS_UP_MS
    if (mustBeThere(known) && !isYoung) await this.#pairing.lookUp(known)
    else
      this.#outcome.count(
        known.merchantId,
        mustBeThere(known) || known.phase !== 'settled' ? 'open' : 'matched',
      )
  }

  /** Money that moved for top-ups whose rows are elsewhere: late refunds, second charges, and what is not ours. */
  async #strays(): Promise<void> {
    for (const one of this.#slice.movements) {
      if (!this.#isIn(one.at) || one.beforeCentimes === one.afterCentimes) continue
      if (one.topupId !== null && this.#listed.has(one.topupId)) continue
      if (isDebit(one)) await this.#strayDebit(one)
      else await this.#strayCredit(one)
    }
  }

  async #strayDebit(debit: Movement): Promise<void> {
    const topup = NEVER_OURS.has(debit.type) ? null : await this.#topup(debit.topupId)
    if (topup === null) return await this.#unshownDebit(debit)
    const owner = this.#owner(topup)
    if (owner === null) return await this.#orphan(debit)
    if (!this.#outcome.concerns(owner)) return
    const ours = await this.#ports.order(owner.merchantId, owner.ref)
    if (ours === null) {
      await this.#pairing.orphan(topup, debit.at - this.#skewMs, { debits: [debit], credits: [] }, owner)
    } else if (this.#isFirstCharge(debit, ours)) this.#charged(ours, debit)
    else await this.#outcome.find('charged_twice', topup.id, { owner, theirs: topup, movement: debit, ours })
  }

  /** The provider has lost the top-up, but not what it took for it: our order explains that, and is found to be missing. */
  async #unshownDebit(debit: Movement): Promise<void> {
    const order = debit.topupId === null ? undefined : this.#byId.get(debit.topupId)
    if (order === undefined) await this.#orphan(debit)
    else this.#charged(order, debit)
  }

  /** Nothing of it is in the provider's list. */
  async #orphan(debit: Movement): Promise<void> {
    if (this.#outcome.concerns(null))
      await this.#outcome.find('orphan', debit.id, { owner: null, movement: debit })
  }

  #charged({ merchantId }: OurOrder, debit: Movement): void {
    this.#outcome.add(merchantId, { chargedCentimes: sumCentimes([debit]) })
  }

  /** By the provider's id; null when it has none such. */
  async #topup(id: string | null): Promise<Topup | null> {
    const topup = id === null ? 'none' : await this.#ports.topup(id)
    if (topup === null) throw new Unread('check-id: no answer')
    return topup === 'none' ? null : topup
  }

  #isFirstCharge({ topupId, at }: Movement, ours: OurOrder): boolean {
    const madeAt = timeOfId(topupId ?? '') ?? ours.createdAt + this.#skewMs
    return Math.abs(at - madeAt) <= SHOWS_UP_MS
  }

  async #strayCredit(credit: Movement): Promise<void> {
    const { topupId } = credit
    if (topupId === null) return
    const waiting = this.#awaited.find(({ providerId }) => providerId === topupId)
    if (waiting === undefined) return await this.#lateCredit(topupId, credit)
    this.#awaited = this.#awaited.filter((one) => one !== waiting)
    this.#credited.push(topupId)
    this.#outcome.add(waiting.merchantId, { refundedCentimes: sumCentimes([credit]) })
  }

  /** Of a top-up from before this run, or one that was paid back already. */
  async #lateCredit(topupId: string, credit: Movement): Promise<void> {
    const topup = await this.#topup(topupId)
    const owner = topup === null ? null : this.#owner(topup)
    if (topup === null || owner === null || !this.#outcome.concerns(owner)) return
    if (this.#credited.includes(topupId)) {
      await this.#outcome.find('refunded_twice', topupId, { owner, theirs: topup, movement: credit })
    } else await this.#pairing.pairRefund(topup, owner, credit)
    this.#credited.push(topupId)
  }

  async #checkIndex(): Promise<void> {
    const rows = this.#slice.ours.filter((order) => this.#isMadeIn(order))
    const untaught = rows.filter(({ objectId }) => !this.#pairing.taught.has(objectId))
    const chosen = this.#run.checkIndex === 'all' ? untaught : sample(untaught, this.#ports.random)
    for (let start = 0; start < chosen.length; start += PARALLEL) {
      await Promise.all(chosen.slice(start, start + PARALLEL).map((row) => this.#checkRow(row)))
    }
  }

  async #checkRow(row: OurOrder): Promise<void> {
    this.#outcome.count(row.merchantId, 'indexChecked')
    const order = await this.#ports.order(row.merchantId, row.ref)
    if (order === null) await this.#outcome.find('index_mismatch', row.topupId, { owner: row, ours: row })
    else await this.#mendIndex(order, row)
  }

  /** The book's row is missing where it should be, or older than its order. */
  async #mendIndex(order: OurOrder, row: OurOrder | null): Promise<void> {
    const isRight = row === null ? !this.#isMadeIn(order) : row.revision >= order.revision
    if (isRight) return
    await this.#ports.rebook(order.objectId)
    this.#outcome.count(order.merchantId, 'indexRepaired')
  }

  /** By its ref; where the provider shows none, by its id. */
  #owner({ id, ref }: { readonly id: string; readonly ref: string | null }): RefOwner | null {
    return ref === null ? (this.#byId.get(id) ?? null) : this.#ports.owner(ref)
  }

  #isMadeIn({ createdAt }: OurOrder): boolean {
    return createdAt >= this.#slice.from && createdAt < this.#slice.to
  }

  #isIn(theirTime: number | null): boolean {
    const at = (theirTime ?? 0) - this.#skewMs
    return at >= this.#slice.from && at < this.#slice.to
  }
}

function keyOf({ merchantId, ref }: { readonly merchantId: string; readonly ref: string }): string {
  return `${merchantId}\n${ref}`
}

function sample<T>(from: readonly T[], random: () => number): readonly T[] {
  const pool = [...from]
  const chosen: T[] = []
  while (chosen.length < SAMPLE && pool.length > 0) {
    chosen.push(...pool.splice(Math.floor(random() * pool.length), 1))
  }
  return chosen
}
