import { describe, expect, it } from 'vitest'
import { makerOfDelivery } from '../../../src/order/delivery-id'
import { bookEntry } from '../../../src/order/entry'
import { submitted } from '../../../src/order/machine'
import { fanOut } from '../../../src/order/outbox'
import { at, endpoint, fulfilled, GATEWAY_ID, inDoubt, MSISDN, PLAN, PROVIDER_ID, tracking } from './builders'

describe('what the book keeps of an order', () => {
  it('finds it by ref, number and the id that the merchant knows', () => {
    expect(bookEntry(tracking(), 'object', at(30))).toMatchObject({
      objectId: 'object',
      environment: 'production',
      ref: 'order-77',
      msisdn: MSISDN,
      planCode: PLAN,
      topupId: PROVIDER_ID,
      providerId: null,
      phase: 'tracking',
      dueAt: at(30),
    })
  })

  it('both ids resolve where the merchant was told another than the provider made', () => {
    const late = submitted(inDoubt(), { kind: 'accepted', topupId: PROVIDER_ID }, at(11))
    expect(bookEntry(late, 'object', null)).toMatchObject({ topupId: GATEWAY_ID, providerId: PROVIDER_ID })
  })

  it('an order in doubt has its id too', () => {
    expect(bookEntry(inDoubt(), 'object', at(30))).toMatchObject({ topupId: GATEWAY_ID, providerId: null })
  })

  it('has each event as it was frozen, with the ref of its order', () => {
    const order = fulfilled()
    const { fannedOut: _, ...event } = order.events[0] ?? { fannedOut: true }
    expect(bookEntry(order, 'object', null).events).toEqual([{ ...event, ref: 'order-77' }])
  })

  it('has each delivery, and the id that they are named by', () => {
    const order = fanOut(fulfilled(), [endpoint()], at(12))
    const { gatewayId, deliveries } = bookEntry(order, 'object', null)
    expect(deliveries).toEqual(order.deliveries)
    expect(deliveries.map(({ id }) => makerOfDelivery(id))).toEqual([gatewayId])
  })

  it('carries the revision, so that a late copy never overwrites a newer one', () => {
    expect(bookEntry({ ...tracking(), revision: 7 }, 'object', null).revision).toBe(7)
  })
})
