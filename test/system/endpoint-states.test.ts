import { beforeAll, describe, expect, it } from 'vitest'
import { eventually, type Gateway, startGateway } from './harness'
import { type Merchant, startMerchant } from './merchant'
import { type Provider, startProvider } from './provider'
import { openShop, type Shop } from './shop'
import { expectGenuine } from './signature'

const NUMBER = '0661234567'
const STORM_MS = 180_000

let provider: Provider
let gateway: Gateway
beforeAll(async () => {
  provider = await startProvider()
  provider.defaultStatus('FULFILLED')
  gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
})

describe.concurrent('a production endpoint', () => {
  it('becomes active by itself when it echoes a signed challenge', async () => {
    const shop = await openShop(gateway, 'production')
    const merchant = await startMerchant()
    const endpoint = await shop.register(merchant.url)
    expect(endpoint).toMatchObject({ state: 'unverified', verified_at: null })
    const active = await stateOf(shop, endpoint.id, 'active')
    expect(active.reason).toBeNull()
    expect(Date.parse(active.verified_at ?? '')).not.toBeNaN()
    const [verification] = merchant.verifications
    if (verification === undefined) throw new Error('no challenge came')
    await expectGenuine(gateway, verification, endpoint)
    expect(verification.body).toMatchObject({
      type: 'endpoint.verification',
      data: { challenge: expect.stringMatching(/^[0-9a-f]{32}$/), endpoint_id: endpoint.id },
    })
    expect(merchant.verifications).toHaveLength(1)
  })

  it('that does not echo gets no events; they are held until it does', async () => {
    const shop = await openShop(gateway, 'production')
    const merchant = await startMerchant({ echoChallenge: false })
    const endpoint = await shop.register(merchant.url)
    const refused = await eventually('the challenge to be judged', async () => {
      const now = await shop.endpoint(endpoint.id)
      return now.reason !== null && now
    })
    expect(refused).toMatchObject({ state: 'unverified', reason: expect.stringContaining('echo') })

    await shop.send('held for proof', NUMBER)
    expect(await shop.deliveryIn('held', 'ref=held+for+proof')).toMatchObject({
      reason: 'unverified',
      next_attempt_at: null,
      attempts: [],
    })
    const early = await shop.patch(endpoint.id, { state: 'active' })
    expect(early.status).toBe(409)
    expect(early.json.error).toMatchObject({
      code: 'ENDPOINT_NOT_VERIFIED',
      message: expect.stringContaining('did not echo the challenge'),
    })
    expect(merchant.callbacks).toEqual([])

    merchant.answerChallenges({ echo: true })
    const proven = await shop.patch(endpoint.id, { state: 'active' })
    expect(proven.json.data).toMatchObject({ state: 'active', reason: null })
    expect((await merchant.received(1)).body.data.ref).toBe('held for proof')
    await shop.deliveryIn('delivered', 'ref=held+for+proof')
  })

  it('that was down is asked again, and gets what was held', { timeout: STORM_MS }, async () => {
    const shop = await openShop(gateway, 'production')
    const merchant = await startMerchant({ echoChallenge: false })
    const endpoint = await shop.register(merchant.url)
    await shop.send('held meanwhile', NUMBER)
    await shop.deliveryIn('held', 'ref=held+meanwhile')
    merchant.answerChallenges({ echo: true })
    expect((await merchant.received(1, 60_000)).body.data.ref).toBe('held meanwhile')
    await stateOf(shop, endpoint.id, 'active')
  })

  it('that moves must prove its new address before anything goes there', async () => {
    const shop = await openShop(gateway, 'production')
    const { merchant: old, endpoint } = await shop.receiver()
    const moved = await startMerchant({ echoChallenge: false })
    const changed = await shop.patch(endpoint.id, { url: moved.url })
    expect(changed.json.data).toMatchObject({ state: 'unverified', url: moved.url, verified_at: null })
    await shop.send('after the move', NUMBER)
    await shop.deliveryIn('held', 'ref=after+the+move')
    moved.answerChallenges({ echo: true })
    expect((await shop.patch(endpoint.id, { state: 'active' })).status).toBe(200)
    await moved.received(1)
    expect(old.callbacks).toEqual([])
    expect(old.verifications).toHaveLength(1)
  })

  it('that is paused while it proves itself stays paused', async () => {
    const shop = await openShop(gateway, 'production')
    const merchant = await startMerchant()
    const paused = Promise.withResolvers<void>()
    merchant.answerChallenges({ echo: true, after: paused.promise })
    const endpoint = await shop.register(merchant.url)
    await eventually('the challenge', () => merchant.verifications.length === 1)
    expect((await shop.patch(endpoint.id, { state: 'paused' })).json.data.state).toBe('paused')
    paused.resolve()
    await shop.send('paused early', NUMBER)
    const settled = await eventually('the order to be told or held', async () => {
      return (await shop.deliveries()).find(({ state }) => state !== 'pending')
    })
    expect(settled).toMatchObject({ state: 'held', reason: 'paused' })
    expect(await shop.endpoint(endpoint.id)).toMatchObject({ state: 'paused' })
  })

  it('that is paused and moves stays paused', async () => {
    const shop = await openShop(gateway, 'production')
    const { endpoint } = await shop.receiver()
    await shop.patch(endpoint.id, { state: 'paused' })
    const moved = await startMerchant()
    const changed = await shop.patch(endpoint.id, { url: moved.url })
    expect(changed.json.data.state).toBe('paused')
    await shop.send('paused and moved', NUMBER)
    await shop.deliveryIn('held', 'ref=paused+and+moved')
    expect(moved.callbacks).toEqual([])
  })
})

describe.concurrent('events', () => {
  it('of an endpoint that is paused twice come all the same', async () => {
    const shop = await openShop(gateway, 'production')
    const { merchant, endpoint } = await shop.receiver()
    await shop.patch(endpoint.id, { state: 'paused' })
    await shop.send('twice 1', NUMBER)
    await countIn(shop, 'held', 1)
    await Promise.all([
      shop.patch(endpoint.id, { state: 'active' }),
      shop.patch(endpoint.id, { state: 'paused' }),
      shop.patch(endpoint.id, { state: 'active' }),
    ])
    await shop.patch(endpoint.id, { state: 'paused' })
    await shop.send('twice 2', NUMBER)
    await shop.deliveryIn('held', 'ref=twice+2')
    await shop.patch(endpoint.id, { state: 'active' })
    await countIn(shop, 'delivered', 2)
    expect(refsAt(merchant)).toEqual(['twice 1', 'twice 2'])
  })

  it('that settle while their endpoint is switched off and on are all told', {
    timeout: STORM_MS,
  }, async () => {
    const shop = await openShop(gateway, 'production')
    const { merchant, endpoint } = await shop.receiver()
    const refs = Array.from({ length: 20 }, (_, index) => `switched ${index}`).sort()
    const sends = refs.map((ref) => shop.send(ref, NUMBER))
    await eventually('most to be told, held or on their way', async () => {
      await shop.patch(endpoint.id, { state: 'paused' })
      await shop.patch(endpoint.id, { state: 'active' })
      return (await shop.deliveries()).length > 15
    })
    await Promise.all(sends)
    await countIn(shop, 'delivered', refs.length)
    expect(refsAt(merchant)).toEqual(refs)
  })

  it('that failed are not tried again at an endpoint that is deleted', async () => {
    const shop = await openShop(gateway, 'production')
    const { merchant, endpoint } = await shop.receiver()
    merchant.answer({ status: 500 })
    await shop.send('failed before', NUMBER)
    await eventually(
      'the failure to be listed',
      async () => (await shop.deliveries())[0]?.attempts.length === 1,
    )
    await shop.call('DELETE', `/v1/endpoints/${endpoint.id}`)
    await shop.deliveryIn('cancelled', '')
    expect(merchant.callbacks).toHaveLength(1)
  })
})

function stateOf(shop: Shop, endpointId: string, state: string) {
  return eventually(`the endpoint to be ${state}`, async () => {
    const endpoint = await shop.endpoint(endpointId)
    return endpoint.state === state && endpoint
  })
}

function countIn(shop: Shop, state: string, count: number) {
  const what = `${count} deliveries to be ${state}`
  const reached = async () => (await shop.deliveries(`state=${state}&limit=100`)).length === count
  return eventually(what, reached, STORM_MS)
}

function refsAt({ callbacks }: Merchant): string[] {
  return callbacks.map(({ body }) => body.data.ref).sort()
}
