/**
 * One Durable Object on the platform: what is durable of it, its instance while it has one, the calls that
 * wait for it, and its alarm. Everything that a platform may do to an object is done here.
 */
import { Alarm } from './alarm'
import type { Life } from './kernel'
import type { Platform } from './platform'
import { Database } from './sql'
import { type Disk, Storage, type Write } from './storage'

export interface Call {
  /** Whom it concerns: faults are counted by it. */
  readonly key: number
  readonly method: string
  readonly values: readonly unknown[]
  readonly from: Life
  resolve(value: unknown): void
  reject(error: Error): void
}

export type Instance = Readonly<Record<string, (...values: readonly unknown[]) => unknown>>

export type MakeInstance = (storage: Storage, host: Host, life: ObjectLife) => Instance

export class ObjectLife implements Life {
  readonly name: string
  readonly key: number
  readonly host: Host
  alive = true
  readonly storage: Storage
  readonly calls = new Set<Call>()
  /** Work that goes on after the answers. */
  background = 0

  constructor(host: Host, makeStorage: (life: Life) => Storage) {
    this.host = host
    this.name = host.label
    this.key = host.key
    this.storage = makeStorage(this)
  }
}

interface Identity {
  readonly id: string
  readonly name: string | undefined
  readonly className: string
  readonly label: string
  readonly key: number
}

export class Host {
  readonly id: string
  readonly className: string
  readonly name: string | undefined
  /** For traces. */
  readonly label: string
  readonly key: number
  readonly disk: Disk = { kv: new Map(), alarm: null, trueTimes: new Map() }
  readonly databases = {
    opened: null as Database | null,
    open(): Database {
      this.opened ??= new Database()
      return this.opened
    },
  }
  readonly alarm: Alarm
  readonly #platform: Platform
  readonly #make: MakeInstance
  #running: { life: ObjectLife; instance: Instance } | null = null
  #earliestDue = Number.POSITIVE_INFINITY

  constructor(platform: Platform, make: MakeInstance, identity: Identity) {
    this.#platform = platform
    this.#make = make
    this.id = identity.id
    this.name = identity.name
    this.className = identity.className
    this.label = identity.label
    this.key = identity.key
    this.alarm = new Alarm(platform, this)
  }

  /** The instance in memory, if there is one. */
  get life(): ObjectLife | null {
    return this.#running?.life ?? null
  }

  /** The call has arrived. */
  deliver(call: Call): void {
    const { faults, kernel } = this.#platform
    const lost = this.#platform.isDown || faults.strikes('call_lost', call.key)
    if (lost) {
      this.#fail(call, 'the call was lost')
      return
    }
    if (faults.strikes('crash_before_call', call.key)) this.crash()
    const { life, instance } = this.wake()
    kernel.current = life
    life.calls.add(call)
    this.#platform.trace(call.key, () => `${call.from.name} -> ${this.label}.${call.method}`)
    let result: unknown
    try {
      result = instance[call.method]?.(...call.values)
    } catch (error) {
      result = Promise.reject(error)
    }
    void Promise.resolve(result).then(
      (value) => this.#answer(life, call, () => call.resolve(value)),
      (error: unknown) => this.#answer(life, call, () => call.reject(asError(error))),
    )
  }

  /** What is in memory is gone; calls under way end with an error, what was committed stays. */
  crash(): void {
    const running = this.#running
    if (running === null) return
    this.#running = null
    running.life.alive = false
    this.#platform.trace(running.life.key, () => `${this.label} is gone`)
    for (const call of running.life.calls) this.#fail(call, 'the object crashed')
    this.alarm.crashed()
  }

  /** Of a book: when the first of its orders is due; infinite when none is. */
  earliestDue(): number {
    const { opened } = this.databases
    if (opened?.isChanged) {
      opened.isChanged = false
      const [row] = opened.exec('SELECT MIN(due_at) AS due FROM orders').toArray()
      const due = typeof row === 'object' && row !== null && 'due' in row ? row.due : null
      this.#earliestDue = typeof due === 'number' ? due : Number.POSITIVE_INFINITY
    }
    return this.#earliestDue
  }

  /** Of a book: whether it knows a time for the order, so that its watchdog will miss it. */
  knowsTimeOf(objectId: string): boolean {
    const query = 'SELECT 1 FROM orders WHERE object_id = ?1 AND due_at IS NOT NULL'
    const { opened } = this.databases
    return opened?.isEmpty === false && opened.exec(query, objectId).toArray().length > 0
  }

  close(): void {
    this.databases.opened?.close()
  }

  /** The instance, made anew where there is none. */
  wake(): { life: ObjectLife; instance: Instance } {
    if (this.#running !== null) return this.#running
    const { kernel, faults, dice } = this.#platform
    const life: ObjectLife = new ObjectLife(this, (own) => {
      const committing = {
        commitMs: () =>
          faults.strikes('commit_slow', this.key)
            ? dice.between(this.key, 'commit_slow', 100, 5_000)
            : dice.between(this.key, 'commit', 1, 4),
        commit: (writes: readonly Write[]) => this.#commit(writes),
      }
      return new Storage(kernel, own, this.disk, committing, this.databases)
    })
    kernel.current = life
    this.#running = { life, instance: this.#make(life.storage, this, life) }
    return this.#running
  }

  #commit(writes: readonly Write[]): void {
    const { faults } = this.#platform
    if (faults.strikes('crash_before_commit', this.key)) {
      this.crash()
      return
    }
    Storage.apply(this.disk, writes)
    for (const write of writes) if (write.kind === 'put') this.#noteTimes(write.value)
    this.#platform.trace(this.key, () => `${this.label} commits ${writes.map(inWords).join(', ')}`)
    this.alarm.committed(writes)
    if (faults.strikes('crash_after_commit', this.key)) this.crash()
  }

  #noteTimes(value: unknown): void {
    if (typeof value !== 'object' || value === null) return
    const { trueTimes } = this.disk
    for (const name of ['createdAt', 'settledAt']) {
      const time: unknown = Reflect.get(value, name)
      if (typeof time === 'number' && !trueTimes.has(time)) trueTimes.set(time, this.#platform.kernel.now)
    }
  }

  #answer(life: ObjectLife, call: Call, settle: () => void): void {
    if (!life.alive) return
    life.storage.send(() => {
      const { faults, kernel, dice } = this.#platform
      if (faults.strikes('crash_before_reply', call.key)) {
        this.crash()
        return
      }
      life.calls.delete(call)
      if (faults.strikes('reply_lost', call.key)) this.#fail(call, 'the reply was lost')
      else kernel.after(dice.between(call.key, 'reply', 1, 6), call.from, settle)
      this.evictIfIdle(life)
    })
  }

  evictIfIdle(life: ObjectLife): void {
    if (life.calls.size > 0 || life.background > 0 || this.alarm.isHandling || !life.alive) return
    if (this.#platform.faults.strikes('eviction', this.key)) this.crash()
  }

  #fail(call: Call, why: string): void {
    const { kernel, dice } = this.#platform
    this.#platform.trace(call.key, () => `${this.label}.${call.method} fails: ${why}`)
    kernel.after(dice.between(call.key, 'failure', 1, 30), call.from, () => call.reject(new Error(why)))
  }
}

function inWords(write: Write): string {
  switch (write.kind) {
    case 'put':
      return write.key
    case 'delete':
      return `no ${write.key}`
    case 'clear':
      return 'nothing more'
    case 'alarm':
      return write.at === null ? 'no alarm' : `alarm ${new Date(write.at).toISOString()}`
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
