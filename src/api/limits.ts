/** How often a key may call, and how often an address may be wrong about keys. */
import type { Context } from 'hono'
import { sha256Hex } from '../platform/crypto'
import { logError } from '../platform/log'
import type { Caller } from './auth'
import { ApiError } from './envelope'

/** The period of both limiters in wrangler.toml. */
const PERIOD_SECONDS = 60
/** As long as the provider's own block. */
const BLOCK_SECONDS = 15 * 60
const KV_CACHE_SECONDS = 30

/** The caller's, as the platform saw it: there he cannot choose it. */
export function address(c: Context): string | null {
  return c.req.header('CF-Connecting-IP') ?? null
}

/** 429 when the key is used up for this minute. */
export async function limitKey(c: Context<Caller>, keyId: string): Promise<void> {
  const { success = true } = (await c.env.KEY_LIMIT?.limit({ key: keyId })) ?? {}
  if (success) return
  throw new ApiError('RATE_LIMIT_EXCEEDED', 'Too many requests with this access token', null, {
    'Retry-After': String(PERIOD_SECONDS),
  })
}

/** KV takes one write a second of a key, and one is enough. */
async function block(c: Context<Caller>, path: string): Promise<void> {
  try {
    await c.env.KEYS.put(path, '', { expirationTtl: BLOCK_SECONDS })
  } catch (error) {
    logError('address.block', error)
  }
}

/**
 * The answer to a key that nobody was given; after too many, a block of the address. Only unknown keys are
 * blocked: behind one address of a mobile network there are thousands of people, and a shop with a good key
 * must not be locked out by its neighbour.
 */
export async function refuseStranger(c: Context<Caller>): Promise<never> {
  const path = `blocked:${await sha256Hex(address(c) ?? '')}`
  const { success = true } = (await c.env.STRANGER_LIMIT?.limit({ key: path })) ?? {}
  const isBlocked = (await c.env.KEYS.get(path, { cacheTtl: KV_CACHE_SECONDS })) !== null
  if (!success && !isBlocked) c.executionCtx.waitUntil(block(c, path))
  if (success && !isBlocked)
    throw new ApiError('INVALID_ACCESS_TOKEN', 'The provided access token is invalid')
  throw new ApiError(
    'IP_BLOCKED',
    'Your IP has been temporarily blocked due to too many invalid attempts',
    null,
    { 'Retry-After': String(BLOCK_SECONDS) },
  )
}
