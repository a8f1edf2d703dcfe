/** A merchant tries his receiver out: what it gets is signed like a real event, and leaves nothing behind. */
import { beforeAll, describe, expect, it } from 'vitest'
import { EXAMPLE_TYPES } from '../../src/callback/examples'
import { expectError } from './client'
import { ADMIN_TOKEN, type Gateway, startGateway } from './harness'
import { startMerchant } from './merchant'
import { startProvider } from './provider'
import { openShop, type Receiver, type Shop } from './shop'
import { expectGenuine } from './signature'

let gateway: Gateway
let shop: Shop
beforeAll(async () => {
  const provider = await startProvider()
  gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
  shop = await openShop(gateway, 'sandbox')
})

const tryOut = ({ endpoint }: Pick<Receiver, 'endpoint'>, type = 'topup.fulfilled', of = shop) =>
  of.call('POST', `/v1/endpoints/${endpoint.id}/test`, { type })

describe.concurrent('a test of an endpoint', () => {
  it.each(EXAMPLE_TYPES)('sends %s as it will look', async (type) => {
    const receiver = await shop.receiver()
    receiver.merchant.answer({ status: 201, body: 'thanks' })
    const { status, json } = await tryOut(receiver, type)
    const callback = await receiver.merchant.received(1)
    expect(status).toBe(200)
    expect(json.data).toEqual({
      event_id: callback.headers['webhook-id'],
      type,
      body: callback.rawBody,
      outcome: 'delivered',
      http_status: 201,
      duration_ms: expect.any(Number),
      answer: 'thanks',
      why: null,
    })
    expect(callback.headers).toMatchObject({ 'webhook-test': 'true', 'webhook-attempt': '1' })
    expect(json.data.event_id).toMatch(/^evt_test_[0-9a-f]{24}_\d$/)
    expect(callback.body).toMatchObject({
      type,
      data: { test: true, environment: 'sandbox' },
    })
    expect(callback.body.data.ref ?? callback.body.data.id).toMatch(/^test-/)
    await expectGenuine(gateway, callback, receiver.endpoint)
  })

  it('is not told apart from a real event by anything but its marks', async () => {
    const busy = await openShop(gateway, 'sandbox')
    const receiver = await busy.receiver()
    await busy.send('real')
    const real = await receiver.merchant.received(1)
    await tryOut(receiver, 'topup.fulfilled', busy)
    const test = await receiver.merchant.receivedWhere('the test', ({ body }) => body.data.test === true)
    expect(Object.keys(test.body.data)).toEqual([...Object.keys(real.body.data), 'test'])
    expect(real.headers).not.toHaveProperty('webhook-test')
  })

  it('that fails says why, and is neither listed nor tried again nor believed', async () => {
    const receiver = await shop.receiver()
    receiver.merchant.answerNext({ status: 410 }, { status: 404, body: 'no such path' })
    const gone = await tryOut(receiver)
    expect(gone.json.data).toMatchObject({ outcome: 'gone', http_status: 410 })
    expect(await shop.endpoint(receiver.endpoint.id)).toMatchObject({ state: 'active', reason: null })
    const lost = await tryOut(receiver)
    expect(lost.json.data).toMatchObject({
      outcome: 'refused',
      http_status: 404,
      answer: 'no such path',
      why: {
        en: expect.stringMatching(/answered 404 .*check the path/),
        fr: expect.stringMatching(/\S/),
        ar: expect.stringMatching(/\S/),
      },
    })
    expect(await shop.deliveries(`endpoint_id=${receiver.endpoint.id}`)).toEqual([])
    const ref = JSON.parse(lost.json.data.body).data.ref
    expectError(await shop.call('GET', `/v3/mobile/check-ref/${ref}`), 404, 'NOT_FOUND')
    expect(receiver.merchant.callbacks).toHaveLength(2)
  })

  it('is sent whatever the state of the endpoint, and changes none', async () => {
    const paused = await shop.receiver()
    await shop.patch(paused.endpoint.id, { state: 'paused' })
    expect((await tryOut(paused)).json.data).toMatchObject({ outcome: 'delivered' })
    expect(await shop.endpoint(paused.endpoint.id)).toMatchObject({ state: 'paused' })

    const live = await openShop(gateway, 'production')
    const merchant = await startMerchant({ echoChallenge: false })
    const endpoint = await live.register(merchant.url)
    const answer = await tryOut({ endpoint }, 'topup.unknown', live)
    expect(answer.json.data).toMatchObject({ outcome: 'delivered' })
    expect((await merchant.received(1)).body.data).toMatchObject({ environment: 'production', test: true })
    expect(await live.endpoint(endpoint.id)).toMatchObject({ state: 'unverified' })
  })

  it('is one at a time for each endpoint', async () => {
    const slow = await shop.receiver()
    const other = await shop.receiver()
    slow.merchant.answerNext({ delayMs: 3_000 })
    const first = tryOut(slow)
    await slow.merchant.received(1)
    const second = await tryOut(slow)
    expectError(second, 429, 'RATE_LIMIT_EXCEEDED')
    expect(second.json.error.message).toContain('under way')
    expect(second.headers.get('retry-after')).toBe('10')
    expect((await tryOut(other)).json.data).toMatchObject({ outcome: 'delivered' })
    expect((await first).json.data).toMatchObject({ outcome: 'delivered' })
    expect((await tryOut(slow)).json.data).toMatchObject({ outcome: 'delivered' })
    expect(slow.merchant.callbacks).toHaveLength(2)
  })

  it('wants a type that exists, an endpoint of the environment, and a key that may write', async () => {
    const receiver = await shop.receiver()
    expectError(await tryOut(receiver, 'topup.exploded'), 400, 'ERR_VALIDATION')
    expectError(await tryOut({ endpoint: { ...receiver.endpoint, id: 'ep_none_0' } }), 404, 'NOT_FOUND')
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` }
    const made = await gateway.call('POST', '/admin/merchants', { headers, body: { name: 'Eye' } })
    const keyed = await gateway.call('POST', `/admin/merchants/${made.json.data.id}/keys`, {
      headers,
      body: { environment: 'sandbox', scope: 'READ-ONLY', name: 'eye' },
    })
    const path = `/v1/endpoints/${receiver.endpoint.id}/test`
    const answer = await gateway.call('POST', path, {
      key: keyed.json.data.key,
      body: { type: 'topup.unknown' },
    })
    expectError(answer, 403, 'PERMISSION_DENIED')
    expect(receiver.merchant.callbacks).toEqual([])
  })
})
