import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import * as z from 'zod'
import { ERRORS, type ErrorCode } from '../../src/api/contract'
import { failure, oldFailure } from '../../src/openapi/answers'
import {
  errorsOf,
  exampleName,
  headersOf,
  isOld,
  type Operation,
  successBody,
} from '../../src/openapi/operation'
import { operation } from '../../src/openapi/operations'
import type { Answer } from './harness'

/** Headers of some answers only. */
const AT_TIMES = ['Idempotent-Replayed', 'Callback-Health']
const EXAMPLES = './src/openapi/examples.json'

/** What came back, each held against its schema as it comes. */
export class Recorder {
  readonly answers: Record<string, Record<string, unknown>> = {}
  readonly failures: Record<string, unknown> = {}

  /** A success of the operation; `name` is a word for the case. */
  succeeded(id: string, answer: Answer, name = 'example'): Answer {
    const { alternative, ...usual } = operation(id)
    const known = name === alternative?.name ? { ...usual, ...alternative } : usual
    expect(answer.status, answer.text).toBe(known.status)
    for (const name of headersOf(known).filter((header) => !AT_TIMES.includes(header))) {
      expect(answer.headers.has(name), name).toBe(true)
    }
    const schema = successBody(known)
    if (schema !== null) expectToFit(schema, answer)
    this.answers[id] ??= {}
    this.answers[id][name] ??= answer.json
    return answer
  }

  /** What is no JSON, or is too long to be shown whole. */
  noted(id: string, name: string, value: unknown): void {
    this.answers[id] ??= {}
    this.answers[id][name] = value
  }

  /** An error of the operation, which must list its code. */
  refused(id: string, code: ErrorCode, answer: Answer): Answer {
    const known = operation(id)
    expect(errorsOf(known), `the errors of ${id}`).toContain(code)
    expectFailure(known, code, answer)
    this.failures[exampleName(known, code)] ??= answer.json
    return answer
  }

  /** An error that belongs to no operation. */
  turnedAway(code: ErrorCode, answer: Answer): Answer {
    expectFailure(null, code, answer)
    this.failures[code] ??= answer.json
    return answer
  }
}

function expectFailure(known: Operation | null, code: ErrorCode, answer: Answer): void {
  const { status } = ERRORS[code]
  expect(answer.status, answer.text).toBe(status)
  expect(Number(answer.headers.get('retry-after')) > 0, 'Retry-After').toBe(
    status === 429 || status === 503 || code === 'IP_BLOCKED',
  )
  expect(answer.headers.get('x-request-id')).toMatch(/^req_/)
  const isEnveloped = known === null || !isOld(known)
  if (isEnveloped) expect(answer.json.error?.code).toBe(code)
  expectToFit(isEnveloped ? failure : oldFailure, answer)
}

function expectToFit(schema: z.ZodType, { json, text }: Answer): void {
  const { error } = schema.safeParse(json)
  expect(error === undefined ? '' : z.prettifyError(error), text).toBe('')
}

export function readExamples(): Pick<Recorder, 'answers' | 'failures'> {
  return JSON.parse(readFileSync(EXAMPLES, 'utf8'))
}

/** With everything replaced that is another in every run, or secret. */
export function writeExamples({ answers, failures }: Pick<Recorder, 'answers' | 'failures'>): void {
  const sorted = { answers: byName(answers), failures: byName(failures) }
  const text = inPlainTerms(JSON.stringify(sorted))
  writeFileSync(EXAMPLES, `${JSON.stringify(withPlainTimes(JSON.parse(text)), null, 2)}\n`)
}

function byName<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The keys and types of a value; of an array, those of its first element. The code of an error is its type. */
export function shapeOf(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map((item) => shapeOf(item))
  if (value === null) return 'null'
  if (typeof value !== 'object') return name === 'code' ? value : typeof value
  return byName(
    Object.fromEntries(Object.entries(value).map(([field, inner]) => [field, shapeOf(inner, field)])),
  )
}

/** Made up, and the same in every run. */
function madeUp(what: string, digits: number): string {
  return createHash('sha256').update(`example ${what}`).digest('hex').slice(0, digits)
}

/** The same thing gets the same name wherever it occurs. */
function inPlainTerms(text: string): string {
  const names = new Map<string, string>()
  const hex = (kind: string, found: string) => {
    const known = names.get(found)
    const name = known ?? madeUp(`${kind} ${names.size}`, found.length)
    names.set(found, name)
    return name
  }
  const plain = text
    .replace(/http:\/\/(?:127\.0\.0\.1|localhost):\d+(?=\/t\/)/g, 'https://gateway.example.com')
    .replace(/http:\/\/(?:127\.0\.0\.1|localhost):\d+/g, 'https://shop.example.com')
    .replace(/(?<=\/t\/)[\w-]{59}/g, (token) =>
      Buffer.from(hex('page', token).repeat(2), 'hex').toString('base64url').padEnd(59, 'x').slice(0, 59),
    )
    .replace(/(?<=rsd_(?:test|live)_)[0-9a-f]{48}/g, '0123456789abcdef'.repeat(3))
    .replace(
      /whsec_[\w+/=-]+/g,
      `whsec_${Buffer.from('an example, never a real secret!').toString('base64')}`,
    )
    .replace(/whpk_[\w+/=-]+/g, `whpk_${Buffer.from('an example, not a key of anybody').toString('base64')}`)
    .replace(/(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g, (found) => hex('digest', found))
    .replace(/(?<![0-9a-f])[0-9a-f]{24}(?![0-9a-f])/g, (found) => hex('top-up', found))
    .replace(/(?<=\bm)[0-9a-f]{12}(?![0-9a-f])|(?<=_m)[0-9a-f]{12}(?=_)/g, (found) => hex('merchant', found))
    .replace(/(?<=_)[0-9a-f]{16}(?![0-9a-f])/g, (found) => hex('thing', found))
    .replace(/req_\d+_[a-z0-9]{6}/g, (found) => `req_1795428000_${hex('request', found).slice(0, 6)}`)
    .replace(/(?<=duration_ms\\*":)\d+/g, '120')
    .replace(/(?<=\b)\d+(?= s ago)/g, '3')
    // What a wallet has asked, and may ask, when it is looked at.
    .replace(/(?<="total":)\d+/g, '12')
    .replace(/(?<="left":)\d+/g, '1')
    .replace(/(?<=")\d{15}(?=:)/g, '001795428000000')
    .replace(/(?<="evc_\w+_[sp]_)[0-9a-z]+/g, 'hoe4kk1ts0')
    .replace(/(?<=rpl_)[0-9a-z]{9}(?=_)/g, '0mibt0w00')
    .replace(/(?<="webhook-timestamp":")\d+/g, '1795428000')
    .replace(/(?<="webhook-signature":")[^"]+/g, 'v1,ZXhhbXBsZQ== v1a,ZXhhbXBsZQ==')
  // The id of a delivery ends as the id of its endpoint does.
  return plain.replace(
    /dlv_[0-9a-z]+_([0-9a-f]{24}_\d+_)([0-9a-f]{8})/g,
    (_, middle: string, tail: string) => {
      const ending = [...names].find(([found]) => found.length === 16 && found.endsWith(tail))
      const made = ending?.[1].slice(-8) ?? madeUp('tail', 8)
      return `dlv_mibt0w00_${middle}${made}`
    },
  )
}

const FIRST_TIME = Date.parse('2026-11-23T10:00:00.000Z')
const ISO_TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g

/** In each example the first moment is ten o'clock and every other a second after the one before. */
function withPlainTimes(value: unknown, depth = 0): unknown {
  if (depth < 3 && typeof value === 'object' && value !== null && !('success' in value)) {
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, withPlainTimes(inner, depth + 1)]),
    )
  }
  const text = JSON.stringify(value)
  const moments = [...new Set(text.match(ISO_TIME) ?? [])].sort()
  const plain = text.replace(ISO_TIME, (moment) =>
    new Date(FIRST_TIME + moments.indexOf(moment) * 1_000).toISOString(),
  )
  return JSON.parse(plain)
}
