import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { type ServeOptions, serve } from '../workerd/serve'
import { atEnd, onFailure } from './cleanup'
import { eventually, type Reachable, reach } from './harness'

export const ROOT = resolve(import.meta.dirname, '../..')
const START_MS = 60_000

export interface LocalOptions {
  /** Environment of `npm start`, e.g. `{ ONECLICK_BASE_URL: provider.url }`. */
  readonly env?: Readonly<Record<string, string>>
  /** The project's root, for another version of it. */
  readonly root?: string
  readonly port?: number
  /** Where the data is kept; without it, in a place of its own that goes with the gateway. */
  readonly storage?: string
}

export interface LocalGateway extends Reachable {
  readonly port: number
  /** `kill -9` of every process of it at once, as a power failure would. */
  kill(): Promise<void>
}

/**
 * The gateway as `npm start` runs it, in a process of its own. Slower to start than `startGateway`, but its
 * callbacks leave through the runtime's own fetch; the test harness lends it Node's, which follows redirects,
 * outlives an abort and turns a broken connection into an answer.
 */
export async function startLocalGateway(options: LocalOptions = {}): Promise<LocalGateway> {
  const port = options.port ?? (await freePort())
  const storage = options.storage ?? temporaryStorage()
  const script = resolve(options.root ?? ROOT, 'scripts/start.mjs')
  const args = [script, '--port', String(port), '--persist-to', storage]
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    // A process group of its own, so that all of it can be killed at once.
    detached: true,
  })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => said.push(String(text)))
  const exited = once(child, 'exit')
  atEnd(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await exited
  })
  await eventually(
    'the gateway to be ready',
    () => {
      if (child.exitCode !== null) throw new Error(`The gateway ended: ${said.join('')}`)
      return said.join('').includes('Rasid is ready')
    },
    START_MS,
  )
  return {
    ...reach(`http://localhost:${port}`),
    port,
    async kill() {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      await exited
    },
  }
}

/** The gateway as it would be deployed, under plain workerd and with nothing of the dev server's. */
export async function startWorkerdGateway(options: ServeOptions): Promise<LocalGateway> {
  const gateway = await serve(options)
  const { url, port, kill } = gateway
  onFailure(() => console.error(`${url}\n${gateway.logs()}`))
  atEnd(kill)
  return { ...reach(url), port, kill }
}

/** A directory that is gone after the file's last test. */
export function temporaryStorage(): string {
  const storage = mkdtempSync(join(tmpdir(), 'rasid-'))
  atEnd(() => rmSync(storage, { recursive: true, force: true }))
  return storage
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
