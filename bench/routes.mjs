// The gateway's routes and their limits, in rounds.
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { run } from './closed-loop.mjs'
import { ALL_KEYS, COMPARISONS, contenders } from './contenders.mjs'
import { ratio, row } from './rounds.mjs'
import { inDirectory, serve } from './serve.mjs'
import { buildAll, fillStorage, openBudget, say, startFilled } from './world.mjs'

const WARM_UP_MS = 1_000

/** @typedef {{ rounds: number, seconds: number, connections: number, orders: number }} Options */

/** @param {Options} options */
export async function measureRoutes(options) {
  return await inDirectory(async (directory) => {
    const builds = await buildAll(directory)
    const storage = join(directory, 'data')
    await fillStorage(builds, storage, { orders: options.orders, keys: ALL_KEYS })
    const limits = await serve({ build: builds.limits, storage: join(directory, 'limits-data') })
    const gateway = await startFilled(builds, storage)
    await openBudget(gateway)
    const rounds = await runBlocks(await contenders({ limits, gateway, orders: options.orders }), options)
    await Promise.all([limits.kill(), gateway.kill()])
    return {
      rows: Array.from(rounds, ([name, all]) => row(name, all)),
      ratios: COMPARISONS.map((comparison) => ratio(comparison, rounds)),
    }
  })
}

/**
 * @param {import('./closed-loop.mjs').Contender[][]} blocks
 * @param {Options} options
 */
async function runBlocks(blocks, { rounds, seconds, connections }) {
  /** @type {Map<string, import('./closed-loop.mjs').Round[]>} */
  const found = new Map()
  for (const block of blocks) {
    for (const contender of block) {
      found.set(contender.name, [])
      await run(contender, { connections, ms: WARM_UP_MS })
    }
    for (let round = 1; round <= rounds; round++) {
      for (const contender of block) {
        const one = await run(contender, { connections, ms: seconds * 1_000 })
        found.get(contender.name)?.push(one)
        const rate = (one.latenciesMs.length / one.seconds).toFixed(0)
        const wrong = one.errors.length > 0 ? `, ${one.errors.length} errors` : ''
        say(`${round}/${rounds} ${contender.name}: ${rate}/s${wrong}, load ${loadavg()[0]?.toFixed(1)}`)
      }
    }
  }
  return found
}
