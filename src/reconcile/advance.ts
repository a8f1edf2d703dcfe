/**
 * The next part of a run: a slice of its window; after the window, of a daily run, the orders that are still unknown; at last, refunds that
 * never came. Each part is judged whole or not at all: a part that could not be read is tried again, and finds the same.
 */
import type { OurOrder } from './ours'
import { Outcome } from './outcome'
import { Pairing } from './pairing'
import type { Ports } from './ports'
import { type Run, withTallies } from './run'
import { SliceJudge } from './slice'
import { readSlice } from './slice-reading'
import { Unread } from './unread'

export interface Advanced {
  readonly run: Run
  /** Why the part could not be read; null when it is done. */
  readonly blockedBy: string | null
}

/** Orders still unknown, looked up in one part. */
const UNKNOWN_AT_ONCE = 20
/** From its settlement to its refund, and to the row that shows it. */
const REFUND_TAKES_MS = 5 * 60_000

/** Throws when an object of ours cannot be reached: nothing of the part counts then. */
export async function advance(run: Run, ports: Ports): Promise<Advanced> {
  if (run.reachedAt < run.to) return await nextSlice(run, ports)
  if (run.trigger === 'daily' && !isPastUnknown(run)) return await nextUnknown(run, ports)
  return { run: await ended(run, ports), blockedBy: null }
}

async function nextSlice(run: Run, ports: Ports): Promise<Advanced> {
  const read = await readSlice(run, ports)
  if (read.kind === 'blocked') return { run: read.run, blockedBy: read.reason }
  const part = await begin(read.run, ports)
  try {
    const run = await new SliceJudge(read.run, read.slice, ports, part).judge()
    return { run, blockedBy: null }
  } catch (error) {
    return { run: read.run, blockedBy: reasonOf(error) }
  }
}

async function begin(run: Run, ports: Ports) {
  const outcome = new Outcome(run, ports)
  return { outcome, pairing: new Pairing(ports, outcome, await ports.dynamicPlans()) }
}

function reasonOf(error: unknown): string {
  if (error instanceof Unread) return error.message
  throw error
}

async function nextUnknown(run: Run, ports: Ports): Promise<Advanced> {
  const all = await ports.merchants(0, run.to)
  const merchants = all.filter((one) => run.merchantId === null || one === run.merchantId).toSorted()
  const after = run.unknownAfter
  const merchantId = merchants.find((one) => after === null || one >= after.merchantId)
  if (merchantId === undefined) return { run: pastUnknown(run), blockedBy: null }
  const place = after?.merchantId === merchantId ? after.place : null
  const unknown = await ports.unknown(merchantId, run.from, place, UNKNOWN_AT_ONCE)
  const { outcome, pairing } = await begin(run, ports)
  // Who gets no answer has a clock of his own.
  for (const order of unknown) await pairing.lookUp(order).catch(reasonOf)
  const next = nextPlace(merchants, merchantId, unknown)
  const looked = { ...withTallies(run, outcome.tallies), pagesRead: run.pagesRead + unknown.length }
  return { run: next === null ? pastUnknown(looked) : { ...looked, unknownAfter: next }, blockedBy: null }
}

function nextPlace(
  merchants: readonly string[],
  merchantId: string,
  seen: readonly OurOrder[],
): Run['unknownAfter'] {
  const last = seen.at(-1)
  if (last !== undefined && seen.length === UNKNOWN_AT_ONCE) {
    return { merchantId, place: { createdAt: last.createdAt, objectId: last.objectId } }
  }
  const next = merchants[merchants.indexOf(merchantId) + 1]
  return next === undefined ? null : { merchantId: next, place: null }
}

/** After every name. */
const LAST = '\uffff'

function pastUnknown(run: Run): Run {
  return { ...run, unknownAfter: { merchantId: LAST, place: null } }
}

function isPastUnknown({ unknownAfter }: Run): boolean {
  return unknownAfter?.merchantId === LAST
}

/** A refund is missed only where everything was read in which it could be. */
async function ended(run: Run, ports: Ports): Promise<Run> {
  const outcome = new Outcome(run, ports)
  const isWhole = run.reasons.length === 0
  for (const { providerId, merchantId, ref, settledAt, debit } of run.awaited) {
    if (!isWhole || settledAt + REFUND_TAKES_MS > run.to) continue
    const ours = await ports.order(merchantId, ref)
    const facts = { owner: { merchantId, environment: run.environment, ref }, movement: debit }
    await outcome.find('never_refunded', providerId, ours === null ? facts : { ...facts, ours })
  }
  return { ...withTallies(run, outcome.tallies), awaited: [], isOver: true }
}
