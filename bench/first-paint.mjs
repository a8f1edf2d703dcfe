#!/usr/bin/env node
// How soon a customer sees his page on a slow phone network, with nothing of it kept from before. Asserts nothing.
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { parseArgs } from 'node:util'
import { createGzip } from 'node:zlib'
import { at, machineInWords } from './figures.mjs'
import { createMerchant, send } from './gateway.mjs'
import { startGateway } from './serve.mjs'

const { launch } = await import('../test/browser/launch.ts')

const HELP = `npm run bench:paint -- [options]

  --visits N   of each kind, each in a browser that knows nothing yet (default 20)
  --help       this text

Networks: "slow 3G", 400 kbit/s with 400 ms to the gateway and back; "3G", 1.6 Mbit/s with 150 ms.`

const NETWORKS = {
  'slow 3G': { kilobits: 400, roundTripMs: 400 },
  '3G': { kilobits: 1_600, roundTripMs: 150 },
}

const { values } = parseArgs({
  options: { visits: { type: 'string', default: '20' }, help: { type: 'boolean', default: false } },
})
if (values.help) {
  console.log(HELP)
  process.exit(0)
}

console.log('Building the bundle ...')
const gateway = await startGateway()
const edge = await compressing(gateway.url)
const browser = await launch()
try {
  console.log(machineInWords())
  console.log('\nnetwork   page        first paint p50      p90   on the wire')
  const key = await createMerchant(gateway.url)
  const { gateway: order } = await send(gateway.url, key, 'paint-1')
  const link = new URL(new URL(order.status_url).pathname, edge.url).href
  for (const [name, network] of Object.entries(NETWORKS)) {
    for (const language of ['en', 'ar']) {
      const visits = []
      for (let visit = 0; visit < Number(values.visits); visit++)
        visits.push(await visited(`${link}?lang=${language}`, network))
      const paints = visits.map(({ paintMs }) => paintMs)
      const bytes = Math.max(...visits.map((visit) => visit.bytes))
      console.log(
        `${name.padEnd(9)} ${`status, ${language}`.padEnd(13)} ${inMs(at(paints, 0.5))} ${inMs(at(paints, 0.9))}   ${(bytes / 1_024).toFixed(1)} KB`,
      )
    }
  }
} finally {
  await browser.close()
  edge.end()
  await gateway.end()
}

/**
 * The platform's edge compresses what it sends; plain workerd does not.
 * @param {string} url
 */
async function compressing(url) {
  const server = createServer((incoming, outgoing) => {
    // With the host that the browser asked: the page's policy names it.
    const asked = request(`${url}${incoming.url}`, { headers: incoming.headers }, (answer) => {
      const { 'content-length': _, 'transfer-encoding': __, ...headers } = answer.headers
      outgoing.writeHead(answer.statusCode ?? 500, { ...headers, 'content-encoding': 'gzip' })
      answer.pipe(createGzip()).pipe(outgoing)
    })
    asked.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const end = () => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${address.port}`, end }
}

/** @param {number} ms */
function inMs(ms) {
  return `${ms.toFixed(0).padStart(8)} ms`
}

/**
 * @param {string} url
 * @param {{ kilobits: number, roundTripMs: number }} network
 */
async function visited(url, { kilobits, roundTripMs }) {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } })
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  const throughput = (kilobits * 1_000) / 8
  let bytes = 0
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength
  })
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: roundTripMs,
    downloadThroughput: throughput,
    uploadThroughput: throughput,
  })
  await page.goto(url, { waitUntil: 'load' })
  /** @type {number} */
  const paintMs = await page.evaluate(`new Promise((done) => {
    new PerformanceObserver((list) => {
      const [first] = list.getEntriesByName('first-contentful-paint')
      if (first) done(first.startTime)
    }).observe({ type: 'paint', buffered: true })
  })`)
  await context.close()
  return { paintMs, bytes }
}
