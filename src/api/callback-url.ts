/** Where a merchant wants to be called back, judged before anything is kept. */
import type { Context } from 'hono'
import { checkTarget, type TargetVerdict } from '../callback/target'
import { merchantById, settings } from '../env'
import type { Intent, Refusal } from '../order/state'
import type { Caller } from './auth'
import { ERRORS } from './contract'
import { ApiError } from './envelope'

/** The normal form of an allowed callback URL: the one that is stored and called. */
export function allowedUrl(c: Context<Caller>, url: string, field = 'url'): string {
  const verdict = judged(c, url)
  if (!verdict.ok) throw new ApiError('ERR_VALIDATION', verdict.reason, { field, value: url })
  return verdict.url
}

/** Of a send. What speaks against it is weighed for the first of its ref alone: a repetition has its answer. */
export interface AskedCallback {
  readonly callback: Intent['callback']
  readonly objection: Refusal | null
}

export async function askedCallback(c: Context<Caller>, url: string | undefined): Promise<AskedCallback> {
  if (url === undefined) return { callback: null, objection: null }
  const verdict = judged(c, url)
  if (!verdict.ok) return objected(url, verdict.reason)
  const { merchantId, environment } = c.get('key')
  const endpointId = await merchantById(c.env, merchantId).callbackEndpoint(environment, verdict.url)
  if (endpointId === null) return objected(verdict.url, NOT_YOURS[environment])
  return { callback: { url: verdict.url, endpointId }, objection: null }
}

const NOT_YOURS = {
  sandbox: 'body/callback_url must be on the host of one of your endpoints that is not disabled',
  production: 'body/callback_url must be on the host of one of your endpoints that has proven itself',
}

/** No endpoint answers for it, so this intent is never kept. */
function objected(url: string, message: string): AskedCallback {
  const objection: Refusal = {
    httpStatus: ERRORS.ERR_VALIDATION.status,
    code: 'ERR_VALIDATION',
    message,
    detailsJson: JSON.stringify({ field: 'callback_url', value: url }),
    retryAfterSeconds: null,
  }
  return { callback: { url, endpointId: '' }, objection }
}

function judged(c: Context<Caller>, url: string): TargetVerdict {
  const { local, ownZones } = settings(c.env)
  const ownHosts = local ? ownZones : [...ownZones, new URL(c.req.url).hostname]
  return checkTarget(url, { allowLoopbackHttp: local, ownHosts })
}
