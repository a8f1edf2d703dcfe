#!/usr/bin/env node
// How long a callback takes from the commit of its event to its receiver, alone and beside a thousand endpoints that
// hang: the same gateway process, the rounds in turn, so that a busy machine is busy for all of them. Asserts nothing.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { loadavg } from 'node:os'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { at, machineInWords } from './figures.mjs'
import { createMerchant, receive, register, send } from './gateway.mjs'
import { startGateway } from './serve.mjs'

const HELP = `npm run bench:callbacks -- [options]

  --rounds N      of each kind (default 5)
  --samples N     callbacks measured in a round (default 100)
  --pace N        measured callbacks a second (default 10)
  --merchants N   with hanging endpoints (default 100)
  --endpoints N   of each of them (default 10)
  --rate N        their orders a second in a round with load, each told to all their endpoints (default 10,
                  which has nearly all of them hang at once; a busy machine may not get through so many)
  --hang SECONDS  how long their endpoints take (default 8: within the deadline of 10 s, so that they are
                  never taken for dead, which would spare the gateway most of the load)
  --help          this text

Rounds: "idle", nothing else happens; "answering", the same orders, their endpoints answer at once;
"hanging", they hang. The last two differ in nothing else.`

const ROOT = resolve(import.meta.dirname, '..')
const KINDS = /** @type {const} */ (['idle', 'answering', 'hanging'])
/** A receiver that failed is asked again for days; after this long the figures would say nothing. */
const LOST_MS = 10 * 60_000

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    samples: { type: 'string', default: '100' },
    pace: { type: 'string', default: '10' },
    merchants: { type: 'string', default: '100' },
    endpoints: { type: 'string', default: '10' },
    rate: { type: 'string', default: '10' },
    hang: { type: 'string', default: '8' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(HELP)
  process.exit(0)
}
const rounds = Number(values.rounds)
const samples = Number(values.samples)
const pace = Number(values.pace)

console.log('Building the bundle ...')
const gateway = await startGateway()
try {
  await measure()
} finally {
  await gateway.end()
}
process.exit(0)

async function measure() {
  console.log(machineInWords())
  console.log(
    `Gateway: plain workerd, storage on disk; load: ${values.merchants} merchants × ${values.endpoints} endpoints`,
  )
  const live = await startLive()
  const load = await startLoad()
  /** @type {Record<typeof KINDS[number], number[]>} */
  const found = { idle: [], answering: [], hanging: [] }
  await live.round('warm up')
  for (let round = 1; round <= rounds; round++) {
    for (const kind of KINDS) {
      const hanging = await load.begin(kind)
      const latencies = await live.round(`${kind}-${round}`)
      const after = await load.end()
      found[kind].push(...latencies)
      const held = kind === 'hanging' ? `, ${hanging} to ${after} calls hanging` : ''
      console.log(
        `${round}/${rounds} ${kind.padEnd(9)} ${inWords(latencies)}, load ${loadavg()[0]?.toFixed(1)}${held}`,
      )
    }
  }
  console.log('\nFrom the commit of the event to its receiver, all rounds:')
  for (const kind of KINDS) console.log(`  ${kind.padEnd(9)} ${inWords(found[kind])}`)
  const ratio = (/** @type {'idle' | 'answering'} */ base) =>
    [0.5, 0.99].map((share) => (at(found.hanging, share) / at(found[base], share)).toFixed(2)).join(' and ')
  console.log(`  hanging / idle: ${ratio('idle')} (median and p99)`)
  console.log(`  hanging / answering: ${ratio('answering')}`)
  console.log(`  not at the first attempt: ${live.again()}`)
}

/** The merchant whose callbacks are measured: one endpoint that answers at once. */
async function startLive() {
  /** @type {Map<string, (latency: number) => void>} */
  const waiting = new Map()
  let again = 0
  const server = createServer((request, response) => {
    void receive(request).then(({ body, at: arrivedAt }) => {
      response.writeHead(204).end()
      if (request.headers['webhook-attempt'] !== '1') again += 1
      waiting.get(body.data.ref)?.(arrivedAt - Date.parse(body.timestamp))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const key = await createMerchant(gateway.url)
  await register(gateway.url, key, server)
  return {
    /** Calls that were not the first about their event: a machine that stood still for 10 s, as a rule. */
    again: () => again,
    /** @param {string} name */
    async round(name) {
      /** @type {Promise<number>[]} */
      const latencies = []
      for (let index = 0; index < samples; index++) {
        const ref = `${name}-${index}`
        const { promise, resolve: told, reject } = Promise.withResolvers()
        waiting.set(ref, told)
        const timer = setTimeout(() => reject(new Error(`${ref} was not told within ten minutes`)), LOST_MS)
        latencies.push(promise.finally(() => clearTimeout(timer)))
        send(gateway.url, key, ref).catch(reject)
        await new Promise((next) => setTimeout(next, 1_000 / pace))
      }
      return await Promise.all(latencies)
    },
  }
}

/** In a thread of its own, so that its thousand connections do not delay what is measured here. */
async function startLoad() {
  const worker = new Worker(resolve(ROOT, 'bench/load.mjs'), {
    workerData: {
      url: gateway.url,
      merchants: Number(values.merchants),
      endpoints: Number(values.endpoints),
      rate: Number(values.rate),
      hangMs: Number(values.hang) * 1_000,
    },
  })
  worker.unref()
  /** @type {PromiseWithResolvers<number>} */
  let answer = Promise.withResolvers()
  worker.on('message', (said) => (typeof said === 'number' ? answer.resolve(said) : console.log(said)))
  worker.on('error', (error) => answer.reject(error))
  /** @param {string} what */
  const ask = (what) => {
    answer = Promise.withResolvers()
    worker.postMessage(what)
    return answer.promise
  }
  await ask('set up')
  return {
    /** @param {string} kind */
    begin: (kind) => ask(kind),
    end: () => ask('end'),
  }
}

/** @param {number[]} latencies */
function inWords(latencies) {
  const [median, p99] = [at(latencies, 0.5), at(latencies, 0.99)]
  return `median ${median} ms, p99 ${p99} ms, longest ${Math.max(...latencies)} ms of ${latencies.length}`
}
