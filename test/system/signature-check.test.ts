/** The signature debugger against callbacks as they really arrive, and the libraries that receivers use. */
import { beforeAll, describe, expect, it } from 'vitest'
import { expectError } from './client'
import { ADMIN_TOKEN, type Answer, type Gateway, startGateway } from './harness'
import type { Received } from './merchant'
import { startProvider } from './provider'
import { openShop, type Receiver, type Shop } from './shop'
import { judge } from './signature'

let gateway: Gateway
let shop: Shop
let first: Receiver
let second: Receiver
let callback: Received

beforeAll(async () => {
  const provider = await startProvider()
  gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
  shop = await openShop(gateway, 'sandbox')
  first = await shop.receiver()
  second = await shop.receiver()
  await shop.send('signed')
  callback = await first.merchant.received(1)
})

const check = (asked: object, key = shop.key): Promise<Answer> =>
  gateway.call('POST', '/v1/signatures/check', { key, body: asked })
const genuine = () => ({ headers: callback.headers, body: callback.rawBody })

describe('the signature of a real callback', () => {
  it('holds wherever the libraries believe it', async () => {
    expect(await judge(gateway, callback, first.endpoint)).toEqual({
      standardwebhooks: true,
      svix: true,
      v1a: true,
    })
    for (const key of [
      { secret: first.endpoint.secret },
      { public_key: first.endpoint.public_key },
      { endpoint_id: first.endpoint.id },
      {},
    ]) {
      const { json } = await check({ ...genuine(), ...key })
      expect(json.data, JSON.stringify(key)).toMatchObject({ valid: true, problem: null })
    }
  })

  it.each([
    ['body_altered', () => ({ body: `${callback.rawBody}\n` })],
    ['body_altered', () => ({ body: JSON.stringify(callback.body, null, 2) })],
    ['wrong_secret', () => ({ secret: second.endpoint.secret })],
    ['header_missing', () => ({ headers: { ...callback.headers, 'webhook-id': '' } })],
    ['no_match', () => ({ headers: { ...callback.headers, 'webhook-id': 'evt_other' } })],
  ])('that no library believes is told as %s', async (problem, alter) => {
    const altered = { ...genuine(), secret: first.endpoint.secret, ...alter() }
    const { id } = first.endpoint
    const received = { headers: altered.headers, rawBody: altered.body }
    expect(await judge(gateway, received, { id, secret: altered.secret })).toMatchObject({
      standardwebhooks: false,
      svix: false,
    })
    const { json, text } = await check(altered)
    expect(json.data).toMatchObject({ valid: false, problem })
    expect(json.data.checks).toHaveLength(5)
    expect(text).not.toContain(altered.secret.slice('whsec_'.length))
    if (problem === 'wrong_secret') expect(json.data.says).toContain(first.endpoint.id)
  })

  it('made for another endpoint is not held for this one', async () => {
    const { json } = await check({ ...genuine(), endpoint_id: second.endpoint.id })
    expect(json.data).toMatchObject({ valid: false, problem: 'no_match' })
  })
})

describe('the question', () => {
  it('may be asked with a READ-ONLY key, and tells strangers nothing', async () => {
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` }
    const made = await gateway.call('POST', '/admin/merchants', { headers, body: { name: 'Other' } })
    const keyed = await gateway.call('POST', `/admin/merchants/${made.json.data.id}/keys`, {
      headers,
      body: { environment: 'sandbox', scope: 'READ-ONLY', name: 'eye' },
    })
    const stranger = keyed.json.data.key
    expect((await check(genuine(), stranger)).json.data).toMatchObject({ valid: false, problem: 'no_keys' })
    expectError(await check({ ...genuine(), endpoint_id: first.endpoint.id }, stranger), 404, 'NOT_FOUND')
    const { json } = await check({ ...genuine(), secret: first.endpoint.secret }, stranger)
    expect(json.data).toMatchObject({ valid: true })
  })

  it.each([
    [{ body: '{}' }, 'headers'],
    [{ headers: {} }, 'body'],
    [{ headers: { 'webhook-id': 7 }, body: '' }, 'headers/webhook-id'],
    [{ headers: {}, body: '', secret: 'x'.repeat(300) }, 'secret'],
  ])('that is malformed is refused: %#', async (asked, field) => {
    const answer = await check(asked)
    expectError(answer, 400, 'ERR_VALIDATION')
    expect(answer.json.error.details.field).toBe(field)
    expect(answer.text).not.toContain('xxx')
  })

  it('with both kinds of key is refused', async () => {
    const { secret, public_key } = first.endpoint
    const answer = await check({ ...genuine(), secret, public_key })
    expectError(answer, 400, 'ERR_VALIDATION')
    expect(answer.json.error.message).toBe('body must have secret or public_key, not both')
    expect(answer.text).not.toContain(secret)
  })
})
