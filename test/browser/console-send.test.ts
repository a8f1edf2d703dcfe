import type { Browser } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { DEMO_LIVE_KEY, type Gateway, startGateway } from '../system/harness'
import { startProvider } from '../system/provider'
import { launchBrowser } from './chromium'
import { openConsole, signInAs } from './console-world'
import { faultsOf } from './faults'
import { LANGUAGES, LOOKS, SIZES, shooter } from './looks'

const shoot = shooter('console')

const provider = await startProvider()
let gateway: Gateway
let browser: Browser
beforeAll(async () => {
  gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
  browser = await launchBrowser()
})

const TYPED = 'MSSIDN=0771234567&plan_code=PREPAID_MOBILIS&amount=500'
const PAGES = {
  send: '/console/send?ref=hand-0123456789abcdef01234567',
  'send-wrong': '/console/send/check?ref=x&MSSIDN=12&plan_code=PREPAID_MOBILIS',
  'send-check': `/console/send/check?ref=hand-0123456789abcdef01234567&${TYPED}`,
  activity: '/console/activity',
  settings: '/console/settings',
} as const

describe('the pages', () => {
  it.each(LOOKS)('can be read in %s, %s, %i px wide', async (language, colorScheme, size) => {
    const { page, complaints } = await openConsole(browser, gateway, { colorScheme, viewport: SIZES[size] })
    await signInAs(page, gateway, language, DEMO_LIVE_KEY)
    for (const [name, path] of Object.entries(PAGES)) {
      await page.goto(gateway.url + path)
      expect(await faultsOf(page), name).toEqual([])
      await shoot(page, `${name}-${language}-${size}-${colorScheme}`)
    }
    // The browser itself tells of the answer to what was typed wrong.
    expect(complaints.filter((told) => !told.includes('400'))).toEqual([])
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
