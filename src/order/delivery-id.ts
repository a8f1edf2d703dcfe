/** The id of a delivery says which order made it, and when, so that one id is enough to find it. Pure. */
import type { OrderEvent } from './state'

const FORM = /^dlv_([0-9a-z]{1,10})_([0-9a-f]{24})_\d+_[0-9a-z]{1,8}$/

export function deliveryId(
  { id, createdAt }: Pick<OrderEvent, 'id' | 'createdAt'>,
  endpointId: string,
): string {
  return `dlv_${createdAt.toString(36)}_${id.slice('evt_'.length)}_${endpointId.slice(-8)}`
}

/**
 * Sorts by the event's time, then by delivery: fixed for ever, so a cursor never skips or repeats. Null for what
 * cannot be the id of a delivery.
 */
export function deliveryPosition(id: string): string | null {
  const time = FORM.exec(id)?.[1]
  return time === undefined ? null : `${String(Number.parseInt(time, 36)).padStart(15, '0')}:${id}`
}

/** The gateway's id of the order that makes it; null for what cannot be the id of a delivery. */
export function makerOfDelivery(id: string): string | null {
  return FORM.exec(id)?.[2] ?? null
}
