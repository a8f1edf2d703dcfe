/** What is durable at the end, in the words of the checker. */
import type { Endpoint } from '../../src/merchant/endpoint'
import { isFinal, type Order } from '../../src/order/state'
import type { Database } from './sql'
import type { Disk } from './storage'
import type { GatewayOrder, GatewayView, MerchantView } from './views'

/** `disks`: of the order objects. Times are true ones, whatever the clock said. */
export function gatewayView(
  disks: readonly Disk[],
  skewMs: number,
  losses: GatewayView['losses'],
): GatewayView {
  return { orders: disks.flatMap((disk) => orderView(disk, skewMs) ?? []), losses }
}

/** `wallet`: the database of the wallet object, if it ever had one. */
export function lossesView(wallet: Database | null): GatewayView['losses'] {
  if (wallet === null || wallet.isEmpty) return []
  const rows = wallet
    .exec("SELECT kind, facts FROM incidents WHERE kind IN ('orphan', 'broken_chain')")
    .toArray()
  // The edge of the model: the object wrote it.
  return (rows as { kind: string; facts: string }[]).map(({ kind, facts }) => ({
    kind,
    topupId: JSON.parse(facts).topupId,
  }))
}

/** `disk`: of the merchant object. */
export function endpointsView(disk: Disk | undefined): MerchantView['endpoints'] {
  const kept = Array.from(disk?.kv ?? []).filter(([key]) => key.startsWith('endpoint:'))
  // The edge of the model: the object wrote it.
  return kept.map(([, value]) => value as Endpoint).map(({ id, state }) => ({ id, state }))
}

/** A spread of 60 s by a clock that leaps is none: see `clock_leap`. */
export function isInDoubt(disk: Disk): boolean {
  const kept = disk.kv.get('order')
  return kept !== undefined && ['sending', 'in_doubt'].includes((kept as Order).phase)
}

function orderView(disk: Disk, skewMs: number): GatewayOrder | null {
  const kept = disk.kv.get('order')
  if (kept === undefined) return null
  const order = kept as Order // the edge of the model: the object wrote it
  // A reversal moves the order's own `settledAt`.
  const settled = order.events.find(({ type }) => type !== 'topup.unknown')
  const trueTime = (time: number) => disk.trueTimes.get(time) ?? time
  return {
    merchantId: order.intent.merchantId,
    ref: order.intent.ref,
    upstreamRef: order.intent.upstreamRef,
    topupId: order.topupId,
    status: order.status,
    final: isFinal(order),
    stateVersion: order.stateVersion,
    createdAt: trueTime(order.createdAt),
    settledAt: settled === undefined ? null : trueTime(settled.createdAt),
    alarmAt: disk.alarm === null ? null : disk.alarm - skewMs,
    flagged: order.flag !== null,
    events: order.events.map(({ id, type, stateVersion, body }) => ({ id, type, stateVersion, body })),
    deliveries: order.deliveries.map(({ eventId, endpointId, state, attempts }) => ({
      eventId,
      endpointId,
      state,
      attempts: attempts.length,
    })),
  }
}
