/** What was found to be new in one answer, and what a JSON value is called. Pure and total. */
import { sampleOf, word } from './text'

export interface Drift {
  /** Short and stable, so that the same change is noticed once. */
  readonly kind: string
  /** What was seen, phone numbers masked. */
  readonly sample: string
}

export type JsonObject = Readonly<Record<string, unknown>>
type Type = 'null' | 'a string' | 'a number' | 'a boolean' | 'a list' | 'an object' | 'missing'
/** Documented fields. Null: any type. */
export type Fields = Readonly<Record<string, Type | null>>

/** An answer that has nothing in common with the format says so in a few kinds. */
const MAX_KINDS = 20

export class Findings {
  readonly #call: string
  readonly #drifts = new Map<string, Drift>()
  /** Where it was found, as text. */
  #where: string

  constructor(call: string, body: string) {
    this.#call = call
    this.#where = body
  }

  /** `culprit` comes first in the sample: the rest may be long. */
  add(what: string, culprit?: unknown): void {
    const kind = `${this.#call}: ${what}`
    if (this.#drifts.has(kind) || this.#drifts.size >= MAX_KINDS) return
    const lead = culprit === undefined ? '' : `${textOf(culprit)} in `
    this.#drifts.set(kind, { kind, sample: sampleOf(lead + this.#where) })
  }

  /** What is found meanwhile is in that part of the answer. */
  inside(part: unknown, find: () => void): void {
    const outer = this.#where
    this.#where = textOf(part)
    find()
    this.#where = outer
  }

  /** Null is what a field that is not there looks like in other words: whether it has to be is judged elsewhere. */
  fields(label: string, known: Fields, object: JsonObject): void {
    for (const [name, value] of Object.entries(object)) {
      if (!Object.hasOwn(known, name)) {
        this.add(`${label} "${word(name)}" is new`, { [name]: value })
        continue
      }
      const type = known[name] ?? null
      if (type === null || value === null || typeOf(value) === type) continue
      this.add(`"${word(name)}" is ${typeOf(value)}`, { [name]: value })
    }
  }

  all(): Drift[] {
    return [...this.#drifts.values()]
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeOf(value) === 'an object'
}

/** An empty id or word is none. */
export function isMissing(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

/** Of what JSON can say. */
export function typeOf(value: unknown): Type {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  switch (typeof value) {
    case 'string':
      return 'a string'
    case 'number':
      return 'a number'
    case 'boolean':
      return 'a boolean'
    case 'object':
      return 'an object'
    default:
      return 'missing'
  }
}

/** Parsing knows no depth, writing does. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return '…'
  }
}
