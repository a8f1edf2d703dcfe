/** An endpoint whose callbacks fail for days: its merchant is warned in time, then it holds until he acts. */
import { runDurableObjectAlarm } from 'cloudflare:test'
import { exports } from 'cloudflare:workers'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { merchantById } from '../../src/env'
import { type KeyEntry, keyPath } from '../../src/merchant/keys'
import { sha256Hex } from '../../src/platform/crypto'
import { answering, env, newWorld } from './world'

const HOUR_MS = 3_600_000
/** Longer than the edge remembers a key. */
const FORGOTTEN_MS = 30_000
const START = Date.UTC(2027, 0, 4, 8)
const URL_OF = (path: string) => `http://localhost:9099${path}`

interface Notice {
  readonly headers: Headers
  readonly body: string
}

let count = 0

beforeEach(() => {
  newWorld()
  vi.setSystemTime(START)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** A merchant of his own with one endpoint; his receiver, and who is told of its health, answer with `answers`. */
async function newShop() {
  const id = `dis${++count}`
  const [path, notifyPath] = [`/hook-${id}`, `/notify-${id}`]
  const answers = { notice: 204, challenge: 200, echo: true }
  const notices: Notice[] = []
  const challenges: string[] = []
  answering(path, async (request) => {
    const body = await request.text()
    challenges.push(body)
    const { challenge } = JSON.parse(body).data
    return Response.json(answers.echo ? { challenge } : {}, { status: answers.challenge })
  })
  answering(notifyPath, async (request) => {
    notices.push({ headers: request.headers, body: await request.text() })
    return new Response(null, { status: answers.notice })
  })
  const merchant = merchantById(env, id)
  await merchant.create(id, 'Shop')
  const wantedKey = { environment: 'sandbox', scope: 'READ-WRITE', name: 'till', allowedIps: [] } as const
  const { key } = await merchant.createKey(wantedKey)
  const made = await merchant.createEndpoint({
    environment: 'sandbox',
    url: URL_OF(path),
    events: ['topup.fulfilled'],
    description: null,
    foldSuperseded: false,
    notifyUrl: URL_OF(notifyPath),
  })
  if (made === null) throw new Error('there is room for an endpoint')
  const { endpoint, secret } = made
  const call = (method: string, at: string, body?: unknown) =>
    exports.default.fetch(`http://localhost:8787${at}`, {
      method,
      headers: { 'X-Access-Token': key },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  return {
    merchant,
    endpoint,
    secret,
    answers,
    notices,
    challenges,
    call,
    /** As many orders as `failures` report what came of an attempt, so long after the start. */
    async fails(hour: number, failures: number, outcome = 'timeout') {
      vi.setSystemTime(START + hour * HOUR_MS)
      for (let at = 0; at < failures; at++) {
        const report = { order: `order-${hour}-${at}`, outcome }
        await merchant.callbackConcluded(endpoint.id, endpoint.url, report)
      }
    },
    published: async () => env.KEYS.get<KeyEntry>(keyPath(await sha256Hex(key)), { type: 'json' }),
    /** What an answer of the API says, once the edge has read the key anew. */
    async header() {
      vi.setSystemTime(Date.now() + FORGOTTEN_MS)
      return (await call('GET', '/v1/endpoints')).headers.get('Callback-Health')
    },
    async view() {
      const answer = await call('GET', `/v1/endpoints/${endpoint.id}`)
      return ((await answer.json()) as { data: Record<string, unknown> }).data
    },
    told: (number: number) =>
      vi.waitFor(() => {
        const notice = notices[number - 1]
        if (notice === undefined) throw new Error(`notice number ${number} has not come`)
        return notice
      }, 10_000),
  }
}

/** All the way to the end: warned three times, then disabled. */
async function failForDays(shop: Awaited<ReturnType<typeof newShop>>): Promise<void> {
  await shop.fails(0, 8)
  await shop.fails(18, 1)
  await shop.fails(36, 3)
  await shop.fails(54, 4)
  await shop.fails(72, 4)
}

async function isSigned({ headers, body }: Notice, secret: string): Promise<boolean> {
  const raw = Uint8Array.from(atob(secret.replace('whsec_', '')), (character) => character.charCodeAt(0))
  const hmac = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const text = `${headers.get('webhook-id')}.${headers.get('webhook-timestamp')}.${body}`
  const signature = new Uint8Array(await crypto.subtle.sign('HMAC', hmac, new TextEncoder().encode(text)))
  const expected = `v1,${btoa(String.fromCharCode(...signature))}`
  return headers.get('webhook-signature')?.split(' ').includes(expected) ?? false
}

describe('a receiver that fails for three days', () => {
  it('is announced on every answer at 25, 50 and 75 %, then disabled', async () => {
    const shop = await newShop()
    const { id } = shop.endpoint
    const end = 'disables_at="2027-01-07T08:00:00.000Z"'
    await shop.fails(0, 8)
    expect(await shop.header()).toBeNull()
    for (const [hour, failures, percent] of [
      [18, 1, 25],
      [36, 3, 50],
      [54, 4, 75],
    ] as const) {
      await shop.fails(hour, failures)
      await vi.waitFor(async () => expect((await shop.published())?.callbackHealth?.percent).toBe(percent))
      expect(await shop.header()).toBe(`failing; endpoint="${id}"; percent=${percent}; ${end}`)
      expect((await shop.view()).state).toBe('active')
    }
    await shop.fails(72, 3)
    expect((await shop.view()).state).toBe('active')
    await shop.fails(72, 1)
    await vi.waitFor(async () => expect((await shop.published())?.callbackHealth?.state).toBe('disabled'))
    expect(await shop.header()).toBe(`disabled; endpoint="${id}"; percent=100`)
    expect(await shop.view()).toMatchObject({ state: 'disabled', reason: expect.stringContaining('72 h') })
  })

  it('is told of, signed, at its second address: three warnings and the end', async () => {
    const shop = await newShop()
    await failForDays(shop)
    await shop.told(4)
    const told = shop.notices.map(({ body }) => JSON.parse(body))
    expect(told.map(({ type, data }) => [type, data.state, data.percent])).toEqual([
      ['gateway.callback_health', 'failing', 25],
      ['gateway.callback_health', 'failing', 50],
      ['gateway.callback_health', 'failing', 75],
      ['gateway.callback_health', 'disabled', 100],
    ])
    expect(told[0].data).toMatchObject({
      endpoint: shop.endpoint.id,
      url: shop.endpoint.url,
      reason: 'timeout',
    })
    for (const notice of shop.notices) expect(await isSigned(notice, shop.secret)).toBe(true)
    expect(new Set(shop.notices.map(({ headers }) => headers.get('webhook-id'))).size).toBe(4)
  })

  it('is forgiven by one success: nothing is announced, and the days start anew', async () => {
    const shop = await newShop()
    await shop.fails(0, 8)
    await shop.fails(18, 1)
    expect(await shop.header()).toContain('percent=25')
    const report = { order: 'fine', outcome: 'delivered' }
    await shop.merchant.callbackConcluded(shop.endpoint.id, shop.endpoint.url, report)
    await vi.waitFor(async () => expect((await shop.published())?.callbackHealth).toBeNull())
    expect(await shop.header()).toBeNull()
    await shop.fails(36, 3)
    await shop.fails(54, 4)
    await shop.fails(72, 30)
    expect((await shop.view()).state).toBe('active')
  })

  it('that only asks for time is never disabled for it', async () => {
    const shop = await newShop()
    for (const hour of [0, 18, 36, 54, 72, 100]) await shop.fails(hour, 10, 'throttled')
    expect(await shop.view()).toMatchObject({ state: 'active', health: { state: 'ok' } })
  })
})

describe('a warning', () => {
  it.each([
    ['pauses it', { state: 'paused' }],
    ['sets it active', { state: 'active' }],
    ['moves it', { url: URL_OF('/elsewhere') }],
  ])('is withdrawn when the merchant %s', async (_, change) => {
    const shop = await newShop()
    await shop.fails(0, 8)
    await shop.fails(18, 1)
    expect(await shop.header()).toContain('percent=25')
    expect((await shop.call('PATCH', `/v1/endpoints/${shop.endpoint.id}`, change)).status).toBe(200)
    await vi.waitFor(async () => expect((await shop.published())?.callbackHealth).toBeNull())
    expect(await shop.header()).toBeNull()
  })

  it('of one endpoint is given though another fares worse', async () => {
    const shop = await newShop()
    const worse = await shop.merchant.createEndpoint({
      environment: 'sandbox',
      url: URL_OF('/worse'),
      events: ['topup.fulfilled'],
      description: null,
      foldSuperseded: false,
      notifyUrl: null,
    })
    if (worse === null) throw new Error('there is room for an endpoint')
    await shop.merchant.callbackConcluded(worse.endpoint.id, worse.endpoint.url, {
      order: 'order',
      outcome: 'gone',
    })
    await shop.fails(0, 8)
    await shop.fails(18, 1)
    const { data } = JSON.parse((await shop.told(1)).body)
    expect(data).toMatchObject({ endpoint: shop.endpoint.id, percent: 25 })
    expect(await shop.header()).toContain(worse.endpoint.id)
  })

  it('that it is disabled is given once, however many orders were answered 410', async () => {
    const shop = await newShop()
    for (const order of ['one', 'two']) {
      const report = { order, outcome: 'gone' }
      expect(await shop.merchant.callbackConcluded(shop.endpoint.id, shop.endpoint.url, report)).toBe(true)
    }
    await shop.told(1)
    vi.setSystemTime(Date.now() + HOUR_MS)
    await runDurableObjectAlarm(shop.merchant)
    expect(shop.notices).toHaveLength(1)
  })
})

describe('a notice whose address fails', () => {
  it('comes again with the same id and bytes, until it is taken', async () => {
    const shop = await newShop()
    shop.answers.notice = 500
    await shop.fails(0, 8)
    await shop.fails(18, 1)
    await shop.told(1)
    shop.answers.notice = 204
    vi.setSystemTime(Date.now() + 6_000)
    await runDurableObjectAlarm(shop.merchant)
    const again = await shop.told(2)
    expect(again.headers.get('webhook-attempt')).toBe('2')
    expect(await isSigned(again, shop.secret)).toBe(true)
    expect(new Set(shop.notices.map(({ headers }) => headers.get('webhook-id'))).size).toBe(1)
    expect(new Set(shop.notices.map(({ body }) => body)).size).toBe(1)
    vi.setSystemTime(Date.now() + HOUR_MS)
    await runDurableObjectAlarm(shop.merchant)
    expect(shop.notices).toHaveLength(2)
  })

  it('is given up when the schedule ends', async () => {
    const shop = await newShop()
    shop.answers.notice = 500
    await shop.fails(0, 8)
    await shop.fails(18, 1)
    await shop.told(1)
    for (let attempt = 2; attempt <= 20; attempt++) {
      vi.setSystemTime(Date.now() + 25 * HOUR_MS)
      await runDurableObjectAlarm(shop.merchant)
    }
    expect(shop.notices).toHaveLength(12)
  })
})

describe('a disabled endpoint', () => {
  const activate = ({ call, endpoint }: Awaited<ReturnType<typeof newShop>>) =>
    call('PATCH', `/v1/endpoints/${endpoint.id}`, { state: 'active' })

  it('is challenged before it is active again; in the sandbox any 2xx will do', async () => {
    const shop = await newShop()
    await failForDays(shop)
    expect(await shop.header()).toContain('disabled')
    shop.answers.challenge = 500
    const refused = await activate(shop)
    expect(refused.status).toBe(409)
    expect(await refused.json()).toMatchObject({ error: { code: 'ENDPOINT_NOT_VERIFIED' } })
    expect((await shop.view()).state).toBe('disabled')

    Object.assign(shop.answers, { challenge: 200, echo: false })
    expect((await activate(shop)).status).toBe(200)
    expect(shop.challenges.map((body) => JSON.parse(body).type)).toEqual([
      'endpoint.verification',
      'endpoint.verification',
    ])
    expect(await shop.view()).toMatchObject({ state: 'active', reason: null, health: { state: 'ok' } })
    await vi.waitFor(async () => expect((await shop.published())?.callbackHealth).toBeNull())
    expect(await shop.header()).toBeNull()
  })

  it('starts the three days anew', async () => {
    const shop = await newShop()
    await failForDays(shop)
    await activate(shop)
    await shop.fails(73, 30)
    expect(await shop.view()).toMatchObject({ state: 'active', health: { failures: 30 } })
    expect(await shop.header()).toBeNull()
  })
})
