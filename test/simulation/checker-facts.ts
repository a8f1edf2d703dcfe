/**
 * The three views, indexed once, so that every promise is checked in time linear in their size. No rule is here.
 */
import type {
  GatewayOrder,
  MerchantSend,
  MerchantView,
  ProviderTopup,
  ReceivedCallback,
  Views,
  Violation,
} from './views.ts'

/** The longest that a call may be on its way: what was seen at its start may be old by that when it is used. */
export const TRANSIT_MS = 30_000

export const FINAL: ReadonlySet<string> = new Set(['FULFILLED', 'REFUNDED'])

/** What a receiver reads out of a body; null where the body does not say it. */
export interface Told {
  readonly type: unknown
  readonly at: number
  readonly data: Readonly<Record<string, unknown>>
}

export interface RefSends {
  readonly merchantId: string
  readonly ref: string
  readonly sends: MerchantSend[]
}

export interface Facts {
  readonly views: Views
  readonly settleGraceMs: number
  readonly orderOf: ReadonlyMap<string, GatewayOrder>
  readonly orderOfUpstream: ReadonlyMap<string, GatewayOrder>
  readonly merchants: ReadonlyMap<string, MerchantView>
  readonly sendsOf: ReadonlyMap<string, RefSends>
  readonly topupsOf: ReadonlyMap<string, readonly ProviderTopup[]>
  /** Ascending times of what reached the provider about one upstream ref. */
  readonly callsOf: ReadonlyMap<
    string,
    { readonly sends: readonly number[]; readonly looks: readonly number[] }
  >
  readonly lists: readonly number[]
  readonly acceptedBy: ReadonlySet<string>
  readonly owner: (upstreamRef: string) => RefSends | undefined
  readonly told: (body: string) => Told | null
}

export const keyOf = (merchantId: string, ref: string) => JSON.stringify([merchantId, ref])

export const broken = (promise: string, ref: string, what: string): Violation => ({ promise, ref, what })

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parse(body: string): Told | null {
  try {
    const json: unknown = JSON.parse(body)
    if (!isObject(json) || !isObject(json.data)) return null
    return {
      type: json.type,
      at: typeof json.timestamp === 'string' ? Date.parse(json.timestamp) : Number.NaN,
      data: json.data,
    }
  } catch {
    return null
  }
}

/** Bodies are compared and read many times; each is parsed once. */
function reader() {
  const known = new Map<string, Told | null>()
  return (body: string): Told | null => {
    let told = known.get(body)
    if (told === undefined) {
      told = parse(body)
      known.set(body, told)
    }
    return told
  }
}

function entry<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  let value = map.get(key)
  if (value === undefined) {
    value = create()
    map.set(key, value)
  }
  return value
}

function sendsByRef(merchants: readonly MerchantView[]) {
  const sendsOf = new Map<string, RefSends>()
  for (const { merchantId, sends } of merchants) {
    for (const send of sends) {
      entry(sendsOf, keyOf(merchantId, send.ref), () => ({
        merchantId,
        ref: send.ref,
        sends: [],
      })).sends.push(send)
    }
  }
  return sendsOf
}

/**
 * Whose an upstream ref is. The order says it; without one ("prefixed so that it is unique and the merchant and
 * ref can be read back from it") the ref is a part of it that begins or ends at a separator.
 */
function ownership(orders: ReadonlyMap<string, GatewayOrder>, sendsOf: ReadonlyMap<string, RefSends>) {
  const byRef = new Map<string, RefSends[]>()
  for (const sends of sendsOf.values()) entry(byRef, sends.ref, () => []).push(sends)
  return (upstreamRef: string): RefSends | undefined => {
    const order = orders.get(upstreamRef)
    if (order) return sendsOf.get(keyOf(order.merchantId, order.ref))
    const found = [...(byRef.get(upstreamRef) ?? [])]
    for (const { index, 0: separator } of upstreamRef.matchAll(/[^A-Za-z0-9]+/g)) {
      found.push(...(byRef.get(upstreamRef.slice(index + separator.length)) ?? []))
      found.push(...(byRef.get(upstreamRef.slice(0, index)) ?? []))
    }
    return found.find(({ merchantId }) => upstreamRef.includes(merchantId)) ?? found[0]
  }
}

function callsByRef(views: Views) {
  const callsOf = new Map<string, { sends: number[]; looks: number[] }>()
  const lists: number[] = []
  for (const { at, kind, upstreamRef } of views.provider.calls) {
    if (kind === 'list') lists.push(at)
    else {
      const calls = entry(callsOf, upstreamRef ?? '', () => ({ sends: [], looks: [] }))
      calls[kind === 'send' ? 'sends' : 'looks'].push(at)
    }
  }
  const ascending = (a: number, b: number) => a - b
  lists.sort(ascending)
  for (const { sends, looks } of callsOf.values()) {
    sends.sort(ascending)
    looks.sort(ascending)
  }
  return { callsOf, lists }
}

export const hopKey = ({ eventId, endpointId }: Pick<ReceivedCallback, 'eventId' | 'endpointId'>) =>
  JSON.stringify([eventId, endpointId])

export function facts(views: Views, settleGraceMs: number): Facts {
  const { orders } = views.gateway
  const orderOfUpstream = new Map(orders.map((order) => [order.upstreamRef, order]))
  const sendsOf = sendsByRef(views.merchants)
  const topupsOf = new Map<string, ProviderTopup[]>()
  for (const topup of views.provider.topups) entry(topupsOf, topup.upstreamRef, () => []).push(topup)
  const acceptedBy = new Set<string>()
  for (const { received } of views.merchants) {
    for (const callback of received) if (callback.accepted) acceptedBy.add(hopKey(callback))
  }
  return {
    views,
    settleGraceMs,
    orderOf: new Map(orders.map((order) => [keyOf(order.merchantId, order.ref), order])),
    orderOfUpstream,
    merchants: new Map(views.merchants.map((merchant) => [merchant.merchantId, merchant])),
    sendsOf,
    topupsOf,
    ...callsByRef(views),
    acceptedBy,
    owner: ownership(orderOfUpstream, sendsOf),
    told: reader(),
  }
}

export const sendsOfOrder = ({ sendsOf }: Facts, order: GatewayOrder): readonly MerchantSend[] =>
  sendsOf.get(keyOf(order.merchantId, order.ref))?.sends ?? []

/** A 4xx lets a merchant give his customer the money back; a 5xx tells him nothing, like a lost connection. */
export const refused = ({ answer }: MerchantSend) =>
  answer.kind === 'refused' && answer.httpStatus >= 400 && answer.httpStatus < 500

export const wasTold = ({ answer }: MerchantSend) => answer.kind === 'ok'

/** The sends whose body the order can have: the one told 200, or before that any that was not refused. */
export function candidates(sends: readonly MerchantSend[]): readonly MerchantSend[] {
  const told = sends.filter(wasTold)
  if (told.length > 0) return told
  const open = sends.filter((send) => !refused(send))
  return open.length > 0 ? open : sends
}
