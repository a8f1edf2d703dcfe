/** What is said about a run, in plain lines; a bar only where somebody watches. */
import { FAULT_NAMES, FAULTS, type FaultName, faultOf } from './faults'
import type { Shrunk } from './shrink'
import type { WorldResult } from './world'

export const say = (line = ''): void => {
  process.stdout.write(`${line}\n`)
}

const BAR_WIDTH = 30
/** Plain lines come this seldom. */
const PLAIN_EVERY_MS = 10_000

/** On stderr, so that what is piped away stays clean. */
export class Progress {
  readonly #total: number
  #saidAt = performance.now()

  constructor(total: number) {
    this.#total = total
  }

  at(done: number, note = ''): void {
    if (process.stderr.isTTY) {
      const filled = Math.round((BAR_WIDTH * done) / this.#total)
      const bar = '#'.repeat(filled).padEnd(BAR_WIDTH, '.')
      process.stderr.write(`\r[${bar}] ${done}/${this.#total} ${note}`.padEnd(100))
      return
    }
    if (performance.now() - this.#saidAt < PLAIN_EVERY_MS) return
    this.#saidAt = performance.now()
    process.stderr.write(`${done} of ${this.#total} ${note}\n`)
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write(`\r${' '.repeat(100)}\r`)
  }
}

/** The sums of all worlds so far. */
export class Tally {
  orders = 0
  worlds = 0
  events = 0
  excused = 0
  violations = 0
  readonly #outcomes = new Map<string, number>()
  readonly #faults = new Map<FaultName, number>()
  readonly #calls = { send: 0, look: 0, list: 0 }
  #virtualMs = 0
  #callbacks = 0
  readonly #startedAt = performance.now()

  add(result: WorldResult, orders: number): void {
    this.orders += orders
    this.worlds++
    this.events += result.events
    this.excused += result.excused
    this.violations += result.violations.length
    this.#virtualMs += result.virtualMs
    const { gateway, merchants, provider } = result.views
    let kept = 0
    for (const { status, final } of gateway.orders) {
      kept++
      count(this.#outcomes, final ? status : `${status}, not final`)
    }
    for (const { received, sends } of merchants) {
      this.#callbacks += received.length
      for (const { answer } of sends) {
        if (answer.kind === 'none') count(this.#outcomes, 'sends without an answer')
        if (answer.kind === 'refused') count(this.#outcomes, `sends refused: ${answer.code}`)
      }
    }
    count(this.#outcomes, 'no order: refused, or never arrived', orders - kept)
    for (const { kind } of provider.calls) this.#calls[kind]++
    for (const id of result.injected) {
      const name = faultOf(id)
      if (name !== undefined) count(this.#faults, name)
    }
  }

  get ordersPerSecond(): number {
    return this.orders / ((performance.now() - this.#startedAt) / 1_000)
  }

  print(): void {
    const seconds = (performance.now() - this.#startedAt) / 1_000
    const per = (sum: number) => (sum / Math.max(1, this.orders)).toFixed(2)
    const { send, look, list } = this.#calls
    say()
    rows('orders', [['all', this.orders], ...Array.from(this.#outcomes).sort(([a], [b]) => (a < b ? -1 : 1))])
    const struck = FAULT_NAMES.filter((name) => this.#faults.has(name))
    const total = Array.from(this.#faults.values()).reduce((sum, times) => sum + times, 0)
    rows('faults', [['all', total], ...struck.map((name): Row => [name, this.#faults.get(name) ?? 0])])
    rows('run', [
      ['worlds', this.worlds],
      ['provider calls per order', `${per(send)} sends, ${per(look)} look-ups, ${per(list)} lists`],
      ['callbacks received per order', per(this.#callbacks)],
      ['virtual time', `${(this.#virtualMs / 3_600_000).toFixed(0)} h`],
      ['real time', `${seconds.toFixed(1)} s`],
      ['orders per second', Math.round(this.orders / seconds)],
      ['events', this.events],
      ['excused (see excused.ts)', this.excused],
      ['violations', this.violations],
    ])
  }
}

type Row = readonly [name: string, value: number | string]

function rows(title: string, list: readonly Row[]): void {
  say(title)
  for (const [name, value] of list) say(`  ${name.padEnd(44)} ${String(value).padStart(10)}`)
}

function count<K>(counts: Map<K, number>, key: K, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by)
}

export function listFaults(): void {
  for (const name of FAULT_NAMES) {
    const { group, share, what } = FAULTS[name]
    say(`${name.padEnd(22)} ${group.padEnd(9)} ${`${(share * 100).toFixed(1)} %`.padStart(7)}  ${what}`)
  }
  say('\nGroups name all of theirs. "all" leaves out "beyond": those are known to break promises.')
}

export function printFailure({ spec, violation, faults, before, trace }: Shrunk, replay: string): void {
  say()
  say(`VIOLATION in world ${spec.number}: ${violation.promise}`)
  say(`  ${violation.ref}: ${violation.what}`)
  say(`  ${before} faults shrunk to ${faults.length}: ${faults.join(', ') || 'none'}`)
  say()
  for (const line of trace) say(line)
  say()
  say(`replay: ${replay}`)
}
