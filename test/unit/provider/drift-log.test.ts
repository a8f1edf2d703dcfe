import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DriftLog } from '../../../src/provider/drift/log'

const NOON = Date.UTC(2026, 1, 1, 12)
const drift = (kind: string, sample = kind) => ({ kind, sample })
const kindsOf = (log: DriftLog) => log.entries().map(({ kind }) => kind)

describe('a kind of drift', () => {
  it('is new once, and known from then on', () => {
    const log = new DriftLog()
    expect(log.note(drift('a', 'first'), NOON)).toBe('new')
    expect(log.note(drift('a', 'second'), NOON + 5)).toBe('known')
    expect(log.entries()).toEqual([{ kind: 'a', firstAt: NOON, lastAt: NOON + 5, count: 2, sample: 'first' }])
  })

  it('that was seen last comes first', () => {
    const log = new DriftLog()
    for (const kind of ['a', 'b', 'c', 'a']) log.note(drift(kind), NOON)
    expect(kindsOf(log)).toEqual(['a', 'c', 'b'])
  })

  it('gives way when a hundred others were seen since, and is new again then', () => {
    const log = new DriftLog()
    for (const kind of ['old', 'used']) log.note(drift(kind), NOON)
    for (let index = 0; index < 98; index++) log.note(drift(`k${index}`), NOON)
    expect(log.entries()).toHaveLength(100)
    expect(log.note(drift('used'), NOON)).toBe('known')
    expect(log.note(drift('more'), NOON)).toBe('new')
    expect(log.entries()).toHaveLength(100)
    expect(log.note(drift('used'), NOON)).toBe('known')
    expect(log.note(drift('old'), NOON)).toBe('new')
  })
})

describe('what was saved', () => {
  it('is known in the next life', () => {
    const log = new DriftLog()
    for (const kind of ['a', 'b']) log.note(drift(kind), NOON)
    const next = new DriftLog()
    next.load(JSON.parse(JSON.stringify(log.entries())))
    expect(next.entries()).toEqual(log.entries())
    expect(next.note(drift('a'), NOON)).toBe('known')
  })

  it('is counted together with what was noted before it was loaded', () => {
    const log = new DriftLog()
    log.note(drift('a', 'later'), NOON + 9)
    log.load([{ kind: 'a', firstAt: NOON, lastAt: NOON + 1, count: 4, sample: 'earlier' }])
    expect(log.entries()).toEqual([
      { kind: 'a', firstAt: NOON, lastAt: NOON + 9, count: 5, sample: 'earlier' },
    ])
  })

  it('gives way, the least recent first, where it is too much', () => {
    const log = new DriftLog()
    log.load(
      Array.from({ length: 150 }, (_, index) => ({
        kind: `k${index}`,
        firstAt: 0,
        lastAt: NOON + ((index * 7) % 150),
        count: 1,
        sample: '',
      })),
    )
    expect(log.entries()).toHaveLength(100)
    expect(log.entries().map(({ lastAt }) => lastAt - NOON)).toEqual(
      Array.from({ length: 100 }, (_, index) => 149 - index),
    )
  })

  it('and cannot be read is left out', () => {
    fc.assert(
      fc.property(fc.anything(), fc.array(fc.anything()), (any, list) => {
        const log = new DriftLog()
        log.load(any)
        log.load([...list, { kind: 'a', firstAt: 1, lastAt: 2, count: 3, sample: '' }])
        expect(kindsOf(log)).toEqual(['a'])
      }),
    )
  })
})
