/** Endpoints that hold events: how many, what becomes of them, in which order they go, and what the merchant is told. */
import { beforeAll, describe, expect, it } from 'vitest'
import { ADMIN_TOKEN, eventually, type Gateway, startGateway } from './harness'
import { type Merchant, startMerchant } from './merchant'
import { openShop, type Receiver, type Shop } from './shop'
import { expectGenuine } from './signature'

/** Sandbox number: a word that nobody knows, one second after the send; FULFILLED when it is looked up again. */
const UNKNOWN_FIRST = '0600010011'
/** An unknown order is looked at again after 30 s at the earliest. */
const UNKNOWN_MS = 120_000

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})

/** Its only endpoint is paused and holds the events of these refs. */
async function holding(shop: Shop, refs: readonly string[], wanted: object = {}): Promise<Receiver> {
  const receiver = await shop.receiver(wanted)
  await shop.patch(receiver.endpoint.id, { state: 'paused' })
  for (const ref of refs) await shop.send(ref)
  for (const ref of refs) await shop.deliveryIn('held', `ref=${ref}`)
  return receiver
}

const held = async (shop: Shop, { endpoint }: Receiver) =>
  (await shop.call('GET', `/v1/endpoints/${endpoint.id}`)).json.data.held

const remove = (shop: Shop, { endpoint }: Receiver, query = '') =>
  shop.call('DELETE', `/v1/endpoints/${endpoint.id}${query}`)

/** Bytes and id of each callback, by its ref. */
const messagesAt = ({ callbacks }: Merchant) =>
  Object.fromEntries(
    callbacks.map(({ body, headers, rawBody }) => [body.data.ref, `${headers['webhook-id']} ${rawBody}`]),
  )

describe.concurrent('an endpoint that is deleted', () => {
  it('while it holds events is not, until it is said what becomes of them', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const receiver = await holding(shop, ['asked-1', 'asked-2'])
    expect(await held(shop, receiver)).toBe(2)
    const asked = await remove(shop, receiver)
    expect(asked.status).toBe(409)
    expect(asked.json.error).toMatchObject({ code: 'HELD_EVENTS', details: { held: 2 } })
    expect(await held(shop, receiver)).toBe(2)

    const both = await remove(shop, receiver, `?held=cancel&move_to=${receiver.endpoint.id}`)
    expect(both.json.error).toMatchObject({ code: 'ERR_VALIDATION' })
    expect((await remove(shop, receiver, '?held=cancel')).status).toBe(200)
    for (const ref of ['asked-1', 'asked-2']) {
      const cancelled = await shop.deliveryIn('cancelled', `ref=${ref}`)
      expect(cancelled.reason).toBe('endpoint_deleted')
    }
    expect(receiver.merchant.callbacks).toEqual([])
  })

  it('while it holds nothing is deleted without a question', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const receiver = await shop.receiver()
    await shop.send('told before')
    await shop.deliveryIn('delivered', '')
    expect(await held(shop, receiver)).toBe(0)
    expect((await remove(shop, receiver)).status).toBe(200)
  })

  it('hands its events to another: the same ids and bytes, signed anew', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const old = await shop.receiver()
    old.merchant.answer({ status: 500 })
    await shop.send('moved-tried')
    const first = await old.merchant.received(1)
    await shop.patch(old.endpoint.id, { state: 'paused' })
    await shop.send('moved-new')
    for (const ref of ['moved-tried', 'moved-new']) await shop.deliveryIn('held', `ref=${ref}`)
    const before = await shop.deliveries()
    const heir = await shop.receiver()
    expect((await remove(shop, old, `?move_to=${heir.endpoint.id}`)).status).toBe(200)

    for (const ref of ['moved-tried', 'moved-new']) {
      const delivered = await shop.deliveryIn('delivered', `ref=${ref}`)
      expect(delivered).toMatchObject({ endpoint_id: heir.endpoint.id, url: heir.merchant.url })
      const was = before.find((each) => each.ref === ref)
      expect([delivered.id, delivered.event_id]).toEqual([was?.id, was?.event_id])
    }
    expect(messagesAt(heir.merchant)['moved-tried']).toBe(`${first.headers['webhook-id']} ${first.rawBody}`)
    for (const callback of heir.merchant.callbacks) await expectGenuine(gateway, callback, heir.endpoint)
    expect(heir.merchant.callbacks).toHaveLength(2)
    expect(await shop.deliveries()).toHaveLength(2)
  })

  it('hands nothing to itself, to nobody, or to a stranger', async () => {
    const [shop, stranger] = [await openShop(gateway, 'sandbox'), await openShop(gateway, 'sandbox')]
    const receiver = await holding(shop, ['stays'])
    const foreign = await stranger.receiver()
    for (const id of [receiver.endpoint.id, 'ep_shop_00', foreign.endpoint.id]) {
      const answer = await remove(shop, receiver, `?move_to=${id}`)
      expect(answer.status).toBe(404)
      expect(answer.json.error.code).toBe('NOT_FOUND')
    }
    expect(await held(shop, receiver)).toBe(1)
  })
})

describe.concurrent('an endpoint that is active again', () => {
  it('gets the newest event of an order first; one that folds gets only that', {
    timeout: UNKNOWN_MS,
  }, async () => {
    const shop = await openShop(gateway, 'sandbox')
    const [all, folding] = [await shop.receiver(), await shop.receiver({ fold_superseded: true })]
    expect(await shop.endpoint(folding.endpoint.id)).toMatchObject({ fold_superseded: true })
    for (const { endpoint } of [all, folding]) await shop.patch(endpoint.id, { state: 'paused' })
    await shop.send('two events', UNKNOWN_FIRST)
    await eventually(
      'both events to be held for both',
      async () => (await shop.deliveries('state=held')).length === 4,
      UNKNOWN_MS,
    )
    expect([await held(shop, all), await held(shop, folding)]).toEqual([2, 2])
    for (const { endpoint } of [all, folding]) await shop.patch(endpoint.id, { state: 'active' })
    await eventually('all to be told', async () => (await shop.deliveries('state=delivered')).length === 3)

    const versions = ({ merchant }: Receiver) => merchant.callbacks.map(({ body }) => body.data.state_version)
    expect(versions(all)).toEqual([3, 2])
    expect(versions(folding)).toEqual([3])
    const [folded] = await shop.deliveries('state=cancelled')
    expect(folded).toMatchObject({
      endpoint_id: folding.endpoint.id,
      event_type: 'topup.unknown',
      reason: 'superseded',
      attempts: [],
    })
  })
})

describe.concurrent('a silent endpoint', () => {
  it('that moves gets at its new address what it held', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const { merchant, endpoint } = await shop.receiver()
    merchant.answer({ status: 500 })
    const refs = Array.from({ length: 6 }, (_, index) => `silent-${index}`)
    for (const ref of refs) await shop.send(ref)
    await eventually('all to be held', async () => (await shop.deliveries('state=held')).length === 6)
    expect((await shop.endpoint(endpoint.id)).state).toBe('active')
    const moved = await startMerchant()
    expect((await shop.patch(endpoint.id, { url: moved.url })).json.data).toMatchObject({ state: 'active' })
    await eventually('all to be told', async () => (await shop.deliveries('state=delivered')).length === 6)
    expect(moved.callbacks.map(({ body }) => body.data.ref).toSorted()).toEqual(refs)
  })
})

describe.concurrent('a merchant whose receiver answered 410', () => {
  it('is told so on every answer, is challenged when he sets it active, and gets what was held', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const { merchant, endpoint } = await shop.receiver()
    const quiet = await shop.call('GET', '/v1/endpoints')
    expect(quiet.headers.get('Callback-Health')).toBeNull()
    merchant.answer({ status: 410 })
    await shop.send('gone-1')
    await shop.deliveryIn('held', 'ref=gone-1')

    // The edge remembers the key of before for a while: he has another one.
    const troubled = await anotherKey(endpoint.id)
    const header = `disabled; endpoint="${endpoint.id}"; percent=100`
    const health = {
      endpoint: endpoint.id,
      state: 'disabled',
      percent: 100,
      reason: expect.stringContaining('410'),
      disables_at: null,
    }
    const sent = await troubled('POST', '/v3/mobile/send', {
      plan_code: 'PREPAID_MOBILIS',
      MSSIDN: '0600010099',
      amount: 500,
      ref: 'gone-2',
    })
    const looked = await troubled('GET', '/v3/mobile/check-ref/gone-1')
    expect(sent.json.data.gateway.callback_health).toEqual(health)
    expect(looked.json.data.gateway.callback_health).toEqual(health)
    for (const answer of [sent, looked, await troubled('GET', '/v1/endpoints/none')])
      expect(answer.headers.get('Callback-Health')).toBe(header)
    await shop.deliveryIn('held', 'ref=gone-2')

    merchant.answer({})
    const active = await shop.patch(endpoint.id, { state: 'active' })
    expect(active.json.data).toMatchObject({ state: 'active', reason: null })
    expect(merchant.verifications).toHaveLength(1)
    for (const ref of ['gone-1', 'gone-2']) await shop.deliveryIn('delivered', `ref=${ref}`)
    expect(merchant.callbacks.map(({ body }) => body.data.ref).toSorted()).toEqual([
      'gone-1',
      'gone-1',
      'gone-2',
    ])
    const well = await eventually('the edge to be told', async () => {
      const answer = await (await anotherKey(endpoint.id))('GET', '/v3/mobile/check-ref/gone-1')
      return answer.headers.get('Callback-Health') === null && answer
    })
    expect(well.json.data.gateway).not.toHaveProperty('callback_health')
  })

  it('is told, signed, at the second address of that endpoint', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const second = await startMerchant()
    const { merchant, endpoint } = await shop.receiver({ notify_url: second.url })
    merchant.answer({ status: 410 })
    await shop.send('gone for good')
    const notice = await second.received(1)
    expect(notice.body).toMatchObject({
      type: 'gateway.callback_health',
      data: { endpoint: endpoint.id, url: merchant.url, state: 'disabled', percent: 100, disables_at: null },
    })
    await expectGenuine(gateway, notice, endpoint)
  })
})

/** One that the edge has not seen yet, of the merchant whose endpoint this is. */
async function anotherKey(endpointId: string): Promise<Shop['call']> {
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` }
  const path = `/admin/merchants/${endpointId.split('_')[1]}/keys`
  const body = { environment: 'sandbox', name: 'another' }
  const { key } = (await gateway.call('POST', path, { headers, body })).json.data
  return (method, at, sent) => gateway.call(method, at, { key, body: sent })
}
