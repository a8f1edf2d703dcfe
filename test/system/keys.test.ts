import { describe, expect, it } from 'vitest'
import { clientOf, expectError } from './client'
import { ADMIN_TOKEN, type Answer, eventually, startGateway } from './harness'
import { startProvider } from './provider'
import { shopWithKey } from './shop'

/** The edge may remember a key for a minute; with slack, so that only a key that stays open fails. */
const FORGOTTEN_MS = 90_000

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` }

const admin = (method: string, path: string, body?: unknown) =>
  gateway.call(method, `/admin/merchants${path}`, { headers, ...(body === undefined ? {} : { body }) })
const newMerchant = async (name = 'Shop'): Promise<string> => (await admin('POST', '', { name })).json.data.id
const addKey = (merchantId: string, more: object = {}) =>
  admin('POST', `/${merchantId}/keys`, { environment: 'production', name: 'till', ...more })

async function newKey(merchantId: string, more: object = {}): Promise<{ id: string; key: string }> {
  const made = await addKey(merchantId, more)
  expect(made.status, made.text).toBe(201)
  return made.json.data
}

/** A call that needs a key, from an address. */
const read = (key: string, address?: string) =>
  gateway.call('GET', '/v3/mobile/list', {
    key,
    ...(address === undefined ? {} : { headers: { 'CF-Connecting-IP': address } }),
  })

describe.concurrent('a merchant’s keys', () => {
  it('are as many as he needs, each with its name, and shown once', async () => {
    const id = await newMerchant()
    const wanted = [
      { environment: 'production', scope: 'READ-WRITE', name: 'till 1', allowed_ips: [] },
      { environment: 'production', scope: 'READ-WRITE', name: 'till 2', allowed_ips: ['198.51.100.0/24'] },
      { environment: 'production', scope: 'READ-ONLY', name: 'محاسب', allowed_ips: [] },
      { environment: 'sandbox', scope: 'READ-WRITE', name: 'developer', allowed_ips: [] },
    ]
    const made = [await newKey(id, wanted[0]), await newKey(id, wanted[1])]
    made.push(await newKey(id, wanted[2]), await newKey(id, wanted[3]))
    const shown = await admin('GET', `/${id}`)
    const { keys } = shown.json.data
    expect(keys).toHaveLength(4)
    for (const [n, { id: keyId, key }] of made.entries()) {
      expect(keys.find((one: { id: string }) => one.id === keyId)).toEqual({
        ...wanted[n],
        id: keyId,
        state: 'active',
        created_at: expect.stringMatching(/Z$/),
        last_used_at: null,
      })
      expect(shown.text).not.toContain(key.replace(/^rsd_\w+?_/, ''))
      expect((await read(key, '198.51.100.4')).status).toBe(200)
    }
    expect(new Set(made.flatMap((one) => [one.id, one.key])).size).toBe(8)
  })

  it('tell when they were last used', async () => {
    const id = await newMerchant()
    const [used, unused] = [await newKey(id), await newKey(id)]
    const before = Date.now()
    await read(used.key)
    const lastUse = await eventually('the use to be noted', async () => {
      const { keys } = (await admin('GET', `/${id}`)).json.data
      return keys.find((key: { id: string }) => key.id === used.id).last_used_at
    })
    expect(Date.parse(lastUse)).toBeGreaterThanOrEqual(before - 1_000)
    const { keys } = (await admin('GET', `/${id}`)).json.data
    expect(keys.find((key: { id: string }) => key.id === unused.id).last_used_at).toBeNull()
  })

  it('that are READ-ONLY read everything and change nothing', async () => {
    const { key } = await newKey(await newMerchant(), { scope: 'READ-ONLY' })
    for (const path of [
      'mobile/list',
      'mobile/plans',
      'account/balance',
      'account/transactions',
      'validate',
    ]) {
      expect((await gateway.call('GET', `/v3/${path}`, { key })).status, path).toBe(200)
    }
    expect((await gateway.call('GET', '/v1/orders', { key })).status).toBe(200)
    expectError(await clientOf(gateway, key).send('read only'), 403, 'PERMISSION_DENIED')
    expect(provider.callsOf('send').filter(({ subject }) => subject?.endsWith('read only'))).toEqual([])
    const body = { url: 'https://example.com/hook' }
    expectError(await gateway.call('POST', '/v1/endpoints', { key, body }), 403, 'PERMISSION_DENIED')
  })

  it('can be renamed and switched off, and stay off', async () => {
    const id = await newMerchant()
    const key = await newKey(id)
    const path = `/${id}/keys/${key.id}`
    expect((await admin('PATCH', path, { name: 'old till' })).json.data).toMatchObject({ name: 'old till' })
    expect((await admin('PATCH', path, { state: 'disabled' })).json.data.state).toBe('disabled')
    expectError(await read(key.key), 403, 'API_DISABLED')
    expectError(await admin('PATCH', path, { state: 'active' }), 400, 'ERR_VALIDATION')
    const renamed = await admin('PATCH', path, { name: 'lost till', allowed_ips: [] })
    expect(renamed.json.data).toMatchObject({ name: 'lost till', state: 'disabled' })
    expectError(
      await admin('PATCH', `/${await newMerchant()}/keys/${key.id}`, { name: 'x' }),
      404,
      'NOT_FOUND',
    )
  })

  it('in use when they are switched off are out within a minute', {
    timeout: FORGOTTEN_MS + 30_000,
  }, async () => {
    const id = await newMerchant()
    const [stolen, good] = [await newKey(id), await newKey(id)]
    expect((await read(stolen.key)).status).toBe(200)
    await admin('PATCH', `/${id}/keys/${stolen.id}`, { state: 'disabled' })
    const refused = await eventually(
      'the key to be refused',
      async () => {
        const answer = await read(stolen.key)
        return answer.status !== 200 && answer
      },
      FORGOTTEN_MS,
    )
    expectError(refused, 403, 'API_DISABLED')
    expect((await read(good.key)).status).toBe(200)
  })
})

describe.concurrent('allowed_ips', () => {
  it('let in single addresses and ranges of both families, in any spelling, and nobody else', async () => {
    const allowed_ips = ['198.51.100.7', '203.0.113.64/26', '2001:db8:7::/48', '2001:db8::1']
    const { key } = await newKey(await newMerchant(), { allowed_ips })
    const inside = ['198.51.100.7', '203.0.113.64', '203.0.113.127', '::ffff:198.51.100.7']
    inside.push('2001:db8:7::9', '2001:0DB8:0007:ffff:0:0:0:1', '2001:db8:0:0::1')
    for (const address of inside) expect((await read(key, address)).status, address).toBe(200)

    const outside = ['198.51.100.8', '203.0.113.63', '203.0.113.128', '::ffff:198.51.100.8']
    outside.push('2001:db8:8::1', '2001:db8::2', '::1', 'unknown')
    for (const address of outside) expectError(await read(key, address), 403, 'IP_NOT_ALLOWED')
    const body = { plan_code: 'PREPAID_MOBILIS', MSSIDN: '0661234567', amount: 500, ref: 'from elsewhere' }
    const from = { 'CF-Connecting-IP': '198.51.100.8' }
    const send = await gateway.call('POST', '/v3/mobile/send', { key, body, headers: from })
    expectError(send, 403, 'IP_NOT_ALLOWED')
    expect(provider.callsOf('send').filter(({ subject }) => subject?.endsWith('elsewhere'))).toEqual([])
  })

  it('can be changed, and taken away', async () => {
    const id = await newMerchant()
    const [moved, opened] = [
      await newKey(id, { allowed_ips: ['198.51.100.7'] }),
      await newKey(id, { allowed_ips: ['198.51.100.7'] }),
    ]
    const change = (keyId: string, allowed_ips: string[]) =>
      admin('PATCH', `/${id}/keys/${keyId}`, { allowed_ips })
    expect((await change(moved.id, ['203.0.113.9'])).json.data.allowed_ips).toEqual(['203.0.113.9'])
    expectError(await read(moved.key, '198.51.100.7'), 403, 'IP_NOT_ALLOWED')
    expect((await read(moved.key, '203.0.113.9')).status).toBe(200)
    await change(opened.id, [])
    expect((await read(opened.key, '192.0.2.200')).status).toBe(200)
  })

  it.each(['127.1', '300.1.1.1', '10.0.0.0/33', '2001:db8::/129', 'localhost', '', '*', '10.0.0.0/'])(
    'cannot be %j',
    async (wrong) => {
      const refused = await addKey(await newMerchant(), { allowed_ips: ['192.0.2.1', wrong] })
      expectError(refused, 400, 'ERR_VALIDATION')
      expect(refused.json.error.details.field).toBe('allowed_ips/1')
    },
  )
})

describe.concurrent('an address that is wrong about keys', () => {
  const strange = (n: number, address: string) => read(`rsd_live_guess${n}`, address)

  it('is blocked after twenty, while a good key from there still works and others are not touched', async () => {
    const [address, neighbour] = ['203.0.113.50', '203.0.113.51']
    const { key } = await newKey(await newMerchant())
    let blocked: Answer | null = null
    let guesses = 0
    // A minute may end in between, which starts the count anew.
    for (; guesses < 60 && blocked === null; guesses++) {
      const answer = await strange(guesses, address)
      if (answer.status === 403) blocked = answer
      else expectError(answer, 401, 'INVALID_ACCESS_TOKEN')
    }
    expectError(blocked as Answer, 403, 'IP_BLOCKED')
    expect(guesses - 1).toBeGreaterThanOrEqual(20)
    expect(Number(blocked?.headers.get('retry-after'))).toBeGreaterThan(60)
    for (const n of [100, 101]) expectError(await strange(n, address), 403, 'IP_BLOCKED')
    expect((await read(key, address)).status).toBe(200)
    expectError(await strange(102, neighbour), 401, 'INVALID_ACCESS_TOKEN')

    const knock = (token: string) =>
      gateway.call('GET', '/admin/merchants', {
        headers: { Authorization: `Bearer ${token}`, 'CF-Connecting-IP': address },
      })
    expectError(await knock('guess'), 403, 'IP_BLOCKED')
    expect((await knock(ADMIN_TOKEN)).status).toBe(200)
  })
})

describe('the operator', () => {
  it('lists every merchant once, page by page', async () => {
    const names = ['محل الزاوية', 'Second', 'Third']
    const ids = await Promise.all(names.map((name) => newMerchant(name)))
    await admin('PATCH', `/${ids[1]}`, { name: 'Second, renamed', state: 'disabled' })
    const listed = await eventually('all of them', async () => {
      const items: { id: string; name: string; state: string }[] = []
      let cursor = ''
      do {
        const { data } = (await admin('GET', `?limit=2${cursor}`)).json
        expect(data.items.length).toBeLessThanOrEqual(2)
        items.push(...data.items)
        cursor = data.next_cursor === null ? '' : `&cursor=${encodeURIComponent(data.next_cursor)}`
      } while (cursor !== '')
      const mine = ids.map((id) => items.filter((item) => item.id === id))
      return mine.every(({ length }) => length === 1) && mine.flat()
    })
    expect(listed).toMatchObject([
      { name: names[0], state: 'active' },
      { name: 'Second, renamed', state: 'disabled' },
      { name: names[2], state: 'active' },
    ])
  })

  it('disables a merchant: his keys are refused, his open orders settle and call back', async () => {
    const id = await newMerchant()
    const [first, second, third] = [await newKey(id), await newKey(id), await newKey(id)]
    const shop = shopWithKey(gateway, first.key)
    const { merchant } = await shop.receiver()
    await shop.send('still open', '0661234567')

    expect((await admin('PATCH', `/${id}`, { state: 'disabled' })).json.data.state).toBe('disabled')
    expectError(await read(second.key), 403, 'API_DISABLED')
    expectError(await clientOf(gateway, second.key).send('one more'), 403, 'API_DISABLED')
    const { key: late } = await newKey(id)
    expectError(await read(late), 403, 'API_DISABLED')

    provider.settle(`${id}.still open`, 'FULFILLED')
    expect((await merchant.received(1)).body).toMatchObject({
      type: 'topup.fulfilled',
      data: { ref: 'still open', status: 'FULFILLED' },
    })
    await admin('PATCH', `/${id}`, { state: 'active' })
    const status = await clientOf(gateway, third.key).checkRef('still open')
    expect(status.json.data).toMatchObject({ status: 'FULFILLED', gateway: { final: true } })
  })
})
