/** A send that brings its own callback URL. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Merchant } from '../../src/merchant/merchant'
import { call, newWorld, patchEndpoint, registerEndpoint, send, type World, walletLooks } from './world'

const HOST = 'http://localhost:9099'
const OWN = `${HOST}/till-7`

let world: World
let endpoint: string
let count = 0

beforeEach(async () => {
  world = newWorld()
  endpoint = (await registerEndpoint()).data.id
  await patchEndpoint(endpoint, { state: 'active' })
})
afterEach(async () => {
  await call('DELETE', `/v1/endpoints/${endpoint}?held=cancel`)
  vi.restoreAllMocks()
})

const newRef = () => `own-url-${++count}`
const sendTo = (ref: string, callback_url: string) => send(ref, 500, { callback_url })
const deliveryOf = async (ref: string) => (await call('GET', `/v1/orders/${ref}`)).data.deliveries[0]
async function pathOf(count: number): Promise<string> {
  await world.received(count)
  return new URL(world.carriers[count - 1]?.url ?? '').pathname
}

const stateOf = async () => (await call('GET', `/v1/endpoints/${endpoint}`)).data.state

async function settle(ref: string): Promise<void> {
  world.settle(ref, 'FULFILLED')
  await walletLooks(ref)
}

describe('its event', () => {
  it('goes there, and that of the next order to the endpoint’s own URL', async () => {
    const [there, here] = [newRef(), newRef()]
    expect((await sendTo(there, OWN)).status).toBe(200)
    await settle(there)
    expect(await pathOf(1)).toBe('/till-7')
    await send(here)
    await settle(here)
    expect(await pathOf(2)).toBe('/callback')
    expect((await call('GET', `/v1/orders/${there}`)).data.callback_url).toBe(OWN)
    expect((await call('GET', `/v1/orders/${here}`)).data.callback_url).toBeNull()
  })

  it('is tried again after a 410: the endpoint itself said nothing of the kind', async () => {
    const ref = newRef()
    world.onCallback(410)
    await sendTo(ref, OWN)
    await settle(ref)
    await world.received(1)
    await vi.waitFor(async () => {
      const { state, reason, attempts } = await deliveryOf(ref)
      expect({ state, reason, tried: attempts.length }).toEqual({
        state: 'pending',
        reason: 'failed',
        tried: 1,
      })
    })
    expect(await stateOf()).toBe('active')
  })

  it('of an order without one still disables the endpoint by a 410', async () => {
    const ref = newRef()
    world.onCallback(410)
    await send(ref)
    await settle(ref)
    await vi.waitFor(async () => expect(await stateOf()).toBe('disabled'))
  })

  it('waits while the endpoint is paused, and then goes there', async () => {
    const ref = newRef()
    await sendTo(ref, OWN)
    await patchEndpoint(endpoint, { state: 'paused' })
    await settle(ref)
    await vi.waitFor(async () => expect(await deliveryOf(ref)).toMatchObject({ state: 'held', url: OWN }))
    await patchEndpoint(endpoint, { state: 'active' })
    expect(await pathOf(1)).toBe('/till-7')
  })
})

describe('the send', () => {
  it.each([
    ['a host of nobody', 'https://elsewhere.dz/till-7'],
    ['another port', 'http://localhost:9098/till-7'],
    ['what no endpoint may be', 'http://shop.dz/till-7'],
    ['no URL', 'till-7'],
  ])('is refused for %s; nothing is kept of it and its ref is free', async (_what, url) => {
    const ref = newRef()
    const { status, error } = await sendTo(ref, url)
    expect(status).toBe(400)
    expect(error).toMatchObject({ code: 'ERR_VALIDATION', details: { field: 'callback_url', value: url } })
    expect(world.sends).toEqual([])
    expect((await call('GET', `/v3/mobile/check-ref/${ref}`)).status).toBe(404)
    expect((await send(ref)).status).toBe(200)
  })

  it('is refused while its endpoint has not proven itself', async () => {
    await call('PATCH', `/v1/endpoints/${endpoint}`, { state: 'paused', url: `${HOST}/moved` })
    expect((await sendTo(newRef(), OWN)).error.details.field).toBe('callback_url')
    await patchEndpoint(endpoint, { state: 'active' })
    expect((await sendTo(newRef(), OWN)).status).toBe(200)
  })

  it('again with another one is a conflict, and with the same one the same answer', async () => {
    const ref = newRef()
    const first = await sendTo(ref, OWN)
    for (const again of [await sendTo(ref, `${HOST}/till-8`), await send(ref)]) {
      expect(again.error).toMatchObject({
        code: 'DUPLICATED_REF',
        details: { topupId: first.data.topupId, fields: ['callback_url'] },
      })
    }
    const upper = await sendTo(ref, 'http://LOCALHOST:9099/till-7')
    expect(upper.data.topupId).toBe(first.data.topupId)
    expect(world.sends).toHaveLength(1)
  })

  it('again has its answer although no endpoint answers for the URL any more', async () => {
    const ref = newRef()
    const { data } = await sendTo(ref, OWN)
    await call('DELETE', `/v1/endpoints/${endpoint}?held=cancel`)
    expect((await sendTo(ref, OWN)).data.topupId).toBe(data.topupId)
    expect((await sendTo(newRef(), OWN)).status).toBe(400)
    expect(world.sends).toHaveLength(1)
  })

  it('asks the merchant’s object only when it brings one', async () => {
    const asked = vi.spyOn(Merchant.prototype, 'callbackEndpoint')
    await send(newRef())
    expect(asked).not.toHaveBeenCalled()
    await sendTo(newRef(), OWN)
    expect(asked).toHaveBeenCalledOnce()
  })
})
