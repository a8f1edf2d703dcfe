/** How a merchant's callbacks fare, as every answer of the API tells him: his code calls us all day. Pure. */
import type { Endpoint } from './endpoint'
import { deadAt, type Health } from './health'

/** The worst of his endpoints; there is none while all is well. */
export interface CallbackHealth {
  readonly endpoint: string
  readonly state: 'failing' | 'disabled'
  /** Of the way to being disabled. */
  readonly percent: number
  readonly reason: string
  /** When it is disabled at the earliest, ISO 8601; null once it is. */
  readonly disables_at: string | null
}

export function callbackHealth(
  endpoints: readonly { readonly endpoint: Endpoint; readonly health: Health | null }[],
): CallbackHealth | null {
  const troubled = endpoints.map(healthOf).filter((health) => health !== null)
  return troubled.sort((a, b) => b.percent - a.percent)[0] ?? null
}

/** `failing; endpoint="ep_…"; percent=50; disables_at="…"`, the header's form. */
export function callbackHealthHeader({ state, endpoint, percent, disables_at }: CallbackHealth): string {
  const end = disables_at === null ? '' : `; disables_at="${disables_at}"`
  return `${state}; endpoint="${endpoint}"; percent=${percent}${end}`
}

/** The notice to an endpoint's second address. */
export function renderHealth(health: CallbackHealth, url: string, now: number): string {
  return JSON.stringify({
    type: 'gateway.callback_health',
    timestamp: new Date(now).toISOString(),
    data: { ...health, url },
  })
}

function healthOf({
  endpoint,
  health,
}: {
  endpoint: Endpoint
  health: Health | null
}): CallbackHealth | null {
  const { id, state } = endpoint
  if (state === 'disabled') {
    const reason = endpoint.reason ?? 'disabled'
    return { endpoint: id, state: 'disabled', percent: 100, reason, disables_at: null }
  }
  if (state !== 'active' || health === null || health.warned === 0) return null
  const disables_at = new Date(deadAt(health)).toISOString()
  return { endpoint: id, state: 'failing', percent: health.warned, reason: health.lastOutcome, disables_at }
}
