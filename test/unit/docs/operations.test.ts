/** The operator's book names everything that an operator may come to see. */
import { globSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { FINDING_KINDS } from '../../../src/reconcile/finding'

const ROOT = resolve(import.meta.dirname, '../../..')
const book = readFileSync(resolve(ROOT, 'docs/operations.md'), 'utf8')
const sources = globSync('src/**/*.{ts,tsx}', { cwd: ROOT }).map((path) =>
  readFileSync(resolve(ROOT, path), 'utf8'),
)
const named = (pattern: RegExp) => [
  ...new Set(sources.flatMap((text) => [...text.matchAll(pattern)].map(([, name]) => name ?? ''))),
]
const missing = (names: readonly string[]) => names.filter((name) => !book.includes(`\`${name}\``))

it('every log line has a meaning', () => {
  const events = named(/\b(?:log|logError|tell)\(\s*'([a-z]+\.[a-z_]+)'/g)
  expect(events.length).toBeGreaterThan(30)
  expect(missing(events)).toEqual([])
})

it('every incident has one, as a line and as a kind', () => {
  const kinds = named(/IncidentKind =([^\n]+)/g).flatMap((line) => line.match(/\w+/g) ?? [])
  expect(kinds).toContain('breaker_open')
  expect(missing([...kinds, ...kinds.map((kind) => `wallet.${kind}`)])).toEqual([])
})

it('every data point has a row', () => {
  const facts = named(/readonly fact: '(\w+)'/g)
  expect(facts).toContain('settled')
  expect(missing(facts)).toEqual([])
})

it('every kind of finding can be closed', () => {
  expect(missing(FINDING_KINDS)).toEqual([])
})
