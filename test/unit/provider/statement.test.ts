/** What a reading of the statement proves. */
import { describe, expect, it } from 'vitest'
import type { Movement } from '../../../src/provider/movement'
import { type Judged, judge } from '../../../src/provider/statement'
import { dueOf, readState, type StatementState, withSettled } from '../../../src/provider/statement-state'
import { movement, NOON, reading } from './statement-rows'

const OURS = (topupId: string) => topupId.startsWith('our')
/** Nobody sent anything: nothing has to wait for an answer. */
const QUIET = { isOurs: OURS, lastSendAt: null }

const FIRST = movement('first', { at: 0, from: 1_100, to: 1_000, topupId: 'our-0' })
const BEGUN: StatementState = judge(null, reading(0, [FIRST]), QUIET).state

/** Readings one after the other; the last verdict, with the state of all. */
function after(...readings: readonly Parameters<typeof reading>[]): Judged {
  let judged: Judged = { state: BEGUN, ours: [], unknown: [], credits: [], breaks: [] }
  for (const one of readings) judged = judge(judged.state, reading(...one), QUIET)
  return judged
}
const ids = (movements: readonly Movement[]) => movements.map(({ id }) => id)

const OURS_1 = movement('m1', { at: 20_000, from: 1_000, to: 900, topupId: 'our-1' })
const FOREIGN = movement('m2', { at: 21_000, from: 900, to: 400 })
const DEPOSIT = movement('m3', { at: 22_000, from: 400, to: 5_400, type: 'DEPOSIT' })

describe('the first reading', () => {
  it('begins at the present and judges nothing older', () => {
    const before = movement('before', { at: -5_000, from: 1_500, to: 1_100 })
    const { state, ...verdicts } = judge(null, reading(0, [before, FIRST]), QUIET)
    expect(verdicts).toEqual({ ours: [], unknown: [], credits: [], breaks: [] })
    expect(state).toMatchObject({ begunAt: NOON, anchor: { at: NOON, balanceCentimes: 100_000 } })
    expect(state.balance).toEqual({ centimes: 100_000, learntAt: NOON })
    const again = judge(
      state,
      reading(30_000, [before, FIRST, movement('late', { at: -1_000, from: 3, to: 2 })]),
      QUIET,
    )
    expect(again.unknown).toEqual([])
    expect(again.breaks).toEqual([])
  })

  it('of an empty statement judges all that comes', () => {
    const { state } = judge(null, reading(0, []), QUIET)
    expect(ids(judge(state, reading(30_000, [FOREIGN]), QUIET).unknown)).toEqual(['m2'])
  })
})

describe('a movement', () => {
  it('is ours, a debit of nobody we know, or money that came', () => {
    const { ours, unknown, credits, state } = after([40_000, [FIRST, OURS_1, FOREIGN, DEPOSIT]])
    expect([ids(ours), ids(unknown), ids(credits)]).toEqual([['m1'], ['m2'], ['m3']])
    expect(state.balance?.centimes).toBe(540_000)
    expect(ids(state.held.map((held) => held.movement))).toEqual(['m2'])
  })

  it('counts once, however often and on however many pages it is read', () => {
    const twice = after([40_000, [FOREIGN, OURS_1, FOREIGN]], [60_000, [OURS_1, FOREIGN]])
    expect(twice.unknown).toEqual([])
    expect(twice.state.held).toHaveLength(1)
  })

  it('that was explained or told is not asked about again while it can be read', () => {
    const { state } = after([22_000, [OURS_1, FOREIGN]])
    const settled = withSettled(state, state.held)
    expect(judge(settled, reading(26_000, [OURS_1, FOREIGN]), QUIET)).toMatchObject({
      unknown: [],
      state: { held: [] },
    })
  })

  it('is judged again by a state that was lost back to an older one, to the same end', () => {
    const lost = after([40_000, [OURS_1]]).state
    const once = judge(lost, reading(50_000, [OURS_1, FOREIGN]), QUIET)
    const again = judge(lost, reading(70_000, [OURS_1, FOREIGN]), QUIET)
    expect(ids(again.unknown)).toEqual(ids(once.unknown))
  })
})

describe('the overlap', () => {
  // Out and back within the lateness of rows: the chain looks whole without the two.
  const OUT = movement('out', { at: 24_000, from: 900, to: 400 })
  const BACK = movement('back', { at: 24_500, from: 400, to: 900, type: 'REFUND-FLEXY' })
  const OURS_2 = movement('m4', { at: 25_000, from: 900, to: 800, topupId: 'our-2' })

  it('catches rows that show up late behind newer ones', () => {
    const { state } = after([25_000, [FIRST, OURS_1, OURS_2]])
    expect(state.anchor.at).toBeLessThan(OUT.at)
    const { unknown } = judge(state, reading(45_000, [OURS_1, OUT, BACK, OURS_2]), QUIET)
    expect(ids(unknown)).toEqual(['out'])
  })

  it('is of the provider’s time: a clock of ours that is minutes ahead or behind changes nothing', () => {
    for (const skewMs of [-240_000, 240_000]) {
      const skewed = (at: number, rows: readonly Movement[]) => reading(at + skewMs, rows)
      const begun = judge(null, skewed(0, [FIRST]), QUIET).state
      const { state } = judge(begun, skewed(25_000, [FIRST, OURS_1, OURS_2]), QUIET)
      expect(state.anchor.at).toBe(NOON)
      expect(ids(judge(state, skewed(45_000, [OURS_1, OUT, BACK, OURS_2]), QUIET).unknown)).toEqual(['out'])
    }
  })

  it('ends when its time is over, so that an idle account is read from its last row on', () => {
    expect(after([40_000, [FIRST, OURS_1]]).state.anchor.at).toBe(OURS_1.at)
  })
})

describe('a break of the chain', () => {
  const JUMP = movement('jump', { at: 25_000, from: 300, to: 200, topupId: 'our-9' })
  const ROWS = [FIRST, OURS_1, JUMP]

  it('is believed when a second reading still has it', () => {
    expect(after([26_000, ROWS]).breaks).toEqual([])
    const { breaks, state } = after([26_000, ROWS], [46_000, ROWS])
    expect(breaks).toEqual([{ beforeCentimes: 90_000, next: JUMP }])
    expect(state.anchor).toEqual({ at: JUMP.at, balanceCentimes: 20_000 })
    expect(judge(state, reading(66_000, ROWS), QUIET).breaks).toEqual([])
  })

  it('is none when the missing row shows up', () => {
    const late = movement('late', { at: 24_000, from: 900, to: 300, topupId: 'our-8' })
    const { breaks, state } = after([26_000, ROWS], [46_000, [...ROWS, late]])
    expect(breaks).toEqual([])
    expect(state.gaps).toEqual([])
  })

  it('needs time, not only two readings: a late row has ten seconds', () => {
    expect(after([26_000, ROWS], [37_900, ROWS]).breaks).toEqual([])
    expect(after([26_000, ROWS], [38_000, ROWS]).breaks).toHaveLength(1)
  })

  it('is not seen in a reading that is not whole', () => {
    const { breaks, state } = after([26_000, ROWS, { isWhole: false }], [46_000, ROWS, { isWhole: false }])
    expect(breaks).toEqual([])
    expect(state.anchor).toEqual(BEGUN.anchor)
  })

  it('right before a foreign debit is told beside it', () => {
    const foreign = movement('f', { at: 25_000, from: 300, to: 200 })
    const { state } = after([26_000, [FIRST, OURS_1, foreign]])
    const told = withSettled(state, state.held)
    expect(judge(told, reading(46_000, [OURS_1, foreign]), QUIET).breaks).toHaveLength(1)
  })
})

describe('the grace', () => {
  const judgedWith = (lastSendAt: number | null, at: number, row = FOREIGN) =>
    judge(BEGUN, reading(at, [FIRST, OURS_1, row]), { isOurs: OURS, lastSendAt }).state

  it('holds a debit for as long as a send may take to be answered', () => {
    const state = judgedWith(NOON + 22_000, 22_000)
    expect(dueOf(state, NOON + 32_900)).toEqual([])
    expect(dueOf(state, NOON + 33_000)).toHaveLength(1)
  })

  it('is over at once when no send can be under way', () => {
    expect(dueOf(judgedWith(NOON + 9_000, 22_000), NOON + 22_000)).toHaveLength(1)
    expect(dueOf(judgedWith(null, 22_000), NOON + 22_000)).toHaveLength(1)
  })

  it('leaves time to tell it: within 60 s also when it was read late', () => {
    const [held] = judgedWith(NOON + 50_000, 50_000).held
    expect(held?.tellBy).toBeLessThanOrEqual(FOREIGN.at + 40_000)
  })
})

describe('the state', () => {
  it('is plain data that is read back as it was, and nothing else is', () => {
    const { state } = after([26_000, [FIRST, OURS_1, FOREIGN]])
    expect(readState(JSON.parse(JSON.stringify(state)))).toEqual(state)
    for (const other of [null, undefined, {}, 'x', { ...state, held: [{}] }])
      expect(readState(other)).toBeNull()
  })

  it('is bounded: what does not fit is read again', () => {
    const rows = Array.from({ length: 3_500 }, (_, nth) =>
      movement(`u${nth}`, { at: 1_000 + nth, from: 1_000 - nth, to: 999 - nth }),
    )
    const full = judge(BEGUN, reading(60_000, rows), QUIET).state
    expect(full.held).toHaveLength(3_000)
    expect(full.anchor).toEqual(BEGUN.anchor)
    const next = judge(withSettled(full, full.held), reading(61_000, rows), QUIET)
    expect(next.unknown).toHaveLength(500)
    expect(next.state.anchor.at).toBe(NOON + 4_499)
  })
})
