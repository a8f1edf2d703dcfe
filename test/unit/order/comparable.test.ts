import { describe, expect, it } from 'vitest'
import { comparable } from '../../../src/order/comparable'
import { submitted } from '../../../src/order/machine'
import { at, fulfilled, GATEWAY_ID, inDoubt, MSISDN, NOW, PLAN, PROVIDER_ID, sending } from './builders'

describe('an order as it is compared', () => {
  it('says what was asked for and what was seen', () => {
    expect(comparable(fulfilled(), 'object')).toEqual({
      objectId: 'object',
      merchantId: 'shop',
      environment: 'production',
      ref: 'order-77',
      upstreamRef: 'shop.order-77',
      wallet: 'operator',
      createdAt: NOW,
      revision: 0,
      topupId: PROVIDER_ID,
      providerId: PROVIDER_ID,
      phase: 'settled',
      status: 'FULFILLED',
      planCode: PLAN,
      msisdn: MSISDN,
      amountDzd: 500,
      askedDzd: 500,
      settledAt: at(12),
    })
  })

  it('does not take the id that it gave itself for one of the provider', () => {
    expect(comparable(inDoubt(), 'object')).toMatchObject({ topupId: GATEWAY_ID, providerId: null })
    const adopted = submitted(inDoubt(), { kind: 'accepted', topupId: PROVIDER_ID }, at(11))
    expect(comparable(adopted, 'object')).toMatchObject({ topupId: GATEWAY_ID, providerId: PROVIDER_ID })
  })

  it('of a plan with its own price was asked for no amount', () => {
    const order = sending({ request: { planCode: PLAN, msisdn: MSISDN, amountDzd: null } })
    expect(comparable(order, 'object')).toMatchObject({ askedDzd: null, amountDzd: 0 })
  })
})
