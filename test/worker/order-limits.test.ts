/** A first send that somebody objects to: the catalogue, the merchant's limits, the provider. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { merchantById, orderByName } from '../../src/env'
import type { Limits } from '../../src/merchant/limits'
import { Merchant } from '../../src/merchant/merchant'
import type { Terms } from '../../src/order/admission'
import { OPERATOR_WALLET, orderName } from '../../src/order/name'
import type { SendAnswer } from '../../src/order/order'
import type { Intent, Refusal } from '../../src/order/state'
import { walletOf } from '../../src/provider/account'
import { demoBook, env, failure, newWorld, type World } from './world'

const OBJECTION: Refusal = {
  httpStatus: 400,
  code: 'ERR_VALIDATION',
  message: 'body/amount must be >= 50',
  detailsJson: null,
  retryAfterSeconds: null,
}

let world: World
let shop: string
let count = 0

beforeEach(async () => {
  world = newWorld()
  shop = `shop${++count}`
  await merchantById(env, shop).create(shop, 'A shop')
})
afterEach(() => {
  vi.restoreAllMocks()
})

async function limit(limits: Partial<Limits>): Promise<void> {
  await merchantById(env, shop).change({ limits })
}
const orderOf = async (ref: string) => orderByName(env, await orderName(shop, 'production', ref))

/** 500 DZD to one number, of a merchant who has limits. */
async function send(ref: string, change: Partial<Terms> = {}, request: Partial<Intent['request']> = {}) {
  const { account } = await walletOf(env, { merchantId: shop, environment: 'production', ownAccount: null })
  const intent: Intent = {
    merchantId: shop,
    environment: 'production',
    ref,
    wallet: OPERATOR_WALLET,
    account,
    upstreamRef: `${shop}.${ref}`,
    request: { planCode: 'PREPAID_MOBILIS', msisdn: '0661234567', amountDzd: 500, ...request },
    callback: null,
  }
  const terms: Terms = {
    objection: null,
    warnings: [],
    limited: true,
    refusesDown: false,
    folds: false,
    valueDzd: intent.request.amountDzd,
    allowDuplicate: false,
    ...change,
  }
  const answer: SendAnswer = await (await orderOf(ref)).send(intent, terms)
  return answer
}
const codeOf = (answer: SendAnswer) => (answer.kind === 'refused' ? answer.refusal.code : answer.kind)

async function expectNoTrace(ref: string): Promise<void> {
  const order = await orderOf(ref)
  const left = await runInDurableObject(order, async (_, { storage }) => ({
    keys: [...(await storage.list()).keys()],
    alarm: await storage.getAlarm(),
  }))
  expect(left).toEqual({ keys: [], alarm: null })
  expect(await order.status(shop)).toBeNull()
}

/** What the merchant's limits count for today, DZD. */
function sentToday(): Promise<number> {
  return runInDurableObject(merchantById(env, shop), (_, { storage }) => {
    return storage.sql.exec<{ sum: number }>('SELECT TOTAL(sent_dzd) AS sum FROM days').one().sum
  })
}

describe('a send that a limit refuses', () => {
  it('leaves no record and no alarm, reaches nobody, and its ref is free', async () => {
    await limit({ largestAmountDzd: 400 })
    expect(codeOf(await send('large'))).toBe('LIMIT_EXCEEDED')
    await expectNoTrace('large')
    expect(world.sends).toEqual([])
    await limit({ largestAmountDzd: 500 })
    expect(await send('large')).toMatchObject({ kind: 'sent', replayed: false })
    expect(world.sends).toEqual([`${shop}.large`])
  })

  it('may be sent with another body', async () => {
    await limit({ largestAmountDzd: 400 })
    await send('smaller')
    expect(codeOf(await send('smaller', {}, { amountDzd: 300 }))).toBe('sent')
    expect(await sentToday()).toBe(300)
  })

  it('many times at once, is asked once, and all have the same answer', async () => {
    await limit({ largestAmountDzd: 400 })
    const admit = vi.spyOn(Merchant.prototype, 'admit')
    const answers = await Promise.all(Array.from({ length: 10 }, () => send('refused-at-once')))
    expect(new Set(answers.map(codeOf))).toEqual(new Set(['LIMIT_EXCEEDED']))
    expect(admit).toHaveBeenCalledTimes(1)
    await expectNoTrace('refused-at-once')
  })

  it('because the merchant cannot be asked, goes nowhere either', async () => {
    await limit({ dailyAmountDzd: 9_000 })
    vi.spyOn(Merchant.prototype, 'admit').mockImplementation(() => {
      throw new Error('reset because its code was updated')
    })
    expect(await send('nobody-to-ask')).toMatchObject({
      kind: 'refused',
      refusal: { httpStatus: 503, code: 'SERVICE_UNAVAILABLE', retryAfterSeconds: 1 },
    })
    await expectNoTrace('nobody-to-ask')
    expect(world.sends).toEqual([])
    vi.restoreAllMocks()
    world = newWorld()
    expect(codeOf(await send('nobody-to-ask'))).toBe('sent')
  })

  it('because its price is not known, may be sent in a minute', async () => {
    await limit({ dailyAmountDzd: 9_000 })
    const answer = await send('no-price', { valueDzd: null }, { amountDzd: null })
    expect(answer).toMatchObject({ refusal: { httpStatus: 503, retryAfterSeconds: 60 } })
    await expectNoTrace('no-price')
  })
})

describe('a send that the provider refuses', () => {
  it('gives its amount back, and the same amount goes out', async () => {
    await limit({ dailyAmountDzd: 500, repeat: { minutes: 5, action: 'block' } })
    world.onSend(() => failure(403, 'INSUFFICIENT_BALANCE'))
    expect(codeOf(await send('poor'))).toBe('INSUFFICIENT_BALANCE')
    expect(await sentToday()).toBe(0)
    await expectNoTrace('poor')
    expect(codeOf(await send('richer'))).toBe('sent')
    expect(codeOf(await send('poor', { allowDuplicate: true }))).toBe('LIMIT_EXCEEDED')
  })

  it('for our credential gives its amount back too', async () => {
    await limit({ dailyAmountDzd: 500 })
    world.onSend(() => failure(401, 'INVALID_ACCESS_TOKEN'))
    expect(codeOf(await send('no-key'))).toBe('SERVICE_UNAVAILABLE')
    expect(await sentToday()).toBe(0)
  })

  it('gives its amount back before its ref is free: what is sent next under it counts', async () => {
    await limit({ dailyAmountDzd: 500 })
    const release = Merchant.prototype.release
    vi.spyOn(Merchant.prototype, 'release').mockImplementationOnce(async function (this: Merchant, request) {
      // It takes longer than the answer to a merchant and his next send.
      for (let step = 0; step < 200; step++) await demoBook().refOf('production', 'nobody')
      release.call(this, request)
    })
    world.onSend(() => failure(403, 'INSUFFICIENT_BALANCE'))
    expect(codeOf(await send('slow'))).toBe('INSUFFICIENT_BALANCE')
    expect(await sentToday()).toBe(0)
    expect(codeOf(await send('slow'))).toBe('sent')
    expect(codeOf(await send('next'))).toBe('LIMIT_EXCEEDED')
    expect(await sentToday()).toBe(500)
  })

  it.each([
    ['in doubt', () => world.onSend(() => failure(502, 'BAD_GATEWAY'))],
    ['accepted', () => undefined],
  ])('not: one that is %s keeps its amount', async (_, script) => {
    await limit({ dailyAmountDzd: 500 })
    script()
    expect(codeOf(await send('kept'))).toBe('sent')
    expect(codeOf(await send('next'))).toBe('LIMIT_EXCEEDED')
    expect(await sentToday()).toBe(500)
  })
})

describe('a ref that was sent', () => {
  it('many times at once is let out once', async () => {
    await limit({ dailyAmountDzd: 9_000, repeat: { minutes: 5, action: 'block' } })
    const admit = vi.spyOn(Merchant.prototype, 'admit')
    const answers = await Promise.all(Array.from({ length: 10 }, () => send('at-once')))
    expect(answers.filter((answer) => answer.kind === 'sent' && !answer.replayed)).toHaveLength(1)
    expect(answers.filter((answer) => answer.kind === 'sent' && answer.replayed)).toHaveLength(9)
    expect(admit).toHaveBeenCalledTimes(1)
    expect(world.sends).toEqual([`${shop}.at-once`])
    expect(await sentToday()).toBe(500)
  })

  it('at once is asked for itself by whoever means it', async () => {
    await limit({ repeat: { minutes: 5, action: 'block' } })
    await send('earlier')
    const [careless, meant] = await Promise.all([send('twice'), send('twice', { allowDuplicate: true })])
    expect(codeOf(careless)).toBe('REPEATED_TOPUP')
    expect(meant).toMatchObject({ kind: 'sent', replayed: false })
    expect(world.sends).toEqual([`${shop}.earlier`, `${shop}.twice`])
  })

  it('is answered again although a limit or the catalogue would refuse it now', async () => {
    await limit({ dailyAmountDzd: 500 })
    const first = await send('before')
    await limit({ dailyAmountDzd: 1, largestAmountDzd: 1 })
    await evictDurableObject(await orderOf('before'))
    const admit = vi.spyOn(Merchant.prototype, 'admit')
    const again = await send('before', { objection: OBJECTION, valueDzd: null })
    expect(again).toMatchObject({ kind: 'sent', replayed: true })
    if (first.kind !== 'sent' || again.kind !== 'sent') throw new Error('both were sent')
    expect(again.snapshot.topup._id).toBe(first.snapshot.topup._id)
    expect(admit).not.toHaveBeenCalled()
    expect(world.sends).toHaveLength(1)
  })

  it('with another body is a conflict, whatever is wrong with that body', async () => {
    await send('taken')
    const answer = await send('taken', { objection: OBJECTION }, { amountDzd: 1 })
    expect(answer).toMatchObject({ kind: 'conflict', fields: ['amount'] })
  })
})

describe('a send that the catalogue objects to', () => {
  it('is refused in its words, leaves no trace, and is no business of the limits', async () => {
    const admit = vi.spyOn(Merchant.prototype, 'admit')
    expect(await send('objected', { objection: OBJECTION })).toEqual({ kind: 'refused', refusal: OBJECTION })
    await expectNoTrace('objected')
    expect(admit).not.toHaveBeenCalled()
    expect(world.sends).toEqual([])
    expect(codeOf(await send('objected'))).toBe('sent')
  })
})

describe('warnings', () => {
  const mismatch = { code: 'PREFIX_MISMATCH', message: 'another network' } as const

  it("of the edge and of the merchant's limits are both kept with the order", async () => {
    await limit({ repeat: { minutes: 5, action: 'warn' } })
    await send('first')
    await send('second', { warnings: [mismatch] })
    await evictDurableObject(await orderOf('second'))
    const snapshot = await (await orderOf('second')).status(shop)
    expect(snapshot?.warnings).toEqual([
      mismatch,
      { code: 'REPEATED_TOPUP', message: expect.stringContaining("'first'") },
    ])
  })

  it('a merchant without limits is asked nothing', async () => {
    const admit = vi.spyOn(Merchant.prototype, 'admit')
    const answer = await send('unlimited', { limited: false, warnings: [mismatch] })
    expect(answer).toMatchObject({ kind: 'sent', snapshot: { warnings: [mismatch] } })
    expect(admit).not.toHaveBeenCalled()
  })
})
