/** When the provider's list proves that a ref is not there. */
import { describe, expect, it } from 'vitest'
import { ListReading, type ReadPage } from '../../../src/provider/list-reading'
import { OneClick } from '../../../src/provider/oneclick'
import { REF, row, success } from './answers'

const WINDOW = { from: Date.UTC(2026, 1, 1, 12), to: Date.UTC(2026, 1, 1, 13) }

interface Pagination {
  readonly page?: unknown
  readonly totalPages: number
  readonly totalResults?: unknown
}

const rows = (...names: string[]) => names.map((name) => row({ _id: `id-${name}`, ref: name }))

/** Asks for `REF`. The provider gives these pages, whatever number it is asked for. */
async function listed(...pages: readonly { items: object[]; pagination: Pagination }[]) {
  const asked: string[] = []
  const fetch = (request: Request): Promise<Response> => {
    asked.push(new URL(request.url).searchParams.get('page') ?? '')
    return Promise.resolve(Response.json(success(pages[asked.length - 1])))
  }
  const provider = new OneClick({ baseUrl: 'https://provider.test', accessToken: 'sk', fetch })
  const readPage: ReadPage = async (window, page) => (await provider.list(window, page)).page
  return { says: await new ListReading(readPage).ask(REF, WINDOW), asked }
}

describe('a ref is absent', () => {
  it('from a list that was read whole', async () => {
    const { says, asked } = await listed(
      { items: rows('a', 'b'), pagination: { page: 1, totalPages: 2, totalResults: 3 } },
      { items: rows('c'), pagination: { page: 2, totalPages: 2, totalResults: 3 } },
    )
    expect(says).toBe('absent')
    expect(asked).toEqual(['1', '2'])
  })

  it('from an empty list', async () => {
    const pagination = { page: 1, totalPages: 0, totalResults: 0 }
    expect((await listed({ items: [], pagination })).says).toBe('absent')
  })

  it('from a list that says neither its page nor its total', async () => {
    expect((await listed({ items: rows('a'), pagination: { totalPages: 1 } })).says).toBe('absent')
  })

  it('from a list that had one row less when its total was told', async () => {
    const pagination = { page: 1, totalPages: 1, totalResults: 1 }
    expect((await listed({ items: rows('a', 'b'), pagination })).says).toBe('absent')
  })
})

it('a ref is absent from a list that grew while it was read', async () => {
  const { says } = await listed(
    { items: rows('b', 'c'), pagination: { page: 1, totalPages: 2, totalResults: 3 } },
    { items: rows('c', 'd'), pagination: { page: 2, totalPages: 2, totalResults: 4 } },
  )
  expect(says).toBe('absent')
})

describe('a list proves nothing', () => {
  it('that gives another page than was asked for', async () => {
    const pagination = { page: 1, totalPages: 2 }
    const pages = [
      { items: rows('a'), pagination },
      { items: rows('b'), pagination },
    ]
    expect((await listed(...pages)).says).toBe('unread')
  })

  it('whose second page is older than its first: a row has fallen between the two', async () => {
    const { says } = await listed(
      { items: rows('newest', 'b'), pagination: { page: 1, totalPages: 2, totalResults: 4 } },
      // From before 'newest' was there: its second page began behind 'c'.
      { items: rows('d'), pagination: { page: 2, totalPages: 2, totalResults: 3 } },
    )
    expect(says).toBe('unread')
  })

  it('that begins with its second page', async () => {
    const { says, asked } = await listed({
      items: rows('a'),
      pagination: { page: 2, totalPages: 2, totalResults: 1 },
    })
    expect(says).toBe('unread')
    expect(asked).toEqual(['1'])
  })

  it.each([
    ['no row', []],
    ['a row less', rows('a')],
    ['a row twice', rows('a', 'a')],
  ])('that has %s of the two it says it has', async (_, items) => {
    const pagination = { page: 1, totalPages: 1, totalResults: 2 }
    expect((await listed({ items, pagination })).says).toBe('unread')
  })

  it('that has the same rows on both pages', async () => {
    const { says } = await listed(
      { items: rows('a', 'b'), pagination: { page: 1, totalPages: 2, totalResults: 4 } },
      { items: rows('a', 'b'), pagination: { page: 2, totalPages: 2, totalResults: 4 } },
    )
    expect(says).toBe('unread')
  })

  it('that says it has rows and no pages', async () => {
    const pagination = { page: 1, totalPages: 0, totalResults: 5 }
    expect((await listed({ items: [], pagination })).says).toBe('unread')
  })

  it.each([7, { of: REF }, ['x']])('whose ref is %j', async (ref) => {
    const pagination = { page: 1, totalPages: 1, totalResults: 1 }
    expect((await listed({ items: [row({ ref })], pagination })).says).toBe('unread')
  })
})

it('a ref that is there is there', async () => {
  const pagination = { page: 1, totalPages: 1, totalResults: 2 }
  const items = [...rows('a'), row({ _id: 'ours' })]
  expect((await listed({ items, pagination })).says).toBe('listed')
})
