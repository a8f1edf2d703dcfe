/** The wallet: the plans it keeps, and the operator's account that a send is promised to. */
import { runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { orderByName, walletByName } from '../../src/env'
import { orderName } from '../../src/order/name'
import type { Intent } from '../../src/order/state'
import { walletOf } from '../../src/provider/account'
import { type Answer, answering, env, failure, newWorld, success, type World } from './world'

const NOON = Date.UTC(2026, 1, 1, 12)
const HOUR_MS = 3_600_000
const TOKEN = env.ONECLICK_ACCESS_TOKEN

let world: World
let count = 0

beforeEach(() => {
  world = newWorld()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  env.ONECLICK_ACCESS_TOKEN = TOKEN
})

const plan = (code: string) => ({
  code,
  operator: 'Mobilis',
  isEnabled: true,
  min_amount: 50,
  max_amount: 5_000,
})
const plans = (...codes: string[]) => ({ dynamicPlans: codes.map(plan), fixedPlans: [] })

describe('the plans', () => {
  /** A wallet of its own for each test, on the operator's account. */
  const newWallet = () => walletByName(env, `plans-${++count}`)
  let answer: Answer
  let asked: ReturnType<typeof answering>

  beforeEach(() => {
    vi.setSystemTime(NOON)
    answer = () => success(plans('FIRST'))
    asked = answering('/v3/mobile/plans', (request) => answer(request))
  })
  const later = (ms: number) => vi.setSystemTime(NOON + ms)
  const down = () => failure(503, 'SERVICE_UNAVAILABLE')

  it('are asked for once by many callers, and not again for 6 h', async () => {
    const wallet = newWallet()
    const kept = await Promise.all(Array.from({ length: 30 }, () => wallet.plans()))
    expect(new Set(kept.map((one) => one?.dataJson))).toEqual(new Set([JSON.stringify(plans('FIRST'))]))
    expect(kept[0]?.readAt).toBe(NOON)
    later(6 * HOUR_MS - 1)
    await Promise.all(Array.from({ length: 30 }, () => wallet.plans()))
    expect(asked.tokens).toEqual([TOKEN])
  })

  it('are asked for anew after 6 h, once', async () => {
    const wallet = newWallet()
    await wallet.plans()
    answer = () => success(plans('SECOND'))
    later(6 * HOUR_MS)
    const kept = await Promise.all(Array.from({ length: 30 }, () => wallet.plans()))
    expect(new Set(kept.map((one) => one?.dataJson))).toEqual(new Set([JSON.stringify(plans('SECOND'))]))
    expect(kept[0]?.readAt).toBe(NOON + 6 * HOUR_MS)
    expect(asked.tokens).toHaveLength(2)
  })

  it('are kept when the wallet is thrown out of memory', async () => {
    const name = `plans-${++count}`
    const before = walletByName(env, name)
    const first = await before.plans()
    await runInDurableObject(before, (_, state) => state.abort('crash')).catch(() => undefined)
    later(5 * HOUR_MS)
    expect(await walletByName(env, name).plans()).toEqual(first)
    expect(asked.tokens).toHaveLength(1)
  })

  it.each<[string, Answer]>([
    ['fails', down],
    ['sends an error page', () => new Response('<html>', { status: 200 })],
    ['does not let us in', () => failure(401, 'INVALID_ACCESS_TOKEN')],
    ['has none any more', () => success(plans())],
    ['has nothing', () => success(null)],
    ['sends something else', () => success({ plans: 'see our site' })],
    ['sends half of them', () => success({ dynamicPlans: [plan('FIRST')] })],
    [
      'writes its limits in words',
      () => success({ ...plans(), dynamicPlans: [{ ...plan('P'), min_amount: '50' }] }),
    ],
    ['cannot be reached', () => Promise.reject(new Error('reset'))],
  ])('are served as they were while the provider %s, which is asked once a minute', async (_, failing) => {
    const wallet = newWallet()
    const first = await wallet.plans()
    answer = failing
    const start = 7 * HOUR_MS
    later(start)
    for (const ms of [0, 0, 30_000, 59_999]) {
      later(start + ms)
      expect(await wallet.plans()).toEqual(first)
    }
    expect(asked.tokens).toHaveLength(2)
    later(start + 60_000)
    expect(await wallet.plans()).toEqual(first)
    expect(asked.tokens).toHaveLength(3)
    answer = () => success(plans('BACK'))
    later(start + 120_000)
    expect((await wallet.plans())?.dataJson).toContain('BACK')
  })

  it('are none before the first were read, and the provider is asked once a minute then too', async () => {
    const wallet = newWallet()
    answer = down
    expect(await Promise.all(Array.from({ length: 10 }, () => wallet.plans()))).toEqual(Array(10).fill(null))
    later(59_999)
    expect(await wallet.plans()).toBeNull()
    expect(asked.tokens).toHaveLength(1)
    answer = () => success(plans('FIRST'))
    later(60_000)
    expect((await wallet.plans())?.dataJson).toContain('FIRST')
  })

  it.each<[string, Answer]>([
    ['not read', down],
    ['empty', () => success(plans())],
    ['no plans at all', () => success({ plans: 'see our site' })],
  ])('that were %s before any good ones are none, and leave nothing behind', async (_, failing) => {
    const wallet = newWallet()
    answer = failing
    expect(await wallet.plans()).toBeNull()
    expect(await runInDurableObject(wallet, async (_, { storage }) => (await storage.list()).size)).toBe(0)
  })

  it('are asked for sooner by a caller who wants newer ones, at most once a minute', async () => {
    const wallet = newWallet()
    await wallet.plans()
    answer = () => success(plans('SECOND'))
    later(5 * 60_000 - 1)
    expect((await wallet.plans(5 * 60_000))?.dataJson).toContain('FIRST')
    later(5 * 60_000)
    expect((await wallet.plans())?.dataJson).toContain('FIRST')
    const newer = await Promise.all(Array.from({ length: 30 }, () => wallet.plans(5 * 60_000)))
    for (const one of newer) expect(one?.dataJson).toContain('SECOND')
    await wallet.plans(1)
    expect(asked.tokens).toHaveLength(2)
  })
})

describe('an order that wants no more looks', () => {
  it('is looked at no more, while others are', async () => {
    const { account } = await walletOf(env, { merchantId: 'x', environment: 'production', ownAccount: null })
    const wallet = walletByName(env, `watching-${++count}`)
    const tracked = async (ref: string) => {
      const order = orderByName(env, await orderName('x', 'production', ref)).id.toString()
      return {
        order,
        upstreamRef: ref,
        account,
        planCode: 'PREPAID_MOBILIS',
        submittedAt: Date.now(),
        providerId: null,
      }
    }
    const forgotten = answering('/v3/mobile/check-ref/forgotten', () => failure(404, 'NOT_FOUND'))
    const kept = answering('/v3/mobile/check-ref/kept', () => failure(404, 'NOT_FOUND'))
    await wallet.watch(await tracked('forgotten'), { at: Date.now() + 200, isSwept: false })
    await wallet.watch(await tracked('forgotten'), null)
    await wallet.watch(await tracked('kept'), { at: Date.now() + 250, isSwept: false })
    await vi.waitFor(() => expect(kept.tokens).toHaveLength(1), 4_000)
    expect(forgotten.tokens).toEqual([])
  })
})

describe('a send', () => {
  const orderOf = async (merchantId: string, ref: string) =>
    orderByName(env, await orderName(merchantId, 'production', ref))

  async function send(
    merchantId: string,
    ref: string,
    { wallet, account }: Pick<Intent, 'wallet' | 'account'>,
  ) {
    const intent: Intent = {
      merchantId,
      environment: 'production',
      ref,
      wallet,
      account,
      upstreamRef: ref,
      request: { planCode: 'PREPAID_MOBILIS', msisdn: '0661234567', amountDzd: 500 },
      callback: null,
    }
    const terms = {
      objection: null,
      warnings: [],
      limited: false,
      valueDzd: 500,
      allowDuplicate: false,
      refusesDown: false,
    }
    return await (await orderOf(merchantId, ref)).send(intent, terms)
  }
  const operator = () => walletOf(env, { merchantId: 'x', environment: 'production', ownAccount: null })

  async function expectFree(merchantId: string, ref: string): Promise<void> {
    const order = await orderOf(merchantId, ref)
    expect(await runInDurableObject(order, async (_, { storage }) => (await storage.list()).size)).toBe(0)
    expect(await runInDurableObject(order, (_, { storage }) => storage.getAlarm())).toBeNull()
  }
  const REFUSED = { kind: 'refused', refusal: { httpStatus: 503, code: 'SERVICE_UNAVAILABLE' } }

  it('promised to another account than the wallet has goes nowhere, and its ref is free', async () => {
    const present = await operator()
    expect(await send('x', 'promised', { ...present, account: 'another account' })).toMatchObject(REFUSED)
    expect(world.sends).toEqual([])
    await expectFree('x', 'promised')
    expect(await send('x', 'promised', present)).toMatchObject({ kind: 'sent', replayed: false })
  })

  it('promised before the operator changed his key goes nowhere', async () => {
    const before = await operator()
    env.ONECLICK_ACCESS_TOKEN = 'the new key'
    expect(await send('x', 'changed', before)).toMatchObject(REFUSED)
    expect(world.sends).toEqual([])
    await expectFree('x', 'changed')
    expect(await send('x', 'changed', await operator())).toMatchObject({ kind: 'sent' })
  })

  it('without any credential goes nowhere', async () => {
    env.ONECLICK_ACCESS_TOKEN = ''
    expect(await send('x', 'none', await operator())).toMatchObject(REFUSED)
    expect(world.sends).toEqual([])
    await expectFree('x', 'none')
  })
})
