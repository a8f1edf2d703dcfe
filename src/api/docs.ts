/** The documentation: pages written by `npm run docs`, with what is ours around the texts filled in by language. */
import type { Context, Next } from 'hono'
import { pickLanguage } from '../pages/language'
import type { Caller } from './auth'
import { isReading, openFile } from './files'

const PAGE = /^\/docs(?:\/([a-z0-9-]+)?)?$/
const PLACE = /⟦(\w+)⟧/g
const CACHE_CONTROL = 'public, max-age=300'

export async function docs(c: Context<Caller>, next: Next): Promise<Response | undefined> {
  const { pathname, origin, searchParams } = new URL(c.req.url)
  const [isPage, name = 'index'] = PAGE.exec(pathname) ?? []
  const page = isPage === undefined || !isReading(c) ? null : await openFile(c, `/docs/${name}.html`)
  if (page === null) {
    await next()
    return undefined
  }
  const chosen = searchParams.get('lang')
  const lang = pickLanguage(chosen, c.req.header('Accept-Language') ?? null)
  // A choice goes with the reader from page to page.
  const served: Record<string, string> = { lang, origin, query: chosen === null ? '' : `?lang=${lang}` }
  const texts = { ...(await textsIn(c, lang)), ...served }
  const html = (await page.text()).replace(PLACE, (_, key: string) => texts[key] ?? '')
  return new Response(html, { headers: headers(lang, origin) })
}

/** Safe to put into a page as they are. */
async function textsIn(c: Context<Caller>, lang: string): Promise<Record<string, string>> {
  const all = (await (await openFile(c, '/docs/texts.json'))?.json()) as
    | Record<string, Record<string, string>>
    | undefined
  return all?.[lang] ?? {}
}

/** Our own scripts may call the gateway itself, for trying it; nothing else goes anywhere. */
function headers(lang: string, origin: string): Record<string, string> {
  const policy = [
    "default-src 'none'",
    `style-src ${origin}/static/`,
    `script-src ${origin}/static/`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Language': lang,
    'Content-Security-Policy': policy.join('; '),
    'Cache-Control': CACHE_CONTROL,
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    Vary: 'Accept-Language',
  }
}
