import { beforeAll, describe, expect, it } from 'vitest'
import { DEMO_LIVE_KEY, eventually, type Gateway, startGateway } from './harness'
import type { Received } from './merchant'
import { type Provider, startProvider } from './provider'
import { expectAllGenuine, openShop, shopWithKey } from './shop'
import { expectGenuine } from './signature'

const NUMBER = '0661234567'
/** An unknown order is looked at again after 30 s at the earliest. */
const UNKNOWN_MS = 120_000

let provider: Provider
let gateway: Gateway
beforeAll(async () => {
  provider = await startProvider()
  gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
})

describe.concurrent('a callback', () => {
  it('tells a top-up from send to its end, signed, with the object that check-ref shows', async () => {
    const shop = shopWithKey(gateway, DEMO_LIVE_KEY)
    const { merchant, endpoint } = await shop.receiver()
    const ref = 'طلب رقم {1}+2/3 %20'
    const sent = await shop.send(ref, NUMBER)
    expect(provider.find(`demo.${ref}`)).toMatchObject({ msisdn: NUMBER, amount: 500 })
    provider.settle(`demo.${ref}`, 'FULFILLED')

    const callback = await merchant.received(1)
    await expectGenuine(gateway, callback, endpoint)
    expect(callback).toMatchObject({ method: 'POST', path: '/callback' })
    expect(callback.headers['content-type']).toMatch(/^application\/json/)
    expect(callback.headers['user-agent']).toMatch(/^Rasid/)
    expect(callback.headers['webhook-attempt']).toBe('1')

    const look = await shop.call('GET', `/v3/mobile/check-ref/${encodeURIComponent(ref)}`)
    const { gateway: extra, ...topup } = look.json.data
    expect(Object.keys(callback.body)).toEqual(['type', 'timestamp', 'data'])
    expect(callback.body.type).toBe('topup.fulfilled')
    expect(new Date(callback.body.timestamp).toISOString()).toBe(callback.body.timestamp)
    expect(callback.body.data).toEqual({
      ...topup,
      final: true,
      state_version: 2,
      previous_status: 'PENDING',
      environment: 'production',
    })
    expect(topup).toMatchObject({ _id: sent.json.data.topupId, ref, status: 'FULFILLED', MSSIDN: NUMBER })
    expect(extra).toMatchObject({ final: true, state_version: 2 })

    await shop.deliveryIn('delivered', `ref=${encodeURIComponent(ref)}`)
    expect(merchant.callbacks).toHaveLength(1)
    expect(provider.topups.filter((topup) => topup.ref === `demo.${ref}`)).toHaveLength(1)
  })

  it('says why the money came back, in the provider’s words', async () => {
    const shop = await openShop(gateway, 'production')
    const { merchant } = await shop.receiver()
    await shop.send('came back', NUMBER)
    const suggestedOffers = [{ typename: 'عرض 500', plan_code: 'PIXX_500', amount: 500 }]
    provider.settle('came back', 'REFUNDED', { refundMessage: 'الرقم غير صالح', suggestedOffers })
    expect((await merchant.received(1)).body).toMatchObject({
      type: 'topup.refunded',
      data: {
        ref: 'came back',
        status: 'REFUNDED',
        final: true,
        balance_amount: 0,
        refund_message: 'الرقم غير صالح',
        suggested_offers: suggestedOffers,
      },
    })
  })

  it('of an unknown top-up is not final, and a second one says what it came to', {
    timeout: UNKNOWN_MS,
  }, async () => {
    const shop = await openShop(gateway, 'production')
    const { merchant } = await shop.receiver()
    await shop.send('unclear', NUMBER)
    provider.settle('unclear', 'UNKNOWN_ERROR')
    const first = await merchant.received(1)
    expect(first.body).toMatchObject({
      type: 'topup.unknown',
      data: { status: 'UNKNOWN_ERROR', final: false, state_version: 2, previous_status: 'PENDING' },
    })
    provider.settle('unclear', 'REFUNDED')
    const second = await merchant.received(2, UNKNOWN_MS)
    expect(second.body).toMatchObject({
      type: 'topup.refunded',
      data: { status: 'REFUNDED', final: true, state_version: 3, previous_status: 'UNKNOWN_ERROR' },
    })
    expect(second.headers['webhook-id']).not.toBe(first.headers['webhook-id'])
    expect(second.body.data._id).toBe(first.body.data._id)
  })

  it('goes to every endpoint that wants its type, and to no other', async () => {
    const shop = await openShop(gateway, 'production')
    const [all, good, bad] = [
      await shop.receiver(),
      await shop.receiver({ events: ['topup.fulfilled'] }),
      await shop.receiver({ events: ['topup.refunded', 'topup.reversed'] }),
    ]
    await shop.send('filtered good', NUMBER)
    await shop.send('filtered bad', NUMBER)
    provider.settle('filtered good', 'FULFILLED')
    provider.settle('filtered bad', 'REFUNDED')
    await eventually('all to be delivered', async () => {
      return (await shop.deliveries('state=delivered')).length === 4
    })
    const refs = ({ merchant }: typeof all) => merchant.callbacks.map(({ body }) => body.data.ref).sort()
    expect(refs(all)).toEqual(['filtered bad', 'filtered good'])
    expect(refs(good)).toEqual(['filtered good'])
    expect(refs(bad)).toEqual(['filtered bad'])
    expect(await shop.deliveries()).toHaveLength(4)

    const [one, two] = [good.merchant.callbacks[0], all.merchant.callbacks.find(isAbout('filtered good'))]
    expect(one?.headers['webhook-id']).toBe(two?.headers['webhook-id'])
    expect(one?.rawBody).toBe(two?.rawBody)
  })

  it('never crosses from one environment or merchant to another', async () => {
    const [shop, stranger] = [await openShop(gateway, 'sandbox'), await openShop(gateway, 'sandbox')]
    const [own, foreign] = [await shop.receiver(), await stranger.receiver()]
    await shop.send('same ref')
    expect((await own.merchant.received(1)).body.data.environment).toBe('sandbox')
    await stranger.send('same ref')
    await foreign.merchant.received(1)
    await shop.deliveryIn('delivered', 'ref=same+ref')
    expect([own, foreign].map(({ merchant }) => merchant.callbacks.length)).toEqual([1, 1])
    const ids = [own, foreign].map(({ merchant }) => merchant.callbacks[0]?.headers['webhook-id'])
    expect(ids[0]).not.toBe(ids[1])
  })
})

it('every callback and challenge that any receiver here got is genuine', async () => {
  expect(await expectAllGenuine(gateway)).toBeGreaterThan(15)
})

function isAbout(ref: string) {
  return ({ body }: Received) => body.data.ref === ref
}
