import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aged, FLAG_AFTER_MS, looked, nextStep, provenAbsent } from '../../../src/order/machine'
import {
  at,
  found,
  fulfilled,
  GATEWAY_ID,
  hours,
  inDoubt,
  lastBody,
  missing,
  NOT_FOUND,
  NOW,
  openOrders,
  PROVIDER_ID,
  refunded,
  refusedLater,
  sending,
  tracking,
  unsettled,
} from './builders'

describe('final', () => {
  it.each([
    ['FULFILLED', 'topup.fulfilled'],
    ['REFUNDED', 'topup.refunded'],
  ] as const)('%s is one event, %s, with version 2', (status, type) => {
    const order = looked(tracking(), found(status), at(12))
    expect(order).toMatchObject({ phase: 'settled', status, stateVersion: 2, settledAt: at(12) })
    expect(order.events).toHaveLength(1)
    expect(order.events[0]).toMatchObject({ type, stateVersion: 2, createdAt: at(12), fannedOut: false })
    expect(nextStep(order)).toBe('none')
  })

  it('said again, nobody is told again', () => {
    const order = fulfilled()
    expect(looked(order, found('FULFILLED'), at(30))).toBe(order)
  })

  it.each(['PENDING', 'HANDLING', 'UNKNOWN_ERROR', 'SOMETHING_NEW'])('is not taken back by %s', (word) => {
    const order = fulfilled()
    expect(looked(order, found(word), at(90))).toBe(order)
  })

  it('is not taken back by 404 either', () => {
    const order = fulfilled()
    expect(looked(order, NOT_FOUND, at(90))).toBe(order)
  })
})

describe('an unknown word is never failed and never done', () => {
  it.each(['UNKNOWN_ERROR', 'SUCCESS', 'FAILED', 'QUEUED', 'fulfilled', 'refunded', ' FULFILLED', 'حالة'])(
    '%s',
    (word) => {
      const order = looked(tracking(), found(word), at(12))
      expect(order).toMatchObject({ phase: 'unknown', status: 'UNKNOWN_ERROR', settledAt: null })
      expect(order.events.map(({ type }) => type)).toEqual(['topup.unknown'])
      expect(lastBody(order).data).toMatchObject({ final: false, previous_status: 'PENDING' })
      expect(nextStep(order)).toBe('look')
    },
  )

  it.each(['constructor', 'toString', '__proto__', 'valueOf', 'hasOwnProperty'])(
    'nor is a word that every object answers to: %s',
    (word) => {
      expect(looked(tracking(), found(word), at(12))).toMatchObject({ phase: 'unknown' })
      expect(looked(fulfilled(), found(word), at(12))).toMatchObject({ status: 'FULFILLED', stateVersion: 2 })
    },
  )

  it('any word at all', () => {
    const known = ['PENDING', 'HANDLING', 'FULFILLED', 'REFUNDED']
    const word = fc.oneof(
      fc.constantFrom('constructor', 'toString', '__proto__'),
      fc.string({ minLength: 1 }),
    )
    fc.assert(
      fc.property(
        word.filter((text) => !known.includes(text)),
        (text) => looked(tracking(), found(text), at(12)).phase === 'unknown',
      ),
    )
  })

  it('is told once, whatever words follow', () => {
    const words = ['UNKNOWN_ERROR', 'NEW_WORD', 'PENDING', 'HANDLING', 'UNKNOWN_ERROR']
    const order = words.reduce((seen, word, index) => looked(seen, found(word), at(90 + index)), unsettled())
    expect(order).toMatchObject({ phase: 'unknown', status: 'UNKNOWN_ERROR', stateVersion: 2 })
    expect(order.events).toHaveLength(1)
  })

  it.each([
    ['FULFILLED', 'topup.fulfilled'],
    ['REFUNDED', 'topup.refunded'],
  ] as const)('is settled by the provider alone, hours later: %s', (word, type) => {
    const order = looked(unsettled(), found(word), hours(11))
    expect(order).toMatchObject({ phase: 'settled', status: word, stateVersion: 3 })
    expect(order.events.map((event) => event.type)).toEqual(['topup.unknown', type])
    expect(lastBody(order).data).toMatchObject({ previous_status: 'UNKNOWN_ERROR', state_version: 3 })
  })
})

describe('a reversal after final', () => {
  it.each([
    ['FULFILLED', 'REFUNDED'],
    ['REFUNDED', 'FULFILLED'],
  ] as const)('%s to %s is one new event with a higher version', (before, after) => {
    const order = looked(looked(tracking(), found(before), at(12)), found(after), at(42))
    expect(order).toMatchObject({ phase: 'settled', status: after, stateVersion: 3, settledAt: at(42) })
    expect(order.events.map(({ type }) => type)).toEqual([`topup.${before.toLowerCase()}`, 'topup.reversed'])
    expect(lastBody(order).data).toMatchObject({ status: after, previous_status: before, final: true })
    expect(looked(order, found(after), at(50))).toBe(order)
  })

  it('leaves the bytes of the first event as they were', () => {
    const first = fulfilled().events[0]
    expect(looked(fulfilled(), found('REFUNDED'), at(42)).events[0]).toEqual(first)
  })

  it('shows what the provider says now: nothing taken', () => {
    const order = looked(fulfilled(), found('REFUNDED', { refundMessage: 'تم الاسترجاع' }), at(42))
    expect(lastBody(order).data).toMatchObject({ balance_amount: 0, refund_message: 'تم الاسترجاع' })
  })

  it("of a refund by absence learns the provider's id, so that both ids resolve for ever", () => {
    const absent = provenAbsent(missing(refusedLater(), at(100)), at(170))
    const order = looked(absent, found('FULFILLED'), hours(2))
    expect(order).toMatchObject({ status: 'FULFILLED', topupId: GATEWAY_ID, providerId: PROVIDER_ID })
  })
})

describe('event ids derive from order and version', () => {
  it('an event made twice is one event', () => {
    expect(looked(tracking(), found('FULFILLED'), at(12)).events[0]?.id).toBe(`evt_${GATEWAY_ID}_2`)
    expect(looked(tracking(), found('FULFILLED'), at(99)).events[0]?.id).toBe(`evt_${GATEWAY_ID}_2`)
  })

  it('the next has the next number', () => {
    const order = looked(unsettled(), found('FULFILLED'), hours(1))
    expect(order.events.map(({ id }) => id)).toEqual([`evt_${GATEWAY_ID}_2`, `evt_${GATEWAY_ID}_3`])
  })
})

describe('after 24 h it is flagged and still looked up', () => {
  it.each(openOrders())('%s', (_, order) => {
    const flagged = aged(order, NOW + FLAG_AFTER_MS)
    expect(flagged.flag).toMatchObject({ at: NOW + FLAG_AFTER_MS })
    expect({ ...flagged, flag: null }).toEqual(order)
    expect(nextStep(flagged)).toBe(nextStep(order))
  })

  it('not a millisecond sooner, and only once', () => {
    expect(aged(unsettled(), NOW + FLAG_AFTER_MS - 1).flag).toBeNull()
    const flagged = aged(unsettled(), NOW + FLAG_AFTER_MS)
    expect(aged(flagged, hours(48))).toBe(flagged)
    expect(FLAG_AFTER_MS).toBe(24 * 3_600_000)
  })

  it('what is done is never flagged', () => {
    expect(aged(fulfilled(), hours(48)).flag).toBeNull()
    expect(aged(refunded(), hours(48)).flag).toBeNull()
  })

  it('and settles as ever', () => {
    const flagged = aged(inDoubt(), hours(24))
    expect(looked(flagged, found('FULFILLED'), hours(30))).toMatchObject({ status: 'FULFILLED' })
    expect(sending().flag).toBeNull()
  })
})
