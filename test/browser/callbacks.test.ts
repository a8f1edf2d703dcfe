import type { Browser, Route } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { DEMO_KEY, type Gateway, startGateway } from '../system/harness'
import { addManyFailed } from '../system/many-failed'
import { type Merchant, startMerchant } from '../system/merchant'
import { type EndpointAnswer, openShop, type Shop, shopWithKey, silentReceiver } from '../system/shop'
import { launchBrowser } from './chromium'
import { openConsole, signInAs } from './console-world'
import { faultsOf } from './faults'
import { LANGUAGES, LOOKS, SIZES, shooter } from './looks'

const shoot = shooter('callbacks')
const EVIL = '<script>alert(1)</script>'

let gateway: Gateway
let browser: Browser
let shop: Shop
/** One that answers, one that refuses and is paused with an event held, one that is silent. */
let well: { merchant: Merchant; endpoint: EndpointAnswer }
let ill: { merchant: Merchant; endpoint: EndpointAnswer }
let silent: { merchant: Merchant; endpoint: EndpointAnswer }

beforeAll(async () => {
  gateway = await startGateway()
  browser = await launchBrowser()
  shop = shopWithKey(gateway, DEMO_KEY)
  well = await shop.receiver({ description: 'The till' })
  ill = await shop.receiver({ events: ['topup.fulfilled', 'topup.reversed'], description: EVIL })
  ill.merchant.answer({ status: 404, body: `${EVIL} no such page` })
  await shop.send('shop/1001')
  await ill.merchant.received(1)
  await shop.deliveryIn('delivered', `endpoint_id=${well.endpoint.id}`)
  await shop.patch(ill.endpoint.id, { state: 'paused' })
  await shop.send('shop/1002')
  await shop.deliveryIn('held', `endpoint_id=${ill.endpoint.id}&ref=shop%2F1002`)
  await shop.deliveryIn('delivered', `endpoint_id=${well.endpoint.id}&ref=shop%2F1002`)
  silent = await silentReceiver(shop)
  await shop.call('POST', `/v1/endpoints/${well.endpoint.id}/rotate`, { overlap_hours: 24 })
})

const page = (path: string) => `${gateway.url}/console${path}`

async function paths(): Promise<Record<string, string>> {
  const [refused] = await shop.deliveries(`endpoint_id=${ill.endpoint.id}&ref=shop%2F1001`)
  const replay = await shop.call('POST', '/v1/replays', { status: 'delivered' })
  const { json } = replay.status === 202 ? replay : await shop.call('GET', '/v1/replays')
  return {
    endpoints: '/endpoints',
    well: `/endpoints/${well.endpoint.id}`,
    ill: `/endpoints/${ill.endpoint.id}`,
    silent: `/endpoints/${silent.endpoint.id}`,
    revoke: `/endpoints/${well.endpoint.id}/revoke`,
    delete: `/endpoints/${ill.endpoint.id}/delete`,
    deliveries: '/deliveries',
    filtered: `/deliveries?state=held&endpoint_id=${ill.endpoint.id}`,
    delivery: `/deliveries/${refused?.id}`,
    replays: `/replays?endpoint_id=${ill.endpoint.id}`,
    count: '/replays/count?from=2026-01-01T00:00&status=delivered',
    replay: `/replays/${json.data.id ?? json.data.items[0].id}`,
    events: '/events',
    noEvents: '/events?type=topup.unknown',
  }
}

describe('every page about callbacks', () => {
  it.each(LOOKS)('can be read in %s, %s, %i px wide', async (language, colorScheme, size) => {
    const options = { colorScheme, viewport: SIZES[size] }
    const { page: tab, complaints } = await openConsole(browser, gateway, options)
    await signInAs(tab, gateway, language)
    for (const [name, path] of Object.entries(await paths())) {
      await tab.goto(page(path))
      expect(await faultsOf(tab), name).toEqual([])
      await shoot(tab, `${name}-${language}-${size}-${colorScheme}`)
    }
    await tab.goto(page('/events'))
    await tab.locator('.rows a[href*="/events/"]').first().click()
    expect(await faultsOf(tab), 'event').toEqual([])
    await shoot(tab, `event-${language}-${size}-${colorScheme}`)
    expect(complaints).toEqual([])
  })
})

describe.each(LANGUAGES)('the main tasks, in %s, without scripts', (language) => {
  async function signedIn() {
    const opened = await openConsole(browser, gateway, { javaScriptEnabled: false })
    await signInAs(opened.page, gateway, language)
    return opened
  }

  it('an address is registered, tried with a type of event, paused, and deleted', async () => {
    const { page: tab, complaints } = await signedIn()
    const merchant = await startMerchant()
    await tab.goto(page('/endpoints'))
    await tab.locator('input[type=url]').fill(`${merchant.url}/${language}`)
    await tab.locator('button.main').click()
    expect(await tab.locator('input[readonly]').inputValue()).toMatch(/^whsec_/)
    await shoot(tab, `secret-${language}`)
    await tab.locator('a.button').click()
    await tab.waitForURL('**/endpoints/ep_*')
    await tab.locator('select[name=type]').selectOption('topup.refunded')
    await tab.locator('form[action$=test] button').click()
    expect((await merchant.received(1)).body.type).toBe('topup.refunded')
    expect(await tab.locator('.verdict.good').count()).toBe(1)
    await shoot(tab, `tested-${language}`)
    await tab.locator('a.button').click()
    await tab.locator('form[action$=state] button').click()
    expect(await tab.locator('.verdict.doubt').count()).toBe(1)
    await tab.locator('a.danger[href$=delete]').click()
    await tab.locator('button.danger').click()
    await tab.waitForURL('**/endpoints?done=deleted')
    expect(await tab.textContent('main')).not.toContain(`/${language}`)
    expect(complaints).toEqual([])
  })

  it('types of events are chosen, and the secret is made anew', async () => {
    const { page: tab, complaints } = await signedIn()
    const { endpoint } = await shop.receiver()
    await tab.goto(page(`/endpoints/${endpoint.id}`))
    await tab.locator('input[name="topup.unknown"]').uncheck()
    await tab.locator('input[name="summary.daily"]').check()
    await tab.locator('form[action$=settings] button').click()
    await tab.waitForURL('**done=saved')
    const events = ['topup.fulfilled', 'topup.refunded', 'topup.reversed', 'summary.daily']
    expect((await shop.endpoint(endpoint.id)).events).toEqual(events)
    await tab.locator('summary').click()
    await tab.locator('input[type=number]').fill('12')
    await tab.locator('form[action$=rotate] button').click()
    expect(await tab.locator('input[readonly]').inputValue()).toMatch(/^whsec_/)
    await tab.locator('a.button').click()
    await tab.locator('a.danger[href$=revoke]').click()
    await shoot(tab, `revoke-${language}`)
    await tab.locator('button.danger').click()
    await tab.waitForURL('**done=keys_revoked')
    expect((await shop.endpoint(endpoint.id)).public_keys).toHaveLength(1)
    await shop.call('DELETE', `/v1/endpoints/${endpoint.id}`)
    expect(complaints).toEqual([])
  })

  it('what an outage lost is counted, sent again, and seen to the end', async () => {
    const { page: tab, complaints } = await signedIn()
    const before = well.merchant.callbacks.length
    await tab.goto(page(`/endpoints/${well.endpoint.id}`))
    await tab.locator('a[href*="/replays"]').last().click()
    await tab.locator('select[name=status]').selectOption('delivered')
    await tab.locator('button.main').click()
    await shoot(tab, `counted-${language}`)
    expect(well.merchant.callbacks).toHaveLength(before)
    await tab.locator('button.main').click()
    await tab.waitForURL('**/replays/rpl_*')
    // It renews itself.
    await tab.locator('.tag.good:not(header .tag)').waitFor()
    await well.merchant.received(before + 2)
    expect(complaints).toEqual([])
  })

  it('a replay that takes long is watched, and cancelled', async () => {
    const busy = await openShop(gateway, 'sandbox')
    const { endpoint } = await busy.receiver()
    await busy.send('one')
    await busy.deliveryIn('delivered', 'ref=one')
    await addManyFailed(gateway, endpoint.id)
    await busy.call('POST', '/v1/replays', { status: 'failed' })
    const { page: tab, complaints } = await openConsole(browser, gateway, { javaScriptEnabled: false })
    await signInAs(tab, gateway, language, busy.key)
    await tab.goto(page('/replays'))
    await tab.locator('h2 a').click()
    const shown = Number(await tab.locator('progress').getAttribute('value'))
    await tab.locator(`progress:not([value="${shown}"])`).waitFor()
    const { page: still } = await openConsole(browser, gateway, { viewport: SIZES[360] })
    await signInAs(still, gateway, language, busy.key)
    await still.route(tab.url(), withoutRefresh)
    await still.goto(tab.url())
    expect(await faultsOf(still)).toEqual([])
    await shoot(still, `running-${language}`)
    await tab.locator('button.danger').click()
    await tab.locator('main .tag.doubt').waitFor()
    expect(await tab.locator('progress').count()).toBe(0)
    expect(complaints).toEqual([])
  })

  it('an event leads to its order and to what a receiver answered', async () => {
    const { page: tab, complaints } = await signedIn()
    await tab.goto(page('/events'))
    await tab.locator('select[name=type]').selectOption('topup.fulfilled')
    await tab.locator('button.main').click()
    await tab.locator('.rows li', { hasText: 'shop/1001' }).locator('a[href*="/events/"]').click()
    expect(await tab.textContent('pre')).toContain('"ref": "shop/1001"')
    await tab.locator('.rows li', { hasText: '404' }).locator('a[href*="/deliveries/"]').click()
    expect(await tab.textContent('pre')).toContain(EVIL)
    await tab.locator('a[href*="/order?"]').click()
    expect(await tab.textContent('h1')).toContain('shop/1001')
    expect(complaints).toEqual([])
  })
})

/** A page that stays while it is looked at. */
async function withoutRefresh(route: Route): Promise<void> {
  const response = await route.fetch()
  const { refresh, ...headers } = response.headers()
  expect(refresh).toBeDefined()
  await route.fulfill({ response, headers })
}
