/**
 * Who is signed in: a sealed cookie that names a key by its hash. The key itself is in it nowhere; on each request it is
 * looked up and judged as the API does it, so a key that is revoked ends its sessions. Which session was signed out, its
 * merchant knows: a copy of the cookie is of no use.
 */
import type { Context, MiddlewareHandler } from 'hono'
import { admit, type Caller, keyOf, keyOfHash, mustHave } from '../api/auth'
import { ApiError } from '../api/envelope'
import { merchantById, settings } from '../env'
import type { KeyEntry, Scope } from '../merchant/keys'
import { randomHex } from '../platform/crypto'
import { seal, unseal } from '../platform/vault'
import { written } from './written'

const SESSION_COOKIE = 'rasid_console'
/** A working day; after it somebody who found the telephone signs in with a key, or not. */
export const SESSION_SECONDS = 8 * 3_600
const CONTEXT = 'console session'

interface Session {
  readonly id: string
  /** SHA-256 of the key, hex. */
  readonly hash: string
  readonly keyId: string
  /** Unix ms. */
  readonly until: number
}

export async function sealSession(
  masterKey: string,
  session: Omit<Session, 'until'>,
  now: number,
): Promise<string> {
  const until = now + SESSION_SECONDS * 1_000
  return await seal(masterKey, CONTEXT, JSON.stringify({ ...session, until } satisfies Session))
}

/** Null for what we did not seal, and for what is over. */
export async function openSession(masterKey: string, sealed: string, now: number): Promise<Session | null> {
  try {
    const session: Session = JSON.parse(await unseal(masterKey, CONTEXT, sealed))
    // Cookies of an earlier version have no id: their sign-out could not be remembered.
    return session.until > now && session.id !== undefined ? session : null
  } catch {
    return null
  }
}

/**
 * Admits who is signed in; others are sent to sign in. Nothing is done that a page of somebody else's asked for, and
 * everything that is done is written down. Whether a reader has signed out is asked while his page is made.
 */
export function withSession(scope: Scope): MiddlewareHandler<Caller> {
  return async (c, next) => {
    const reads = c.req.method === 'GET' || c.req.method === 'HEAD'
    if (!reads) mustBeOurOwnForm(c)
    const signed = await signedIn(c)
    if (signed === null) return leave(c)
    const { id, entry } = signed
    try {
      await admit(c, entry, 'READ-ONLY')
    } catch (error) {
      if (error instanceof ApiError && error.code === 'API_DISABLED') return leave(c)
      throw error
    }
    const run = async () => {
      mustHave(entry, scope)
      await next()
    }
    if (await (reads ? lives(c, id, entry, run) : written(c, id, entry, run))) return
    c.res = undefined
    c.res = leave(c)
  }
}

/** False when the session is over: what was read is shown to nobody. */
async function lives(
  c: Context<Caller>,
  session: string,
  { merchantId }: KeyEntry,
  read: () => Promise<void>,
): Promise<boolean> {
  const [isOver] = await Promise.all([merchantById(c.env, merchantId).sessionIsOver(session), read()])
  return !isOver
}

/** Throws as the API would for this key. */
export async function signIn(c: Context<Caller>, key: string): Promise<Response> {
  mustBeOurOwnForm(c)
  const { masterKey } = settings(c.env)
  if (masterKey === null) throw new ApiError('SERVICE_UNAVAILABLE', 'No MASTER_KEY is set')
  const { hash, entry } = await keyOf(c, key)
  await admit(c, entry, 'READ-ONLY')
  const id = randomHex(16)
  await written(c, id, entry, async () => undefined)
  const sealed = await sealSession(masterKey, { id, hash, keyId: entry.keyId }, Date.now())
  return seeOther('/console', sessionCookie(c, sealed, SESSION_SECONDS))
}

export async function signOut(c: Context<Caller>): Promise<Response> {
  mustBeOurOwnForm(c)
  const signed = await signedIn(c)
  if (signed !== null) await written(c, signed.id, signed.entry, async () => undefined)
  return seeOther('/console/sign-in?done=signed_out', sessionCookie(c, '', 0))
}

export function seeOther(location: string, cookie: string | null = null): Response {
  const headers = new Headers({ Location: location, 'Cache-Control': 'no-store' })
  if (cookie !== null) headers.set('Set-Cookie', cookie)
  return new Response(null, { status: 303, headers })
}

export function cookieOf(c: Context, name: string): string | null {
  const pairs = (c.req.header('Cookie') ?? '').split(/; */)
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? null
}

/** Null when nobody is, or no longer, as far as the cookie and its key tell. */
async function signedIn(c: Context<Caller>): Promise<{ id: string; entry: KeyEntry } | null> {
  const { masterKey } = settings(c.env)
  const sealed = cookieOf(c, SESSION_COOKIE)
  if (masterKey === null || sealed === null) return null
  const session = await openSession(masterKey, sealed, Date.now())
  const entry = session === null ? null : await keyOfHash(c.env, session.hash)
  return session !== null && entry?.keyId === session.keyId ? { id: session.id, entry } : null
}

function leave(c: Context<Caller>): Response {
  const wasIn = cookieOf(c, SESSION_COOKIE) !== null
  return wasIn
    ? seeOther('/console/sign-in?done=ended', sessionCookie(c, '', 0))
    : seeOther('/console/sign-in')
}

function sessionCookie(c: Context, value: string, seconds: number): string {
  const secure = new URL(c.req.url).protocol === 'https:' ? '; Secure' : ''
  return `${SESSION_COOKIE}=${value}; Path=/console; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure}`
}

/** The second line behind SameSite: a browser says where a form was. What says nothing is no browser of ours. */
export function mustBeOurOwnForm(c: Context): void {
  const [site, origin] = [c.req.header('Sec-Fetch-Site'), c.req.header('Origin')]
  const isOurs = origin === undefined ? site !== undefined : origin === new URL(c.req.url).origin
  if (isOurs && (site === undefined || site === 'same-origin')) return
  throw new ApiError('PERMISSION_DENIED', 'The form was not sent from a page of this console')
}
