/**
 * What a reading of the provider's statement proves. Every debit must belong to an order of ours, and the balances must form
 * one chain. Pure: the state is plain data. When it is lost or older than it was, the same rows are judged again and lead to the same
 * incidents, since their ids are made from the movements' own.
 *
 * Times of rows are by the provider's clock, which may be minutes away from ours. Windows are made of the provider's times; of our
 * own clock only durations are used.
 */
import { type Anchor, type Gap, walk } from './chain'
import { isDebit, type Movement } from './movement'
import { type Clock, heldFrom, type StatementState, withClock } from './statement-state'

/** A row was seen to show up 10 s after its time. As long as that and half again, everything is read twice. */
const OVERLAP_MS = 15_000
/** A gap is believed when a reading that began this long after it was seen still has it: a late row has come by then. */
const GAP_SETTLES_MS = 12_000
/** The stored state is one value of at most 2 MB. What does not fit is read again: the anchor stays where it is. */
const MAX_HELD = 3_000
const MAX_GAPS = 500
/** Beyond that the oldest are asked about once more, which costs a read. */
const MAX_SETTLED = 6_000

/** Rows that were read in one go. Times are unix ms of our clock. */
export interface Reading {
  /** In any order; the same row may be there twice. */
  readonly movements: readonly Movement[]
  readonly askedAt: number
  /** When the page with the newest row was here. */
  readonly answeredAt: number
  readonly endedAt: number
  /** All rows from the anchor on; false: some of them, in which no chain can be seen. */
  readonly isWhole: boolean
  /** Unix ms, the provider's: where the reading ends short of the present; null: it does not. */
  readonly until: number | null
}

export interface Judged {
  readonly state: StatementState
  readonly ours: readonly Movement[]
  /** Debits of nobody we know, held from now on. */
  readonly unknown: readonly Movement[]
  /** Money that came, and not for an order of ours: never an alarm. */
  readonly credits: readonly Movement[]
  /** Gaps that a second reading confirmed. */
  readonly breaks: readonly Gap[]
}

export interface Context {
  readonly isOurs: (topupId: string) => boolean
  /** Unix ms, our clock: when the newest send began; null: none since the wallet woke. */
  readonly lastSendAt: number | null
}

const NOTHING = { ours: [], unknown: [], credits: [], breaks: [] } as const

export function judge(before: StatementState | null, reading: Reading, context: Context): Judged {
  const rows = inOrder(reading.movements)
  if (before === null) return { ...NOTHING, state: begin(rows, reading) }
  const state = { ...before, clock: withClock(before.clock, rows.at(-1), reading.answeredAt) }
  // What is older was accounted for: the chain is whole up to there.
  const sorted = sort(
    state,
    rows.filter(({ at }) => at >= state.anchor.at && at > state.begunAt),
    context,
    reading.endedAt,
  )
  const { held, isFull, ...verdicts } = sorted
  const kept = { ...state, held }
  if (!reading.isWhole) return { ...verdicts, breaks: [], state: kept }
  const newestAt = Math.max(state.newestAt, rows.at(-1)?.at ?? 0)
  return { ...verdicts, ...followed({ ...kept, newestAt }, rows, reading, isFull) }
}

/** The first reading ever: from here on, and nothing older. */
function begin(rows: readonly Movement[], { askedAt, answeredAt }: Reading): StatementState {
  const newestAt = rows.at(-1)?.at ?? 0
  const unread: Anchor = { at: (rows[0]?.at ?? 0) - 1, balanceCentimes: null }
  const walked = walk(unread, rows, { believed: new Set(), until: newestAt, readUntil: null })
  const isFound = walked.anchor.balanceCentimes !== null
  return {
    anchor: isFound ? walked.anchor : { at: newestAt, balanceCentimes: null },
    begunAt: newestAt,
    newestAt,
    balance: walked.endCentimes === null ? null : { centimes: walked.endCentimes, learntAt: answeredAt },
    clock: withClock(null, rows.at(-1), answeredAt),
    readAt: askedAt,
    held: [],
    gaps: [],
    broken: [],
    settled: [],
  }
}

interface Sorted {
  readonly ours: readonly Movement[]
  readonly unknown: readonly Movement[]
  readonly credits: readonly Movement[]
  readonly held: StatementState['held']
  readonly isFull: boolean
}

function sort(
  state: StatementState,
  rows: readonly Movement[],
  { isOurs, lastSendAt }: Context,
  now: number,
): Sorted {
  const passed = new Set([
    ...state.settled.map(({ id }) => id),
    ...state.held.map(({ movement }) => movement.id),
  ])
  const [ours, unknown, credits]: Movement[][] = [[], [], []]
  const room = MAX_HELD - state.held.length
  let isFull = false
  for (const row of rows) {
    if (row.topupId !== null && isOurs(row.topupId)) ours?.push(row)
    else if (!isDebit(row)) {
      if (row.at > state.newestAt && row.beforeCentimes !== row.afterCentimes) credits?.push(row)
    } else if (!passed.has(row.id)) {
      if ((unknown?.length ?? 0) < room) unknown?.push(row)
      else isFull = true
    }
  }
  const fresh = (unknown ?? []).map((movement) => heldFrom(movement, state, { now, lastSendAt }))
  const held = fresh.length === 0 ? state.held : [...state.held, ...fresh]
  return { ours: ours ?? [], unknown: unknown ?? [], credits: credits ?? [], held, isFull }
}

/** The chain through a whole reading. */
function followed(
  state: StatementState,
  rows: readonly Movement[],
  reading: Reading,
  isFull: boolean,
): Pick<Judged, 'state' | 'breaks'> {
  const horizon = { until: horizonOf(state, reading), readUntil: reading.until }
  const known = state.broken.map(({ id }) => id)
  const seen = walk(state.anchor, rows, { ...horizon, believed: new Set(known) })
  const since = new Map(state.gaps.map(({ id, seenAt }) => [id, seenAt]))
  const breaks = seen.gaps.filter(({ next }) => {
    return reading.askedAt - (since.get(next.id) ?? Number.POSITIVE_INFINITY) >= GAP_SETTLES_MS
  })
  // Walked again over what is believed: the anchor may go on behind it.
  const believed = new Set([...known, ...breaks.map(({ next }) => next.id)])
  const walked = breaks.length === 0 ? seen : walk(state.anchor, rows, { ...horizon, believed })
  const anchor = isFull ? state.anchor : walked.anchor
  const broken = [...state.broken, ...breaks.map(({ next }) => ({ id: next.id, at: next.at }))]
  const gaps = walked.gaps.slice(0, MAX_GAPS).map(({ next }) => {
    return { id: next.id, seenAt: since.get(next.id) ?? reading.endedAt }
  })
  const settled = state.settled.filter(({ at }) => at >= anchor.at).slice(-MAX_SETTLED)
  const isUpToDate = reading.until === null
  return {
    breaks: breaks.filter(({ next }) => next.at > state.begunAt),
    state: {
      ...state,
      anchor,
      gaps,
      settled,
      broken: broken.filter(({ at }) => at > anchor.at).slice(-MAX_GAPS),
      ...(isUpToDate ? { readAt: reading.askedAt } : {}),
      ...(isUpToDate && walked.endCentimes !== null
        ? { balance: { centimes: walked.endCentimes, learntAt: reading.answeredAt } }
        : {}),
    },
  }
}

/** Unix ms, the provider's: what is newer may still get company by rows that show up late. */
function horizonOf({ clock, newestAt }: { clock: Clock | null; newestAt: number }, reading: Reading): number {
  const present = clock === null ? newestAt : Math.max(newestAt, reading.answeredAt + clock.aheadMs)
  return present - OVERLAP_MS
}

/** The oldest first, each once. */
function inOrder(movements: readonly Movement[]): Movement[] {
  const byId = new Map(movements.map((movement) => [movement.id, movement]))
  return Array.from(byId.values()).sort((a, b) => a.at - b.at)
}
