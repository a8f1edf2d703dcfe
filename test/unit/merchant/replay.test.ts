import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  advanced,
  cancelled,
  newReplay,
  type Outcome,
  position,
  REPLAY_BATCH,
  type Replay,
  replayId,
  replayView,
} from '../../../src/merchant/replay'

const NOW = Date.UTC(2026, 1, 1)
const running = (matched: number): Replay => newReplay('rpl_1', 'sandbox', matched, NOW)
const paused: Outcome = { skipped: 'paused' }

describe('a bulk replay', () => {
  it('of nothing is complete at once', () => {
    expect(running(0)).toMatchObject({ state: 'complete', finishedAt: NOW })
  })

  it('goes on a second after each part, and counts what came of it', () => {
    const after = advanced(running(5), ['done', paused, 'done'], NOW + 100)
    expect(after).toMatchObject({ state: 'running', done: 2, skipped: { paused: 1 }, at: NOW + 1_100 })
    expect(position(after)).toBe(3)
    const end = advanced(after, [paused, { skipped: 'endpoint_deleted' }], NOW + 1_200)
    expect(end).toMatchObject({
      state: 'complete',
      finishedAt: NOW + 1_200,
      skipped: { paused: 2, endpoint_deleted: 1 },
    })
  })

  it('asks again from the first that failed, and at last goes past it', () => {
    let replay = advanced(running(4), ['done', 'failed', 'done', 'failed'], NOW)
    for (let tries = 1; tries < 24; tries++) {
      expect(replay).toMatchObject({ state: 'running', done: 1, skipped: {}, at: NOW + 5_000 })
      replay = advanced(replay, ['failed', 'done', 'failed'], NOW)
    }
    replay = advanced(replay, ['failed', 'done', 'failed'], NOW)
    expect(replay).toMatchObject({ state: 'running', done: 2, skipped: { unreachable: 1 }, tries: 0 })
    expect(advanced(replay, ['done'], NOW)).toMatchObject({ state: 'complete', done: 3 })
  })

  it('that is cancelled stays so, and counts what was under way', () => {
    const stopped = cancelled(running(9), NOW + 1)
    expect(stopped).toMatchObject({ state: 'cancelled', finishedAt: NOW + 1 })
    expect(advanced(stopped, ['done', paused], NOW + 2)).toMatchObject({
      state: 'cancelled',
      finishedAt: NOW + 1,
      done: 1,
      skipped: { paused: 1 },
    })
    expect(cancelled(stopped, NOW + 3)).toBe(stopped)
  })

  it('is never without an end: a list that is shorter than it was ends it', () => {
    expect(advanced(running(3), [], NOW).state).toBe('complete')
  })

  it('shows a merchant how far it is', () => {
    expect(replayView(advanced(running(3), ['done'], NOW))).toEqual({
      id: 'rpl_1',
      state: 'running',
      matched: 3,
      done: 1,
      skipped: {},
      created_at: '2026-02-01T00:00:00.000Z',
      finished_at: null,
    })
  })

  it('has an id that sorts by time', () => {
    expect(replayId('f', 1) < replayId('0', NOW)).toBe(true)
  })
})

it('under any failures and deaths each of the list is made again exactly once', () => {
  const world = fc.record({
    matched: fc.nat({ max: 180 }),
    /** Calls that fail, before or after they did something; and parts that are done and then not noted. */
    failures: fc.array(fc.constantFrom('no', 'no', 'no', 'before', 'after'), { maxLength: 400 }),
    deaths: fc.array(fc.boolean(), { maxLength: 20 }),
  })
  fc.assert(
    fc.property(world, ({ matched, failures, deaths }) => {
      const made = new Map<number, number>()
      const known = new Set<number>()
      const [fails, dies] = [failures.values(), deaths.values()]
      const again = (index: number): Outcome => {
        const failure = fails.next().value ?? 'no'
        if (failure === 'before') return 'failed'
        // As the orders do: see retried().
        if (!known.has(index)) made.set(index, (made.get(index) ?? 0) + 1)
        known.add(index)
        return failure === 'after' ? 'failed' : 'done'
      }
      let replay = running(matched)
      for (let rounds = 0; replay.state === 'running' && rounds < 1_000; rounds++) {
        const from = position(replay)
        const part = Array.from({ length: Math.min(REPLAY_BATCH, matched - from) }, (_, n) => again(from + n))
        if (dies.next().value !== true) replay = advanced(replay, part, replay.at)
      }
      expect(replay).toMatchObject({ state: 'complete' })
      expect(position(replay)).toBe(matched)
      const skipped = replay.skipped.unreachable ?? 0
      expect(made.size).toBeGreaterThanOrEqual(matched - skipped)
      expect([...made.values()].every((times) => times === 1)).toBe(true)
    }),
    { numRuns: 500 },
  )
})
