/** `npm run simulate -- --audit`: accounts under audit, until all orders are done or an alarm is wrong, late or missing. */
import { type AuditedWorld, auditWorld } from './audit-world'
import { mix } from './dice'
import type { Options } from './options'
import { Progress, say } from './report'

/** A day and its refunds on one account. */
const ORDERS_PER_WORLD = 10_000
const PRINTED_VIOLATIONS = 20

/** Answers the exit code. */
export async function simulateAudit({ seed, orders, world }: Options): Promise<number> {
  // Ends of the wallet in the middle of a reading are meant; its complaints would hide the table.
  console.error = () => undefined
  say(`seed ${seed}`)
  const tally = new AuditTally()
  const progress = new Progress(orders)
  for (let number = world ?? 0, left = orders; left > 0; number++) {
    const some = Math.min(left, ORDERS_PER_WORLD)
    left = world === null ? left - some : 0
    const result = await auditWorld(mix(seed, number + 1), some)
    tally.add(result)
    for (const what of result.violations.slice(0, PRINTED_VIOLATIONS)) {
      say(`VIOLATION in world ${number}: ${what}`)
      say(`replay: npm run simulate -- --audit --seed ${seed} --world ${number} --orders ${some}`)
    }
    progress.at(tally.orders, `${Math.round(tally.ordersPerSecond)} orders/s`)
  }
  progress.end()
  tally.print()
  return tally.violations > 0 ? 1 : 0
}

class AuditTally {
  orders = 0
  violations = 0
  #falseAlarms = 0
  #virtualMs = 0
  #losses = 0
  #stateBytes = 0
  #unexplained = 0
  #planted = { orphans: 0, gaps: 0 }
  readonly #orphans = new Ages()
  readonly #gaps = new Ages()
  readonly #reads = new Map<number | null, number>()
  readonly #orders = new Map<number, number>()
  readonly #startedAt = performance.now()

  add(world: AuditedWorld): void {
    this.orders += world.orders
    this.violations += world.violations.length
    this.#falseAlarms += world.violations.filter((what) => what.startsWith('false alarm')).length
    this.#virtualMs += world.virtualMs
    this.#losses += world.memoryLosses
    this.#stateBytes = Math.max(this.#stateBytes, world.stateBytes)
    this.#unexplained += world.unexplained
    this.#planted.orphans += world.planted.orphans
    this.#planted.gaps += world.planted.gaps
    this.#orphans.add(world.orphanAges)
    this.#gaps.add(world.gapAges)
    for (const [rate, reads] of world.readsByRate) this.#reads.set(rate, (this.#reads.get(rate) ?? 0) + reads)
    for (const [rate, some] of world.ordersByRate)
      this.#orders.set(rate, (this.#orders.get(rate) ?? 0) + some)
  }

  get ordersPerSecond(): number {
    return this.orders / ((performance.now() - this.#startedAt) / 1_000)
  }

  print(): void {
    const seconds = (performance.now() - this.#startedAt) / 1_000
    const line = (name: string, value: number | string) =>
      say(`  ${name.padEnd(44)} ${String(value).padStart(10)}`)
    say('audit')
    line('orders', this.orders)
    line('foreign spends planted', this.#planted.orphans)
    line('foreign spends found', this.#orphans.count)
    line('of them told as unexplained', this.#unexplained)
    line('worst time to detection', `${(this.#orphans.worst / 1_000).toFixed(1)} s`)
    line('mean time to detection', `${(this.#orphans.mean / 1_000).toFixed(1)} s`)
    line('hidden movements planted', this.#planted.gaps)
    line('hidden movements found', this.#gaps.count)
    line('worst time to a broken chain', `${(this.#gaps.worst / 1_000).toFixed(1)} s`)
    line('false alarms', this.#falseAlarms)
    line('losses of memory', this.#losses)
    line('largest state', `${this.#stateBytes} B`)
    const rates = Array.from(this.#orders.keys()).sort((a, b) => a - b)
    for (const rate of rates) {
      const perOrder = (this.#reads.get(rate) ?? 0) / (this.#orders.get(rate) ?? 1)
      line(`reads per order at ${rate} orders/s`, perOrder.toFixed(3))
    }
    const active = rates.reduce((sum, rate) => sum + (this.#reads.get(rate) ?? 0), 0)
    line('reads per order while sending, all loads', (active / this.orders).toFixed(3))
    line('reads while nobody sends', this.#reads.get(null) ?? 0)
    line('virtual time', `${(this.#virtualMs / 3_600_000).toFixed(0)} h`)
    line('real time', `${seconds.toFixed(1)} s`)
    line('orders per second', Math.round(this.orders / seconds))
    line('violations', this.violations)
  }
}

class Ages {
  count = 0
  worst = 0
  #sum = 0

  get mean(): number {
    return this.#sum / Math.max(1, this.count)
  }

  add(ages: readonly number[]): void {
    for (const age of ages) {
      this.count++
      this.worst = Math.max(this.worst, age)
      this.#sum += age
    }
  }
}
