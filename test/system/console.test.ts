import { beforeAll, describe, expect, it } from 'vitest'
import { seal } from '../../src/platform/vault'
import { build } from '../workerd/build'
import { ADMIN_TOKEN, DEMO_KEY, eventually, startGateway } from './harness'
import { startWorkerdGateway, temporaryStorage } from './local'
import { startProvider } from './provider'

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
const OURS = { Origin: gateway.url, 'Sec-Fetch-Site': 'same-origin' }
/** The edge may remember a key for a minute; with slack, so that only a key that stays open fails. */
const FORGOTTEN_MS = 90_000
const EVIL = `"><script>alert(1)</script>'&`

const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` }
const admin = (method: string, path: string, body: unknown) =>
  gateway.call(method, `/admin/merchants${path}`, { headers, body })

async function newShop(more: object = {}): Promise<{ shop: string; id: string; key: string }> {
  const shop = (await admin('POST', '', { name: `Shop ${EVIL}` })).json.data.id
  const wanted = { environment: 'production', name: 'till', ...more }
  return { shop, ...(await admin('POST', `/${shop}/keys`, wanted)).json.data }
}

const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = OURS) =>
  gateway.fetch(`/console${path}`, { method: 'POST', body: new URLSearchParams(fields), headers })

/** The cookie as it is sent back. */
async function signedIn(key: string): Promise<{ Cookie: string; header: string }> {
  const answer = await post('/sign-in', { key })
  expect(answer.status).toBe(303)
  const header = answer.headers.get('Set-Cookie') ?? ''
  return { Cookie: header.split(';')[0] ?? '', header }
}

const read = (path: string, { Cookie }: { Cookie: string }) =>
  gateway.fetch(`/console${path}`, { headers: { Cookie, 'Accept-Language': 'en' } })

async function isSentToSignIn(answer: Response): Promise<boolean> {
  await answer.arrayBuffer()
  return answer.status === 303 && (answer.headers.get('Location') ?? '').startsWith('/console/sign-in')
}

describe('signing in', () => {
  it('gives a cookie that is only the console’s, of no script, for eight hours, without the key', async () => {
    const { header } = await signedIn(DEMO_KEY)
    for (const part of ['Path=/console', 'HttpOnly', 'SameSite=Strict', 'Max-Age=28800']) {
      expect(header).toContain(part)
    }
    expect(header).not.toContain(DEMO_KEY)
  })

  it('with an unknown key is refused as the API refuses it, in words, and its text is not shown again', async () => {
    const answer = await post('/sign-in', { key: EVIL }, { ...OURS, 'Accept-Language': 'fr' })
    expect(answer.status).toBe(401)
    const html = await answer.text()
    expect(html).toContain('Cette clé n’existe pas')
    expect(html).not.toContain('alert(1)')
    expect(answer.headers.get('Set-Cookie')).toBeNull()
  })

  it('with many wrong keys blocks the address, as in the API; a good key is let in all the same', async () => {
    const from = { ...OURS, 'CF-Connecting-IP': '203.0.113.77' }
    await eventually('the block', async () => (await post('/sign-in', { key: 'wrong' }, from)).status === 403)
    expect((await post('/sign-in', { key: DEMO_KEY }, from)).status).toBe(303)
  })

  it('ends with signing out', async () => {
    const answer = await post('/sign-out', {}, { ...OURS, Cookie: (await signedIn(DEMO_KEY)).Cookie })
    expect(answer.status).toBe(303)
    expect(answer.headers.get('Set-Cookie')).toContain('Max-Age=0')
  })
})

describe('a session', () => {
  it('is needed for every page', async () => {
    for (const path of [
      '',
      '/orders',
      '/orders.csv',
      '/order?ref=x',
      '/findings',
      '/reports',
      '/settings',
      '/x',
    ])
      expect(await isSentToSignIn(await read(path, { Cookie: '' })), path).toBe(true)
  })

  it('that is over, or forged, is none', async () => {
    const session = (until: number) => JSON.stringify({ hash: 'x', keyId: 'key_1', until })
    const over = await seal('local-master-key', 'console session', session(Date.now() - 1))
    const forged = await seal('guessed', 'console session', session(Date.now() + 60_000))
    for (const value of [over, forged, 'v1.x.y', '']) {
      expect(await isSentToSignIn(await read('', { Cookie: `rasid_console=${value}` }))).toBe(true)
    }
  })

  it('ends when its key is revoked', async () => {
    const { shop, id, key } = await newShop()
    const cookie = await signedIn(key)
    expect((await read('', cookie)).status).toBe(200)
    await admin('PATCH', `/${shop}/keys/${id}`, { state: 'disabled' })
    await eventually('the end', async () => isSentToSignIn(await read('', cookie)), FORGOTTEN_MS)
  })

  it('is good for the addresses of its key only', async () => {
    const { key } = await newShop({ allowed_ips: ['198.51.100.1'] })
    expect((await post('/sign-in', { key }, { ...OURS, 'CF-Connecting-IP': '198.51.100.2' })).status).toBe(
      403,
    )
  })
})

describe('what somebody else’s page asks for', () => {
  it.each([
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { Origin: gateway.url, 'Sec-Fetch-Site': 'same-site' },
    { 'Sec-Fetch-Site': 'cross-site' },
    {},
  ])('is not done: %o', async (from: Record<string, string>) => {
    const { Cookie } = await signedIn(DEMO_KEY)
    for (const path of ['/sign-in', '/sign-out', '/order/look', '/endpoints', '/reports', '/finding/close']) {
      const answer = await post(
        path,
        { ref: 'x', key: DEMO_KEY, url: 'https://example.com' },
        { ...from, Cookie },
      )
      expect(answer.status, path).toBe(403)
      expect(answer.headers.get('Set-Cookie')).toBeNull()
    }
    const { json } = await gateway.call('GET', '/v1/endpoints', { key: DEMO_KEY })
    expect(json.data.items).toEqual([])
  })
})

describe('a READ-ONLY key', () => {
  it('reads everything, sees nothing to press, and is refused where it presses all the same', async () => {
    const { key } = await newShop({ scope: 'READ-ONLY' })
    const { Cookie } = await signedIn(key)
    for (const path of ['', '/orders', '/findings', '/reports', '/endpoints', '/keys', '/settings']) {
      const answer = await read(path, { Cookie })
      expect(answer.status, path).toBe(200)
      const forms = (await answer.text()).match(/<form[^>]*method="post"[^>]*>/g) ?? []
      expect(forms, path).toEqual(['<form method="post" action="/console/sign-out">'])
    }
    const paths = ['/order/look', '/order/callback', '/finding/close', '/reports', '/endpoints']
    for (const path of [...paths, '/keys', '/keys/revoke']) {
      expect((await post(path, { id: 'x', ref: 'x' }, { ...OURS, Cookie })).status, path).toBe(403)
    }
  })
})

describe('keys', () => {
  it('made here are of the environment and the addresses of the key in hand, and shown once', async () => {
    const { shop, key } = await newShop({ allowed_ips: ['198.51.100.0/24'] })
    const here = { ...OURS, 'CF-Connecting-IP': '198.51.100.7' }
    const answer = await post('/sign-in', { key }, here)
    const Cookie = answer.headers.get('Set-Cookie')?.split(';')[0] ?? ''
    const wanted = { name: 'new', scope: 'READ-ONLY' }
    expect((await post('/keys', { ...wanted, environment: 'sandbox' }, { ...here, Cookie })).status).toBe(400)
    const made = await post('/keys', wanted, { ...here, Cookie })
    expect(made.status).toBe(201)
    expect(await made.text()).toMatch(/value="rsd_live_[0-9a-f]{48}"/)
    const { json } = await gateway.call('GET', `/admin/merchants/${shop}`, { headers })
    const kept = json.data.keys.find(({ name }: { name: string }) => name === 'new')
    expect(kept).toMatchObject({
      environment: 'production',
      scope: 'READ-ONLY',
      allowed_ips: ['198.51.100.0/24'],
    })
  })

  it('of the other environment are neither shown nor revoked', async () => {
    const { shop, key } = await newShop()
    const wanted = { environment: 'sandbox', name: 'of the sandbox' }
    const other = (await admin('POST', `/${shop}/keys`, wanted)).json.data.id
    const cookie = await signedIn(key)
    expect(await (await read('/keys', cookie)).text()).not.toContain('of the sandbox')
    expect((await read(`/keys/revoke?id=${other}`, cookie)).status).toBe(404)
    expect((await post('/keys/revoke', { id: other }, { ...OURS, Cookie: cookie.Cookie })).status).toBe(404)
  })
})

describe('strangers’ texts', () => {
  const ref = `ref ${EVIL}`
  let cookie: { Cookie: string }
  let shopKey: string
  beforeAll(async () => {
    const { key } = await newShop()
    shopKey = key
    const body = { plan_code: 'PREPAID_MOBILIS', MSSIDN: '0661234567', amount: 500, ref }
    expect((await gateway.call('POST', '/v3/mobile/send', { key, body })).status).toBe(200)
    const upstream = [...provider.topups.values()].find((topup) => topup.ref.endsWith(ref))?.ref ?? ''
    provider.settle(upstream, 'REFUNDED', { refundMessage: `refused ${EVIL}` })
    const path = `/v3/mobile/check-ref/${encodeURIComponent(ref)}`
    await eventually('the refund', async () => {
      return (await gateway.call('GET', path, { key })).json.data.status === 'REFUNDED'
    })
    cookie = await signedIn(key)
  })

  const pages = () => [
    '/orders',
    `/orders?q=${encodeURIComponent(EVIL)}&plan=${encodeURIComponent(EVIL)}`,
    `/order?ref=${encodeURIComponent(ref)}`,
    `/order?ref=${encodeURIComponent(EVIL)}`,
    `/?range=${encodeURIComponent(EVIL)}&done=${encodeURIComponent(EVIL)}&lang=${encodeURIComponent(EVIL)}`,
    `/orders?from=${encodeURIComponent(EVIL)}`,
    '/settings',
  ]

  it('are shown as text, whoever wrote them', async () => {
    let seen = 0
    for (const path of pages()) {
      const html = await (await read(path.replace(/^\/\?/, '?'), cookie)).text()
      expect(html, path).not.toContain('<script>alert')
      expect(html, path).not.toMatch(/="[^"]*"><script>/)
      if (html.includes('&lt;script&gt;alert(1)')) seen++
    }
    expect(seen).toBeGreaterThanOrEqual(4)
  })

  it('in an endpoint’s address and description are no markup', async () => {
    const url = 'https://example.com/%22%3E%3Cscript%3Ealert(1)%3C/script%3E'
    await gateway.call('POST', '/v1/endpoints', { key: shopKey, body: { url, description: EVIL } })
    const html = await (await read('/endpoints', cookie)).text()
    expect(html).toContain('&lt;script&gt;alert(1)')
    expect(html).not.toContain('<script>alert')
  })

  it('cannot run where they would get in all the same: the policy knows no inline script or style', async () => {
    const policy = (await read('', cookie)).headers.get('Content-Security-Policy') ?? ''
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("form-action 'self'")
    expect(policy).not.toMatch(/unsafe|https?:|\*/)
    expect(await (await read('', cookie)).text()).not.toMatch(/ style=|<style|<script>| on\w+=/)
  })
})

describe('what is another’s', () => {
  it('is not shown: the balance of the shared account, and orders of another merchant', async () => {
    const { key } = await newShop()
    const cookie = await signedIn(key)
    expect(await (await read('', cookie)).text()).not.toContain('Balance')
    expect((await read(`/order?ref=${encodeURIComponent(`ref ${EVIL}`)}`, cookie)).status).toBe(404)
  })
})

describe('the files', () => {
  it('are kept for ever under their version, and asked for again by etag', async () => {
    const html = await (await gateway.fetch('/console/sign-in')).text()
    const paths = [...html.matchAll(/(?:href|src)="(\/console\/static\/[^"]+)"/g)].map(
      ([, path]) => path ?? '',
    )
    expect(paths).toHaveLength(4)
    for (const path of paths) {
      const file = await gateway.fetch(path)
      expect(file.status, path).toBe(200)
      expect(file.headers.get('Cache-Control')).toContain('immutable')
      expect(file.headers.get('Content-Type')).toMatch(path.endsWith('js') ? /javascript/ : /css/)
      expect((await file.text()).length).toBeGreaterThan(100)
      const again = await gateway.fetch(path, {
        headers: { 'If-None-Match': file.headers.get('ETag') ?? '' },
      })
      expect(again.status).toBe(304)
    }
  })

  it('and the words are there on plain workerd too', async () => {
    const storage = temporaryStorage()
    const plain = await startWorkerdGateway({ build: await build(temporaryStorage()), storage })
    const page = await plain.call('GET', '/console/sign-in', { headers: { 'Accept-Language': 'ar' } })
    expect(page.text).toContain('الدخول إلى لوحة التاجر')
    const [path = ''] = page.text.match(/\/console\/static\/[^"]+css/) ?? []
    expect((await plain.call('GET', path)).text).toContain('--page')
    expect((await plain.call('GET', '/t/lost?lang=fr')).text).toContain('Lien introuvable')
    const headers = { 'X-Access-Token': DEMO_KEY }
    const body = { plan_code: 'PREPAID_MOBILIS', MSSIDN: '0612345678', amount: 500, ref: 'plain' }
    await plain.call('POST', '/v3/mobile/send', { headers, body })
    expect((await plain.call('GET', '/v1/orders/plain', { headers })).status).toBe(200)
  })

  it('are no others than those of the console', async () => {
    for (const path of ['/console/static/x/openapi.js', '/console/static/x/..%2fopenapi.css']) {
      expect((await gateway.fetch(path)).status, path).not.toBe(200)
    }
  })
})
