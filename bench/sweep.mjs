#!/usr/bin/env node
// What the wallet's sweep costs the provider and how soon a merchant is told, over the built-in sandbox, on plain
// workerd; beside it the loop that the provider documents, over the same top-ups. Asserts nothing.
import { loadavg } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { at, machine } from './figures.mjs'
import { setBudgets, wallet } from './gateway.mjs'
import { startGateway } from './serve.mjs'
import { line, print } from './sweep-table.mjs'
import { startMerchant } from './topups.mjs'

const { KEPT_TOPUPS } = await import('../src/sandbox/ledger.ts')
const { DEMO_MERCHANT } = await import('../src/merchant/demo.ts')

const HELP = `npm run bench:sweep -- [options]

  --rates LIST             orders a second, one row each (default 1,10,50)
  --reads-per-minute LIST  the wallet's budget, each with every rate (default 120,300)
  --seconds N              of sending in a row (default 60)
  --lone N                 orders of the first row, one after the other, each alone (default 4; 0: no such row)
  --json                   the figures as one JSON object
  --help                   this text

The table is on standard output, progress on standard error. With the defaults it takes some nine minutes.`

const KEY = 'rsd_test_demo'
const WALLET = `sandbox:${DEMO_MERCHANT}`
/** No send ever waits for its turn. */
const SENDS_PER_MINUTE = 60_000
/** The documented loop: every 5 s from the send until it is final. */
const LOOP_MS = 5_000
/** The wallet's bucket after a change of its budget. */
const SETTLE_MS = 2_000
const QUIET_MS = 60_000
/** From the first send on: by then the first are told, and orders of every age are open. */
const STEADY_AFTER_MS = 20_000

/** @typedef {Awaited<ReturnType<typeof measure>>} Row what is printed of it: sweep-table.mjs */

const { values } = parseArgs({
  options: {
    rates: { type: 'string', default: '1,10,50' },
    'reads-per-minute': { type: 'string', default: '120,300' },
    seconds: { type: 'string', default: '60' },
    lone: { type: 'string', default: '4' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(HELP)
  process.exit(0)
}
const rates = numbers('--rates', values.rates)
const budgets = numbers('--reads-per-minute', values['reads-per-minute'])
const seconds = numbers('--seconds', values.seconds)[0] ?? 0
const lone = Number(values.lone)

console.error('Building the bundle ...')
const gateway = await startGateway()
try {
  const rows = await measureAll()
  if (values.json) console.log(JSON.stringify({ machine: machine(), seconds, rows }, null, 2))
  else print(rows, seconds)
} finally {
  await gateway.end()
}
process.exit(0)

async function measureAll() {
  const merchant = await startMerchant(gateway.url, KEY)
  /** @type {Row[]} */
  const rows = []
  const [first = 120] = budgets
  // Code is loaded, the catalogue and the statement's present are read: each once in the life of a wallet.
  say('one order to warm up')
  await merchant.sendAlone('warm', 1)
  if (lone > 0)
    rows.push(await measure('lone', first, () => merchant.sendAlone('lone', lone), merchant.learn))
  for (const budget of budgets) {
    for (const rate of rates) {
      const name = `${rate}-${budget}`
      const progress = (/** @type {readonly import('./topups.mjs').Sent[]} */ all) =>
        say(`  ${all.length} sent, ${count(all, 'answeredAt')} answered, ${count(all, 'toldAt')} told`)
      const send = (/** @type {() => void} */ sent) => merchant.sendMany(name, rate, seconds, progress, sent)
      rows.push(await measure(rate, budget, send, merchant.learn))
      // Who ends a run half-way keeps these.
      for (const row of rows.slice(-1)) console.error(line(row))
    }
  }
  return rows
}

/**
 * One row.
 * @param {number | 'lone'} rate
 * @param {number} budget
 * @param {(sent: () => void) => Promise<import('./topups.mjs').Sent[]>} send
 * @param {(all: readonly import('./topups.mjs').Sent[]) => Promise<void>} learn
 */
async function measure(rate, budget, send, learn) {
  say(
    `${rate === 'lone' ? `${lone} orders, each alone` : `${rate} orders/s for ${seconds} s`}, ${budget} reads a minute`,
  )
  await quiet()
  await setBudgets(gateway.url, WALLET, { reads_per_minute: budget, sends_per_minute: SENDS_PER_MINUTE })
  await pause(SETTLE_MS)
  const before = await wallet(gateway.url, WALLET)
  /** @type {Promise<{ at: number, reads: number }>[]} */
  const steady = []
  const note = () => {
    const noted = wallet(gateway.url, WALLET).then(({ reads }) => ({ at: Date.now(), reads: reads.total }))
    steady.push(noted.catch(() => ({ at: Number.NaN, reads: Number.NaN })))
  }
  const timer = setTimeout(note, STEADY_AFTER_MS)
  const all = await send(note)
  clearTimeout(timer)
  const after = await wallet(gateway.url, WALLET)
  const [load = Number.NaN] = loadavg()
  await learn(all)
  // It counts since it woke up: when it does not know of all sends, it was gone meanwhile, and its reads with it.
  const isCountLost = after.sends.total - before.sends.total < count(all, 'answeredAt')
  const reads = isCountLost ? null : after.reads.total - before.reads.total

  const startedAt = Math.min(...all.map(({ sentAt }) => sentAt))
  const answered = all.filter(({ answeredAt }) => answeredAt !== null)
  const lastMs = Math.max(...answered.map(({ answeredAt }) => (answeredAt ?? 0) - startedAt))
  const isCutShort = rate !== 'lone' && all.length < Math.round(rate * seconds)
  const tookMs = isCutShort ? lastMs : Math.max(seconds * 1_000, lastMs)
  const told = all.filter(({ toldAt }) => toldAt !== null)
  const known = told.flatMap(({ known, toldAt, committedAt }) =>
    known === null
      ? []
      : [{ ...known, toldMs: (toldAt ?? 0) - known.settledAt, seenMs: (committedAt ?? 0) - known.settledAt }],
  )
  const loops = known.map(({ delayMs }) => Math.ceil(delayMs / LOOP_MS))
  return {
    rate,
    readsPerMinute: budget,
    orders: all.length,
    /** So many sends were without an answer that the rest was left out. */
    isCutShort,
    achievedPerSecond: rate === 'lone' ? null : answered.length / (tookMs / 1_000),
    /** Whoever asked: the sweep, the statement, the plans; null where the count was lost. */
    reads,
    readsPerOrder:
      reads === null
        ? null
        : reads / all.filter(({ answeredAt, toldAt }) => (answeredAt ?? toldAt) !== null).length,
    /** Of the middle of the row, without its beginning, when nothing can have settled, and its end; null of none. */
    steadyReadsPerOrder: rate === 'lone' || isCountLost ? null : steadyReads(all, await Promise.all(steady)),
    /** From settled at the provider to received by the merchant, and to known by the gateway. */
    toldMs: spread(known.map(({ toldMs }) => toldMs)),
    seenMs: spread(known.map(({ seenMs }) => seenMs)),
    shareByPage: known.filter(({ byPage }) => byPage).length / known.length,
    loop: {
      readsPerOrder: loops.reduce((sum, reads) => sum + reads, 0) / loops.length,
      noticedMs: spread(known.map(({ delayMs }, order) => (loops[order] ?? 0) * LOOP_MS - delayMs)),
    },
    sendMs: spread(answered.map(({ answeredAt, sentAt }) => (answeredAt ?? 0) - sentAt)),
    sandboxSendMs: spread(known.map(({ sandboxMs }) => sandboxMs)),
    errors: {
      notSent: all.length - answered.length,
      notTold: answered.filter(({ toldAt }) => toldAt === null).length,
      toldAgain: all.filter(({ attempts }) => attempts > 1).length,
      notFulfilled: told.filter(({ status }) => status !== 'FULFILLED').length,
      unknown: told.length - known.length,
      outlived: outlived(all),
      firstFailure: all.find(({ failure }) => failure !== null)?.failure ?? null,
    },
    load,
  }
}

/**
 * @param {readonly import('./topups.mjs').Sent[]} all
 * @param {readonly { at: number, reads: number }[]} noted
 */
function steadyReads(all, [first, last]) {
  if (first === undefined || last === undefined) return null
  const orders = all.filter(({ sentAt }) => sentAt >= first.at && sentAt <= last.at).length
  return orders === 0 ? null : (last.reads - first.reads) / orders
}

/** What an earlier row left behind is settled. */
async function quiet() {
  const until = Date.now() + QUIET_MS
  while ((await wallet(gateway.url, WALLET)).watched_orders > 0 && Date.now() < until) await pause(1_000)
}

/**
 * Orders after which so many others were sent before they were told that the sandbox, which keeps the newest only, may
 * have dropped them: never before they settle.
 * @param {readonly import('./topups.mjs').Sent[]} all
 */
function outlived(all) {
  return all.filter(
    ({ toldAt }, order) => (all[order + KEPT_TOPUPS]?.sentAt ?? Infinity) < (toldAt ?? Infinity),
  ).length
}

/** @param {readonly number[]} milliseconds */
function spread(milliseconds) {
  return { median: at(milliseconds, 0.5), p99: at(milliseconds, 0.99), most: at(milliseconds, 1) }
}

/**
 * @param {string} option
 * @param {string} list
 */
function numbers(option, list) {
  const all = list.split(',').map(Number)
  if (all.every((each) => each > 0 && Number.isFinite(each))) return all
  console.error(`${option} takes numbers above 0 with commas between, not ${list}`)
  process.exit(1)
}

/**
 * @param {readonly import('./topups.mjs').Sent[]} all
 * @param {'answeredAt' | 'toldAt'} what
 */
function count(all, what) {
  return all.filter((sent) => sent[what] !== null).length
}

/** @param {string} words */
function say(words) {
  console.error(`${new Date().toISOString().slice(11, 19)} ${words}, load ${loadavg()[0]?.toFixed(1)}`)
}
