import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll } from 'vitest'
import { eventually, type Reachable, reach } from './harness'

const START = resolve(import.meta.dirname, '../../scripts/start.mjs')
const START_MS = 60_000

const stops: (() => Promise<void>)[] = []
afterAll(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

/**
 * The gateway as `npm start` runs it, in a process of its own. Slower to start than `startGateway`, but its
 * callbacks leave through the runtime's own fetch; the test harness lends it Node's, which follows redirects,
 * outlives an abort and turns a broken connection into an answer.
 */
export async function startLocalGateway(): Promise<Reachable> {
  const [port, storage] = [await freePort(), mkdtempSync(join(tmpdir(), 'rasid-'))]
  const args = [START, '--port', String(port), '--persist-to', storage]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => said.push(String(text)))
  const exited = once(child, 'exit')
  stops.push(async () => {
    child.kill('SIGTERM')
    await exited
    rmSync(storage, { recursive: true, force: true })
  })
  await eventually(
    'the gateway to be ready',
    () => {
      if (child.exitCode !== null) throw new Error(`The gateway ended: ${said.join('')}`)
      return said.join('').includes('Rasid is ready')
    },
    START_MS,
  )
  return reach(`http://localhost:${port}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
