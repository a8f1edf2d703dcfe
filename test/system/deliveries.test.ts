import { beforeAll, describe, expect, it } from 'vitest'
import { DEMO_KEY, DEMO_LIVE_KEY, eventually, type Gateway, startGateway } from './harness'
import { type Provider, startProvider } from './provider'
import { type DeliveryAnswer, openShop, type Shop, shopWithKey } from './shop'

const NUMBER = '0661234567'

let provider: Provider
let gateway: Gateway
beforeAll(async () => {
  provider = await startProvider()
  gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
})

describe.concurrent('the list of deliveries', () => {
  it('tells each attempt: when, what came of it, how long it took, what was answered', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const { merchant, endpoint } = await shop.receiver()
    const before = Date.now()
    merchant.answer({ status: 201, body: '{"ok":true}', delayMs: 300 })
    await shop.send('told')
    const delivery = await shop.deliveryIn('delivered', '')
    const callback = await merchant.received(1)
    expect(delivery).toEqual({
      id: expect.stringMatching(/^dlv_/),
      event_id: callback.headers['webhook-id'],
      event_type: 'topup.fulfilled',
      ref: 'told',
      endpoint_id: endpoint.id,
      url: merchant.url,
      state: 'delivered',
      reason: null,
      next_attempt_at: null,
      why: null,
      replayed: false,
      attempts: [
        {
          at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
          outcome: 'delivered',
          http_status: 201,
          duration_ms: expect.any(Number),
          answer: '{"ok":true}',
        },
      ],
    })
    const [attempt] = delivery.attempts
    expect(attempt?.duration_ms).toBeGreaterThanOrEqual(250)
    expect(Date.parse(attempt?.at ?? '')).toBeGreaterThanOrEqual(before)
    expect(Date.parse(attempt?.at ?? '')).toBeLessThanOrEqual(Date.now())
  })

  it('says when each attempt was made, whatever another receiver did at the time', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const [slow, quick] = [await shop.receiver(), await shop.receiver()]
    slow.merchant.answer({ delayMs: 4_000 })
    await shop.send('timed')
    const { at } = await quick.merchant.received(1)
    const [attempt] = (await shop.deliveryIn('delivered', `endpoint_id=${quick.endpoint.id}`)).attempts
    // It left before it arrived; the clock of both is this machine's.
    expect(Date.parse(attempt?.at ?? '')).toBeLessThanOrEqual(at + 50)
  })

  it('keeps of an answer what can be shown, and no more', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const { merchant } = await shop.receiver()
    const answer = `<h1>Oops</h1>\u0000\u001b[31m\n${'é'.repeat(20_000)}`
    merchant.answer({ status: 404, body: answer })
    await shop.send('long answer')
    const delivery = await eventually('the attempt to be listed', async () => {
      const [newest] = await shop.deliveries()
      return newest?.attempts.length === 1 && newest
    })
    expect(delivery).toMatchObject({
      state: 'pending',
      reason: 'refused',
      why: {
        en: expect.stringContaining(`answered 404 at ${merchant.url}: check the path`),
        fr: expect.stringContaining('vérifiez le chemin'),
        ar: expect.stringContaining('تحقّق من المسار'),
      },
    })
    const [attempt] = delivery.attempts
    expect(attempt).toMatchObject({ outcome: 'refused', http_status: 404 })
    expect(attempt?.answer).toMatch(/^<h1>Oops<\/h1>\[31m é+$/)
    expect(Buffer.byteLength(attempt?.answer ?? '')).toBeLessThanOrEqual(4_096)
  })

  it('is filtered by state, endpoint and ref', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const [open, paused] = [await shop.receiver(), await shop.receiver()]
    await shop.patch(paused.endpoint.id, { state: 'paused' })
    const refs = ['a b', 'ط+1', 'c&state=held']
    for (const ref of refs) await shop.send(ref)
    await settled(shop, 6)
    // One reading of the provider's list may have told of all three.
    const listed = async (query: string) =>
      (await shop.deliveries(query)).map(({ ref, state }) => `${ref}: ${state}`).sort()

    expect(await listed('state=delivered')).toEqual(refs.map((ref) => `${ref}: delivered`).sort())
    expect(await listed('state=held')).toEqual(refs.map((ref) => `${ref}: held`).sort())
    expect(await listed('state=failed')).toEqual([])
    expect(await listed(`endpoint_id=${open.endpoint.id}`)).toEqual(await listed('state=delivered'))
    expect(await listed('endpoint_id=ep_demo_0')).toEqual([])
    for (const ref of refs) {
      const query = `ref=${encodeURIComponent(ref)}`
      expect(await listed(query)).toEqual([`${ref}: delivered`, `${ref}: held`])
      expect(await listed(`${query}&state=held&endpoint_id=${paused.endpoint.id}`)).toEqual([`${ref}: held`])
      expect(await listed(`${query}&state=held&endpoint_id=${open.endpoint.id}`)).toEqual([])
    }
  })

  it('is read page by page without a gap or a repeat, while new ones arrive', async () => {
    const shop = await openShop(gateway, 'sandbox')
    await shop.receiver()
    for (let order = 0; order < 7; order++) await shop.send(`page ${order}`)
    await settled(shop, 7)
    const wanted = (await shop.deliveries()).map(({ id }) => id)
    expect(new Set(wanted).size).toBe(7)

    const read: string[] = []
    let cursor = ''
    do {
      const page = await shop.call('GET', `/v1/deliveries?limit=2${cursor}`)
      const { items, next_cursor } = page.json.data
      read.push(...items.map(({ id }: DeliveryAnswer) => id))
      cursor = next_cursor === null ? '' : `&cursor=${encodeURIComponent(next_cursor)}`
      await shop.send(`meanwhile ${read.length}`)
      await shop.deliveryIn('delivered', `ref=meanwhile+${read.length}`)
    } while (cursor !== '')
    expect(read).toEqual(wanted)
  })

  it('ends without a cursor when the last page is full', async () => {
    const shop = await openShop(gateway, 'sandbox')
    expect((await shop.call('GET', '/v1/deliveries')).json.data).toEqual({ items: [], next_cursor: null })
    await shop.receiver()
    for (const [at, ref] of ['one', 'two'].entries()) {
      await shop.send(ref)
      await settled(shop, at + 1)
    }
    const full = await shop.call('GET', '/v1/deliveries?limit=2')
    expect(full.json.data).toMatchObject({ items: [{ ref: 'two' }, { ref: 'one' }], next_cursor: null })
    const first = await shop.call('GET', '/v1/deliveries?limit=1')
    expect(first.json.data).toMatchObject({ items: [{ ref: 'two' }], next_cursor: expect.any(String) })
  })

  it('begins with the newest, also when an older top-up took longer', async () => {
    const shop = await openShop(gateway, 'production')
    await shop.receiver()
    for (const ref of ['older order', 'newer order']) await shop.send(ref, NUMBER)
    for (const ref of ['newer order', 'older order']) {
      provider.settle(ref, 'FULFILLED')
      await shop.deliveryIn('delivered', `ref=${encodeURIComponent(ref)}`)
    }
    expect((await shop.deliveries()).map(({ ref }) => ref)).toEqual(['older order', 'newer order'])
  })

  it('is its merchant’s and its environment’s alone', async () => {
    const shop = shopWithKey(gateway, DEMO_LIVE_KEY)
    const { merchant, endpoint } = await shop.receiver()
    await shop.send('mine', NUMBER)
    provider.settle('mine', 'FULFILLED')
    await merchant.received(1)
    await shop.deliveryIn('delivered', 'ref=mine')
    const strangers = [shopWithKey(gateway, DEMO_KEY), await openShop(gateway, 'production')]
    for (const stranger of strangers) {
      for (const query of ['', 'ref=mine', `endpoint_id=${endpoint.id}`, 'state=delivered']) {
        expect(await stranger.deliveries(query)).toEqual([])
      }
    }
    expect((await gateway.call('GET', '/v1/deliveries')).status).toBe(401)
  })

  it.each([
    ['limit=0', /limit must be >= 1/],
    ['limit=101', /limit must be <= 100/],
    ['limit=-1', /limit must be >= 1/],
    ['limit=1.5', /limit must be integer/],
    ['limit=many', /limit must be (integer|number)/],
    ['limit=', /limit must be/],
    ['state=lost', /state must be equal to one of the allowed values: pending/],
    ['state=', /state must be equal to one of/],
    ['cursor=never-given', /cursor/],
  ])('refuses ?%s with a sentence', async (query, says) => {
    const answer = await gateway.call('GET', `/v1/deliveries?${query}`, { key: DEMO_KEY })
    expect(answer.status, answer.text).toBe(400)
    expect(answer.json).toMatchObject({
      success: false,
      error: { code: 'ERR_VALIDATION', message: expect.stringMatching(says) },
      requestId: expect.stringMatching(/^req_/),
    })
  })

  it('takes the smallest and the largest limit', async () => {
    const shop = await openShop(gateway, 'sandbox')
    for (const limit of [1, 100]) expect(await shop.deliveries(`limit=${limit}`)).toEqual([])
  })
})

function settled(shop: Shop, count: number) {
  return eventually(`${count} deliveries at rest`, async () => {
    const found = await shop.deliveries('limit=100')
    return found.length === count && found.every(({ state }) => state !== 'pending')
  })
}
