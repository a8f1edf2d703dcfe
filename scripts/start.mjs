#!/usr/bin/env node
// Runs the gateway on this machine: `wrangler dev`, made quiet, with the local-only values set.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { stripVTControlCharacters } from 'node:util'
import { LOCAL_SECRETS, LOCAL_VARS } from './local-values.mjs'
import { QUIET } from './quiet.mjs'

const ROOT = resolve(import.meta.dirname, '..')
const DEFAULT_PORT = 8787
/** wrangler needs well under a second to stop; after this it is taken to hang. */
const STOP_TIMEOUT_MS = 5_000
/** Cron does not fire by itself locally, so this script is the clock. */
const CRON_INTERVAL_MS = 60_000
const PARENT_CHECK_MS = 500
const RUNTIME_CRASH = /Workers runtime crashed/

const HELP = `npm start -- [options]

Serves the gateway on http://localhost:${DEFAULT_PORT} with the sandbox and the merchant "demo".

  --port N            listen on another port
  --persist-to DIR    keep the data in DIR (default .wrangler/state; it stays between runs)
  --var NAME:VALUE    set a variable of the Worker; wins over everything else
  --help              this text

Any other option goes to \`wrangler dev\` as it is.

From the environment: ONECLICK_BASE_URL and ONECLICK_ACCESS_TOKEN, the provider account behind
the key rsd_live_demo. The key rsd_test_demo always uses the sandbox inside the gateway. Also
DNS_URL and OWN_ZONES, see docs/operations.md.`

const args = process.argv.slice(2)
if (args.includes('--help') || args.includes('-h')) {
  console.log(HELP)
  process.exit(0)
}

const port = Number(option('--port') ?? DEFAULT_PORT)
if (!(Number.isInteger(port) && port > 0 && port < 65_536)) {
  console.error(`--port takes a number from 1 to 65535, not "${option('--port')}".`)
  process.exit(1)
}
if (await isTaken(port, option('--ip') ?? 'localhost')) {
  console.error(
    `Port ${port} is in use. Stop what runs there, or choose another: npm start -- --port ${port + 1}`,
  )
  process.exit(1)
}

const wrangler = spawn(
  process.execPath,
  [
    // Every process of wrangler ends when its parent does, however that one ended. Without this a
    // `kill -9` of this script would leave the Workers runtime on the port.
    '--import=data:text/javascript,process.on("disconnect",()=>process.exit(1));process.channel?.unref()',
    resolve(ROOT, 'node_modules/wrangler/bin/wrangler.js'),
    ...['dev', '--config', resolve(ROOT, 'wrangler.toml'), '--local', '--log-level', 'log'],
    ...['--port', String(port), '--inspector-port', '0', '--show-interactive-dev-session=false'],
    // Of two equal names the later wins: what the user gives comes last. Variables given like this
    // win over [vars] of wrangler.toml; the environment alone would not.
    ...Object.entries(LOCAL_VARS).flatMap(([name, value]) => ['--var', `${name}:${value}`]),
    ...['ONECLICK_BASE_URL', 'DNS_URL', 'OWN_ZONES'].flatMap((name) =>
      process.env[name] ? ['--var', `${name}:${process.env[name]}`] : [],
    ),
    ...withoutPort(args),
  ],
  {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...process.env,
      ...QUIET,
      // The names under [secrets] in wrangler.toml are read from the environment.
      ...LOCAL_SECRETS,
      ONECLICK_ACCESS_TOKEN: process.env.ONECLICK_ACCESS_TOKEN || LOCAL_SECRETS.ONECLICK_ACCESS_TOKEN,
    },
  },
)

let answering = false
let stopping = false
/** @type {string[]} What was said before the server answered: shown only when it never does. */
const beforeReady = []
relay(wrangler.stdout, process.stdout)
relay(wrangler.stderr, process.stderr)
wrangler.on('message', (message) => void announce(JSON.parse(String(message))))
wrangler.on('exit', (code) => {
  if (!answering && !stopping) process.stderr.write(beforeReady.join(''))
  process.exit(stopping ? process.exitCode : code || 1)
})

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, stop)
if (process.env.npm_lifecycle_event === 'start') {
  // npm passes signals on, but a shell between us may not, and nobody can pass on a `kill -9`.
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && stop(), PARENT_CHECK_MS).unref()
}

/** @param {{event: string, port: number}} message */
async function announce({ event, port: actualPort }) {
  if (event !== 'DEV_SERVER_READY') return
  const url = `http://localhost:${actualPort}`
  // The first request builds what later ones find ready; its answer does not matter.
  await discard(fetch(url))
  answering = true
  console.log(readyMessage(url))
  setInterval(() => void runCron(url), CRON_INTERVAL_MS).unref()
}

/** @param {string} url */
function readyMessage(url) {
  // Another one each time: the data stays between runs, and a used ref sends nothing.
  const ref = `order-${Date.now().toString(36)}`
  const body = JSON.stringify({ plan_code: 'PREPAID_MOBILIS', MSSIDN: '0600010099', amount: 500, ref })
  return `Rasid is ready on ${url}

Send a top-up as the demo merchant (sandbox, no money moves), then ask for its status:

  curl -s ${url}/v3/mobile/send -H 'X-Access-Token: rsd_test_demo' -H 'Content-Type: application/json' -d '${body}'

  curl -s ${url}/v3/mobile/check-ref/${ref} -H 'X-Access-Token: rsd_test_demo'

Get called back: npm run receiver, in another terminal.

The merchant's pages: ${url}/console (sign in with rsd_test_demo).    Documentation: ${url}/docs

Stop: Ctrl-C
`
}

/**
 * A failed run shows itself in the Worker's own log.
 * @param {string} url
 */
async function runCron(url) {
  await discard(fetch(`${url}/cdn-cgi/handler/scheduled?cron=*+*+*+*+*`))
}

/** @param {Promise<Response>} answer */
async function discard(answer) {
  await answer.then((arrived) => arrived.body?.cancel()).catch(() => undefined)
}

/**
 * Passes on what the Worker printed and real errors; drops wrangler's own talk.
 * @param {import('node:stream').Readable | null} from
 * @param {NodeJS.WriteStream} to
 */
function relay(from, to) {
  if (from === null) return
  createInterface({ input: from }).on('line', (coloured) => {
    // A tool that is being stopped in the middle of its work complains; nobody wants to read it.
    if (stopping) return
    const line = to.isTTY ? coloured : stripVTControlCharacters(coloured)
    // wrangler starts it again but never serves another request: an honest end is better than that.
    if (RUNTIME_CRASH.test(line)) {
      console.error('The Workers runtime crashed. Nothing is lost: start the gateway again.')
      process.exitCode = 1
      stop()
    } else if (!answering) beforeReady.push(`${line}\n`)
    else if (!/^(\[wrangler:info\]|⎔ )/u.test(stripVTControlCharacters(coloured))) to.write(`${line}\n`)
  })
}

function stop() {
  if (stopping) return
  stopping = true
  wrangler.kill('SIGTERM')
  setTimeout(() => wrangler.kill('SIGKILL'), STOP_TIMEOUT_MS).unref()
}

/** @param {string} name */
function option(name) {
  const at = args.findLastIndex((argument) => argument === name || argument.startsWith(`${name}=`))
  const found = args[at]
  return found === name ? args[at + 1] : found?.slice(name.length + 1)
}

/**
 * wrangler takes two `--port` for a list, and refuses it.
 * @param {string[]} given
 */
function withoutPort(given) {
  return given.filter((argument, at) => !/^--port(=|$)/.test(argument) && given[at - 1] !== '--port')
}

/**
 * Asks by connecting: trying to listen would miss a server bound to another address.
 * @param {number} wanted
 * @param {string} host
 */
async function isTaken(wanted, host) {
  const socket = connect({ port: wanted, host, autoSelectFamily: true })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
