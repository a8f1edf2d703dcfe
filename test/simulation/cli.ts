/** `npm run simulate`: runs worlds until all orders are done or a promise is broken. */
import { createHash } from 'node:crypto'

import type { Options } from './options'
import { Progress, printFailure, say, Tally } from './report'
import { shrink } from './shrink'
import { replaceGlobals } from './web'
import { ordersOf, runWorld, type WorldSpec } from './world'

/** What one mutant's process tells its parent, as JSON on one line. */
export interface MutantVerdict {
  readonly caughtBy: string | null
  readonly orders: number
}

/** Answers the exit code. */
export async function simulate(options: Options): Promise<number> {
  replaceGlobals()
  if (!options.json) say(`seed ${options.seed}`)
  const digest = createHash('sha256')
  const tally = new Tally()
  const progress = options.json ? null : new Progress(options.orders)
  for (const spec of specs(options)) {
    const result = await runWorld(spec, options.trace || options.digest)
    tally.add(result, spec.orders)
    if (options.digest) for (const { text } of result.lines) digest.update(`${text}\n`)
    if (options.trace) for (const { text } of result.lines) say(text)
    if (result.violations.length > 0) {
      progress?.end()
      if (options.json)
        return verdict({ caughtBy: result.violations[0]?.promise ?? null, orders: tally.orders })
      const shrunk = await shrink(spec, result)
      printFailure(shrunk, replayCommand(options, shrunk.spec))
      tally.print()
      return 1
    }
    progress?.at(tally.orders, `${Math.round(tally.ordersPerSecond)} orders/s`)
  }
  progress?.end()
  if (options.json) return verdict({ caughtBy: null, orders: tally.orders })
  if (options.digest) say(`trace ${digest.digest('hex')}`)
  tally.print()
  return 0
}

function* specs({ seed, orders, world, worldOrders, onlyOrders, faults }: Options): Generator<WorldSpec> {
  if (world !== null) {
    yield { seed, number: world, orders: worldOrders ?? ordersOf(seed, world), onlyOrders, faults }
    return
  }
  for (let number = 0, left = orders; left > 0; number++) {
    const spec = { seed, number, orders: Math.min(left, ordersOf(seed, number)), onlyOrders, faults }
    left -= spec.orders
    yield spec
  }
}

function verdict(told: MutantVerdict): number {
  say(JSON.stringify(told))
  return 0
}

function replayCommand({ seed, mutant }: Options, { number, orders, onlyOrders, faults }: WorldSpec): string {
  const parts = [
    'npm run simulate --',
    `--seed ${seed}`,
    `--world ${number}`,
    `--world-orders ${orders}`,
    ...(onlyOrders === null ? [] : [`--only-orders ${Array.from(onlyOrders).join(',')}`]),
    ...(mutant === null ? [] : [`--mutant ${mutant}`]),
    `--only-faults ${Array.from(faults.only ?? []).join(',') || 'none'}`,
  ]
  return parts.join(' ')
}
