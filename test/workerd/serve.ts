/** Plain workerd on this machine: what it serves, the data in a directory, and an end as sudden as a power failure. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { LOCAL_SECRETS, LOCAL_VARS } from '../../scripts/local-values.mjs'
import type { Build } from './build'
import { DISKS, SOCKET } from './config'

const WORKERD = resolve(import.meta.dirname, '../../node_modules/.bin/workerd')
/** Where workerd writes on which port it listens. */
const CONTROL_FD = 3
/**
 * Becomes what it is given, beside a watcher: once the other end of stdin is closed, the whole process group is
 * killed. So nothing stays behind, however the process that started it ends.
 */
const BOUND = `exec 4<&0
{ read -r _ <&4; kill -9 0; } >/dev/null 2>&1 ${CONTROL_FD}>&- &
exec "$0" "$@" </dev/null 4<&-`
const START_MS = 60_000
/** As [triggers] of wrangler.toml says; nothing else fires it here. */
const SCHEDULED = '/cdn-cgi/handler/scheduled?cron=*+*+*+*+*'
const CRON_INTERVAL_MS = 60_000
/** The last of them tell why something failed. */
const KEPT_LINES = 400

export interface ServeOptions {
  readonly build: Build
  /** Where the data is kept. */
  readonly storage: string
  /** Without it, any that is free. */
  readonly port?: number | undefined
  /** Variables and secrets of the Worker, above those of every local gateway. */
  readonly vars?: Readonly<Record<string, string>> | undefined
}

export interface Served {
  /** Without a trailing slash. */
  readonly url: string
  readonly port: number
  /** Of the runtime itself. */
  readonly pid: number
  /** The last lines that it wrote. */
  logs(): string
  /** `kill -9` of the whole process group. */
  kill(): Promise<void>
}

/** Once it answers. */
export async function serve({ build, storage, port = 0, vars = {} }: ServeOptions): Promise<Served> {
  // Nothing of this process's own: the Worker has what a deployment would give it.
  const given: Record<string, string> = { ...build.vars, ...LOCAL_VARS, ...LOCAL_SECRETS, ...vars }
  const child = spawn('/bin/sh', ['-c', BOUND, WORKERD, 'serve', ...flags(storage, port), build.config], {
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: given as NodeJS.ProcessEnv,
    // A process group of its own, so that all of it can be killed at once.
    detached: true,
  })
  const logs = keepLines(child)
  const { ended, kill } = endOf(child)
  const early = ended.then(() => Promise.reject(new Error(`workerd ended:\n${logs()}`)))
  try {
    const listening = await Promise.race([portOf(child), early, tooLate(logs)])
    const url = `http://127.0.0.1:${listening}`
    // The first request builds what later ones find ready; its answer does not matter.
    await Promise.race([discard(url), early])
    const cron = setInterval(() => void discard(`${url}${SCHEDULED}`), CRON_INTERVAL_MS).unref()
    void ended.then(() => clearInterval(cron))
    return { url, port: listening, pid: child.pid ?? 0, logs, kill }
  } catch (error) {
    await kill()
    throw error
  }
}

function flags(storage: string, port: number): string[] {
  const disks = DISKS.map((name) => {
    const path = join(storage, name)
    mkdirSync(path, { recursive: true })
    return `--directory-path=${name}=${path}`
  })
  // Experimental: a call of another Worker's scheduled handler, and objects on a disk of one's own.
  const address = `--socket-addr=${SOCKET}=127.0.0.1:${port}`
  return ['--experimental', `--control-fd=${CONTROL_FD}`, address, ...disks]
}

function keepLines(child: ChildProcess): () => string {
  const lines: string[] = []
  for (const input of [child.stdout, child.stderr]) {
    if (input === null) continue
    createInterface({ input }).on('line', (line) => {
      lines.push(line)
      if (lines.length > KEPT_LINES) lines.shift()
    })
  }
  return () => lines.join('\n')
}

function endOf(child: ChildProcess): { ended: Promise<void>; kill: () => Promise<void> } {
  // Not `exit`: its last words, which tell why, may come after that.
  const ended = once(child, 'close').then(() => undefined)
  const kill = async () => {
    const isUp = child.exitCode === null && child.signalCode === null
    if (isUp && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    await ended
  }
  return { ended, kill }
}

async function portOf(child: ChildProcess): Promise<number> {
  const input = child.stdio[CONTROL_FD] as Readable
  for await (const line of createInterface({ input })) {
    const { event, socket, port } = JSON.parse(line)
    if (event === 'listen' && socket === SOCKET) return port
  }
  // It ended without a word here, and `ended` says more.
  return await new Promise(() => undefined)
}

async function tooLate(logs: () => string): Promise<never> {
  await setTimeout(START_MS, undefined, { ref: false })
  throw new Error(`workerd did not start:\n${logs()}`)
}

async function discard(url: string): Promise<void> {
  await fetch(url).then(
    (answer) => answer.body?.cancel(),
    () => undefined,
  )
}
