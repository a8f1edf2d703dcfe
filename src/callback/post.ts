/** One signed POST to a merchant's endpoint: judged, signed, sent. Never throws. */
import type { Settings } from '../env'
import { type AttemptResult, attempt } from './deliver'
import { resolve } from './resolve'
import { type SigningKeys, signatureHeaders } from './sign'
import { checkTarget } from './target'

export interface Message {
  readonly id: string
  /** The exact bytes, the same on every attempt. */
  readonly body: string
  /** From 1. */
  readonly attemptNumber: number
  /** An example that its merchant sends himself: nothing happened. */
  readonly isTest?: boolean
  /** Somebody asked for it again. */
  readonly replayed?: boolean
}

/** Why nothing is sent; null when nothing stands against it. */
type Hindrance = Pick<AttemptResult, 'outcome' | 'answer'> | null

/** The keys do not open: a fault of ours. Nothing unsigned leaves. */
const CANNOT_SIGN: NonNullable<Hindrance> = {
  outcome: 'not_tried',
  answer: 'The gateway cannot open the signing keys of this endpoint; rotating them makes new ones.',
}

/** The address is judged again by the rules and the names of the moment: what was fine once may not be now. */
export async function post(
  target: { readonly url: string; readonly keys: readonly SigningKeys[] },
  { id, body, attemptNumber, isTest = false, replayed = false }: Message,
  { local, dnsUrl, ownZones }: Pick<Settings, 'local' | 'dnsUrl' | 'ownZones'>,
): Promise<AttemptResult> {
  const startedAt = Date.now()
  if (target.keys.length === 0) return notSent(CANNOT_SIGN, startedAt)
  const verdict = checkTarget(target.url, { allowLoopbackHttp: local, ownHosts: ownZones })
  if (!verdict.ok) return notSent({ outcome: 'forbidden', answer: verdict.reason }, startedAt)
  const hindrance = verdict.host === null ? null : await hindranceOf(verdict.host, dnsUrl)
  if (hindrance !== null) return notSent(hindrance, startedAt)
  const timestampSeconds = Math.floor(Date.now() / 1_000)
  const signature = await signatureHeaders({ id, timestampSeconds, body }, target.keys)
  const headers = {
    ...signature,
    'webhook-attempt': String(attemptNumber),
    ...(replayed ? { 'webhook-replay': 'true' } : {}),
    ...(isTest ? { 'webhook-test': 'true' } : {}),
  }
  return attempt({ url: verdict.url, headers, body }, { fetch, now: Date.now })
}

async function hindranceOf(host: string, dnsUrl: string): Promise<Hindrance> {
  const found = await resolve(host, { dnsUrl, fetch })
  switch (found.kind) {
    case 'public':
      return null
    case 'no_address':
      return { outcome: 'dns', answer: 'The host name does not exist or has no address.' }
    case 'special':
      return {
        outcome: 'forbidden',
        answer: `The host name leads to ${found.address}, which is not a public address (${found.block}).`,
      }
    case 'unresolved':
      return { outcome: 'not_tried', answer: 'The host name could not be looked up; we try again.' }
  }
}

function notSent(hindrance: NonNullable<Hindrance>, startedAt: number): AttemptResult {
  const durationMs = Math.max(0, Date.now() - startedAt)
  return { ...hindrance, httpStatus: null, retryAfterSeconds: null, durationMs }
}
