/** What an account can pay, and how long it will last. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canPay, isAmple, lowBy, Spending } from '../../../src/provider/funds'

const NOON = Date.UTC(2026, 1, 1, 12)
const SECOND = 1_000
const MINUTE = 60_000
const HOUR = 3_600_000
const balance = (dzd: number, ago = 0) => ({ dzd, at: NOON - ago })

describe('whether the account can pay', () => {
  it('yes, to the last dinar', () => {
    expect(canPay(balance(500), 500, NOON)).toBe('yes')
    expect(canPay(balance(500), 499.99, NOON)).toBe('yes')
    expect(canPay(balance(0), 0, NOON)).toBe('yes')
  })

  it('no, where it was told a moment ago that it cannot', () => {
    expect(canPay(balance(500, 0), 500.01, NOON)).toBe('no')
    expect(canPay(balance(500, 3 * SECOND), 501, NOON)).toBe('no')
  })

  it('an older no is asked for anew: money may have come in since', () => {
    expect(canPay(balance(500, 3 * SECOND + 1), 501, NOON)).toBe('ask')
  })

  it('an old yes is believed: the provider judges in the end', () => {
    expect(canPay(balance(500, 24 * HOUR), 500, NOON)).toBe('yes')
  })

  it('what nobody knows speaks against nothing', () => {
    expect(canPay(null, 1e9, NOON)).toBe('yes')
    expect(canPay(balance(0), null, NOON)).toBe('yes')
  })
})

describe('an account is low', () => {
  it('below so many dinars, or so many hours, whichever the operator chose', () => {
    const both = { dzd: 10_000, hours: 4 }
    expect(lowBy(9_999, 100, both)).toBe('dzd')
    expect(lowBy(10_000, 3.9, both)).toBe('hours')
    expect(lowBy(10_000, 4, both)).toBeNull()
    expect(lowBy(1, 0.1, { dzd: null, hours: null })).toBeNull()
    expect(lowBy(1, 0.1, { dzd: null, hours: 4 })).toBe('hours')
  })

  it('by its rate only while there is one', () => {
    expect(lowBy(10, null, { dzd: null, hours: 4 })).toBeNull()
  })

  it('is ample again only well above every mark: a balance that hovers there is one piece of news', () => {
    const both = { dzd: 10_000, hours: 4 }
    expect(isAmple(10_999, 100, both)).toBe(false)
    expect(isAmple(11_000, 4.3, both)).toBe(false)
    expect(isAmple(11_000, 4.5, both)).toBe(true)
    expect(isAmple(11_000, null, both)).toBe(true)
    expect(isAmple(0, 0, { dzd: null, hours: null })).toBe(true)
  })

  it('and ample at once it never is', () => {
    const amount = fc.double({ min: 0, max: 1e7, noNaN: true })
    const maybe = fc.option(amount)
    fc.assert(
      fc.property(amount, maybe, maybe, maybe, (dzd, hoursLeft, markDzd, markHours) => {
        const mark = { dzd: markDzd, hours: markHours }
        if (lowBy(dzd, hoursLeft, mark) !== null) expect(isAmple(dzd, hoursLeft, mark)).toBe(false)
      }),
    )
  })
})

describe('how long the balance lasts', () => {
  it('is told at the rate of the last hour', () => {
    const spending = new Spending(NOON - 2 * HOUR)
    for (let minute = -55; minute < 0; minute += 10) spending.add(1_000, NOON + minute * MINUTE)
    expect(spending.hoursLeft(30_000, NOON)).toBe(5)
    expect(spending.hoursLeft(3_000, NOON)).toBe(0.5)
  })

  it('what was spent before that hour does not count', () => {
    const spending = new Spending(NOON - 5 * HOUR)
    spending.add(1_000_000, NOON - HOUR - 10 * MINUTE)
    expect(spending.hoursLeft(30_000, NOON)).toBeNull()
    spending.add(1_000, NOON)
    expect(spending.hoursLeft(30_000, NOON)).toBe(30)
  })

  it('after half an hour awake, the half hour is the rate', () => {
    const spending = new Spending(NOON)
    spending.add(1_000, NOON + MINUTE)
    expect(spending.hoursLeft(10_000, NOON + HOUR / 2)).toBe(5)
  })

  it('nobody can tell in the first minutes, nor where nothing is spent', () => {
    const spending = new Spending(NOON)
    expect(spending.hoursLeft(10_000, NOON + HOUR)).toBeNull()
    spending.add(1_000, NOON + HOUR)
    expect(spending.hoursLeft(10_000, NOON + HOUR)).not.toBeNull()
    const fresh = new Spending(NOON)
    fresh.add(1_000, NOON)
    expect(fresh.hoursLeft(10_000, NOON + 5 * MINUTE - 1)).toBeNull()
    expect(fresh.hoursLeft(10_000, NOON + 5 * MINUTE)).not.toBeNull()
  })

  it('is never negative, and a thousand sends a minute are a handful of numbers', () => {
    const spending = new Spending(NOON)
    for (let second = 0; second < 7_200; second++) spending.add(500, NOON + second * SECOND)
    const left = spending.hoursLeft(1_800_000, NOON + 2 * HOUR)
    expect(left).toBeGreaterThan(0.9)
    expect(left).toBeLessThan(1.1)
  })
})
