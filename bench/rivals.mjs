// The two gateways that bench/peers.mjs measures: each can be killed at once and started again on the same storage and port.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setBudgets } from './gateway.mjs'
import './serve.mjs' // the TypeScript of the tests can be imported from here on

const { build } = await import('../test/workerd/build.ts')
const { serve } = await import('../test/workerd/serve.ts')

const LIVE_KEY = 'rsd_live_demo'
const PEER_KEY = 'peer-key'
const PEERS = resolve(import.meta.dirname, 'peers')
const SENDS_PER_MINUTE = 60_000
const READS_PER_MINUTE = 120
/** A `whsec_` secret of 24 bytes, for nothing but this. */
const SECRET = 'whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz'
const KIB_PER_MIB = 1_024

/**
 * @typedef {object} Contender
 * @property {string} name
 * @property {string} key
 * @property {() => string} url
 * @property {() => Promise<void>} start on the storage that there is
 * @property {() => Promise<void>} kill -9, all of it
 * @property {() => number} memoryMib resident, all of its processes
 * @property {() => Promise<void>} end
 */

/**
 * @param {string} providerUrl
 * @param {string} callbackUrl
 * @returns {Promise<Contender>}
 */
export async function ours(providerUrl, callbackUrl) {
  const storage = mkdtempSync(join(tmpdir(), 'rasid-bench-'))
  const built = await build(join(storage, 'build'))
  /** @type {import('../test/workerd/serve.ts').Served | null} */
  let served = null
  const contender = {
    name: 'Rasid',
    key: LIVE_KEY,
    url: () => served?.url ?? '',
    async start() {
      const vars = { ONECLICK_BASE_URL: providerUrl }
      const isFirst = served === null
      served = await serve({ build: built, storage: join(storage, 'data'), port: served?.port, vars })
      if (isFirst) await setUp(served.url, callbackUrl)
    },
    kill: async () => served?.kill(),
    // Beside it in the process are the doubles of the platform's services: KV, the cache, the limiter.
    memoryMib: () => memoryMib('workerd', storage),
    async end() {
      await served?.kill()
      rmSync(storage, { recursive: true, force: true })
    },
  }
  await contender.start()
  return contender
}

/**
 * @param {string} url
 * @param {string} callbackUrl
 */
async function setUp(url, callbackUrl) {
  const body = JSON.stringify({ url: callbackUrl })
  const headers = { 'X-Access-Token': LIVE_KEY, 'Content-Type': 'application/json' }
  const answer = await fetch(`${url}/v1/endpoints`, { method: 'POST', headers, body })
  if (!answer.ok) throw new Error(`the endpoint was not taken: ${await answer.text()}`)
  const budgets = { reads_per_minute: READS_PER_MINUTE, sends_per_minute: SENDS_PER_MINUTE }
  await setBudgets(url, 'operator', budgets)
}

/**
 * @param {string} providerUrl
 * @param {string} callbackUrl
 * @returns {Promise<Contender>}
 */
export async function theirs(providerUrl, callbackUrl) {
  const storage = mkdtempSync(join(tmpdir(), 'peers-bench-'))
  const [port, redisPort] = [await freePort(), await freePort()]
  const env = {
    ...process.env,
    PORT: String(port),
    REDIS_PORT: String(redisPort),
    PROVIDER_URL: providerUrl,
    PROVIDER_TOKEN: 'local-access-token',
    ORDERS_PATH: join(storage, 'orders.sqlite'),
    CALLBACK_URL: callbackUrl,
    CALLBACK_SECRET: SECRET,
    API_KEY: PEER_KEY,
    NODE_ENV: 'production',
  }
  const appendOnly = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', '', '--dir', storage]
  /** @type {import('node:child_process').ChildProcess[]} */
  let running = []
  const kill = async () => {
    const ends = running.map((child) => (child.exitCode ?? child.signalCode) === null && once(child, 'exit'))
    for (const child of running) child.kill('SIGKILL')
    await Promise.all(ends)
    running = []
  }
  const contender = {
    name: 'Hono, BullMQ',
    key: PEER_KEY,
    url: () => `http://127.0.0.1:${port}`,
    async start() {
      mkdirSync(storage, { recursive: true })
      const redis = spawn('redis-server', ['--port', String(redisPort), '--bind', '127.0.0.1', ...appendOnly])
      running.push(redis)
      await said(redis, /Ready to accept connections/)
      const server = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'src/server.mjs'], {
        cwd: PEERS,
        env,
      })
      running.push(server)
      server.stderr.pipe(process.stderr)
      await said(server, /"port"/)
    },
    kill,
    memoryMib: () => running.reduce((sum, { pid }) => sum + residentMib(pid ?? 0), 0),
    async end() {
      await kill()
      rmSync(storage, { recursive: true, force: true })
    },
  }
  await contender.start()
  return contender
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {RegExp} words
 */
async function said(child, words) {
  const { promise, resolve: found, reject } = Promise.withResolvers()
  child.once('error', reject)
  child.once('exit', (code) => reject(new Error(`${child.spawnfile} ended with ${code}`)))
  if (child.stdout !== null)
    createInterface({ input: child.stdout }).on('line', (line) => words.test(line) && found(undefined))
  await promise
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'string' || address === null ? 0 : address.port
}

/**
 * @param {string} name of the program
 * @param {string} argument that no other process of it has
 */
function memoryMib(name, argument) {
  const pids = execFileSync('pgrep', ['-f', `${name} serve.*${argument}`], { encoding: 'utf8' })
  return pids
    .trim()
    .split('\n')
    .reduce((sum, pid) => sum + residentMib(Number(pid)), 0)
}

/** @param {number} pid */
function residentMib(pid) {
  const [, kib = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kib) / KIB_PER_MIB
}
