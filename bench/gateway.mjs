// The few calls to a local gateway that a bench needs.

const ADMIN = { Authorization: 'Bearer local-admin' }
/** Sandbox number: FULFILLED a second after the send. */
const QUICK_SUCCESS = '0600010099'
/** A gateway with a core to itself answers within 12 s. */
const DEADLINE_MS = 60_000

/**
 * His sandbox key.
 * @param {string} url
 * @returns {Promise<string>}
 */
export async function createMerchant(url) {
  const { id } = await call(url, '/admin/merchants', ADMIN, { name: 'Bench' })
  const { key } = await call(url, `/admin/merchants/${id}/keys`, ADMIN, {
    environment: 'sandbox',
    name: 'bench',
  })
  return key
}

/**
 * @param {string} url
 * @param {string} key
 * @param {import('node:http').Server} server
 */
export async function register(url, key, server) {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  await call(
    url,
    '/v1/endpoints',
    { 'X-Access-Token': key },
    { url: `http://127.0.0.1:${address.port}/callback` },
  )
}

/**
 * @param {string} url
 * @param {string} key
 * @param {string} ref
 */
export async function send(url, key, ref, msisdn = QUICK_SUCCESS) {
  const order = { plan_code: 'PREPAID_MOBILIS', MSSIDN: msisdn, amount: 500, ref }
  return await call(url, '/v3/mobile/send', { 'X-Access-Token': key }, order)
}

/**
 * A callback, and when all of it was there.
 * @param {import('node:http').IncomingMessage} request
 */
export async function receive(request) {
  const parts = []
  for await (const part of request) parts.push(part)
  const at = Date.now()
  return { at, body: JSON.parse(Buffer.concat(parts).toString('utf8')) }
}

/**
 * The order with each step of it and what the provider said.
 * @param {string} url
 * @param {string} key
 * @param {string} ref
 */
export async function story(url, key, ref) {
  return await ask(url, `/v1/orders/${encodeURIComponent(ref)}`, { headers: { 'X-Access-Token': key } })
}

/**
 * As its operator sees it.
 * @param {string} url
 * @param {string} name
 */
export async function wallet(url, name) {
  return await ask(url, walletPath(name), { headers: ADMIN })
}

/**
 * @param {string} url
 * @param {string} name
 * @param {{ reads_per_minute: number, sends_per_minute: number }} budgets
 */
export async function setBudgets(url, name, budgets) {
  await call(url, walletPath(name), ADMIN, budgets, 'PATCH')
}

/** @param {string} name */
function walletPath(name) {
  return `/admin/wallets/${encodeURIComponent(name)}`
}

/**
 * @param {string} url
 * @param {string} path
 * @param {Record<string, string>} headers
 * @param {object} body
 */
async function call(url, path, headers, body, method = 'POST') {
  const sent = { ...headers, 'Content-Type': 'application/json' }
  return await ask(url, path, { method, headers: sent, body: JSON.stringify(body) })
}

/**
 * The `data` of the answer; whoever asks knows its shape.
 * @param {string} url
 * @param {string} path
 * @param {RequestInit} request
 */
async function ask(url, path, request) {
  const answer = await fetch(new URL(path, url), { signal: AbortSignal.timeout(DEADLINE_MS), ...request })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text}`)
  return JSON.parse(text).data
}
