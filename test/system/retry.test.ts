import { beforeAll, describe, expect, it } from 'vitest'
import { expectError } from './client'
import { eventually, type Gateway, startGateway } from './harness'
import { startMerchant } from './merchant'
import { type DeliveryAnswer, expectAllGenuine, openShop, type Shop } from './shop'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})

const retry = (shop: Shop, { id }: DeliveryAnswer) => shop.call('POST', `/v1/deliveries/${id}/retry`)

describe.concurrent('a delivery that the merchant wants again', () => {
  it('comes with the same id and bytes, and says that it is a replay', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const { merchant } = await shop.receiver()
    await shop.send('again')
    const delivery = await shop.deliveryIn('delivered', '')
    const answer = await retry(shop, delivery)
    expect(answer.status, answer.text).toBe(200)
    expect(answer.json.data).toMatchObject({ id: delivery.id, state: 'pending', replayed: true })
    expect(answer.json.data.next_attempt_at).not.toBeNull()

    const [first, second] = [await merchant.received(1), await merchant.received(2)]
    expect(second.rawBody).toBe(first.rawBody)
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id'])
    expect(first.headers).not.toHaveProperty('webhook-replay')
    expect(second.headers).toMatchObject({ 'webhook-replay': 'true', 'webhook-attempt': '2' })
    const told = await eventually('the delivery to be over again', async () => {
      const { json } = await shop.call('GET', `/v1/deliveries/${delivery.id}`)
      return json.data.state === 'delivered' && json.data
    })
    expect(told).toMatchObject({ replayed: true, next_attempt_at: null })
    expect(told.attempts).toHaveLength(2)
    await eventually('the list to tell the same', async () => {
      const [listed] = await shop.deliveries()
      return JSON.stringify(listed) === JSON.stringify(told)
    })
  })

  it('comes at once although its time was not yet', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const { merchant } = await shop.receiver()
    merchant.answerNext({ status: 429, headers: { 'retry-after': '3600' } })
    await shop.send('early')
    const waiting = await eventually('the delivery to wait', async () => {
      const [newest] = await shop.deliveries()
      return newest?.attempts.length === 1 && newest
    })
    expect((await retry(shop, waiting)).status).toBe(200)
    expect((await merchant.received(2)).headers['webhook-replay']).toBe('true')
    await shop.deliveryIn('delivered', '')
  })

  it('is refused with the reason and what to do', async () => {
    const shop = await openShop(gateway, 'sandbox')
    // Its public key is gone with it, so it is no receiver of the last test here.
    const endpoint = await shop.register((await startMerchant()).url)
    await shop.send('refused')
    const delivery = await shop.deliveryIn('delivered', '')
    await shop.patch(endpoint.id, { state: 'paused' })
    const held = await retry(shop, delivery)
    expectError(held, 409, 'ENDPOINT_NOT_ACTIVE')
    expect(held.json.error.message).toMatch(/paused.*PATCH.*"active"/)
    expect(held.json.error.details).toEqual({ reason: 'paused', endpoint_id: endpoint.id })
    await shop.call('DELETE', `/v1/endpoints/${endpoint.id}`)
    const gone = await retry(shop, delivery)
    expectError(gone, 409, 'DELIVERY_CANCELLED')
    expect(gone.json.error.message).toContain('endpoint_deleted')
  })

  it.each(['nonsense', 'dlv_mibt0w00_6b04822c2d7d32f4458224c6_2_0f1e2d3c'])(
    'is not found: %s',
    async (id) => {
      const shop = await openShop(gateway, 'sandbox')
      expectError(await shop.call('GET', `/v1/deliveries/${id}`), 404, 'NOT_FOUND')
      expectError(await shop.call('POST', `/v1/deliveries/${id}/retry`), 404, 'NOT_FOUND')
    },
  )
})

it('and everything that was received was signed', async () => {
  expect(await expectAllGenuine(gateway)).toBeGreaterThanOrEqual(4)
})
