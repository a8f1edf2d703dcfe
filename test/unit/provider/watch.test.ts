/** What orders are told of the provider, how soon, and how many reads it took. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ListedTopup } from '../../../src/provider/classify'
import { SWEPT_MS } from '../../../src/provider/sweep'
import { goOn, NOON, SECOND, WatchedProvider } from './watched-provider'

let provider: WatchedProvider

beforeEach(() => {
  vi.useFakeTimers({ now: NOON })
  provider = new WatchedProvider()
})
afterEach(() => {
  vi.useRealTimers()
})

/** So many orders, one after the other; each settles as long after its send as the others. */
async function sendMany(count: number, pauseMs = 100): Promise<string[]> {
  const orders = Array.from({ length: count }, (_, index) => `order-${index}`)
  for (const order of orders) {
    provider.send(order)
    await vi.advanceTimersByTimeAsync(pauseMs)
  }
  return orders
}

describe('one order alone', () => {
  it('is looked up a few times where its result is likely, and told of it within moments', async () => {
    provider.send('a')
    await goOn(60)
    expect(provider.wordsOf('a')).toEqual(['HANDLING', 'FULFILLED'])
    expect(provider.noticedAfter('a')).toBeLessThan(3 * SECOND)
    expect(provider.pages).toEqual([])
    expect(provider.looks.length).toBeLessThanOrEqual(6)
  })

  it('that is over is never asked about again', async () => {
    provider.send('a')
    await goOn(20)
    const { reads } = provider
    await goOn(3_600)
    expect(provider.reads).toBe(reads)
    expect(provider.list.open).toBe(0)
  })

  it('is told of what is new to it, once, however often it is looked at', async () => {
    provider.send('a', { settlesAfter: 40 * SECOND })
    await goOn(60)
    expect(provider.looks.length).toBeGreaterThan(5)
    expect(provider.wordsOf('a')).toEqual(['HANDLING', 'FULFILLED'])
  })

  it('that takes hours is looked at for ever, at growing pauses', async () => {
    provider.send('a', { settlesAfter: 5 * 3_600 * SECOND })
    await goOn(6 * 3_600)
    expect(provider.wordsOf('a')).toEqual(['HANDLING', 'FULFILLED'])
    expect(provider.noticedAfter('a')).toBeLessThan(15 * 60 * SECOND + SECOND)
    expect(provider.looks.length).toBeLessThan(150)
  })

  it('in doubt is looked at when it asked for it, and told of each look: they are counted', async () => {
    provider.list.sent(provider.tracked('a'), { at: Date.now() + 2_000, isSwept: false }, Date.now())
    await goOn(1.9)
    expect(provider.looks).toEqual([])
    await goOn(0.2)
    expect(provider.looks.map(({ at }) => at)).toEqual([2_000])
    const wish = { at: Date.now() + 30 * SECOND, isSwept: false }
    provider.list.watch(provider.tracked('a'), wish)
    await goOn(60)
    expect(provider.wordsOf('a').length).toBeGreaterThanOrEqual(2)
    expect(new Set(provider.wordsOf('a'))).toEqual(new Set(['not_found']))
  })

  it('that was forgotten is looked at at once when its alarm brings it back', async () => {
    provider.make('a', { settlesAfter: 0 })
    await goOn(30)
    const tracked = provider.tracked('a', { submittedAt: NOON })
    provider.list.watch(tracked, { at: Date.now() + 5 * SECOND, isSwept: true })
    await goOn(0.1)
    expect(provider.wordsOf('a')).toEqual(['FULFILLED'])
  })

  it('that wants no more looks is not looked at', async () => {
    const tracked = provider.send('a')
    provider.list.watch(tracked, null)
    await goOn(120)
    expect(provider.reads).toBe(0)
  })
})

describe('many orders', () => {
  it('are swept by pages: all are told within seconds, with less than half a read for each', async () => {
    const orders = await sendMany(200)
    await goOn(60)
    for (const order of orders) {
      expect(provider.wordsOf(order).at(-1)).toBe('FULFILLED')
      expect(provider.noticedAfter(order)).toBeLessThan(6 * SECOND)
    }
    expect(provider.reads).toBeLessThan(100)
    expect(provider.pages.length).toBeGreaterThan(provider.looks.length)
  })

  it('are told once each, whatever pages overlap', async () => {
    const orders = await sendMany(150)
    await goOn(60)
    for (const order of orders) {
      expect(provider.wordsOf(order).filter((word) => word === 'FULFILLED')).toHaveLength(1)
    }
  })

  it('cost no more than the budget lets out', async () => {
    provider.readsPerMinute = 60
    await sendMany(200)
    await goOn(40)
    expect(provider.reads).toBeLessThanOrEqual(20 + 60)
  })

  it('are told of results before the rest: they are what is waited for', async () => {
    provider.send('settled', { settlesAfter: 2 * SECOND })
    provider.send('open', { settlesAfter: 3_600 * SECOND })
    await goOn(12)
    expect(provider.told.slice(0, 2)).toMatchObject([
      { order: 'settled', by: 'page' },
      { order: 'open', by: 'page' },
    ])
  })

  it('are forgotten when the youngest that is open is younger: memory does not grow', async () => {
    await sendMany(100)
    await goOn(SWEPT_MS / SECOND + 60)
    expect(provider.list.open).toBe(0)
    const { reads } = provider
    provider.send('new')
    await goOn(60)
    expect(provider.wordsOf('new').at(-1)).toBe('FULFILLED')
    expect(provider.pages.at(-1)?.at ?? 0).toBeLessThan(60 * SECOND)
    expect(provider.reads - reads).toBeLessThanOrEqual(6)
  })
})

describe('a page', () => {
  it.each([0, 90, -90, 600, -200])(
    'answers whatever the clock of the provider says: %d s off',
    async (seconds) => {
      provider.skewMs = seconds * SECOND
      const orders = await sendMany(60)
      await goOn(60)
      for (const order of orders) expect(provider.noticedAfter(order)).toBeLessThan(6 * SECOND)
      expect(provider.pages.length).toBeGreaterThan(provider.looks.length)
    },
  )

  it.each([3_600, -3_600])(
    'that shows nothing, by a clock %d s off, keeps nobody waiting: all are looked up',
    async (seconds) => {
      provider.skewMs = seconds * SECOND
      const orders = await sendMany(20)
      await goOn(60)
      for (const order of orders) expect(provider.noticedAfter(order)).toBeLessThan(10 * SECOND)
      expect(provider.pages.length).toBeLessThan(5)
    },
  )

  it('asks for no rows newer than those that may have settled', async () => {
    await sendMany(400)
    const late = provider.pages.filter(({ at }) => at > 25 * SECOND)
    expect(late.length).toBeGreaterThan(5)
    for (const { at, window } of late) expect(window.to - NOON).toBeLessThan(at - 2 * SECOND)
  })

  it('that is no page keeps nobody waiting, and the list is left alone for longer and longer', async () => {
    provider.pageFails = true
    const orders = await sendMany(40)
    await goOn(80)
    for (const order of orders) expect(provider.noticedAfter(order)).toBeLessThan(10 * SECOND)
    const times = provider.pages.map(({ at }) => at)
    expect(times.length).toBeGreaterThan(1)
    const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0))
    for (const [index, pause] of pauses.entries())
      expect(pause).toBeGreaterThanOrEqual(Math.min(60, 5 * 2 ** index) * SECOND)
  })

  it('is read again when the list is well', async () => {
    provider.pageFails = true
    await sendMany(40)
    provider.pageFails = false
    const before = provider.pages.length
    await sendMany(40).catch(() => undefined)
    await goOn(40)
    expect(provider.pages.length).toBeGreaterThan(before)
  })

  it('whose rows tell no times shows who is on it all the same, and who is not is looked up', async () => {
    provider.showsCreatedAt = false
    provider.onPage = (rows) => rows.filter((_, index) => index % 3 !== 0)
    const orders = await sendMany(30)
    await goOn(60)
    for (const order of orders) expect(provider.noticedAfter(order)).toBeLessThan(10 * SECOND)
    expect(provider.told.some(({ by }) => by === 'page')).toBe(true)
  })

  it('of no account is none', async () => {
    provider.hasAccount = false
    const orders = await sendMany(10)
    await goOn(60)
    for (const order of orders) expect(provider.noticedAfter(order)).toBeLessThan(10 * SECOND)
  })
})

describe('nobody is concluded to be absent from a page: who should have been on it is looked up', () => {
  const without = (missing: string) => (rows: ListedTopup[]) =>
    rows.filter(({ ref }) => ref?.endsWith(`-${missing}`) !== true)

  it('by ref, and hears only what that look-up says', async () => {
    provider.onPage = without('order-30')
    await sendMany(60)
    await goOn(60)
    expect(provider.told.filter(({ order }) => order === 'order-30').every(({ by }) => by === 'look')).toBe(
      true,
    )
    expect(provider.wordsOf('order-30').at(-1)).toBe('FULFILLED')
    expect(provider.noticedAfter('order-30')).toBeLessThan(10 * SECOND)
    expect(provider.told.filter(({ words }) => words === 'not_found')).toEqual([])
  })

  it('by ref, while others keep coming: pages that answer for many starve nobody', async () => {
    provider.onPage = (rows) => rows.filter(({ ref }) => ref?.endsWith('0') !== true)
    const orders = await sendMany(300)
    await goOn(60)
    for (const order of orders) expect(provider.noticedAfter(order)).toBeLessThan(5 * SECOND)
  })

  it('also the newest, which the page was asked to begin with', async () => {
    provider.onPage = (rows) => rows.slice(1)
    const orders = await sendMany(60)
    await goOn(60)
    for (const order of orders) expect(provider.wordsOf(order).at(-1)).toBe('FULFILLED')
  })

  it('a list that lags hides nobody', async () => {
    for (let index = 0; index < 40; index++) {
      provider.send(`order-${index}`, { listedAfter: 20 * SECOND })
      await goOn(0.1)
    }
    await goOn(60)
    for (let index = 0; index < 40; index++)
      expect(provider.noticedAfter(`order-${index}`)).toBeLessThan(10 * SECOND)
  })

  it('what the provider never made is told as look-ups tell it', async () => {
    provider.send('never', { isMade: false })
    await sendMany(40)
    await goOn(60)
    expect(new Set(provider.wordsOf('never'))).toEqual(new Set(['not_found']))
    expect(provider.told.filter(({ order }) => order === 'never').every(({ by }) => by === 'look')).toBe(true)
  })
})

describe('rows that are not ours', () => {
  const foreign = (index: number, change: Partial<ListedTopup> = {}): Partial<ListedTopup> => ({
    id: `foreign-${index}`,
    ref: `API-77-foreign-${index}`,
    status: 'FULFILLED',
    ...change,
  })

  it('between ours make pages longer, and nobody is lost', async () => {
    for (let index = 0; index < 50; index++) {
      provider.send(`order-${index}`)
      for (let other = 0; other < 4; other++) provider.make(`foreign-${index}-${other}`)
      await goOn(0.1)
    }
    await goOn(60)
    for (let index = 0; index < 50; index++)
      expect(provider.noticedAfter(`order-${index}`)).toBeLessThan(10 * SECOND)
    expect(new Set(provider.told.map(({ order }) => order)).size).toBe(50)
  })

  it('are not believed, whatever they are called', async () => {
    const names = ['order-1x', 'xorder-1', 'order-11-order-1x', '', 'API-order-1', 'ORDER-1']
    provider.onPage = (rows) => [
      ...rows.filter(({ ref }) => ref !== 'API-77-order-1'),
      ...rows
        .slice(0, 1)
        .flatMap((row) => names.map((ref, index) => ({ ...row, ...foreign(index, { ref }) }))),
    ]
    for (const order of ['order-0', 'order-1', 'order-2'])
      provider.send(order, { settlesAfter: 3_600 * SECOND })
    await goOn(60)
    expect(provider.pages.length).toBeGreaterThan(0)
    for (const order of ['order-0', 'order-1', 'order-2'])
      expect(provider.wordsOf(order)).toEqual(['HANDLING'])
  })

  it('without a ref are passed over', async () => {
    provider.onPage = (rows) => rows.map((row) => ({ ...row, ref: null }))
    const orders = await sendMany(20)
    await goOn(60)
    for (const order of orders) expect(provider.noticedAfter(order)).toBeLessThan(10 * SECOND)
    expect(provider.told.every(({ by }) => by === 'look')).toBe(true)
  })

  it('of another account say nothing of ours', async () => {
    provider.account = 'account-b'
    const orders = await sendMany(20)
    await goOn(60)
    expect(provider.told.every(({ by }) => by === 'look')).toBe(true)
    for (const order of orders) expect(provider.noticedAfter(order)).toBeLessThan(10 * SECOND)
  })

  it('of another account, since the credential was changed, keep nobody waiting', async () => {
    await sendMany(100)
    provider.account = 'account-b'
    await goOn(60)
    for (let index = 0; index < 100; index++)
      expect(provider.noticedAfter(`order-${index}`)).toBeLessThan(8 * SECOND)
  })

  it('are told apart where a ref looks like one in the form of the provider', async () => {
    provider.shown = (ref) => ref
    for (const order of ['API-77-a', 'API-77-b', 'c']) provider.send(order, { settlesAfter: 2 * SECOND })
    await goOn(20)
    expect(provider.told.map(({ order, by }) => [order, by])).toEqual([
      ['API-77-a', 'page'],
      ['API-77-b', 'page'],
      ['c', 'page'],
    ])
  })

  it('may be shown in either form', async () => {
    provider.shown = (ref) => ref
    const orders = await sendMany(60)
    await goOn(60)
    for (const order of orders) expect(provider.noticedAfter(order)).toBeLessThan(6 * SECOND)
    expect(provider.pages.length).toBeGreaterThan(provider.looks.length)
  })
})

describe('an order that cannot be told', () => {
  it('is looked at again after some seconds, and told then', async () => {
    let fails = true
    provider.onPush = () => {
      if (fails) throw new Error('it is busy')
    }
    provider.send('a')
    await goOn(20)
    expect(provider.wordsOf('a')).toContain('FULFILLED')
    expect(provider.list.open).toBe(1)
    fails = false
    await goOn(20)
    expect(provider.wordsOf('a').filter((word) => word === 'FULFILLED').length).toBeGreaterThan(1)
    expect(provider.list.open).toBe(0)
  })

  it('keeps no other waiting', async () => {
    provider.onPush = (order) => {
      if (order === 'order-0') throw new Error('it is gone')
    }
    const orders = await sendMany(30)
    await goOn(60)
    for (const order of orders) expect(provider.noticedAfter(order)).toBeLessThan(6 * SECOND)
  })
})

describe('what takes longer than 199 of 200 others', () => {
  it('is told to the operator, once', async () => {
    const lateAfterMs = provider.times.lateAfterMs('PREPAID_MOBILIS')
    provider.send('slow', { settlesAfter: 600 * SECOND })
    await goOn(800)
    expect(provider.late).toHaveLength(1)
    expect(provider.late[0]).toMatchObject({
      id: 'late-slow',
      kind: 'order_late',
      facts: { order: 'slow', plan: 'PREPAID_MOBILIS' },
    })
    expect(Number(provider.late[0]?.facts.age_ms)).toBeGreaterThanOrEqual(lateAfterMs)
  })

  it('is not what was settled in time', async () => {
    await sendMany(50)
    await goOn(600)
    expect(provider.late).toEqual([])
  })
})

describe('what is learnt', () => {
  it('is between which looks it settled: a plan that takes 25 s is expected after 25 s', async () => {
    for (let index = 0; index < 300; index++) {
      provider.send(`order-${index}`, { settlesAfter: 25 * SECOND })
      await goOn(0.3)
    }
    await goOn(60)
    const curve = provider.times.curve('PREPAID_MOBILIS')
    expect(curve.quantile(0.5)).toBeGreaterThan(21 * SECOND)
    expect(curve.quantile(0.5)).toBeLessThan(29 * SECOND)
  })

  it('is nothing of orders whose beginning was not seen', async () => {
    provider.make('old', { settlesAfter: 0 })
    await goOn(300)
    provider.list.watch(provider.tracked('old', { submittedAt: NOON }), { at: Date.now(), isSwept: true })
    await goOn(10)
    expect(provider.wordsOf('old')).toEqual(['FULFILLED'])
    expect(provider.times.save()).toEqual({})
  })
})

describe('an order that is sent again', () => {
  it('is as new as its last send', async () => {
    const tracked = provider.tracked('a')
    provider.list.sent(tracked, { at: Date.now() + 2_000, isSwept: false }, Date.now())
    await goOn(120)
    provider.send('a')
    const from = provider.looks.length
    await goOn(3)
    expect(provider.looks.length).toBe(from)
    await goOn(40)
    expect(provider.wordsOf('a').at(-1)).toBe('FULFILLED')
    expect(provider.noticedAfter('a')).toBeLessThan(3 * SECOND)
  })
})
