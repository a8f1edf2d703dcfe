import type { Browser } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Gateway, startGateway } from '../system/harness'
import { launchBrowser } from './chromium'
import { becomes, fillDay, NUMBERS, openConsole, sendTopup, signInAs } from './console-world'
import { faultsOf } from './faults'
import { LANGUAGES, LOOKS, SIZES, shooter } from './looks'

const shoot = shooter('console')

let gateway: Gateway
let browser: Browser
beforeAll(async () => {
  gateway = await startGateway()
  browser = await launchBrowser()
  await sendTopup(gateway, 'shop/1001', NUMBERS.fulfilled)
  await sendTopup(gateway, 'shop/1002', NUMBERS.refunded)
  await fillDay(gateway)
  await Promise.all([becomes(gateway, 'shop/1001', 'FULFILLED'), becomes(gateway, 'shop/1002', 'REFUNDED')])
})

const PAGES = {
  home: '/console',
  week: '/console?range=7d',
  orders: '/console/orders',
  filtered: '/console/orders?q=&status=REFUNDED&from=2026-01-01',
  order: '/console/order?ref=shop%2F1002',
  findings: '/console/findings',
  finding: '/console/finding?id=find_open',
  reports: '/console/reports',
  keys: '/console/keys',
  settings: '/console/settings',
  missing: '/console/nothing',
} as const

describe('every page of the console', () => {
  it.each(LOOKS)('can be read in %s, %s, %i px wide', async (language, colorScheme, size) => {
    const { page, complaints } = await openConsole(browser, gateway, { colorScheme, viewport: SIZES[size] })
    await page.goto(`${gateway.url}/console/sign-in?lang=${language}`)
    expect(await faultsOf(page)).toEqual([])
    await shoot(page, `sign-in-${language}-${size}-${colorScheme}`)
    await signInAs(page, gateway, language)
    for (const [name, path] of Object.entries(PAGES)) {
      await page.goto(gateway.url + path)
      expect(await page.getAttribute('html', 'lang'), name).toBe(language)
      expect(await faultsOf(page), name).toEqual([])
      await shoot(page, `${name}-${language}-${size}-${colorScheme}`)
    }
    // The browser itself tells of every answer that is no success.
    expect(complaints.filter((told) => !told.includes('404'))).toEqual([])
  })
})

describe.each(LANGUAGES)('the main tasks, in %s', (language) => {
  it('an order is found by what a customer reads out, without scripts', async () => {
    const { page, complaints } = await openConsole(browser, gateway, { javaScriptEnabled: false })
    await signInAs(page, gateway, language)
    for (const typed of ['shop/1002', '+213 600 01 00 01', '٠٦٠٠٠١٠٠٠١']) {
      await page.goto(`${gateway.url}/console/orders`)
      await page.locator('input[type=search]').fill(typed)
      await page.keyboard.press('Enter')
      await page.waitForURL('**/orders?q=*')
      expect(await page.locator('tbody tr').count(), typed).toBe(1)
      await page.locator('tbody a').click()
      expect(await page.textContent('h1')).toContain('shop/1002')
      expect(await page.locator('.verdict.back').count()).toBe(1)
      expect(await page.locator('textarea').count()).toBe(3)
    }
    expect(complaints).toEqual([])
  })

  it('a key is made, and revoked once that was meant, without scripts', async () => {
    const { page, complaints } = await openConsole(browser, gateway, { javaScriptEnabled: false })
    await signInAs(page, gateway, language)
    await page.goto(`${gateway.url}/console/keys`)
    await page.locator('input[name=name]').fill(`till ${language}`)
    await page.locator('button.main').click()
    expect(await page.locator('input[readonly]').inputValue()).toMatch(/^rsd_test_/)
    await page.locator('a.button').click()
    const mine = page.locator('section.card', { hasText: `till ${language}` })
    await mine.locator('a.button').click()
    await shoot(page, `revoke-${language}`)
    await page.locator('button.danger').click()
    expect(await mine.locator('.tag.back').count()).toBe(1)
    expect(complaints).toEqual([])
  })

  it('a finding is closed with a note, without scripts', async () => {
    const { page, complaints } = await openConsole(browser, gateway, { javaScriptEnabled: false })
    await signInAs(page, gateway, language)
    await page.goto(`${gateway.url}/console/finding?id=find_${language}`)
    // Names of fields are the API's; people read words.
    expect(await page.locator('dt').allInnerTexts()).not.toContainEqual(expect.stringMatching(/_|^at$/))
    await page.locator('textarea').fill('The provider <b>mended</b> it.')
    await page.locator('button.danger').click()
    await page.waitForURL('**done=closed')
    expect(await page.locator('main').innerText()).toContain('The provider <b>mended</b> it.')
    expect(await page.locator('form.card').count()).toBe(0)
    expect(complaints).toEqual([])
  })

  it('two days are compared, and the language is switched where one is', async () => {
    const { page, complaints } = await openConsole(browser, gateway)
    await signInAs(page, gateway, language)
    await page.goto(`${gateway.url}/console/reports`)
    await page.locator('button.main').click()
    await page.waitForURL(/\/console\/reports/)
    await page.goto(`${gateway.url}/console/reports`)
    await shoot(page, `reports-${language}-run`)
    await page.goto(`${gateway.url}/console/orders?q=shop%2F1001`)
    const other = language === 'ar' ? 'fr' : 'ar'
    await page.locator(`.languages a[lang=${other}]`).click()
    expect(await page.getAttribute('html', 'lang')).toBe(other)
    expect(await page.inputValue('input[type=search]')).toBe('shop/1001')
    // Another language's run may still be under way: then the answer is 409, which the browser tells.
    expect(complaints.filter((told) => !told.includes('409'))).toEqual([])
  })
})

it('all of it can be reached by keyboard, and the first stop leads past the navigation', async () => {
  const { page } = await openConsole(browser, gateway)
  await signInAs(page, gateway, 'en')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  expect(await page.evaluate('document.activeElement.closest("main") !== null')).toBe(true)
  await page.goto(`${gateway.url}/console/orders`)
  await page.keyboard.press('/')
  expect(await page.evaluate('document.activeElement.name')).toBe('q')
})
