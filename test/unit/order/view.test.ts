import { describe, expect, it } from 'vitest'
import { noted } from '../../../src/order/history'
import { aged, expecting, looked, provenAbsent } from '../../../src/order/machine'
import { attempted, fanOut, followEndpoints } from '../../../src/order/outbox'
import type { Order } from '../../../src/order/state'
import { callbackState, pageView, snapshot, topupView } from '../../../src/order/view'
import {
  answer,
  at,
  endpoint,
  found,
  fulfilled,
  GATEWAY_ID,
  hours,
  inDoubt,
  intent,
  MSISDN,
  missing,
  NOW,
  PLAN,
  PROVIDER_ID,
  queued,
  refusedLater,
  sending,
  theDelivery,
  tracking,
  unsettled,
} from './builders'

const OFFERS = [{ typename: '📋 FACTURE', planCode: 'FACTURE_DJEZZY', amountDzd: 500 }]
const mismatched = () =>
  looked(
    tracking(),
    found('REFUNDED', { balanceAmountDzd: 480, refundMessage: 'لا يقبل', suggestedOffers: OFFERS }),
    at(12),
  )

describe("the provider's object, as a client of the provider reads it", () => {
  it('has its fields under its names, and no others', () => {
    expect(topupView(fulfilled())).toEqual({
      _id: PROVIDER_ID,
      ref: 'order-77',
      status: 'FULFILLED',
      plan_code: PLAN,
      MSSIDN: MSISDN,
      topup_amount: 500,
      balance_amount: 480,
      created_at: new Date(NOW).toISOString(),
    })
  })

  it("shows the merchant's own ref, never the one the provider was given", () => {
    expect(JSON.stringify(topupView(fulfilled()))).not.toContain('shop.order-77')
  })

  it('in doubt it is PENDING under the id that was made for it, and nothing is known to be taken', () => {
    expect(topupView(inDoubt())).toMatchObject({
      _id: GATEWAY_ID,
      status: 'PENDING',
      topup_amount: 500,
      balance_amount: 0,
    })
  })

  it('a plan without an amount shows 0 until the provider says what it is', () => {
    const fixed = sending({ request: { ...intent().request, amountDzd: null } })
    expect(topupView(fixed).topup_amount).toBe(0)
    expect(topupView(looked(fixed, found('PENDING'), at(3))).topup_amount).toBe(500)
  })

  it('refunded, nothing is taken, whatever the provider left in the field', () => {
    expect(topupView(mismatched())).toMatchObject({
      balance_amount: 0,
      refund_message: 'لا يقبل',
      suggested_offers: [{ typename: '📋 FACTURE', plan_code: 'FACTURE_DJEZZY', amount: 500 }],
    })
    const absent = provenAbsent(missing(refusedLater(), at(100)), at(170))
    expect(topupView(absent)).toMatchObject({ status: 'REFUNDED', balance_amount: 0 })
  })

  it('an unknown word never reaches the merchant', () => {
    expect(topupView(looked(tracking(), found('WEIRD'), at(12))).status).toBe('UNKNOWN_ERROR')
  })
})

describe('the answer about an order', () => {
  it('says whether it is final, in which version and when the provider is asked next', () => {
    const soon = at(14)
    expect(snapshot(tracking(), soon, 'token', at(1))).toMatchObject({
      final: false,
      stateVersion: 1,
      settledAt: null,
      nextCheckAt: soon,
      callback: 'none',
      flag: null,
      statusToken: 'token',
    })
    expect(snapshot(fulfilled(), null, 'token', at(60))).toMatchObject({
      final: true,
      stateVersion: 2,
      settledAt: at(12),
    })
  })

  it('unknown is not final, and a flag is shown', () => {
    const order = aged(unsettled(), hours(24))
    expect(snapshot(order, null, 't', NOW)).toMatchObject({ final: false, flag: { reason: 'open for 24 h' } })
  })
})

describe('by when a result is likely', () => {
  const expected = { at: at(20), lateAt: at(60) }
  const told = (order: Order, seconds: number) => {
    const { expectedAt, isLate } = snapshot(order, null, 't', at(seconds))
    return { expectedAt, isLate }
  }
  const accepted = () => expecting(tracking(), expected)

  it('is the time by which nine in ten are settled; past it, the one by which nearly all are', () => {
    expect(told(accepted(), 1)).toEqual({ expectedAt: at(20), isLate: false })
    expect(told(accepted(), 19.999)).toEqual({ expectedAt: at(20), isLate: false })
    expect(told(accepted(), 20)).toEqual({ expectedAt: at(60), isLate: false })
  })

  it('past that it is late, and nobody can tell', () => {
    expect(told(accepted(), 59.999).isLate).toBe(false)
    expect(told(accepted(), 60)).toEqual({ expectedAt: null, isLate: true })
    expect(told(accepted(), 90_000)).toEqual({ expectedAt: null, isLate: true })
  })

  it('is told of what was accepted only: of the rest nobody can tell', () => {
    for (const order of [tracking(), inDoubt(), queued(), unsettled(), fulfilled()])
      expect(told({ ...order, expected: order.phase === 'tracking' ? null : expected }, 70)).toEqual({
        expectedAt: null,
        isLate: false,
      })
  })

  it('stays what it is while its word changes', () => {
    expect(told(looked(accepted(), found('HANDLING'), at(5)), 6).expectedAt).toBe(at(20))
  })
})

describe('the place in the line', () => {
  it('is told of an order that waits for its turn, from 1', () => {
    expect(snapshot(queued(), at(60), 't', at(2), 7)).toMatchObject({
      queuePosition: 7,
      final: false,
      nextCheckAt: at(60),
      expectedAt: null,
      isLate: false,
    })
    expect(topupView(queued())).toMatchObject({ _id: GATEWAY_ID, status: 'PENDING', balance_amount: 0 })
  })

  it('is none where the line does not know it, and of an order that does not wait', () => {
    expect(snapshot(queued(), null, 't', at(2)).queuePosition).toBeNull()
    for (const order of [sending(), tracking(), inDoubt(), fulfilled()])
      expect(snapshot(order, null, 't', at(2), 7).queuePosition).toBeNull()
  })
})

describe('how far the newest event has come', () => {
  const two = [endpoint(), endpoint({ id: 'ep_shop_00000002' })]
  const told = () => fanOut(fulfilled(), two, at(12))
  const answered = (order: Order, first: 'delivered' | 'gone' | 'failed') =>
    attempted(order, theDelivery(order).id, answer(first), at(12), 0.5)

  it('none: nothing to tell, or nobody to tell it to', () => {
    expect(callbackState(tracking())).toBe('none')
    expect(callbackState(fanOut(fulfilled(), [], at(12)))).toBe('none')
    expect(callbackState(followEndpoints(told(), [], at(13)))).toBe('none')
  })

  it('pending: from the commit on, and until the slowest endpoint has it', () => {
    expect(callbackState(fulfilled())).toBe('pending')
    expect(callbackState(answered(told(), 'delivered'))).toBe('pending')
  })

  it('delivered: everybody has it', () => {
    const [first, second] = told().deliveries
    const order = [first, second].reduce(
      (seen, delivery) => attempted(seen, delivery?.id ?? '', answer('delivered'), at(12), 0.5),
      told(),
    )
    expect(callbackState(order)).toBe('delivered')
  })

  it('held: somebody holds it', () => {
    const order = fanOut(fulfilled(), [endpoint({ state: 'paused' })], at(12))
    expect(callbackState(order)).toBe('held')
  })

  it('is about the newest event: an older one that was delivered does not count', () => {
    const one = fanOut(fulfilled(), [endpoint()], at(12))
    expect(callbackState(answered(one, 'delivered'))).toBe('delivered')
    const reversed = looked(answered(one, 'delivered'), found('REFUNDED'), at(42))
    expect(callbackState(reversed)).toBe('pending')
  })
})

describe("the customer's page", () => {
  it('shows the customer his own top-up', () => {
    expect(pageView(mismatched(), null)).toMatchObject({
      status: 'REFUNDED',
      final: true,
      amountDzd: 500,
      msisdn: MSISDN,
      settledAt: at(12),
      refundMessage: 'لا يقبل',
    })
  })

  it('tells when it was accepted and when it reached the operator, as far as that is known', () => {
    const accepted = noted(tracking(), { did: 'send', result: 'accepted', evidence: [] }, at(1))
    expect(pageView(accepted, null)).toMatchObject({ acceptedAt: at(1), deliveringAt: null })
    const handled = looked(accepted, found('HANDLING'), at(9))
    const told = noted(handled, { did: 'look', result: 'found: HANDLING', evidence: [] }, at(9))
    expect(pageView(told, null)).toMatchObject({ acceptedAt: at(1), deliveringAt: at(9) })
    expect(pageView(inDoubt(), null)).toMatchObject({ acceptedAt: null, deliveringAt: null })
  })

  it("tells nothing of the merchant's: ref, ids, balance, callbacks", () => {
    const text = JSON.stringify(pageView(fanOut(fulfilled(), [endpoint()], at(12)), null))
    for (const secret of ['order-77', PROVIDER_ID, GATEWAY_ID, '480', 'shop', 'ep_']) {
      expect(text).not.toContain(secret)
    }
  })

  it('an amount that nobody knows is not 0', () => {
    expect(
      pageView(sending({ request: { ...intent().request, amountDzd: null } }), null).amountDzd,
    ).toBeNull()
  })
})
