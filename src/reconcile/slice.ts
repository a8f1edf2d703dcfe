/** One slice of a run, judged: theirs against ours, ours against theirs, and the money of both. Times are unix ms by our clock. */
import { timeOfId } from '../order/timed-id'
import { isDebit, type Movement } from '../provider/movement'
import type { RefOwner } from '../provider/ownership'
import { withMovements } from './balances'
import { type Charges, chargesByTopup, NO_CHARGES, sumCentimes } from './charges'
import { mustBeThere } from './compare'
import type { OurOrder } from './ours'
import type { Pairing } from './pairing'
import type { Ports } from './ports'
import { type AwaitedRefund, type Run, withTallies } from './run'
import type { Slice, Theirs } from './slice-reading'

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

  constructor(run: Run, slice: Slice, ports: Ports, pairing: Pairing) {
    this.#run = run
    this.#slice = slice
    this.#ports = ports
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

  /** The run after it, or why it could not be judged: then it is judged again. */
  async judge(): Promise<Run | string> {
    for (const one of this.#slice.theirs) if (this.#isIn(one.at)) await this.#theirs(one)
    for (const order of this.#slice.ours) {
      const isIn = order.createdAt >= this.#slice.from && order.createdAt < this.#slice.to
      const reason = isIn ? await this.#ours(order) : null
      if (reason !== null) return reason
    }
    const reason = await this.#strays()
    if (reason !== null) return reason
    await this.#checkIndex()
    const moved = this.#slice.movements.filter(({ at }) => this.#isIn(at))
    return {
      ...withTallies(this.#run, this.#pairing.tallies),
      reachedAt: this.#slice.to,
      chain: withMovements(this.#run.chain, moved),
      awaited: [...this.#awaited, ...this.#pairing.awaited],
      credited: [...this.#credited, ...this.#pairing.credited].slice(-MOST_CREDITED),
    }
  }

  async #theirs({ topup, at, id }: Theirs): Promise<void> {
    const owner = this.#owner(topup)
    if (!this.#pairing.concerns(owner)) return
    this.#pairing.count(owner?.merchantId ?? '', 'upstream')
    const charges = this.#charges.get(id) ?? NO_CHARGES
    const madeAt = at === null ? null : at - this.#skewMs
    if (owner === null) return await this.#pairing.orphan(topup, madeAt, charges, null)
    const known = this.#byRef.get(keyOf(owner)) ?? null
    const order = await this.#pairing.pair({ topup, at: madeAt, owner, known, charges, isLookedUp: false })
    if (order !== null) await this.#mendIndex(order, known)
  }

  /** What the provider must show, and does not. Answers why that could not be told. */
  async #ours(known: OurOrder): Promise<string | null> {
    this.#pairing.count(known.merchantId, 'ours')
    if (this.#shown.has(keyOf(known))) return null
    if (!mustBeThere(known)) {
      this.#pairing.count(known.merchantId, known.phase === 'settled' ? 'matched' : 'open')
      return null
    }
    if (this.#ports.now() - known.createdAt < SHOWS_UP_MS) {
      this.#pairing.count(known.merchantId, 'open')
      return null
    }
    return await lookUp(known, this.#ports, this.#pairing)
  }

  /** Money that moved for top-ups whose rows are elsewhere: late refunds, second charges, and what is not ours. */
  async #strays(): Promise<string | null> {
    for (const one of this.#slice.movements) {
      if (!this.#isIn(one.at) || one.beforeCentimes === one.afterCentimes) continue
      const { topupId } = one
      if (topupId !== null && this.#listed.has(topupId)) continue
      const reason = isDebit(one) ? await this.#strayDebit(one) : await this.#strayCredit(one)
      if (reason !== null) return reason
    }
    return null
  }

  async #strayDebit(debit: Movement): Promise<string | null> {
    const { topupId, type } = debit
    const topup = topupId === null || NEVER_OURS.has(type) ? 'none' : await this.#ports.topup(topupId)
    if (topup === null) return 'check-id: no answer'
    if (topup === 'none') {
      await this.#unshownDebit(debit)
      return null
    }
    const owner = this.#owner(topup)
    if (owner === null) {
      await this.#pairing.orphanMovement(debit)
      return null
    }
    if (!this.#pairing.concerns(owner)) return null
    const ours = await this.#ports.order(owner.merchantId, owner.ref)
    if (ours === null)
      await this.#pairing.orphan(topup, debit.at - this.#skewMs, { debits: [debit], credits: [] }, owner)
    else if (!this.#isFirstCharge(debit, ours)) {
      await this.#pairing.find('charged_twice', topup.id, { owner, theirs: topup, debit, ours })
    }
    return null
  }

  /** The provider has lost the top-up, but not what it took for it: our order explains that, and is found to be missing. */
  async #unshownDebit(debit: Movement): Promise<void> {
    const order = debit.topupId === null ? undefined : this.#byId.get(debit.topupId)
    if (order === undefined) await this.#pairing.orphanMovement(debit)
    else this.#pairing.addMoney(order.merchantId, { chargedCentimes: sumCentimes([debit]) })
  }

  #isFirstCharge({ topupId, at }: Movement, ours: OurOrder): boolean {
    const madeAt = timeOfId(topupId ?? '') ?? ours.createdAt + this.#skewMs
    return Math.abs(at - madeAt) <= SHOWS_UP_MS
  }

  async #strayCredit(credit: Movement): Promise<string | null> {
    const { topupId } = credit
    if (topupId === null) return null
    const waiting = this.#awaited.find(({ providerId }) => providerId === topupId)
    if (waiting !== undefined) {
      this.#awaited = this.#awaited.filter((one) => one !== waiting)
      this.#credited.push(topupId)
      this.#pairing.addMoney(waiting.merchantId, { refundedCentimes: sumCentimes([credit]) })
      return null
    }
    const topup = await this.#ports.topup(topupId)
    if (topup === null) return 'check-id: no answer'
    const owner = topup === 'none' ? null : this.#owner(topup)
    if (topup === 'none' || owner === null || !this.#pairing.concerns(owner)) return null
    const isAgain = this.#credited.includes(topupId)
    if (isAgain) await this.#pairing.find('refunded_twice', topupId, { owner, theirs: topup })
    else await this.#pairing.pairRefund(topup, owner, [credit])
    this.#credited.push(topupId)
    return null
  }

  async #checkIndex(): Promise<void> {
    const rows = this.#slice.ours.filter(
      ({ createdAt }) => createdAt >= this.#slice.from && createdAt < this.#slice.to,
    )
    const untaught = rows.filter(({ objectId }) => !this.#pairing.taught.has(objectId))
    const chosen = this.#run.checkIndex === 'all' ? untaught : sample(untaught, this.#ports.random)
    for (let start = 0; start < chosen.length; start += PARALLEL) {
      await Promise.all(chosen.slice(start, start + PARALLEL).map((row) => this.#checkRow(row)))
    }
  }

  async #checkRow(row: OurOrder): Promise<void> {
    this.#pairing.count(row.merchantId, 'indexChecked')
    const order = await this.#ports.order(row.merchantId, row.ref)
    if (order === null) await this.#pairing.find('index_mismatch', row.topupId, { owner: row, ours: row })
    else await this.#mendIndex(order, row)
  }

  /** The book's row is missing where it should be, or older than its order. */
  async #mendIndex(order: OurOrder, row: OurOrder | null): Promise<void> {
    const isInReach = order.createdAt >= this.#slice.from && order.createdAt < this.#slice.to
    const isRight = row === null ? !isInReach : row.revision >= order.revision
    if (isRight) return
    await this.#ports.rebook(order.objectId)
    this.#pairing.count(order.merchantId, 'indexRepaired')
  }

  /** By its ref; where the provider shows none, by its id. */
  #owner({ id, ref }: { readonly id: string; readonly ref: string | null }): RefOwner | null {
    return ref === null ? (this.#byId.get(id) ?? null) : this.#ports.owner(ref)
  }

  #isIn(theirTime: number | null): boolean {
    const at = (theirTime ?? 0) - this.#skewMs
    return at >= this.#slice.from && at < this.#slice.to
  }
}

/** Asks the provider for one order by its ref. Answers why it could not be told. */
export async function lookUp(known: OurOrder, ports: Ports, pairing: Pairing): Promise<string | null> {
  const { outcome } = await ports.look(known.upstreamRef)
  if (outcome.kind === 'no_answer') return `check-ref: ${outcome.reason}`
  if (outcome.kind === 'found') {
    await pairing.pair({
      topup: outcome.topup,
      at: null,
      owner: known,
      known,
      charges: NO_CHARGES,
      isLookedUp: true,
    })
    return null
  }
  const order = await ports.order(known.merchantId, known.ref)
  if (order === null) await pairing.find('index_mismatch', known.topupId, { owner: known, ours: known })
  else if (mustBeThere(order)) await pairing.find('missing', order.topupId, { owner: known, ours: order })
  else pairing.count(known.merchantId, 'matched')
  return null
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
