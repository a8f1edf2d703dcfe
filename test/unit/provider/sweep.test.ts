/** Which read is worth most: a look-up, a page, or none. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SettlingTimes } from '../../../src/provider/settling'
import {
  dueAt,
  PAGE_ROWS,
  type Read,
  readyAt,
  SWEPT_MS,
  type Watched,
  worthiest,
} from '../../../src/provider/sweep'

const NOON = Date.UTC(2026, 1, 1, 12)
const SECOND = 1_000
const CURVE = new SettlingTimes(false).curve('PREPAID_MOBILIS')
/** Beyond all that was published: only a moment that was asked for counts. */
const LATE_MS = CURVE.lateMs

/** One that was sent `ago` seconds before noon and looked at then for the last time. */
function sentAgo(ago: number, change: Partial<Watched> = {}): Watched {
  const madeAt = NOON - ago * SECOND
  const one = { madeAt, isOver: false, isAsked: false, lookedAt: madeAt, curve: CURVE, isMissed: false }
  return { dueAt: dueAt({ madeAt, lookedAt: change.lookedAt ?? madeAt }, CURVE), ...one, ...change }
}

/** One in doubt, which asked for a moment so many seconds after noon. */
const askedFor = (after: number, change: Partial<Watched> = {}) =>
  sentAgo(60, { curve: null, dueAt: NOON + after * SECOND, lookedAt: NOON - 30 * SECOND, ...change })

const newestFirst = (...items: Watched[]) => items.sort((a, b) => b.madeAt - a.madeAt)
const read = (...items: Watched[]) => worthiest(newestFirst(...items), NOON)
const chosen = (choice: Read<Watched> | null) => (choice === null ? null : choice.kind)

describe('a look-up', () => {
  it('is made when a result is likely, and not before', () => {
    expect(read(sentAgo(2))).toBeNull()
    const likely = sentAgo(14)
    expect(read(likely)).toEqual({ kind: 'look', item: likely })
  })

  it('is not repeated a moment later, however likely the result', () => {
    expect(read(sentAgo(14, { lookedAt: NOON - 1_199, dueAt: NOON - SECOND }))).toBeNull()
    expect(read(sentAgo(14, { lookedAt: NOON - 4 * SECOND }))).not.toBeNull()
  })

  it('is for the one whose result waits longest', () => {
    const [likely, unlikely] = [sentAgo(15, { lookedAt: NOON - 5 * SECOND }), askedFor(0)]
    const overdue = askedFor(-60)
    expect(worthiest([likely, unlikely], NOON, false)).toEqual({ kind: 'look', item: likely })
    expect(worthiest([overdue, likely, unlikely], NOON, false)).toEqual({ kind: 'look', item: overdue })
  })

  it('that an order asked for is made at that moment, and no earlier', () => {
    expect(read(askedFor(1))).toBeNull()
    expect(read(askedFor(0))).toMatchObject({ kind: 'look' })
  })

  it('of what is overdue counts more the longer it is: nothing starves', () => {
    const fresh = Array.from({ length: 20 }, () => sentAgo(15, { lookedAt: NOON - 2_500 }))
    expect(chosen(read(...fresh, askedFor(0)))).toBe('page')
    const starving = askedFor(-60, { lookedAt: NOON - 120 * SECOND, madeAt: NOON - 600 * SECOND })
    expect(read(...fresh, starving)).toEqual({ kind: 'look', item: starving })
  })

  it('of a late order follows its own pace, not likelihood', () => {
    const late = { madeAt: NOON - LATE_MS - 20 * SECOND, lookedAt: NOON - 10 * SECOND }
    expect(read(sentAgo(0, { ...late, dueAt: NOON + SECOND }))).toBeNull()
    expect(read(sentAgo(0, { ...late, dueAt: NOON }))).not.toBeNull()
  })
})

describe('a page', () => {
  it('is chosen over look-ups when it answers for two', () => {
    const [older, newer] = [sentAgo(14), sentAgo(13)]
    expect(read(older, newer)).toEqual({ kind: 'page', newest: newer })
  })

  it('is never read for one alone: a look-up says as much', () => {
    expect(read(sentAgo(14), sentAgo(1))).toMatchObject({ kind: 'look' })
  })

  it('begins with the first that may have settled: no row is spent on those that cannot', () => {
    const [old, older] = [sentAgo(13), sentAgo(14)]
    const tooNew = Array.from({ length: 150 }, () => sentAgo(0.5))
    expect(read(...tooNew, old, older)).toEqual({ kind: 'page', newest: old })
  })

  it('that answers for many is read sooner than a look-up of any one of them would be', () => {
    const soon = () => sentAgo(9, { lookedAt: NOON - 2 * SECOND })
    expect(read(soon())).toBeNull()
    expect(read(...Array.from({ length: 30 }, soon))).toMatchObject({ kind: 'page' })
  })

  it('has a hundred rows: what lies beyond them does not count, and what is over takes its row', () => {
    const over = Array.from({ length: PAGE_ROWS - 1 }, () => sentAgo(14, { isOver: true }))
    const [newer, older] = [sentAgo(13), sentAgo(15)]
    expect(read(newer, ...over, older)).toMatchObject({ kind: 'look' })
    expect(read(newer, ...over.slice(1), older)).toEqual({ kind: 'page', newest: newer })
  })

  it('is chosen where most of the waiting is', () => {
    const few = [sentAgo(10, { lookedAt: NOON - 2 * SECOND }), sentAgo(10, { lookedAt: NOON - 2 * SECOND })]
    const gap = Array.from({ length: PAGE_ROWS }, () => sentAgo(12, { isOver: true }))
    const many = Array.from({ length: 10 }, () => sentAgo(14, { lookedAt: NOON - 3 * SECOND }))
    expect(read(...few, ...gap, ...many)).toEqual({ kind: 'page', newest: many[0] })
    const fewOld = [
      sentAgo(16, { lookedAt: NOON - 2 * SECOND }),
      sentAgo(16, { lookedAt: NOON - 2 * SECOND }),
    ]
    const older = Array.from({ length: PAGE_ROWS }, () => sentAgo(15, { isOver: true }))
    expect(read(...many, ...older, ...fewOld)).toEqual({ kind: 'page', newest: many[0] })
  })

  it('is not read for what it did not show before', () => {
    const missed = { isMissed: true }
    expect(read(sentAgo(14, missed), sentAgo(13, missed))).toMatchObject({ kind: 'look' })
    expect(read(sentAgo(14, missed), sentAgo(13))).toMatchObject({ kind: 'look' })
    expect(read(sentAgo(14, missed), sentAgo(13), sentAgo(12))).toMatchObject({ kind: 'page' })
  })

  it('is not read for what was sent too long ago to be counted in rows', () => {
    const old = SWEPT_MS / SECOND + 1
    const overdue = { dueAt: NOON - SECOND }
    expect(read(sentAgo(old, overdue), sentAgo(old + 1, overdue))).toMatchObject({ kind: 'look' })
  })

  it('is not read while the list cannot be: everybody is looked up', () => {
    const both = newestFirst(sentAgo(14), sentAgo(13))
    expect(worthiest(both, NOON, true)).toMatchObject({ kind: 'page' })
    expect(worthiest(both, NOON, false)).toMatchObject({ kind: 'look' })
  })
})

describe('nothing', () => {
  it('is read when nobody waits', () => {
    expect(read()).toBeNull()
    expect(read(sentAgo(14, { isOver: true }), sentAgo(14, { isAsked: true }))).toBeNull()
  })
})

const watched = fc.record({
  ago: fc.double({ min: 0, max: 600, noNaN: true }),
  looked: fc.double({ min: 0, max: 1, noNaN: true }),
  due: fc.integer({ min: -60_000, max: 60_000 }),
  isOver: fc.boolean(),
  isAsked: fc.boolean(),
  isMissed: fc.boolean(),
  isSwept: fc.boolean(),
})
const anyList = fc.array(watched, { maxLength: 250 }).map((items) =>
  newestFirst(
    ...items.map(({ ago, looked, due, isSwept, ...flags }): Watched => {
      const madeAt = NOON - ago * SECOND
      const lookedAt = madeAt + (NOON - madeAt) * looked
      return { ...flags, madeAt, lookedAt, dueAt: NOON + due, curve: isSwept ? CURVE : null }
    }),
  ),
)

describe('whatever is watched', () => {
  it('nobody who is over, asked already, or looked at a moment ago is asked about', () => {
    fc.assert(
      fc.property(anyList, fc.boolean(), (items, withPages) => {
        const choice = worthiest(items, NOON, withPages)
        if (choice === null) return
        const one = choice.kind === 'look' ? choice.item : choice.newest
        expect(items).toContain(one)
        expect(one).toMatchObject({ isOver: false, isAsked: false })
        expect(NOON - one.lookedAt).toBeGreaterThanOrEqual(1_200)
        if (choice.kind === 'page') {
          expect(withPages).toBe(true)
          expect(one.isMissed).toBe(false)
          expect(NOON - one.madeAt).toBeLessThanOrEqual(SWEPT_MS)
        }
      }),
    )
  })

  it('a page answers for two at least', () => {
    fc.assert(
      fc.property(anyList, (items) => {
        const choice = worthiest(items, NOON)
        if (choice?.kind !== 'page') return
        const from = items.indexOf(choice.newest)
        const waiting = items.slice(from, from + PAGE_ROWS).filter((one) => !one.isOver && !one.isAsked)
        expect(waiting.filter(({ isMissed }) => !isMissed).length).toBeGreaterThanOrEqual(2)
      }),
    )
  })

  it('what is due is read: nobody waits while there is a read to spare', () => {
    fc.assert(
      fc.property(anyList, fc.boolean(), (items, withPages) => {
        const isDue = (one: Watched) => !one.isOver && !one.isAsked && readyAt(one) <= NOON
        if (items.some(isDue)) expect(worthiest(items, NOON, withPages)).not.toBeNull()
      }),
    )
  })
})

describe('when a look becomes worth its price', () => {
  const age = fc.integer({ min: 0, max: 3 * 3_600_000 })
  const times = new SettlingTimes(false)
  for (let count = 0; count < 300; count++) times.learn('SLOW', 60_000, 64_000)
  const curve = fc.constantFrom(CURVE, times.curve('SLOW'), new SettlingTimes(true).curve('SANDBOX'))

  it('is after the last look, and at most 8 s later, or a tenth of its age, while it is not late', () => {
    fc.assert(
      fc.property(curve, age, (of, looked) => {
        const pause = dueAt({ madeAt: NOON, lookedAt: NOON + looked }, of) - NOON - looked
        expect(pause).toBeGreaterThan(0)
        expect(pause).toBeGreaterThanOrEqual(looked < of.lateMs ? 1_200 : 2_000)
        expect(pause).toBeLessThanOrEqual(looked < of.lateMs ? Math.max(8_000, looked / 10) : 15 * 60_000)
      }),
    )
  })

  it('at that moment it is, and half a second before it is not', () => {
    fc.assert(
      fc.property(curve, age, (of, looked) => {
        const times = { madeAt: NOON, lookedAt: NOON + looked }
        const due = dueAt(times, of)
        const one: Watched = {
          ...times,
          dueAt: due,
          curve: of,
          isOver: false,
          isAsked: false,
          isMissed: false,
        }
        expect(worthiest([one], due)).not.toBeNull()
        if (due - one.lookedAt > 1_800) expect(worthiest([one], due - 500)).toBeNull()
      }),
    )
  })

  it('is soon where results are likely: some two seconds', () => {
    for (const seconds of [10, 12, 14, 16]) {
      const lookedAt = NOON + seconds * SECOND
      expect(dueAt({ madeAt: NOON, lookedAt }, CURVE) - lookedAt).toBeLessThan(3 * SECOND)
    }
  })

  it('of the first is when results begin, not at once', () => {
    const first = dueAt({ madeAt: NOON, lookedAt: NOON }, CURVE) - NOON
    expect(first).toBeGreaterThan(5 * SECOND)
    expect(first).toBeLessThanOrEqual(8 * SECOND)
  })

  it('of a late one is after a tenth of its age, within bounds', () => {
    const pause = (lookedMs: number) =>
      dueAt({ madeAt: NOON, lookedAt: NOON + lookedMs }, CURVE) - NOON - lookedMs
    expect(pause(100_000)).toBe(10_000)
    expect(pause(3_600_000)).toBe(360_000)
    expect(pause(24 * 3_600_000)).toBe(15 * 60_000)
  })

  it('nobody who was just looked at is ready, whatever he asked for', () => {
    expect(readyAt({ dueAt: NOON - 60_000, lookedAt: NOON })).toBe(NOON + 1_200)
    expect(readyAt({ dueAt: NOON + 60_000, lookedAt: NOON })).toBe(NOON + 60_000)
  })
})
