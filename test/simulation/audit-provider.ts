/** The provider as the audit sees it: pages of the statement and of the list, looks by id; late, stale, or not at all. */
import type { ReadOutcome } from '../../src/provider/classify'
import type { Row, Sale } from './audit-ledger'
import type { Dice } from './dice'

const PAGE_SIZE = 100
/** The deadline that the wallet gives a read of the audit: see `AuditPorts`. */
const TIMEOUT_MS = 3_000
const NOT_FOUND = {
  httpStatus: 404,
  code: 'NOT_FOUND',
  message: '',
  detailsJson: null,
  retryAfterSeconds: null,
}
const THROTTLED = { ...NOT_FOUND, httpStatus: 429, code: 'RATE_LIMIT_EXCEEDED' }

interface Answered {
  readonly outcome: ReadOutcome
  readonly tookMs: number
}

interface Shown {
  readonly row: Row
  readonly text: string
}

export class AuditedProvider {
  /** By time, the oldest first; those of one millisecond in any order. */
  readonly #statement: readonly Shown[]
  readonly #topups: readonly Shown[]
  readonly #byId = new Map<string, Shown>()
  readonly #dice: Dice
  /** Whether `to` itself is in the window. */
  readonly #isToInside: boolean
  #reads = 0

  constructor(rows: readonly Row[], sales: readonly Sale[], dice: Dice) {
    this.#dice = dice
    this.#isToInside = dice.nth(0, 'to inside', 1) < 0.5
    const refs = new Map(sales.map(({ topupId, ref }) => [topupId, ref]))
    const seen = rows.filter(({ visibleAt }) => Number.isFinite(visibleAt))
    const inTime = seen.sort((a, b) => a.at - b.at || (a.id.slice(9) < b.id.slice(9) ? -1 : 1))
    this.#statement = inTime.map((row) => ({ row, text: movementText(row) }))
    this.#topups = inTime
      .filter(({ type }) => type === 'FLEXY')
      .map((row) => ({ row, text: topupText(row, refs.get(row.objid) ?? foreignRef(row)) }))
    for (const shown of this.#topups) this.#byId.set(shown.row.objid, shown)
  }

  /** `now` is true time. */
  read(path: string, now: number): Answered {
    const key = ++this.#reads
    const roll = (purpose: string) => this.#dice.nth(key, purpose, 1)
    const chance = roll('fault')
    if (chance < 0.03) return { outcome: { kind: 'no_answer', reason: 'timeout' }, tookMs: TIMEOUT_MS }
    const tookMs = 40 + Math.floor(roll('slow') < 0.02 ? roll('took') * 3_000 : roll('took') * 300)
    if (chance < 0.04) return { outcome: { kind: 'refused', refusal: THROTTLED }, tookMs }
    if (chance < 0.045) return { outcome: { kind: 'data', dataJson: '{"items":[{"_id":' }, tookMs }
    // A copy that is behind.
    const asOf = chance < 0.055 ? now - Math.floor(roll('behind') * 5_000) : now + Math.floor(tookMs / 2)
    return { outcome: this.#answer(path, asOf), tookMs }
  }

  #answer(path: string, asOf: number): ReadOutcome {
    const url = new URL(path, 'https://provider.test')
    if (url.pathname === '/v3/account/transactions') return this.#page(this.#statement, url, asOf)
    if (url.pathname === '/v3/mobile/list') return this.#page(this.#topups, url, asOf)
    const found = this.#byId.get(url.pathname.replace('/v3/mobile/check-id/', ''))
    // A top-up is there at once, where its row of the statement may be late.
    if (found === undefined || found.row.at > asOf) return { kind: 'refused', refusal: NOT_FOUND }
    return { kind: 'data', dataJson: found.text }
  }

  #page(all: readonly Shown[], { searchParams }: URL, asOf: number): ReadOutcome {
    const [from, to] = [Date.parse(searchParams.get('from') ?? ''), Date.parse(searchParams.get('to') ?? '')]
    const page = Number(searchParams.get('page'))
    const texts: string[] = []
    let total = 0
    for (let index = firstAfter(all, Math.min(to, asOf)) - 1; index >= 0; index--) {
      const shown = all[index]
      if (shown === undefined || shown.row.at < from) break
      if (shown.row.visibleAt > asOf || (shown.row.at === to && !this.#isToInside)) continue
      total++
      if (total > (page - 1) * PAGE_SIZE && texts.length < PAGE_SIZE) texts.push(shown.text)
    }
    const pagination = {
      page,
      pageSize: PAGE_SIZE,
      totalPages: Math.ceil(total / PAGE_SIZE),
      totalResults: total,
    }
    return {
      kind: 'data',
      dataJson: `{"items":[${texts.join(',')}],"pagination":${JSON.stringify(pagination)}}`,
    }
  }
}

function firstAfter(all: readonly Shown[], at: number): number {
  let [low, high] = [0, all.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((all[middle]?.row.at ?? 0) <= at) low = middle + 1
    else high = middle
  }
  return low
}

function movementText({ id, type, objid, at, before, after, msisdn }: Row): string {
  return JSON.stringify({
    _id: id,
    type,
    operation: after < before ? 'DECREMENT' : 'INCREMENT',
    amount: Math.abs(after - before) / 100,
    oldBalance: before / 100,
    newBalance: after / 100,
    objid,
    note: `PREPAID_MOBILIS ${msisdn}`,
    time: new Date(at).toISOString(),
  })
}

function topupText({ objid, at, msisdn }: Row, ref: string): string {
  return JSON.stringify({
    _id: objid,
    ref,
    status: 'HANDLING',
    MSSIDN: msisdn,
    created_at: new Date(at).toISOString(),
  })
}

/** Some look like ours. */
function foreignRef({ objid }: Row): string {
  return objid < 'm' && objid.endsWith('0')
    ? `API-213550000001-m1.order-${objid}`
    : `API-213550000001-${objid}`
}
