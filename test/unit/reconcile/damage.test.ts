/** Every way in which a provider's truth and our books were made to differ, and exactly what must be found of it. */
import { beforeEach, describe, expect, it } from 'vitest'
import { Books, keyOf, NOON, rowOf } from './books'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

interface Damage {
  readonly does: (books: Books) => void
  /** Kinds with the refs; nothing else may be found. */
  readonly finds?: readonly string[]
  /** Counts that differ from those of sound books. */
  readonly counts?: Readonly<Record<string, number>>
  /** Of the index, the whole is checked. */
  readonly isIndexWhole?: boolean
}

/** Orders that nothing is wrong with, around those that are damaged. */
function sound(books: Books): void {
  for (let minutes = 58; minutes > 2; minutes -= 4) {
    books.add(minutes)
    books.add(minutes - 1, { status: 'REFUNDED' })
    books.add(minutes - 2, { merchantId: 'other' })
  }
  books.add(5, { status: 'PENDING' })
  books.add(4, { status: 'UNKNOWN_ERROR' })
}

const DAMAGES: Readonly<Record<string, Damage>> = {
  'nothing is wrong': { does: () => undefined },
  'an answer to a send was lost, and the order is in doubt': {
    does: (books) => {
      const { order } = books.add(20)
      books.change(order, { phase: 'in_doubt', status: 'PENDING', providerId: null, settledAt: null })
    },
    counts: { healed: 1, adopted: 1 },
  },
  'a look-up was lost, and the order is open here': {
    does: (books) =>
      books.change(books.add(20).order, { phase: 'tracking', status: 'PENDING', settledAt: null }),
    counts: { healed: 1 },
  },
  'an unknown order was settled': {
    does: (books) => {
      const { order } = books.add(20, { status: 'REFUNDED' })
      books.change(order, { phase: 'unknown', status: 'UNKNOWN_ERROR', settledAt: null })
    },
    counts: { healed: 1 },
  },
  'a pending order became unknown': {
    does: (books) => {
      books.add(20, { status: 'PENDING' }).row.status = 'UNKNOWN_ERROR'
    },
    counts: { healed: 1 },
  },
  'a delivered top-up was refunded later': {
    does: (books) => {
      const { row, order } = books.add(20, { ref: 'back' })
      row.status = 'REFUNDED'
      books.move(row.id, order.createdAt + 10 * MINUTE, 480)
    },
    finds: ['changed_after_final back'],
    counts: { healed: 1 },
  },
  'a refunded top-up was delivered later': {
    does: (books) => {
      const { row, credit } = books.add(20, { ref: 'forth', status: 'REFUNDED' })
      row.status = 'FULFILLED'
      books.move(row.id, NOON - 10 * MINUTE, -480)
      expect(credit).not.toBeNull()
    },
    finds: ['changed_after_final forth', 'charged_twice forth', 'refunded_and_fulfilled forth'],
    counts: { healed: 1 },
  },
  'a final top-up is called open again': {
    does: (books) => {
      books.add(20, { ref: 'open' }).row.status = 'HANDLING'
    },
    finds: ['status_mismatch open'],
  },
  'a final top-up has a word that nobody knows': {
    does: (books) => {
      books.add(20, { ref: 'odd' }).row.status = 'PARTLY_DONE'
    },
    finds: ['status_mismatch odd'],
  },
  'the number is another': {
    does: (books) => {
      books.add(20, { ref: 'number' }).row.msisdn = '0550000000'
    },
    finds: ['number_mismatch number'],
  },
  'the plan is another': {
    does: (books) => {
      books.add(20, { ref: 'plan' }).row.planCode = 'PREPAID_DJEZZY'
    },
    finds: ['plan_mismatch plan'],
  },
  'the plan is written in other letters': {
    does: (books) => {
      books.add(20, { ref: 'letters' }).row.planCode = 'prepaid_mobilis'
    },
  },
  'the amount is another than was seen before': {
    does: (books) => {
      books.add(20, { ref: 'amount' }).row.topupAmountDzd = 1_000
    },
    finds: ['amount_mismatch amount'],
  },
  'the amount is another than was asked for, from the first': {
    does: (books) => {
      books.add(20, { ref: 'asked', amountDzd: 1_000 })
    },
    finds: ['amount_mismatch asked'],
  },
  'the plan has a price of its own, and the amount asked for means nothing': {
    does: (books) => {
      books.add(20, { ref: 'fixed', planCode: 'PIXX_500', askedDzd: 300 })
    },
  },
  'the provider lost a top-up': {
    does: (books) => {
      const { row } = books.add(20, { ref: 'lost' })
      books.rows = books.rows.filter((one) => one !== row)
    },
    finds: ['missing lost'],
  },
  'the provider lost a top-up that we never heard of': {
    does: (books) => {
      const { row, order } = books.add(20)
      forget(books, order)
      books.rows = books.rows.filter((one) => one !== row)
    },
    finds: ['orphan null'],
  },
  'the list left a top-up out, but look-ups show it': {
    does: (books) => {
      const { row } = books.add(20, { ref: 'shy' })
      books.onList = (page) => ({
        ...page,
        topups: page.topups.filter((one) => one.id !== row.id),
        totalResults: (page.totalResults ?? 0) - page.topups.filter((one) => one.id === row.id).length,
      })
    },
    counts: { lookedUp: 1, matched: -1, upstream: -1 },
  },
  'a top-up of somebody else, with a ref that is nobody’s': {
    does: (books) => {
      const { row, order } = books.add(20, { ref: 'x' })
      forget(books, order)
      row.ref = 'API-77-elsewhere'
    },
    finds: ['orphan null'],
  },
  'a top-up under a merchant’s name that he never sent': {
    does: (books) => forget(books, books.add(20, { ref: 'never' }).order),
    finds: ['orphan never'],
  },
  'a top-up without a ref that nobody knows by its id': {
    does: (books) => {
      const { row, order } = books.add(20)
      forget(books, order)
      row.ref = null
    },
    finds: ['orphan null'],
  },
  'a top-up of ours is shown without its ref': {
    does: (books) => {
      books.add(20).row.ref = null
    },
  },
  'the ref is shown with the provider’s prefix': {
    does: (books) => {
      const { row } = books.add(20)
      row.ref = `API-77-${row.ref}`
    },
  },
  'two top-ups under one ref': {
    does: (books) => {
      const { order, row } = books.add(20, { ref: 'twice' })
      books.rows.push(rowOf(order, 'f'.repeat(24), row.createdAt + 90_000, 'FULFILLED'))
      books.move('f'.repeat(24), row.createdAt + 90_000, -480)
    },
    finds: ['duplicate twice'],
    counts: { upstream: 1 },
  },
  'one top-up was charged twice': {
    does: (books) => {
      const { row } = books.add(20, { ref: 'paid' })
      books.move(row.id, row.createdAt + 1_000, -480)
    },
    finds: ['charged_twice paid'],
  },
  'one top-up was charged again half an hour later': {
    does: (books) => {
      const { row } = books.add(45, { ref: 'later' })
      books.move(row.id, row.createdAt + 30 * MINUTE, -480)
    },
    finds: ['charged_twice later'],
  },
  'one top-up was refunded twice': {
    does: (books) => {
      const { row } = books.add(20, { ref: 'given', status: 'REFUNDED' })
      books.move(row.id, row.createdAt + 30_000, 480)
    },
    finds: ['refunded_twice given'],
  },
  'a refund that never came': {
    does: (books) => {
      const { credit } = books.add(20, { ref: 'owed', status: 'REFUNDED' })
      unmove(books, credit)
    },
    finds: ['never_refunded owed'],
  },
  'a refund that came a quarter of an hour later': {
    does: (books) => {
      const { row, credit } = books.add(40, { ref: 'late', status: 'REFUNDED' })
      unmove(books, credit)
      books.move(row.id, row.createdAt + 15 * MINUTE, 480)
    },
  },
  'a refund that may still come': {
    does: (books) => {
      const { credit } = books.add(1, { ref: 'soon', status: 'REFUNDED' })
      unmove(books, credit)
    },
  },
  'delivered, and the money came back all the same': {
    does: (books) => {
      const { row } = books.add(20, { ref: 'gift' })
      books.move(row.id, row.createdAt + 30_000, 480)
    },
    finds: ['refunded_and_fulfilled gift'],
  },
  'money was spent on something that the gateway never buys': {
    does: (books) => void books.move('adsl-1', NOON - 20 * MINUTE, -2_000, 'ADSL'),
    finds: ['orphan null'],
  },
  'money was paid in': { does: (books) => void books.move(null, NOON - 20 * MINUTE, 50_000, 'DEPOSIT') },
  'an order that was refused for good, and never reached the provider': {
    does: (books) => {
      const { order, row, debit } = books.add(20, { ref: 'no' })
      books.rows = books.rows.filter((one) => one !== row)
      unmove(books, debit)
      books.change(order, { status: 'REFUNDED', providerId: null })
    },
    counts: { upstream: -1 },
  },
  'an order waits in line': {
    does: (books) => {
      const { order, row, debit } = books.add(20, { ref: 'line' })
      books.rows = books.rows.filter((one) => one !== row)
      unmove(books, debit)
      books.change(order, { phase: 'queued', status: 'PENDING', providerId: null, settledAt: null })
    },
    counts: { upstream: -1, open: 1, matched: -1 },
  },
  'an order of a moment ago is not shown yet': {
    does: (books) => {
      const { row, order, debit } = books.add(1, { status: 'PENDING' })
      expect(order.phase).toBe('tracking')
      books.rows = books.rows.filter((one) => one !== row)
      unmove(books, debit)
    },
    counts: { upstream: -1 },
  },
  'an order is not in the index': {
    does: (books) => {
      const { order } = books.add(20)
      books.index = books.index.filter(({ objectId }) => objectId !== order.objectId)
    },
    counts: { indexRepaired: 1, ours: -1 },
  },
  'the index is behind its order': {
    does: (books) => {
      const { order } = books.add(20)
      const row = books.index.find(({ objectId }) => objectId === order.objectId)
      Object.assign(row ?? {}, { phase: 'tracking', status: 'PENDING', revision: 1 })
    },
    counts: { indexRepaired: 1 },
  },
  'the index shows an order that is not there': {
    does: (books) => {
      const { order } = books.add(20, { ref: 'ghost' })
      books.orders.delete(keyOf(order))
    },
    finds: ['index_mismatch ghost'],
    isIndexWhole: true,
  },
  'the provider’s clock is three minutes fast': {
    does: (books) => {
      books.skewMs = 3 * MINUTE
      for (const row of books.rows) row.createdAt += 3 * MINUTE
      for (const one of books.movements) one.at += 3 * MINUTE
    },
  },
  'the provider’s clock is an hour slow, as one in another time zone': {
    does: (books) => {
      books.skewMs = -HOUR
      for (const row of books.rows) row.createdAt -= HOUR
      for (const one of books.movements) one.at -= HOUR
    },
  },
  'an order of the last moment before the window has its top-up inside': {
    does: (books) => {
      const { row, order } = books.add(61)
      row.createdAt = NOON - HOUR + 2_000
      books.change(order, { createdAt: NOON - HOUR - 3_000 })
    },
    counts: { ours: -1 },
  },
}

function forget(books: Books, order: { merchantId: string; ref: string; objectId: string }): void {
  books.orders.delete(keyOf(order))
  books.index = books.index.filter(({ objectId }) => objectId !== order.objectId)
}

/** As if it had never moved: those after it are closed up, so that the balance still adds up. */
function unmove(
  books: Books,
  movement: { id: string; beforeCentimes: number; afterCentimes: number } | null,
): void {
  const at = books.movements.findIndex(({ id }) => id === movement?.id)
  if (movement === null || at < 0) throw new Error('there is one')
  const by = movement.beforeCentimes - movement.afterCentimes
  for (const later of books.movements.slice(at + 1)) {
    later.beforeCentimes += by
    later.afterCentimes += by
  }
  books.movements.splice(at, 1)
}

let books: Books
beforeEach(() => {
  books = new Books()
})

function countsOf(run: Awaited<ReturnType<Books['reconcile']>>): Record<string, number> {
  const sums: Record<string, number> = {}
  for (const { counts } of Object.values(run.tallies)) {
    for (const [name, count] of Object.entries(counts)) sums[name] = (sums[name] ?? 0) + count
  }
  return sums
}

describe('a reconciliation finds exactly what is wrong', () => {
  it.each(Object.entries(DAMAGES))('when %s', async (_, { does, finds = [], counts = {}, isIndexWhole }) => {
    sound(books)
    does(books)
    const run = await books.reconcile({ checkIndex: isIndexWhole ? 'all' : 'sample' })
    expect(run.reasons).toEqual([])
    expect(books.told).toEqual([...finds].sort())
    const { healed = 0, adopted = 0, lookedUp = 0, indexRepaired = 0 } = countsOf(run)
    const { healed: a = 0, adopted: b = 0, lookedUp: c = 0, indexRepaired: d = 0 } = counts
    expect({ healed, adopted, lookedUp, indexRepaired }).toEqual({
      healed: a,
      adopted: b,
      lookedUp: c,
      indexRepaired: d,
    })
  })

  it('when all of it is wrong at once, and the same again when it is looked at again', async () => {
    sound(books)
    const apart = ['clock', 'list left a top-up out', 'last moment']
    const all = Object.entries(DAMAGES).filter(([name]) => !apart.some((word) => name.includes(word)))
    for (const [, { does }] of all) does(books)
    const expected = all.flatMap(([, { finds = [] }]) => finds).sort()
    await books.reconcile({ checkIndex: 'all' })
    expect(books.told).toEqual(expected)
    await books.reconcile({ checkIndex: 'all' })
    expect(books.told).toEqual(expected)
  })
})
