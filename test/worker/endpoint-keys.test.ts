/** The keys of endpoints: sealed where they are kept, opened for signing, and ended by the clock. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { merchantById } from '../../src/env'
import type { Merchant } from '../../src/merchant/merchant'
import { call, env, newWorld, orderOf, registerEndpoint, send, type World, walletLooks } from './world'

const MASTER_KEY = env.MASTER_KEY
const HOUR_MS = 3_600_000
const merchant = merchantById(env, 'demo')

let world: World
let endpoint: string
let secret: string
let count = 0

beforeEach(async () => {
  world = newWorld()
  const made = (await registerEndpoint()).data
  endpoint = made.id
  secret = made.secret
  await call('PATCH', `/v1/endpoints/${endpoint}`, { state: 'active' })
})
afterEach(async () => {
  env.MASTER_KEY = MASTER_KEY
  vi.useRealTimers()
  await call('DELETE', `/v1/endpoints/${endpoint}?held=cancel`)
  vi.restoreAllMocks()
})

const rotate = (overlap_hours?: number) => call('POST', `/v1/endpoints/${endpoint}/rotate`, { overlap_hours })
const revoke = () => call('POST', `/v1/endpoints/${endpoint}/revoke-old`)

/** The headers and body of the callback about a new order. */
async function callback() {
  const ref = `signed-${++count}`
  await send(ref)
  world.settle(ref, 'FULFILLED')
  await walletLooks(ref)
  return received(world.callbacks.length + 1)
}

async function received(count: number) {
  const { id, body } = await world.received(count)
  return { id, body, headers: world.carriers[count - 1]?.headers ?? new Headers() }
}

type Received = Awaited<ReturnType<typeof received>>

const signaturesOf = ({ headers }: Received) => headers.get('webhook-signature')?.split(' ') ?? []

/** By hand, as the documentation shows it. */
async function verifies({ headers, body, id }: Received, whsec: string): Promise<boolean> {
  const bytes = Uint8Array.from(atob(whsec.slice('whsec_'.length)), (character) => character.charCodeAt(0))
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const signed = new TextEncoder().encode(`${id}.${headers.get('webhook-timestamp')}.${body}`)
  const expected = btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.sign('HMAC', key, signed))))
  return headers.get('webhook-signature')?.split(' ').includes(`v1,${expected}`) ?? false
}

describe('at rest', () => {
  it('nothing that is stored of a merchant has a key in it', async () => {
    const rotated = (await rotate()).data.secret
    const stored = await runInDurableObject(merchant, (_: Merchant, { storage }) =>
      JSON.stringify([...storage.kv.list()]),
    )
    expect(stored).toContain(endpoint)
    expect(stored.match(/"sealed":"v1\./g)).toHaveLength(2)
    expect(stored).not.toMatch(/whsec_|whsk_|privateKey|"secret"/)
    for (const whsec of [secret, rotated]) expect(stored).not.toContain(whsec.slice('whsec_'.length))
  })

  it('they open again after an eviction', async () => {
    await evictDurableObject(merchant)
    expect(await verifies(await callback(), secret)).toBe(true)
  })

  it('without a master key no endpoint is made and none rotated', async () => {
    env.MASTER_KEY = ''
    for (const refused of [await registerEndpoint(), await rotate()]) {
      expect(refused).toMatchObject({ status: 503, error: { code: 'SERVICE_UNAVAILABLE' } })
      expect(refused.error.message).toContain('MASTER_KEY')
    }
    env.MASTER_KEY = MASTER_KEY
    expect((await call('GET', '/v1/endpoints')).data.items).toHaveLength(1)
    expect(await verifies(await callback(), secret)).toBe(true)
  })

  it('under another master key nothing is sent and nothing lost; new keys heal it', async () => {
    env.MASTER_KEY = 'another master key'
    await evictDurableObject(merchant)
    const ref = 'cannot-be-signed'
    await send(ref)
    world.settle(ref, 'FULFILLED')
    await walletLooks(ref)
    await vi.waitFor(async () => {
      const [delivery] = (await call('GET', `/v1/orders/${ref}`)).data.deliveries
      expect(delivery).toMatchObject({ state: 'pending', reason: 'not_tried', attempts: [] })
    })
    expect(world.callbacks).toEqual([])

    const { data } = await rotate(24)
    vi.setSystemTime(Date.now() + 60_000)
    await runDurableObjectAlarm(await orderOf(ref))
    expect(await verifies(await received(1), data.secret)).toBe(true)
  })
})

describe('a rotation', () => {
  it('signs with both until the overlap is over by the clock, then with the new keys alone', async () => {
    const { data } = await rotate(1)
    expect(data.public_keys).toMatchObject([
      { public_key: data.public_key, expires_at: null },
      { expires_at: expect.stringMatching(/Z$/) },
    ])
    const both = await callback()
    expect(signaturesOf(both)).toHaveLength(4)
    for (const whsec of [secret, data.secret]) expect(await verifies(both, whsec)).toBe(true)

    vi.setSystemTime(Date.now() + HOUR_MS + 1_000)
    const alone = await callback()
    expect(signaturesOf(alone)).toHaveLength(2)
    expect(await verifies(alone, data.secret)).toBe(true)
    expect(await verifies(alone, secret)).toBe(false)
    const shown = (await call('GET', `/v1/endpoints/${endpoint}`)).data.public_keys
    expect(shown).toEqual([data.public_keys[0]])
    expect(await merchant.publicKeys(endpoint)).toEqual([data.public_key])
  })

  it('is refused beyond five former keys, until they are revoked', async () => {
    for (let rotation = 1; rotation <= 5; rotation++) expect((await rotate()).status).toBe(200)
    const refused = await rotate()
    expect(refused).toMatchObject({ status: 400, error: { code: 'ERR_VALIDATION' } })
    expect((await rotate(0)).data.public_keys).toHaveLength(6)
    const { data } = await revoke()
    expect(data.public_keys).toHaveLength(1)
    expect(data).not.toHaveProperty('secret')
    expect(signaturesOf(await callback())).toHaveLength(2)
    expect((await rotate()).status).toBe(200)
  })
})
