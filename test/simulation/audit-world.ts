/** One provider account under audit in virtual time, from its first order to its last refund. */
import { Audit, type AuditPorts } from '../../src/provider/audit'
import type { Ownership } from '../../src/provider/explain'
import type { StatementState } from '../../src/provider/statement-state'
import { type Books, books, EPOCH_MS, type Phase, type Sale } from './audit-ledger'
import { AuditedProvider } from './audit-provider'
import { type Told, type Verdict, verdictOn } from './audit-verdict'
import { Dice } from './dice'

const MAX_SKEW_MS = 4 * 60_000
/** One stored value may be 2 MB. */
const MAX_STATE_BYTES = 1_900_000
/** Two losses in one detection, at 50 orders/s, are beyond what is promised: 73 s were seen, and no false alarm. */
const LOSSES_APART_MS = 90_000
/** What asking an order object takes. */
const OWNER_MS = 30

/** What a world came to. */
export interface AuditedWorld extends Verdict {
  readonly orders: number
  readonly readsByRate: ReadonlyMap<number | null, number>
  readonly ordersByRate: ReadonlyMap<number, number>
  readonly memoryLosses: number
  readonly stateBytes: number
  readonly virtualMs: number
}

export async function auditWorld(seed: number, orders: number): Promise<AuditedWorld> {
  const world = new World(seed, books(seed, orders))
  await world.run()
  return world.result(orders)
}

class World {
  readonly #books: Books
  readonly #dice: Dice
  readonly #provider: AuditedProvider
  readonly #sales: ReadonlyMap<string, Sale>
  readonly #told = new Map<string, Told>()
  readonly #reads = new Map<number | null, number>()
  readonly #starts: readonly number[]
  readonly #timers: { readonly at: number; readonly fire: () => void }[] = []
  #now = EPOCH_MS
  #skewMs: number
  #forgottenAt = Number.NEGATIVE_INFINITY
  #losesAt = 0
  #losses = 0
  #asked = 0
  #saved: StatementState[] = []
  #stateBytes = 0

  constructor(seed: number, made: Books) {
    this.#dice = new Dice(seed ^ 0x5eed)
    this.#books = made
    this.#provider = new AuditedProvider(made.rows, made.sales, this.#dice)
    this.#sales = new Map(made.sales.map((sale) => [sale.topupId, sale]))
    this.#starts = made.sales.map(({ startedAt }) => startedAt).sort((a, b) => a - b)
    this.#skewMs = Math.floor((this.#dice.unit(0, 'skew') * 2 - 1) * MAX_SKEW_MS)
    this.#planLoss()
  }

  async run(): Promise<void> {
    let audit = new Audit(this.#ports())
    while (this.#now < this.#books.endsAt) {
      if (this.#now >= this.#losesAt) {
        this.#lose()
        audit = new Audit(this.#ports())
      }
      const { more, nextRunAt } = await this.#until(audit.run())
      this.#now = more ? this.#now + 1 : Math.max(this.#now + 1, nextRunAt - this.#skewMs)
    }
  }

  /** Lets time pass, from one thing that is waited for to the next, until it is done. */
  async #until<T>(done: Promise<T>): Promise<T> {
    let isDone = false
    const settled = done.finally(() => {
      isDone = true
    })
    for (;;) {
      await new Promise(setImmediate)
      if (isDone) return await settled
      this.#timers.sort((a, b) => a.at - b.at)
      const next = this.#timers.shift()
      if (next === undefined) throw new Error('the audit waits for nothing')
      this.#now = next.at
      next.fire()
    }
  }

  #pass(ms: number): Promise<void> {
    return new Promise((fire) => {
      this.#timers.push({ at: this.#now + ms, fire })
    })
  }

  #ports(): AuditPorts {
    return {
      now: () => this.#now + this.#skewMs,
      hasDoubt: () => false,
      isAnswering: () => true,
      isOurs: (topupId) => {
        const sale = this.#sales.get(topupId)
        // A wallet that ends takes with it what its sends under way would have answered.
        return sale !== undefined && sale.learntAt <= this.#now && sale.startedAt > this.#forgottenAt
      },
      lastSendAt: () => {
        const last = this.#lastStart()
        return last === null || last <= this.#forgottenAt ? null : last + this.#skewMs
      },
      owner: async (topupId, ref) => {
        await this.#pass(OWNER_MS)
        return this.#owner(topupId, ref)
      },
      read: async (path) => {
        if (this.#now >= this.#losesAt) throw new Error('evicted')
        const phase = this.#phase()
        this.#reads.set(phase?.rate ?? null, (this.#reads.get(phase?.rate ?? null) ?? 0) + 1)
        const { outcome, tookMs } = this.#provider.read(path, this.#now)
        await this.#pass(tookMs)
        return outcome
      },
      load: () => Promise.resolve(structuredClone(this.#saved.at(-1) ?? null)),
      save: (state) => {
        this.#saved = [...this.#saved.slice(-4), state]
        if (state.held.length > 200) this.#measure(state)
        return Promise.resolve()
      },
      tell: (incident) => {
        if (!this.#told.has(incident.id)) this.#told.set(incident.id, { incident, at: this.#now })
        return Promise.resolve()
      },
    }
  }

  #owner(topupId: string, ref: string): Ownership {
    const sale = this.#sales.get(topupId)
    // Some refs lead to an object that never answers.
    if (sale === undefined && topupId.endsWith('8')) return 'unsure'
    if (this.#dice.nth(++this.#asked, 'owner', 1) < 0.02) return 'unsure'
    return sale?.ref === ref && sale.startedAt <= this.#now ? 'ours' : 'foreign'
  }

  #lose(): void {
    this.#forgottenAt = this.#now
    this.#losses++
    this.#skewMs += Math.floor((this.#dice.unit(0, 'step') - 0.5) * 2_000)
    const back = Math.floor(this.#dice.unit(0, 'older') * 1.5 * this.#saved.length)
    // Half of the time the newest, else an older one. The first is never lost: what it began with would be the present again.
    if (back > 0 && back < this.#saved.length) this.#saved = this.#saved.slice(0, back)
    this.#planLoss()
  }

  #planLoss(): void {
    const meanMs = this.#phase() === null && this.#now > EPOCH_MS ? 2 * 3_600_000 : 5 * 60_000
    this.#losesAt = this.#now + LOSSES_APART_MS + Math.floor(this.#dice.unit(0, 'loss') * 2 * meanMs)
  }

  #phase(): Phase | null {
    return this.#books.phases.find(({ from, to }) => from <= this.#now && this.#now < to) ?? null
  }

  #lastStart(): number | null {
    let [low, high] = [0, this.#starts.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#starts[middle] ?? 0) <= this.#now) low = middle + 1
      else high = middle
    }
    return this.#starts[low - 1] ?? null
  }

  #measure(state: StatementState): void {
    this.#stateBytes = Math.max(this.#stateBytes, JSON.stringify(state).length)
  }

  result(orders: number): AuditedWorld {
    const { rows, phases, endsAt } = this.#books
    const verdict = verdictOn(rows, this.#told)
    const tooBig = this.#stateBytes > MAX_STATE_BYTES ? [`the state has ${this.#stateBytes} bytes`] : []
    const ordersByRate = new Map<number, number>()
    for (const { rate, from, to } of phases) {
      ordersByRate.set(rate, (ordersByRate.get(rate) ?? 0) + Math.round(((to - from) * rate) / 1_000))
    }
    return {
      ...verdict,
      orders,
      violations: [...verdict.violations, ...tooBig],
      readsByRate: this.#reads,
      ordersByRate,
      memoryLosses: this.#losses,
      stateBytes: this.#stateBytes,
      virtualMs: endsAt - EPOCH_MS,
    }
  }
}
