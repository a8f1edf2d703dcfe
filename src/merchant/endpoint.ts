/** A merchant's callback endpoint: its record, its shape on the wire, its rules. Pure. */
import type { SigningKeys } from '../callback/sign'
import { ATTEMPT_DELAYS_SECONDS, type EndpointState } from '../order/outbox'
import type { Environment, FeedEventType } from '../order/state'
import type { SealedKeys } from './endpoint-keys'

/** In each environment. Every order keeps a delivery for each, and an order's record has its limit. */
export const MAX_ENDPOINTS = 10

export interface Endpoint extends Omit<EndpointState, 'state'> {
  readonly state: Exclude<EndpointState['state'], 'breaker'>
  /** Another address that is told when its health gets worse; null when nobody is. */
  readonly notifyUrl: string | null
  readonly description: string | null
  /** Newest first. */
  readonly keys: readonly SealedKeys[]
  readonly createdAt: number
  /** Why it is in its state, for the merchant; null when there is nothing to say. */
  readonly reason: string | null
  /** When it proved itself by echoing a challenge; null before. */
  readonly verifiedAt: number | null
  /** The next signed challenge; null when none is wanted. */
  readonly challenge: { readonly at: number; readonly spent: number } | null
}

/** What signs as an endpoint. */
export interface Signer {
  readonly id: string
  readonly environment: Environment
  readonly url: string
  /** Newest first. */
  readonly keys: readonly SigningKeys[]
}

/** What an order needs to call back. */
export interface CallbackTarget extends EndpointState {
  /** Newest first; opened. */
  readonly keys: readonly SigningKeys[]
  /** This call asks a silent receiver for all who wait. */
  readonly probe: boolean
  /** Something failed there, so a success is news. */
  readonly watched: boolean
}

export interface WantedEndpoint {
  readonly environment: Environment
  /** The normal form that `checkTarget` gave. */
  readonly url: string
  readonly events: readonly FeedEventType[]
  readonly description: string | null
  readonly foldSuperseded: boolean
  readonly notifyUrl: string | null
}

export interface EndpointChange {
  readonly state?: 'active' | 'paused' | undefined
  readonly url?: string | undefined
  readonly events?: readonly FeedEventType[] | undefined
  readonly foldSuperseded?: boolean | undefined
  readonly notifyUrl?: string | null | undefined
}

/** Sandbox endpoints deliver at once; a production endpoint holds its events until it echoed a challenge. */
export function newEndpoint(
  wanted: WantedEndpoint,
  id: string,
  keys: readonly SealedKeys[],
  now: number,
): Endpoint {
  const start = wanted.environment === 'production' ? unproven(now) : PROVEN
  return { ...wanted, id, keys, replaces: [], createdAt: now, ...start }
}

/** Everything but going active, which may need a challenge first. */
export function changedEndpoint(endpoint: Endpoint, change: EndpointChange, now: number): Endpoint {
  const moved = movedEndpoint(endpoint, change.url ?? endpoint.url, now)
  const changed: Endpoint = {
    ...moved,
    events: change.events ?? endpoint.events,
    foldSuperseded: change.foldSuperseded ?? endpoint.foldSuperseded,
    notifyUrl: change.notifyUrl === undefined ? endpoint.notifyUrl : change.notifyUrl,
  }
  // What is disabled holds its events already, and must answer before it is called again.
  if (change.state !== 'paused' || changed.state === 'disabled') return changed
  return { ...changed, state: 'paused', reason: 'paused by the merchant', challenge: null }
}

/** In production another URL must prove itself; a paused endpoint is asked when it is set active. */
function movedEndpoint(endpoint: Endpoint, url: string, now: number): Endpoint {
  if (url === endpoint.url || endpoint.environment === 'sandbox') return { ...endpoint, url }
  if (endpoint.state === 'paused') return { ...endpoint, url, verifiedAt: null }
  return { ...endpoint, url, ...unproven(now) }
}

/** Its receiver echoed the challenge. `activate`: the merchant asked for that. */
export function provenEndpoint(endpoint: Endpoint, activate: boolean, now: number): Endpoint {
  const proven: Endpoint = { ...endpoint, challenge: null, verifiedAt: now }
  return activate || endpoint.state === 'unverified' ? { ...proven, state: 'active', reason: null } : proven
}

/** Set active by the merchant, it must answer first: in production once, and again after it was disabled. */
export function mustProve({ environment, state, verifiedAt }: Endpoint): boolean {
  return state === 'disabled' || (environment === 'production' && verifiedAt === null)
}

/** It takes over what another one, which is deleted, would still have been sent. */
export function heirOf(endpoint: Endpoint, deleted: Endpoint): Endpoint {
  return { ...endpoint, replaces: [...endpoint.replaces, deleted.id, ...deleted.replaces] }
}

/** Challenges follow the callbacks' own schedule and end with it; the merchant may ask for one any time. */
export function nextChallenge({ challenge }: Endpoint, now: number): Endpoint['challenge'] {
  if (challenge === null) return null
  const spent = challenge.spent + 1
  const delaySeconds = ATTEMPT_DELAYS_SECONDS[spent]
  return delaySeconds === undefined ? null : { at: now + delaySeconds * 1_000, spent }
}

type Standing = Pick<Endpoint, 'state' | 'verifiedAt' | 'challenge' | 'reason'>

const PROVEN: Standing = { state: 'active', verifiedAt: null, challenge: null, reason: null }

function unproven(now: number): Standing {
  return { state: 'unverified', verifiedAt: null, challenge: { at: now, spent: 0 }, reason: null }
}

/** The id names its merchant, so that a receiver can fetch the public key without any key of ours. */
export function endpointId(merchantId: string, random: string): string {
  return `ep_${merchantId}_${random}`
}

/** Null for what cannot be an endpoint's id. */
export function merchantOfEndpoint(id: string): string | null {
  return /^ep_([a-z0-9]+)_[0-9a-f]+$/.exec(id)?.[1] ?? null
}
