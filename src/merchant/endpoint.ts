/** A merchant's callback endpoint: its record, its shape on the wire, its rules. Pure. */
import type { SigningKeys } from '../callback/sign'
import type { EndpointState } from '../order/outbox'

export interface Endpoint extends EndpointState {
  readonly description: string | null
  /** Newest first. */
  readonly keys: readonly SigningKeys[]
  readonly createdAt: number
  /** Why it is in its state, for the merchant; null when there is nothing to say. */
  readonly reason: string | null
  /** When it proved itself by echoing a challenge; null before. */
  readonly verifiedAt: number | null
  /** The next signed challenge; null when none is wanted. */
  readonly challenge: { readonly at: number; readonly spent: number } | null
}

/** What an order needs to call back. */
export type CallbackTarget = Pick<Endpoint, 'id' | 'url' | 'state' | 'environment' | 'events' | 'keys'>

/** The endpoint as its merchant sees it; the secret is shown once, at creation, and not here. */
export interface EndpointView {
  readonly id: string
  readonly url: string
  readonly events: readonly string[]
  readonly state: Endpoint['state']
  readonly description: string | null
  readonly reason: string | null
  readonly public_key: string
  readonly verified_at: string | null
  readonly created_at: string
}

/** The id names its merchant, so that a receiver can fetch the public key without any key of ours. */
export function endpointId(merchantId: string, random: string): string {
  return `ep_${merchantId}_${random}`
}

/** Null for what cannot be an endpoint's id. */
export function merchantOfEndpoint(id: string): string | null {
  return /^ep_([a-z0-9]+)_[0-9a-f]+$/.exec(id)?.[1] ?? null
}

export function endpointView(endpoint: Endpoint): EndpointView {
  const [newest] = endpoint.keys
  if (newest === undefined) throw new Error('an endpoint has a key')
  return {
    id: endpoint.id,
    url: endpoint.url,
    events: endpoint.events,
    state: endpoint.state,
    description: endpoint.description,
    reason: endpoint.reason,
    public_key: newest.publicKey,
    verified_at: endpoint.verifiedAt === null ? null : new Date(endpoint.verifiedAt).toISOString(),
    created_at: new Date(endpoint.createdAt).toISOString(),
  }
}

/** A receiver proves itself with a JSON answer whose `challenge` is the one it was sent. */
export function echoes(answer: string, challenge: string): boolean {
  try {
    const body: unknown = JSON.parse(answer)
    return typeof body === 'object' && body !== null && 'challenge' in body && body.challenge === challenge
  } catch {
    return false
  }
}
