/** The Workers platform of one world: object namespaces, ids, calls between objects, outages, the network. */
import { hash } from 'node:crypto'
import type { Env } from '../../src/env'
import type { Dice } from './dice'
import type { Faults } from './faults'
import { type Call, Host, type MakeInstance, ObjectLife } from './host'
import type { Kernel, Life } from './kernel'
import type { Network } from './network'
import type { Disk } from './storage'
import type { Trace } from './trace'

export type ClassName = 'ORDER' | 'WALLET' | 'MERCHANT' | 'BOOK' | 'RECONCILER'

/** A class of the gateway: `class X extends DurableObject<Env>`. */
export type ObjectClass = new (ctx: DurableObjectState, env: Env) => object

/** The key under which the world's own faults are counted, and whatever concerns no single order. */
export const WORLD = 65_000
/** The first merchant's; the others follow. */
export const MERCHANTS = 65_001

export class Platform {
  readonly kernel: Kernel
  readonly dice: Dice
  readonly faults: Faults
  readonly trace: Trace
  readonly network: Network
  /** Until then nothing runs and no alarm fires. */
  downUntil = 0
  readonly #classes: Readonly<Record<ClassName, ObjectClass>>
  readonly #hosts = new Map<string, Host>()
  readonly #ids = new Map<string, string>()
  readonly #nameOf = new Map<string, string>()
  readonly #keys = new Map<string, number>()
  /** What the edge reads: names of merchants. */
  readonly #names = new Map<string, unknown>()

  constructor(
    parts: { kernel: Kernel; dice: Dice; faults: Faults; trace: Trace; network: Network },
    classes: Readonly<Record<ClassName, ObjectClass>>,
  ) {
    this.kernel = parts.kernel
    this.dice = parts.dice
    this.faults = parts.faults
    this.trace = parts.trace
    this.network = parts.network
    this.#classes = classes
  }

  get isDown(): boolean {
    return this.kernel.now < this.downUntil
  }

  get hosts(): Iterable<Host> {
    return this.#hosts.values()
  }

  /** Whose faults an object's are; by name, before it is called for the first time. */
  know(className: ClassName, name: string, key: number): void {
    this.#keys.set(`${className}:${name}`, key)
  }

  hostOf(className: ClassName, name: string): Host | undefined {
    return this.#hosts.get(this.#idFromName(className, name))
  }

  disksOf(className: ClassName): Disk[] {
    return Array.from(this.#hosts.values())
      .filter((host) => host.className === className)
      .map(({ disk }) => disk)
  }

  /** Whether the watchdog has a time for it. Only orders have a watchdog. */
  isBooked(host: Host): boolean {
    const merchantId = host.name?.split(':')[0] ?? ''
    return host.className === 'ORDER' && (this.hostOf('BOOK', merchantId)?.knowsTimeOf(host.id) ?? false)
  }

  goDown(forMs: number): void {
    this.downUntil = this.kernel.now + forMs
    for (const host of this.#hosts.values()) host.crash()
  }

  setClock(aheadMs: number): void {
    this.kernel.skewMs = aheadMs
    for (const host of this.#hosts.values()) if (!host.alarm.isHandling) host.alarm.rearm()
  }

  close(): void {
    for (const host of this.#hosts.values()) host.close()
  }

  /** The bindings as one caller has them: an object's instance, or the edge. */
  envOf(from: Life): Env {
    const namespace = (className: ClassName) => ({
      idFromName: (name: string) => ({ name, toString: () => this.#idFromName(className, name) }),
      idFromString: (id: string) => ({ toString: () => id }),
      get: (id: { name?: string; toString(): string }) => this.#stub(className, id.toString(), from),
    })
    const env = {
      ORDER: namespace('ORDER'),
      WALLET: namespace('WALLET'),
      MERCHANT: namespace('MERCHANT'),
      BOOK: namespace('BOOK'),
      RECONCILER: namespace('RECONCILER'),
      KEYS: {
        put: (name: string, _value: string, { metadata }: { metadata: unknown }) => {
          this.#names.set(name, metadata)
          return Promise.resolve()
        },
        list: () =>
          Promise.resolve({
            keys: Array.from(this.#names, ([name, metadata]) => ({ name, metadata })),
            list_complete: true,
          }),
      },
      // Nothing may depend on them.
      METRICS: {
        writeDataPoint: () => {
          throw new Error('no metrics here')
        },
      },
      ONECLICK_BASE_URL: 'https://provider.simulated',
      ONECLICK_ACCESS_TOKEN: 'simulated-access-token',
      DNS_URL: 'https://dns.simulated/dns-query',
      MASTER_KEY: 'simulated-master-key',
    }
    return env as unknown as Env // the edge of the model: only what the classes use is there
  }

  /** A request to the world outside, once all that was written before is durable. */
  fetch(from: Life, leave: (key: number) => void, key: number): void {
    const go = () => {
      leave(key)
      this.#maybeCrashAfterCall(from, key)
    }
    if (from instanceof ObjectLife) from.storage.send(go)
    else go()
  }

  #stub(className: ClassName, id: string, from: Life): object {
    const call = (method: string, values: readonly unknown[]) =>
      new Promise((resolve, reject) => this.#call(className, id, { method, values, from, resolve, reject }))
    return new Proxy(
      { id: { toString: () => id } },
      { get: (own, method) => Reflect.get(own, method) ?? stubMethod(String(method), call) },
    )
  }

  #call(className: ClassName, id: string, wanted: Omit<Call, 'key'>): void {
    const { kernel, dice, faults } = this
    const { from } = wanted
    const host = this.#host(className, id)
    const key = subject(host, from)
    const go = () => {
      const slow = faults.strikes('call_slow', key)
      const onItsWay = slow ? dice.between(key, 'call_slow', 500, 15_000) : dice.between(key, 'call', 1, 6)
      kernel.after(onItsWay, null, () => host.deliver({ ...wanted, key }))
      this.#maybeCrashAfterCall(from, key)
    }
    if (from instanceof ObjectLife) from.storage.send(go)
    else go()
  }

  #maybeCrashAfterCall(from: Life, key: number): void {
    if (from instanceof ObjectLife && this.faults.strikes('crash_after_call', key)) from.host.crash()
  }

  #host(className: ClassName, id: string): Host {
    const known = this.#hosts.get(id)
    if (known !== undefined) return known
    const name = this.#nameOf.get(id)
    const key = this.#keys.get(`${className}:${name}`) ?? WORLD
    const label = className === 'ORDER' ? `order ${key}` : `${className.toLowerCase()} ${name}`
    const host = new Host(this, this.#maker(className), { id, name, className, label, key })
    this.#hosts.set(id, host)
    return host
  }

  #maker(className: ClassName): MakeInstance {
    return (storage, host, life) => {
      const ctx = {
        id: { name: host.name, toString: () => host.id },
        storage,
        waitUntil: (work: Promise<unknown>) => {
          life.background++
          const ended = () => {
            life.background--
            host.evictIfIdle(life)
          }
          work.then(ended, (error: unknown) => {
            this.trace(host.key, () => `${host.label}: background work throws: ${String(error)}`)
            ended()
          })
        },
      }
      const instance = new this.#classes[className](ctx as unknown as DurableObjectState, this.envOf(life))
      return instance as ReturnType<MakeInstance> // the edge of the model: called by method name, as RPC does
    }
  }

  #idFromName(className: ClassName, name: string): string {
    const full = `${className}:${name}`
    const known = this.#ids.get(full)
    if (known !== undefined) return known
    const id = hash('sha256', full)
    this.#ids.set(full, id)
    this.#nameOf.set(id, name)
    return id
  }
}

/** The runtime's own handlers: it lets no caller reach a method of such a name. */
const RESERVED = new Set([
  ...[
    'fetch',
    'connect',
    'alarm',
    'webSocketMessage',
    'webSocketClose',
    'webSocketError',
    'constructor',
    'dup',
  ],
  ...['scheduled', 'queue', 'tail', 'tailStream', 'trace', 'test', 'email'],
])

function stubMethod(method: string, call: (method: string, values: readonly unknown[]) => Promise<unknown>) {
  if (RESERVED.has(method)) {
    return () => Promise.reject(new TypeError(`The RPC receiver does not implement the method "${method}".`))
  }
  return (...values: readonly unknown[]) => call(method, values)
}

/** The order that a call is about, where there is one. */
function subject(host: Host, from: Life): number {
  if (host.key < WORLD) return host.key
  if (from instanceof ObjectLife && from.key < WORLD) return from.key
  return host.key
}
