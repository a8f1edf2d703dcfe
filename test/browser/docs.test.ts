import { mkdirSync } from 'node:fs'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { DEMO_KEY, DEMO_LIVE_KEY, type Gateway, startGateway } from '../system/harness'
import { launchBrowser } from './chromium'
import { faultsOf } from './faults'

const SCREENSHOTS = 'test-results/docs'
const TRY = {
  ar: 'جرّب في بيئة الاختبار',
  fr: 'Essayer dans le bac à sable',
  en: 'Try it in the sandbox',
} as const
const SEND = { ar: 'إرسال', fr: 'Envoyer', en: 'Send' } as const

let gateway: Gateway
let browser: Browser
beforeAll(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true })
  gateway = await startGateway()
  browser = await launchBrowser()
})

describe('the documentation', () => {
  it.each(['ar', 'fr', 'en'] as const)(
    'sends a top-up to the sandbox from its page, in %s',
    async (language) => {
      const { page, complaints } = await open(`/docs/api-top-ups?lang=${language}`)
      const send = page.locator('#sendTopup')
      await send.getByRole('button', { name: TRY[language] }).click()
      await send.locator('[data-key]').fill(DEMO_KEY)
      await send
        .locator('textarea')
        .fill(`{"plan_code":"PREPAID_MOBILIS","MSSIDN":"0600010099","amount":500,"ref":"docs-${language}"}`)
      expect(await send.locator('.curl').textContent()).toContain(`X-Access-Token: ${DEMO_KEY}`)
      await send.getByRole('button', { name: SEND[language], exact: true }).click()
      await send.getByText(`"topupRef": "docs-${language}"`).waitFor()
      await send.locator('form').screenshot({ path: `${SCREENSHOTS}/trial-${language}.png` })
      expect(complaints).toEqual([])
    },
  )

  it('never sends a key of production', async () => {
    const { page } = await open('/docs/api-top-ups?lang=en')
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    const balance = page.locator('#checkRef')
    await balance.getByRole('button', { name: TRY.en }).click()
    await balance.locator('[data-key]').fill(DEMO_LIVE_KEY)
    await balance.getByRole('button', { name: SEND.en, exact: true }).click()
    expect(await balance.getByRole('alert').textContent()).toContain('Only a sandbox key')
    expect(asked).toEqual([])
  })

  it('is copied with a button', async () => {
    const { page, complaints } = await open('/docs/callbacks?lang=en', {
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    const receiver = page.locator('.copied').filter({ hasText: '// receiver.mjs' })
    await receiver.getByRole('button').click()
    await receiver.getByText('Copied').waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(/^\/\/ receiver\.mjs\nimport/)
    expect(complaints).toEqual([])
  })

  it('fits a phone, in both schemes, and is read without scripts', async () => {
    for (const name of [
      '',
      '/quickstart',
      '/callbacks',
      '/sandbox',
      '/errors',
      '/api-top-ups',
      '/api-callbacks',
    ]) {
      for (const [colorScheme, language, width] of [
        ['light', 'fr', 360],
        ['dark', 'ar', 1280],
      ] as const) {
        const { page, complaints } = await open(`/docs${name}?lang=${language}`, {
          colorScheme,
          viewport: { width, height: 900 },
        })
        expect(await faultsOf(page), name).toEqual([])
        expect(complaints).toEqual([])
        await page.screenshot({
          path: `${SCREENSHOTS}/${name.slice(1) || 'index'}-${language}-${width}-${colorScheme}.png`,
        })
      }
    }
    const { page } = await open('/docs/api-top-ups?lang=en', { javaScriptEnabled: false })
    expect(await page.locator('button').count()).toBe(0)
    expect(await page.locator('#sendTopup .curl').isVisible()).toBe(true)
  })
})

async function open(
  path: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(`console: ${message.text()}`))
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
  page.on('request', (request) => {
    if (!request.url().startsWith(gateway.url)) complaints.push(`asked for ${request.url()}`)
  })
  await page.goto(gateway.url + path)
  return { page, complaints }
}
