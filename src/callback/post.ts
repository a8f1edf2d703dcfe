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
  /** Somebody asked for it again. */
  readonly replayed?: boolean
}

/** The address is judged again by the rules of the moment: what was fine once may not be now. */
export async function post(
  target: { readonly url: string; readonly keys: readonly SigningKeys[] },
  { id, body, attemptNumber, replayed = false }: Message,
  { local }: Pick<Settings, 'local'>,
): Promise<AttemptResult> {
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
  const extra = {
    'webhook-attempt': String(attemptNumber),
    ...(replayed ? { 'webhook-replay': 'true' } : {}),
  }
  const headers = { ...signature, ...extra }
  return attempt({ url: verdict.url, headers, body }, { fetch, now: Date.now })
}
