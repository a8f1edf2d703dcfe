/**
 * All rows of the provider in a window of its time, newest first, or the reason why they are not all. Numbered pages shift while they
 * are read; so the next page is asked for by time, up to the oldest row of the one before, which must be there again.
 */
export interface Window {
  /** Unix ms by the provider's clock, both included. */
  readonly from: number
  readonly to: number
}

export interface Row {
  readonly id: string
  /** Unix ms by the provider's clock; null when it does not say. */
  readonly at: number | null
}

export interface PageOf<T extends Row> {
  readonly rows: readonly T[]
  readonly totalPages: number
  readonly totalResults: number | null
}

/** One page, from 1; null when it was not read. */
export type Turn<T extends Row> = (window: Window, page: number) => Promise<PageOf<T> | null>

export type Whole<T> =
  | { readonly kind: 'whole'; readonly rows: readonly T[]; readonly pages: number }
  /** More than were wanted at once. */
  | { readonly kind: 'too_many'; readonly total: number; readonly pages: number }
  | { readonly kind: 'unsure'; readonly reason: string; readonly pages: number }

/** Far more than any slice has. */
const MOST_PAGES = 1_000

export async function readWhole<T extends Row>(
  turn: Turn<T>,
  window: Window,
  most: number,
): Promise<Whole<T>> {
  const rows = new Map<string, T>()
  let [to, number, pages] = [window.to, 1, 0]
  let total: number | null = null
  let oldest: Row | null = null
  const unsure = (reason: string): Whole<T> => ({ kind: 'unsure', reason, pages })
  for (;;) {
    const asked: Window = { from: window.from, to }
    const page: PageOf<T> | null = await turn(asked, number)
    pages++
    if (page === null) return unsure('a page was not read')
    if (pages === 1) total = page.totalResults
    if (total !== null && total > most) return { kind: 'too_many', total, pages }
    const reason = whyUnsure(page.rows, asked, number === 1 ? oldest : null)
    if (reason !== null) return unsure(reason)
    for (const row of page.rows) rows.set(row.id, row)
    if (number >= page.totalPages) break
    if (pages >= MOST_PAGES) return unsure('it has no end')
    const last = earliest(page.rows)
    if (last === null) return unsure('a page was empty')
    // One more, lest the provider leave out the end. Where it is no earlier, so many are of one moment that only numbers tell them apart.
    const next = (last.at ?? to) + 1
    if (next >= to) number++
    else [to, number, oldest] = [next, 1, last]
  }
  if (total !== null && rows.size !== total) return unsure('there were not as many rows as it said')
  if (pages > 1) {
    const again = await turn(window, 1)
    pages++
    if (again === null) return unsure('a page was not read')
    if (again.totalResults !== total) return unsure('it changed while it was read')
  }
  return { kind: 'whole', rows: Array.from(rows.values()), pages }
}

function whyUnsure(rows: readonly Row[], { from, to }: Window, mustShow: Row | null): string | null {
  if (rows.some(({ at }) => at === null)) return 'a row does not say when it was made'
  if (rows.some(({ at }) => at !== null && (at < from || at > to))) return 'it shows rows of another time'
  if (mustShow !== null && !rows.some(({ id }) => id === mustShow.id))
    return 'a page does not go on where the last ended'
  return null
}

function earliest(rows: readonly Row[]): Row | null {
  let first: Row | null = null
  for (const row of rows) if (first === null || (row.at ?? 0) <= (first.at ?? 0)) first = row
  return first
}
