import { beforeAll, describe, expect, it } from 'vitest'
import { eventually, type Reachable } from './harness'
import { startLocalGateway } from './local'
import { listen } from './loopback'
import { startMerchant } from './merchant'
import { expectAllGenuine, openShop } from './shop'

/** Longer than the first retries take together, many times over. */
const RETRY_MS = 90_000

let gateway: Reachable
beforeAll(async () => {
  gateway = await startLocalGateway()
})

describe.concurrent('an endpoint that', () => {
  it('answers 500 is called again with the same id and bytes, signed anew', {
    timeout: RETRY_MS,
  }, async () => {
    const shop = await openShop(gateway, 'sandbox')
    const { merchant } = await shop.receiver()
    merchant.answerNext({ status: 500, body: 'out of\norder' })
    await shop.send('again')
    const first = await merchant.received(1)
    const waiting = await eventually('the failure to be listed', async () => {
      const [delivery] = await shop.deliveries()
      return delivery?.attempts.length === 1 && delivery
    })
    expect(waiting).toMatchObject({ state: 'pending', reason: 'failed' })
    expect(waiting.next_attempt_at).not.toBeNull()

    const second = await merchant.received(2, RETRY_MS)
    expect(second.rawBody).toBe(first.rawBody)
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id'])
    expect(second.headers['webhook-attempt']).toBe('2')
    expect(Number(second.headers['webhook-timestamp'])).toBeGreaterThan(
      Number(first.headers['webhook-timestamp']),
    )
    const delivered = await shop.deliveryIn('delivered', '')
    expect(delivered).toMatchObject({ reason: null, next_attempt_at: null })
    expect(delivered.attempts).toMatchObject([
      { outcome: 'failed', http_status: 500, answer: 'out of order' },
      { outcome: 'delivered', http_status: 204, answer: '' },
    ])
    expect(merchant.callbacks).toHaveLength(2)
  })

  it('ends the connection without an answer is called again', { timeout: RETRY_MS }, async () => {
    const shop = await openShop(gateway, 'sandbox')
    const { merchant } = await shop.receiver()
    merchant.answerNext({ destroy: true })
    await shop.send('cut')
    await merchant.received(2, RETRY_MS)
    const { attempts } = await shop.deliveryIn('delivered', '')
    expect(attempts).toMatchObject([{ outcome: 'connect', http_status: null }, { outcome: 'delivered' }])
  })

  it.each([
    [302, 'redirected'],
    [307, 'redirected'],
    [404, 'refused'],
  ])('answers %i is not asked again for minutes; another address gets nothing', async (status, outcome) => {
    const shop = await openShop(gateway, 'sandbox')
    const [{ merchant }, elsewhere] = [await shop.receiver(), await startMerchant()]
    merchant.answer({ status, headers: { Location: elsewhere.url } })
    await shop.send('moved')
    const waiting = await eventually('the attempt to be listed', async () => {
      const [delivery] = await shop.deliveries()
      return delivery?.attempts.length === 1 && delivery
    })
    expect(waiting).toMatchObject({ state: 'pending', reason: outcome, attempts: [{ http_status: status }] })
    const [attempt] = waiting.attempts
    const pausedMs = Date.parse(waiting.next_attempt_at ?? '') - Date.parse(attempt?.at ?? '')
    expect(pausedMs).toBeGreaterThanOrEqual(300_000)
    expect(elsewhere.callbacks).toEqual([])
  })

  it('answers 410 is disabled; its events are held until it is active again', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const { merchant, endpoint } = await shop.receiver()
    merchant.answerNext({ status: 410 })
    await shop.send('gone')
    const held = await shop.deliveryIn('held', 'ref=gone')
    expect(held).toMatchObject({ reason: 'gone', next_attempt_at: null, attempts: [{ http_status: 410 }] })
    expect(await shop.endpoint(endpoint.id)).toMatchObject({
      state: 'disabled',
      reason: expect.stringContaining('410'),
    })
    await shop.send('gone too')
    await shop.deliveryIn('held', 'ref=gone+too')
    expect(merchant.callbacks).toHaveLength(1)

    const active = await shop.patch(endpoint.id, { state: 'active' })
    expect(active.json.data).toMatchObject({ state: 'active', reason: null })
    await shop.deliveryIn('delivered', 'ref=gone')
    await shop.deliveryIn('delivered', 'ref=gone+too')
    expect(merchant.callbacks.map(({ body }) => body.data.ref).sort()).toEqual(['gone', 'gone', 'gone too'])
    expect(merchant.callbacks[0]?.rawBody).toBe(
      merchant.callbacks.slice(1).find(({ body }) => body.data.ref === 'gone')?.rawBody,
    )
  })

  it('asks for time with Retry-After is not charged an attempt for it', { timeout: RETRY_MS }, async () => {
    const shop = await openShop(gateway, 'sandbox')
    const { merchant } = await shop.receiver()
    merchant.answerNext({ status: 429, headers: { 'Retry-After': '1' } }, { status: 500 })
    await shop.send('busy')
    await merchant.received(2, RETRY_MS)
    const waiting = await eventually('the second attempt to be listed', async () => {
      const [delivery] = await shop.deliveries()
      return delivery?.attempts.length === 2 && delivery
    })
    expect(waiting.attempts).toMatchObject([{ outcome: 'throttled', http_status: 429 }, { http_status: 500 }])
    // Charged once, the next pause is the schedule's 5 s; charged twice it would be 15 s.
    const [, failed] = waiting.attempts
    const pausedMs = Date.parse(waiting.next_attempt_at ?? '') - Date.parse(failed?.at ?? '')
    expect(pausedMs - (failed?.duration_ms ?? 0)).toBeGreaterThan(4_000)
    expect(pausedMs - (failed?.duration_ms ?? 0)).toBeLessThan(6_000)
    await merchant.received(3, RETRY_MS)
    await shop.deliveryIn('delivered', '')
  })

  it('never answers does not delay the callback of another', { timeout: RETRY_MS }, async () => {
    const shop = await openShop(gateway, 'sandbox')
    const hanging = await startHanging()
    await shop.register(hanging.url)
    const { merchant } = await shop.receiver()
    await shop.send('beside')
    await hanging.called
    expect(await first({ other: merchant.received(1), givenUp: hanging.givenUp })).toBe('other')
  })

  it('never answers does not delay the second attempt at another', { timeout: RETRY_MS }, async () => {
    const shop = await openShop(gateway, 'sandbox')
    const hanging = await startHanging()
    await shop.register(hanging.url)
    const { merchant } = await shop.receiver()
    merchant.answerNext({ status: 500 })
    await shop.send('behind')
    await hanging.called
    // 5 s after the first, while a receiver may take 10 s.
    const second = merchant.received(2, RETRY_MS)
    expect(await first({ second, givenUp: hanging.givenUp })).toBe('second')
  })

  it('moves is not switched off by the 410 of its old address', { timeout: RETRY_MS }, async () => {
    const shop = await openShop(gateway, 'sandbox')
    const { merchant: old, endpoint } = await shop.receiver()
    const moved = await startMerchant()
    old.answer({ status: 410, delayMs: 2_000 })
    await shop.send('moving')
    await old.received(1)
    expect((await shop.patch(endpoint.id, { url: moved.url })).status).toBe(200)
    expect((await moved.received(1)).body.data.ref).toBe('moving')
    expect(await shop.endpoint(endpoint.id)).toMatchObject({ state: 'active', url: moved.url })
  })
})

it('every callback that any receiver here got is genuine, each attempt of it', async () => {
  expect(await expectAllGenuine()).toBeGreaterThan(12)
})

async function startHanging() {
  const called = Promise.withResolvers<void>()
  const givenUp = Promise.withResolvers<void>()
  const url = await listen((request) => {
    request.socket.once('close', () => givenUp.resolve())
    called.resolve()
    return Promise.resolve()
  })
  return { url, called: called.promise, givenUp: givenUp.promise }
}

/** The name of what happens first. */
function first(happenings: Record<string, Promise<unknown>>): Promise<string> {
  return Promise.race(
    Object.entries(happenings).map(async ([name, happening]) => {
      await happening
      return name
    }),
  )
}
