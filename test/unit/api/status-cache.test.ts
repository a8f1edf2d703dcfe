import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cacheSeconds } from '../../../src/api/status-cache'
import { attempted, fanOut } from '../../../src/order/outbox'
import { type CallbackState, snapshot } from '../../../src/order/view'
import { answer, at, endpoint, fulfilled, inDoubt, theDelivery, tracking, unsettled } from '../order/builders'

const told = fanOut(fulfilled(), [endpoint()], at(12))
const delivered = snapshot(
  attempted(told, theDelivery(told).id, answer('delivered'), at(12), 0.5),
  null,
  't',
  at(12),
)

describe('how long the edge keeps an answer', () => {
  it.each([
    ['just now', 12, 5],
    ['a minute ago', 72, 6],
    ['an hour ago', 3_612, 360],
    ['a month ago', 30 * 86_400, 86_400],
    ['in the future, when clocks differ', 0, 5],
  ])('settled %s', (_, seconds, kept) => {
    expect(cacheSeconds(delivered, at(seconds))).toBe(kept)
  })

  it.each([
    ['tracked', tracking()],
    ['in doubt', inDoubt()],
    ['unknown', unsettled()],
  ])('not at all while it is %s', (_, order) => {
    expect(cacheSeconds(snapshot(order, null, 't', at(99_999)), at(99_999))).toBe(0)
  })

  it.each<[CallbackState, boolean]>([
    ['none', true],
    ['delivered', true],
    ['failed', true],
    ['pending', false],
    ['held', false],
  ])('its callback is %s', (callback, kept) => {
    expect(cacheSeconds({ ...delivered, callback }, at(99_999)) > 0).toBe(kept)
  })

  it('is never staler than a tenth of its age, once that is more than the least', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10 ** 9 }), (age) => {
        expect(cacheSeconds(delivered, at(12 + age))).toBeLessThanOrEqual(Math.max(5, age / 10))
      }),
    )
  })
})
