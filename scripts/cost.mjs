#!/usr/bin/env node
// What orders cost on Cloudflare, in dollars: counts that a test holds (test/worker/cost.test.ts) times published prices.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { PRICES, READ_ON } from './cost/prices.mjs'

const HELP = `npm run cost -- [options]

  --prices   the price list with its sources and what is included each month
  --help     this text

For each extra million orders a month, and what stands whatever the orders: of a lone merchant, and of 1,000 on one account.`

/** Not counted but assumed, or measured elsewhere: docs/performance.md. */
const CPU_MS_PER_ORDER = 8
const PROVIDER_SECONDS = 0.3
const RECEIVER_SECONDS = 0.3
/** A commit is on several disks before an object answers: what is published of it. */
const CALL_SECONDS = 0.013
const OBJECT_GB = 0.128
/** An order's object and its rows in the book: test/worker/book-size.test.ts. */
const STORED_GB = (16_384 + 1_614) / 1e9
/** When the event leaves the feed after 90 days. */
const LATER_ROWS = 1
const MONTH_SECONDS = 30 * 86_400
/** A key is remembered by an isolate for so long. */
const KEY_SECONDS = 25
/** Of one of many merchants: his send and first questions, and those after the callback. */
const KEY_READS_PER_ORDER = 2
const AUDIT_SECONDS = 30
const MILLION = 1e6
const TARGET = 12

/** @typedef {{ workerRequests: number, calls: Record<string, number>, alarmRuns: number, rowsWritten: Record<string, number>, rowsRead: number, kvLists: number, logLines: number, dataPoints: number }} Bill */
/** @typedef {Partial<Record<keyof typeof PRICES | 'log events of the platform', number>>} Usage */

const { values } = parseArgs({
  options: { prices: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
})
if (values.help) {
  console.log(HELP)
  process.exit(0)
}
if (values.prices) {
  console.log(`Workers Paid, US dollars a million, read on ${READ_ON}`)
  for (const [item, { perMillion, included, source }] of Object.entries(PRICES))
    console.log(
      `${item.padEnd(22)}${String(perMillion).padStart(8)}   included ${included.padEnd(30)}${source}`,
    )
  process.exit(0)
}

const root = resolve(import.meta.dirname, '..')
const areInvocationsLogged = !/^invocation_logs *= *false/m.test(
  readFileSync(resolve(root, 'wrangler.toml'), 'utf8'),
)
/** @type {Record<'order' | 'minute' | 'quarter' | 'audit', Bill>} */
const counts = JSON.parse(readFileSync(resolve(root, 'scripts/cost/counts.json'), 'utf8'))
print('Each extra million orders: one merchant', perMillion(MONTH_SECONDS / KEY_SECONDS / MILLION), TARGET)
print('Each extra million orders: of 1,000 merchants', perMillion(KEY_READS_PER_ORDER), TARGET)
print('Each month, whatever the orders: one merchant', standing(1), null)
print('Each month, whatever the orders: 1,000 merchants on one account', standing(1_000), null)
console.log(
  `Prices of ${READ_ON}, without tax and the plan's 5 dollars; what is included each month is left out (--prices).`,
)
console.log(
  'Assumed: 8 ms of CPU, 0.3 s for the provider and for the receiver, 13 ms for a call of an object. Storage is of one month.',
)

/**
 * @param {number} keyReads for each order
 * @returns {Usage}
 */
function perMillion(keyReads) {
  const { order } = counts
  const requests = objectRequests(order)
  const seconds = PROVIDER_SECONDS + RECEIVER_SECONDS + requests * CALL_SECONDS
  return times(MILLION, {
    'Worker requests': order.workerRequests,
    'Worker CPU, ms': CPU_MS_PER_ORDER,
    'object requests': requests,
    'object GB-seconds': seconds * OBJECT_GB,
    'rows written': sum(order.rowsWritten) + LATER_ROWS,
    'rows read': order.rowsRead,
    'storage, GB a month': STORED_GB,
    'KV reads': keyReads,
    'log events': order.logLines,
    'log events of the platform': areInvocationsLogged ? order.workerRequests + requests : 0,
    'data points': order.dataPoints,
  })
}

/**
 * Cron asks each merchant's objects; the account's are asked once, and its wallet is always awake.
 * @param {number} merchants
 * @returns {Usage}
 */
function standing(merchants) {
  const minutes = MONTH_SECONDS / 60
  const audits = MONTH_SECONDS / AUDIT_SECONDS
  const quarter = counts.quarter.calls
  const ofMerchants = sum(only(quarter, /^(Book|Merchant)/)) - objectRequests(counts.minute)
  const ofAccount = objectRequests(counts.quarter) - sum(only(quarter, /^(Book|Merchant)/))
  const requests =
    minutes * merchants * objectRequests(counts.minute) +
    (minutes / 15) * (merchants * ofMerchants + ofAccount) +
    audits * objectRequests(counts.audit)
  return {
    'Worker requests': minutes,
    'object requests': requests,
    'object GB-seconds': (MONTH_SECONDS + requests * CALL_SECONDS) * OBJECT_GB,
    'rows written': (minutes / 15) * sum(counts.quarter.rowsWritten) + audits * sum(counts.audit.rowsWritten),
    'rows read': minutes * merchants * counts.minute.rowsRead,
    'KV lists': minutes * counts.minute.kvLists + (minutes / 15) * counts.quarter.kvLists,
    'log events': (minutes / 15) * counts.quarter.logLines + audits * counts.audit.logLines,
    'log events of the platform': areInvocationsLogged ? minutes + requests : 0,
  }
}

/**
 * @param {string} title
 * @param {Usage} usage
 * @param {number | null} target
 */
function print(title, usage, target) {
  const lines = Object.entries(usage).map(([item, amount]) => ({
    item,
    amount,
    dollars: dollars(item, amount),
  }))
  const total = lines.reduce((all, line) => all + line.dollars, 0)
  console.log(`${title}\n`)
  for (const { item, amount, dollars } of lines.toSorted((a, b) => b.dollars - a.dollars)) {
    const share = `${Math.round((100 * dollars) / total)} %`
    console.log(
      `  ${item.padEnd(28)}${inWords(amount).padStart(12)}${dollars.toFixed(2).padStart(9)}${share.padStart(7)}`,
    )
  }
  const verdict = target === null ? '' : `   target ${target}: ${total <= target ? 'met' : 'missed'}`
  console.log(`  ${'together'.padEnd(40)}${total.toFixed(2).padStart(9)}${verdict}\n`)
}

/**
 * @param {string} item
 * @param {number} amount
 */
function dollars(item, amount) {
  const name = /** @type {keyof typeof PRICES} */ (item.replace(' of the platform', ''))
  return (amount * PRICES[name].perMillion) / MILLION
}

/** @param {Bill} bill */
function objectRequests({ calls, alarmRuns }) {
  return sum(calls) + alarmRuns
}

/** @param {Record<string, number>} counts */
function sum(counts) {
  return Object.values(counts).reduce((all, each) => all + each, 0)
}

/**
 * @param {Record<string, number>} calls
 * @param {RegExp} name
 */
function only(calls, name) {
  return Object.fromEntries(Object.entries(calls).filter(([call]) => name.test(call)))
}

/**
 * @param {number} factor
 * @param {Usage} usage
 * @returns {Usage}
 */
function times(factor, usage) {
  return Object.fromEntries(Object.entries(usage).map(([item, amount]) => [item, amount * factor]))
}

/** @param {number} amount */
function inWords(amount) {
  return amount >= MILLION ? `${(amount / MILLION).toFixed(1)} M` : String(Math.round(amount))
}
