import { beforeAll, describe, expect, it } from 'vitest'
import { expectError } from './client'
import { type Gateway, startGateway } from './harness'
import { openShop, type Shop } from './shop'
import { expectGenuine, judge } from './signature'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})

interface FeedAnswer {
  readonly items: readonly {
    readonly id: string
    readonly type: string
    readonly ref: string
    readonly state_version: number
    readonly created_at: string
    readonly body: string
    readonly headers: Readonly<Record<string, string>>
  }[]
  readonly next_cursor: string
  readonly has_more: boolean
}

async function read(shop: Shop, query = ''): Promise<FeedAnswer> {
  const answer = await shop.call('GET', `/v1/events?${query}`)
  expect(answer.status, answer.text).toBe(200)
  return answer.json.data
}

const FINAL = ['fulfilled', 'refunded']

describe.concurrent('the feed of events', () => {
  it('has what the endpoints got, byte for byte, signed so that each secret verifies it', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const [one, two] = [await shop.receiver(), await shop.receiver()]
    await shop.send('told')
    const callback = await one.merchant.received(1)
    const { items } = await read(shop, 'wait=20')
    expect(items).toHaveLength(1)
    const [event] = items
    if (event === undefined) throw new Error('there is an event')
    expect(event).toMatchObject({ ref: 'told', type: 'topup.fulfilled', state_version: 2 })
    expect(event.id).toBe(callback.headers['webhook-id'])
    expect(event.body).toBe(callback.rawBody)
    const signed = { rawBody: event.body, headers: event.headers }
    for (const { endpoint } of [one, two]) await expectGenuine(gateway, signed, endpoint)
    const forged = { ...signed, rawBody: `${event.body} ` }
    const nobody = { standardwebhooks: false, svix: false, v1a: false }
    expect(await judge(gateway, forged, one.endpoint)).toEqual(nobody)
  })

  it('needs no endpoint, and is then not signed', async () => {
    const shop = await openShop(gateway, 'sandbox')
    await shop.send('unsigned')
    const { items } = await read(shop, 'wait=20')
    expect(items.map(({ ref }) => ref)).toEqual(['unsigned'])
    expect(items[0]?.headers).toEqual({
      'webhook-id': items[0]?.id,
      'webhook-timestamp': expect.stringMatching(/^\d{10}$/),
    })
  })

  it('is read on and on with the cursor, waiting where there is nothing yet', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const start = await read(shop)
    expect(start).toMatchObject({ items: [], has_more: false })
    const waiting = read(shop, `after=${start.next_cursor}&wait=25`)
    for (const ref of FINAL) await shop.send(ref, ref === 'refunded' ? '0600010002' : undefined)
    const seen: string[] = []
    for (let page = await waiting; ; page = await read(shop, `after=${page.next_cursor}&limit=1&wait=25`)) {
      seen.push(...page.items.map(({ ref, type }) => `${ref}: ${type}`))
      if (seen.length >= FINAL.length) break
    }
    expect(seen.toSorted()).toEqual(FINAL.map((ref) => `${ref}: topup.${ref}`))
    const again = await read(shop, `after=${start.next_cursor}&limit=1`)
    expect(again).toMatchObject({ has_more: true, items: [{ ref: seen[0]?.split(':')[0] }] })
  })

  it.each(['after=nonsense', 'after=evc_demo_s_0', 'wait=26', 'wait=-1'])('refuses ?%s', async (query) => {
    const shop = await openShop(gateway, 'sandbox')
    const answer = await shop.call('GET', `/v1/events?${query}`)
    expectError(answer, 400, 'ERR_VALIDATION')
    expect(answer.json.error.details.field).toBe(query.split('=')[0])
  })

  it('refuses a cursor of the other environment', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const { next_cursor } = await read(shop)
    const answer = await shop.call('GET', `/v1/events?after=${next_cursor.replace('_s_', '_p_')}`)
    expectError(answer, 400, 'ERR_VALIDATION')
    expect(answer.json.error.message).toContain('next_cursor of this feed')
  })
})
