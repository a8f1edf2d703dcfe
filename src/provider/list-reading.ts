/**
 * The second half of a proof of absence: the provider's list, read whole. One reading answers for all
 * orders that ask while it waits, since an outage leaves many of them in doubt at once.
 */
import { type ListPage, plainRef } from './classify'

/** Unix ms, both ends included. */
export interface Window {
  readonly from: number
  readonly to: number
}

export type Listed = 'listed' | 'absent' | 'unread'

interface Question {
  readonly ref: string
  readonly window: Window
  readonly answer: (listed: Listed) => void
}

/** 50,000 rows: a quarter of an hour at 50 orders/s. A window with more of them proves nothing. */
const MAX_PAGES = 500
/** What the window has to spare on both sides (5 min), less the time that a send may take to arrive. */
const MAX_SKEW_MS = 285_000

/** One page, from 1; null when it was not read. */
export type ReadPage = (window: Window, page: number) => Promise<ListPage | null>

export class ListReading {
  readonly #readPage: ReadPage
  #questions: Question[] = []
  #isReading = false

  constructor(readPage: ReadPage) {
    this.#readPage = readPage
  }

  /** Only a complete, well-formed reading of the window says `absent`. Never throws. */
  ask(ref: string, window: Window): Promise<Listed> {
    return new Promise((answer) => {
      this.#questions.push({ ref, window, answer })
      void this.#readForAll()
    })
  }

  async #readForAll(): Promise<void> {
    if (this.#isReading) return
    this.#isReading = true
    while (this.#questions.length > 0) {
      const questions = this.#questions
      this.#questions = []
      const refs = await readRefs(this.#readPage, union(questions.map(({ window }) => window)))
      for (const { ref, answer } of questions) {
        answer(refs === null ? 'unread' : refs.has(ref) ? 'listed' : 'absent')
      }
    }
    this.#isReading = false
  }
}

/**
 * Every ref in the window; null when one page was not read, was another than was asked for, or did not say all
 * of its refs, when there were fewer rows than the first page said, or when the window, which is of our clock,
 * may be another one of the provider's.
 */
async function readRefs(readPage: ReadPage, window: Window): Promise<Set<string> | null> {
  const refs = new Set<string>()
  const ids = new Set<string>()
  let total = 0
  for (let page = 1; page <= MAX_PAGES; page++) {
    const read = await readPage(window, page)
    if (read === null || (read.page !== null && read.page !== page)) return null
    if (read.writtenAt !== null && Math.abs(read.writtenAt - Date.now()) > MAX_SKEW_MS) return null
    // Of the first page: what comes in meanwhile shifts rows to later pages, where they are seen twice. A later
    // page that is older than the first lacks rows in front, and some fall between the two.
    if (page === 1) total = read.totalResults ?? 0
    for (const { id, ref } of read.topups) {
      if (ref === null) return null
      ids.add(id)
      refs.add(ref).add(plainRef(ref))
    }
    if (page >= read.totalPages) return ids.size < total ? null : refs
  }
  return null
}

function union(windows: readonly Window[]): Window {
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const window of windows) {
    from = Math.min(from, window.from)
    to = Math.max(to, window.to)
  }
  return { from, to }
}
