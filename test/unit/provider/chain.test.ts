/** Whether every movement begins with the balance that another ended with. */
import { describe, expect, it } from 'vitest'
import { type Anchor, walk } from '../../../src/provider/chain'
import type { Movement } from '../../../src/provider/movement'
import { movement, NOON } from './statement-rows'

const START: Anchor = { at: NOON, balanceCentimes: 100_000 }
const follow = (rows: readonly Movement[], believed: readonly string[] = [], from = START) =>
  walk(from, rows, { believed: new Set(believed), until: NOON + 60_000, readUntil: null })
const gapsOf = (rows: readonly Movement[], believed: readonly string[] = []) =>
  follow(rows, believed).gaps.map(({ beforeCentimes, next }) => [beforeCentimes / 100, next.id])

const A = movement('a', { at: 1_000, from: 1_000, to: 900 })
const B = movement('b', { at: 2_000, from: 900, to: 800 })
const C = movement('c', { at: 3_000, from: 800, to: 900, type: 'REFUND-FLEXY' })

describe('a whole chain', () => {
  it('has no gap, and its end is the balance', () => {
    expect(follow([A, B, C])).toEqual({
      anchor: { at: NOON + 3_000, balanceCentimes: 90_000 },
      gaps: [],
      endCentimes: 90_000,
    })
  })

  it('is whole in any order of one millisecond, also where a balance comes back', () => {
    const out = movement('out', { at: 1_000, from: 1_000, to: 900 })
    const back = movement('back', { at: 1_000, from: 900, to: 1_000 })
    const last = movement('last', { at: 1_000, from: 1_000, to: 950 })
    const orders = [
      [out, back, last],
      [last, out, back],
      [last, back, out],
      [back, last, out],
    ]
    for (const rows of orders) expect(follow(rows)).toMatchObject({ gaps: [], endCentimes: 95_000 })
  })

  it('may be dated a moment out of order', () => {
    expect(gapsOf([movement('b', { at: 900, from: 900, to: 800 }), A])).toEqual([])
  })

  it('begins anywhere when its beginning is not known', () => {
    expect(follow([B, C], [], { at: NOON, balanceCentimes: null })).toMatchObject({ gaps: [] })
  })

  it('does not mind a movement of nothing', () => {
    expect(gapsOf([A, movement('nil', { at: 1_500, from: 7, to: 7 }), B])).toEqual([])
  })
})

describe('a gap', () => {
  it('is where a movement begins with another balance', () => {
    expect(gapsOf([A, C])).toEqual([[900, 'c']])
  })

  it('is not mended by a later movement that happens to end there', () => {
    const later = movement('later', { at: 9_000, from: 700, to: 800, type: 'DEPOSIT' })
    expect(gapsOf([A, movement('x', { at: 2_000, from: 800, to: 700 }), later])).toEqual([[900, 'x']])
  })

  it('keeps the anchor before it, until it is believed', () => {
    expect(follow([A, C]).anchor.at).toBe(NOON + 1_000)
    expect(follow([A, C], ['c'])).toMatchObject({
      anchor: { at: NOON + 3_000, balanceCentimes: 90_000 },
      gaps: [],
    })
  })

  it('that is believed hides no other, also among movements out of order', () => {
    // Hidden: 1,000 to 950. Then 900 to 850 is dated a moment before 950 to 900.
    const early = movement('early', { at: 1_900, from: 900, to: 850 })
    const first = movement('first', { at: 2_000, from: 950, to: 900 })
    const other = movement('other', { at: 9_000, from: 700, to: 600 })
    expect(gapsOf([early, first, other])).toHaveLength(2)
    expect(gapsOf([early, first, other], ['first'])).toEqual([[850, 'other']])
  })
})

it('the anchor goes no further than `until`: what is newer may get company', () => {
  const { anchor } = walk(START, [A, B, C], { believed: new Set(), until: NOON + 2_500, readUntil: null })
  expect(anchor).toEqual({ at: NOON + 2_000, balanceCentimes: 80_000 })
})

it('a part in which nothing moved is behind us when it was read', () => {
  const terms = { believed: new Set<string>(), until: NOON + 60_000, readUntil: NOON + 30_000 }
  expect(walk(START, [], terms).anchor).toEqual({ at: NOON + 30_000, balanceCentimes: 100_000 })
  expect(walk(START, [A, C], terms).anchor.at).toBe(NOON + 1_000)
})
