import { mkdirSync } from 'node:fs'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { DEMO_LIVE_KEY, eventually, type Gateway, startGateway } from '../system/harness'
import { startMerchant } from '../system/merchant'
import { type Provider, startProvider } from '../system/provider'
import { launchBrowser } from './chromium'
import { faultsOf } from './faults'
import { LANGUAGES, LOOKS, SIZES, shooter } from './looks'

const NUMBER = '0661234567'
/** Any way of writing enough of it to call it. */
const NUMBER_WRITTEN = /(?:0|213)?[\s.-]*6[\s.-]*6[\s.-]*1[\s.-]*2[\s.-]*3[\s.-]*4[\s.-]*5[\s.-]*6[\s.-]*7/
const SCREENSHOTS = 'test-results/status-page'
const shoot = shooter('status-page')
const NARROW = { viewport: { width: 360, height: 740 } }
/** A page that waits asks again every 5 s. */
const REFRESH_MS = 30_000

const HEADINGS = {
  queued: { ar: 'استلمنا الطلب', fr: 'Demande reçue', en: 'Request received' },
  sent: { ar: 'تم إرسال الرصيد', fr: 'Crédit envoyé', en: 'Credit sent' },
  refunded: { ar: 'لم تتم التعبئة', fr: 'Recharge non effectuée', en: 'Not topped up' },
  unknown: { ar: 'لا توجد نتيجة بعد', fr: 'Pas encore de résultat', en: 'No result yet' },
} as const

let provider: Provider
let gateway: Gateway
let browser: Browser
beforeAll(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true })
  provider = await startProvider()
  gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
  browser = await launchBrowser()
})

describe('the customer’s page', () => {
  it('goes from waiting to the result by itself, without scripts', async () => {
    const link = await send('page refreshes')
    const { page, complaints } = await open(link, { javaScriptEnabled: false, locale: 'fr-DZ', ...NARROW })
    expect(await page.textContent('h1')).toBe(HEADINGS.queued.fr)
    await shoot(page, 'queued-fr-360')

    provider.settle('page refreshes', 'FULFILLED')
    await page.getByRole('heading', { name: HEADINGS.sent.fr }).waitFor({ timeout: REFRESH_MS })
    expect(await page.locator('meta[http-equiv=refresh]').count()).toBe(0)
    await shoot(page, 'sent-fr-360')
    expect(complaints).toEqual([])
  })

  it('with its script, goes on to the result in place, and asks no more', async () => {
    const link = await send('page in place')
    const { page, complaints } = await open(`${link}?lang=en`, NARROW)
    expect(await page.textContent('h1')).toBe(HEADINGS.queued.en)
    await page.evaluate('window.isTheSame = true')
    provider.settle('page in place', 'REFUNDED', MORE.REFUNDED)
    await page.getByRole('heading', { name: HEADINGS.refunded.en }).waitFor({ timeout: REFRESH_MS })
    expect(await page.evaluate('window.isTheSame')).toBe(true)
    expect(await page.title()).toBe('Not topped up · Rasid')
    expect(await page.getAttribute('main', 'class')).toBe('back')
    expect(await page.locator('.offers li').count()).toBe(3)
    expect(await page.getAttribute('main', 'data-refresh')).toBeNull()
    expect(await page.textContent('.as-of')).not.toContain('updates by itself')
    expect(complaints).toEqual([])
  })

  it('prints on one page, with the code and without the buttons', async () => {
    const link = await send('page on paper', 'REFUNDED', LONGEST)
    for (const language of LANGUAGES) {
      const { page } = await open(`${link}?lang=${language}`, { colorScheme: 'dark' })
      expect(await page.locator('.keep button').isVisible()).toBe(true)
      await page.emulateMedia({ media: 'print' })
      expect(await page.locator('.code').isVisible()).toBe(true)
      expect(await page.locator('.keep button').isVisible()).toBe(false)
      await page.setViewportSize({ width: 704, height: 1032 })
      await shoot(page, `print-${language}`)
      const pdf = await page.pdf({ format: 'A4', path: `${SCREENSHOTS}/print-${language}.pdf` })
      expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)).toHaveLength(1)
    }
  })

  it('speaks the reader’s language, and any other by its switch', async () => {
    const link = await send('page languages', 'FULFILLED')
    for (const [language, locale] of [
      ['ar', 'ar-DZ'],
      ['fr', 'fr-FR'],
      ['en', 'en-GB'],
    ] as const) {
      const { page, complaints } = await open(link, { locale })
      expect(await directionAndHeading(page)).toEqual(expected('sent', language))
      for (const other of LANGUAGES) {
        await page.locator(`nav a[lang=${other}]`).click()
        await page.waitForURL(`**?lang=${other}`)
        expect(await directionAndHeading(page)).toEqual(expected('sent', other))
        expect(await page.locator('nav a[aria-current]').getAttribute('lang')).toBe(other)
      }
      expect(complaints).toEqual([])
    }
  })

  it('keeps the chosen language while it refreshes', async () => {
    const link = await send('page keeps language')
    const { page } = await open(`${link}?lang=ar`, { locale: 'fr-FR' })
    provider.settle('page keeps language', 'FULFILLED')
    await page.getByRole('heading', { name: HEADINGS.sent.ar }).waitFor({ timeout: REFRESH_MS })
    expect(await directionAndHeading(page)).toEqual(expected('sent', 'ar'))
  })

  it.each(['FULFILLED', 'REFUNDED', 'UNKNOWN_ERROR'] as const)(
    'of %s can be read, with the number masked',
    async (status) => {
      const link = await send(`page of ${status}`, status)
      const state = status === 'FULFILLED' ? 'sent' : status === 'REFUNDED' ? 'refunded' : 'unknown'
      for (const [language, colorScheme, size] of LOOKS) {
        const look = { colorScheme, viewport: SIZES[size] }
        const { page, complaints, html } = await open(`${link}?lang=${language}`, look)
        expect(await directionAndHeading(page)).toEqual(expected(state, language))
        expect(await faultsOf(page)).toEqual([])
        expect(html).not.toMatch(NUMBER_WRITTEN)
        expect(html).not.toContain('٠٦٦١٢٣٤٥٦٧')
        expect(html).toContain('5\u00a067')
        await shoot(page, `${state}-${language}-${size}-${colorScheme}`)
        expect(complaints).toEqual([])
      }
    },
  )

  it('writes the masked number from left to right in Arabic too', async () => {
    const link = await send('page direction', 'REFUNDED')
    const { page } = await open(`${link}?lang=ar`, { ...NARROW, deviceScaleFactor: 3 })
    for (const where of ['.facts bdi', '.told']) {
      const beginsLeft = await page.evaluate(`(() => {
        const text = document.querySelector('${where}').firstChild
        const start = text.data.indexOf('06\u00a0•')
        const leftOf = (index) => {
          const range = document.createRange()
          range.setStart(text, index)
          range.setEnd(text, index + 1)
          return range.getBoundingClientRect().left
        }
        return leftOf(start) < leftOf(text.data.indexOf('67', start))
      })()`)
      expect(beginsLeft, where).toBe(true)
    }
    await page.locator('.body').screenshot({ path: `${SCREENSHOTS}/number-ar.png` })
  })

  it('tells nothing of the merchant', async () => {
    const link = await send('page ref 4711', 'FULFILLED')
    const { html } = await open(link)
    const { id } = provider.find('page ref 4711') ?? { id: 'none' }
    for (const secret of ['4711', id, 'demo', 'GROS_MOBILIS', '490']) expect(html).not.toContain(secret)
  })

  it('of an unknown link says so, 404, whatever the link', async () => {
    const link = await send('page right link')
    const token = link.split('/t/')[1] ?? ''
    // The end of the secret; the merchant's name is behind it.
    const [secret, merchant] = [token.slice(0, 59), token.slice(59)]
    const other = secret.endsWith('AAAA') ? 'BBBB' : 'AAAA'
    for (const wrong of [secret.slice(0, -4) + other + merchant, 'x', 'A'.repeat(59), `${token}A`]) {
      const { page, status, html } = await open(`${gateway.url}/t/${wrong}?lang=en`, NARROW)
      expect(status).toBe(404)
      expect(await page.textContent('h1')).toBe('Link not found')
      expect(html).not.toContain('http-equiv="refresh"')
      await shoot(page, 'unknown-link-en-360')
    }
  })

  it('lets nothing in from elsewhere, should somebody get a word into it', async () => {
    const elsewhere = await startMerchant()
    const link = await send('page policy', 'FULFILLED')
    const { page } = await open(link)
    const broken = await page.evaluate(`(async () => {
      const broken = []
      const all = new Promise((resolve) => {
        document.addEventListener('securitypolicyviolation', (event) => {
          if (broken.push(event.effectiveDirective) === 6) resolve()
        })
      })
      const put = (html) => document.body.append(document.createRange().createContextualFragment(html))
      put('<script>window.ran = true</script>')
      put('<p style="color:red" onclick="window.ran = true">x</p>')
      put('<img src="${elsewhere.url}"><link rel="stylesheet" href="${elsewhere.url}">')
      await fetch('${elsewhere.url}').catch(() => {})
      document.querySelector('p[onclick]').click()
      await all
      return { ran: window.ran ?? false, broken: broken.sort() }
    })()`)
    expect(broken).toEqual({
      ran: false,
      broken: [
        'connect-src',
        'img-src',
        'script-src-attr',
        'script-src-elem',
        'style-src-attr',
        'style-src-elem',
      ],
    })
    expect(elsewhere.callbacks).toEqual([])
  })
})

async function send(ref: string, status?: keyof typeof MORE, more = status && MORE[status]): Promise<string> {
  const body = { plan_code: 'GROS_MOBILIS', MSSIDN: NUMBER, amount: 12_500, ref }
  const sent = await gateway.call('POST', '/v3/mobile/send', { key: DEMO_LIVE_KEY, body })
  expect(sent.status, sent.text).toBe(200)
  if (status !== undefined) {
    provider.settle(ref, status, more)
    const isThere = async () => {
      const path = `/v3/mobile/check-ref/${encodeURIComponent(ref)}`
      return (await gateway.call('GET', path, { key: DEMO_LIVE_KEY })).json.data.status === status
    }
    await eventually(`${ref} to be ${status}`, isThere, PATIENCE_MS)
  }
  return sent.json.data.gateway.status_url
}

/** A machine that is busy with the other tests may stand still for half a minute. */
const PATIENCE_MS = 120_000

/** A refusal as the provider words it, with the number in it and offers of any length. */
const MORE = {
  FULFILLED: {},
  UNKNOWN_ERROR: {},
  REFUNDED: {
    refundMessage: `الرقم ${NUMBER} (+213 661 23 45 67 / ٠٦٦١٢٣٤٥٦٧) لا يقبل هذا العرض، يرجى اختيار عرض آخر`,
    suggestedOffers: [
      { typename: 'عرض 2000 دج', plan_code: 'OFFER_2000', amount: 2_000 },
      { typename: `Forfait ${'très '.repeat(12)}long`, plan_code: 'OFFER_LONG', amount: 12_500 },
      { typename: 'X'.repeat(70), plan_code: 'OFFER_X', amount: 500 },
    ],
  },
}

/** More than a page shows of what the provider says. */
const LONGEST = {
  refundMessage: 'لا يقبل هذا الرقم هذا العرض. '.repeat(40),
  suggestedOffers: Array.from({ length: 9 }, () => ({
    typename: 'Forfait très long '.repeat(6),
    plan_code: 'OFFER_X',
    amount: 12_500,
  })),
}

/** Every page gets a browser of its own; whatever it complains of or asks elsewhere is a complaint. */
async function open(url: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('request', (request) => {
    if (!/^\/(?:t|static)\//.test(request.url().slice(gateway.url.length)))
      complaints.push(`asked for ${request.url()}`)
  })
  const response = await page.goto(url)
  if (response === null) throw new Error('no answer')
  return { page, complaints, status: response.status(), html: await response.text() }
}

async function directionAndHeading(page: Page) {
  const html = page.locator('html')
  const [lang, dir, heading] = [
    await html.getAttribute('lang'),
    await html.getAttribute('dir'),
    await page.textContent('h1'),
  ]
  return { lang, dir, heading }
}

function expected(state: keyof typeof HEADINGS, lang: (typeof LANGUAGES)[number]) {
  return { lang, dir: lang === 'ar' ? 'rtl' : 'ltr', heading: HEADINGS[state][lang] }
}
