/** Which windows cron plans at which minute, and what it makes up for. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  dailyWindow,
  isActive,
  mayPlanDaily,
  recentWindow,
  windowAfter,
} from '../../../src/reconcile/timetable'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
const at = (day: number, hour: number, minute: number, second = 0) =>
  Date.UTC(2026, 10, day, hour, minute, second)
const anyMinute = fc.integer({ min: 0, max: 60 * 24 * 400 }).map((minute) => at(1, 0, 0) + minute * MINUTE_MS)

describe('recent', () => {
  it('is the last 45 minutes, each quarter of an hour', () => {
    const minutes = Array.from({ length: 60 }, (_, minute) => minute)
    expect(minutes.filter((minute) => recentWindow(at(3, 9, minute)) !== null)).toEqual([0, 15, 30, 45])
    expect(recentWindow(at(3, 9, 15))).toEqual({ from: at(3, 8, 30), to: at(3, 9, 15) })
  })

  it('does not mind the seconds by which cron is late', () => {
    expect(recentWindow(at(3, 9, 15, 59))).toEqual(recentWindow(at(3, 9, 15)))
  })
})

describe('daily', () => {
  it('is the last 48 hours, at 02:40', () => {
    expect(dailyWindow(at(3, 2, 40))).toEqual({ from: at(1, 2, 40), to: at(3, 2, 40) })
    expect(dailyWindow(at(3, 2, 39))).toEqual({ from: at(0, 2, 40), to: at(2, 2, 40) })
    expect(dailyWindow(at(4, 2, 39))).toEqual(dailyWindow(at(3, 2, 40)))
  })

  it('may be planned at its own minute, and at each quarter of an hour for who was missed', () => {
    const minutes = Array.from({ length: 60 }, (_, minute) => minute)
    expect(minutes.filter((minute) => mayPlanDaily(at(3, 2, minute)))).toEqual([0, 15, 30, 40, 45])
    expect(minutes.filter((minute) => mayPlanDaily(at(3, 3, minute)))).toEqual([0, 15, 30, 45])
  })

  it('leaves no moment out, whichever minutes cron misses', () => {
    fc.assert(
      fc.property(anyMinute, (minute) => {
        const { from, to } = dailyWindow(minute)
        expect(to).toBeLessThanOrEqual(minute)
        expect(minute - to).toBeLessThan(DAY_MS)
        expect(to - from).toBe(2 * DAY_MS)
      }),
    )
  })
})

describe('what was planned before', () => {
  const recent = { from: at(3, 8, 30), to: at(3, 9, 15) }

  it('is not planned again', () => {
    for (const trigger of ['recent', 'daily'] as const) {
      expect(windowAfter(trigger, recent, recent.to)).toBeNull()
      expect(windowAfter(trigger, recent, recent.to + 1)).toBeNull()
      expect(windowAfter(trigger, recent, null)).toEqual(recent)
    }
  })

  it('and what was missed since is made up for, up to six hours', () => {
    expect(windowAfter('recent', recent, at(3, 9, 0))).toEqual(recent)
    expect(windowAfter('recent', recent, at(3, 7, 0))).toEqual({ ...recent, from: at(3, 7, 0) })
    expect(windowAfter('recent', recent, at(1, 7, 0))).toEqual({ ...recent, from: at(3, 3, 15) })
  })

  it('every moment is in a window that was planned, with any gaps in cron of up to six hours', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 24 }), { minLength: 2, maxLength: 30 }), (gaps) => {
        let [now, upTo]: [number, number | null] = [at(3, 0, 0), null]
        for (const quarters of gaps) {
          now += quarters * 15 * MINUTE_MS
          const asked = recentWindow(now)
          const window = asked === null ? null : windowAfter('recent', asked, upTo)
          expect(window?.to).toBe(now)
          if (upTo !== null) expect(window?.from).toBeLessThanOrEqual(upTo)
          upTo = now
        }
      }),
    )
  })
})

describe('an account', () => {
  it('is active for two hours after its last send, which is known to the hour', () => {
    const now = at(3, 12, 0)
    expect(isActive(null, now)).toBe(false)
    expect(isActive(now, now)).toBe(true)
    // Kept at 09:01; sent on until 10:00, and that was not kept.
    expect(isActive(at(3, 9, 1), now)).toBe(true)
    expect(isActive(at(3, 8, 59), now)).toBe(false)
  })
})
