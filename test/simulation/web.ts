/**
 * Light stand-ins for the globals of the runtime, as far as the gateway's objects use them. The real ones of
 * Node run on real time and real threads, so no run would be like another.
 */
import { hash } from 'node:crypto'
import type { Kernel, Pending } from './kernel'
import { type Asked, carry, type Reply } from './network'
import { type Platform, WORLD } from './platform'

/** The world whose objects run now; one at a time in a process. */
let platform: Platform | null = null

export function inhabit(next: Platform | null): void {
  platform = next
}

function here(): Platform {
  if (platform === null) throw new Error('code of the gateway runs outside of every world')
  return platform
}

function kernelHere(): Kernel {
  return here().kernel
}

class SimSignal {
  aborted = false
  readonly #listeners: (() => void)[] = []

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.push(listener)
  }

  abort(): void {
    if (this.aborted) return
    this.aborted = true
    for (const listener of this.#listeners) listener()
  }

  static timeout(ms: number): SimSignal {
    const signal = new SimSignal()
    const kernel = kernelHere()
    kernel.after(ms, kernel.current, () => signal.abort())
    return signal
  }
}

class SimController {
  readonly signal = new SimSignal()

  abort(): void {
    this.signal.abort()
  }
}

class SimHeaders {
  readonly kept = new Map<string, string>()

  constructor(initial: Readonly<Record<string, string>> = {}) {
    for (const [name, value] of Object.entries(initial)) this.set(name, value)
  }

  get(name: string): string | null {
    return this.kept.get(name.toLowerCase()) ?? null
  }

  set(name: string, value: string): void {
    this.kept.set(name.toLowerCase(), value)
  }
}

interface Init {
  readonly method: string
  readonly headers: SimHeaders | Readonly<Record<string, string>>
  readonly body?: string
  readonly signal: SimSignal
}

class SimRequest {
  readonly url: string
  readonly init: Init

  constructor(url: string, init: Init) {
    this.url = url
    this.init = init
  }
}

const encoder = new TextEncoder()

/** One chunk, and then the end or none. */
class SimBody {
  readonly #reply: Reply & { kind: 'answer' }
  #isRead = false

  constructor(reply: Reply & { kind: 'answer' }) {
    this.#reply = reply
  }

  getReader() {
    return { read: () => this.next(), cancel: () => Promise.resolve() }
  }

  [Symbol.asyncIterator]() {
    return this
  }

  next(): Promise<{ done: boolean; value: Uint8Array | undefined }> {
    const { body, isCut = false } = this.#reply
    if (!this.#isRead) {
      this.#isRead = true
      const sent = isCut ? body.slice(0, body.length >> 1) : body
      return Promise.resolve({ done: false, value: encoder.encode(sent) })
    }
    if (isCut) return Promise.reject(new Error('the connection ended in the middle of the answer'))
    return Promise.resolve({ done: true, value: undefined })
  }
}

function simFetch(target: SimRequest | string, direct?: Init): Promise<unknown> {
  const { url, init } = target instanceof SimRequest ? target : { url: target, init: direct }
  const { kernel, network } = here()
  const from = kernel.current
  if (init === undefined || from === null) return Promise.reject(new Error('a request of nobody'))
  const headers = init.headers instanceof SimHeaders ? init.headers : new SimHeaders(init.headers)
  const asked: Asked = {
    method: init.method,
    url: new URL(url),
    body: init.body ?? '',
    headers: headers.kept,
  }
  const server = network.serverOf(asked.url.hostname)
  const key = server.keyOf(asked)
  return new Promise((resolve, reject) => {
    init.signal.addEventListener('abort', () => reject(new Error('aborted')))
    here().fetch(
      from,
      () => {
        carry(
          kernel,
          from,
          { server, asked, key },
          {
            answered: (reply) =>
              resolve({
                status: reply.status,
                headers: new SimHeaders(reply.headers),
                body: new SimBody(reply),
              }),
            failed: () => reject(new Error('connection reset')),
          },
        )
      },
      key,
    )
  })
}

function wait(ms: number, { signal }: { signal?: SimSignal } = {}): Promise<void> {
  const kernel = kernelHere()
  return new Promise((resolve, reject) => {
    const timer = kernel.after(ms, kernel.current, resolve)
    signal?.addEventListener('abort', () => {
      timer.cancelled = true
      reject(new Error('aborted'))
    })
  })
}

/** Random bytes follow from the world's seed and whose code asks. */
function getRandomValues(bytes: Uint8Array): Uint8Array {
  const { dice, kernel } = here()
  const key = keyOfLife(kernel.current)
  for (let at = 0; at < bytes.length; at++) bytes[at] = Math.floor(dice.unit(key, 'bytes') * 256)
  return bytes
}

function keyOfLife(life: unknown): number {
  return typeof life === 'object' && life !== null && 'key' in life && typeof life.key === 'number'
    ? life.key
    : WORLD
}

/** Hashes are real; signatures and keys are empty forms of the right size, since nobody checks them here. */
const subtle = {
  digest: (_algorithm: string, bytes: Uint8Array) =>
    Promise.resolve(new Uint8Array(hash('sha256', bytes, 'buffer')).buffer),
  importKey: () => Promise.resolve({}),
  sign: () => Promise.resolve(new ArrayBuffer(32)),
  deriveKey: () => Promise.resolve({}),
  encrypt: (_algorithm: object, _key: object, bytes: Uint8Array) => Promise.resolve(bytes),
  decrypt: (_algorithm: object, _key: object, bytes: Uint8Array) => Promise.resolve(bytes),
  generateKey: () => Promise.resolve({ privateKey: {}, publicKey: {} }),
  exportKey: (form: string) => Promise.resolve(new ArrayBuffer(form === 'pkcs8' ? 48 : 32)),
}

/** The gateway's own log lines become part of the trace. */
function logged(line: unknown): void {
  const { trace, kernel } = here()
  trace(keyOfLife(kernel.current), () => `log ${String(line)}`)
}

/** For the rest of this process. Nothing of the gateway may have run before. */
export function replaceGlobals(): void {
  const globals = {
    AbortController: SimController,
    AbortSignal: SimSignal,
    Headers: SimHeaders,
    Request: SimRequest,
    fetch: simFetch,
    scheduler: { wait },
    setTimeout: (run: () => void, ms = 0) => kernelHere().after(ms, kernelHere().current, run),
    clearTimeout: (timer: Pending | null | undefined) => {
      if (timer) timer.cancelled = true
    },
    crypto: { getRandomValues, subtle },
    console: { ...console, log: logged, error: logged },
  }
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
  }
  Date.now = () => kernelHere().wallNow
  Math.random = () => here().dice.unit(keyOfLife(kernelHere().current), 'random')
}
