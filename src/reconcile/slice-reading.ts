/** Everything that both sides have of one slice of time. Times are unix ms, by our clock where nothing else is said. */
import type { Evidence } from '../order/history'
import type { ListedTopup } from '../provider/classify'
import type { Movement } from '../provider/movement'
import type { OurOrder } from './ours'
import type { Ports } from './ports'
import type { Run } from './run'
import { type PageOf, type Row, readWhole, type Turn, type Whole, type Window } from './whole'

/** One top-up of the provider with the moment in which it was made, by our clock. */
export interface Theirs extends Row {
  readonly topup: ListedTopup
  /** Of the page that it stands on. */
  readonly evidence: Evidence
}

export interface Slice {
  readonly from: number
  readonly to: number
  /** Of the slice and a little around it. */
  readonly theirs: readonly Theirs[]
  readonly movements: readonly Movement[]
  readonly ours: readonly OurOrder[]
}

export type ReadSlice =
  | { readonly kind: 'read'; readonly run: Run; readonly slice: Slice }
  | { readonly kind: 'blocked'; readonly run: Run; readonly reason: string }

/** Rows of the list, and as many of the statement or a few more: some 10 MB, and two minutes of reads. */
const MOST_ROWS = 5_000
/** After a slice with too many: this much of what would fit. After one with few: more. */
const SHRINK = 0.8
const FEW_ROWS = MOST_ROWS / 4
/** What cannot be read is tried in smaller parts: one bad hour must not spoil a day. */
const SMALLEST_MS = 5 * 60_000
/** A top-up is made within seconds of its order; who had to wait in line is found by his ref. */
const MARGIN_MS = 20_000
/** Their orders are older than they are by up to this. */
const EARLIER_MS = 3 * 60_000
const PAGE_ROWS = 500

export async function readSlice(before: Run, ports: Ports): Promise<ReadSlice> {
  let run = await withSkew(before, ports)
  const { skewMs } = run
  if (skewMs === null) return { kind: 'blocked', run, reason: 'the provider does not answer' }
  for (;;) {
    const [from, to] = [run.reachedAt, Math.min(run.to, run.reachedAt + run.sliceMs)]
    const window = { from: from - MARGIN_MS + skewMs, to: to + MARGIN_MS + skewMs }
    const listed = await readWhole(listTurn(ports), window, MOST_ROWS)
    run = { ...run, pagesRead: run.pagesRead + listed.pages }
    if (listed.kind === 'too_many' && to - from > 1)
      run = { ...run, sliceMs: shrunk(to - from, listed.total) }
    else if (listed.kind === 'too_many')
      return { kind: 'blocked', run, reason: 'too many top-ups in a millisecond' }
    else if (listed.kind === 'unsure') return blocked(run, `list: ${listed.reason}`)
    else return await withOthers(run, ports, { from, to, window, theirs: listed.rows })
  }
}

interface Half {
  readonly from: number
  readonly to: number
  readonly window: Window
  readonly theirs: readonly Theirs[]
}

async function withOthers(run: Run, ports: Ports, { from, to, window, theirs }: Half): Promise<ReadSlice> {
  const statement: Whole<StatementRow> = await readWhole(
    statementTurn(ports),
    window,
    Number.POSITIVE_INFINITY,
  )
  const read = { ...run, pagesRead: run.pagesRead + statement.pages }
  if (statement.kind !== 'whole') {
    const reason = statement.kind === 'unsure' ? statement.reason : 'too many movements'
    return blocked(read, `statement: ${reason}`)
  }
  const range = { from: from - EARLIER_MS, to: to + MARGIN_MS }
  const all = await ports.merchants(range.from, range.to)
  const merchants = run.merchantId === null ? all : all.filter((one) => one === run.merchantId)
  const ours: OurOrder[] = []
  for (const merchantId of merchants) ours.push(...(await allRows(ports, merchantId, range)))
  const movements = statement.rows.map(({ movement }) => movement)
  const ready = { ...read, sliceMs: nextSliceMs(read, theirs.length) }
  return { kind: 'read', run: ready, slice: { from, to, theirs, movements, ours } }
}

async function allRows(
  ports: Ports,
  merchantId: string,
  range: { readonly from: number; readonly to: number },
): Promise<OurOrder[]> {
  const rows: OurOrder[] = []
  for (;;) {
    const page = await ports.rows(merchantId, range, rows.at(-1) ?? null, PAGE_ROWS)
    rows.push(...page)
    if (page.length < PAGE_ROWS) return rows
  }
}

/** Learnt once, of an answer that says when it was written. A provider that does not say has our clock. */
async function withSkew(run: Run, ports: Ports): Promise<Run> {
  if (run.skewMs !== null) return run
  const askedAt = ports.now()
  const read = await ports.list({ from: askedAt - 1_000, to: askedAt }, 1)
  if (read === null) return { ...run, pagesRead: run.pagesRead + 1 }
  const writtenAt = read.page.writtenAt ?? askedAt
  return { ...run, skewMs: writtenAt - ports.now(), pagesRead: run.pagesRead + 1 }
}

function blocked(run: Run, reason: string): ReadSlice {
  const sliceMs = Math.min(run.sliceMs, Math.max(SMALLEST_MS, run.sliceMs / 2))
  return { kind: 'blocked', run: { ...run, sliceMs }, reason }
}

/** Of the next slice, after one with so many rows. */
function nextSliceMs({ sliceMs }: Run, rows: number): number {
  return rows < FEW_ROWS ? sliceMs * 2 : sliceMs
}

function shrunk(sliceMs: number, total: number): number {
  return Math.max(1, Math.floor((sliceMs * MOST_ROWS * SHRINK) / total))
}

function listTurn(ports: Ports): Turn<Theirs> {
  return async (window, number): Promise<PageOf<Theirs> | null> => {
    const read = await ports.list(window, number)
    if (read === null || isOtherPage(read.page.page, number)) return null
    const { page, evidence } = read
    const rows = page.topups.map((topup) => ({ id: topup.id, at: topup.createdAt, topup, evidence }))
    return { rows, totalPages: page.totalPages, totalResults: page.totalResults }
  }
}

interface StatementRow extends Row {
  readonly movement: Movement
}

function statementTurn(ports: Ports): Turn<StatementRow> {
  return async (window, number) => {
    const page = await ports.statement(window, number)
    if (page === null || isOtherPage(page.page, number)) return null
    const rows = page.movements.map((movement) => ({ id: movement.id, at: movement.at, movement }))
    return { rows, totalPages: page.totalPages, totalResults: page.totalResults }
  }
}

function isOtherPage(told: number | null, asked: number): boolean {
  return told !== null && told !== asked
}
