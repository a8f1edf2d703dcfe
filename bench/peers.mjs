#!/usr/bin/env node
// Rasid beside what a team would build (bench/peers): same load, same provider, same machine, in turns. Asserts nothing.
import { parseArgs } from 'node:util'
import { at, machine } from './figures.mjs'
import { startMarket } from './market.mjs'
import { ours, theirs } from './rivals.mjs'

const HELP = `npm run bench:peers -- [options]

  --rounds N    each contender has a turn in each (default 2)
  --seconds N   of each load (default 15)
  --help        this text

Needs redis-server, and once: npm ci --prefix bench/peers. One JSON line for each turn; a turn takes some three minutes.`

const CONNECTIONS = 16
const FULL_SPEED_MS = 5_000
const STEADY_PER_SECOND = 10
/** The watchdog of a lost alarm takes two to three minutes, a stalled job of BullMQ half a minute. */
const PATIENCE_MS = 240_000

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '15' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(HELP)
  process.exit(0)
}
const seconds = Number(values.seconds)
console.log(JSON.stringify(machine()))
for (let round = 1; round <= Number(values.rounds); round++) {
  for (const start of [ours, theirs]) console.log(JSON.stringify({ round, ...(await turn(start)) }))
}
process.exit(0)

/** @param {typeof ours} start */
async function turn(start) {
  const market = await startMarket()
  const contender = await start(market.provider.url, market.callbackUrl)
  try {
    say(`${contender.name}: steady`)
    const steady = await steadyLoad(market, contender)
    say('full speed')
    const full = await fullSpeed(market, contender)
    say('killed')
    return { name: contender.name, steady, full, killed: await killed(market, contender) }
  } finally {
    await contender.end()
    market.end()
  }
}

/**
 * @param {import('./market.mjs').Market} market
 * @param {import('./rivals.mjs').Contender} contender
 */
async function steadyLoad(market, contender) {
  const readsBefore = market.reads()
  const refs = await market.sendEvenly(contender, 'steady', STEADY_PER_SECOND, seconds)
  const isTold = await market.told(refs, PATIENCE_MS)
  const tolds = refs.flatMap((ref) => market.toldAfterMs(ref))
  return {
    orders: refs.length,
    isTold,
    settledToToldMs: { median: at(tolds, 0.5), p99: at(tolds, 0.99) },
    readsPerOrder: (market.reads() - readsBefore) / refs.length,
    memoryMib: Math.round(contender.memoryMib()),
  }
}

/**
 * As fast as it answers.
 * @param {import('./market.mjs').Market} market
 * @param {import('./rivals.mjs').Contender} contender
 */
async function fullSpeed(market, contender) {
  let count = 0
  const sends = await flood(() => market.sendOnce(contender, `full-${count++}`))
  const refs = Array.from({ length: count }, (_, index) => `full-${index}`)
  await market.told(refs, PATIENCE_MS)
  const statuses = await flood(() => market.status(contender, `full-${count++ % refs.length}`))
  return { sends, statuses, memoryMib: Math.round(contender.memoryMib()) }
}

/** @param {() => Promise<unknown>} ask */
async function flood(ask) {
  const end = Date.now() + FULL_SPEED_MS
  /** @type {number[]} */
  const times = []
  let failed = 0
  const connection = async () => {
    while (Date.now() < end) {
      const from = performance.now()
      await ask().catch(() => failed++)
      times.push(performance.now() - from)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, connection))
  const perSecond = Math.round((times.length - failed) / (FULL_SPEED_MS / 1_000))
  return { perSecond, medianMs: Math.round(at(times, 0.5)), p99Ms: Math.round(at(times, 0.99)), failed }
}

/**
 * In the middle of the load; its merchant sends again under the same ref until he has an answer.
 * @param {import('./market.mjs').Market} market
 * @param {import('./rivals.mjs').Contender} contender
 */
async function killed(market, contender) {
  const sending = market.sendEvenly(contender, 'killed', STEADY_PER_SECOND, seconds)
  await new Promise((resolve) => setTimeout(resolve, (seconds * 1_000) / 2))
  await contender.kill()
  const downAt = Date.now()
  await contender.start()
  const restartMs = Date.now() - downAt
  const refs = await sending
  const sentAt = Date.now()
  const isTold = await market.told(refs, PATIENCE_MS)
  const lastToldSeconds = isTold ? Math.round((Date.now() - sentAt) / 1_000) : null
  return { orders: refs.length, restartMs, lastToldSeconds, ...(await market.judge(contender, refs)) }
}

/** @param {string} words */
function say(words) {
  console.error(`${new Date().toISOString().slice(11, 19)} ${words}`)
}
