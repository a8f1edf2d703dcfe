/** Promises about money: what the provider took, against what merchants asked for and were told. */
import {
  broken,
  candidates,
  type Facts,
  keyOf,
  type RefSends,
  refused,
  sendsOfOrder,
  wasTold,
} from './checker-facts.ts'
import type { MerchantSend, Violation } from './views.ts'

type Found = Generator<Violation>

const sameBody = (a: Pick<MerchantSend, 'planCode' | 'msisdn' | 'amountDzd'>, b: typeof a) =>
  a.planCode === b.planCode && a.msisdn === b.msisdn && a.amountDzd === b.amountDzd

const DUPLICATE = new Set(['DUPLICATED_REF', 'DUPLICATED-REF'])
/** Refusals about the caller, not about his top-up; the provider's words for a key or an address it does not let in. */
const ABOUT_THE_KEY = new Set(['IP_BLOCKED', 'IP_NOT_ALLOWED', 'API_DISABLED'])
/** Who he is, too slow, too early, too often: said before his top-up is looked at. */
const ABOUT_THE_CALL = new Set([401, 408, 425, 429])

/** A refusal that says of this very top-up that it was not made and its ref is free. */
const freed = (send: MerchantSend) =>
  refused(send) &&
  send.answer.kind === 'refused' &&
  !ABOUT_THE_CALL.has(send.answer.httpStatus) &&
  !ABOUT_THE_KEY.has(send.answer.code) &&
  !DUPLICATE.has(send.answer.code)

/** "One `ref` is at most one top-up, whatever crashes, times out or is retried." */
export function* onceUpstream({ topupsOf }: Facts): Found {
  for (const [ref, topups] of topupsOf) {
    if (topups.length > 1) yield broken('never twice upstream', ref, `${topups.length} top-ups were accepted`)
  }
}

/** The same promise, for the ref as the merchant knows it: another upstream ref must not get round it. */
export function* oncePerRef({ topupsOf, owner }: Facts): Found {
  const seen = new Map<RefSends, string>()
  for (const upstreamRef of topupsOf.keys()) {
    const sends = owner(upstreamRef)
    if (!sends) continue
    const other = seen.get(sends)
    if (other !== undefined)
      yield broken('never twice', sends.ref, `top-ups under ${other} and ${upstreamRef}`)
    seen.set(sends, upstreamRef)
  }
}

/** "order: the gateway's record of one top-up, named by merchant + environment + `ref`"; "prefixed so that it is unique". */
export function* oneOrder({ views, topupsOf }: Facts): Found {
  const seen = new Set<string>()
  const ownerOfId = new Map<string, string>()
  for (const [upstreamRef, topups] of topupsOf) for (const { id } of topups) ownerOfId.set(id, upstreamRef)
  for (const order of views.gateway.orders) {
    const names = [keyOf(order.merchantId, order.ref), `upstream ${order.upstreamRef}`]
    if (order.topupId !== null) names.push(`id ${order.topupId}`)
    for (const name of names) {
      if (seen.has(name)) yield broken('one order, one name', order.ref, `two orders are ${name}`)
      seen.add(name)
    }
    const upstream = order.topupId === null ? undefined : ownerOfId.get(order.topupId)
    if (upstream !== undefined && upstream !== order.upstreamRef)
      yield broken('one order, one name', order.ref, `its id is the top-up of ${upstream}`)
  }
}

/** "A merchant sends a top-up once. From then on Rasid answers for it": what was bought is what was asked for. */
export function* asAsked(f: Facts): Found {
  for (const topup of f.views.provider.topups) {
    const sends = f.owner(topup.upstreamRef)?.sends ?? []
    const asked = candidates(sends)
    if (!asked.some((send) => sameBody(send, topup)))
      yield broken('as asked', topup.upstreamRef, 'no send asked for this plan, number and amount')
  }
  for (const order of f.views.gateway.orders) {
    if (sendsOfOrder(f, order).length === 0) yield broken('as asked', order.ref, 'an order that nobody sent')
  }
}

const NOTHING_TAKEN = 'refused means nothing taken'

/** "Never lost": "Every accepted order always has a next action", so what the provider took has an order. */
export function* neverLost({ topupsOf, orderOfUpstream, owner }: Facts): Found {
  for (const [upstreamRef] of topupsOf) {
    if (orderOfUpstream.has(upstreamRef)) continue
    const last = owner(upstreamRef)?.sends.at(-1)
    yield last && refused(last)
      ? broken(NOTHING_TAKEN, upstreamRef, 'a top-up is there although the last answer was a refusal')
      : broken('never lost', upstreamRef, 'a top-up at the provider without an order')
  }
}

/** "A refused send (validation, balance) frees its `ref`: the provider never made it." */
export function* refusedTookNothing({ views, sendsOf, orderOf, topupsOf }: Facts): Found {
  for (const [key, { ref, sends }] of sendsOf) {
    if (orderOf.has(key) && sends.every(refused))
      yield broken(NOTHING_TAKEN, ref, 'every send was refused, yet there is an order')
  }
  // A freed ref begins a new order: a top-up older than the order is one that a refusal denied.
  for (const order of views.gateway.orders) {
    const early = topupsOf.get(order.upstreamRef)?.some(({ acceptedAt }) => acceptedAt < order.createdAt)
    if (early) yield broken(NOTHING_TAKEN, order.ref, 'the provider had accepted before this order began')
  }
}

/** "`topupId` is frozen the first time the merchant sees it"; "Both resolve in check-id for ever." */
export function* answeredForEver({ sendsOf, orderOf }: Facts): Found {
  for (const [key, { ref, sends }] of sendsOf) {
    const ids = new Set<string>()
    for (const { answer } of sends) if (answer.kind === 'ok') ids.add(answer.topupId)
    if (ids.size === 0) continue
    const order = orderOf.get(key)
    if (!order) yield broken('a 200 is for ever', ref, 'told 200, and there is no order')
    else if (order.topupId === null || !ids.has(order.topupId))
      yield broken('a 200 is for ever', ref, `told ${[...ids].join()}, the order says ${order.topupId}`)
    if (ids.size > 1) yield broken('a 200 is for ever', ref, `told several ids: ${[...ids].join()}`)
  }
}

/** "another body, 403 `DUPLICATED_REF`": a body other than the taken one never gets 200. */
export function* otherBodyRefused({ sendsOf }: Facts): Found {
  for (const { ref, sends } of sendsOf.values()) {
    const told = sends.filter(wasTold)
    if (told.some((send) => !sameBody(send, told[0] as MerchantSend)))
      yield broken('another body is refused', ref, 'two different bodies got 200')
  }
}

/** "Same `ref` again: same body, the same answer with `Idempotent-Replayed: true`". */
export function* sameAnswerAgain(f: Facts): Found {
  for (const { ref, sends } of f.sendsOf.values()) {
    const fresh = sends.filter(({ answer }) => answer.kind === 'ok' && !answer.replayed)
    if (fresh.length > 1)
      yield broken('the same answer again', ref, `${fresh.length} answers call themselves new`)
  }
  for (const order of f.views.gateway.orders) {
    const sends = sendsOfOrder(f, order)
    const body = sends.find(wasTold) ?? f.topupsOf.get(order.upstreamRef)?.[0]
    // Only of sends made when the order was durable: an earlier one may have been refused, and freed the ref.
    const denied = sends.find(
      (send) =>
        body &&
        send.at > order.createdAt &&
        sameBody(send, body) &&
        send.answer.kind === 'refused' &&
        (freed(send) || DUPLICATE.has(send.answer.code)),
    )
    if (denied) yield broken('the same answer again', order.ref, 'the body of the order was refused later')
  }
}

/** "The order, the hash of the canonical body and the `ref` used upstream are durable before the first byte leaves." */
export function* intentFirst(f: Facts): Found {
  for (const order of f.views.gateway.orders) {
    const first = f.callsOf.get(order.upstreamRef)?.sends[0]
    if (first === undefined || first >= order.createdAt) continue
    // An order before this one, refused (or refused with nobody left to hear it), had its own intent.
    const before = sendsOfOrder(f, order).some((send) => send.at <= first && !wasTold(send))
    if (!before)
      yield broken('intent before network', order.ref, 'sent to the provider before it was durable')
  }
}

const PROOF_MS = 60_000
const PROOF_LOOKS = 3
/** Look-ups leave 60 s apart; they may arrive closer together by what the first took longer on its way. */
const LATENCY_MS = 10_000

/** The index of the first of the ascending times that is not before `at`. */
function firstFrom(times: readonly number[], at: number): number {
  let low = 0
  for (let high = times.length; low < high; ) {
    const middle = (low + high) >> 1
    if ((times[middle] as number) >= at) high = middle
    else low = middle + 1
  }
  return low
}

function proven(looks: readonly number[], lists: readonly number[], from: number, to: number) {
  const begin = firstFrom(looks, from)
  const end = firstFrom(looks, to + 1)
  const spread = (looks[end - 1] ?? 0) - (looks[begin] ?? 0)
  const listed = (lists[firstFrom(lists, from)] ?? Infinity) <= to
  return to - from >= PROOF_MS && end - begin >= PROOF_LOOKS && spread >= PROOF_MS - LATENCY_MS && listed
}

function unproven(f: Facts, upstreamRef: string, sends: readonly number[]): number[] {
  const looks = f.callsOf.get(upstreamRef)?.looks ?? []
  return sends.slice(0, -1).filter((from, i) => !proven(looks, f.lists, from, sends[i + 1] ?? 0))
}

/**
 * "The same upstream `ref` may be sent again only after absence is proven: not found on at least three look-ups
 * spread over at least 60 s, and absent from the provider's list for the window."
 */
export function* absenceProven(f: Facts): Found {
  for (const [upstreamRef, { sends }] of f.callsOf) {
    if (sends.length < 2) continue
    const order = f.orderOfUpstream.get(upstreamRef)
    const asked = f.owner(upstreamRef)?.sends ?? []
    const since = order?.createdAt ?? Number.POSITIVE_INFINITY
    // Sends before this order belong to refused ones, each begun by a send of the merchant.
    const freedTimes = Math.max(asked.filter((send) => !wasTold(send)).length - 1, 0)
    const before = sends.filter((at) => at < since)
    const early = unproven(f, upstreamRef, before)
    // In the very millisecond in which the order began, a send may still be that of the refused one before it.
    const sameInstant = asked.some((send) => refused(send) && send.at <= since)
    const own = unproven(f, upstreamRef, sends.slice(before.length))
    const late = own.filter((at) => !(at === since && sameInstant))
    if (early.length > freedTimes || late.length > 0)
      yield broken('absence is proven before a second send', upstreamRef, 'sent again without a proof')
  }
}
