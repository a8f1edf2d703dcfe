import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { dressFor } from '../../../src/pages/dress'
import { LANGUAGES, type Language } from '../../../src/pages/language'
import { sheetFrom } from '../../../src/pages/sheet'
import { type StatusPageView, statusPage, unknownLinkPage } from '../../../src/pages/status-page'
import { STATUS_TEXTS } from '../words'

const NOW = Date.parse('2026-10-21T13:14:00Z')
const SHEET = await sheetFrom(readFileSync('public/static/status.css', 'utf8'))
/** Of the page with its sheet, and its script, as they travel. */
const MAX_BYTES = 15 * 1024
const SCRIPT = wireBytes(readFileSync('public/static/status.js'))
const WAITING: StatusPageView = {
  status: 'PENDING',
  final: false,
  amountDzd: 1500,
  msisdn: '0600010099',
  createdAt: NOW - 8000,
  acceptedAt: NOW - 7000,
  deliveringAt: null,
  settledAt: null,
  nextCheckAt: NOW + 2000,
  refundMessage: null,
  suggestedOffers: [],
}
const HOSTILE = '</p><script>alert(1)</script><img src=x onerror="alert(\'0600010099\')">'
const VIEWS = {
  queued: WAITING,
  sending: { ...WAITING, status: 'HANDLING' },
  sent: { ...WAITING, status: 'FULFILLED', final: true, settledAt: NOW - 1000 },
  refunded: {
    ...WAITING,
    status: 'REFUNDED',
    final: true,
    settledAt: NOW - 1000,
    refundMessage: 'الرقم 0600010099 لا يقبل هذا العرض',
    suggestedOffers: [{ typename: '📋 FACTURE | فاتورة', amount: 500 }],
  },
  unknown: { ...WAITING, status: 'UNKNOWN_ERROR', nextCheckAt: Date.parse('2026-10-21T13:20:00Z') },
} as const satisfies Record<string, StatusPageView>

const STATES = ['queued', 'sending', 'sent', 'refunded', 'unknown'] as const
const EACH = STATES.flatMap((state) => LANGUAGES.map((language) => [state, language] as const))

const asking = (language?: Language) =>
  new Request(`https://rasid.test/t/secret-token${language ? `?lang=${language}` : ''}`)

const ENV = {
  ASSETS: {
    fetch: (file: RequestInfo | URL) =>
      Promise.resolve(new Response(readFileSync(`public${new URL(String(file)).pathname}`))),
  },
}

async function answered(view: StatusPageView, request: Request): Promise<Response> {
  return await statusPage(view, request, await dressFor(request, ENV), NOW)
}

async function unknownLink(request: Request): Promise<Response> {
  return await unknownLinkPage(request, await dressFor(request, ENV))
}

function wireBytes(text: string | Buffer): number {
  return gzipSync(text).length
}

async function html(view: StatusPageView, language: Language = 'en'): Promise<string> {
  return (await answered(view, asking(language))).text()
}

describe('the status page', () => {
  it.each(EACH)('says plainly that an order is %s, in %s', async (state, language) => {
    const page = await html(VIEWS[state], language)
    expect(page.startsWith('<!doctype html><html')).toBe(true)
    expect(page).toContain(`lang="${language}" dir="${language === 'ar' ? 'rtl' : 'ltr'}"`)
    expect(page).toContain(STATUS_TEXTS[language].states[state].heading)
    expect(page).toContain(STATUS_TEXTS[language].states[state].sentence)
    expect(page).not.toMatch(/\{\w+\}/)
    expect(wireBytes(page) + SCRIPT).toBeLessThanOrEqual(MAX_BYTES)
  })

  it.each(EACH)('never shows the whole number (%s, %s), nor its own link', async (state, language) => {
    const page = await html(VIEWS[state], language)
    expect(page).not.toMatch(/600\D{0,3}01\D{0,3}00\D{0,3}99/)
    expect(page).toMatch(/06\s••\s••\s•0\s99/)
    expect(page).not.toContain('secret-token')
  })

  it('tells each step with its time in Algiers, and claims none that is not known', async () => {
    const steps = async (view: StatusPageView) =>
      [...(await html(view)).matchAll(/<strong>([^<]*)<.*?<\/strong>(?:<time[^>]*>([^<]*))?/g)].map(
        ([, label, time]) => [label, time?.trim()].filter(Boolean).join(' '),
      )
    const times = { createdAt: NOW - 120_000, acceptedAt: NOW - 60_000, deliveringAt: NOW }
    const settledAt = NOW + 60_000
    expect(await steps({ ...VIEWS.sent, ...times, settledAt })).toEqual([
      'Asked for 14:12',
      'Accepted 14:13',
      'With the operator 14:14',
      'Credit sent 14:15',
    ])
    expect(await steps({ ...VIEWS.refunded, ...times, acceptedAt: null, deliveringAt: null })).toEqual([
      'Asked for 14:12',
      'Did not go through',
      'Money back with the shop 14:13',
    ])
    expect(await html({ ...WAITING, acceptedAt: null })).toContain(
      'Accepted<span class="aloud"> (in progress)',
    )
    expect(await html(WAITING)).toContain('Accepted<span class="aloud"> (done)')
  })

  it('gives its own script the changing parts alone', async () => {
    const request = new Request(asking('en'), { headers: { 'Rasid-Part': 'live' } })
    const part = await (await answered(VIEWS.unknown, request)).text()
    expect(part).toMatch(
      /^<!doctype html><main class="doubt" data-title="No result yet · Rasid" data-refresh="15">/,
    )
    expect(part).not.toContain('class="keep"')
    const whole = await html(VIEWS.unknown)
    for (const [element] of part.matchAll(/<main.*<\/main>|<footer class="as-of".*<\/footer>/gs))
      expect(whole).toContain(element)
    expect(wireBytes(part)).toBeLessThan(1_500)
    expect(await html(VIEWS.sent)).not.toContain('data-refresh')
  })

  it('asks again while the order is not final, less often when it is unknown', async () => {
    const refresh = (seconds: number) => `<noscript><meta http-equiv="refresh" content="${seconds}"`
    expect(await html(VIEWS.queued)).toContain(refresh(5))
    expect(await html(VIEWS.sending)).toContain(refresh(5))
    expect(await html(VIEWS.unknown)).toContain(refresh(15))
    expect(await html(VIEWS.sent)).not.toContain('http-equiv')
    expect(await html(VIEWS.refunded)).not.toContain('http-equiv')
  })

  it('tells when an unknown order is looked at again, in Algerian time', async () => {
    expect(await html(VIEWS.unknown)).toContain('We look again at 14:20.')
    expect(await html({ ...VIEWS.unknown, nextCheckAt: NOW - 1 })).toContain('in a moment')
    expect(await html({ ...VIEWS.unknown, nextCheckAt: null })).toContain('We keep looking.')
    expect(await html({ ...VIEWS.unknown, nextCheckAt: NOW + 86_400_000 })).toContain(
      'We look again on 22 October 2026 at 14:14.',
    )
  })

  it('does not announce a result that is not final', async () => {
    const page = await html({ ...VIEWS.refunded, final: false })
    expect(page).toContain(STATUS_TEXTS.en.states.sending.sentence)
    expect(page).not.toContain('FACTURE')
  })

  it('stops saying "less than a minute" when it has taken longer', async () => {
    const page = await html({ ...VIEWS.sending, createdAt: NOW - 5 * 60_000 })
    expect(page).toContain(STATUS_TEXTS.en.late)
    expect(page).not.toContain(STATUS_TEXTS.en.states.sending.next)
  })

  it('leaves the amount out when it is not known', async () => {
    expect(await html({ ...WAITING, amountDzd: null })).not.toContain(STATUS_TEXTS.en.labels.amount)
  })
})

describe('words of strangers', () => {
  it('are shown when refunded, each in its own direction', async () => {
    const page = await html(VIEWS.refunded)
    expect(page).toMatch(/<p class="told" dir="auto">\s*الرقم/)
    expect(page).toContain('<bdi dir="auto">📋 FACTURE | فاتورة</bdi>')
  })

  it('are text, never markup', async () => {
    const page = await html({
      ...VIEWS.refunded,
      refundMessage: HOSTILE,
      suggestedOffers: [{ typename: HOSTILE, amount: Number.NaN }],
    })
    expect(page).not.toMatch(/<script(?! type="module" src="\/static\/)|<img/)
    expect(page.match(/&lt;script&gt;alert\(1\)/g)).toHaveLength(2)
    expect(page).not.toContain('0600010099')
  })

  it('are bounded, so the page is', async () => {
    const long = '😀<&"'.repeat(5000)
    const page = await html({
      ...VIEWS.refunded,
      refundMessage: long,
      suggestedOffers: Array.from({ length: 100 }, () => ({ typename: long, amount: 500 })),
    })
    expect(wireBytes(page) + SCRIPT).toBeLessThanOrEqual(MAX_BYTES)
  })
})

describe('the answer around the page', () => {
  it.each([
    ['status page', (request: Request) => answered(WAITING, request), 200],
    ['page of an unknown link', unknownLink, 404],
  ] as const)(
    '%s: may not be stored, indexed, framed or scripted from elsewhere',
    async (_, render, status) => {
      const response = await render(asking('fr'))
      const page = await response.text()
      const header = (name: string) => response.headers.get(name)
      expect(response.status).toBe(status)
      expect(header('content-type')).toBe('text/html; charset=utf-8')
      expect(header('content-language')).toBe('fr')
      expect(header('cache-control')).toBe('no-store')
      expect(header('referrer-policy')).toBe('no-referrer')
      expect(header('x-robots-tag')).toContain('noindex')
      expect(header('x-content-type-options')).toBe('nosniff')
      expect(header('content-security-policy')).toBe(
        `default-src 'none'; style-src ${SHEET.source}; script-src https://rasid.test/static/status.js; connect-src https://rasid.test/t/; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      )
      expect(page).toContain(`<style>${SHEET.css}</style>`)
      expect(page).not.toMatch(/ style=| on\w+=|https?:/)
      expect(page.match(/<script/g) ?? []).toHaveLength(status === 200 ? 1 : 0)
    },
  )

  it('follows the browser’s language, and links to all three', async () => {
    const request = new Request('https://rasid.test/t/x', {
      headers: { 'Accept-Language': 'fr-DZ,ar;q=0.5' },
    })
    const french = await (await answered(WAITING, request)).text()
    expect(french).toContain('<html lang="fr"')
    for (const language of LANGUAGES) expect(french).toContain(`href="?lang=${language}"`)
  })

  it('says a link is unknown in every language, without a refresh', async () => {
    for (const language of LANGUAGES) {
      const page = await (await unknownLink(asking(language))).text()
      expect(page).toContain(STATUS_TEXTS[language].unknownLink.heading)
      expect(page).not.toContain('http-equiv')
    }
  })
})
