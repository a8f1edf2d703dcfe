/**
 * The operator's session: a sealed cookie of its own that names the admin token by its hash, so another token ends it. It is
 * sent to his pages only, and a merchant's opens none of them.
 */
import type { Context, MiddlewareHandler } from 'hono'
import { admitOperator, type Caller } from '../api/auth'
import { ApiError } from '../api/envelope'
import { settings } from '../env'
import { equalSecrets, sha256Hex } from '../platform/crypto'
import { seal, unseal } from '../platform/vault'
import { OPERATOR_ROOT } from './reader'
import { cookieOf, mustBeOurOwnForm, SESSION_SECONDS, seeOther } from './session'

const COOKIE = 'rasid_operator'
const CONTEXT = 'operator session'

interface OperatorSession {
  /** SHA-256 of the admin token, hex. */
  readonly hash: string
  /** Unix ms. */
  readonly until: number
}

export async function sealOperator(masterKey: string, adminToken: string, now: number): Promise<string> {
  const session: OperatorSession = { hash: await sha256Hex(adminToken), until: now + SESSION_SECONDS * 1_000 }
  return await seal(masterKey, CONTEXT, JSON.stringify(session))
}

/** Whether we sealed it for who had this token, and it is not over. */
export async function isOperators(
  masterKey: string,
  adminToken: string,
  sealed: string,
  now: number,
): Promise<boolean> {
  try {
    const { hash, until }: OperatorSession = JSON.parse(await unseal(masterKey, CONTEXT, sealed))
    return until > now && (await equalSecrets(hash, await sha256Hex(adminToken)))
  } catch {
    return false
  }
}

/** Admits the operator; others are sent to sign in. Nothing is done that a page of somebody else's asked for. */
export const withOperator: MiddlewareHandler<Caller> = async (c, next) => {
  if (c.req.method !== 'GET' && c.req.method !== 'HEAD') mustBeOurOwnForm(c)
  const { masterKey, adminToken } = settings(c.env)
  const sealed = cookieOf(c, COOKIE)
  if (sealed === null) return seeOther(`${OPERATOR_ROOT}/sign-in`)
  const isHis =
    masterKey !== null &&
    adminToken !== null &&
    (await isOperators(masterKey, adminToken, sealed, Date.now()))
  if (!isHis) return seeOther(`${OPERATOR_ROOT}/sign-in?done=ended`, cookie(c, '', 0))
  c.set('isOperator', true)
  await next()
}

/** Throws as the API would for this token. */
export async function signInOperator(c: Context<Caller>, token: string): Promise<Response> {
  mustBeOurOwnForm(c)
  const { masterKey } = settings(c.env)
  if (masterKey === null) throw new ApiError('SERVICE_UNAVAILABLE', 'No MASTER_KEY is set')
  await admitOperator(c, token)
  return seeOther(OPERATOR_ROOT, cookie(c, await sealOperator(masterKey, token, Date.now()), SESSION_SECONDS))
}

export function signOutOperator(c: Context<Caller>): Response {
  mustBeOurOwnForm(c)
  return seeOther(`${OPERATOR_ROOT}/sign-in?done=signed_out`, cookie(c, '', 0))
}

function cookie(c: Context, value: string, seconds: number): string {
  const secure = new URL(c.req.url).protocol === 'https:' ? '; Secure' : ''
  return `${COOKIE}=${value}; Path=${OPERATOR_ROOT}; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`
}
