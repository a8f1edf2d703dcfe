/** Findings are closed once, with a note, and stay so. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { bookOf } from '../../src/env'
import { Findings } from '../../src/merchant/findings'
import type { Finding } from '../../src/reconcile/finding'
import { env } from './world'

const AT = Date.UTC(2026, 1, 1)
const ALL = { environment: 'production', state: null, kind: null, limit: 100, before: null } as const
const CLOSING = { by: 'till 1', note: 'The provider gave it back.', at: AT + 1_000 }

const finding = (id: string, change: Partial<Finding> = {}): Finding => ({
  ...{ id, environment: 'production', kind: 'missing', foundAt: AT, ref: 'order-1' },
  ...{ upstream: null, ours: { topupId: 'abc', amountDzd: 500 } },
  ...change,
})

let books = 0
const newBook = () => bookOf(env, `findings${++books}`)
const idsOf = (items: readonly { readonly id: string }[]) => items.map(({ id }) => id)

describe('a finding', () => {
  it('is open until it is closed, with who, why and when', async () => {
    const book = newBook()
    await book.find(finding('missing-1'))
    expect(await book.finding('production', 'missing-1')).toMatchObject({ state: 'open', closing: null })
    const closed = await book.closeFinding('production', 'missing-1', CLOSING)
    expect(closed).toEqual({ ...finding('missing-1'), state: 'closed', closing: CLOSING })
    expect(await book.finding('production', 'missing-1')).toEqual(closed)
  })

  it('that is closed again keeps the first note, also after the object died', async () => {
    const book = newBook()
    await book.find(finding('missing-1'))
    const closed = await book.closeFinding('production', 'missing-1', CLOSING)
    await evictDurableObject(book)
    const other = { by: 'office', note: 'another', at: AT + 9_000 }
    expect(await book.closeFinding('production', 'missing-1', other)).toEqual(closed)
  })

  it('that is found again stays closed', async () => {
    const book = newBook()
    await book.find(finding('missing-1'))
    await book.closeFinding('production', 'missing-1', CLOSING)
    await book.find(finding('missing-1', { foundAt: AT + 60_000, ref: 'another' }))
    const { items } = await book.findings(ALL)
    expect(items).toMatchObject([{ state: 'closed', foundAt: AT, ref: 'order-1', closing: CLOSING }])
  })

  it('that is not there, or of the other environment, cannot be closed', async () => {
    const book = newBook()
    expect(await book.closeFinding('production', 'missing-1', CLOSING)).toBeNull()
    expect(await book.finding('production', 'missing-1')).toBeNull()
    await book.find(finding('missing-1', { environment: 'sandbox' }))
    expect(await book.closeFinding('production', 'missing-1', CLOSING)).toBeNull()
    expect(await book.finding('production', 'missing-1')).toBeNull()
    expect(await book.finding('sandbox', 'missing-1')).toMatchObject({ state: 'open' })
  })

  it('is listed by its state, page by page', async () => {
    const book = newBook()
    for (const number of [1, 2, 3, 4]) await book.find(finding(`m-${number}`, { foundAt: AT + number }))
    await book.closeFinding('production', 'm-2', CLOSING)
    const first = await book.findings({ ...ALL, state: 'open', limit: 2 })
    expect(idsOf(first.items)).toEqual(['m-4', 'm-3'])
    const rest = await book.findings({ ...ALL, state: 'open', limit: 2, before: first.next })
    expect([idsOf(rest.items), rest.next]).toEqual([['m-1'], null])
    expect(idsOf((await book.findings({ ...ALL, state: 'closed' })).items)).toEqual(['m-2'])
  })
})

/** As it was until 2026-11-25. */
const OLD = `
  CREATE TABLE findings (
    environment TEXT NOT NULL, place TEXT NOT NULL, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, ref TEXT,
    found_at INTEGER NOT NULL, upstream TEXT NOT NULL, ours TEXT NOT NULL, state TEXT NOT NULL,
    PRIMARY KEY (environment, place)
  ) WITHOUT ROWID;
  INSERT INTO findings VALUES
    ('production', '001769904000000:orphan-1', 'orphan-1', 'orphan', NULL, ${AT}, '{"amountDzd":5}', 'null', 'open')
`

describe('a table of the version before', () => {
  it('keeps what is in it, and its findings can be closed', async () => {
    const book = newBook()
    await runInDurableObject(book, (_, { storage }) => {
      storage.sql.exec(OLD)
    })
    await evictDurableObject(book)
    const { items } = await book.findings(ALL)
    expect(items).toEqual([
      {
        ...finding('orphan-1', { kind: 'orphan', ref: null, upstream: { amountDzd: 5 }, ours: null }),
        state: 'open',
        closing: null,
      },
    ])
    expect(await book.closeFinding('production', 'orphan-1', CLOSING)).toMatchObject({ closing: CLOSING })
    await evictDurableObject(book)
    await book.find(finding('missing-2'))
    expect((await book.findings(ALL)).items).toHaveLength(2)
  })

  it('a reader makes no table', async () => {
    const book = newBook()
    await book.findings(ALL)
    await book.finding('production', 'missing-1')
    await book.closeFinding('production', 'missing-1', CLOSING)
    await book.reports('production', { state: null, limit: 1, before: null })
    await runInDurableObject(book, (_, { storage }) => {
      new Findings(storage).list(ALL)
      const { tables } = storage.sql
        .exec<{ tables: number }>(
          "SELECT COUNT(*) AS tables FROM sqlite_master WHERE name NOT LIKE '\\_%' ESCAPE '\\'",
        )
        .one()
      expect(tables).toBe(0)
    })
  })
})
