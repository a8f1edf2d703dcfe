import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { clientOf, expectError, ORDER } from './client'
import { type Answer, eventually, startGateway } from './harness'
import { type ProviderCall, startProvider } from './provider'
import { openShop, type Shop } from './shop'

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })

const orders = (shop: Shop, query: Record<string, string | number> = {}) =>
  shop.call('GET', `/v1/orders?${new URLSearchParams(Object.entries(query).map(([k, v]) => [k, String(v)]))}`)
const refsOf = (answer: Answer): string[] => answer.json.data.items.map(({ ref }: { ref: string }) => ref)
const found = async (shop: Shop, query: Record<string, string | number>) =>
  refsOf(await orders(shop, query)).sort()
const storyOf = (shop: Shop, ref: string) => shop.call('GET', `/v1/orders/${encodeURIComponent(ref)}`)

/** A shop, and what its orders are called at the provider. */
async function open(): Promise<{ shop: Shop; upstream: (ref: string) => string }> {
  const shop = await openShop(gateway, 'production')
  const id = (await shop.call('GET', '/v3/validate')).json.data.username
  return { shop, upstream: (ref) => `${id}.${ref}` }
}

const settledAs = (shop: Shop, ref: string, status: string) =>
  eventually(`${ref} to be listed as ${status}`, async () => {
    const [item] = (await orders(shop, { ref })).json.data.items
    return item?.status === status && item
  })

describe.concurrent('GET /v1/orders', () => {
  it('tells of an order what check-ref tells, and how it stands', async () => {
    const { shop, upstream } = await open()
    expect((await orders(shop)).json.data).toEqual({ items: [], next_cursor: null })
    await shop.send('whole', '0661234567')
    provider.settle(upstream('whole'), 'FULFILLED')
    const item = await settledAs(shop, 'whole', 'FULFILLED')
    const { gateway: _, ...topup } = (await clientOf(gateway, shop.key).checkRef('whole')).json.data
    expect(item).toEqual({
      ...topup,
      provider_id: null,
      phase: 'settled',
      final: true,
      state_version: 2,
      updated_at: expect.stringMatching(/Z$/),
      settled_at: expect.stringMatching(/Z$/),
    })
  })

  it('filters by status, phase, plan, amount, number and time, and by all of them', async () => {
    const { shop, upstream } = await open()
    const client = clientOf(gateway, shop.key)
    await client.send('a', { MSSIDN: '0661000001' })
    await client.send('b', { MSSIDN: '0661000002', amount: 600 })
    await client.send('c', { MSSIDN: '0661000001', plan_code: 'PIXX_500' })
    await client.send('d', { MSSIDN: '0661000001', amount: 600 })
    provider.settle(upstream('a'), 'FULFILLED')
    provider.settle(upstream('b'), 'REFUNDED')
    await settledAs(shop, 'a', 'FULFILLED')
    await settledAs(shop, 'b', 'REFUNDED')

    expect(refsOf(await orders(shop))).toEqual(['d', 'c', 'b', 'a'])
    expect(await found(shop, { status: 'PENDING' })).toEqual(['c', 'd'])
    expect(await found(shop, { status: 'REFUNDED' })).toEqual(['b'])
    expect(await found(shop, { phase: 'settled' })).toEqual(['a', 'b'])
    expect(await found(shop, { plan: 'PIXX_500' })).toEqual(['c'])
    expect(await found(shop, { amount: 600 })).toEqual(['b', 'd'])
    expect(await found(shop, { number: '0661000001' })).toEqual(['a', 'c', 'd'])
    expect(await found(shop, { number: '0661000001', amount: 600, status: 'PENDING' })).toEqual(['d'])

    const [, c, b] = (await orders(shop)).json.data.items
    const between = await found(shop, { from: b.created_at, to: c.created_at })
    expect(between).toEqual(expect.arrayContaining(['b', 'c']))
    expect(await found(shop, { from: c.created_at })).not.toContain('a')
    expect(await found(shop, { to: b.created_at })).not.toContain('d')
  })

  it('finds an order by its ref and by either of its ids, another merchant’s never', async () => {
    const [{ shop, upstream }, { shop: other }] = [await open(), await open()]
    const ref = 'lost/answer 100%'
    provider.fault('send', { when: ({ subject }) => subject === upstream(ref), ending: 'destroy' })
    const { topupId } = (await shop.send(ref, '0661234567')).json.data
    await shop.send('noise', '0661234567')
    const known = await eventually('the provider’s id to be known', async () => {
      const [item] = (await orders(shop, { ref })).json.data.items
      return item?.provider_id && item
    })
    expect(known).toMatchObject({ _id: topupId, provider_id: provider.find(upstream(ref))?.id, ref })
    for (const query of [{ id: topupId }, { id: known.provider_id }, { ref }, { ref, id: topupId }]) {
      const page = (await orders(shop, query)).json.data
      expect(page).toMatchObject({ items: [{ _id: topupId, ref }], next_cursor: null })
      expect((await orders(other, query)).json.data.items).toEqual([])
    }
    expect(await found(shop, { ref: 'noise', id: topupId })).toEqual([])
    expect(await found(shop, { ref: 'nobody’s' })).toEqual([])
    expect(await found(shop, { ref, from: '2020-01-01', to: '2020-12-31' })).toEqual([])
  })

  it('finds a number however it is written', async () => {
    const { shop } = await open()
    await shop.send('mine', '0661234567')
    await shop.send('noise', '0661234568')
    const encoded = ['+213 661 23 45 67', '0661-23.45(67)', '٠٦٦١٢٣٤٥٦٧', '۰۶۶۱۲۳۴۵۶۷', '+٢١٣ ٦٦١ ٢٣ ٤٥ ٦٧']
    const spellings = [
      // A plus sign arrives as a space.
      ...['0661234567', '+213661234567', '00213661234567', '213661234567', '+213+661+23+45+67'],
      ...[...encoded, '\u202a0661\u00a0234567\u202c'].map(encodeURIComponent),
    ]
    for (const number of spellings) {
      const answer = await shop.call('GET', `/v1/orders?number=${number}`)
      expect(answer.status, number).toBe(200)
      expect(refsOf(answer), number).toEqual(['mine'])
    }
  })

  it.each([
    ['limit', ['0', '101', 'ten']],
    ['cursor', ['', '2', `000000000000001:${'g'.repeat(64)}`]],
    ['status', ['DONE']],
    ['phase', ['refused']],
    ['number', ['12345', '0961234567']],
    ['amount', ['1.5']],
    ['from', ['yesterday']],
    ['updated_after', ['1']],
  ])('refuses a wrong %s', async (field, values) => {
    const { shop } = await open()
    for (const value of values) {
      const answer = await orders(shop, { [field]: value })
      expectError(answer, 400, 'ERR_VALIDATION')
      expect(answer.json.error.details).toMatchObject({ field })
    }
  })

  it('turns every page once while orders arrive', async () => {
    const { shop } = await open()
    const before = Array.from({ length: 9 }, (_, n) => `before ${n}`)
    for (const ref of before) await shop.send(ref, '0661234567')
    const pages: string[][] = []
    let cursor: string | null = null
    do {
      const page: Answer = await orders(shop, { limit: 4, ...(cursor === null ? {} : { cursor }) })
      pages.push(refsOf(page))
      cursor = page.json.data.next_cursor
      await Promise.all([1, 2, 3].map((n) => shop.send(`during ${pages.length} ${n}`, '0661234567')))
    } while (cursor !== null && pages.length < 10)
    expect(pages.map(({ length }) => length)).toEqual([4, 4, 1])
    expect(pages.flat()).toEqual(before.toReversed())
    expect((await orders(shop, { limit: 100 })).json.data.items).toHaveLength(18)
    expect((await orders(shop, { limit: 18 })).json.data.next_cursor).toBeNull()
  })

  it('with updated_after shows what has changed since, also when it was made before', async () => {
    const { shop, upstream } = await open()
    await shop.send('old', '0661234567')
    await shop.send('quiet', '0661234567')
    const [{ updated_at: newest }] = (await orders(shop)).json.data.items
    expect(await found(shop, { updated_after: newest })).toContain('quiet')
    provider.settle(upstream('old'), 'FULFILLED')
    const { updated_at } = await settledAs(shop, 'old', 'FULFILLED')
    expect(await found(shop, { updated_after: updated_at })).toEqual(['old'])
    expect(await found(shop, { updated_after: newest })).toContain('old')
  })
})

describe.concurrent('GET /v1/orders/{ref}', () => {
  const digest = (text: string) => createHash('sha256').update(text).digest('hex')
  const seenBy = (call: ProviderCall) => ({
    method: call.method,
    path: call.path,
    sent: call.rawBody || null,
    received: call.answered,
    received_bytes: Buffer.byteLength(call.answered ?? ''),
    sha256: digest(call.answered ?? ''),
  })
  const callsOf = (ref: string) => provider.calls.filter(({ subject }) => subject === ref)

  it('tells of a fulfilled order what was sent, what came back, and what its merchant was told', async () => {
    const { shop, upstream } = await open()
    const ref = 'شحن/١ 50%'
    const { merchant, endpoint } = await shop.receiver()
    merchant.answerNext({ status: 500, body: 'not now' })
    await shop.send(ref, '0661234567')
    provider.settle(upstream(ref), 'FULFILLED')
    await merchant.received(2)
    const delivery = await shop.deliveryIn('delivered', new URLSearchParams({ ref }).toString())

    const { data } = (await storyOf(shop, ref)).json
    const [send] = callsOf(upstream(ref))
    expect(data).toMatchObject({ ref, status: 'FULFILLED', phase: 'settled', final: true, state_version: 2 })
    expect(data).toMatchObject({ wallet: 'operator', upstream_ref: upstream(ref), submissions: 1 })
    expect(data).toMatchObject({
      _id: provider.find(upstream(ref))?.id,
      provider_id: null,
      callback: 'delivered',
    })
    expect(data.steps[0]).toMatchObject({ did: 'send', result: 'accepted', phase: 'tracking', times: 1 })
    expect(data.steps[0].exchanges).toMatchObject([{ ...seenBy(send as ProviderCall), http_status: 200 }])
    expect(JSON.parse(data.steps[0].exchanges[0].sent)).toEqual({ ...ORDER, ref: upstream(ref) })
    expect(data.steps.at(-1)).toMatchObject({ did: 'look', result: 'found: FULFILLED', phase: 'settled' })
    // By its ref, or as a row of the list; the digest is that of the whole answer.
    const [look, ...more] = data.steps.at(-1).exchanges
    expect(more).toEqual([])
    expect(look).toMatchObject({ method: 'GET', http_status: 200, failure: null })
    const answers = provider.calls
      .filter(({ path }) => path === look.path)
      .map(({ answered }) => answered ?? '')
    expect(answers.map(digest)).toContain(look.sha256)
    const row = JSON.parse(look.received)
    expect(row.data ?? row).toMatchObject({ ref: upstream(ref), status: 'FULFILLED' })

    expect(data.events).toMatchObject([{ type: 'topup.fulfilled', state_version: 2 }])
    expect(merchant.callbacks.map(({ rawBody }) => rawBody)).toEqual(Array(2).fill(data.events[0].body))
    expect(merchant.callbacks[0]?.headers['webhook-id']).toBe(data.events[0].id)
    expect(data.deliveries).toEqual([delivery])
    expect(data.deliveries[0]).toMatchObject({
      endpoint_id: endpoint.id,
      state: 'delivered',
      attempts: [{ http_status: 500, answer: 'not now' }, { http_status: 204 }],
    })
  })

  it('tells of a lost answer how it was looked up and found', async () => {
    const { shop, upstream } = await open()
    provider.fault('send', { when: ({ subject }) => subject === upstream('lost'), ending: 'truncate' })
    const { topupId } = (await shop.send('lost', '0661234567')).json.data
    const [send] = callsOf(upstream('lost'))
    await clientOf(gateway, shop.key).until('seen', 'lost', ({ balance_amount }) => balance_amount > 0)
    provider.settle(upstream('lost'), 'REFUNDED', { refundMessage: 'آسف' })
    await clientOf(gateway, shop.key).untilFinal('lost')

    const { data } = (await storyOf(shop, 'lost')).json
    expect(data).toMatchObject({ _id: topupId, status: 'REFUNDED', refund_message: 'آسف', submissions: 1 })
    expect([topupId, data.provider_id]).toEqual([data._id, provider.find(upstream('lost'))?.id])
    expect(data.provider_id).not.toBe(topupId)
    expect(data.steps[0]).toMatchObject({ did: 'send', phase: 'in_doubt', status: 'PENDING' })
    expect(data.steps[0].result).toMatch(/^in_doubt: /)
    expect(data.steps[0].exchanges).toMatchObject([{ ...seenBy(send as ProviderCall) }])
    expect(data.steps.slice(1).map(({ result }: { result: string }) => result)).toEqual([
      'found: PENDING',
      'found: REFUNDED',
    ])
    expect(data).toMatchObject({ events: [{ type: 'topup.refunded' }], deliveries: [] })
  })

  it('never tells the credential, and tells nobody else', async () => {
    const [{ shop, upstream }, { shop: other }] = [await open(), await open()]
    provider.fault('send', { when: ({ subject }) => subject === upstream('secret'), ending: 'hang' })
    await shop.send('secret', '0661234567')
    await clientOf(gateway, shop.key).until('seen', 'secret', ({ balance_amount }) => balance_amount > 0)
    const answer = await storyOf(shop, 'secret')
    expect(callsOf(upstream('secret'))[0]?.headers['x-access-token']).toBe('local-access-token')
    for (const secret of ['local-access-token', shop.key]) expect(answer.text).not.toContain(secret)
    expect(answer.json.data.steps[0].exchanges[0]).toMatchObject({ failure: 'timeout', sha256: null })
    expectError(await storyOf(other, 'secret'), 404, 'NOT_FOUND')
    expectError(await storyOf(shop, 'never sent'), 404, 'NOT_FOUND')
  })
})
