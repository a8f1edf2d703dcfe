/** An endpoint as its merchant sees it; the secret is shown once, at creation, and not here. Pure. */
import type { Endpoint } from './endpoint'
import { type PublicKeyView, publicKeyView } from './endpoint-keys'
import { deadAt, type Health, nextProbeAt } from './health'

export interface EndpointView {
  readonly id: string
  readonly url: string
  readonly events: readonly string[]
  readonly state: Endpoint['state']
  readonly description: string | null
  readonly reason: string | null
  readonly fold_superseded: boolean
  readonly notify_url: string | null
  /** The newest. */
  readonly public_key: string
  readonly public_keys: readonly PublicKeyView[]
  readonly verified_at: string | null
  readonly created_at: string
  /** Events that wait until it is active and answers. */
  readonly held: number
  readonly health: HealthView
}

interface HealthView {
  /** `silent`: several orders failed in a row; one at a time asks it until it answers, the others wait. */
  readonly state: 'ok' | 'failing' | 'silent'
  readonly failing_since: string | null
  readonly failures: number
  readonly last_outcome: string | null
  readonly next_probe_at: string | null
  /** When it is disabled at the earliest, if nothing succeeds. */
  readonly disables_at: string | null
}

export function endpointView(endpoint: Endpoint, health: Health | null, held: number): EndpointView {
  const [newest] = endpoint.keys
  if (newest === undefined) throw new Error('an endpoint has a key')
  return {
    id: endpoint.id,
    url: endpoint.url,
    events: endpoint.events,
    state: endpoint.state,
    description: endpoint.description,
    reason: endpoint.reason,
    fold_superseded: endpoint.foldSuperseded,
    notify_url: endpoint.notifyUrl,
    public_key: newest.publicKey,
    public_keys: endpoint.keys.map(publicKeyView),
    verified_at: iso(endpoint.verifiedAt),
    created_at: new Date(endpoint.createdAt).toISOString(),
    held,
    health: healthView(health),
  }
}

function healthView(health: Health | null): HealthView {
  if (health === null) {
    const none = { failing_since: null, last_outcome: null, next_probe_at: null, disables_at: null }
    return { state: 'ok', failures: 0, ...none }
  }
  return {
    state: health.breaker === null ? 'failing' : 'silent',
    failing_since: iso(health.failingSince),
    failures: health.failures,
    last_outcome: health.lastOutcome,
    next_probe_at: iso(nextProbeAt(health)),
    disables_at: iso(deadAt(health)),
  }
}

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString()
}
