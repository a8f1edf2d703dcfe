/** Promises about what merchants are called back with. */
import {
  broken,
  candidates,
  type Facts,
  FINAL,
  hopKey,
  keyOf,
  sendsOfOrder,
  type Told,
} from './checker-facts.ts'
import type { GatewayOrder, ReceivedCallback, Violation } from './views.ts'

type Found = Generator<Violation>

/** "settled -> a new event, `state_version` + 1": one event for each version above 1, and none for any other. */
export function* oneEventPerVersion({ views }: Facts): Found {
  for (const { ref, stateVersion, events } of views.gateway.orders) {
    const versions = new Set(events.map((event) => event.stateVersion))
    const outside = events.find((event) => event.stateVersion < 2 || event.stateVersion > stateVersion)
    if (outside) yield broken('one event per version', ref, `an event of version ${outside.stateVersion}`)
    else if (versions.size !== events.length) yield broken('one event per version', ref, 'two of one version')
    else if (versions.size !== stateVersion - 1)
      yield broken('one event per version', ref, `${versions.size} events for version ${stateVersion}`)
  }
}

/** "The id derives from order and `state_version`": one stem for an order, of no other order, then the version. */
export function* eventIds({ views }: Facts): Found {
  const ownerOfStem = new Map<string, GatewayOrder>()
  const seen = new Set<string>()
  for (const order of views.gateway.orders) {
    for (const { id, stateVersion } of order.events) {
      if (seen.has(id)) yield broken('event ids', order.ref, `${id} is used twice`)
      seen.add(id)
      const suffix = `_${stateVersion}`
      const stem = id.endsWith(suffix) ? id.slice(0, -suffix.length) : null
      if (stem === null || (ownerOfStem.get(stem) ?? order) !== order)
        yield broken('event ids', order.ref, `${id} does not derive from the order and ${stateVersion}`)
      else ownerOfStem.set(stem, order)
    }
    const stems = new Set(order.events.map(({ id }) => id.slice(0, id.lastIndexOf('_'))))
    if (stems.size > 1) yield broken('event ids', order.ref, 'its events have different stems')
  }
}

const STATUS_OF: Readonly<Record<string, string>> = {
  'topup.fulfilled': 'FULFILLED',
  'topup.refunded': 'REFUNDED',
  'topup.unknown': 'UNKNOWN_ERROR',
}

/** What is wrong with the type, the status and `final`, given the events before it. */
function misfit({ type, data }: Told, before: Told | null): string | null {
  const { status, final, previous_status: previous } = data
  if (typeof status !== 'string' || final !== FINAL.has(status)) return `${status} with final ${final}`
  // After a final event the only news is a reversal; before one there is nothing to reverse.
  if (before?.data.final === true) {
    if (type !== 'topup.reversed' || !final) return `${type} after a final event`
    if (previous !== before.data.status) return `reversed from ${previous}, which it was not`
    return previous === status ? 'reversed to what it was' : null
  }
  if (typeof type !== 'string' || STATUS_OF[type] !== status) return `${type} says ${status}`
  return typeof previous !== 'string' || FINAL.has(previous) ? `previous_status ${previous}` : null
}

/** "`data` is the check-ref object plus `final`, `state_version`, `previous_status`, `environment`". */
export function* eventsFit(f: Facts): Found {
  const bad = (order: GatewayOrder, what: string) => broken('the event fits the state', order.ref, what)
  for (const order of f.views.gateway.orders) {
    let before: Told | null = null
    for (const event of [...order.events].sort((a, b) => a.stateVersion - b.stateVersion)) {
      const told = f.told(event.body)
      if (!told) {
        yield bad(order, 'its body is not an event')
        continue
      }
      const { data } = told
      const said = [told.type, data.ref, data.state_version, data._id]
      const meant = [event.type, order.ref, event.stateVersion, order.topupId]
      if (said.some((value, i) => value !== meant[i]))
        yield bad(order, `${JSON.stringify(said)} instead of ${JSON.stringify(meant)}`)
      if (!(told.at >= order.createdAt && told.at <= f.views.at))
        yield bad(order, 'its time is not in its life')
      const wrong = misfit(told, before)
      if (wrong) yield bad(order, wrong)
      const asked = candidates(sendsOfOrder(f, order)).some(
        (send) =>
          send.planCode === data.plan_code &&
          send.msisdn === data.MSSIDN &&
          send.amountDzd === data.topup_amount,
      )
      if (!asked) yield bad(order, 'plan, number and amount are of no send')
      before = told
    }
    const last: Told | null = before
    // PENDING and HANDLING make no event, so only a state that has one must be the last event's.
    const eventful = order.final || order.status === 'UNKNOWN_ERROR'
    if (eventful ? last?.data.status !== order.status : last?.data.final === true)
      yield bad(order, `${order.status} here, the last event says ${last?.data.status}`)
  }
}

/** "the bytes are rendered once, at commit, and reused for every attempt." */
export function* frozenBytes({ views, told }: Facts): Found {
  const known = new Map<string, { order: GatewayOrder; body: string }>()
  for (const order of views.gateway.orders)
    for (const { id, body } of order.events) known.set(id, { order, body })
  for (const { merchantId, received } of views.merchants) {
    for (const { eventId, endpointId, body } of received) {
      const event = known.get(eventId)
      if (!event) {
        // The proof of an endpoint is no event of an order.
        if (told(body)?.type !== 'endpoint.verification')
          yield broken('frozen bytes', eventId, 'a callback of no event')
      } else if (event.order.merchantId !== merchantId)
        yield broken('frozen bytes', event.order.ref, `it reached ${merchantId} at ${endpointId}`)
      else if (event.body !== body) yield broken('frozen bytes', event.order.ref, 'other bytes under its id')
    }
  }
}

/** "A paused or disabled endpoint *holds* its events; nothing is dropped." */
export function* deliveryForAll({ views, merchants }: Facts): Found {
  for (const order of views.gateway.orders) {
    const ids = new Set(order.events.map(({ id }) => id))
    const seen = new Map<string, string>()
    for (const delivery of order.deliveries) {
      const hop = hopKey(delivery)
      if (!ids.has(delivery.eventId)) yield broken('nothing is dropped', order.ref, 'a delivery of no event')
      if (seen.has(hop)) yield broken('nothing is dropped', order.ref, 'two deliveries of one event')
      seen.set(hop, delivery.state)
    }
    for (const eventId of ids) {
      for (const { id } of merchants.get(order.merchantId)?.endpoints ?? []) {
        const state = seen.get(hopKey({ eventId, endpointId: id }))
        if (state === undefined) yield broken('nothing is dropped', order.ref, `no delivery for ${id}`)
        // "Deleting an endpoint cancels what it holds", and nothing else does.
        if (state === 'cancelled') yield broken('nothing is dropped', order.ref, `cancelled for ${id}`)
      }
    }
  }
}

/** "Attempts: now, 5 s, 15 s, 1 min, 5 min, 15 min, 1 h, 3 h, 6 h, 12 h, 24 h, 24 h". */
const ATTEMPTS = 12

/** "Only 2xx is success"; what is held, and what is given up, has its reason. */
export function* deliveryStates({ views, merchants, acceptedBy }: Facts): Found {
  for (const { ref, merchantId, deliveries } of views.gateway.orders) {
    const endpoints = merchants.get(merchantId)?.endpoints
    for (const delivery of deliveries) {
      const { state, endpointId, attempts } = delivery
      if (state === 'delivered' && !acceptedBy.has(hopKey(delivery)))
        yield broken('delivered means accepted', ref, `${endpointId} never accepted it`)
      if (state === 'held' && endpoints?.find(({ id }) => id === endpointId)?.state === 'active')
        yield broken('held only while not active', ref, `held although ${endpointId} is active`)
      if (state === 'failed' && attempts < ATTEMPTS)
        yield broken('failed only after every attempt', ref, `given up after ${attempts} attempts`)
    }
  }
}

/**
 * "A receiver needs one rule: ignore what is not newer than the `state_version` you have." It leads to one end in any
 * order of arrival exactly if a version of a ref has one body, none is newer than the order, and the newest is its state.
 */
export function* oneRule({ views, orderOf, told }: Facts): Found {
  for (const { merchantId, received } of views.merchants) {
    const bodyOf = new Map<string, ReceivedCallback['body']>()
    for (const { accepted, body } of received) {
      const data = told(body)?.data
      if (!accepted || typeof data?.ref !== 'string') continue
      const { ref, state_version: version, status, final } = data
      const name = JSON.stringify([ref, version])
      if ((bodyOf.get(name) ?? body) !== body)
        yield broken('the one rule', ref, `two bodies of version ${version}`)
      bodyOf.set(name, body)
      const order = orderOf.get(keyOf(merchantId, ref))
      if (!order || typeof version !== 'number' || version > order.stateVersion)
        yield broken('the one rule', ref, `version ${version}, which the order does not have`)
      else if (version === order.stateVersion && final !== order.final)
        yield broken('the one rule', ref, `the newest says final ${final}, the order ${order.final}`)
      else if (version === order.stateVersion && order.final && status !== order.status)
        yield broken('the one rule', ref, `the newest says ${status}, the order ${order.status}`)
    }
  }
}
