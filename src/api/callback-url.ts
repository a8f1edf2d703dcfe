/** Where a merchant wants to be called back, judged before anything is kept. */
import type { Context } from 'hono'
import { checkTarget } from '../callback/target'
import { settings } from '../env'
import type { Caller } from './auth'
import { ApiError } from './envelope'

/** The normal form of an allowed callback URL: the one that is stored and called. */
export function allowedUrl(c: Context<Caller>, url: string): string {
  const { local } = settings(c.env)
  const ownHosts = local ? [] : [new URL(c.req.url).hostname]
  const verdict = checkTarget(url, { allowLoopbackHttp: local, ownHosts })
  if (!verdict.ok) throw new ApiError('ERR_VALIDATION', verdict.reason, { field: 'url', value: url })
  return verdict.url
}
