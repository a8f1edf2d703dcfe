/** What a merchant with limits may still send: counted once, given back once, whatever happens to the object. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { merchantById } from '../../src/env'
import type { Limits, Request } from '../../src/merchant/limits'
import type { Merchant } from '../../src/merchant/merchant'
import { env } from './world'

type MerchantStub = DurableObjectStub<Merchant>

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const NOON = Date.UTC(2026, 1, 1, 12)
let count = 0

beforeEach(() => {
  vi.setSystemTime(NOON)
})
afterEach(() => {
  vi.useRealTimers()
})

/** A merchant of his own for each test. */
async function withLimits(limits: Partial<Limits>): Promise<MerchantStub> {
  const merchant = merchantById(env, `limited${++count}`)
  await merchant.create(`limited${count}`, 'Limited')
  await merchant.change({ limits })
  return merchant
}

const asked = (ref: string, change: Partial<Request> = {}): Request => ({
  environment: 'production',
  ref,
  msisdn: '0661234567',
  valueDzd: 100,
  allowDuplicate: false,
  ...change,
})

/** Null for a send that is let out, else the error's code. */
async function codeOf(merchant: MerchantStub, request: Request): Promise<string | null> {
  const verdict = await merchant.admit(request)
  return verdict.kind === 'refused' ? verdict.refusal.code : null
}

/** How much more the day takes, found by asking for it; leaves nothing behind. */
async function leftToday(merchant: MerchantStub, change: Partial<Request> = {}): Promise<number> {
  let left = 0
  for (let step = 1_024; step >= 1; step /= 2) {
    const request = asked('probe', { ...change, msisdn: '0550000000', valueDzd: left + step })
    if ((await codeOf(merchant, request)) === null) left += step
    await merchant.release(request)
  }
  return left
}

function rows(merchant: MerchantStub, table: 'admissions' | 'days'): Promise<number> {
  return runInDurableObject(merchant, (_, { storage }) => {
    return storage.sql.exec<{ rows: number }>(`SELECT COUNT(*) AS rows FROM ${table}`).one().rows
  })
}

describe("the day's sum", () => {
  it('is exact under many sends at once', async () => {
    const merchant = await withLimits({ dailyAmountDzd: 1_050 })
    const sends = Array.from({ length: 200 }, (_, index) => {
      return asked(`at-once-${index}`, { msisdn: `06${String(index).padStart(8, '0')}` })
    })
    const codes = await Promise.all(sends.map((send) => codeOf(merchant, send)))
    expect(codes.filter((code) => code === null)).toHaveLength(10)
    expect(codes.filter((code) => code === 'LIMIT_EXCEEDED')).toHaveLength(190)
    expect(await leftToday(merchant)).toBe(50)
  })

  it('counts a ref once, however often it is asked for', async () => {
    const merchant = await withLimits({ dailyAmountDzd: 1_000 })
    const codes = await Promise.all(Array.from({ length: 20 }, () => codeOf(merchant, asked('same'))))
    expect(new Set(codes)).toEqual(new Set([null]))
    await evictDurableObject(merchant)
    expect(await codeOf(merchant, asked('same'))).toBeNull()
    expect(await leftToday(merchant)).toBe(900)
  })

  it('lets the same ref out again although the day is full meanwhile', async () => {
    const merchant = await withLimits({ dailyAmountDzd: 100 })
    await merchant.admit(asked('first'))
    expect(await codeOf(merchant, asked('second'))).toBe('LIMIT_EXCEEDED')
    expect(await codeOf(merchant, asked('first'))).toBeNull()
  })

  it('judges a ref anew whose send never left, and counts what it is now', async () => {
    const merchant = await withLimits({ dailyAmountDzd: 1_000 })
    await merchant.admit(asked('a'))
    await evictDurableObject(merchant)
    expect(await codeOf(merchant, asked('a', { valueDzd: 700 }))).toBeNull()
    expect(await leftToday(merchant)).toBe(300)
    await merchant.change({ limits: { largestAmountDzd: 600 } })
    expect(await codeOf(merchant, asked('a', { valueDzd: 700 }))).toBe('LIMIT_EXCEEDED')
    await merchant.change({ limits: { largestAmountDzd: null } })
    expect(await leftToday(merchant)).toBe(1_000)
  })

  it('has back what is released, once', async () => {
    const merchant = await withLimits({ dailyAmountDzd: 1_000 })
    await Promise.all(['a', 'b', 'c'].map((ref) => merchant.admit(asked(ref))))
    for (let time = 0; time < 3; time++) await merchant.release(asked('b'))
    await evictDurableObject(merchant)
    await merchant.release(asked('b'))
    expect(await leftToday(merchant)).toBe(800)
  })

  it('has nothing back for what was never let out', async () => {
    const merchant = await withLimits({ dailyAmountDzd: 1_000, largestAmountDzd: 500 })
    await merchant.admit(asked('a'))
    expect(await codeOf(merchant, asked('large', { valueDzd: 501 }))).toBe('LIMIT_EXCEEDED')
    for (const request of [
      asked('large', { valueDzd: 501 }),
      asked('never'),
      asked('a', { environment: 'sandbox' }),
      asked('a', { msisdn: '0771234567' }),
    ]) {
      await merchant.release(request)
    }
    expect(await codeOf(merchant, asked('rest', { valueDzd: 500 }))).toBeNull()
    expect(await codeOf(merchant, asked('more', { valueDzd: 401 }))).toBe('LIMIT_EXCEEDED')
  })

  it('is kept when the object is thrown out of memory', async () => {
    const merchant = await withLimits({ dailyAmountDzd: 300 })
    for (const ref of ['a', 'b', 'c']) {
      expect(await codeOf(merchant, asked(ref))).toBeNull()
      await evictDurableObject(merchant)
    }
    expect(await codeOf(merchant, asked('d'))).toBe('LIMIT_EXCEEDED')
  })

  it('is another one in the other environment', async () => {
    const merchant = await withLimits({ dailyAmountDzd: 100 })
    await merchant.admit(asked('a'))
    expect(await codeOf(merchant, asked('a', { environment: 'sandbox' }))).toBeNull()
    expect(await codeOf(merchant, asked('b', { environment: 'sandbox' }))).toBe('LIMIT_EXCEEDED')
  })

  it('begins anew at midnight in Algeria, 23:00 UTC', async () => {
    const merchant = await withLimits({ dailyAmountDzd: 100 })
    vi.setSystemTime(Date.UTC(2026, 1, 1, 22, 59, 59, 999))
    await merchant.admit(asked('evening'))
    expect(await codeOf(merchant, asked('late'))).toBe('LIMIT_EXCEEDED')
    vi.setSystemTime(Date.UTC(2026, 1, 1, 23))
    expect(await codeOf(merchant, asked('morning'))).toBeNull()
    expect(await codeOf(merchant, asked('again'))).toBe('LIMIT_EXCEEDED')
  })

  it("has nothing back for yesterday's", async () => {
    const merchant = await withLimits({ dailyAmountDzd: 1_000 })
    vi.setSystemTime(Date.UTC(2026, 1, 1, 22, 59))
    await merchant.admit(asked('yesterday', { valueDzd: 700 }))
    vi.setSystemTime(Date.UTC(2026, 1, 1, 23, 1))
    await merchant.admit(asked('today', { valueDzd: 400 }))
    await merchant.release(asked('yesterday'))
    expect(await leftToday(merchant)).toBe(600)
  })
})

describe('the same again', () => {
  const repeat = { minutes: 5, action: 'block' } as const

  it.each([
    [0, 'REPEATED_TOPUP'],
    [5 * MINUTE_MS, 'REPEATED_TOPUP'],
    [5 * MINUTE_MS + 1, null],
  ])('%d ms later: %s', async (later, code) => {
    const merchant = await withLimits({ repeat })
    await merchant.admit(asked('first'))
    await evictDurableObject(merchant)
    vi.setSystemTime(NOON + later)
    expect(await codeOf(merchant, asked('second'))).toBe(code)
  })

  it.each([
    ['another amount', { valueDzd: 101 }],
    ['another number', { msisdn: '0661234568' }],
    ['the other environment', { environment: 'sandbox' }],
    ['a word that it is meant', { allowDuplicate: true }],
  ] as const)('is not what has %s', async (_, change) => {
    const merchant = await withLimits({ repeat })
    await merchant.admit(asked('first'))
    expect(await codeOf(merchant, asked('second', change))).toBeNull()
  })

  it('blocks a ref whose send never left, when another went out meanwhile', async () => {
    const merchant = await withLimits({ dailyAmountDzd: 1_000 })
    await merchant.admit(asked('first'))
    await merchant.admit(asked('second'))
    await merchant.change({ limits: { repeat } })
    expect(await codeOf(merchant, asked('first'))).toBe('REPEATED_TOPUP')
    expect(await leftToday(merchant)).toBe(900)
  })

  it('is not what was given back', async () => {
    const merchant = await withLimits({ repeat })
    await merchant.admit(asked('first'))
    await merchant.release(asked('first'))
    expect(await codeOf(merchant, asked('second'))).toBeNull()
  })

  it('names the newest one', async () => {
    const merchant = await withLimits({ repeat: { minutes: 1_440, action: 'warn' } })
    for (const [hour, ref] of ['a', 'c', 'b'].entries()) {
      vi.setSystemTime(NOON + hour * HOUR_MS)
      await merchant.admit(asked(ref))
    }
    const verdict = await merchant.admit(asked('d'))
    expect(verdict).toMatchObject({
      kind: 'admitted',
      warnings: [{ code: 'REPEATED_TOPUP', message: expect.stringMatching(/ 0 s ago .*'b'/) }],
    })
  })

  it('twice at once, one goes out', async () => {
    const merchant = await withLimits({ repeat })
    const codes = await Promise.all(['x', 'y'].map((ref) => codeOf(merchant, asked(ref))))
    expect(codes.toSorted()).toEqual(['REPEATED_TOPUP', null])
  })
})

describe('what is older than two days', () => {
  it('is forgotten, some with each new send, and the day that counts is kept', async () => {
    const merchant = await withLimits({ dailyAmountDzd: 1_000 })
    for (let index = 0; index < 9; index++) await merchant.admit(asked(`old-${index}`))
    vi.setSystemTime(NOON + 47 * HOUR_MS)
    await merchant.admit(asked('young', { valueDzd: 300 }))
    expect(await rows(merchant, 'admissions')).toBe(10)
    vi.setSystemTime(NOON + 49 * HOUR_MS)
    await merchant.admit(asked('new-1'))
    expect(await rows(merchant, 'admissions')).toBe(6)
    await merchant.admit(asked('new-2'))
    expect(await rows(merchant, 'admissions')).toBe(3)
    expect(await rows(merchant, 'days')).toBeLessThanOrEqual(2)
    expect(await leftToday(merchant)).toBe(500)
  })
})
