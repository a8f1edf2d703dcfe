// What one more order costs the more there are, and what a start costs: a gateway at each size, side by side, in turn.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { cpuMs, memoryMb, run } from './closed-loop.mjs'
import { demand, KEYS, listPage, seed, sends } from './contenders.mjs'
import { at } from './figures.mjs'
import { row } from './rounds.mjs'
import { inDirectory, serve } from './serve.mjs'
import { columns } from './table.mjs'
import { buildAll, fillStorage, openBudget, say, startFilled } from './world.mjs'

const SIZES = [1_000, 10_000, 100_000]
const SENDS_A_ROUND = 100
const STARTS = 5
/** The runtime closes an object that has nothing to do for 10 s; until then its newest rows are in a second file. */
const CLOSED_AFTER_MS = 20_000
const BLOCK_BYTES = 512
const ORDERS = 'gateway-disk/rasid-Order'
const BOOKS = 'gateway-disk/rasid-Book'

/** @typedef {Awaited<ReturnType<typeof measureGrowth>>} Growth */

/** @param {import('./routes.mjs').Options} options */
export async function measureGrowth({ rounds, connections }) {
  return await inDirectory(async (directory) => {
    const builds = await buildAll(directory)
    const storages = SIZES.map((orders) => ({ orders, storage: join(directory, `data-${orders}`) }))
    for (const { orders, storage } of storages) await fillStorage(builds, storage, { orders, keys: KEYS })
    const bookMb = storages.map(({ storage }) => bytesOf(join(storage, BOOKS)) / 2 ** 20)
    const starts = await measureStarts(builds, storages, join(directory, 'limits-data'))
    const sizes = await measureSends(builds, storages, { rounds, connections })
    return {
      sizes: sizes.map((size, index) => ({ ...size, bookMb: bookMb[index] ?? Number.NaN })),
      starts,
      bundleKb: bundleKb(join(directory, 'gateway', 'gateway')),
    }
  })
}

/** @typedef {{ orders: number, storage: string }} Size */

/**
 * @param {import('./world.mjs').Builds} builds
 * @param {readonly Size[]} storages
 * @param {{ rounds: number, connections: number }} options
 */
async function measureSends(builds, storages, { rounds, connections }) {
  const send = (/** @type {import('./closed-loop.mjs').Contender} */ to) =>
    run(to, { connections, questions: SENDS_A_ROUND })
  const sizes = await Promise.all(storages.map((size) => startSize(builds, size)))
  for (const { contender } of sizes) await send(contender)
  for (let round = 1; round <= rounds; round++) {
    for (const { orders, contender, found } of sizes) {
      const one = await send(contender)
      found.push(one)
      say(`${round}/${rounds} ${SENDS_A_ROUND} sends beside ${orders} orders: ${one.seconds.toFixed(1)} s`)
    }
  }
  const memory = sizes.map(({ gateway }) => memoryMb(gateway.pid))
  await pause(CLOSED_AFTER_MS)
  const sent = (rounds + 1) * SENDS_A_ROUND
  const measured = sizes.map(({ orders, storage, found }, index) => {
    const ownKb = bytesOf(join(storage, ORDERS)) / sent / 1_024
    return { orders, send: row(String(orders), found), ownKb, memoryMb: memory[index] ?? null }
  })
  await Promise.all(sizes.map(({ gateway }) => gateway.kill()))
  return measured
}

/**
 * @param {import('./world.mjs').Builds} builds
 * @param {Size} size
 */
async function startSize(builds, { orders, storage }) {
  const gateway = await startFilled(builds, storage)
  await openBudget(gateway)
  await seed(gateway)
  /** @type {import('./closed-loop.mjs').Round[]} */
  const found = []
  return {
    orders,
    storage,
    gateway,
    found,
    contender: { name: String(orders), server: gateway, next: sends() },
  }
}

/**
 * From nothing to the first answer, the limits' Worker in turn with the gateway at each size.
 * @param {import('./world.mjs').Builds} builds
 * @param {readonly Size[]} storages
 * @param {string} limitsStorage
 */
async function measureStarts(builds, storages, limitsStorage) {
  const kinds = [
    { name: 'limits', start: () => serve({ build: builds.limits, storage: limitsStorage }), page: null },
    ...storages.map(({ orders, storage }) => ({
      name: `gateway, ${orders} orders`,
      start: () => startFilled(builds, storage),
      page: listPage(orders, () => 1),
    })),
  ].map((kind) => ({ ...kind, found: /** @type {Start[]} */ ([]) }))
  for (let start = 1; start <= STARTS; start++) {
    for (const { name, start: begin, page, found } of kinds) {
      const one = await measureStart(begin, page)
      found.push(one)
      say(`${start}/${STARTS} start of ${name}: ${one.firstAnswerMs.toFixed(0)} ms`)
    }
  }
  return kinds.map(({ name, found }) => ({
    name,
    firstAnswerMs: median(found.map(({ firstAnswerMs }) => firstAnswerMs)),
    cpuMs: median(found.map(({ cpuMs }) => cpuMs)),
    firstPageMs: median(found.map(({ firstPageMs }) => firstPageMs)),
  }))
}

/** @typedef {{ firstAnswerMs: number, cpuMs: number | null, firstPageMs: number | null }} Start */

/**
 * @param {() => ReturnType<typeof serve>} begin
 * @param {(() => import('./closed-loop.mjs').Question) | null} page
 * @returns {Promise<Start>}
 */
async function measureStart(begin, page) {
  const startedAt = performance.now()
  const server = await begin()
  const firstAnswerMs = performance.now() - startedAt
  const cpu = cpuMs(server.pid)
  const askedAt = performance.now()
  if (page !== null) await demand(server, page())
  const firstPageMs = page === null ? null : performance.now() - askedAt
  await server.kill()
  return { firstAnswerMs, cpuMs: cpu, firstPageMs }
}

/** @param {readonly (number | null)[]} values */
function median(values) {
  return values.every((value) => value !== null) ? at(values, 0.5) : null
}

/**
 * What the files of a directory take on the disk; one may go meanwhile.
 * @param {string} directory
 */
function bytesOf(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce(
      (sum, { parentPath, name }) =>
        sum + (statSync(join(parentPath, name), { throwIfNoEntry: false })?.blocks ?? 0) * BLOCK_BYTES,
      0,
    )
}

/** @param {string} directory */
function bundleKb(directory) {
  const modules = readdirSync(directory).filter((name) => name.endsWith('.js'))
  return modules.reduce((sum, name) => sum + gzipSync(readFileSync(join(directory, name))).length, 0) / 1_024
}

/** @param {Growth} growth */
export function growthTables({ sizes, starts, bundleKb }) {
  const number = (/** @type {number | null} */ value, digits = 0) => value?.toFixed(digits) ?? ''
  const sends = sizes.map(({ orders, send, ownKb, bookMb, memoryMb }) => [
    String(orders),
    ...[
      send.perSecond.toFixed(0),
      send.p50Ms.toFixed(1),
      send.p99Ms.toFixed(1),
      number(send.cpuMicroseconds),
    ],
    ...[ownKb.toFixed(1), bookMb.toFixed(1), number(memoryMb), String(send.errors)],
  ])
  const head = [
    'orders held',
    'sends/s',
    'p50 ms',
    'p99 ms',
    'CPU µs',
    'own KB',
    'book MB',
    'memory MB',
    'errors',
  ]
  const cold = starts.map(({ name, firstAnswerMs, cpuMs, firstPageMs }) => [
    name,
    ...[number(firstAnswerMs), number(cpuMs), number(firstPageMs)],
  ])
  return [
    columns([head, ...sends]),
    columns([['start of', 'first answer ms', 'CPU ms', 'then first page of list ms'], ...cold]),
    `Bundle: ${bundleKb.toFixed(1)} KB gzip`,
  ].join('\n\n')
}
