/** Runs as a whole: slices, what cannot be read, whose they are, and what their reports say. */
import { describe, expect, it } from 'vitest'
import { advance } from '../../../src/reconcile/advance'
import { NOBODY, newRun, reportsOf } from '../../../src/reconcile/run'
import { Books, NOON } from './books'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const ALL = { merchantId: null, environment: 'production', checkIndex: 'sample' } as const

/** `count` orders, evenly within the hour before noon. */
function many(count: number): Books {
  const books = new Books()
  for (let number = 0; number < count; number++)
    books.add(59 - (number * 58) / count, { msisdn: '0661234567' })
  return books
}

describe('a window', () => {
  it('with more than fits is gone through in slices, and every top-up is in one of them', async () => {
    const books = many(20_000)
    const run = await books.reconcile()
    expect(run.tallies.shop?.counts).toMatchObject({ upstream: 20_000, ours: 20_000, matched: 20_000 })
    expect(run.sliceMs).toBeLessThan(HOUR / 4)
    expect(books.told).toEqual([])
    // Two lists of 20,000 by pages of 99, the minutes around each slice, and the searches for a size that fits.
    expect(run.pagesRead).toBe(books.pages)
    expect(run.pagesRead).toBeLessThan(2 * 20_000 * 0.0101 * 1.3)
  })

  it('ends with the present, and begins before it', () => {
    const { from, to } = newRun('rec_1', { ...ALL, from: NOON - HOUR, to: NOON + HOUR }, 'demand', NOON)
    expect([from, to]).toEqual([NOON - HOUR, NOON])
  })

  it('without a top-up is complete', async () => {
    const run = await new Books().reconcile()
    expect(reportsOf(run, true, NOON).account).toMatchObject({ state: 'complete', balance: null })
  })

  it('of which a part cannot be read is incomplete, says why, and goes on', async () => {
    const books = many(6_000)
    const before = books.onList
    books.onList = (page, asked) =>
      page.topups.some(({ createdAt }) => (createdAt ?? 0) > NOON - 10 * MINUTE) ? null : before(page, asked)
    const run = await books.reconcile()
    const { account } = reportsOf(run, true, NOON)
    expect(account).toMatchObject({
      state: 'incomplete',
      reasons: ['list: a page was not read'],
      balance: null,
    })
    expect(account.counts.matched).toBeGreaterThan(3_000)
    expect(account.counts.matched).toBeLessThan(5_500)
    expect(books.told).toEqual([])
  })

  it.each(['totals that differ', 'a page that is older than the one before'])(
    'with %s is read again',
    async (kind) => {
      const books = many(500)
      let isDone = false
      books.onList = (page, { count }) => {
        if (isDone || count !== 4) return page
        isDone = true
        return kind === 'totals that differ'
          ? { ...page, topups: page.topups.slice(0, 50), totalPages: 1 }
          : { ...page, topups: page.topups.slice(1) }
      }
      const run = await books.reconcile()
      expect(isDone).toBe(true)
      expect(run.reasons).toEqual([])
      expect(run.tallies.shop?.counts.matched).toBe(500)
    },
  )
})

describe('a part that is blocked', () => {
  it('counts nothing but its reads', async () => {
    const books = many(10)
    const start = newRun('rec_1', { ...ALL, from: NOON - HOUR, to: NOON }, 'demand', NOON)
    books.onStatement = () => null
    const { run, blockedBy } = await advance(start, books.ports())
    expect(blockedBy).toBe('statement: a page was not read')
    const untouched = { pagesRead: 0, skewMs: null, sliceMs: 0 }
    expect({ ...run, ...untouched }).toEqual({ ...start, ...untouched })
    expect(run.sliceMs).toBe(HOUR / 2)
    expect(run.pagesRead).toBe(3)
  })

  it('by a look-up that was not answered is judged again, and found once', async () => {
    const books = many(10)
    const { row } = books.add(20, { ref: 'gone' })
    books.rows = books.rows.filter((one) => one !== row)
    books.move(null, NOON - MINUTE, 480, 'DEPOSIT')
    books.onLook = () => (books.looks === 1 ? 'fails' : null)
    const run = await books.reconcile()
    expect(run.reasons).toEqual([])
    expect(books.told.filter((one) => one.startsWith('missing'))).toEqual(['missing gone'])
  })
})

describe('orders still unknown', () => {
  it('are looked up by a daily run, whatever their age, and healed', async () => {
    const books = new Books()
    for (let number = 0; number < 45; number++) {
      const { row } = books.add(60 * 24 * 30 + number, { status: 'UNKNOWN_ERROR' })
      if (number % 2 === 0) row.status = 'REFUNDED'
    }
    books.add(60 * 24 * 40, { status: 'UNKNOWN_ERROR', merchantId: 'other' }).row.status = 'FULFILLED'
    const run = await books.reconcile({ trigger: 'daily' })
    expect(run.tallies.shop?.counts).toMatchObject({ lookedUp: 45, healed: 23 })
    expect(run.tallies.other?.counts).toMatchObject({ lookedUp: 1, healed: 1 })
    expect(books.looks).toBe(46)
  })

  it('are left alone by others', async () => {
    const books = new Books()
    books.add(60 * 24, { status: 'UNKNOWN_ERROR' })
    await books.reconcile({ trigger: 'recent' })
    expect(books.looks).toBe(0)
  })
})

describe('whose it is', () => {
  it('one merchant of a shared account is told of his own, and of no balance', async () => {
    const books = new Books()
    books.add(20, { ref: 'mine' }).row.msisdn = '0550000000'
    books.add(20, { ref: 'his', merchantId: 'other' }).row.msisdn = '0550000000'
    books.move(null, NOON - 20 * MINUTE, -2_000, 'ADSL')
    const run = await books.reconcile({ merchantId: 'shop' })
    expect(books.told).toEqual(['number_mismatch mine'])
    expect([...reportsOf(run, true, NOON).merchants.keys()]).toEqual(['shop'])
    expect(reportsOf(run, true, NOON).merchants.get('shop')?.balance).toBeNull()
  })

  it('what is of no order on a merchant’s own account is told to him', async () => {
    const books = new Books()
    books.wallet = 'own:shop'
    books.add(20, { upstreamRef: 'r1' })
    books.move(null, NOON - 20 * MINUTE, -2_000, 'ADSL')
    const run = await books.reconcile({ merchantId: 'shop' })
    expect(books.found.map(({ merchantId, finding }) => [merchantId, finding.kind])).toEqual([
      ['shop', 'orphan'],
    ])
    const report = reportsOf(run, false, NOON).merchants.get('shop')
    expect(report?.balance).toMatchObject({ openingCentimes: 100_000_000, differenceCentimes: 0 })
  })

  it('what is nobody’s on a shared account is counted for nobody', async () => {
    const books = new Books()
    books.move(null, NOON - 20 * MINUTE, -2_000, 'ADSL')
    const run = await books.reconcile()
    expect(books.found.map(({ merchantId }) => merchantId)).toEqual([null])
    expect(run.tallies[NOBODY]?.findings).toEqual({ orphan: 1 })
  })
})

describe('the money of a report', () => {
  it('adds up: opening and movements are the closing balance, over slices too', async () => {
    const books = many(8_000)
    books.add(30, { status: 'REFUNDED' })
    const { account } = reportsOf(await books.reconcile(), true, NOON)
    expect(account.balance).toEqual({
      openingCentimes: 100_000_000,
      closingCentimes: 100_000_000 - 8_000 * 48_000,
      movedCentimes: -8_000 * 48_000,
      differenceCentimes: 0,
    })
    expect(account).toMatchObject({
      chargedCentimes: 8_001 * 48_000,
      refundedCentimes: 48_000,
      fulfilledDzd: 8_000 * 500,
    })
  })

  it('shows what the statement does not explain', async () => {
    const books = new Books()
    books.add(40)
    const hidden = books.move(null, NOON - 30 * MINUTE, -1_000, 'SEND')
    books.add(20)
    books.movements = books.movements.filter((one) => one !== hidden)
    const { account } = reportsOf(await books.reconcile(), true, NOON)
    expect(account.balance?.differenceCentimes).toBe(-100_000)
  })
})
