import { describe, expect, it } from 'vitest'
import { clientOf, expectError, ORDER } from './client'
import { ADMIN_TOKEN, type Answer, DEMO_KEY, DEMO_LIVE_KEY, startGateway } from './harness'
import { startProvider } from './provider'

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
const asOperator = { Authorization: `Bearer ${ADMIN_TOKEN}` }

interface NewKey {
  readonly merchantId: string
  readonly id: string
  readonly key: string
  readonly created: Answer
}

async function createMerchant(name: string): Promise<string> {
  const created = await gateway.call('POST', '/admin/merchants', { headers: asOperator, body: { name } })
  expect(created.status).toBe(201)
  return created.json.data.id
}

async function createKey(merchantId: string, more: object = {}): Promise<NewKey> {
  const body = { environment: 'sandbox', scope: 'READ-WRITE', name: 'till', ...more }
  const path = `/admin/merchants/${merchantId}/keys`
  const created = await gateway.call('POST', path, { headers: asOperator, body })
  expect(created.status).toBe(201)
  return { merchantId, id: created.json.data.id, key: created.json.data.key, created }
}

const disable = ({ merchantId, id }: NewKey) =>
  gateway.call('PATCH', `/admin/merchants/${merchantId}/keys/${id}`, {
    headers: asOperator,
    body: { state: 'disabled' },
  })

/** An address that has been wrong about no key yet: after twenty it is blocked. */
let addresses = 0
const elsewhere = () => ({ 'CF-Connecting-IP': `198.51.100.${++addresses}` })

/** Every way in that a merchant's key opens. */
const DOORS: [string, string, unknown?][] = [
  ['POST', '/v3/mobile/send', { ...ORDER, ref: 'closed' }],
  ['GET', '/v3/mobile/check-ref/closed'],
  ['GET', '/v3/mobile/check-id/69a0c1d2e3f405162738495a'],
  ['POST', '/v1/endpoints', { url: 'https://example.com/hook' }],
  ['GET', '/v1/endpoints'],
  ['PATCH', '/v1/endpoints/ep_1', { state: 'paused' }],
  ['GET', '/v1/deliveries'],
]

describe.each(DOORS)('%s %s', (method, path, body) => {
  const knock = (headers: Record<string, string>) =>
    gateway.call(method, path, { headers, ...(body === undefined ? {} : { body }) })

  it('asks for a key', async () => {
    for (const headers of [{}, { 'X-Access-Token': '' }, { Authorization: 'Bearer ' }]) {
      const answer = await knock(headers)
      expectError(answer, 401, 'MISSING_ACCESS_TOKEN')
      expect(answer.json.error).toEqual({ code: 'MISSING_ACCESS_TOKEN', message: 'Access token is required' })
    }
  })

  it('refuses a key that nobody was given', async () => {
    const strangers = [
      'rsd_test_nobody',
      'rsd_live_nobody',
      `${DEMO_KEY}x`,
      DEMO_KEY.toUpperCase(),
      ADMIN_TOKEN,
    ]
    const from = elsewhere()
    for (const key of [...strangers, '__proto__', 'constructor', '0', 'x'.repeat(4_000)]) {
      const answer = await knock({ 'X-Access-Token': key, ...from })
      expectError(answer, 401, 'INVALID_ACCESS_TOKEN')
      expect(answer.text).not.toContain(key.length > 2 ? key : 'never')
    }
  })

  it('refuses a key that was switched off', async () => {
    const key = await createKey(await createMerchant('Gone'))
    expect((await disable(key)).status).toBe(200)
    expectError(await knock({ 'X-Access-Token': key.key }), 403, 'API_DISABLED')
  })

  it(`${method === 'GET' ? 'lets' : 'does not let'} a READ-ONLY key in`, async () => {
    const { key } = await createKey(await createMerchant('Watcher'), { scope: 'READ-ONLY' })
    const answer = await knock({ 'X-Access-Token': key })
    if (method === 'GET') expect([200, 404]).toContain(answer.status)
    else expectError(answer, 403, 'PERMISSION_DENIED')
  })
})

it('no refused caller left anything behind', async () => {
  expect(provider.calls).toEqual([])
  expect((await clientOf(gateway, DEMO_KEY).checkRef('closed')).status).toBe(404)
})

it('a key travels in X-Access-Token or as a bearer token, however that is spelled', async () => {
  const { topupId } = (await clientOf(gateway, DEMO_KEY).send('two ways')).json.data
  const ways = [
    { 'X-Access-Token': DEMO_KEY },
    { 'x-access-token': ` ${DEMO_KEY} ` },
    { Authorization: `Bearer ${DEMO_KEY}` },
    { authorization: `bearer ${DEMO_KEY}` },
  ]
  for (const headers of ways) {
    const answer = await gateway.call('GET', '/v3/mobile/check-ref/two%20ways', { headers })
    expect(answer.json.data?._id).toBe(topupId)
  }
  const basic = { Authorization: `Basic ${btoa(`${DEMO_KEY}:`)}` }
  expectError(await gateway.call('GET', '/v1/endpoints', { headers: basic }), 401, 'MISSING_ACCESS_TOKEN')
})

describe('the operator’s surface', () => {
  const doors: [string, string, unknown?][] = [
    ['POST', '/admin/merchants', { name: 'Intruder' }],
    ['GET', '/admin/merchants/demo'],
    ['POST', '/admin/merchants/demo/keys', { environment: 'production', scope: 'READ-WRITE', name: 'mine' }],
    ['PATCH', '/admin/merchants/demo/keys/1', { state: 'disabled' }],
  ]

  it.each(doors)('%s %s is the operator’s alone', async (method, path, body) => {
    const knock = (headers: Record<string, string>) =>
      gateway.call(method, path, { headers, ...(body === undefined ? {} : { body }) })
    expectError(await knock({}), 401, 'MISSING_ACCESS_TOKEN')
    const wrong = [
      `${ADMIN_TOKEN}x`,
      ADMIN_TOKEN.slice(0, -1),
      ADMIN_TOKEN.toUpperCase(),
      DEMO_KEY,
      DEMO_LIVE_KEY,
    ]
    const from = elsewhere()
    for (const token of wrong) {
      expectError(await knock({ Authorization: `Bearer ${token}`, ...from }), 401, 'INVALID_ACCESS_TOKEN')
    }
  })

  it('is closed while no admin token is set', async () => {
    const closed = await startGateway({ vars: { ADMIN_TOKEN: '' } })
    for (const headers of [{}, asOperator, { Authorization: 'Bearer undefined' }]) {
      const answer = await closed.call('POST', '/admin/merchants', { headers, body: { name: 'Intruder' } })
      expectError(answer, 403, 'PERMISSION_DENIED')
    }
    await closed.close()
  })

  it('shows a key once, at its creation', async () => {
    const merchantId = await createMerchant('Corner shop')
    const { key, id, created } = await createKey(merchantId, {
      environment: 'production',
      scope: 'READ-ONLY',
    })
    expect(created.json.data).toMatchObject({
      environment: 'production',
      scope: 'READ-ONLY',
      name: 'till',
      state: 'active',
    })
    expect(key).toMatch(/^rsd_live_\w{32,}$/)

    const shown = await gateway.call('GET', `/admin/merchants/${merchantId}`, { headers: asOperator })
    expect(shown.json.data).toMatchObject({
      id: merchantId,
      name: 'Corner shop',
      keys: [{ id, name: 'till' }],
    })
    const disabled = await gateway.call('PATCH', `/admin/merchants/${merchantId}/keys/${id}`, {
      headers: asOperator,
      body: { state: 'disabled' },
    })
    expect(disabled.json.data).toMatchObject({ id, state: 'disabled' })
    for (const { text } of [shown, disabled]) expect(text).not.toContain(key.slice('rsd_live_'.length))
  })

  it('gives each key the environment it was made for, whatever a caller asks', async () => {
    const merchantId = await createMerchant('Two tills')
    const sandbox = await createKey(merchantId)
    const live = await createKey(merchantId, { environment: 'production' })
    expect(sandbox.key).toMatch(/^rsd_test_/)
    const before = provider.topups.length
    expect((await clientOf(gateway, sandbox.key).send('mine', { environment: 'production' })).status).toBe(
      200,
    )
    expect(provider.topups).toHaveLength(before)
    expect((await clientOf(gateway, live.key).send('mine', { environment: 'sandbox' })).status).toBe(200)
    expect(provider.topups.at(-1)).toMatchObject({ ref: `${merchantId}.mine` })
  })

  it('does not make keys for a merchant who does not exist, nor find one', async () => {
    const body = { environment: 'sandbox', scope: 'READ-WRITE', name: 'x' }
    const keys = await gateway.call('POST', '/admin/merchants/nobody/keys', { headers: asOperator, body })
    expectError(keys, 404, 'NOT_FOUND')
    const merchant = await gateway.call('GET', '/admin/merchants/nobody', { headers: asOperator })
    expectError(merchant, 404, 'NOT_FOUND')
    expectError(await disable({ merchantId: 'nobody', id: 'k1' } as NewKey), 404, 'NOT_FOUND')
  })

  it.each([
    ['a merchant without a name', '/admin/merchants', {}, 'name'],
    [
      'an unknown environment',
      '/admin/merchants/demo/keys',
      { environment: 'live', name: 'x' },
      'environment',
    ],
    [
      'an unknown scope',
      '/admin/merchants/demo/keys',
      { environment: 'sandbox', scope: 'ALL', name: 'x' },
      'scope',
    ],
  ])('refuses %s', async (_, path, body, field) => {
    const answer = await gateway.call('POST', path, { headers: asOperator, body })
    expectError(answer, 400, 'ERR_VALIDATION')
    expect(answer.json.error.details.field).toBe(field)
  })
})
