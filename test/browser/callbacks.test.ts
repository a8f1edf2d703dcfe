import { mkdirSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { DEMO_KEY, type Gateway, startGateway } from '../system/harness'
import { type Merchant, startMerchant } from '../system/merchant'
import { type EndpointAnswer, type Shop, shopWithKey } from '../system/shop'
import { launchBrowser } from './chromium'
import { FAULTS, openConsole, signInAs } from './console-world'

const SCREENSHOTS = 'test-results/console-callbacks'
const LANGUAGES = ['ar', 'fr', 'en'] as const
const SIZES = { 1280: { width: 1_280, height: 900 }, 360: { width: 360, height: 740 } } as const
const EVIL = '<script>alert(1)</script>'

let gateway: Gateway
let browser: Browser
let shop: Shop
/** One that answers, one that refuses and is paused with an event held. */
let well: { merchant: Merchant; endpoint: EndpointAnswer }
let ill: { merchant: Merchant; endpoint: EndpointAnswer }

beforeAll(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true })
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
  it.each(
    LANGUAGES.flatMap((language) =>
      (['light', 'dark'] as const).map((scheme) => [language, scheme] as const),
    ),
  )('can be read in %s, %s, on a desk and on a phone', async (language, colorScheme) => {
    for (const [size, viewport] of Object.entries(SIZES)) {
      const { page: tab, complaints } = await openConsole(browser, gateway, { colorScheme, viewport })
      await signInAs(tab, gateway, language)
      for (const [name, path] of Object.entries(await paths())) {
        await tab.goto(page(path))
        expect(await tab.evaluate(FAULTS), `${name} ${size}`).toEqual([])
        await shoot(tab, `${name}-${language}-${size}-${colorScheme}`)
      }
      await tab.goto(page('/events'))
      await tab.locator('.rows a[href*="/events/"]').first().click()
      expect(await tab.evaluate(FAULTS), `event ${size}`).toEqual([])
      await shoot(tab, `event-${language}-${size}-${colorScheme}`)
      expect(complaints).toEqual([])
      await tab.context().close()
    }
  })
})

function shoot(tab: Page, name: string) {
  return tab.screenshot({ path: `${SCREENSHOTS}/${name}.png`, fullPage: true })
}
