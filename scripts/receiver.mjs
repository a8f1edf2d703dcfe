#!/usr/bin/env node
// A small merchant: prints every callback, says whether its signatures hold, and answers as a merchant should.
import { createPublicKey, verify } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { parseArgs } from 'node:util'
import { Webhook } from 'standardwebhooks'

const HELP = `npm run receiver -- [options]

Prints each callback and whether its signature holds. Without a secret it registers itself
at the gateway, and takes itself off on Ctrl-C.

  --port N          listen on another port (default 8788)
  --register URL    the gateway (default http://localhost:8787)
  --key KEY         the merchant's key there (default rsd_test_demo)
  --secret whsec_…  register nothing; check with this secret (or WEBHOOK_SECRET in the environment)
  --help            this text`

const RETRY_MS = 2_000
/** DER of an Ed25519 public key up to its 32 bytes (RFC 8410). */
const ED25519_SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '8788' },
    register: { type: 'string', default: 'http://localhost:8787' },
    key: { type: 'string', default: 'rsd_test_demo' },
    secret: { type: 'string', default: process.env.WEBHOOK_SECRET ?? '' },
    help: { type: 'boolean', default: false },
  },
})
if (options.help) {
  console.log(HELP)
  process.exit(0)
}

/** @type {{ id?: string, secret: string, public_key?: string }} */
let endpoint = { secret: options.secret }
const ownUrl = `http://127.0.0.1:${options.port}/callback`

const server = createServer((request, response) => {
  void receive(request, response).catch((error) => {
    console.error(error)
    response.writeHead(500).end()
  })
})
server.on('error', (error) => {
  const busy = 'code' in error && error.code === 'EADDRINUSE'
  console.error(
    busy ? `Port ${options.port} is in use. Choose another: npm run receiver -- --port 8789` : error,
  )
  process.exit(1)
})
server.listen(Number(options.port), '127.0.0.1')
await once(server, 'listening')
console.log(`Listening for callbacks on ${ownUrl}`)
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void leave())
if (!endpoint.secret) await register()

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function receive(request, response) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  // The signature covers these bytes: parsing and printing them again would give others.
  const body = Buffer.concat(chunks).toString('utf8')
  const found = check(request.headers, body)
  const event = parsed(body)
  const good = found.v1 === 'good' && found.v1a !== 'BAD'

  const time = new Date().toISOString().slice(11, 23)
  const about = event?.data?.ref ? ` ${event.data.ref} ${event.data.status}` : ''
  const id = request.headers['webhook-id'] ?? 'without an id'
  console.log(`\n${time}  ${event?.type ?? request.method}${about}  ${id}  v1 ${found.v1}, v1a ${found.v1a}`)
  console.log(event === null ? body : JSON.stringify(event, null, 2))

  if (!good) response.writeHead(400).end('bad signature')
  else if (event?.type === 'endpoint.verification') {
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.end(JSON.stringify({ challenge: event.data.challenge }))
  } else response.writeHead(204).end()
}

/**
 * `v1` with the shared secret, by a library any merchant may use; `v1a` with the public key, where we have it.
 * @param {import('node:http').IncomingHttpHeaders} headers
 * @param {string} body
 */
function check(headers, body) {
  const id = String(headers['webhook-id'])
  const timestamp = String(headers['webhook-timestamp'])
  const signature = String(headers['webhook-signature'])
  let v1 = 'good'
  try {
    new Webhook(endpoint.secret).verify(body, {
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': signature,
    })
  } catch (error) {
    v1 = `BAD (${error instanceof Error ? error.message : error})`
  }
  if (!endpoint.public_key) return { v1, v1a: 'not checked' }
  const key = createPublicKey({
    key: Buffer.concat([
      ED25519_SPKI_PREFIX,
      Buffer.from(endpoint.public_key.replace(/^whpk_/, ''), 'base64'),
    ]),
    format: 'der',
    type: 'spki',
  })
  const signed = Buffer.from(`${id}.${timestamp}.${body}`)
  const holds = signature
    .split(' ')
    .filter((part) => part.startsWith('v1a,'))
    .some((part) => verify(null, signed, key, Buffer.from(part.slice(4), 'base64')))
  return { v1, v1a: holds ? 'good' : 'BAD' }
}

/** Waits for the gateway: the two are often started at the same moment. */
async function register() {
  for (let told = false; ; told = true) {
    try {
      const answer = await callGateway('POST', '/v1/endpoints', { url: ownUrl })
      const text = await answer.text()
      if (!answer.ok) {
        console.error(`${options.register} refused to register this receiver: ${answer.status} ${text}`)
        process.exit(1)
      }
      endpoint = JSON.parse(text).data
      console.log(
        `Registered at ${options.register} as ${endpoint.id}; secret ${endpoint.secret}. Ctrl-C takes it off again.`,
      )
      return
    } catch {
      if (!told)
        console.log(`Nothing answers at ${options.register} yet (start it with: npm start). Trying again …`)
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }
}

async function leave() {
  if (endpoint.id) {
    const answer = await callGateway('DELETE', `/v1/endpoints/${endpoint.id}`).catch(() => null)
    console.log(
      answer?.ok ? `\nTook ${endpoint.id} off.` : `\nCould not take ${endpoint.id} off; it stays registered.`,
    )
  }
  process.exit(0)
}

/**
 * @param {string} method
 * @param {string} path
 * @param {object} [body]
 */
function callGateway(method, path, body) {
  return fetch(new URL(path, options.register), {
    method,
    headers: { 'X-Access-Token': options.key, 'Content-Type': 'application/json' },
    signal: AbortSignal.timeout(10_000),
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
