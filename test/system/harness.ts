import { createTestHarness, type WorkerHandle } from 'wrangler'
import { atEnd, onFailure } from './cleanup'

/** The seeded demo merchant of a local gateway, and its operator. */
export const DEMO_KEY = 'rsd_test_demo'
export const DEMO_LIVE_KEY = 'rsd_live_demo'
export const ADMIN_TOKEN = 'local-admin'

const SECRETS = {
  ADMIN_TOKEN,
  ONECLICK_ACCESS_TOKEN: 'local-access-token',
  MASTER_KEY: 'local-master-key',
}

export interface GatewayOptions {
  /** Variables of the Worker, e.g. `{ ONECLICK_BASE_URL: provider.url }`. */
  readonly vars?: Readonly<Record<string, string>>
  /** Another configuration than the project's own, e.g. one with lower limits. */
  readonly config?: string
}

export interface CallOptions {
  readonly key?: string
  /** Sent as JSON; a string is sent as it is. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The parsed body, null when it is not JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read deep into answers; the assertion is the type check.
  readonly json: any
}

export type ObjectClass = 'Order' | 'Wallet' | 'Merchant' | 'Book' | 'SandboxAccount' | 'Reconciler'

export interface Gateway {
  /** Without a trailing slash; reachable by browsers and other processes too. */
  readonly url: string
  /** The escape hatch: storage of an object, bindings (see wrangler's `createTestHarness`). */
  readonly worker: WorkerHandle
  /** Redirects are not followed: they are an answer to look at. */
  fetch(path: string, init?: RequestInit): Promise<Response>
  call(method: string, path: string, options?: CallOptions): Promise<Answer>
  /** Runs the scheduled handler, as the platform does every minute; what it plans by the clock, as of `at`. */
  cron(at?: Date): Promise<void>
  /** Throws an object out of memory, as the platform may at any time; its storage stays. */
  evict(objectClass: ObjectClass, name: string): Promise<void>
  /** Only to end it early: every gateway is closed after its file. */
  close(): Promise<void>
}

/** A whole gateway of its own, with empty storage: real alarms, real HTTP in and out. Takes about 2 s. */
export async function startGateway({
  vars = {},
  config = './wrangler.toml',
}: GatewayOptions = {}): Promise<Gateway> {
  const secrets: Record<string, string> = { ...SECRETS }
  const variables: Record<string, string> = { LOCAL: 'true' }
  for (const [name, value] of Object.entries(vars)) (name in SECRETS ? secrets : variables)[name] = value

  const server = createTestHarness({ workers: [{ configPath: config, vars: variables, secrets }] })
  const { url } = await server.listen()
  const worker = server.getWorker()
  const base = url.origin
  let closed: Promise<void> | null = null

  const gateway: Gateway = {
    ...reach(base),
    worker,
    async cron(scheduledTime = new Date()) {
      const { outcome } = await worker.scheduled({ cron: '* * * * *', scheduledTime })
      if (outcome !== 'ok') throw new Error(`The scheduled handler ended with "${outcome}".`)
    },
    evict: (objectClass, name) => worker.evictDurableObject(objectClass, { name }),
    async close() {
      closed ??= server.close()
      await closed
    },
  }
  atEnd(gateway.close)
  onFailure(() => {
    if (closed === null) server.debug()
  })
  return gateway
}

/** Over HTTP, as its merchants reach it. */
export type Reachable = Pick<Gateway, 'url' | 'fetch' | 'call'>

/** Any running gateway by its address. */
export function reach(url: string): Reachable {
  const reached: Reachable = {
    url,
    fetch: (path, init) => fetch(new URL(path, url), { redirect: 'manual', ...init }),
    async call(method, path, { key, body, headers } = {}) {
      const answer = await reached.fetch(path, {
        method,
        headers: {
          ...(key === undefined ? {} : { 'X-Access-Token': key }),
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await answer.text()
      return { status: answer.status, headers: answer.headers, text, json: parsed(text) }
    },
  }
  return reached
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** Asks until `probe` gives something other than null, undefined or false; for what has no callback. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | null | undefined | false> | T | null | undefined | false,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const found = await probe()
    if (found !== null && found !== undefined && found !== false) return found
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs} ms in vain for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
