/** Counts what the platform bills, where it happens: on the prototypes that every object of the isolate shares. */
import { runInDurableObject } from 'cloudflare:test'
import { exports } from 'cloudflare:workers'
import { vi } from 'vitest'
import { env, orderOf } from './world'

export const KINDS = ['record', 'alarm', 'sql'] as const
export type Kind = (typeof KINDS)[number]

const CLASSES = {
  ORDER: 'Order',
  WALLET: 'Wallet',
  MERCHANT: 'Merchant',
  BOOK: 'Book',
  RECONCILER: 'Reconciler',
} as const

export interface Row {
  readonly kind: Kind
  /** The key, or the beginning of the statement. */
  readonly of: string
}

/** As it goes on. */
export interface Rows {
  readonly rows: Row[]
  /** Rows that were read, by SQL and by key. */
  read: number
}

/** What is wrapped at the moment. */
const spies: { mockRestore(): void }[] = []

// biome-ignore lint/suspicious/noExplicitAny: a method of the runtime is wrapped without a word about its shape.
type Method = (this: unknown, ...args: any[]) => any

/** Every row that any object writes from here on; each alarm and each key-value pair is one. */
export async function countRows(): Promise<Rows> {
  const counted: Rows = { rows: [], read: 0 }
  await runInDurableObject(await orderOf('rows-probe'), (_, { storage }) => {
    const { kv, sql } = storage
    before(kv, 'put', ([key]) => counted.rows.push({ kind: 'record', of: String(key) }))
    before(kv, 'get', () => counted.read++)
    before(storage, 'setAlarm', ([at]) => counted.rows.push({ kind: 'alarm', of: String(at) }))
    wrap(
      sql,
      'exec',
      (exec) =>
        function (this: unknown, ...args) {
          const cursor = exec.apply(this, args)
          const statement = String(args[0]).trim()
          const note = () => {
            const row: Row = { kind: 'sql', of: statement.slice(0, 24) }
            for (let written = 0; written < cursor.rowsWritten; written++) counted.rows.push(row)
            counted.read += cursor.rowsRead
          }
          if (!/RETURNING|^SELECT/.test(statement)) note()
          else noteAfterReading(cursor, note)
          return cursor
        },
    )
  })
  return counted
}

/** A cursor knows what it cost when its rows were taken. */
function noteAfterReading(cursor: SqlStorageCursor<Record<string, SqlStorageValue>>, note: () => void): void {
  const { toArray } = cursor
  cursor.toArray = () => {
    const all = toArray.call(cursor)
    note()
    return all
  }
}

/** Calls of objects from here on, as `Class.method`, whoever makes them: each is a request. */
function countCalls(): string[] {
  const calls: string[] = []
  for (const [binding, className] of Object.entries(CLASSES)) {
    const namespace = env[binding as keyof typeof CLASSES]
    const get: Method = namespace.get.bind(namespace)
    const counted: Method = (...args) => counting(get(...args), className, calls)
    spies.push(vi.spyOn(namespace, 'get').mockImplementation(counted))
  }
  return calls
}

function counting(stub: DurableObjectStub, className: string, calls: string[]): DurableObjectStub {
  return new Proxy(stub, {
    get(target, property) {
      const value = Reflect.get(target, property, target)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        calls.push(`${className}.${String(property)}`)
        return Reflect.apply(value, target, args)
      }
    },
  })
}

/** Calls of one method of the runtime from here on. */
function countOf(of: object, method: string): { count: number } {
  const counted = { count: 0 }
  before(of, method, () => counted.count++)
  return counted
}

function before(of: object, method: string, note: (args: unknown[]) => void): void {
  wrap(
    of,
    method,
    (original) =>
      function (this: unknown, ...args) {
        note(args)
        return original.apply(this, args)
      },
  )
}

function wrap(of: object, method: string, around: (original: Method) => Method): void {
  const prototype = Object.getPrototypeOf(of)
  const original: Method = prototype[method]
  spies.push(vi.spyOn(prototype, method).mockImplementation(around(original)))
}

export interface Bill {
  readonly workerRequests: number
  /** By `Class.method`. */
  readonly calls: Readonly<Record<string, number>>
  readonly rowsWritten: Readonly<Record<string, number>>
  readonly rowsRead: number
  readonly kvReads: number
  readonly kvLists: number
  readonly logLines: number
  readonly dataPoints: number
}

/** Counts all of it, until the answer is called. */
export async function startBill(): Promise<() => Bill> {
  const counted = await countRows()
  const workerRequests = countOf(exports.default, 'fetch')
  const kvReads = countOf(env.KEYS, 'get')
  const kvLists = countOf(env.KEYS, 'list')
  const dataPoints = countOf(env.METRICS, 'writeDataPoint')
  const logLines = [vi.spyOn(console, 'log'), vi.spyOn(console, 'error')]
  const calls = countCalls()
  return () => {
    // What the test's own tools are given must be stubs again.
    for (const spy of spies.splice(0)) spy.mockRestore()
    return {
      workerRequests: workerRequests.count,
      calls: tally(calls),
      rowsWritten: tally(counted.rows.map(({ kind }) => kind)),
      rowsRead: counted.read,
      kvReads: kvReads.count,
      kvLists: kvLists.count,
      logLines: logLines.reduce((sum, { mock }) => sum + mock.calls.length, 0),
      dataPoints: dataPoints.count,
    }
  }
}

function tally(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
