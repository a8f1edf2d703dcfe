// What is asked: the limits, our routes, and which of ours is held against which limit.
import { setTimeout as pause } from 'node:timers/promises'

const FINAL_ORDERS = 20
const OPEN_ORDERS = 20
/** A limiter lets a key ask 500 times a second: together these may ask far more often than any machine answers. */
const HOT_KEYS = 40
/** The gateway's memory holds 5,000 and is emptied when full: before a key's turn comes again, it is forgotten. */
const COLD_KEYS = 6_000
const PAGE_SIZE = 20
/** Settles as FULFILLED a second after the send. */
const QUICK_SUCCESS = '0600010099'
const SETTLE_MS = 60_000
/** As the demo merchant has it for a machine of one's own. */
const DEMO_KEYS = ['rsd_test_demo', 'rsd_live_demo']

const sandboxKeys = named(HOT_KEYS, 'rsd_test_bench')
const liveKeys = named(HOT_KEYS, 'rsd_live_bench')
const coldKeys = named(COLD_KEYS, 'rsd_test_cold')

/** The gateway must hold these keys, and for the routes those that it forgets, too. */
export const KEYS = [...inEnvironment(sandboxKeys, 'sandbox'), ...inEnvironment(liveKeys, 'production')]
export const ALL_KEYS = [...KEYS, ...inEnvironment(coldKeys, 'sandbox')]

/** @typedef {import('./closed-loop.mjs').Contender} Contender */
/** @typedef {import('./closed-loop.mjs').Question} Question */
/** @typedef {{ url: string, pid: number }} Server */

/**
 * `target`: the share of the limit that is to be reached; null where none was set.
 * @typedef {{ ours: string, limit: string, target: number | null }} Comparison
 * @type {readonly Comparison[]}
 */
export const COMPARISONS = [
  { ours: 'status, final, repeated', limit: 'hello', target: 0.8 },
  { ours: 'status, final, repeated', limit: 'limiter + cache hit', target: null },
  { ours: 'status, not at the edge', limit: 'RPC read', target: 0.8 },
  { ours: 'key not in memory', limit: 'RPC read', target: null },
  { ours: 'list, first page', limit: 'RPC read', target: null },
  { ours: 'list, any page', limit: 'RPC read', target: null },
  { ours: 'send', limit: 'new object + insert', target: 0.5 },
]

/**
 * In two blocks: what follows from sends would be in the way of the others.
 * @param {{ limits: Server, gateway: Server, orders: number }} world
 * @returns {Promise<Contender[][]>}
 */
export async function contenders({ limits, gateway, orders }) {
  await seed(gateway)
  const final = await makeOrders(gateway, 'rsd_test_demo', named(FINAL_ORDERS, 'final'))
  const open = await makeOrders(gateway, 'rsd_live_demo', named(OPEN_ORDERS, 'open'))
  await Promise.all(final.map((ref) => untilFinal(gateway, ref)))
  const objects = named(FINAL_ORDERS, 'object')
  await Promise.all(objects.map((ref) => demand(limits, insert(ref, ref))))
  return [
    [
      { name: 'hello', server: limits, next: () => get('/hello', ({ ref }) => ref === 'hello') },
      { name: 'status, final, repeated', server: gateway, next: statusOf(final, sandboxKeys, 'FULFILLED') },
      { name: 'limiter + cache hit', server: limits, next: () => get('/edge', ({ ref }) => ref === 'edge') },
      {
        name: 'RPC read',
        server: limits,
        next: turns(objects, (ref) => get(`/read/${ref}`, (it) => it.ref === ref)),
      },
      { name: 'status, not at the edge', server: gateway, next: statusOf(open, liveKeys, 'PENDING') },
      { name: 'key not in memory', server: gateway, next: turns(coldKeys, validate) },
      { name: 'list, first page', server: gateway, next: listPage(orders, () => 1) },
      { name: 'list, any page', server: gateway, next: listPage(orders, anyPage(orders)) },
    ],
    [
      { name: 'insert', server: limits, next: fresh('row', (ref) => insert('object-0', ref)) },
      { name: 'new object + insert', server: limits, next: fresh('new', (ref) => insert(ref, ref)) },
      { name: 'send', server: gateway, next: sends(liveKeys) },
    ],
  ]
}

/**
 * His merchant exists from the first use of a key of his on.
 * @param {Server} gateway
 */
export async function seed(gateway) {
  for (const key of DEMO_KEYS) await send(gateway, key, `seed-${key}`)
}

/** @param {readonly string[]} keys */
export function sends(keys = liveKeys) {
  const nextKey = turns(keys, (key) => key)
  return fresh('sent', (ref) => sending(nextKey(), ref))
}

/**
 * @param {readonly string[]} refs
 * @param {readonly string[]} keys
 * @param {string} status
 */
function statusOf(refs, keys, status) {
  const nextKey = turns(keys, (key) => key)
  return turns(refs, (ref) =>
    get(`/v3/mobile/check-ref/${ref}`, ({ data }) => data.ref === ref && data.status === status, nextKey()),
  )
}

/** @param {string} key */
function validate(key) {
  return get('/v3/validate', ({ data }) => data.apiKey.key === key, key)
}

/**
 * @param {number} orders
 * @param {() => number} page
 */
export function listPage(orders, page) {
  return turns(sandboxKeys, (key) =>
    get(
      `/v3/mobile/list?page=${page()}&pageSize=${PAGE_SIZE}`,
      ({ data }) => data.items.length === PAGE_SIZE && data.pagination.totalResults >= orders,
      key,
    ),
  )
}

/** @param {number} orders */
function anyPage(orders) {
  return () => 1 + Math.floor((Math.random() * orders) / PAGE_SIZE)
}

/**
 * @param {string} object
 * @param {string} ref
 * @returns {Question}
 */
function insert(object, ref) {
  return { method: 'POST', path: `/insert/${object}/${ref}`, isRight: (answer) => answer.ref === ref }
}

/**
 * @param {string} key
 * @param {string} ref
 * @returns {Question}
 */
function sending(key, ref, msisdn = '0661234567') {
  return {
    method: 'POST',
    path: '/v3/mobile/send',
    headers: { 'X-Access-Token': key, 'Content-Type': 'application/json' },
    body: JSON.stringify({ plan_code: 'PREPAID_MOBILIS', MSSIDN: msisdn, amount: 500, ref }),
    isRight: ({ data }) => data.topupRef === ref,
  }
}

/**
 * @param {string} path
 * @param {Question['isRight']} isRight
 * @param {string} [key]
 * @returns {Question}
 */
function get(path, isRight, key) {
  return {
    method: 'GET',
    path,
    isRight,
    ...(key === undefined ? {} : { headers: { 'X-Access-Token': key } }),
  }
}

/**
 * @template T
 * @param {readonly string[]} values
 * @param {(value: string) => T} use
 */
function turns(values, use) {
  let turn = 0
  return () => use(values[turn++ % values.length] ?? '')
}

/**
 * @param {string} name
 * @param {(ref: string) => Question} use
 */
function fresh(name, use) {
  let made = 0
  return () => use(`${name}-${made++}`)
}

/**
 * @param {number} count
 * @param {string} name
 */
function named(count, name) {
  return Array.from({ length: count }, (_, index) => `${name}-${index}`)
}

/**
 * @param {readonly string[]} keys
 * @param {import('../src/order/state.ts').Environment} environment
 */
function inEnvironment(keys, environment) {
  return keys.map((key) => ({ key, environment }))
}

/**
 * @param {Server} gateway
 * @param {string} key
 * @param {readonly string[]} refs
 */
async function makeOrders(gateway, key, refs) {
  await Promise.all(refs.map((ref) => send(gateway, key, ref)))
  return refs
}

/**
 * @param {Server} gateway
 * @param {string} key
 * @param {string} ref
 */
async function send(gateway, key, ref) {
  await demand(gateway, sending(key, ref, QUICK_SUCCESS))
}

/**
 * @param {Server} gateway
 * @param {string} ref
 */
async function untilFinal(gateway, ref) {
  const question = get(`/v3/mobile/check-ref/${ref}`, () => true, 'rsd_test_demo')
  const until = Date.now() + SETTLE_MS
  while (Date.now() < until) {
    const { data } = await demand(gateway, question)
    if (data.gateway.final) return
    await pause(500)
  }
  throw new Error(`${ref} did not settle`)
}

/**
 * Outside of what is measured, an answer that is not right is the end.
 * @param {Server} server
 * @param {Question} question
 * @returns {Promise<any>}
 */
export async function demand({ url }, { path, isRight, ...request }) {
  const answer = await fetch(url + path, request)
  const text = await answer.text()
  if (!answer.ok || !isRight(JSON.parse(text))) throw new Error(`${path} answered ${answer.status}: ${text}`)
  return JSON.parse(text)
}
