/** Pages of the provider's list put together, while it moves. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PageOf, type Row, readWhole, type Turn, type Window } from '../../../src/reconcile/whole'

const PAGE = 100
const WINDOW: Window = { from: 0, to: 1_000_000 }

interface Made extends Row {
  readonly at: number
}

/** Newest first, by number and time, as the provider does it. `onPage` may change rows or answer in between. */
function provider(
  rows: Made[],
  { isEndOpen = false, onPage = (page: PageOf<Made>, _asked: number): PageOf<Made> | null => page } = {},
): Turn<Made> & { readonly asked: { count: number } } {
  const asked = { count: 0 }
  const turn: Turn<Made> = (window, number) => {
    asked.count++
    const inside = rows
      .filter(({ at }) => at >= window.from && (isEndOpen ? at < window.to : at <= window.to))
      .sort((a, b) => b.at - a.at)
    const page = {
      rows: inside.slice((number - 1) * PAGE, number * PAGE),
      totalPages: Math.ceil(inside.length / PAGE),
      totalResults: inside.length,
    }
    return Promise.resolve(onPage(page, asked.count))
  }
  return Object.assign(turn, { asked })
}

const made = (count: number, step = 1_000): Made[] =>
  Array.from({ length: count }, (_, number) => ({ id: `t${number}`, at: number * step }))

describe('all rows of a window', () => {
  it('are there, each once, whatever their times and however the end of a window is meant', async () => {
    const times = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 700 })
    await fc.assert(
      fc.asyncProperty(times, fc.boolean(), async (all, isEndOpen) => {
        const rows = all.map((at, number) => ({ id: `t${number}`, at }))
        const read = await readWhole(provider(rows, { isEndOpen }), { from: 0, to: 301 }, 10_000)
        expect(read.kind).toBe('whole')
        if (read.kind !== 'whole') return
        expect(read.rows.map(({ id }) => id).sort()).toEqual(rows.map(({ id }) => id).sort())
      }),
      { numRuns: 100 },
    )
  })

  it('cost a page for 99 of them, and one more to see that nothing moved', async () => {
    const turn = provider(made(990))
    expect(await readWhole(turn, WINDOW, 10_000)).toMatchObject({ kind: 'whole', pages: 11 })
    expect(turn.asked.count).toBe(11)
  })

  it('that fit one page cost one', async () => {
    expect(await readWhole(provider(made(100)), WINDOW, 10_000)).toMatchObject({ kind: 'whole', pages: 1 })
  })

  it('are there although new ones come in while they are read', async () => {
    const rows = made(500)
    const turn = provider(rows, {
      onPage: (page, asked) => {
        rows.push({ id: `new${asked}`, at: WINDOW.to + asked })
        return page
      },
    })
    const read = await readWhole(turn, WINDOW, 10_000)
    expect(read.kind === 'whole' && read.rows.length).toBe(500)
  })
})

describe('nothing is believed', () => {
  const unsure = async (turn: Turn<Made>) => {
    const read = await readWhole(turn, WINDOW, 10_000)
    return read.kind === 'unsure' ? read.reason : read.kind
  }

  it('of a page that was not read', async () => {
    const turn = provider(made(300), { onPage: (page, asked) => (asked === 2 ? null : page) })
    expect(await unsure(turn)).toBe('a page was not read')
  })

  it('of a list that got a row in the past while it was read', async () => {
    const rows = made(300)
    const turn = provider(rows, {
      onPage: (page, asked) => {
        if (asked === 2) rows.push({ id: 'late', at: 299_500 })
        return page
      },
    })
    expect(await unsure(turn)).toBe('it changed while it was read')
  })

  it('of a page that lacks a row which its own total counts', async () => {
    const turn = provider(made(300), {
      onPage: (page) => ({ ...page, rows: page.rows.filter(({ id }) => id !== 't150') }),
    })
    expect(await unsure(turn)).toBe('there were not as many rows as it said')
  })

  it('of a page that does not show again where the last one ended', async () => {
    const turn = provider(made(300), {
      onPage: (page, asked) => (asked === 2 ? { ...page, rows: page.rows.slice(1) } : page),
    })
    expect(await unsure(turn)).toBe('a page does not go on where the last ended')
  })

  it('of a provider that does not know from and to', async () => {
    const all = made(300)
    const turn = provider(all, { onPage: (page) => ({ ...page, rows: all.slice(0, PAGE) }) })
    expect(await unsure(() => turn({ from: 500_000, to: 600_000 }, 1))).toBe(
      'there were not as many rows as it said',
    )
    const shown = provider([{ id: 'old', at: 5 }])
    const read = await readWhole(() => shown(WINDOW, 1), { from: 10, to: 20 }, 100)
    expect(read).toMatchObject({ kind: 'unsure', reason: 'it shows rows of another time' })
  })

  it('of rows without a time', async () => {
    const page = { rows: [{ id: 'a', at: null }], totalPages: 1, totalResults: 1 }
    const read = await readWhole(() => Promise.resolve(page), WINDOW, 100)
    expect(read).toMatchObject({ kind: 'unsure', reason: 'a row does not say when it was made' })
  })

  it('of a page without rows in the middle', async () => {
    const turn = provider(made(300), {
      onPage: (page, asked) => (asked === 2 ? { ...page, rows: [] } : page),
    })
    expect(await unsure(turn)).toBe('a page does not go on where the last ended')
  })
})

it('more than wanted are not read', async () => {
  const turn = provider(made(600))
  expect(await readWhole(turn, WINDOW, 500)).toEqual({ kind: 'too_many', total: 600, pages: 1 })
})
