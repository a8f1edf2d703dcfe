// What one more order costs the more there are, and what a start costs: a gateway at each size, side by side, in turn.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { cpuMs, memoryMb, run } from './closed-loop.mjs'
import { demand, listPage, seed, sends } from './contenders.mjs'
import { at } from './figures.mjs'
import { row } from './rounds.mjs'
import { inDirectory, serve } from './serve.mjs'
import { columns } from './table.mjs'
import { buildAll, fillStorage, openBudget, say, startFilled } from './world.mjs'

const SIZES = [1_000, 10_000, 100_000]
const SENDS_A_ROUND = 100
const STARTS = 5
const BLOCK_BYTES = 512

/** @typedef {Awaited<ReturnType<typeof measureGrowth>>} Growth */

/** @param {import('./routes.mjs').Options} options */
export async function measureGrowth({ rounds, connections }) {
  return await inDirectory(async (directory) => {
    const builds = await buildAll(directory)
    const storages = SIZES.map((orders) => ({ orders, storage: join(directory, `data-${orders}`) }))
    for (const { orders, storage } of storages) await fillStorage(builds, storage, orders)
    const bookMb = storages.map(
      ({ storage }) => bytesOf(join(storage, 'gateway-disk', 'rasid-Book')) / 2 ** 20,
    )
    const starts = await measureStarts(builds, storages, join(directory, 'limits-data'))
    const sizes = await measureSends(builds, storages, { rounds, connections })
    return {
      sizes: sizes.map((size, index) => ({ ...size, bookMb: bookMb[index] ?? Number.NaN })),
      starts,
      bundleKb: bundleKb(join(directory, 'gateway', 'gateway')),
    }
  })
}

/**
 * @param {import('./world.mjs').Builds} builds
 * @param {readonly { orders: number, storage: string }[]} storages
 * @param {{ rounds: number, connections: number }} options
 */
async function measureSends(builds, storages, { rounds, connections }) {
  const sizes = []
  for (const { orders, storage } of storages) {
    const gateway = await startFilled(builds, storage)
    await openBudget(gateway)
    await seed(gateway)
    const contender = { name: `${orders}`, server: gateway, next: sends() }
    await run(contender, { connections, questions: SENDS_A_ROUND })
    const bytesBefore = bytesOf(storage)
    sizes.push({
      orders,
      storage,
      gateway,
      contender,
      bytesBefore,
      found: /** @type {import('./closed-loop.mjs').Round[]} */ ([]),
    })
  }
  for (let round = 1; round <= rounds; round++) {
    for (const { orders, contender, found } of sizes) {
      const one = await run(contender, { connections, questions: SENDS_A_ROUND })
      found.push(one)
      say(`${round}/${rounds} ${SENDS_A_ROUND} sends beside ${orders} orders: ${one.seconds.toFixed(1)} s`)
    }
  }
  return await Promise.all(
    sizes.map(async ({ orders, storage, gateway, found, bytesBefore }) => {
      const memory = memoryMb(gateway.pid)
      const bytesPerOrder = (bytesOf(storage) - bytesBefore) / (rounds * SENDS_A_ROUND)
      await gateway.kill()
      return { orders, send: row(String(orders), found), kbPerOrder: bytesPerOrder / 1_024, memoryMb: memory }
    }),
  )
}

/**
 * From nothing to the first answer, the limits' Worker in turn with the gateway at each size.
 * @param {import('./world.mjs').Builds} builds
 * @param {readonly { orders: number, storage: string }[]} storages
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
 * What the files of a directory take on the disk.
 * @param {string} directory
 */
function bytesOf(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).blocks * BLOCK_BYTES, 0)
}

/** @param {string} directory */
function bundleKb(directory) {
  const modules = readdirSync(directory).filter((name) => name.endsWith('.js'))
  return modules.reduce((sum, name) => sum + gzipSync(readFileSync(join(directory, name))).length, 0) / 1_024
}

/** @param {Growth} growth */
export function growthTables({ sizes, starts, bundleKb }) {
  const number = (/** @type {number | null} */ value, digits = 0) => value?.toFixed(digits) ?? ''
  const sends = sizes.map(({ orders, send, kbPerOrder, bookMb, memoryMb }) => [
    String(orders),
    ...[
      send.perSecond.toFixed(0),
      send.p50Ms.toFixed(1),
      send.p99Ms.toFixed(1),
      number(send.cpuMicroseconds),
    ],
    ...[kbPerOrder.toFixed(1), bookMb.toFixed(1), number(memoryMb), String(send.errors)],
  ])
  const head = [
    'orders held',
    'sends/s',
    'p50 ms',
    'p99 ms',
    'CPU µs',
    'KB of disk',
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
