/** What the provider took, what the book keeps of it, and the warnings that a send went out with. */
import { describe, expect, it } from 'vitest'
import { bookEntry } from '../../../src/order/entry'
import { begin, looked, provenAbsent, submitted } from '../../../src/order/machine'
import type { Warning } from '../../../src/order/state'
import { snapshot, topupView } from '../../../src/order/view'
import {
  at,
  found,
  fulfilled,
  GATEWAY_ID,
  inDoubt,
  intent,
  missing,
  NOT_FOUND,
  NOW,
  PROVIDER_ID,
  refunded,
  refusedLater,
  sending,
  stranger,
  tracking,
} from './builders'

describe('what the provider took', () => {
  it.each([
    ['the send is on its way', sending()],
    ['it was accepted, and never looked at', tracking()],
    ['nobody knows', inDoubt()],
    ['the first look already says refunded', refunded()],
    ['the provider does not say', looked(tracking(), found('PENDING', { balanceAmountDzd: null }), at(3))],
  ])('is not known while %s', (_, order) => {
    expect(order.chargedDzd).toBeNull()
  })

  it('is what was seen, to the centime', () => {
    expect(fulfilled().chargedDzd).toBe(480)
    const pending = looked(tracking(), found('PENDING', { balanceAmountDzd: 495.51 }), at(3))
    expect(pending.chargedDzd).toBe(495.51)
  })

  it('is remembered when it came back: the provider shows 0 then', () => {
    const pending = looked(tracking(), found('HANDLING'), at(3))
    const back = looked(pending, found('REFUNDED', { balanceAmountDzd: 0 }), at(12))
    expect(back).toMatchObject({ status: 'REFUNDED', chargedDzd: 480 })
    expect(topupView(back).balance_amount).toBe(0)
  })

  it('follows the provider when the amount changes on the way', () => {
    const first = looked(tracking(), found('PENDING', { balanceAmountDzd: 500 }), at(3))
    expect(looked(first, found('HANDLING'), at(5)).chargedDzd).toBe(480)
  })

  it('stays when FULFILLED turns to REFUNDED', () => {
    const reversed = looked(fulfilled(), found('REFUNDED', { balanceAmountDzd: 0 }), at(40))
    expect(reversed).toMatchObject({ status: 'REFUNDED', chargedDzd: 480 })
  })

  it('is what is seen when REFUNDED turns to FULFILLED', () => {
    expect(refunded().chargedDzd).toBeNull()
    const reversed = looked(refunded(), found('FULFILLED'), at(40))
    expect(reversed).toMatchObject({ status: 'FULFILLED', chargedDzd: 480 })
  })

  it.each([0, null])('is what was seen before, when the reversed one shows %s', (balanceAmountDzd) => {
    const back = looked(fulfilled(), found('REFUNDED', { balanceAmountDzd: 0 }), at(40))
    expect(looked(back, found('FULFILLED', { balanceAmountDzd }), at(50)).chargedDzd).toBe(480)
  })

  it("is never what a stranger's top-up took", () => {
    const order = looked(inDoubt(), { kind: 'found', topup: stranger() }, at(20))
    expect(order).toMatchObject({ phase: 'unknown', chargedDzd: null })
  })

  it('is nothing for a ref that was proven absent', () => {
    const absent = provenAbsent(missing(refusedLater(), at(100)), at(170))
    expect(absent).toMatchObject({ status: 'REFUNDED', chargedDzd: null })
  })

  it('is kept by a look-up that tells nothing', () => {
    const pending = looked(tracking(), found('PENDING'), at(3))
    expect(looked(pending, NOT_FOUND, at(5)).chargedDzd).toBe(480)
  })
})

describe('the book keeps', () => {
  it('what was taken, and the face value', () => {
    expect(bookEntry(fulfilled(), 'object', null)).toMatchObject({ chargedDzd: 480, topupAmountDzd: 500 })
    expect(bookEntry(inDoubt(), 'object', null)).toMatchObject({ chargedDzd: null, topupAmountDzd: 500 })
  })

  it('nothing of what an account of his own paid: the provider lists that', () => {
    const own = looked(sending({ wallet: 'own:shop', upstreamRef: 'order-77' }), found('FULFILLED'), at(12))
    expect(own.chargedDzd).toBe(480)
    expect(bookEntry(own, 'object', null)).toMatchObject({ chargedDzd: null, topupAmountDzd: 500 })
  })

  it('the face value 0 while nobody has said it', () => {
    const fixed = sending({ request: { ...intent().request, amountDzd: null } })
    expect(bookEntry(fixed, 'object', null).topupAmountDzd).toBe(0)
    expect(bookEntry(looked(fixed, found('PENDING'), at(3)), 'object', null).topupAmountDzd).toBe(500)
  })

  it('the object that the merchant is shown, under the id that he knows', () => {
    const late = submitted(inDoubt(), { kind: 'accepted', topupId: PROVIDER_ID }, at(11))
    for (const order of [tracking(), fulfilled(), late]) {
      const entry = bookEntry(order, 'object', null)
      expect(entry.topup).toEqual(topupView(order))
      expect(entry.topup._id).toBe(entry.topupId)
    }
    expect(bookEntry(late, 'object', null).topup._id).toBe(GATEWAY_ID)
  })
})

describe('warnings', () => {
  const warnings: Warning[] = [
    { code: 'PREFIX_MISMATCH', message: 'another network' },
    { code: 'REPEATED_TOPUP', message: 'a moment ago' },
  ]
  const warned = () => begin(intent(), { gatewayId: GATEWAY_ID, pageSecret: 'b'.repeat(24), warnings }, NOW)

  it('are the same in every answer, from the send to the end', () => {
    const sent = submitted(warned(), { kind: 'accepted', topupId: PROVIDER_ID }, at(1))
    const orders = [warned(), sent, looked(sent, found('FULFILLED'), at(12))]
    for (const order of orders) expect(snapshot(order, null, 'token', NOW).warnings).toEqual(warnings)
  })

  it('are no part of what the merchant is called back with', () => {
    const done = looked(warned(), found('FULFILLED'), at(12))
    expect(done.events[0]?.body).not.toContain('PREFIX_MISMATCH')
  })
})
