/** What every page of the console has around it. */
import type { Child } from 'hono/jsx'
import { pageResponse } from '../pages/html'
import { directionOf, LANGUAGE_NAMES, LANGUAGES } from '../pages/language'
import { ASSET_VERSION } from './assets'
import { languageCookie, OPERATOR_ROOT, type Reader, withQuery } from './reader'
import { word } from './texts'

const PAGES = {
  home: '/console',
  orders: '/console/orders',
  send: '/console/send',
  findings: '/console/findings',
  reports: '/console/reports',
  endpoints: '/console/endpoints',
  keys: '/console/keys',
  activity: '/console/activity',
  settings: '/console/settings',
} as const

const OPERATOR_PAGES = {
  accounts: OPERATOR_ROOT,
  findings: '/console/admin/findings',
  reports: '/console/admin/reports',
  merchants: '/console/admin/merchants',
  late: '/console/admin/late',
} as const

export type PageName = keyof typeof PAGES | keyof typeof OPERATOR_PAGES

/** Scripts only add to what is there without them; nothing comes from elsewhere, and no form goes there. */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
]

const SHEETS = ['frame', 'cards', 'forms']

interface Shown {
  readonly title: string
  readonly current: PageName | null
  readonly status?: number
  readonly children: Child
}

export async function show(reader: Reader, { status = 200, ...shown }: Shown): Promise<Response> {
  const html = String(await (<Shell reader={reader} {...shown} />))
  const { language } = reader
  const response = pageResponse(html, { language, status, policy: POLICY, referrer: 'same-origin' })
  const cookie = languageCookie(reader)
  if (cookie !== null) response.headers.set('Set-Cookie', cookie)
  return response
}

function Shell({ reader, title, current, children }: Omit<Shown, 'status'> & { readonly reader: Reader }) {
  const { language, texts, done } = reader
  const isOperators = reader.root === OPERATOR_ROOT
  const site = isOperators ? `${texts.operator.side} · ${texts.brand}` : texts.brand
  return (
    <html lang={language} dir={directionOf(language)}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex, nofollow" />
        <meta name="format-detection" content="telephone=no" />
        <title>{`${title} · ${site}`}</title>
        {SHEETS.map((sheet) => (
          <link rel="stylesheet" href={`/console/static/${ASSET_VERSION}/${sheet}.css`} />
        ))}
        <script type="module" src={`/console/static/${ASSET_VERSION}/console.js`} />
      </head>
      <body {...(isOperators ? { class: 'operator' } : {})}>
        <a class="skip" href="#content">
          {texts.skip}
        </a>
        <Top reader={reader} current={current} />
        <main id="content" tabindex={-1}>
          {done !== null && Object.hasOwn(texts.done, done) && (
            <p class="note good" role="status">
              {word(texts.done, done)}
            </p>
          )}
          {children}
        </main>
      </body>
    </html>
  )
}

function Top({ reader, current }: { readonly reader: Reader; readonly current: PageName | null }) {
  const { key, texts, root, isSignedIn } = reader
  const isOperators = root === OPERATOR_ROOT
  return (
    <header>
      <div class="bar">
        <a class="brand" href={root}>
          {texts.brand}
        </a>
        {isOperators && <span class="tag back">{texts.operator.side}</span>}
        {key !== null && (
          <span class={key.environment === 'production' ? 'tag good' : 'tag doubt'}>
            {texts.environment[key.environment]}
          </span>
        )}
        {key !== null && !reader.mayAct && <span class="tag">{texts.readOnly}</span>}
        <Languages reader={reader} />
        {isSignedIn && (
          <form method="post" action={`${root}/sign-out`}>
            <button type="submit" class="plain">
              {texts.signOut}
            </button>
          </form>
        )}
      </div>
      {isSignedIn && (
        <nav class="pages" aria-label={texts.pages}>
          {Object.entries(isOperators ? OPERATOR_PAGES : PAGES).map(
            ([name, path]) =>
              (name !== 'send' || reader.mayAct) && (
                <a href={path} {...(name === current ? { 'aria-current': 'page' } : {})}>
                  {word(isOperators ? texts.operator.nav : texts.nav, name)}
                </a>
              ),
          )}
        </nav>
      )}
    </header>
  )
}

function Languages({ reader: { url, root, language, texts } }: { readonly reader: Reader }) {
  return (
    <nav class="languages" aria-label={texts.languages}>
      {LANGUAGES.map((each) => (
        <a
          href={url === null ? `${root}?lang=${each}` : withQuery(url, { lang: each })}
          lang={each}
          hreflang={each}
          {...(each === language ? { 'aria-current': 'true' } : {})}
        >
          {LANGUAGE_NAMES[each]}
        </a>
      ))}
    </nav>
  )
}
