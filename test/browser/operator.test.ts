import type { Browser, Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { asOperator } from '../system/accounts'
import { ADMIN_TOKEN, DEMO_KEY, eventually, type Gateway, startGateway } from '../system/harness'
import { plantFinding, plantLateOrder } from '../system/operator-world'
import { startProvider } from '../system/provider'
import { launchBrowser } from './chromium'
import { openConsole } from './console-world'
import { faultsOf } from './faults'
import { LANGUAGES, LOOKS, SIZES, shooter } from './looks'

const shoot = shooter('operator')
const SHOP = 'Épicerie El Baraka'

let gateway: Gateway
let browser: Browser
let shop: string
beforeAll(async () => {
  const provider = await startProvider()
  gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
  browser = await launchBrowser()
  const admin = async (method: string, path: string, body: object) => {
    const answer = await gateway.call(method, `/admin${path}`, { headers: asOperator, body })
    expect(answer.status, answer.text).toBeLessThan(300)
    return answer.json.data
  }
  shop = (await admin('POST', '/merchants', { name: SHOP })).id
  const wanted = {
    environment: 'production',
    name: 'Caisse 1',
    allowed_ips: ['198.51.100.0/24', '127.0.0.1'],
  }
  await admin('POST', `/merchants/${shop}/keys`, {
    environment: 'sandbox',
    name: 'Essais',
    scope: 'READ-ONLY',
  })
  const key = (await admin('POST', `/merchants/${shop}/keys`, { ...wanted, allowed_ips: [] })).key
  await admin('POST', `/merchants/${shop}/keys`, wanted)
  const other = (await admin('POST', '/merchants', { name: 'Kiosque de la gare' })).id
  provider.account('his-own-access-token', { username: '+213661002003' }).setBalance(41_230)
  await admin('PUT', `/merchants/${other}/credential`, { access_token: 'his-own-access-token' })
  // A first answer with something new in it, and a balance below its mark.
  const said = { success: true, data: { username: 'x' }, requestId: 'req_1', server: 'alg-2' }
  provider.fault('ping', { answer: { body: said } })
  await gateway.call('GET', '/v3/ping')
  await admin('PATCH', '/wallets/operator', { low_balance_dzd: 5_000_000, low_balance_hours: 12 })
  await plantLateOrder(gateway, { id: shop, key }, 'boutique/2026-11-25/0042', '0661234567')
  for (const each of [...LANGUAGES, 'open']) await plantFinding(gateway, 'operator', each)
  // Known to the list within a minute.
  await gateway.call('GET', '/v1/orders', { key: DEMO_KEY })
  await eventually('the list of merchants', async () => {
    const { json } = await gateway.call('GET', '/admin/merchants', { headers: asOperator })
    return json.data.items.length === 3
  })
})

const PAGES = () => ({
  accounts: '/console/admin',
  account: '/console/admin/account?wallet=operator',
  sandbox: '/console/admin/account?wallet=sandbox:demo',
  findings: '/console/admin/findings',
  closed: '/console/admin/findings?state=closed&wallet=sandbox:demo',
  finding: '/console/admin/finding?id=open',
  reports: '/console/admin/reports',
  merchants: '/console/admin/merchants',
  merchant: `/console/admin/merchant?id=${shop}`,
  disable: `/console/admin/merchant/state?id=${shop}&state=disabled`,
  late: '/console/admin/late',
  missing: '/console/admin/nothing',
})

async function signIn(page: Page, language: string): Promise<void> {
  await page.goto(`${gateway.url}/console/admin/sign-in?lang=${language}`)
  await page.locator('input[name=key]').fill(ADMIN_TOKEN)
  await page.locator('form button.main').click()
  await page.waitForURL('**/console/admin')
}

describe('every page of the operator', () => {
  it.each(LOOKS)('can be read in %s, %s, %d pixels wide', async (language, colorScheme, size) => {
    const look = { colorScheme, viewport: SIZES[size] }
    const { page, complaints } = await openConsole(browser, gateway, look)
    await page.goto(`${gateway.url}/console/admin/sign-in?lang=${language}`)
    expect(await faultsOf(page)).toEqual([])
    await shoot(page, `sign-in-${language}-${size}-${colorScheme}`)
    await signIn(page, language)
    for (const [name, path] of Object.entries(PAGES())) {
      await page.goto(gateway.url + path)
      expect(await page.getAttribute('html', 'lang'), name).toBe(language)
      await page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
      expect(await faultsOf(page), `${name} ${size}`).toEqual([])
      // Names of fields are the API's; people read words.
      expect(await page.locator('dt').allInnerTexts(), name).not.toContainEqual(
        expect.stringMatching(/_|^at$/),
      )
      await shoot(page, `${name}-${language}-${size}-${colorScheme}`)
    }
    // The browser itself tells of every answer that is no success.
    expect(complaints.filter((told) => !told.includes('404'))).toEqual([])
    await page.context().close()
  })
})

describe.each(LANGUAGES)('the operator’s tasks, in %s, without scripts', (language) => {
  it('what needs him is said on the first page, and leads to the account', async () => {
    const { page, complaints } = await openConsole(browser, gateway, { javaScriptEnabled: false })
    await signIn(page, language)
    expect(await page.locator('.note.back').count()).toBe(1)
    expect(await page.locator('.note.doubt').count()).toBeGreaterThanOrEqual(2)
    await page.locator('main a[href$="/account"]').click()
    expect(await page.locator('pre').count()).toBe(1)
    expect(await page.locator('details').count()).toBeGreaterThanOrEqual(2)
    expect(complaints).toEqual([])
  })

  it('a finding is closed with a note', async () => {
    const { page, complaints } = await openConsole(browser, gateway, { javaScriptEnabled: false })
    await signIn(page, language)
    await page.locator('nav.pages a[href$="/findings"]').click()
    await page.locator(`a[href*="id=${language}"]`).click()
    await page.locator('textarea').fill('Spent <b>by hand</b>, in the app.')
    await page.locator('button.danger').click()
    await page.waitForURL('**done=closed')
    expect(await page.locator('main').innerText()).toContain('Spent <b>by hand</b>, in the app.')
    expect(await page.locator('textarea').count()).toBe(0)
    expect(complaints).toEqual([])
  })

  it('two days are compared', async () => {
    const { page } = await openConsole(browser, gateway, { javaScriptEnabled: false })
    await signIn(page, language)
    await page.locator('nav.pages a[href$="/reports"]').click()
    await page.locator('main button.main').click()
    // While another language's is under way, that is said.
    expect(await page.locator('.note.good, .verdict.back').count()).toBe(1)
  })

  it('a merchant is disabled once that was meant, and enabled again', async () => {
    const { page, complaints } = await openConsole(browser, gateway, { javaScriptEnabled: false })
    await signIn(page, language)
    await page.locator('nav.pages a[href$="/merchants"]').click()
    await page.locator('tbody a', { hasText: 'Kiosque' }).click()
    expect(await page.locator('main').innerText()).toContain('…003')
    const state = page.locator('.heading .tag')
    for (const tone of ['back', 'good']) {
      await page.locator('main p > a.button').click()
      await page.locator('.verdict button').click()
      await page.waitForURL('**done=*')
      expect(await state.getAttribute('class')).toBe(`tag ${tone}`)
    }
    expect(complaints).toEqual([])
  })

  it('an order that is open too long is found, and whose it is', async () => {
    const { page, complaints } = await openConsole(browser, gateway, { javaScriptEnabled: false })
    await signIn(page, language)
    await page.locator('nav.pages a[href$="/late"]').click()
    const main = page.locator('main')
    expect(await main.innerText()).toContain('boutique/2026-11-25/0042')
    expect(await main.innerText()).not.toContain('0661234567')
    await main.locator('h2 a', { hasText: SHOP }).click()
    expect(await page.locator('main').innerText()).toContain('boutique/2026-11-25/0042')
    expect(complaints).toEqual([])
  })
})

it('the first stop of the keyboard leads past the navigation', async () => {
  const { page } = await openConsole(browser, gateway)
  await signIn(page, 'en')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  expect(await page.evaluate('document.activeElement.closest("main") !== null')).toBe(true)
})
