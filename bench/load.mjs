// The load beside what bench/callbacks.mjs measures, in a thread of its own: merchants who send, and their endpoints.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'
import { createMerchant, receive, register, send } from './gateway.mjs'

/** @type {{ url: string, merchants: number, endpoints: number, rate: number, hangMs: number }} */
const { url, merchants, endpoints, rate, hangMs } = workerData
const BATCH = 10
const SETTLE_MS = 2_500

if (parentPort === null) throw new Error('this is a thread of bench/callbacks.mjs')
const port = parentPort

/** @type {string[]} */
const keys = []
let open = 0
let hangs = false
/** @type {NodeJS.Timeout | undefined} */
let sending
let sent = 0
let failed = 0
let again = 0

const server = createServer((request, response) => {
  open += 1
  response.once('close', () => {
    open -= 1
  })
  if (request.headers['webhook-attempt'] !== '1') again += 1
  void receive(request).then(async () => {
    if (hangs) await pause(hangMs)
    response.writeHead(204).end()
  })
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')

port.on('message', async (/** @type {string} */ what) => {
  if (what === 'set up') await setUp()
  else if (what === 'end') {
    const hanging = open
    await end()
    return port.postMessage(hanging)
  } else if (what !== 'idle') await begin(what === 'hanging')
  port.postMessage(open)
})

async function setUp() {
  for (let done = 0; done < merchants; done += BATCH) {
    const some = Array.from({ length: Math.min(BATCH, merchants - done) }, async () => {
      const key = await createMerchant(url)
      for (let endpoint = 0; endpoint < endpoints; endpoint++) await register(url, key, server)
      keys.push(key)
    })
    await Promise.all(some)
    port.postMessage(`${keys.length} of ${merchants} merchants set up`)
  }
}

/**
 * Ready when as many calls are under way as will be.
 * @param {boolean} hanging
 */
async function begin(hanging) {
  hangs = hanging
  sending = setInterval(() => {
    const key = keys[sent % keys.length]
    if (key === undefined) return
    send(url, key, `load-${sent++}`).catch(() => failed++)
  }, 1_000 / rate)
  await pause(hanging ? hangMs + SETTLE_MS : SETTLE_MS)
}

/** Only when nothing of it is under way any more. */
async function end() {
  clearInterval(sending)
  if (failed > 0 || again > 0) {
    port.postMessage(`  so far ${failed} sends of the load failed, and ${again} of its callbacks came again`)
  }
  do await pause(SETTLE_MS)
  while (open > 0)
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
