import { describe, expect, it } from 'vitest'
import { fewestOf } from './fewest'

const all = Array.from({ length: 100 }, (_, number) => number)
const needs =
  (...wanted: readonly number[]) =>
  (some: readonly number[]) =>
    Promise.resolve(wanted.every((number) => some.includes(number)))

describe('the fewest that still break', () => {
  it.each([
    { wanted: [] },
    { wanted: [0] },
    { wanted: [99] },
    { wanted: [3, 4] },
    { wanted: [0, 50, 99] },
    { wanted: [10, 20, 30, 40, 50] },
  ])('of a hundred are $wanted', async ({ wanted }) => {
    expect(await fewestOf(all, needs(...wanted))).toEqual(wanted)
  })

  it('are all of them when each is needed', async () => {
    expect(await fewestOf([1, 2, 3], needs(1, 2, 3))).toEqual([1, 2, 3])
  })
})
