import { beforeAll, describe, expect, it } from 'vitest'
import { expectError } from './client'
import { type Gateway, startGateway } from './harness'
import { startMerchant } from './merchant'
import { openShop, type Shop } from './shop'
import { expectGenuine } from './signature'

/** Sandbox number: FULFILLED one second after the send. */
const NUMBER = '0600010099'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})

const sendTo = (shop: Shop, ref: string, callback_url: string) =>
  shop.call('POST', '/v3/mobile/send', {
    plan_code: 'PREPAID_MOBILIS',
    MSSIDN: NUMBER,
    amount: 500,
    ref,
    callback_url,
  })

describe.concurrent('a send with a callback URL of its own', () => {
  it('is told there, signed like everything for that endpoint; other endpoints hear of it as ever', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const [mine, other] = [await shop.receiver(), await shop.receiver()]
    const url = new URL('/tills/7?shift=2', mine.merchant.url).href
    const sent = await sendTo(shop, 'till-7', url)
    expect(sent.status, sent.text).toBe(200)

    const there = await mine.merchant.received(1)
    expect(there.path).toBe('/tills/7?shift=2')
    await expectGenuine(gateway, there, mine.endpoint)
    expect((await other.merchant.received(1)).path).toBe('/callback')
    const delivery = await shop.deliveryIn('delivered', `endpoint_id=${mine.endpoint.id}`)
    expect(delivery.url).toBe(url)
    expect(mine.merchant.callbacks).toHaveLength(1)
  })

  it('is tried again there after a 410, and the endpoint stays active', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const { merchant, endpoint } = await shop.receiver()
    merchant.answerNext({ status: 410 })
    await sendTo(shop, 'gone', new URL('/tills/7', merchant.url).href)
    const [first, second] = [await merchant.received(1), await merchant.received(2)]
    expect(second.path).toBe('/tills/7')
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id'])
    expect((await shop.endpoint(endpoint.id)).state).toBe('active')
    await shop.deliveryIn('delivered', 'ref=gone')
  })

  it('does not move with its endpoint', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const { merchant, endpoint } = await shop.receiver()
    await shop.patch(endpoint.id, { state: 'paused' })
    await sendTo(shop, 'stays', new URL('/tills/7', merchant.url).href)
    await shop.deliveryIn('held', 'ref=stays')
    await shop.patch(endpoint.id, { url: new URL('/v2', merchant.url).href })
    await shop.patch(endpoint.id, { state: 'active' })
    expect((await merchant.received(1)).path).toBe('/tills/7')
  })

  it('in production needs an endpoint on that host that has proven itself', async () => {
    const shop = await openShop(gateway, 'production')
    const unproven = await startMerchant({ echoChallenge: false })
    await shop.register(unproven.url)
    const url = new URL('/tills/7', unproven.url).href
    const refused = await sendTo(shop, 'unproven', url)
    expectError(refused, 400, 'ERR_VALIDATION')
    expect(refused.json.error.details).toEqual({ field: 'callback_url', value: url })
    expect((await shop.call('GET', '/v1/orders/unproven')).status).toBe(404)
  })
})
