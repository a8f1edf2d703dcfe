import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { timedId, timeOfId } from '../../../src/order/timed-id'

describe('an id that tells its time', () => {
  it('has the form and the order of the provider’s', () => {
    const now = Date.parse('2026-11-25T07:00:00.999Z')
    expect(timedId('0123456789abcdef', now)).toBe(
      '6a8c72f00123456789abcdef'.replace('6a8c72f0', secondsOf(now)),
    )
  })

  it('tells the second in which it was made, until 2106', () => {
    const time = fc.integer({ min: 0, max: 2 ** 32 * 1_000 - 1 })
    fc.assert(
      fc.property(time, (now) => {
        const told = timeOfId(timedId('f'.repeat(16), now))
        expect(told).toBe(now - (now % 1_000))
      }),
    )
  })

  it.each(['', 'provider-2', '0'.repeat(23), '0'.repeat(25), 'ABCDEF'.repeat(4), `${'0'.repeat(24)}\n`])(
    '%j tells none',
    (id) => {
      expect(timeOfId(id)).toBeNull()
    },
  )
})

const secondsOf = (now: number) => Math.floor(now / 1_000).toString(16)
