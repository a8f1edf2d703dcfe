import { describe, expect, it } from 'vitest'
import { clientOf, expectError } from './client'
import { ADMIN_TOKEN, type Answer, eventually, startGateway } from './harness'
import { startProvider } from './provider'
import { openShop, type Shop } from './shop'

const provider = await startProvider()
provider.defaultStatus('FULFILLED')
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })

const list = (shop: Shop, query = '') => shop.call('GET', `/v3/mobile/list?${query}`)
const refsOf = (answer: Answer): string[] => answer.json.data.items.map(({ ref }: { ref: string }) => ref)

/** One after the other, so that the order of their creation is known; oldest first. */
async function sendInTurn(shop: Shop, ...refs: string[]): Promise<void> {
  for (const ref of refs) await shop.send(ref, '0661234567')
}

async function untilAllAreFinal(shop: Shop, count: number): Promise<Answer> {
  return await eventually(`${count} final orders in the list`, async () => {
    const answer = await list(shop, 'pageSize=100')
    const { items } = answer.json.data
    const final = items.filter(({ status }: { status: string }) => status === 'FULFILLED')
    return final.length === count && items.length === count && answer
  })
}

describe.concurrent('GET /v3/mobile/list', () => {
  it('is empty before the first order', async () => {
    const shop = await openShop(gateway, 'production')
    const answer = await list(shop)
    expect(answer.status).toBe(200)
    expect(answer.json).toEqual({
      success: true,
      data: { items: [], pagination: { page: 1, pageSize: 20, totalPages: 0, totalResults: 0 } },
      meta: { timestamp: expect.stringMatching(/Z$/) },
      requestId: answer.headers.get('x-request-id'),
    })
  })

  it('shows newest first, page by page, with exact totals', async () => {
    const shop = await openShop(gateway, 'production')
    await sendInTurn(shop, 'a', 'b', 'c', 'd', 'e', 'f', 'g')
    const pages = await Promise.all([1, 2, 3, 4].map((page) => list(shop, `page=${page}&pageSize=3`)))
    expect(pages.map(refsOf)).toEqual([['g', 'f', 'e'], ['d', 'c', 'b'], ['a'], []])
    expect(pages.map(({ json }) => json.data.pagination)).toEqual(
      [1, 2, 3, 4].map((page) => ({ page, pageSize: 3, totalPages: 3, totalResults: 7 })),
    )
    expect((await list(shop)).json.data.pagination).toEqual({
      page: 1,
      pageSize: 20,
      totalPages: 1,
      totalResults: 7,
    })
    expect(refsOf(await list(shop, 'pageSize=1'))).toEqual(['g'])
    expect(refsOf(await list(shop, 'page=7&pageSize=1'))).toEqual(['a'])
  })

  it.each([
    ['page=0', 'page', 'querystring/page must be >= 1'],
    ['page=-1', 'page', 'querystring/page must be >= 1'],
    ['page=1.5', 'page', 'querystring/page must be integer'],
    ['page=two', 'page', 'querystring/page must be integer'],
    ['pageSize=0', 'pageSize', 'querystring/pageSize must be >= 1'],
    ['pageSize=101', 'pageSize', 'querystring/pageSize must be <= 100'],
    ['pageSize=all', 'pageSize', 'querystring/pageSize must be integer'],
    ['from=2026-01-01T00:00:00Z', 'to', 'querystring must have property to when property from is present'],
    ['to=2026-01-01T00:00:00Z', 'from', 'querystring must have property from when property to is present'],
    ['from=yesterday&to=2026-01-01', 'from', expect.stringMatching(/^querystring\/from must match /)],
    ['from=2026-01-01&to=2026-13-01', 'to', expect.stringMatching(/^querystring\/to must match /)],
  ])('refuses %s', async (query, field, message) => {
    const shop = await openShop(gateway, 'production')
    for (const path of ['/v3/mobile/list', '/v3/account/transactions']) {
      const answer = await shop.call('GET', `${path}?${query}`)
      expectError(answer, 400, 'ERR_VALIDATION')
      expect(answer.json.error).toMatchObject({ message, details: { field } })
    }
  })

  it('of a window includes both ends, and counts the window alone', async () => {
    const shop = await openShop(gateway, 'production')
    await sendInTurn(shop, '1', '2', '3', '4', '5')
    const { items } = (await list(shop)).json.data
    const [from, to] = [items[3].created_at, items[1].created_at]
    const within = items.filter(
      ({ created_at }: { created_at: string }) => created_at >= from && created_at <= to,
    )
    expect(within.length).toBeGreaterThanOrEqual(3)

    const answer = await list(shop, `from=${from}&to=${to}&pageSize=2`)
    expect(answer.json.data).toEqual({
      items: within.slice(0, 2),
      pagination: {
        page: 1,
        pageSize: 2,
        totalPages: Math.ceil(within.length / 2),
        totalResults: within.length,
      },
    })
    const instant = refsOf(await list(shop, `from=${from}&to=${from}`))
    expect(instant).toContain(items[3].ref)
    expect((await list(shop, 'from=2020-01-01&to=2020-12-31')).json.data).toMatchObject({
      items: [],
      pagination: { totalPages: 0, totalResults: 0 },
    })
  })

  it('shows the object of check-ref, refused sends never', async () => {
    const shop = await openShop(gateway, 'production')
    const client = clientOf(gateway, shop.key)
    await client.send('fine')
    await client.send('fine too', { plan_code: 'PIXX_500', amount: undefined })
    expect((await client.send('refused', { plan_code: 'NOBODY' })).status).toBe(400)
    const { items } = (await untilAllAreFinal(shop, 2)).json.data
    for (const item of items) {
      const { gateway: facts, ...topup } = (await client.checkRef(item.ref)).json.data
      expect(facts.final).toBe(true)
      expect(item).toEqual(topup)
    }
  })

  it('keeps sandbox, production and other merchants apart', async () => {
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` }
    const live = await openShop(gateway, 'production')
    const id = (await live.call('GET', '/v3/validate')).json.data.username
    const path = `/admin/merchants/${id}/keys`
    const keyOf = async (environment: string): Promise<string> =>
      (await gateway.call('POST', path, { headers, body: { environment, name: 'second' } })).json.data.key
    const [sandbox, secondTill] = [await keyOf('sandbox'), await keyOf('production')]
    const stranger = await openShop(gateway, 'production')

    await sendInTurn(live, 'live', 'both')
    for (const ref of ['test', 'both']) await clientOf(gateway, sandbox).send(ref)
    await sendInTurn(stranger, 'live', 'his')

    const seen = async (key: string) => refsOf(await gateway.call('GET', '/v3/mobile/list', { key }))
    expect(await seen(live.key)).toEqual(['both', 'live'])
    expect(await seen(secondTill)).toEqual(['both', 'live'])
    expect(await seen(sandbox)).toEqual(['both', 'test'])
    expect(await seen(stranger.key)).toEqual(['his', 'live'])
    const ids = async (key: string) =>
      (await gateway.call('GET', '/v3/mobile/list', { key })).json.data.items.map(
        ({ _id }: { _id: string }) => _id,
      )
    expect(
      new Set([...(await ids(live.key)), ...(await ids(sandbox)), ...(await ids(stranger.key))]).size,
    ).toBe(6)
  })

  it('stands still for whoever turns the pages while orders arrive', async () => {
    const shop = await openShop(gateway, 'production')
    const before = Array.from({ length: 12 }, (_, n) => `before ${n}`)
    await sendInTurn(shop, ...before)
    const read: string[] = []
    for (const page of [1, 2, 3]) {
      const answer = await list(shop, `page=${page}&pageSize=5`)
      expect(answer.json.data.pagination).toEqual({ page, pageSize: 5, totalPages: 3, totalResults: 12 })
      read.push(...refsOf(answer))
      await sendInTurn(shop, `during ${page} a`, `during ${page} b`)
    }
    expect(read).toEqual(before.toReversed())

    const again = await list(shop, 'page=1&pageSize=5')
    expect(refsOf(again).slice(0, 2)).toEqual(['during 3 b', 'during 3 a'])
    expect(again.json.data.pagination).toMatchObject({ totalPages: 4, totalResults: 18 })
  })
})
