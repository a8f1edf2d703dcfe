import { describe, expect, it } from 'vitest'
import { clientOf, expectError } from './client'
import { ADMIN_TOKEN, type Answer, eventually, startGateway } from './harness'
import { startProvider } from './provider'
import { openShop, type Shop } from './shop'

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })

/** Nobody listens there any more. */
const DOWN = 'http://127.0.0.1:9'
const REFUNDED = '0600010001'
const FULFILLED = '0600010099'

const transactions = (shop: Shop, query = '') => shop.call('GET', `/v3/account/transactions?${query}`)
const merchantOf = async (shop: Shop): Promise<string> =>
  (await shop.call('GET', '/v3/validate')).json.data.username

describe('GET /v3/account/balance', () => {
  it('is that of the account that sends are taken from', async () => {
    const [live, sandbox] = [await openShop(gateway, 'production'), await openShop(gateway, 'sandbox')]
    provider.setBalance(12_345.67)
    const answer = await live.call('GET', '/v3/account/balance')
    expect(answer.json).toEqual({
      success: true,
      data: { balance: 12_345.67 },
      meta: { timestamp: expect.stringMatching(/Z$/) },
      requestId: answer.headers.get('x-request-id'),
    })
    provider.setBalance(1_000_000)

    const before = (await sandbox.call('GET', '/v3/account/balance')).json.data.balance
    await sandbox.send('one', FULFILLED)
    expect((await sandbox.call('GET', '/v3/account/balance')).json.data.balance).toBe(before - 480)
  })

  it.each([
    ['is down', { ending: 'destroy' }],
    ['answers nonsense', { answer: { status: 200, body: '<html>maintenance</html>' } }],
    ['refuses our key', { answer: { status: 401, body: failure('INVALID_ACCESS_TOKEN') } }],
  ] as const)('is 503 while the provider %s, whatever a good key asks', async (_, fault) => {
    const shop = await openShop(gateway, 'production')
    provider.fault('balance', fault)
    const answer = await shop.call('GET', '/v3/account/balance')
    expectError(answer, 503, 'SERVICE_UNAVAILABLE')
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await shop.call('GET', '/v3/account/balance')).status).toBe(200)
  })
})

describe('GET /v3/account/transactions', () => {
  it('in the sandbox is the sandbox’s own account, charge and refund with their balances', async () => {
    const shop = await openShop(gateway, 'sandbox')
    expect((await transactions(shop)).json.data).toEqual({
      items: [],
      pagination: { page: 1, pageSize: 20, totalPages: 0, totalResults: 0 },
    })
    const { topupId } = (await shop.send('back again', REFUNDED)).json.data
    const answer = await eventually('the refund', async () => {
      const rows = await transactions(shop)
      return rows.json.data.pagination.totalResults === 2 && rows
    })
    const [refund, charge] = answer.json.data.items
    expect(charge).toMatchObject({ type: 'FLEXY', amount: 480, objid: topupId })
    expect(refund).toMatchObject({ type: 'REFUND-FLEXY', amount: 480, objid: topupId })
    expect(charge.newBalance).toBe(charge.oldBalance - 480)
    expect(refund).toMatchObject({ oldBalance: charge.newBalance, newBalance: charge.oldBalance })
    const second = (await transactions(shop, 'page=2&pageSize=1')).json.data
    expect(second).toEqual({
      items: [charge],
      pagination: { page: 2, pageSize: 1, totalPages: 2, totalResults: 2 },
    })
  })

  it('on the operator’s account shows this merchant’s own movements and nobody else’s', async () => {
    const [shop, other] = [await openShop(gateway, 'production'), await openShop(gateway, 'production')]
    const client = clientOf(gateway, shop.key)
    const id = await merchantOf(shop)
    expect((await transactions(shop)).json.data.items).toEqual([])

    const kept = (await client.send('kept')).json.data.topupId
    const back = (await client.send('back', { amount: 700 })).json.data.topupId
    await other.send('kept', '0667654321')
    // What was taken must have been seen before it is given back.
    await client.until('charged', 'back', ({ balance_amount }) => balance_amount === 686)
    provider.settle(`${id}.kept`, 'FULFILLED')
    provider.settle(`${await merchantOf(other)}.kept`, 'FULFILLED')
    provider.settle(`${id}.back`, 'REFUNDED')

    const { items, pagination } = await movements(shop, 3)
    expect(pagination).toEqual({ page: 1, pageSize: 20, totalPages: 1, totalResults: 3 })
    expect(items.map(({ type, amount, objid }) => [type, amount, objid])).toEqual([
      ['REFUND-FLEXY', 686, back],
      ['FLEXY', 686, back],
      ['FLEXY', 490, kept],
    ])
    expect(new Set(items.map(({ _id }) => _id)).size).toBe(3)
    for (const { oldBalance, newBalance, note } of items) {
      // Of an account that others share too.
      expect([oldBalance, newBalance]).toEqual([null, null])
      expect(note).toContain('0661234567')
    }

    const { items: his } = await movements(other, 1)
    expect(his).toMatchObject([{ type: 'FLEXY', amount: 490 }])
    // The wallet's audit reads the statement too, for itself.
    const isAudit = ({ path }: { path: string }) => path.includes('pageSize=100&from=')
    expect(provider.callsOf('transactions').filter((call) => !isAudit(call))).toEqual([])

    const [{ time: newest } = { time: '' }, , { time: oldest } = { time: '' }] = items
    const window = await transactions(shop, `from=${newest}&to=${newest}`)
    expect(window.json.data).toMatchObject({ items: [items[0]], pagination: { totalResults: 1 } })
    const early = await transactions(shop, `from=2020-01-01&to=${oldest}`)
    expect(early.json.data.items.at(-1)).toEqual(items[2])
    expect((await transactions(shop, 'page=2&pageSize=2')).json.data.items).toEqual([items[2]])
  })
})

it('the operator’s account shows nothing of what an own account paid before it was taken away', async () => {
  const shop = await openShop(gateway, 'production')
  const id = await merchantOf(shop)
  const path = `/admin/merchants/${id}`
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` }
  /** With a key that the edge has not seen yet. */
  const newClient = async () => {
    const body = { environment: 'production', name: 'till' }
    const { key } = (await gateway.call('POST', `${path}/keys`, { headers, body })).json.data
    return clientOf(gateway, key)
  }
  const own = provider.account('token-of-the-shop')
  const body = { access_token: 'token-of-the-shop' }
  expect((await gateway.call('PUT', `${path}/credential`, { headers, body })).status).toBe(200)
  const before = await newClient()
  await before.send('own')
  own.settle('own', 'FULFILLED')
  expect((await before.untilFinal('own')).json.data.balance_amount).toBe(490)

  await gateway.call('DELETE', `${path}/credential`, { headers })
  const after = await newClient()
  const { topupId } = (await after.send('shared', { amount: 700 })).json.data
  provider.settle(`${id}.shared`, 'FULFILLED')
  await after.untilFinal('shared')
  expect((await movements(shop, 1)).items).toMatchObject([{ type: 'FLEXY', amount: 686, objid: topupId }])
})

interface MovementRow {
  readonly _id: string
  readonly type: string
  readonly amount: number
  readonly objid: string
  readonly note: string
  readonly time: string
  readonly oldBalance: number | null
  readonly newBalance: number | null
}

async function movements(
  shop: Shop,
  count: number,
): Promise<{ items: MovementRow[]; pagination: Record<string, number> }> {
  return await eventually(`${count} movements`, async () => {
    const { data } = (await transactions(shop)).json
    return data.items.length >= count && data
  })
}

describe.concurrent('GET /v3/validate', () => {
  it.each([
    ['sandbox', 'READ-WRITE', []],
    ['production', 'READ-ONLY', ['203.0.113.0/24', '2001:db8::1']],
  ] as const)('describes a %s key that is %s as the provider would', async (environment, scope, allowed) => {
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` }
    const made = await gateway.call('POST', '/admin/merchants', { headers, body: { name: 'Shop' } })
    const { id } = made.json.data
    const body = { environment, scope, name: 'till', allowed_ips: allowed }
    const { key } = (await gateway.call('POST', `/admin/merchants/${id}/keys`, { headers, body })).json.data

    const from = { 'CF-Connecting-IP': '203.0.113.9' }
    const answer = await gateway.call('GET', '/v3/validate', { key, headers: from })
    expect(answer.status).toBe(200)
    expect(answer.json).toEqual({
      success: true,
      data: {
        username: id,
        apiKey: { key, isEnabled: true, type: environment.toUpperCase(), allowedips: allowed, scope },
      },
    })
    const bearer = { ...from, Authorization: `Bearer ${key}` }
    expect((await gateway.call('GET', '/v3/validate', { headers: bearer })).json.data.apiKey.key).toBe(key)
  })
})

describe('GET /v3/ping', () => {
  const UP = { mobilis: 'up', ooredoo: 'up', djezzy: 'up', mobilisFixedPlans: 'up' }
  const pinged = (answer: Answer) => ({ status: answer.status, data: answer.json.data })

  it('needs no key, and the provider is not asked by each caller', async () => {
    const before = provider.callsOf('ping').length
    const sandbox = await openShop(gateway, 'sandbox')
    const answers = [
      await gateway.call('GET', '/v3/ping'),
      await gateway.call('GET', '/v3/ping', { key: sandbox.key }),
      await gateway.call('GET', '/v3/ping', { key: 'rsd_live_nobody' }),
      ...(await Promise.all([1, 2, 3].map(() => gateway.call('GET', '/v3/ping')))),
    ]
    for (const answer of answers) {
      expect(pinged(answer)).toEqual({ status: 200, data: { api: 'ok', operators: UP } })
    }
    expect(provider.callsOf('ping').length - before).toBe(1)
  })

  it('tells the operators that the provider reports', async () => {
    const data = { api: 'ok', operators: { ...UP, djezzy: 'down' } }
    const troubled = await startProvider()
    troubled.fault('ping', { answer: { body: { success: true, data } } })
    const fresh = await startGateway({ vars: { ONECLICK_BASE_URL: troubled.url } })
    expect(pinged(await fresh.call('GET', '/v3/ping'))).toEqual({ status: 200, data })
    await fresh.close()
  })

  it('answers, with nobody up, while the provider is down', async () => {
    const lonely = await startGateway({ vars: { ONECLICK_BASE_URL: DOWN } })
    const operators = { mobilis: 'down', ooredoo: 'down', djezzy: 'down', mobilisFixedPlans: 'down' }
    const { key } = await openShop(lonely, 'sandbox')
    expect(pinged(await lonely.call('GET', '/v3/ping'))).toEqual({
      status: 200,
      data: { api: 'error', operators },
    })
    expect((await lonely.call('GET', '/v3/ping', { key })).json.data.api).toBe('ok')
    await lonely.close()
  })
})

function failure(code: string) {
  return { success: false, error: { code, message: code }, requestId: 'req_theirs' }
}
