/**
 * An object's SQL, in memory. It is durable at once: an instance that dies before its write is durable has
 * told nobody of it, so that is the same as a call that never reached it, which the simulation plays too.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'

export class Database {
  /** Set by every write; whoever watches for changes takes it back. */
  isChanged = false
  /** Nothing was ever written: there are no tables. */
  isEmpty = true
  readonly #sqlite = new DatabaseSync(':memory:')
  readonly #statements = new Map<string, StatementSync>()
  #isInTransaction = false

  exec(query: string, ...values: SQLInputValue[]): Cursor {
    const isRead = query.trimStart().startsWith('SELECT')
    if (!isRead) {
      this.isChanged = true
      this.isEmpty = false
    }
    if (values.length === 0 && !isRead) {
      this.#sqlite.exec(query)
      return new Cursor([])
    }
    const rows = this.#statement(query).all(...values)
    return new Cursor(rows)
  }

  transaction<T>(work: () => T): T {
    if (this.#isInTransaction) return work()
    this.#isInTransaction = true
    this.#sqlite.exec('BEGIN')
    try {
      const result = work()
      this.#sqlite.exec('COMMIT')
      return result
    } catch (error) {
      this.#sqlite.exec('ROLLBACK')
      throw error
    } finally {
      this.#isInTransaction = false
    }
  }

  close(): void {
    this.#statements.clear()
    this.#sqlite.close()
  }

  #statement(query: string): StatementSync {
    const known = this.#statements.get(query)
    if (known !== undefined) return known
    const statement = this.#sqlite.prepare(query)
    this.#statements.set(query, statement)
    return statement
  }
}

class Cursor {
  readonly #rows: unknown[]

  constructor(rows: unknown[]) {
    this.#rows = rows
  }

  toArray(): unknown[] {
    return this.#rows
  }

  one(): unknown {
    if (this.#rows.length !== 1) throw new Error(`one row was expected, not ${this.#rows.length}`)
    return this.#rows[0]
  }

  [Symbol.iterator](): Iterator<unknown> {
    return this.#rows.values()
  }
}
