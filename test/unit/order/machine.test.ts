import { describe, expect, it } from 'vitest'
import {
  differingFields,
  isWorthKeeping,
  looked,
  nextStep,
  provenAbsent,
  submitted,
} from '../../../src/order/machine'
import type { Intent } from '../../../src/order/state'
import {
  at,
  found,
  fulfilled,
  GATEWAY_ID,
  inDoubt,
  intent,
  missing,
  NO_ANSWER,
  NOT_FOUND,
  PROVIDER_ID,
  refusal,
  resent,
  sending,
  stranger,
  topup,
  tracking,
} from './builders'

describe('before the first byte leaves', () => {
  it('the record is one submission that must be concluded', () => {
    expect(sending()).toMatchObject({ phase: 'sending', status: 'PENDING', stateVersion: 1, submissions: 1 })
    expect(nextStep(sending())).toBe('conclude_send')
  })
})

describe('an accepted send', () => {
  it('is tracked under the id of the provider, which the merchant sees too', () => {
    expect(tracking()).toMatchObject({ phase: 'tracking', status: 'PENDING', topupId: PROVIDER_ID })
    expect(nextStep(tracking())).toBe('look')
  })

  it('tells nobody anything yet: PENDING is not news', () => {
    expect(tracking().events).toEqual([])
  })
})

describe('a refused send', () => {
  it('frees its ref: the provider never made it', () => {
    const order = submitted(sending(), { kind: 'refused', refusal: refusal() }, at(1))
    expect(order).toMatchObject({ phase: 'refused', topupId: null, events: [] })
    expect(order.refusal?.code).toBe('INSUFFICIENT_BALANCE')
    expect(nextStep(order)).toBe('none')
  })

  it('frees it only while the merchant was never told that it is pending', () => {
    const order = submitted(resent(), { kind: 'refused', refusal: refusal() }, at(91))
    expect(order).toMatchObject({ phase: 'in_doubt', status: 'PENDING', topupId: GATEWAY_ID })
    expect(nextStep(order)).toBe('look')
  })

  it('stays refused, whatever a late look-up says', () => {
    const order = submitted(sending(), { kind: 'refused', refusal: refusal() }, at(1))
    expect(looked(order, found('FULFILLED'), at(2))).toBe(order)
  })
})

describe('a send without a definite answer', () => {
  it('is in doubt, PENDING, and has an id that the merchant can be told', () => {
    expect(inDoubt()).toMatchObject({ phase: 'in_doubt', status: 'PENDING', topupId: GATEWAY_ID, events: [] })
  })

  it('is looked up, never sent again', () => {
    expect(nextStep(inDoubt())).toBe('look')
    expect(inDoubt().submissions).toBe(1)
  })

  it('keeps a refusal that is not understood until absence is proven', () => {
    const outcome = { kind: 'in_doubt', reason: 'http_403_ODD', refusal: refusal('ODD') } as const
    const order = submitted(sending(), outcome, at(1))
    expect(order).toMatchObject({ phase: 'in_doubt', refusal: { code: 'ODD' } })
  })

  it('learns from an answer that came late, and the id that the merchant knows stays', () => {
    const order = submitted(inDoubt(), { kind: 'accepted', topupId: PROVIDER_ID }, at(11))
    expect(order).toMatchObject({ phase: 'tracking', providerId: PROVIDER_ID, topupId: GATEWAY_ID })
  })

  it.each([
    ['another doubt', { kind: 'in_doubt', reason: 'x', refusal: null } as const],
    ['a duplicate', { kind: 'found', topup: null } as const],
  ])('is not moved by %s that came late', (_, outcome) => {
    expect(submitted(inDoubt(), outcome, at(11))).toEqual(inDoubt())
  })
})

describe('a refusal that came late', () => {
  it('waits for the proof of absence, and is not sent again after it', () => {
    const late = submitted(inDoubt(), { kind: 'refused', refusal: refusal() }, at(11))
    expect(late).toMatchObject({ phase: 'in_doubt', refusal: { code: 'INSUFFICIENT_BALANCE' } })
    expect(provenAbsent(missing(late), at(90))).toMatchObject({ phase: 'settled', status: 'REFUNDED' })
  })
})

describe('a top-up under the id that the provider gave us', () => {
  it('is ours, however its plan is worded', () => {
    const order = looked(tracking(), found('FULFILLED', { planCode: 'Djezzy Prepaid' }), at(12))
    expect(order).toMatchObject({ phase: 'settled', status: 'FULFILLED', flag: null })
  })
})

describe('an answer that comes after the look-up', () => {
  it.each([
    ['tracking', tracking()],
    ['final', fulfilled()],
  ])('changes nothing on an order that is %s', (_, order) => {
    expect(submitted(order, { kind: 'accepted', topupId: 'other' }, at(30))).toBe(order)
    expect(submitted(order, { kind: 'refused', refusal: refusal() }, at(30))).toBe(order)
  })
})

describe('a duplicate-ref refusal means found', () => {
  it('our own top-up is adopted', () => {
    const order = submitted(sending(), { kind: 'found', topup: topup('HANDLING') }, at(1))
    expect(order).toMatchObject({ phase: 'tracking', status: 'HANDLING', topupId: PROVIDER_ID })
  })

  it('our own top-up that is final already is final at once', () => {
    const order = submitted(sending(), { kind: 'found', topup: topup('FULFILLED') }, at(1))
    expect(order).toMatchObject({ phase: 'settled', status: 'FULFILLED', topupId: PROVIDER_ID })
  })

  it('not seen by the look-up yet, it is in doubt, not refused', () => {
    const order = submitted(sending(), { kind: 'found', topup: null }, at(1))
    expect(order).toMatchObject({ phase: 'in_doubt', status: 'PENDING', topupId: GATEWAY_ID })
  })

  it('a plan code in other letters is still ours', () => {
    const own = topup('PENDING', { planCode: 'prepaid_mobilis' })
    expect(submitted(sending(), { kind: 'found', topup: own }, at(1)).phase).toBe('tracking')
  })

  it('an object without number and plan is ours: the ref is all there is to go by', () => {
    const own = topup('PENDING', { planCode: null, msisdn: null })
    expect(submitted(sending(), { kind: 'found', topup: own }, at(1)).phase).toBe('tracking')
  })

  it("a stranger's top-up refuses the send as the provider does, naming it", () => {
    const order = submitted(sending(), { kind: 'found', topup: stranger() }, at(1))
    expect(order).toMatchObject({ phase: 'refused', refusal: { httpStatus: 403, code: 'DUPLICATED_REF' } })
    expect(order.refusal?.detailsJson).toContain(stranger().id)
  })
})

describe('the same ref again', () => {
  const { request } = intent()
  const wanted = (
    change: Partial<Intent['request']> = {},
    url: string | null = null,
    endpointId = 'ep_1',
  ) => ({
    request: { ...request, ...change },
    callback: url === null ? null : { url, endpointId },
  })

  it('is the same when plan, number and amount are', () => {
    expect(differingFields(wanted(), wanted())).toEqual([])
  })

  it('no amount and 0 mean the same', () => {
    expect(differingFields(wanted({ amountDzd: null }), wanted({ amountDzd: 0 }))).toEqual([])
  })

  it('names the fields that differ as they are on the wire', () => {
    const other = { planCode: 'PIXX_500', msisdn: '0700000000', amountDzd: 600 }
    expect(differingFields(wanted(), wanted(other))).toEqual(['plan_code', 'MSSIDN', 'amount'])
  })

  it('is another with another callback URL, with one more or one less', () => {
    const [a, b] = [wanted({}, 'https://shop.dz/a'), wanted({}, 'https://shop.dz/b')]
    for (const [one, other] of [[a, b] as const, [a, wanted()] as const, [wanted(), a] as const]) {
      expect(differingFields(one, other)).toEqual(['callback_url'])
    }
  })

  it('is the same whichever endpoint answers for the URL by now', () => {
    const url = 'https://shop.dz/a'
    expect(differingFields(wanted({}, url, 'ep_1'), wanted({}, url, 'ep_2'))).toEqual([])
  })
})

describe('what costs a written row', () => {
  it.each([
    ['PENDING to HANDLING', tracking(), looked(tracking(), found('HANDLING'), at(3)), false],
    ['a look-up that failed', tracking(), looked(tracking(), NO_ANSWER, at(3)), false],
    ['final', tracking(), fulfilled(), true],
    ['one more absence', inDoubt(), looked(inDoubt(), NOT_FOUND, at(20)), true],
    ['found after doubt', missing(), looked(missing(), found('PENDING'), at(95)), true],
  ])('%s', (_, before, after, worth) => {
    expect(isWorthKeeping(before, after)).toBe(worth)
  })
})
