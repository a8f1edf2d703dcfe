/** Which accounts cron has reconciled, and that one that fails stops no other. */
import { createScheduledController, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { merchantById, reconcilerByName, walletByName } from '../../src/env'
import worker from '../../src/index'
import { Book } from '../../src/merchant/book'
import { Wallet } from '../../src/provider/wallet'
import type { Run } from '../../src/reconcile/run'
import { entry, newBook, record } from './book-entries'
import { env } from './world'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** Some days ahead, so that no alarm comes by itself; each test has a day of its own. */
let midnight = Math.ceil(Date.now() / DAY_MS) * DAY_MS + 2 * DAY_MS

let count = 0
let numbers = 0

beforeEach(() => {
  midnight += 10 * DAY_MS
})
afterEach(async () => {
  vi.restoreAllMocks()
  vi.useRealTimers()
  const { keys } = await env.KEYS.list({ prefix: 'merchant:' })
  for (const { name } of keys) await env.KEYS.delete(name)
})

async function cronAt(time: number): Promise<void> {
  vi.setSystemTime(time)
  const controller = createScheduledController({ cron: '* * * * *', scheduledTime: new Date(time + 700) })
  await worker.scheduled(controller, env)
}

async function newMerchant(): Promise<string> {
  const id = `planned${++count}`
  await merchantById(env, id).create(id, 'Planned')
  return id
}

/** The account was sent on last at that time, and the order that went out is booked. */
async function sentOn(wallet: string, at: number): Promise<void> {
  await runInDurableObject(walletByName(env, wallet), (_, { storage }) => storage.kv.put('sent_at', at))
  const [kind = '', merchantId] = wallet.split(':')
  if (merchantId === undefined) return
  const environment = kind === 'sandbox' ? 'sandbox' : 'production'
  await record(newBook(merchantId), [
    entry(++numbers, { createdAt: at, environment, wallet, phase: 'settled' }),
  ])
}

/** What is planned on the account: trigger, from, to. */
async function planned(wallet: string): Promise<unknown[]> {
  return await runInDurableObject(reconcilerByName(env, wallet), (_, { storage }) =>
    Array.from(storage.kv.list<{ run: Run }>({ prefix: 'run:' }), ([, { run }]) => [
      run.trigger,
      run.environment,
      run.from,
      run.to,
    ]),
  )
}

const recentAt = (to: number, environment = 'production') => ['recent', environment, to - 45 * MINUTE_MS, to]
const dailyAt = (to: number, environment = 'production') => ['daily', environment, to - 48 * HOUR_MS, to]

describe('each quarter of an hour', () => {
  it('every account is planned that was sent on lately, and no other', async () => {
    const [busy, idle, own, sandbox] = [
      await newMerchant(),
      await newMerchant(),
      await newMerchant(),
      await newMerchant(),
    ]
    const noon = midnight + 12 * HOUR_MS
    await reconcilerByName(env, 'operator').noteWalk(noon)
    await sentOn('operator', noon - HOUR_MS)
    await record(newBook(busy), [entry(++numbers, { createdAt: noon - HOUR_MS })])
    await sentOn(`own:${idle}`, noon - 4 * HOUR_MS)
    await sentOn(`own:${own}`, noon - HOUR_MS)
    await sentOn(`sandbox:${sandbox}`, noon - MINUTE_MS)
    await cronAt(noon + MINUTE_MS)
    expect(await planned('operator')).toEqual([])
    await cronAt(noon)
    expect(await planned('operator')).toEqual([recentAt(noon)])
    expect(await planned(`own:${busy}`)).toEqual([])
    expect(await planned(`own:${idle}`)).toEqual([])
    expect(await planned(`own:${own}`)).toEqual([recentAt(noon)])
    expect(await planned(`sandbox:${sandbox}`)).toEqual([recentAt(noon, 'sandbox')])
  })

  it('one account that fails does not stop the others', async () => {
    const [bad, good] = [await newMerchant(), await newMerchant()]
    const noon = midnight + 12 * HOUR_MS
    await reconcilerByName(env, 'operator').noteWalk(noon)
    for (const id of [bad, good]) await sentOn(`own:${id}`, noon)
    const { lastSendAt } = Wallet.prototype
    vi.spyOn(Wallet.prototype, 'lastSendAt').mockImplementation(function (this: Wallet) {
      const { name } = Reflect.get(this, 'ctx').id
      if (name === `own:${bad}` || name === 'operator') throw new Error('ill')
      return lastSendAt.call(this)
    })
    await cronAt(noon)
    expect(await planned(`own:${good}`)).toEqual([recentAt(noon)])
  })
})

describe('once a day', () => {
  it('every account is planned that was sent on in two days, or has orders that are still unknown', async () => {
    const [used, unused, stuck] = [await newMerchant(), await newMerchant(), await newMerchant()]
    const at = midnight + 2 * HOUR_MS + 40 * MINUTE_MS
    await sentOn(`own:${used}`, at - 40 * HOUR_MS)
    await sentOn(`own:${unused}`, at - 60 * HOUR_MS)
    await sentOn(`own:${stuck}`, at - 200 * HOUR_MS)
    const unknown = { phase: 'unknown', dueAt: at, createdAt: at - 200 * HOUR_MS } as const
    await record(newBook(stuck), [entry(++numbers, { ...unknown, wallet: `own:${stuck}` })])
    await cronAt(at)
    expect(await planned(`own:${used}`)).toEqual([dailyAt(at)])
    expect(await planned(`own:${unused}`)).toEqual([])
    expect(await planned(`own:${stuck}`)).toEqual([dailyAt(at)])
  })

  it('also the shared account, for the sake of one order', async () => {
    const stuck = await newMerchant()
    const at = midnight + 2 * HOUR_MS + 40 * MINUTE_MS
    await sentOn('operator', at - 200 * HOUR_MS)
    const unknown = { phase: 'unknown', dueAt: at, createdAt: at - 200 * HOUR_MS } as const
    await record(newBook(stuck), [entry(++numbers, unknown)])
    await cronAt(at)
    expect((await planned('operator')).at(-1)).toEqual(dailyAt(at))
  })

  it('what cron has missed is planned with the next quarter of an hour, and once', async () => {
    const id = await newMerchant()
    const due = midnight + 2 * HOUR_MS + 40 * MINUTE_MS
    await sentOn(`own:${id}`, due - 10 * HOUR_MS)
    await cronAt(due + 4 * HOUR_MS + MINUTE_MS)
    expect(await planned(`own:${id}`)).toEqual([])
    await cronAt(due + 4 * HOUR_MS + 5 * MINUTE_MS)
    expect(await planned(`own:${id}`)).toEqual([dailyAt(due)])
    const walked = vi.spyOn(Book.prototype, 'walletsOfUnknown')
    await cronAt(due + 4 * HOUR_MS + 20 * MINUTE_MS)
    expect(walked).not.toHaveBeenCalled()
    expect(await planned(`own:${id}`)).toHaveLength(1)
  })

  it('who could not be reached has his later, and the others no second one', async () => {
    const [bad, good] = [await newMerchant(), await newMerchant()]
    const due = midnight + 2 * HOUR_MS + 40 * MINUTE_MS
    for (const id of [bad, good]) await sentOn(`own:${id}`, due - 10 * HOUR_MS)
    const { walletsOfUnknown } = Book.prototype
    const ill = vi.spyOn(Book.prototype, 'walletsOfUnknown').mockImplementation(function (
      this: Book,
      before,
    ) {
      if (Reflect.get(this, 'ctx').id.name === bad) throw new Error('ill')
      return walletsOfUnknown.call(this, before)
    })
    await cronAt(due)
    expect(await planned(`own:${bad}`)).toEqual([])
    expect(await planned(`own:${good}`)).toEqual([dailyAt(due)])
    ill.mockRestore()
    await cronAt(due + 5 * MINUTE_MS)
    expect(await planned(`own:${bad}`)).toEqual([dailyAt(due)])
    expect(await planned(`own:${good}`)).toEqual([dailyAt(due)])
  })
})
