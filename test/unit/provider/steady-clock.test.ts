import { expect, it } from 'vitest'
import { SteadyClock } from '../../../src/provider/steady-clock'

it('a clock that goes on is believed', () => {
  const clock = new SteadyClock(1_000)
  expect([1_000, 1_500, 90_000].map((now) => clock.read(now))).toEqual([1_000, 1_500, 90_000])
  expect(clock.wall(90_000)).toBe(90_000)
})

it('readings out of order stand still until the clock has caught up', () => {
  const clock = new SteadyClock(20_000)
  expect([10_000, 15_000, 20_000, 20_001].map((now) => clock.read(now))).toEqual([
    20_000, 20_000, 20_000, 20_001,
  ])
  expect(clock.wall(20_001)).toBe(20_001)
})

it('a clock that was set back goes on from where it was', () => {
  const clock = new SteadyClock(3_600_000)
  expect([0, 500, 2_000].map((now) => clock.read(now))).toEqual([3_600_000, 3_600_500, 3_602_000])
  expect(clock.wall(3_605_000)).toBe(5_000)
})
