import type { Browser } from 'playwright-core'
import { beforeAll, expect, it } from 'vitest'
import { launchBrowser } from './chromium'

let browser: Browser
beforeAll(async () => {
  browser = await launchBrowser()
})

it('the browser of the tests draws a page, Arabic included', async () => {
  const page = await browser.newPage({ viewport: { width: 320, height: 200 } })
  await page.setContent('<h1>Rasid</h1><h1 lang="ar" dir="rtl">رصيد</h1>')
  expect(await page.textContent('[lang=ar]')).toBe('رصيد')
  expect((await page.screenshot()).length).toBeGreaterThan(1_000)
})
