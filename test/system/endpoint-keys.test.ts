import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { expectError } from './client'
import { DEMO_KEY, type Gateway, startGateway } from './harness'
import { startLocalGateway, temporaryStorage } from './local'
import type { Received } from './merchant'
import { type EndpointAnswer, openShop, type Receiver, type Shop, shopWithKey } from './shop'
import { judge } from './signature'

const WHOLE = { standardwebhooks: true, svix: true, v1a: true }

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})

const rotate = (shop: Shop, id: string, body: object = {}) =>
  shop.call('POST', `/v1/endpoints/${id}/rotate`, body)

async function rotated(shop: Shop, id: string, body: object = {}): Promise<EndpointAnswer> {
  const answer = await rotate(shop, id, body)
  expect(answer.status, answer.text).toBe(200)
  return answer.json.data
}

/** The callback about a new order. */
async function callbackOf(shop: Shop, { merchant }: Receiver, ref: string): Promise<Received> {
  await shop.send(ref)
  return await merchant.receivedWhere(ref, ({ body }) => body.data.ref === ref)
}

const publishedKeys = async (id: string) =>
  (await gateway.call('GET', `/.well-known/webhook-keys/${id}.json`)).json.keys

/** What the two libraries say with one secret, whoever else signed. */
async function librariesWith(secret: string, received: Received, { id }: EndpointAnswer) {
  const { standardwebhooks, svix } = await judge(gateway, received, { id, secret })
  return { standardwebhooks, svix }
}

const BOTH = { standardwebhooks: true, svix: true }
const NEITHER = { standardwebhooks: false, svix: false }

describe.concurrent('during a rotation', () => {
  it('a receiver may know the old secret or the new one; after revoking only the new one', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const receiver = await shop.receiver()
    const { endpoint: old } = receiver
    const fresh = await rotated(shop, old.id)
    expect(fresh.secret).toMatch(/^whsec_/)
    expect(fresh.secret).not.toBe(old.secret)
    expect(fresh.public_key).not.toBe(old.public_key)
    expect(await publishedKeys(old.id)).toEqual([fresh.public_key, old.public_key])

    const signedByBoth = await callbackOf(shop, receiver, 'rotating')
    for (const { secret } of [old, fresh]) {
      expect(await judge(gateway, signedByBoth, { id: old.id, secret })).toEqual(WHOLE)
    }

    const revoked = await shop.call('POST', `/v1/endpoints/${old.id}/revoke-old`)
    expect(revoked.status, revoked.text).toBe(200)
    expect(await publishedKeys(old.id)).toEqual([fresh.public_key])
    const signedByNew = await callbackOf(shop, receiver, 'revoked')
    expect(await judge(gateway, signedByNew, fresh)).toEqual(WHOLE)
    expect(await librariesWith(old.secret, signedByNew, old)).toEqual(NEITHER)
  })

  it('without an overlap the old secret is worth nothing at once', async () => {
    const shop = await openShop(gateway, 'production')
    const receiver = await shop.receiver()
    const { endpoint: old } = receiver
    const fresh = await rotated(shop, old.id, { overlap_hours: 0 })
    expect(await publishedKeys(old.id)).toEqual([fresh.public_key])
    // A challenge is signed as a callback is.
    await shop.patch(old.id, { url: `${receiver.merchant.url}/moved` })
    await shop.patch(old.id, { state: 'active' })
    const challenged = receiver.merchant.verifications.at(-1)
    if (challenged === undefined) throw new Error('it was not challenged')
    expect(await librariesWith(fresh.secret, challenged, old)).toEqual(BOTH)
    expect(await librariesWith(old.secret, challenged, old)).toEqual(NEITHER)
  })

  it('a secret is shown by the rotation alone, and each key with its end', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const { endpoint } = await shop.receiver()
    const asked = Date.now()
    const { secret, ...fresh } = await rotated(shop, endpoint.id, { overlap_hours: 168 })
    expect(await shop.endpoint(endpoint.id)).toEqual(fresh)
    expect(fresh.public_keys).toEqual([
      { public_key: fresh.public_key, created_at: expect.any(String), expires_at: null },
      { public_key: endpoint.public_key, created_at: expect.any(String), expires_at: expect.any(String) },
    ])
    const hours = (Date.parse(fresh.public_keys[1]?.expires_at ?? '') - asked) / 3_600_000
    expect(hours).toBeGreaterThanOrEqual(168)
    expect(Math.round(hours)).toBe(168)
  })

  it.each([{ overlap_hours: -1 }, { overlap_hours: 169 }, { overlap_hours: 1.5 }, { overlap: 0 }, []])(
    '%j is refused, and nothing was changed',
    async (body) => {
      const shop = await openShop(gateway, 'sandbox')
      const { endpoint } = await shop.receiver()
      expectError(await rotate(shop, endpoint.id, body), 400, 'ERR_VALIDATION')
      expect(await publishedKeys(endpoint.id)).toEqual([endpoint.public_key])
    },
  )
})

it('on the disk there is no key in the clear, of any endpoint that ever was', async () => {
  const storage = temporaryStorage()
  const local = await startLocalGateway({ storage })
  const shop = shopWithKey(local, DEMO_KEY)
  const receiver = await shop.receiver()
  const { secret } = await rotated(shop, receiver.endpoint.id)
  await callbackOf(shop, receiver, 'signed')
  await shop.call('POST', `/v1/endpoints/${receiver.endpoint.id}/revoke-old`)
  await local.kill()

  const files = readdirSync(storage, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  )
  const disk = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1')).join('\n')
  expect(disk).toContain(receiver.endpoint.id)
  expect(disk).toContain(receiver.endpoint.public_key)
  for (const clear of ['whsk_', 'whsec_', receiver.endpoint.secret.slice(6), secret.slice(6)]) {
    expect(disk.includes(clear), clear).toBe(false)
  }
})
