/**
 * Whose an unknown debit is. The provider knows the ref of its top-up, and the ref leads to the order object, which was there before
 * the send: so an order explains its debit however late it learns its own id, and whatever the wallet has forgotten.
 */
import * as z from 'zod'
import type { ReadOutcome } from './classify'
import type { Held } from './statement-state'

/** What an order object says of a top-up that shows its ref; `unsure`: it could not be asked. */
export type Ownership = 'ours' | 'foreign' | 'unsure'

export interface Explained {
  /** With its ref, where that is known by now: it need not be read again. */
  readonly held: Held
  /** `no_answer`: the provider did not say which ref it has. */
  readonly whose: Ownership | 'no_answer'
}

export interface ExplainPorts {
  readonly read: (path: string) => Promise<ReadOutcome>
  readonly owner: (topupId: string, shownRef: string) => Promise<Ownership>
}

/** What the gateway never buys: it needs no look. SERVICE is not here, since what is billed by it is not documented. */
const NEVER_OURS = new Set(['ADSL', 'ORDER', 'WITHDRAW', 'SEND'])
/** From so many on, a page of the list may explain more than as many looks. */
const SEVERAL = 3
const LIST_PAGE_SIZE = 100
/** A top-up is made in the moment that it is charged, give or take this. */
const LIST_MARGIN_MS = 2_000
/** Each asks an order object, and the six that may be asked at a time take their time. */
const EXPLAINED_AT_ONCE = 150
/** Two or three pages at 50 orders/s. */
const LIST_WINDOW_MS = 5_000
/** The platform allows six open connections per object run, and others look and send meanwhile. */
const PARALLEL_LOOKS = 3
const PARALLEL_OWNERS = 6

/** The ref of a top-up, null where the provider says that there is none, or does not answer. */
interface Shown {
  readonly ref: string | null
  readonly isAnswered: boolean
}

const NOT_ANSWERED: Shown = { ref: null, isAnswered: false }

const topup = z.object({ _id: z.string(), ref: z.string().min(1).nullable().catch(null) })
const list = z.object({
  items: z.array(topup),
  pagination: z.object({ totalPages: z.number().int().nonnegative() }),
})

/**
 * `reads` is how many it may make. Those that it did not come to are not in the answer: they are still due.
 */
export async function explain(
  ports: ExplainPorts,
  due: readonly Held[],
  reads: number,
): Promise<readonly Explained[]> {
  const explained: Explained[] = []
  const withRef: Held[] = []
  const wanted = new Map<string, Held[]>()
  for (const held of due) {
    const { type, topupId } = held.movement
    const isRoom = wanted.size + withRef.length < EXPLAINED_AT_ONCE
    if (NEVER_OURS.has(type)) explained.push({ held, whose: 'foreign' })
    else if (topupId === null) explained.push({ held, whose: 'unsure' })
    else if (held.ref !== null && isRoom) withRef.push(held)
    else if (isRoom || !isTopup(held)) wanted.set(topupId, [...(wanted.get(topupId) ?? []), held])
  }
  const budget = { reads }
  const refs = await refsFromList(ports, wanted, budget)
  const unlisted = Array.from(wanted)
    .filter(([topupId]) => !refs.has(topupId))
    // What is no top-up by its type is rare, is in no list, and is asked about several times: it may not stand at the end of a queue.
    .sort(([, [a]], [, [b]]) => Number(isTopup(a)) - Number(isTopup(b)))
    .map(([topupId]) => topupId)
  await inTurns(unlisted.slice(0, Math.max(0, budget.reads)), PARALLEL_LOOKS, async (topupId) => {
    refs.set(topupId, await refOf(ports, topupId))
  })
  for (const [topupId, shown] of refs) {
    for (const held of wanted.get(topupId) ?? []) {
      if (shown.ref === null) explained.push({ held, whose: shown.isAnswered ? 'unsure' : 'no_answer' })
      else withRef.push({ ...held, ref: shown.ref })
    }
  }
  return [...explained, ...(await askOwners(ports, withRef))]
}

/**
 * The list of a short window around the oldest, for as long as its pages are fewer than the looks that they spare. A window around all
 * of them would begin with the newest, where others come in all the time, and might never come to the oldest.
 */
async function refsFromList(
  ports: ExplainPorts,
  wanted: ReadonlyMap<string, readonly Held[]>,
  budget: { reads: number },
): Promise<Map<string, Shown>> {
  const refs = new Map<string, Shown>()
  // One that was not in it before would only make the window longer.
  const times = Array.from(wanted.values(), ([one]) =>
    one?.asked === 0 && isTopup(one) ? one.movement.at : Number.NaN,
  )
    .filter((at) => !Number.isNaN(at))
    .sort((a, b) => a - b)
  const from = times[0] ?? 0
  const inside = times.filter((at) => at <= from + LIST_WINDOW_MS)
  const to = inside.at(-1) ?? from
  // Kept for those that no page has.
  const looks = Math.floor(budget.reads / 2)
  for (let page = 1, pages = 1; page <= pages && budget.reads > looks; ) {
    const left = inside.length - refs.size
    if (left < SEVERAL || pages - page + 1 >= left) break
    budget.reads--
    const answer = await ports.read(
      `/v3/mobile/list?${new URLSearchParams({
        page: String(page),
        pageSize: String(LIST_PAGE_SIZE),
        from: new Date(from - LIST_MARGIN_MS).toISOString(),
        to: new Date(to + LIST_MARGIN_MS).toISOString(),
      })}`,
    )
    const listed = answer.kind === 'data' ? list.safeParse(parseJson(answer.dataJson)) : null
    // Asked for again: by looks it would take far longer.
    if (!listed?.success) continue
    for (const { _id, ref } of listed.data.items)
      if (ref !== null && wanted.has(_id)) refs.set(_id, { ref, isAnswered: true })
    pages = listed.data.pagination.totalPages
    page++
  }
  return refs
}

function isTopup(held: Held | undefined): boolean {
  return held?.movement.type === 'FLEXY'
}

async function refOf(ports: ExplainPorts, topupId: string): Promise<Shown> {
  const answer = await ports.read(`/v3/mobile/check-id/${encodeURIComponent(topupId)}`)
  if (answer.kind === 'refused' && answer.refusal.httpStatus === 404) return { ref: null, isAnswered: true }
  if (answer.kind !== 'data') return NOT_ANSWERED
  const shown = topup.safeParse(parseJson(answer.dataJson))
  return shown.success && shown.data._id === topupId
    ? { ref: shown.data.ref, isAnswered: true }
    : NOT_ANSWERED
}

async function askOwners(ports: ExplainPorts, withRef: readonly Held[]): Promise<readonly Explained[]> {
  const explained: Explained[] = []
  await inTurns(withRef, PARALLEL_OWNERS, async (held) => {
    const { movement, ref } = held
    const whose = await ports.owner(movement.topupId ?? '', ref ?? '').catch(() => 'unsure' as const)
    explained.push({ held, whose })
  })
  return explained
}

/** Never more than `parallel` at a time. */
async function inTurns<T>(
  all: readonly T[],
  parallel: number,
  act: (one: T) => Promise<void>,
): Promise<void> {
  const waiting = all.values()
  const takeTurns = async () => {
    for (const one of waiting) await act(one)
  }
  await Promise.all(Array.from({ length: parallel }, takeTurns))
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
