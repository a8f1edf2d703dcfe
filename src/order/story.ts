/** An order's whole story as its merchant reads it. Pure. */
import type { WhyTexts } from '../callback/why'
import { deliveryView, type EventDelivery } from '../merchant/delivery-view'
import type { Evidence, Step } from './history'
import { OPERATOR_WALLET, sandboxAccount } from './name'
import type { Order } from './state'
import type { Snapshot } from './view'

export function story(order: Order, snapshot: Snapshot, texts: WhyTexts) {
  const { intent, history, events, deliveries } = order
  const typeOf = new Map(events.map(({ id, type }) => [id, type]))
  return {
    ...snapshot.topup,
    // As in lists: only where the merchant was told another before it was known.
    provider_id: order.providerId === order.topupId ? null : order.providerId,
    phase: order.phase,
    final: snapshot.final,
    state_version: order.stateVersion,
    settled_at: iso(order.settledAt),
    folded_at: iso(order.folded?.at ?? null),
    next_check_at: iso(snapshot.nextCheckAt),
    callback: snapshot.callback,
    callback_url: intent.callback?.url ?? null,
    warnings: order.warnings,
    flag: order.flag === null ? null : { at: iso(order.flag.at), reason: order.flag.reason },
    wallet: walletKind(intent.wallet),
    upstream_ref: intent.upstreamRef,
    submissions: order.submissions,
    steps: history.map((step) => stepView(step, intent.wallet === OPERATOR_WALLET)),
    events: events.map(({ id, type, stateVersion, createdAt, body }) => ({
      id,
      type,
      state_version: stateVersion,
      created_at: iso(createdAt),
      body,
    })),
    deliveries: deliveries.map((delivery) => {
      const type = typeOf.get(delivery.eventId) ?? 'topup.unknown'
      return deliveryView({ delivery, ref: intent.ref, type }, texts)
    }),
  }
}

/** One of its deliveries; null when it has none such. */
export function deliveryOf({ intent, events, deliveries }: Order, id: string): EventDelivery | null {
  const delivery = deliveries.find((each) => each.id === id)
  const event = events.find((each) => each.id === delivery?.eventId)
  if (delivery === undefined || event === undefined) return null
  return { delivery, ref: intent.ref, type: event.type }
}

/** `isShared`: the account's name, a phone number, is not this merchant's. */
function stepView(step: Step, isShared: boolean) {
  return {
    at: iso(step.at),
    last_at: iso(step.lastAt),
    times: step.times,
    did: step.did,
    result: step.result,
    phase: step.phase,
    status: step.status,
    state_version: step.stateVersion,
    exchanges: step.evidence.map((evidence) => exchangeView(evidence, isShared)),
  }
}

function exchangeView(evidence: Evidence, isShared: boolean) {
  return {
    at: iso(evidence.at),
    duration_ms: evidence.durationMs,
    method: evidence.method,
    path: evidence.path,
    sent: evidence.sent,
    http_status: evidence.httpStatus,
    failure: evidence.failure,
    received: isShared ? evidence.received.replace(/API-[^-"]+-/g, 'API-…-') : evidence.received,
    received_bytes: evidence.receivedBytes,
    sha256: evidence.sha256,
  }
}

function walletKind(wallet: string): 'sandbox' | 'operator' | 'own' {
  if (sandboxAccount(wallet) !== null) return 'sandbox'
  return wallet === OPERATOR_WALLET ? 'operator' : 'own'
}

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString()
}
