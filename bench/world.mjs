// What is started for a run: the gateway over a filled book, and the limits.
import { join, resolve } from 'node:path'
import { setBudgets } from './gateway.mjs'
import { startInstantProvider } from './provider.mjs'
import { build, serve } from './serve.mjs'

/** A send never waits for its turn. */
const SENDS_PER_MINUTE = 60_000
const READS_PER_MINUTE = 120

/**
 * The bundles, each once.
 * @param {string} directory
 */
export async function buildAll(directory) {
  say('Building the bundle ...')
  const project = (/** @type {string} */ name) =>
    build(join(directory, name), resolve(import.meta.dirname, name))
  const [gateway, limits, fill] = [
    await build(join(directory, 'gateway')),
    await project('limits'),
    await project('fill'),
  ]
  return { gateway, limits, fill, vars: { ONECLICK_BASE_URL: await startInstantProvider() } }
}

/** @typedef {Awaited<ReturnType<typeof buildAll>>} Builds */

/**
 * Writes into an empty storage what a gateway holds that has settled so many orders.
 * @param {Builds} builds
 * @param {string} storage
 * @param {{ orders: number, keys: readonly { key: string, environment: string }[] }} held
 */
export async function fillStorage({ fill }, storage, held) {
  say(`Filling a book with ${held.orders} orders, and ${held.keys.length} keys ...`)
  const filler = await serve({ build: fill, storage })
  try {
    const answer = await fetch(filler.url, { method: 'POST', body: JSON.stringify(held) })
    if (!answer.ok) throw new Error(`not filled: ${await answer.text()}\n${filler.logs()}`)
  } finally {
    await filler.kill()
  }
}

/**
 * @param {Builds} builds
 * @param {string} storage
 */
export async function startFilled({ gateway, vars }, storage) {
  return await serve({ build: gateway, storage, vars })
}

/** @param {{ url: string }} gateway */
export async function openBudget({ url }) {
  await setBudgets(url, 'operator', {
    reads_per_minute: READS_PER_MINUTE,
    sends_per_minute: SENDS_PER_MINUTE,
  })
}

/** @param {string} words */
export function say(words) {
  console.error(`${new Date().toISOString().slice(11, 19)} ${words}`)
}
