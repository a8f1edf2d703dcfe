/** Files of `public/` that pages ask for: scripts and sheets, the same for everybody. */
import type { Context, Next } from 'hono'
import type { Caller } from './auth'

/** Said here, since not everything that can stand behind the binding knows it. */
const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
}
/** For so long a page of a new version may meet a file of the one before. */
const CACHE_CONTROL = 'public, max-age=600'

/** Passes on to the 404 of everything else what is no such file. */
export async function files(c: Context<Caller>, next: Next): Promise<Response | undefined> {
  const { pathname } = new URL(c.req.url)
  const type = TYPES[pathname.slice(pathname.lastIndexOf('.') + 1)]
  const file = type === undefined || !isReading(c) ? null : await openFile(c, pathname)
  if (type === undefined || file === null) {
    await next()
    return undefined
  }
  return new Response(file.body, {
    headers: {
      'Content-Type': type,
      'Cache-Control': CACHE_CONTROL,
      'X-Content-Type-Options': 'nosniff',
      'Cross-Origin-Resource-Policy': 'same-origin',
    },
  })
}

export function isReading(c: Context<Caller>): boolean {
  return c.req.method === 'GET' || c.req.method === 'HEAD'
}

/** Null when there is no such file. */
export async function openFile(c: Context<Caller>, path: string): Promise<Response | null> {
  const file = await c.env.ASSETS.fetch(new URL(path, c.req.url))
  return file.ok ? file : null
}
