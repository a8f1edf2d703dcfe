import { describe, expect, it } from 'vitest'
import { calledBy, endpointFor } from '../../../src/order/callback-url'
import { type EndpointState, fanOut, followEndpoints } from '../../../src/order/outbox'
import type { Order } from '../../../src/order/state'
import { at, endpoint, fulfilled, theDelivery } from './builders'

const OWN = 'https://shop.dz/till-7'
const ID = endpoint().id

const standing = (change: Partial<EndpointState & { verifiedAt: number | null }> = {}) => ({
  ...endpoint(),
  verifiedAt: 1,
  ...change,
})

describe('the endpoint that answers for a URL', () => {
  it('is the one on its host', () => {
    const other = standing({ id: 'ep_shop_00000002', url: 'https://other.dz/cb' })
    expect(endpointFor(OWN, [other, standing()])).toBe(ID)
  })

  it.each([
    ['another host', 'https://other.dz/till-7'],
    ['a host within it', 'https://tills.shop.dz/till-7'],
    ['the host around it', 'https://dz/till-7'],
    ['another port', 'https://shop.dz:8443/till-7'],
    ['another scheme', 'http://shop.dz/till-7'],
  ])('is none for %s', (_what, url) => {
    expect(endpointFor(url, [standing()])).toBeNull()
  })

  it('is none when there are none', () => {
    expect(endpointFor(OWN, [])).toBeNull()
  })

  it.each(['active', 'paused', 'disabled'] as const)(
    'in production is one that is proven, though %s',
    (state) => {
      expect(endpointFor(OWN, [standing({ state })])).toBe(ID)
      expect(endpointFor(OWN, [standing({ state, verifiedAt: null })])).toBeNull()
    },
  )

  it('in the sandbox need not be proven, and must not be disabled', () => {
    const inSandbox = { environment: 'sandbox', verifiedAt: null } as const
    expect(endpointFor(OWN, [standing(inSandbox)])).toBe(ID)
    expect(endpointFor(OWN, [standing({ ...inSandbox, state: 'paused' })])).toBe(ID)
    expect(endpointFor(OWN, [standing({ ...inSandbox, state: 'disabled' })])).toBeNull()
  })

  it('is rather one that is called than one that holds its events', () => {
    const paused = standing({ id: 'ep_shop_00000002', state: 'paused' })
    expect(endpointFor(OWN, [paused, standing()])).toBe(ID)
    expect(endpointFor(OWN, [paused])).toBe(paused.id)
  })
})

describe('the endpoints as an order calls them', () => {
  const callback = { url: OWN, endpointId: ID }
  const urls = (endpoints: readonly EndpointState[], wanted: Order['intent']['callback'] = callback) =>
    calledBy({ callback: wanted }, endpoints).map(({ url }) => url)

  it('are as they are when it brought no URL', () => {
    expect(urls([endpoint()], null)).toEqual(['https://shop.dz/cb'])
  })

  it('have its URL in place of the one endpoint’s, and of no other', () => {
    const other = endpoint({ id: 'ep_shop_00000002' })
    expect(urls([other, endpoint()])).toEqual(['https://shop.dz/cb', OWN])
  })

  it('keep everything else', () => {
    const paused = endpoint({ state: 'paused', events: ['topup.refunded'] })
    expect(calledBy({ callback }, [paused])).toEqual([{ ...paused, url: OWN }])
  })

  it('keep its URL when the endpoint moves on its host, and not when it leaves it', () => {
    expect(urls([endpoint({ url: 'https://shop.dz/v2' })])).toEqual([OWN])
    expect(urls([endpoint({ url: 'https://new.dz/cb' })])).toEqual(['https://new.dz/cb'])
    expect(urls([endpoint({ url: 'https://shop.dz:8443/cb' })])).toEqual(['https://shop.dz:8443/cb'])
  })

  it('keep it in the sandbox wherever the endpoint moves: nothing was proven there', () => {
    expect(urls([endpoint({ environment: 'sandbox', url: 'https://new.dz/cb' })])).toEqual([OWN])
  })
})

describe('an order with a callback URL of its own', () => {
  const order = (): Order => {
    const settled = fulfilled()
    return { ...settled, intent: { ...settled.intent, callback: { url: OWN, endpointId: ID } } }
  }
  const told = (endpoints = [endpoint()]) => fanOut(order(), endpoints, at(12))
  const followed = (from: Order, change: Partial<EndpointState>) =>
    theDelivery(followEndpoints(from, [endpoint(change)], at(20)))

  it('is told there, and every other endpoint at its own', () => {
    const other = endpoint({ id: 'ep_shop_00000002', url: 'https://other.dz/cb' })
    expect(told([endpoint(), other]).deliveries.map(({ endpointId, url }) => [endpointId, url])).toEqual([
      [ID, OWN],
      [other.id, 'https://other.dz/cb'],
    ])
  })

  it('is not told there what the endpoint does not want', () => {
    expect(told([endpoint({ events: ['topup.refunded'] })]).deliveries).toEqual([])
  })

  it('does not move with its endpoint', () => {
    const before = told()
    expect(followEndpoints(before, [endpoint()], at(20))).toBe(before)
    expect(followed(before, { url: 'https://shop.dz/v2' })).toBe(theDelivery(before))
  })

  it('goes to the endpoint’s own URL once that has left the host', () => {
    const moved = { state: 'unverified', url: 'https://new.dz/cb' } as const
    expect(followed(told(), moved)).toMatchObject({ state: 'held', url: 'https://new.dz/cb' })
  })

  it('is held while its endpoint is paused, and let go to its own URL', () => {
    const held = told([endpoint({ state: 'paused' })])
    expect(theDelivery(held)).toMatchObject({ state: 'held', url: OWN })
    expect(followed(held, {})).toMatchObject({ state: 'pending', url: OWN, nextAttemptAt: at(20) })
  })

  it('is cancelled with its endpoint', () => {
    const cancelled = theDelivery(followEndpoints(told(), [], at(20)))
    expect(cancelled).toMatchObject({ state: 'cancelled', reason: 'endpoint_deleted' })
  })
})
