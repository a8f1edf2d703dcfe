import type { Browser, Page } from 'playwright-core'
import { beforeAll, expect, it } from 'vitest'
import { DEMO_LIVE_KEY, type Gateway, startGateway } from '../system/harness'
import { startProvider } from '../system/provider'
import { launchBrowser } from './chromium'
import { openConsole, signInAs } from './console-world'

const provider = await startProvider()
let gateway: Gateway
let browser: Browser
beforeAll(async () => {
  gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
  browser = await launchBrowser()
})

async function send(ref: string): Promise<void> {
  const body = { plan_code: 'PREPAID_MOBILIS', MSSIDN: '0661234567', amount: 500, ref }
  const sent = await gateway.call('POST', '/v3/mobile/send', { key: DEMO_LIVE_KEY, body })
  expect(sent.status).toBe(200)
}

/** Marked, so that a page that was loaded anew is noticed. */
async function open(path: string, clock: 'real' | 'ours' = 'real') {
  const opened = await openConsole(browser, gateway, { viewport: { width: 1_280, height: 400 } })
  await signInAs(opened.page, gateway, 'en', DEMO_LIVE_KEY)
  if (clock === 'ours') await opened.page.clock.install()
  await opened.page.goto(gateway.url + path)
  await opened.page.evaluate('window.isTheSame = true')
  return opened
}

const row = (ref: string) => `document.getElementById('order:${ref}')`
const shows = (page: Page, ref: string, text: string) =>
  page.locator(`[id="order:${ref}"]`, { hasText: text }).waitFor()

it('the list changes where an order does, and nothing else on it moves', async () => {
  await send('live/first')
  await send('live/second')
  const { page, complaints } = await open('/console/orders')
  await page.evaluate(`${row('live/first')}.querySelector('a').focus(); scrollTo(0, 40)`)
  await page.evaluate(`window.first = ${row('live/first')}`)
  provider.settle('live/second', 'FULFILLED')
  await shows(page, 'live/second', 'Delivered')
  expect(await page.textContent('#said')).toBe('live/second: Delivered')
  expect(await page.evaluate(`window.isTheSame && window.first === ${row('live/first')}`)).toBe(true)
  expect(await page.evaluate(`document.activeElement.textContent`)).toBe('live/first')
  expect(await page.evaluate('scrollY')).toBe(40)

  // The focus goes with the row that changes, and a new order comes in above it.
  await send('live/third')
  provider.settle('live/first', 'REFUNDED')
  await shows(page, 'live/first', 'Refunded')
  await shows(page, 'live/third', '')
  expect(await page.evaluate(`document.activeElement.textContent`)).toBe('live/first')
  expect(await page.locator('tbody tr').allInnerTexts()).toEqual([
    expect.stringContaining('live/third'),
    expect.stringContaining('live/second'),
    expect.stringContaining('live/first'),
  ])
  provider.settle('live/third', 'FULFILLED')
  await shows(page, 'live/third', 'Delivered')
  expect(await page.locator('[data-live]').count()).toBe(0)
  expect(complaints).toEqual([])
})

it('an order’s page becomes final by itself, with what was open on it', async () => {
  await send('live/order')
  const { page, complaints } = await open('/console/order?ref=live%2Forder')
  await page.locator('#steps details summary').first().click()
  provider.settle('live/order', 'FULFILLED')
  await page.waitForSelector('#verdict.good')
  expect(await page.textContent('#said')).toBe('live/order: Delivered')
  expect(await page.locator('#steps details').first().getAttribute('open')).not.toBeNull()
  expect(await page.locator('#reply textarea').first().inputValue()).toContain('/t/')
  expect(await page.locator('#reply textarea + button').count()).toBe(3)
  expect(await page.evaluate('window.isTheSame')).toBe(true)
  expect(complaints).toEqual([])
})

it('nothing is asked for while somebody types, and what he typed stays', async () => {
  await send('live/typing')
  const { page } = await open('/console/orders', 'ours')
  await page.locator('input[type=search]').fill('half a num')
  provider.settle('live/typing', 'FULFILLED')
  const asked: string[] = []
  page.on('request', (request) => asked.push(request.url()))
  await page.clock.fastForward(60_000)
  expect(asked).toEqual([])
  await page.evaluate('document.activeElement.blur()')
  await page.clock.fastForward(60_000)
  await page.clock.resume()
  await shows(page, 'live/typing', 'Delivered')
  expect(await page.inputValue('input[type=search]')).toBe('half a num')
})

it('a reader who has signed out elsewhere is led to the door', async () => {
  await send('live/out')
  const { page } = await open('/console/order?ref=live%2Fout')
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
  const ours = { Cookie: cookie, Origin: gateway.url, 'Sec-Fetch-Site': 'same-origin' }
  await gateway.fetch('/console/sign-out', { method: 'POST', headers: ours })
  await page.waitForURL('**/sign-in?done=ended')
})
