import { mkdirSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { DEMO_LIVE_KEY, type Gateway, startGateway } from '../system/harness'
import { startProvider } from '../system/provider'
import { launchBrowser } from './chromium'
import { FAULTS, openConsole, signInAs } from './console-world'

const SCREENSHOTS = 'test-results/console'
const LANGUAGES = ['ar', 'fr', 'en'] as const
const SIZES = { 1280: { width: 1_280, height: 900 }, 360: { width: 360, height: 740 } } as const

const provider = await startProvider()
let gateway: Gateway
let browser: Browser
beforeAll(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true })
  gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
  browser = await launchBrowser()
})

async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: `${SCREENSHOTS}/${name}.png`, fullPage: true })
}

const TYPED = 'MSSIDN=0771234567&plan_code=PREPAID_MOBILIS&amount=500'
const PAGES = {
  send: '/console/send?ref=hand-0123456789abcdef01234567',
  'send-wrong': '/console/send/check?ref=x&MSSIDN=12&plan_code=PREPAID_MOBILIS',
  'send-check': `/console/send/check?ref=hand-0123456789abcdef01234567&${TYPED}`,
  activity: '/console/activity',
  settings: '/console/settings',
} as const

describe('the pages', () => {
  it.each(
    LANGUAGES.flatMap((language) =>
      (['light', 'dark'] as const).map((scheme) => [language, scheme] as const),
    ),
  )('can be read in %s, %s, on a desk and on a phone', async (language, colorScheme) => {
    for (const [size, viewport] of Object.entries(SIZES)) {
      const { page, complaints } = await openConsole(browser, gateway, { colorScheme, viewport })
      await signInAs(page, gateway, language, DEMO_LIVE_KEY)
      for (const [name, path] of Object.entries(PAGES)) {
        await page.goto(gateway.url + path)
        expect(await page.evaluate(FAULTS), `${name} ${size}`).toEqual([])
        await shoot(page, `${name}-${language}-${size}-${colorScheme}`)
      }
      // The browser itself tells of the answer to what was typed wrong.
      expect(complaints.filter((told) => !told.includes('400'))).toEqual([])
      await page.context().close()
    }
  })
})

const sentTo = (number: string) => provider.topups.filter(({ msisdn }) => msisdn === number)

describe.each(LANGUAGES)('by hand, in %s', (language) => {
  it('a top-up is typed, checked and sent, without scripts', async () => {
    const number = `066100000${LANGUAGES.indexOf(language)}`
    const { page, complaints } = await openConsole(browser, gateway, { javaScriptEnabled: false })
    await signInAs(page, gateway, language, DEMO_LIVE_KEY)
    await page.locator('nav.pages a[href="/console/send"]').click()
    await page.locator('input[type=tel]').fill(number)
    await page.locator('select').selectOption('PREPAID_MOBILIS')
    await page.locator('input[type=number]').fill('500')
    await page.locator('main button.main').click()
    expect(await page.locator('.read-out').innerText()).toContain(number.match(/../g)?.join(' '))
    expect(sentTo(number)).toEqual([])
    await page.locator('main button.main').click()
    await page.waitForURL('**/order?ref=hand-*done=sent')
    await page.locator('nav.pages a[href="/console/activity"]').click()
    expect(await page.locator('tbody tr').first().innerText()).toContain('hand-')
    expect(sentTo(number)).toHaveLength(1)
    expect(complaints).toEqual([])
  })

  it('nothing goes out twice: pressed twice, back, pressed, reloaded', async () => {
    const number = `066200000${LANGUAGES.indexOf(language)}`
    const { page } = await openConsole(browser, gateway)
    await signInAs(page, gateway, language, DEMO_LIVE_KEY)
    await page.goto(`${gateway.url}/console/send`)
    const form = page.url()
    await page.locator('input[type=tel]').fill(number)
    await page.locator('select').selectOption('PREPAID_MOBILIS')
    await page.locator('input[type=number]').fill('500')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/send/check?*')
    await page.locator('main button.main').dblclick()
    await page.waitForURL('**/order?ref=hand-*')
    await page.reload()
    await page.goBack()
    await page.goBack()
    expect(page.url()).toBe(form)
    await page.locator('input[type=tel]').fill(number)
    await page.locator('select').selectOption('PREPAID_MOBILIS')
    await page.locator('input[type=number]').fill('500')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/send/check?*')
    expect(await page.locator('main button.main').count()).toBe(0)
    expect(await page.locator('.note a').count()).toBe(1)
    await shoot(page, `send-used-${language}`)
    expect(sentTo(number)).toHaveLength(1)
  })
})
