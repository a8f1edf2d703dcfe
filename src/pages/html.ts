import type { Language } from './language'
import { STYLE } from './style'

/** Computed once per isolate: the sheet is constant, and Workers do not allow the digest at load time. */
let stylePolicy: string | null = null

/** A page nobody may store, index, frame or add a script to, and whose address goes nowhere. */
export async function htmlResponse(html: string, language: Language, status: 200 | 404): Promise<Response> {
  const policy = await statusPolicy()
  return pageResponse(html, { language, status, policy, referrer: 'no-referrer' })
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

async function statusPolicy(): Promise<readonly string[]> {
  stylePolicy ??= `'sha256-${await sha256Base64(STYLE)}'`
  return [
    "default-src 'none'",
    `style-src ${stylePolicy}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
}

async function sha256Base64(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return btoa(String.fromCharCode(...new Uint8Array(digest)))
}
