import { beforeAll, describe, expect, it } from 'vitest'
import { type Answer, DEMO_KEY, DEMO_LIVE_KEY, type Gateway, startGateway } from './harness'
import { startMerchant } from './merchant'
import { openShop, type Shop, shopWithKey } from './shop'

const ALL_EVENTS = ['topup.fulfilled', 'topup.refunded', 'topup.unknown', 'topup.reversed']
const URL_OF_SHOP = 'https://shop.dz/callback'

let gateway: Gateway
let shop: Shop
beforeAll(async () => {
  gateway = await startGateway()
  shop = await openShop(gateway, 'sandbox')
})

describe('endpoints', () => {
  it('are registered with keys of their own; the secret is shown once', async () => {
    const { url } = await startMerchant()
    const answer = await shop.call('POST', '/v1/endpoints', { url, description: 'till 1' })
    expect(answer.status).toBe(201)
    expect(answer.json).toMatchObject({ success: true, requestId: expect.stringMatching(/^req_/) })
    const made = answer.json.data
    expect(made).toMatchObject({
      url,
      events: ALL_EVENTS,
      state: 'active',
      description: 'till 1',
      reason: null,
    })
    expect(Buffer.from(made.secret.replace(/^whsec_/, ''), 'base64')).toHaveLength(32)
    expect(Buffer.from(made.public_key.replace(/^whpk_/, ''), 'base64')).toHaveLength(32)
    const other = await shop.register(url)
    expect(other.id).not.toBe(made.id)
    expect(other.secret).not.toBe(made.secret)

    const later = [
      await shop.call('GET', `/v1/endpoints/${made.id}`),
      await shop.call('GET', '/v1/endpoints'),
      await shop.patch(made.id, { events: ['topup.refunded'] }),
    ]
    for (const { status, text } of [...later, answer]) {
      expect([200, 201]).toContain(status)
      expect(text).not.toContain('whsk_')
    }
    for (const { text } of later) expect(text).not.toContain('whsec_')
  })

  it('are listed, read, changed and deleted', async () => {
    const own = await openShop(gateway, 'sandbox')
    const first = await own.register(URL_OF_SHOP)
    const second = await own.register('https://shop.dz:8443/second', { events: ['topup.unknown'] })
    const list = await own.call('GET', '/v1/endpoints')
    expect(list.json.data).toMatchObject({ items: [{ id: first.id }, { id: second.id }], next_cursor: null })
    expect(await own.endpoint(second.id)).toMatchObject({ url: second.url, events: ['topup.unknown'] })

    const changed = await own.patch(second.id, {
      url: URL_OF_SHOP,
      events: ['topup.refunded'],
      state: 'paused',
    })
    expect(changed.status).toBe(200)
    const expected = { id: second.id, url: URL_OF_SHOP, events: ['topup.refunded'], state: 'paused' }
    expect(changed.json.data).toMatchObject(expected)
    expect(await own.endpoint(second.id)).toMatchObject({ ...expected, public_key: second.public_key })

    const deleted = await own.call('DELETE', `/v1/endpoints/${second.id}`)
    expect(deleted.json).toMatchObject({ success: true, data: { id: second.id, deleted: true } })
    expectError(await own.call('GET', `/v1/endpoints/${second.id}`), 404, 'NOT_FOUND')
    expectError(await own.call('DELETE', `/v1/endpoints/${second.id}`), 404, 'NOT_FOUND')
    expect((await own.call('GET', '/v1/endpoints')).json.data.items).toHaveLength(1)
  })

  it('publish their public key to anybody, without envelope or key', async () => {
    const endpoint = await shop.register(URL_OF_SHOP)
    const published = await gateway.call('GET', `/.well-known/webhook-keys/${endpoint.id}.json`)
    expect(published.status).toBe(200)
    expect(published.json).toEqual({ keys: [endpoint.public_key] })
    for (const id of ['ep_demo_0000000000000000', 'ep_nobody_0000000000000000', 'x', '%00']) {
      expectError(await gateway.call('GET', `/.well-known/webhook-keys/${id}.json`), 404, 'NOT_FOUND')
    }
  })

  it('of another merchant or environment do not exist', async () => {
    const [live, test] = [shopWithKey(gateway, DEMO_LIVE_KEY), shopWithKey(gateway, DEMO_KEY)]
    const endpoint = await test.register(URL_OF_SHOP)
    for (const stranger of [live, shop]) {
      const path = `/v1/endpoints/${endpoint.id}`
      expectError(await stranger.call('GET', path), 404, 'NOT_FOUND')
      expectError(await stranger.patch(endpoint.id, { state: 'paused' }), 404, 'NOT_FOUND')
      expectError(await stranger.call('DELETE', path), 404, 'NOT_FOUND')
      expect((await stranger.call('GET', '/v1/endpoints')).text).not.toContain(endpoint.id)
    }
    expect(await test.endpoint(endpoint.id)).toMatchObject({ state: 'active' })
  })

  it('are nothing for a stranger without a key', async () => {
    for (const method of ['GET', 'POST']) {
      expectError(await gateway.call(method, '/v1/endpoints', {}), 401, 'MISSING_ACCESS_TOKEN')
    }
    expectError(
      await gateway.call('GET', '/v1/endpoints', { key: 'rsd_test_x' }),
      401,
      'INVALID_ACCESS_TOKEN',
    )
  })
})

describe('an endpoint is refused, with a sentence that says why, for', () => {
  const loopback = 'http://127.0.0.1:9/callback'
  const refusedUrls: [string, string, RegExp][] = [
    ['plain http', 'http://shop.dz/callback', /https:\/\//],
    ['another scheme', 'ftp://shop.dz/callback', /https:\/\//],
    ['an IPv4 literal', 'https://93.184.216.34/callback', /IP address/],
    ['an IPv4 literal in disguise', 'https://0x5db8d822/callback', /IP address/],
    ['an IPv6 literal', 'https://[2606:2800:220:1::1]/callback', /IP address/],
    ['a private address', 'http://10.0.0.1/callback', /https:\/\//],
    ['credentials', 'https://till:secret@shop.dz/callback', /user name or password/],
    ['credentials on loopback', 'http://till:secret@127.0.0.1:9/', /user name or password/],
    ['a private name', 'https://metadata.google.internal/', /reserved or private/],
    ['a name without a dot', 'https://intranet/callback', /full public name/],
    ['a database’s port', 'https://shop.dz:5432/', /443 or 8443/],
    ['a fragment', 'https://shop.dz/#/callback', /fragment/],
    ['a space inside', 'https://shop.dz/call back', /spaces/],
    ['no URL at all', 'shop.dz/callback', /valid URL|https:\/\//],
    ['an empty URL', '', /fewer than 1/],
    ['a URL of 3000 characters', `https://shop.dz/${'a'.repeat(3_000)}`, /2048/],
  ]
  it.each(refusedUrls)('%s', async (_what, url, says) => {
    const created = await shop.call('POST', '/v1/endpoints', { url })
    expectError(created, 400, 'ERR_VALIDATION')
    expect(created.json.error.message).toMatch(says)
    expect(created.json.error.details).toMatchObject({ field: 'url' })
  })

  const refusedBodies: [string, unknown, RegExp][] = [
    ['no URL', {}, /'url'/],
    ['a URL that is no text', { url: 7 }, /body\/url must be string/],
    ['an event nobody sends', { url: loopback, events: ['topup.won'] }, /allowed values.*topup\.fulfilled/],
    ['no events', { url: loopback, events: [] }, /body\/events/],
    ['events that are no list', { url: loopback, events: 'topup.fulfilled' }, /body\/events must be array/],
    ['a long description', { url: loopback, description: 'x'.repeat(501) }, /500 characters/],
    ['a body that is no JSON', '{"url":', /valid JSON/],
    ['a body that is no object', [], /body must be object/],
  ]
  it.each(refusedBodies)('%s', async (_what, body, says) => {
    const created = await shop.call('POST', '/v1/endpoints', body)
    expectError(created, 400, 'ERR_VALIDATION')
    expect(created.json.error.message).toMatch(says)
  })

  it('a change that would break a rule; nothing of it is kept', async () => {
    const endpoint = await shop.register(loopback)
    const refused = [
      { url: 'http://shop.dz/', events: ['topup.refunded'] },
      { state: 'disabled' },
      { state: 'active', events: [] },
    ]
    for (const change of refused) expectError(await shop.patch(endpoint.id, change), 400, 'ERR_VALIDATION')
    const { secret: _shownOnce, ...unchanged } = endpoint
    expect(await shop.endpoint(endpoint.id)).toEqual(unchanged)
  })

  it.each(['http://localhost:9/', 'http://[::1]:9/', loopback])(
    'but not for %s, on this machine',
    async (url) => {
      expect((await shop.register(url)).url).toBe(url)
    },
  )
})

function expectError(answer: Answer, status: number, code: string): void {
  expect(answer.json, answer.text).toMatchObject({
    success: false,
    error: { code, message: expect.stringMatching(/\w+ \w+/) },
    requestId: expect.stringMatching(/^req_\d+_[a-z0-9]{6}$/),
  })
  expect(answer.status).toBe(status)
}
