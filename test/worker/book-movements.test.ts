/** What the book says was taken from an account that merchants share. */
import { expect, it } from 'vitest'
import type { PageRequest } from '../../src/merchant/order-pages'
import { entry, newBook, record } from './book-entries'

const START = Date.UTC(2026, 1, 1)
const EVERYTHING: Omit<PageRequest, 'walker'> = {
  environment: 'production',
  page: 1,
  pageSize: 100,
  window: null,
}

it('movements of top-ups that were made in a row have each an id of its own, the same at every reading', async () => {
  const book = newBook('movements-ids')
  const topupIds = Array.from(
    { length: 20 },
    (_, n) => `69a0c1d2e3f40516273849${n.toString(16).padStart(2, '0')}`,
  )
  const entries = topupIds.map((topupId, n) =>
    entry(n, { topupId, createdAt: START, chargedDzd: 480, status: 'REFUNDED', settledAt: START + 1_000 }),
  )
  await record(book, entries)
  const { items, totalResults } = await book.movements(EVERYTHING)
  expect(totalResults).toBe(40)
  const ids = items.map(({ _id }) => _id)
  expect(new Set([...ids, ...topupIds]).size).toBe(60)
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{24}$/)
  expect((await book.movements(EVERYTHING)).items.map(({ _id }) => _id)).toEqual(ids)
  const second = await book.movements({ ...EVERYTHING, page: 2, pageSize: 25 })
  expect(second.items.map(({ _id }) => _id)).toEqual(ids.slice(25))
})

it('an order of which nothing was taken from it, by whatever account it was paid, moves nothing', async () => {
  const book = newBook('movements-none')
  const settled = { status: 'REFUNDED', settledAt: START + 1_000 } as const
  await record(book, [
    entry(1, { createdAt: START, chargedDzd: null, ...settled }),
    entry(2, { createdAt: START, chargedDzd: 480 }),
  ])
  const { items } = await book.movements(EVERYTHING)
  expect(items).toMatchObject([{ type: 'FLEXY', objid: entry(2).topupId }])
})
