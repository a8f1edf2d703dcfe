import type { Dress } from './dress'
import type { Language } from './language'

/** In `public/`. */
export const STATUS_SCRIPT = '/static/status.js'

/**
 * A page nobody may store, index, frame or add a script or style to, and whose address goes nowhere. `origin` is our own:
 * the page's script may ask for such pages there, and for nothing else.
 */
export function htmlResponse(
  html: string,
  status: 200 | 404,
  { origin, dress }: { readonly origin: string; readonly dress: Dress },
): Response {
  const policy = [
    "default-src 'none'",
    `style-src ${dress.sheet.source}`,
    `script-src ${origin}${STATUS_SCRIPT}`,
    `connect-src ${origin}/t/`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return pageResponse(html, { language: dress.language, status, policy, referrer: 'no-referrer' })
}

interface PageOptions {
  readonly language: Language
  readonly status: number
  readonly policy: readonly string[]
  readonly referrer: 'no-referrer' | 'same-origin'
}

/** What every page of ours is sent with. */
export function pageResponse(html: string, { language, status, policy, referrer }: PageOptions): Response {
  return new Response(`<!doctype html>${html}`, {
    status,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Language': language,
      'Content-Security-Policy': policy.join('; '),
      'Cache-Control': 'no-store',
      'Referrer-Policy': referrer,
      'X-Robots-Tag': 'noindex, nofollow, noarchive',
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      Vary: 'Accept-Language',
    },
  })
}
