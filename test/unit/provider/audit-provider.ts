/** An account under audit, step by step: a statement, order objects, and what was told. */
import { Audit, type AuditPorts } from '../../../src/provider/audit'
import type { ReadOutcome } from '../../../src/provider/classify'
import type { Ownership } from '../../../src/provider/explain'
import type { Incident } from '../../../src/provider/incident'
import type { Movement } from '../../../src/provider/movement'
import { NOON, wireRow } from './statement-rows'

const NOT_FOUND: ReadOutcome = {
  kind: 'refused',
  refusal: { httpStatus: 404, code: 'NOT_FOUND', message: '', detailsJson: null, retryAfterSeconds: null },
}
export const NO_ANSWER: ReadOutcome = { kind: 'no_answer', reason: 'timeout' }

/** All fields are the test's to set. */
export class AuditedAccount {
  /** Milliseconds after noon, the provider's clock and ours. */
  after = 0
  rows: Movement[] = []
  /** What the provider shows for a top-up; null: a top-up without a ref. */
  readonly refs = new Map<string, string | null>()
  readonly owners = new Map<string, Ownership>()
  readonly known = new Set<string>()
  lastSendAt: number | null = null
  hasDoubt = false
  isAnswering = true
  saved: unknown = null
  readonly told: Incident[] = []
  readonly paths: string[] = []
  /** Answers a read in the provider's place. */
  answer: (path: string) => ReadOutcome | null = () => null
  tellFails = false

  audit(): Audit {
    return new Audit(this.#ports())
  }

  /** `count` reads of this kind were made. */
  reads(kind: 'transactions' | 'list' | 'check-id'): number {
    return this.paths.filter((path) => path.includes(`/${kind}`)).length
  }

  #ports(): AuditPorts {
    return {
      now: () => NOON + this.after,
      isOurs: (topupId) => this.known.has(topupId),
      hasDoubt: () => this.hasDoubt,
      isAnswering: () => this.isAnswering,
      lastSendAt: () => (this.lastSendAt === null ? null : NOON + this.lastSendAt),
      owner: (_, ref) => Promise.resolve(this.owners.get(ref) ?? 'foreign'),
      load: () => Promise.resolve(this.saved),
      save: (state) => {
        this.saved = structuredClone(state)
        return Promise.resolve()
      },
      tell: (incident) => {
        if (this.tellFails) return Promise.reject(new Error('nobody there'))
        this.told.push(incident)
        return Promise.resolve()
      },
      read: (path) => {
        this.paths.push(path)
        return Promise.resolve(this.answer(path) ?? this.#read(path))
      },
    }
  }

  #read(path: string): ReadOutcome {
    const { pathname, searchParams } = new URL(path, 'https://provider.test')
    const id = /check-id\/(.+)$/u.exec(pathname)?.[1]
    if (id !== undefined) {
      const ref = this.refs.get(id)
      return ref === undefined ? NOT_FOUND : data({ _id: id, ref })
    }
    const isInside = ({ at }: Movement) =>
      at >= Date.parse(searchParams.get('from') ?? '') && at <= Date.parse(searchParams.get('to') ?? '')
    const isList = pathname.endsWith('/list')
    const all = this.rows
      .filter((row) => isInside(row) && (!isList || this.refs.has(row.topupId ?? '')))
      .sort((a, b) => b.at - a.at)
      .map((row) => (isList ? { _id: row.topupId, ref: this.refs.get(row.topupId ?? '') } : wireRow(row)))
    const page = Number(searchParams.get('page'))
    const items = all.slice((page - 1) * 100, page * 100)
    const pagination = {
      page,
      pageSize: 100,
      totalPages: Math.ceil(all.length / 100),
      totalResults: all.length,
    }
    return data({ items, pagination })
  }
}

export function data(value: unknown): ReadOutcome {
  return { kind: 'data', dataJson: JSON.stringify(value) }
}
