/** One signed POST to a merchant's endpoint: judged, signed, sent. Never throws. */
import type { Settings } from '../env'
import { type AttemptResult, attempt } from './deliver'
import { type SigningKeys, signatureHeaders } from './sign'
import { checkTarget } from './target'

export interface Message {
  readonly id: string
  /** The exact bytes, the same on every attempt. */
  readonly body: string
  /** From 1. */
  readonly attemptNumber: number
}

/**
 * The keys do not open. A fault of ours, perhaps repaired in a moment: it costs no attempt for as long as a
 * receiver's own "not now" costs none, and nothing unsigned leaves.
 */
const CANNOT_SIGN: AttemptResult = {
  outcome: 'throttled',
  httpStatus: null,
  retryAfterSeconds: 0,
  answer: 'The gateway cannot open the signing keys of this endpoint; rotating them makes new ones.',
  durationMs: 0,
}

/** The address is judged again by the rules of the moment: what was fine once may not be now. */
export async function post(
  target: { readonly url: string; readonly keys: readonly SigningKeys[] },
  { id, body, attemptNumber }: Message,
  { local }: Pick<Settings, 'local'>,
): Promise<AttemptResult> {
  if (target.keys.length === 0) return CANNOT_SIGN
  const verdict = checkTarget(target.url, { allowLoopbackHttp: local, ownHosts: [] })
  if (!verdict.ok) {
    return {
      outcome: 'refused',
      httpStatus: null,
      retryAfterSeconds: null,
      answer: verdict.reason,
      durationMs: 0,
    }
  }
  const timestampSeconds = Math.floor(Date.now() / 1_000)
  const signature = await signatureHeaders({ id, timestampSeconds, body }, target.keys)
  const headers = { ...signature, 'webhook-attempt': String(attemptNumber) }
  return attempt({ url: verdict.url, headers, body }, { fetch, now: Date.now })
}
