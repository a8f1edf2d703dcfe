import { describe, expect, it } from 'vitest'
import { dayEnd, dayStart, renderSummary, summedUpTo } from '../../../src/merchant/summary'

const at = (time: string) => Date.parse(time)

describe('a day in Algeria', () => {
  it('begins and ends an hour before the day of UTC', () => {
    expect(dayStart('2026-11-23')).toBe(at('2026-11-22T23:00:00Z'))
    expect(dayEnd('2026-11-23')).toBe(at('2026-11-23T23:00:00Z'))
  })

  it.each([
    ['2026-11-23T23:14:59.999Z', '2026-11-22T23:00:00Z'],
    ['2026-11-23T23:15:00.000Z', '2026-11-23T23:00:00Z'],
    ['2026-11-24T12:00:00.000Z', '2026-11-23T23:00:00Z'],
  ])('is over a quarter of an hour after its end: at %s all before %s', (now, until) => {
    expect(summedUpTo(at(now))).toBe(at(until))
  })
})

describe('the summary', () => {
  const day = { merchantId: 'shop', environment: 'production', date: '2026-11-23' } as const
  const now = at('2026-11-23T23:15:10Z')

  it('counts and sums by status, and says where the day is in the feed', () => {
    const sums = [
      { status: 'FULFILLED', orders: 3, amountDzd: 1_500 },
      { status: 'REFUNDED', orders: 1, amountDzd: 200 },
    ] as const
    const event = renderSummary(day, sums, { events: 4, first: 37, last: 72 }, now)
    expect(event).toEqual({
      id: 'evt_summary_production_2026-11-23',
      type: 'summary.daily',
      ref: null,
      stateVersion: null,
      createdAt: now,
      body: expect.any(String),
    })
    expect(JSON.parse(event.body)).toEqual({
      type: 'summary.daily',
      timestamp: '2026-11-23T23:15:10.000Z',
      data: {
        date: '2026-11-23',
        environment: 'production',
        counts: { FULFILLED: 3, REFUNDED: 1 },
        amounts_dzd: { FULFILLED: 1_500, REFUNDED: 200 },
        events: 4,
        first_cursor: 'evc_shop_p_10',
        last_cursor: 'evc_shop_p_20',
      },
    })
  })

  it('of a day without an event has no cursor', () => {
    const event = renderSummary(day, [], { events: 0, first: null, last: null }, now)
    expect(JSON.parse(event.body).data).toMatchObject({ events: 0, first_cursor: null, last_cursor: null })
  })
})
