/** Who is calling: a key's hash in memory, then in KV; behind both is the merchant object. */
import type { Context, MiddlewareHandler } from 'hono'
import { type Env, merchantById, settings } from '../env'
import { DEMO_KEYS, DEMO_MERCHANT } from '../merchant/demo'
import { type KeyEntry, keyPath } from '../merchant/keys'
import { equalSecrets, sha256Hex } from '../platform/crypto'
import { ApiError } from './envelope'

export interface Caller {
  Bindings: Env
  Variables: { requestId: string; key: KeyEntry }
}

/** With KV's own cache, a disabled key is refused everywhere within about a minute. */
const MEMORY_MS = 30_000
/** The least KV allows. */
const KV_CACHE_SECONDS = 30
/** Known keys only, so strangers cannot fill it. */
const MEMORY_ENTRIES = 5_000

const memory = new Map<string, { entry: KeyEntry; until: number }>()

/** Admits any valid key, or with READ-WRITE only those that may move money. */
export function withKey(scope: 'READ-ONLY' | 'READ-WRITE'): MiddlewareHandler<Caller> {
  return async (c, next) => {
    const token = accessToken(c)
    if (token === null) throw new ApiError('MISSING_ACCESS_TOKEN', 'Access token is required')
    const entry = await findKey(c.env, token)
    if (entry === null) throw new ApiError('INVALID_ACCESS_TOKEN', 'The provided access token is invalid')
    if (entry.disabled) throw new ApiError('API_DISABLED', 'This access token has been disabled')
    if (scope === 'READ-WRITE' && entry.scope === 'READ-ONLY') {
      throw new ApiError('PERMISSION_DENIED', 'This access token is READ-ONLY')
    }
    c.set('key', entry)
    await next()
  }
}

/** The operator's token; while none is set the admin surface is closed. */
export const withAdminToken: MiddlewareHandler<Caller> = async (c, next) => {
  const { adminToken } = settings(c.env)
  if (adminToken === null)
    throw new ApiError('PERMISSION_DENIED', 'The admin surface is closed: no ADMIN_TOKEN is set')
  const token = accessToken(c)
  if (token === null) throw new ApiError('MISSING_ACCESS_TOKEN', 'Access token is required')
  if (!(await equalSecrets(token, adminToken))) {
    throw new ApiError('INVALID_ACCESS_TOKEN', 'The provided access token is invalid')
  }
  await next()
}

function accessToken(c: Context): string | null {
  const bearer = /^Bearer +(.+)$/i.exec(c.req.header('Authorization') ?? '')?.[1]
  return c.req.header('X-Access-Token')?.trim() || bearer?.trim() || null
}

async function findKey(env: Env, token: string): Promise<KeyEntry | null> {
  const hash = await sha256Hex(token)
  const known = memory.get(hash)
  if (known !== undefined && known.until > Date.now()) return known.entry
  const entry = (await readKey(env, hash)) ?? (await readDemoKey(env, token, hash))
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
  if (!settings(env).local || !(token in DEMO_KEYS)) return null
  await merchantById(env, DEMO_MERCHANT).seedDemo()
  return readKey(env, hash)
}
