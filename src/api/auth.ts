/** Who is calling: a key's hash in memory, then in KV; behind both is the merchant object. */
import type { Context, MiddlewareHandler } from 'hono'
import { type Env, merchantById, settings } from '../env'
import { DEMO_KEYS, DEMO_MERCHANT } from '../merchant/demo'
import { type KeyEntry, keyPath, type Scope } from '../merchant/keys'
import { isAllowed } from '../platform/address'
import { equalSecrets, sha256Hex } from '../platform/crypto'
import { ApiError } from './envelope'
import { address, limitKey, refuseStranger } from './limits'

export interface Caller {
  Bindings: Env
  Variables: {
    requestId: string
    key: KeyEntry
    isOperator?: boolean
    /** The code of a refusal that a page of the console tells in its own words. */
    refused?: string
  }
}

/** With KV's own cache, a disabled key is refused everywhere within a minute. */
const MEMORY_MS = 25_000
/** The least KV allows. */
const KV_CACHE_SECONDS = 30
/** Known keys only, so strangers cannot fill it. */
const MEMORY_ENTRIES = 5_000
/** How often one isolate tells that a key is in use. */
const USE_TOLD_MS = 10 * 60_000

const memory = new Map<string, { entry: KeyEntry; until: number }>()
const toldUse = new Map<string, number>()

/** Admits any valid key, or with READ-WRITE only those that may move money. */
export function withKey(scope: Scope): MiddlewareHandler<Caller> {
  return async (c, next) => {
    const token = accessToken(c)
    if (token === null) throw missingToken()
    await admit(c, (await keyOf(c, token)).entry, scope)
    await next()
  }
}

/** The key that somebody has; of one that nobody was given, the answer to a stranger. `hash` is what it is found by again. */
export async function keyOf(c: Context<Caller>, token: string): Promise<{ hash: string; entry: KeyEntry }> {
  const entry = (await findKey(c.env, token)) ?? (await refuseStranger(c))
  return { hash: await sha256Hex(token), entry }
}

/** Lets a key in that is known, if it may be used here and now and for this. */
export async function admit(c: Context<Caller>, entry: KeyEntry, scope: Scope): Promise<void> {
  checkKey(c, entry)
  await limitKey(c, entry.keyId)
  mustHave(entry, scope)
  tellUse(c, entry)
  c.set('key', entry)
}

export function mustHave(entry: KeyEntry, scope: Scope): void {
  if (scope === 'READ-WRITE' && entry.scope === 'READ-ONLY') {
    throw new ApiError('PERMISSION_DENIED', 'This access token is READ-ONLY')
  }
}

export const withAdminToken: MiddlewareHandler<Caller> = async (c, next) => {
  await admitOperator(c, accessToken(c))
  await next()
}

/** Whoever has the operator's token; while none is set the admin surface is closed. */
export async function admitOperator(c: Context<Caller>, token: string | null): Promise<void> {
  const { adminToken } = settings(c.env)
  if (adminToken === null)
    throw new ApiError('PERMISSION_DENIED', 'The admin surface is closed: no ADMIN_TOKEN is set')
  if (token === null) throw missingToken()
  if (!(await equalSecrets(token, adminToken))) await refuseStranger(c)
}

/** The key that was given, as the caller wrote it; null when there is none. v2 clients send it bare. */
export function accessToken(c: Context): string | null {
  const authorization = c.req.header('Authorization')?.trim() ?? ''
  const bearer = /^Bearer(?: +(.*))?$/i.exec(authorization)
  const bare = c.req.path.startsWith('/v2/') && !/\s/.test(authorization) ? authorization : null
  return c.req.header('X-Access-Token')?.trim() || (bearer === null ? bare : bearer[1]?.trim()) || null
}

/** Of a key that may be used from here; null when it may not, for calls that need none. */
export async function knownCaller(c: Context<Caller>): Promise<KeyEntry | null> {
  const token = accessToken(c)
  const entry = token === null ? null : await findKey(c.env, token)
  return entry !== null && !entry.disabled && isAllowed(address(c), entry.allowedIps) ? entry : null
}

function checkKey(c: Context<Caller>, { disabled, allowedIps }: KeyEntry): void {
  if (disabled) throw new ApiError('API_DISABLED', 'This access token has been disabled')
  if (!isAllowed(address(c), allowedIps)) {
    throw new ApiError('IP_NOT_ALLOWED', 'This access token may not be used from your IP address')
  }
}

function missingToken(): ApiError {
  return new ApiError('MISSING_ACCESS_TOKEN', 'Access token is required')
}

async function findKey(env: Env, token: string): Promise<KeyEntry | null> {
  const hash = await sha256Hex(token)
  return (await keyOfHash(env, hash)) ?? (await readDemoKey(env, token, hash))
}

/** By its SHA-256, hex; null when there is none such, as far as this place knows. */
export async function keyOfHash(env: Env, hash: string): Promise<KeyEntry | null> {
  const known = memory.get(hash)
  if (known !== undefined && known.until > Date.now()) return known.entry
  const entry = await readKey(env, hash)
  if (entry === null) return null
  if (memory.size >= MEMORY_ENTRIES) memory.clear()
  memory.set(hash, { entry, until: Date.now() + MEMORY_MS })
  return entry
}

function readKey(env: Env, hash: string): Promise<KeyEntry | null> {
  return env.KEYS.get<KeyEntry>(keyPath(hash), { type: 'json', cacheTtl: KV_CACHE_SECONDS })
}

/** On a developer's machine the demo merchant appears when his key is first used. */
async function readDemoKey(env: Env, token: string, hash: string): Promise<KeyEntry | null> {
  if (!settings(env).local || !Object.hasOwn(DEMO_KEYS, token)) return null
  await merchantById(env, DEMO_MERCHANT).seedDemo()
  return keyOfHash(env, hash)
}

/** A courtesy to the operator: nothing waits for it, and its failure is nobody's. */
function tellUse(c: Context<Caller>, { merchantId, keyId }: KeyEntry): void {
  const now = Date.now()
  if (now - (toldUse.get(keyId) ?? 0) < USE_TOLD_MS) return
  if (toldUse.size >= MEMORY_ENTRIES) toldUse.clear()
  toldUse.set(keyId, now)
  c.executionCtx.waitUntil(
    merchantById(c.env, merchantId)
      .keyUsed(keyId)
      .catch(() => undefined),
  )
}
