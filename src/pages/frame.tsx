import { raw } from 'hono/html'
import type { Child } from 'hono/jsx'
import type { Dress } from './dress'
import { directionOf, LANGUAGE_NAMES, LANGUAGES } from './language'

interface FrameProps {
  readonly dress: Dress
  readonly title: string
  /** Seconds until the browser asks again; null on a page that will not change. */
  readonly refreshSeconds: number | null
  /** The page's own script; it does what the refresh does, and better. */
  readonly script?: string
  readonly children: Child
}

/** What every customer page has in common: head, name, language switch. Nothing from elsewhere, and nothing that needs a script. */
export function Frame({ dress, title, refreshSeconds, script, children }: FrameProps) {
  const { language, texts, sheet } = dress
  return (
    <html lang={language} dir={directionOf(language)}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex, nofollow" />
        {/* A number would turn into a link on some phones, and the masked one is no number. */}
        <meta name="format-detection" content="telephone=no" />
        {refreshSeconds === null ? null : (
          <noscript>
            <meta http-equiv="refresh" content={String(refreshSeconds)} />
          </noscript>
        )}
        {script === undefined ? null : <script type="module" src={script} />}
        <title>{`${title} · ${texts.brand}`}</title>
        <style>{raw(sheet.css)}</style>
      </head>
      <body>
        <header>
          <span class="brand">{texts.brand}</span>
          <nav aria-label={texts.languages}>
            {LANGUAGES.map((each) => (
              <a
                href={`?lang=${each}`}
                lang={each}
                hreflang={each}
                {...(each === language ? { 'aria-current': 'true' } : {})}
              >
                {LANGUAGE_NAMES[each]}
              </a>
            ))}
          </nav>
        </header>
        {children}
      </body>
    </html>
  )
}
