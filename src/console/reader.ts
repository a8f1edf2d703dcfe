/** Who reads a page, in which language, and where he is. */
import type { Context } from 'hono'
import type { Caller } from '../api/auth'
import type { KeyEntry } from '../merchant/keys'
import { type Language, pickLanguage } from '../pages/language'
import { cookieOf } from './session'
import { type Texts, textsOf } from './texts'

const LANGUAGE_COOKIE = 'rasid_lang'
const YEAR_SECONDS = 365 * 24 * 3_600

/** The operator's pages are all below it, and his session is good nowhere else. */
export const OPERATOR_ROOT = '/console/admin'

export interface Reader {
  readonly language: Language
  readonly texts: Texts
  /** Where his pages begin: the merchant's, or the operator's. */
  readonly root: '/console' | typeof OPERATOR_ROOT
  readonly isSignedIn: boolean
  /** Null while no merchant is signed in. */
  readonly key: KeyEntry | null
  /** What he may do: with a READ-ONLY key he reads. */
  readonly mayAct: boolean
  /** Of a page that can be asked for again; null of the answer to a form. */
  readonly url: URL | null
  /** What was just done, by a word of `texts.done`. */
  readonly done: string | null
  readonly now: number
}

export async function readerOf(c: Context<Caller>): Promise<Reader> {
  const url = new URL(c.req.url)
  const chosen = url.searchParams.get('lang') ?? cookieOf(c, LANGUAGE_COOKIE)
  const language = pickLanguage(chosen, c.req.header('Accept-Language') ?? null)
  const key: KeyEntry | null = c.get('key') ?? null
  const isOperator = c.get('isOperator') === true
  return {
    root: `${url.pathname}/`.startsWith(`${OPERATOR_ROOT}/`) ? OPERATOR_ROOT : '/console',
    isSignedIn: key !== null || isOperator,
    language,
    texts: await textsOf(c.env, language),
    key,
    mayAct: key?.scope === 'READ-WRITE' || isOperator,
    url: c.req.method === 'GET' ? url : null,
    done: url.searchParams.get('done'),
    now: Date.now(),
  }
}

/** Kept for a year where it was chosen by the switch; null otherwise. */
export function languageCookie({ language, url }: Reader): string | null {
  if (!url?.searchParams.has('lang')) return null
  const secure = url.protocol === 'https:' ? '; Secure' : ''
  return `${LANGUAGE_COOKIE}=${language}; Path=/console; Max-Age=${YEAR_SECONDS}; SameSite=Lax${secure}`
}

/** A field that was left empty asks nothing. */
export function filled(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(fields).flatMap(([name, value]) => (value ? [[name, value]] : [])))
}

/** The same page with other parameters; null takes one away. */
export function withQuery(url: URL, change: Readonly<Record<string, string | null>>): string {
  const query = new URLSearchParams(url.search)
  for (const [name, value] of Object.entries({ done: null, ...change })) {
    if (value === null) query.delete(name)
    else query.set(name, value)
  }
  const text = query.toString()
  return url.pathname + (text === '' ? '' : `?${text}`)
}
