/** How long top-ups take, as it is learnt: the shares, what a look is worth, and what merchants are told. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Curve, SettlingTimes } from '../../../src/provider/settling'

const SECOND = 1_000
const HOUR = 3_600_000
const DAY = 24 * HOUR
const PLAN = 'PREPAID_MOBILIS'
/** Areas of a day's milliseconds are subtracted from each other. */
const ROUNDING_MS = 1e-3
/** As many as there are plans and some. */
const MANY_PLANS = 200
/** As the curve keeps them: half seconds up to a minute, then by a quarter more up to a day. */
const BUCKETS = Object.values(learnt([0, 1]).save())[0]?.length ?? 0

function learnt(...settled: (readonly [afterMs: number, beforeMs: number])[]): SettlingTimes {
  const times = new SettlingTimes(false)
  for (const [after, before] of settled) times.learn(PLAN, after, before)
  return times
}

const often = (count: number, after: number, before: number) =>
  Array.from({ length: count }, () => [after, before] as const)

const anyCurve = fc
  .array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1_000, noNaN: true })), {
    minLength: BUCKETS,
    maxLength: BUCKETS,
  })
  .filter((counts) => counts.some((count) => count > 1e-3))
  .map((counts) => new Curve(counts))
const age = fc.integer({ min: 0, max: DAY })
const share = fc.double({ min: 0.001, max: 0.999, noNaN: true })

describe('the share that has settled', () => {
  it('begins with nothing, only grows, and is all after a day, whatever was learnt', () => {
    fc.assert(
      fc.property(anyCurve, age, age, (curve, one, other) => {
        const [early, late] = [Math.min(one, other), Math.max(one, other)]
        expect(curve.settledBy(0)).toBe(0)
        expect(curve.settledBy(early)).toBeGreaterThanOrEqual(0)
        expect(curve.settledBy(late)).toBeGreaterThanOrEqual(curve.settledBy(early))
        expect(curve.settledBy(late)).toBeLessThanOrEqual(1 + 1e-9)
        expect(curve.settledBy(DAY)).toBeCloseTo(1, 9)
      }),
    )
  })

  it('of an age outside of any life is that of the nearest', () => {
    const curve = new SettlingTimes(false).curve(PLAN)
    expect(curve.settledBy(-5)).toBe(0)
    expect(curve.settledBy(400 * DAY)).toBeCloseTo(1, 9)
  })

  it('the age of a share is the one by which that share has settled', () => {
    fc.assert(
      fc.property(anyCurve, share, (curve, wanted) => {
        const at = curve.quantile(wanted)
        expect(curve.settledBy(at)).toBeCloseTo(wanted, 6)
        expect(curve.settledBy(at - 1)).toBeLessThanOrEqual(wanted + 1e-9)
      }),
    )
  })

  it('a greater share takes longer', () => {
    fc.assert(
      fc.property(anyCurve, share, share, (curve, one, other) => {
        expect(curve.quantile(Math.max(one, other))).toBeGreaterThanOrEqual(
          curve.quantile(Math.min(one, other)),
        )
      }),
    )
  })
})

describe('how long a result waits unseen', () => {
  it('is never negative, no longer than the pause, and grows with it, as long as it is asked for', () => {
    fc.assert(
      fc.property(
        anyCurve,
        age,
        fc.integer({ min: 0, max: HOUR }),
        fc.integer({ min: 0, max: HOUR }),
        (curve, looked, one, more) => {
          fc.pre(looked < curve.lateMs && looked + one + more <= DAY)
          const [short, long] = [
            curve.waiting(looked, looked + one),
            curve.waiting(looked, looked + one + more),
          ]
          expect(short).toBeGreaterThanOrEqual(0)
          expect(short).toBeLessThanOrEqual(one + ROUNDING_MS)
          expect(long).toBeGreaterThanOrEqual(short - ROUNDING_MS)
        },
      ),
    )
  })

  it('is what it is said to be: the mean over those that were open at the last look', () => {
    const curve = learnt(...often(1_000, 10 * SECOND, 20 * SECOND)).curve(PLAN)
    const [looked, next] = [12_300, 17_800]
    const open = 1 - curve.settledBy(looked)
    let waited = 0
    for (let at = looked; at < next; at++) {
      waited += (curve.settledBy(at + 1) - curve.settledBy(at)) * (next - at - 0.5)
    }
    expect(curve.waiting(looked, next)).toBeCloseTo(waited / open, 1)
  })

  it('is nothing where nothing can settle, and where time stands still', () => {
    const curve = learnt(...often(1_000, 10 * SECOND, 11 * SECOND)).curve(PLAN)
    expect(curve.waiting(0, SECOND)).toBeLessThan(1)
    expect(curve.waiting(10_500, 10_500)).toBe(0)
    expect(curve.waiting(11_000, 10_000)).toBe(0)
    expect(curve.waiting(DAY, DAY + HOUR)).toBe(0)
  })
})

describe('what was never seen', () => {
  it('is expected as the provider publishes it: 5 to 30 s, nine in ten within 23 s', () => {
    const curve = new SettlingTimes(false).curve('NEVER_SEEN')
    expect(curve.settledBy(5 * SECOND)).toBeLessThan(0.01)
    expect(curve.quantile(0.5)).toBeGreaterThan(10 * SECOND)
    expect(curve.quantile(0.5)).toBeLessThan(18 * SECOND)
    expect(curve.quantile(0.9)).toBeLessThan(23 * SECOND)
    expect(curve.settledBy(30 * SECOND)).toBeGreaterThan(0.98)
  })

  it('may take longer than anybody published: no age is impossible', () => {
    const curve = new SettlingTimes(false).curve(PLAN)
    for (const minutes of [1, 5, 30]) {
      expect(curve.settledBy(minutes * 60_000)).toBeLessThan(1)
      expect(curve.waiting(minutes * 60_000, minutes * 60_000 + 30_000)).toBeGreaterThan(0)
    }
  })

  it('in the sandbox may be there after a second', () => {
    const curve = new SettlingTimes(true).curve(PLAN)
    expect(curve.settledBy(1_500)).toBeGreaterThan(0.29)
    expect(curve.quantile(0.9)).toBeLessThan(16 * SECOND)
  })
})

describe('what a merchant is told to expect', () => {
  it('nine in ten are there by then, and 199 of 200 before it is called late', () => {
    const times = new SettlingTimes(false)
    const acceptedAt = Date.UTC(2026, 1, 1, 12)
    const { at, lateAt } = times.expected(PLAN, acceptedAt)
    const curve = times.curve(PLAN)
    expect(curve.settledBy(at - acceptedAt)).toBeCloseTo(0.9, 3)
    expect(curve.settledBy(lateAt - acceptedAt)).toBeCloseTo(0.995, 3)
    expect(lateAt).toBeGreaterThan(at)
    expect([at, lateAt].every(Number.isInteger)).toBe(true)
    expect(times.lateAfterMs(PLAN)).toBe(lateAt - acceptedAt)
  })

  it('follows what was seen of that plan, and of no other', () => {
    const times = learnt(...often(500, 100 * SECOND, 110 * SECOND))
    expect(times.expected(PLAN, 0).at).toBeGreaterThan(100 * SECOND)
    expect(times.expected('ANOTHER', 0)).toEqual(new SettlingTimes(false).expected('ANOTHER', 0))
  })
})

describe('learning', () => {
  it('one order moves what was published a little; hundreds are the truth', () => {
    const slow = [50 * SECOND, 52 * SECOND] as const
    expect(learnt(slow).curve(PLAN).quantile(0.5)).toBeLessThan(20 * SECOND)
    const many = learnt(...often(400, ...slow)).curve(PLAN)
    expect(many.quantile(0.5)).toBeGreaterThan(50 * SECOND)
    expect(many.quantile(0.5)).toBeLessThan(52 * SECOND)
  })

  it('between two looks any moment is as likely', () => {
    const curve = learnt(...often(1_500, 35 * SECOND, 55 * SECOND)).curve(PLAN)
    const [start, middle, end] = [35, 45, 55].map((seconds) => curve.settledBy(seconds * SECOND))
    expect((middle ?? 0) - (start ?? 0)).toBeCloseTo((end ?? 0) - (middle ?? 0), 2)
  })

  it('the newer count for more: a plan that became slow is slow after some thousand orders', () => {
    const times = learnt(...often(3_000, 10 * SECOND, 11 * SECOND))
    expect(times.curve(PLAN).quantile(0.5)).toBeLessThan(12 * SECOND)
    for (let count = 0; count < 2_100; count++) times.learn(PLAN, 40 * SECOND, 41 * SECOND)
    expect(times.curve(PLAN).quantile(0.5)).toBeGreaterThan(39 * SECOND)
  })

  it('whatever it is told, shares stay shares', () => {
    const any = fc.integer({ min: -DAY, max: 40 * DAY })
    fc.assert(
      fc.property(fc.array(fc.tuple(any, any), { maxLength: 30 }), age, (told, at) => {
        const curve = learnt(...told).curve(PLAN)
        expect(curve.settledBy(at)).toBeGreaterThanOrEqual(0)
        expect(curve.settledBy(at)).toBeLessThanOrEqual(1 + 1e-9)
        expect(curve.settledBy(DAY)).toBeCloseTo(1, 9)
        expect(curve.lateMs).toBeGreaterThan(0)
        expect(curve.lateMs).toBeLessThanOrEqual(DAY)
      }),
    )
  })

  it('settled before it was accepted is settled at once', () => {
    expect(
      learnt(...often(500, -200, 100))
        .curve(PLAN)
        .settledBy(500),
    ).toBeGreaterThan(0.9)
  })

  it('remembers so many plans and no more: whoever makes up names costs nothing', () => {
    const times = new SettlingTimes(false)
    for (let plan = 0; plan < 2 * MANY_PLANS; plan++) times.learn(`PLAN_${plan}`, 40 * SECOND, 41 * SECOND)
    expect(Object.keys(times.save())).toHaveLength(MANY_PLANS)
  })
})

describe('what was learnt', () => {
  it('survives being saved and loaded', () => {
    const before = learnt(...often(300, 33 * SECOND, 35 * SECOND), [2 * HOUR, 3 * HOUR])
    const after = new SettlingTimes(false, JSON.parse(JSON.stringify(before.save())))
    for (const wanted of [0.1, 0.5, 0.9, 0.995]) {
      expect(after.curve(PLAN).quantile(wanted) / before.curve(PLAN).quantile(wanted)).toBeCloseTo(1, 2)
    }
    expect(after.save()).toEqual(before.save())
  })

  it('in another form, of another version, is forgotten rather than misread', () => {
    const times = new SettlingTimes(false, { [PLAN]: [1, 2, 3] })
    expect(times.curve(PLAN).quantile(0.9)).toBe(new SettlingTimes(false).curve(PLAN).quantile(0.9))
    expect(times.save()).toEqual({})
  })

  it('of all plans is small enough to be written as one value', () => {
    const times = new SettlingTimes(false)
    for (let plan = 0; plan < MANY_PLANS; plan++) {
      for (let count = 0; count < 20; count++) times.learn(`PLAN_${plan}`, count * 900, count * 1_000)
    }
    expect(JSON.stringify(times.save()).length).toBeLessThan(512_000)
  })
})
