/**
 * A Durable Object's storage as one instance sees it. Writes without an await between them become durable
 * together, a little later; whatever the instance says after them leaves only then (the output gate).
 */
import type { Kernel, Life } from './kernel'
import type { Database } from './sql'

/** What is durable of an object. */
export interface Disk {
  readonly kv: Map<string, unknown>
  /** Unix ms by the clock that programs read; null when none is set. */
  alarm: number | null
  /** True time of what the object took for its time, for those who judge it at the end. */
  readonly trueTimes: Map<number, number>
}

export type Write =
  | { readonly kind: 'put'; readonly key: string; readonly value: unknown }
  | { readonly kind: 'delete'; readonly key: string }
  | { readonly kind: 'clear' }
  | { readonly kind: 'alarm'; readonly at: number | null; readonly isAhead: boolean }

interface Group {
  readonly writes: Write[]
  isOpen: boolean
  isUnderWay: boolean
}

type Queued = Group | (() => void)

/** Most objects never open one. */
export interface Databases {
  readonly opened: Database | null
  open(): Database
}

export interface Committing {
  /** How long the next commit takes. */
  commitMs(): number
  /** Makes the group durable, or crashes the instance before or after it: then nothing more leaves. */
  commit(writes: readonly Write[]): void
}

export class Storage {
  readonly #kernel: Kernel
  readonly #life: Life
  readonly #committing: Committing
  readonly #database: Databases
  readonly #values: Map<string, unknown>
  #alarm: number | null
  /** Groups of writes and what waits for them, in the order in which they were made. */
  readonly #queue: Queued[] = []

  constructor(kernel: Kernel, life: Life, disk: Disk, committing: Committing, database: Databases) {
    this.#kernel = kernel
    this.#life = life
    this.#committing = committing
    this.#database = database
    this.#values = new Map(disk.kv)
    this.#alarm = disk.alarm
  }

  readonly kv = {
    get: (key: string): unknown => copyOf(this.#values.get(key)),
    put: (key: string, value: unknown): void => {
      const kept = copyOf(value)
      this.#values.set(key, kept)
      this.#write({ kind: 'put', key, value: kept })
    },
    delete: (key: string): boolean => {
      this.#write({ kind: 'delete', key })
      return this.#values.delete(key)
    },
    list: ({ prefix = '' }: { prefix?: string } = {}): Iterable<[string, unknown]> => {
      const found = Array.from(this.#values).filter(([key]) => key.startsWith(prefix))
      return found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => [key, copyOf(value)])
    },
  }

  get sql(): Database {
    return this.#database.open()
  }

  transactionSync<T>(work: () => T): T {
    const before = {
      values: new Map(this.#values),
      alarm: this.#alarm,
      writes: this.#openGroup()?.writes.length ?? 0,
    }
    try {
      const { opened } = this.#database
      return opened === null ? work() : opened.transaction(work)
    } catch (error) {
      this.#values.clear()
      for (const [key, value] of before.values) this.#values.set(key, value)
      this.#alarm = before.alarm
      this.#openGroup()?.writes.splice(before.writes)
      throw error
    }
  }

  setAlarm(at: number): Promise<void> {
    this.#alarm = at
    this.#write({ kind: 'alarm', at, isAhead: at > this.#kernel.wallNow })
    return Promise.resolve()
  }

  getAlarm(): Promise<number | null> {
    return Promise.resolve(this.#alarm)
  }

  deleteAlarm(): Promise<void> {
    this.#alarm = null
    this.#write({ kind: 'alarm', at: null, isAhead: false })
    return Promise.resolve()
  }

  /** The alarm goes too. */
  deleteAll(): Promise<void> {
    this.#values.clear()
    this.#alarm = null
    this.#write({ kind: 'clear' })
    return Promise.resolve()
  }

  /** The platform took it for a run of the handler, or put it back for another try. */
  alarmIs(at: number | null): void {
    this.#alarm = at
  }

  /** `leave` once everything written so far is durable. */
  send(leave: () => void): void {
    if (!this.#life.alive) return
    if (this.#queue.length === 0) leave()
    else this.#queue.push(leave)
  }

  #openGroup(): Group | undefined {
    const last = this.#queue.at(-1)
    return last !== undefined && typeof last !== 'function' && last.isOpen ? last : undefined
  }

  #write(write: Write): void {
    if (!this.#life.alive) return
    const open = this.#openGroup()
    if (open !== undefined) {
      open.writes.push(write)
      return
    }
    const group: Group = { writes: [write], isOpen: true, isUnderWay: false }
    this.#queue.push(group)
    // Runs where the writing code awaits something for the first time.
    queueMicrotask(() => {
      group.isOpen = false
      this.#goOn()
    })
  }

  #goOn(): void {
    for (let head = this.#queue[0]; head !== undefined; head = this.#queue[0]) {
      if (typeof head !== 'function') {
        if (!head.isOpen && !head.isUnderWay) this.#commitLater(head)
        return
      }
      this.#queue.shift()
      head()
      if (!this.#life.alive) return
    }
  }

  #commitLater(group: Group): void {
    group.isUnderWay = true
    this.#kernel.after(this.#committing.commitMs(), this.#life, () => {
      this.#committing.commit(group.writes)
      if (!this.#life.alive) return
      this.#queue.shift()
      this.#goOn()
    })
  }

  /** For the object's host. */
  static apply(disk: Disk, writes: readonly Write[]): void {
    for (const write of writes) {
      switch (write.kind) {
        case 'put':
          disk.kv.set(write.key, write.value)
          break
        case 'delete':
          disk.kv.delete(write.key)
          break
        case 'clear':
          disk.kv.clear()
          disk.alarm = null
          break
        case 'alarm':
          disk.alarm = write.at
          break
      }
    }
  }
}

/** Plain data, as the platform would store it; several times faster than `structuredClone`. */
function copyOf(value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') throw new Error('this cannot be stored')
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(copyOf)
  const copy: Record<string, unknown> = {}
  for (const [name, inner] of Object.entries(value)) copy[name] = copyOf(inner)
  return copy
}
