/** Every mutant in a process of its own, two at a time; each must be caught. */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import type { MutantVerdict } from './cli'
import type { Mutant } from './mutant'
import { MUTANTS, slug } from './mutants'
import type { Options } from './options'
import { Progress, say } from './report'

/** Rare bugs need many orders to show; most need one world. */
const MOST_ORDERS = 8_000

type Outcome =
  | { readonly kind: 'ran'; readonly verdict: MutantVerdict }
  | { readonly kind: 'broken'; readonly why: string }

interface Row {
  readonly mutant: Mutant
  readonly outcome: Outcome
  readonly seconds: number
}

/** Answers the exit code: 1 when one survived or no longer applies. */
export async function runMutants({ seed, orders }: Options): Promise<number> {
  say(`seed ${seed}`)
  const waiting = Array.from(MUTANTS)
  const rows: Row[] = []
  const progress = new Progress(MUTANTS.length)
  const startedAt = performance.now()
  const workers = Array.from({ length: Math.max(2, availableParallelism()) }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const begun = performance.now()
      const outcome = await run(next, seed, Math.max(orders, MOST_ORDERS))
      rows.push({ mutant: next, outcome, seconds: (performance.now() - begun) / 1_000 })
      progress.at(rows.length, next.name)
    }
  })
  await Promise.all(workers)
  progress.end()
  rows.sort((a, b) => MUTANTS.indexOf(a.mutant) - MUTANTS.indexOf(b.mutant))
  say()
  say(`${'mutant'.padEnd(46)} ${'caught by'.padEnd(44)} ${'orders'.padStart(7)} ${'s'.padStart(6)}`)
  for (const { mutant, outcome, seconds } of rows) {
    const [caught, after] = inWords(outcome)
    say(
      `${mutant.name.padEnd(46)} ${caught.padEnd(44)} ${after.padStart(7)} ${seconds.toFixed(1).padStart(6)}`,
    )
  }
  const bad = rows.filter(({ outcome }) => outcome.kind === 'broken' || outcome.verdict.caughtBy === null)
  say()
  say(
    `${rows.length - bad.length} of ${rows.length} caught in ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`,
  )
  return bad.length > 0 ? 1 : 0
}

function inWords(outcome: Outcome): readonly [string, string] {
  if (outcome.kind === 'broken') return [`ERROR: ${outcome.why}`, '']
  return [outcome.verdict.caughtBy ?? 'SURVIVED', String(outcome.verdict.orders)]
}

function run({ name }: Mutant, seed: number, orders: number): Promise<Outcome> {
  const args = ['--mutant', slug(name), '--seed', String(seed), '--orders', String(orders), '--json']
  const script = new URL('../../scripts/simulate.mjs', import.meta.url).pathname
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let [told, complained] = ['', '']
  child.stdout.on('data', (part) => {
    told += String(part)
  })
  child.stderr.on('data', (part) => {
    complained += String(part)
  })
  return new Promise((done) => {
    child.on('close', (code) => {
      if (code === 0) done({ kind: 'ran', verdict: JSON.parse(told) })
      else done({ kind: 'broken', why: /Error: (.*)/.exec(complained)?.[1] ?? `exit code ${code}` })
    })
  })
}
