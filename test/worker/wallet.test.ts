/** The wallet: the plans it keeps, and the one account that a send is promised to. */
import { runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { merchantById, orderByName, walletByName } from '../../src/env'
import { OPERATOR_WALLET, orderName } from '../../src/order/name'
import type { Intent } from '../../src/order/state'
import { walletOf } from '../../src/provider/account'
import { env, failure, newWorld, type World } from './world'

const NOON = Date.UTC(2026, 1, 1, 12)
const HOUR_MS = 3_600_000
const TOKEN = env.ONECLICK_ACCESS_TOKEN
const MASTER_KEY = env.MASTER_KEY

let world: World
let count = 0

beforeEach(() => {
  world = newWorld()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  env.ONECLICK_ACCESS_TOKEN = TOKEN
  env.MASTER_KEY = MASTER_KEY
})

type Answer = () => Response | Promise<Response>

const plan = (code: string) => ({
  code,
  operator: 'Mobilis',
  isEnabled: true,
  min_amount: 50,
  max_amount: 5_000,
})
const plans = (...codes: string[]) => ({ dynamicPlans: codes.map(plan), fixedPlans: [] })

/** From here on the provider answers this to `path`. */
function answering(path: string, answer: Answer) {
  const asked: { tokens: (string | null)[] } = { tokens: [] }
  const others = vi.mocked(fetch).getMockImplementation()
  vi.mocked(fetch).mockImplementation((input, init) => {
    const request = new Request(input as RequestInfo, init as RequestInit)
    if (new URL(request.url).pathname !== path) return others?.(request) ?? Promise.reject()
    asked.tokens.push(request.headers.get('X-Access-Token'))
    return Promise.resolve(answer())
  })
  return asked
}
const success = (json: unknown) => Response.json({ success: true, data: json, meta: {} })

describe('the plans', () => {
  /** A wallet of its own for each test, on the operator's account. */
  const newWallet = () => walletByName(env, `plans-${++count}`)
  let answer: Answer
  let asked: ReturnType<typeof answering>

  beforeEach(() => {
    vi.setSystemTime(NOON)
    answer = () => success(plans('FIRST'))
    asked = answering('/v3/mobile/plans', () => answer())
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

  it('that were not read leave nothing behind', async () => {
    const wallet = newWallet()
    answer = down
    await wallet.plans()
    expect(await runInDurableObject(wallet, async (_, { storage }) => (await storage.list()).size)).toBe(0)
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
    }
    const terms = { objection: null, warnings: [], limited: false, valueDzd: 500, allowDuplicate: false }
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

  describe("on a merchant's own account", () => {
    const bring = async (merchantId: string, accessToken: string) => {
      const merchant = merchantById(env, merchantId)
      await merchant.create(merchantId, 'Own')
      const check = await merchant.setCredential(accessToken, env.MASTER_KEY)
      const ownAccount = (await merchant.describe())?.ownAccount ?? null
      return { check, ...(await walletOf(env, { merchantId, environment: 'production', ownAccount })) }
    }

    beforeEach(() => {
      env.MASTER_KEY = 'a master key'
      answering('/v3/validate', () => {
        const apiKey = { isEnabled: true, type: 'PRODUCTION', scope: 'READ-WRITE' }
        return success({ username: '0550000001', apiKey })
      })
    })
    const sends = () =>
      answering('/v3/mobile/send', () => success({ topupId: 'c'.repeat(24), topupRef: 'r' }))

    it('goes out with his credential, which is kept nowhere in the open', async () => {
      const sent = sends()
      const { check, ...own } = await bring('own1', 'sk_of_the_merchant')
      expect(check).toMatchObject({ ok: true })
      expect(own.wallet).toBe('own:own1')
      expect(await send('own1', 'own-send', own)).toMatchObject({ kind: 'sent' })
      expect(sent.tokens).toEqual(['sk_of_the_merchant'])
      const stored = await runInDurableObject(merchantById(env, 'own1'), async (_, { storage }) =>
        JSON.stringify([...(await storage.list()).values()]),
      )
      expect(stored).not.toContain('sk_of_the_merchant')
    })

    it('that he has just exchanged: promised to the old one it goes nowhere, to the new one at once', async () => {
      const sent = sends()
      const before = await bring('own2', 'sk_old')
      await send('own2', 'with-old', before)
      const after = await bring('own2', 'sk_new')
      expect(await send('own2', 'with-new', after)).toMatchObject({ kind: 'sent' })
      expect(await send('own2', 'too-late', before)).toMatchObject(REFUSED)
      expect(sent.tokens).toEqual(['sk_old', 'sk_new'])
      await expectFree('own2', 'too-late')
    })

    it('that cannot be opened goes nowhere, and never through the operator', async () => {
      const sent = sends()
      const own = await bring('own3', 'sk_sealed')
      env.MASTER_KEY = 'another master key'
      expect(await send('own3', 'sealed', own)).toMatchObject(REFUSED)
      expect(sent.tokens).toEqual([])
      await expectFree('own3', 'sealed')
      expect(own.wallet).not.toBe(OPERATOR_WALLET)
    })
  })
})
