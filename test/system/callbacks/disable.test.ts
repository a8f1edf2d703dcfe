/** DISABLE: an endpoint that is off, silent or gone keeps its events; each is told, or its merchant says that it need not be. */
import { beforeAll, expect, it } from 'vitest'
import { eventually } from '../harness'
import type { Merchant } from '../merchant'
import type { DeliveryAnswer, Shop } from '../shop'
import { expectGenuine } from '../signature'
import {
  about,
  allIn,
  bystander,
  countIn,
  openSuite,
  RETRY_MS,
  receiverOf,
  refOf,
  type Suite,
  together,
} from './gateway'

/** More than the gateway wakes at once. */
const STORM = 60
/** So many different top-ups in a row, and a receiver counts as silent. */
const SILENT = 5
/** A silent receiver is asked again after 15 s, then 30 s, then a minute. */
const PROBE_MS = 240_000

let suite: Suite
beforeAll(async () => {
  suite = await openSuite()
})

together('DISABLE: 410', () => {
  it('disables; events are held until the endpoint is active again, then all come as they were', async () => {
    const [shop, ref, later] = [await suite.shop(), refOf('gone'), refOf('gone too')]
    const { merchant, endpoint } = await receiverOf(suite, shop)
    merchant.answerNext({ status: 410 })
    await shop.send(ref)
    const held = await shop.deliveryIn('held', about(ref))
    expect(held).toMatchObject({ reason: 'gone', next_attempt_at: null, attempts: [{ http_status: 410 }] })
    expect(await shop.endpoint(endpoint.id)).toMatchObject({
      state: 'disabled',
      reason: expect.stringContaining('410'),
    })
    await shop.send(later)
    await shop.deliveryIn('held', about(later))
    expect(merchant.callbacks).toHaveLength(1)

    const active = await shop.patch(endpoint.id, { state: 'active' })
    expect(active.json.data).toMatchObject({ state: 'active', reason: null })
    await countIn(shop, 'delivered', 2)
    expect(refsAt(merchant)).toEqual([ref, ref, later].sort())
    const [first, again] = merchant.callbacks.filter(({ body }) => body.data.ref === ref)
    expect(again?.rawBody).toBe(first?.rawBody)
    expect(again?.headers['webhook-id']).toBe(first?.headers['webhook-id'])
  })

  it('is told to the endpoint’s second address, signed', async () => {
    const [shop, ref, second] = [await suite.shop(), refOf('noticed'), await bystander()]
    const { merchant, endpoint } = await receiverOf(suite, shop, { notify_url: second.url })
    merchant.answer({ status: 410 })
    await shop.send(ref)
    const notice = await second.received(1, RETRY_MS)
    await expectGenuine(suite.gateway, notice, endpoint)
    expect(notice.body).toMatchObject({
      type: 'gateway.callback_health',
      data: { endpoint: endpoint.id, state: 'disabled', url: merchant.url },
    })
  })

  it('of an address that the endpoint has left does not switch it off', { timeout: RETRY_MS }, async () => {
    const [shop, ref] = [await suite.shop(), refOf('moving')]
    const { merchant: old, endpoint } = await receiverOf(suite, shop)
    const moved = await bystander()
    old.answer({ status: 410, delayMs: 2_000 })
    await shop.send(ref)
    await old.received(1)
    expect((await shop.patch(endpoint.id, { url: moved.url })).status).toBe(200)
    expect((await moved.received(1)).body.data.ref).toBe(ref)
    expect(await shop.endpoint(endpoint.id)).toMatchObject({ state: 'active', url: moved.url })
  })
})

together('DISABLE: a receiver that fails for different top-ups in a row', () => {
  it('is asked by one for all; once it answers all come, none lost, none without its attempts listed', {
    timeout: PROBE_MS,
  }, async () => {
    const shop = await suite.shop()
    const { merchant, endpoint } = await receiverOf(suite, shop)
    merchant.answer({ status: 500 })
    const failing = Array.from({ length: SILENT }, (_, index) => refOf(`fails ${index}`))
    await Promise.all(failing.map((ref) => shop.send(ref)))
    const silent = await eventually('the receiver to be called silent', async () => {
      const { health } = await healthOf(shop, endpoint.id)
      return health.state === 'silent' && health
    })
    expect(silent).toMatchObject({ last_outcome: 'failed', next_probe_at: expect.any(String) })
    const waiting = refOf('waits')
    await shop.send(waiting)
    expect(await shop.deliveryIn('held', about(waiting))).toMatchObject({ reason: 'breaker', attempts: [] })
    expect(refsAt(merchant)).not.toContain(waiting)

    merchant.answer({})
    await countIn(shop, 'delivered', SILENT + 1, PROBE_MS)
    expect(await healthOf(shop, endpoint.id)).toMatchObject({ health: { state: 'ok' }, held: 0 })
    const deliveries = await allIn(shop, 'delivered')
    expect(refsOf(deliveries)).toEqual([...failing, waiting].sort())
    for (const { ref, attempts } of deliveries) {
      // Each call that arrived is listed, and the last one was answered.
      expect(attempts.length).toBe(merchant.callbacks.filter(({ body }) => body.data.ref === ref).length)
      expect(attempts.at(-1)).toMatchObject({ outcome: 'delivered', http_status: 204 })
    }
  })
})

together('DISABLE: events', () => {
  it('held by a paused endpoint all come when it is active, each once', { timeout: PROBE_MS }, async () => {
    const shop = await suite.shop()
    const { merchant, endpoint } = await receiverOf(suite, shop)
    await shop.patch(endpoint.id, { state: 'paused' })
    const refs = Array.from({ length: STORM }, (_, index) => refOf(`storm ${index}`)).sort()
    await Promise.all(refs.map((ref) => shop.send(ref)))
    await countIn(shop, 'held', STORM)
    expect(merchant.callbacks).toEqual([])
    expect(await healthOf(shop, endpoint.id)).toMatchObject({ held: STORM })

    await shop.patch(endpoint.id, { state: 'active' })
    await countIn(shop, 'delivered', STORM)
    expect(refsAt(merchant)).toEqual(refs)
    await countIn(shop, 'held', 0)
  })

  it('are not thrown away with their endpoint unless its merchant says so; cancelled, they stay listed', async () => {
    const [shop, ref] = [await suite.shop(), refOf('never told')]
    const { url } = await bystander()
    const endpoint = await shop.register(url)
    await shop.patch(endpoint.id, { state: 'paused' })
    await shop.send(ref)
    const held = await shop.deliveryIn('held', about(ref))
    const path = `/v1/endpoints/${endpoint.id}`
    const refused = await shop.call('DELETE', path)
    expect(refused.status).toBe(409)
    expect(refused.json.error).toMatchObject({ code: 'HELD_EVENTS', details: { held: 1 } })
    expect((await shop.call('DELETE', `${path}?held=cancel`)).status).toBe(200)
    expect(await shop.deliveryIn('cancelled', about(ref))).toMatchObject({
      id: held.id,
      reason: 'endpoint_deleted',
      next_attempt_at: null,
    })
  })

  it('go to another endpoint when their own is replaced, under the same id, signed with the new keys', async () => {
    const [shop, ref] = [await suite.shop(), refOf('inherited')]
    const old = await shop.register((await bystander()).url)
    await shop.patch(old.id, { state: 'paused' })
    await shop.send(ref)
    const held = await shop.deliveryIn('held', about(ref))
    const { merchant, endpoint } = await receiverOf(suite, shop)
    const moved = await shop.call('DELETE', `/v1/endpoints/${old.id}?move_to=${endpoint.id}`)
    expect(moved.status, moved.text).toBe(200)
    const callback = await merchant.received(1, RETRY_MS)
    expect(callback.headers['webhook-id']).toBe(held.event_id)
    expect(await shop.deliveryIn('delivered', about(ref))).toMatchObject({
      id: held.id,
      endpoint_id: endpoint.id,
    })
  })
})

async function healthOf(shop: Shop, endpointId: string) {
  const answer = await shop.call('GET', `/v1/endpoints/${endpointId}`)
  return answer.json.data
}

function refsAt({ callbacks }: Merchant): string[] {
  return callbacks.map(({ body }) => body.data.ref).sort()
}

function refsOf(deliveries: readonly DeliveryAnswer[]): string[] {
  return deliveries.map(({ ref }) => ref).sort()
}
