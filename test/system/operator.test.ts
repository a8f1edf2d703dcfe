/** The operator's pages over HTTP: who gets in, what they show, and that they do what `/admin` does. */
import { beforeAll, describe, expect, it } from 'vitest'
import { algerianDay } from '../../src/merchant/limits'
import { sha256Hex } from '../../src/platform/crypto'
import { seal } from '../../src/platform/vault'
import { asOperator } from './accounts'
import { signIn as signInMerchant } from './console-client'
import { ADMIN_TOKEN, DEMO_KEY, eventually, startGateway } from './harness'
import { EVIL, plantFinding, plantLateOrder } from './operator-world'
import { startProvider } from './provider'

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
const OURS = { Origin: gateway.url, 'Sec-Fetch-Site': 'same-origin' }
/** The edge may remember a key for a minute. */
const FORGOTTEN_MS = 90_000
/** What is made in the last moments of a window may be the next one's. */
const SETTLED_MS = 2_000
/** A window of an hour is read page by page, in the turns of the books. */
const COMPARED_MS = 150_000

const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = OURS) =>
  gateway.fetch(`/console/admin${path}`, { method: 'POST', body: new URLSearchParams(fields), headers })
const read = (path: string, Cookie = '') =>
  gateway.fetch(`/console/admin${path}`, { headers: { Cookie, 'Accept-Language': 'en' } })
const admin = async (method: string, path: string, body?: unknown) =>
  (await gateway.call(method, `/admin${path}`, { headers: asOperator, ...(body ? { body } : {}) })).json.data

async function signIn(): Promise<{ cookie: string; header: string }> {
  const answer = await post('/sign-in', { key: ADMIN_TOKEN })
  expect(answer.status).toBe(303)
  const header = answer.headers.get('Set-Cookie') ?? ''
  return { header, cookie: header.split(';')[0] ?? '' }
}

async function textOf(path: string, cookie: string, status = 200): Promise<string> {
  const answer = await read(path, cookie)
  const html = await answer.text()
  expect(answer.status, `${path}: ${html.slice(-2_000)}`).toBe(status)
  return html
}

async function isSentToSignIn(answer: Response): Promise<boolean> {
  await answer.arrayBuffer()
  return answer.status === 303 && (answer.headers.get('Location') ?? '').startsWith('/console/admin/sign-in')
}

const PAGES = ['', '/account', '/findings', '/finding?id=x', '/reports', '/merchants', '/merchant?id=demo']
const ALL_PAGES = [...PAGES, '/merchant/state?id=demo&state=disabled', '/late', '/x']
const FORMS = ['/finding/close', '/reports', '/merchant/state']

let cookie: string
let shop: string
let shopKey: string
beforeAll(async () => {
  cookie = (await signIn()).cookie
  shop = (await admin('POST', '/merchants', { name: `Shop ${EVIL}` })).id
  const wanted = { environment: 'production', name: `till ${EVIL}` }
  shopKey = (await admin('POST', `/merchants/${shop}/keys`, wanted)).key
})

describe('signing in as the operator', () => {
  it('gives a cookie of its own, that is only these pages’, of no script, for eight hours, without the token', async () => {
    const { header } = await signIn()
    const parts = ['rasid_operator=', 'Path=/console/admin;', 'HttpOnly', 'SameSite=Strict', 'Max-Age=28800']
    for (const part of parts) expect(header).toContain(part)
    expect(header).not.toContain(ADMIN_TOKEN)
  })

  it.each([EVIL, '', DEMO_KEY])('with %j is refused as /admin refuses it, in words', async (key) => {
    const answer = await post('/sign-in', { key }, { ...OURS, 'Accept-Language': 'fr' })
    expect(answer.status).toBe(401)
    const html = await answer.text()
    expect(html).toContain('Ce n’est pas le jeton d’administration')
    expect(html).not.toContain('alert(1)')
    expect(answer.headers.get('Set-Cookie')).toBeNull()
  })

  it('with many wrong tokens blocks the address; the right one is let in all the same', async () => {
    const from = { ...OURS, 'CF-Connecting-IP': '203.0.113.78' }
    await eventually('the block', async () => (await post('/sign-in', { key: 'wrong' }, from)).status === 403)
    expect((await post('/sign-in', { key: ADMIN_TOKEN }, from)).status).toBe(303)
  })

  it('ends with signing out', async () => {
    const answer = await post('/sign-out', {}, { ...OURS, Cookie: cookie })
    expect(answer.status).toBe(303)
    expect(answer.headers.get('Set-Cookie')).toMatch(/Path=\/console\/admin; Max-Age=0/)
  })

  it('is not possible where there is no token or no key to seal with', async () => {
    const vars = { ADMIN_TOKEN: '', MASTER_KEY: 'local-master-key' }
    const closed = await startGateway({ vars })
    const ours = { Origin: closed.url, 'Sec-Fetch-Site': 'same-origin' }
    const sealed = await seal('local-master-key', 'operator session', await session(''))
    const path = '/console/admin/sign-in'
    const body = new URLSearchParams({ key: '' })
    expect((await closed.fetch(path, { method: 'POST', body, headers: ours })).status).toBe(403)
    const headers = { Cookie: `rasid_operator=${sealed}` }
    expect(await isSentToSignIn(await closed.fetch('/console/admin', { headers }))).toBe(true)
    await closed.close()
  })
})

async function session(token: string, until = Date.now() + 60_000): Promise<string> {
  return JSON.stringify({ hash: await sha256Hex(token), until })
}

describe('a session of the operator', () => {
  it('is needed for every page and every form', async () => {
    for (const path of ALL_PAGES) expect(await isSentToSignIn(await read(path)), path).toBe(true)
    for (const path of FORMS) expect(await isSentToSignIn(await post(path, { id: 'demo' })), path).toBe(true)
  })

  it('that is over, forged, or of a token that was changed, is none', async () => {
    const context = 'operator session'
    const values = [
      await seal('local-master-key', context, await session(ADMIN_TOKEN, Date.now() - 1)),
      await seal('guessed', context, await session(ADMIN_TOKEN)),
      await seal('local-master-key', context, await session('the former token')),
      '',
    ]
    for (const value of values)
      expect(await isSentToSignIn(await read('', `rasid_operator=${value}`))).toBe(true)
    const good = await seal('local-master-key', context, await session(ADMIN_TOKEN))
    expect((await read('', `rasid_operator=${good}`)).status).toBe(200)
  })

  it('is none of a merchant’s, and the other way round', async () => {
    const body = new URLSearchParams({ key: DEMO_KEY })
    const answer = await gateway.fetch('/console/sign-in', { method: 'POST', body, headers: OURS })
    const merchants = answer.headers.get('Set-Cookie')?.split(';')[0] ?? ''
    const [, value] = merchants.split('=')
    for (const tried of [merchants, `rasid_operator=${value}`])
      expect(await isSentToSignIn(await read('', tried))).toBe(true)
    const [, operators] = cookie.split('=')
    for (const tried of [cookie, `rasid_console=${operators}`]) {
      const page = await gateway.fetch('/console', { headers: { Cookie: tried } })
      expect(page.headers.get('Location')).toMatch(/^\/console\/sign-in/)
    }
  })

  it.each([
    { Origin: 'https://evil.example' },
    { Origin: gateway.url, 'Sec-Fetch-Site': 'same-site' },
    { 'Sec-Fetch-Site': 'cross-site' },
    {},
  ])('does nothing that somebody else’s page asked for: %o', async (from: Record<string, string>) => {
    const fields = { id: shop, state: 'disabled', note: 'x', key: ADMIN_TOKEN }
    for (const path of [...FORMS, '/sign-in', '/sign-out']) {
      const answer = await post(path, fields, { ...from, Cookie: cookie })
      expect(answer.status, path).toBe(403)
      expect(answer.headers.get('Set-Cookie')).toBeNull()
    }
    expect((await admin('GET', `/merchants/${shop}`)).state).toBe('active')
  })
})

describe('accounts', () => {
  it('show budgets, breaker, balance and what is new in answers; what needs the operator is said', async () => {
    expect(await textOf('', cookie)).toContain('300 of 300')
    await admin('PATCH', '/wallets/operator', { sends_per_minute: 90, low_balance_dzd: 900_000_000 })
    const odd = `odd ${EVIL}`
    const data = { status: 'PENDING', api: 'ok', operators: {} }
    provider.fault('ping', { answer: { body: { success: true, data, [odd]: 1, requestId: 'req_theirs' } } })
    await gateway.call('GET', '/v3/ping')
    const body = { plan_code: 'PREPAID_MOBILIS', MSSIDN: '0661234567', amount: 500, ref: 'one' }
    expect((await gateway.call('POST', '/v3/mobile/send', { key: shopKey, body })).status).toBe(200)
    const html = await eventually('the balance to be told', async () => {
      const page = await textOf('/account', cookie)
      return page.includes('The balance is below its mark') && page
    })
    expect(html).toContain('90 of 90')
    expect(html).toContain('had something new in the last 24 hours')
    expect(html).toContain('Low balance')
    expect(html).toContain('odd &quot;&gt;&lt;script&gt;')
    expect(html).not.toContain('<script>alert')
  })

  it('of merchants are there by their own name; what is no account is not found', async () => {
    const own = provider.account('an-access-token-of-his-own')
    own.setBalance(12_345)
    const path = `/merchants/${shop}`
    await gateway.call('PUT', `/admin${path}/credential`, {
      headers: asOperator,
      body: { access_token: 'an-access-token-of-his-own' },
    })
    const wallet = encodeURIComponent(`own:${shop}`)
    const html = await eventually('his account', async () => {
      const page = await textOf('', cookie)
      return page.includes(wallet) && page
    })
    expect(html).toContain('Shop &quot;&gt;&lt;script&gt;')
    expect(html).not.toContain('<script>alert')
    expect(await textOf(`/account?wallet=${wallet}`, cookie)).toContain(`Account of ${shop}`)
    for (const page of ['/account', '/findings', '/reports'])
      for (const id of ['own:nobody', EVIL])
        expect(await textOf(`${page}?wallet=${encodeURIComponent(id)}`, cookie, 404)).not.toContain(
          '<script>alert',
        )
    await admin('DELETE', `${path}/credential`)
  })
})

describe('findings of an account', () => {
  it('come of a comparison that was asked for here, and are closed with a note, once', async () => {
    provider.spend(1_000, { ref: `app ${EVIL}` })
    const spentAt = Date.now()
    await eventually('its moment to be over', () => Date.now() > spentAt + SETTLED_MS)
    const day = algerianDay(spentAt)
    const asked = await post(
      '/reports',
      { wallet: 'operator', from: day, to: day },
      { ...OURS, Cookie: cookie },
    )
    expect(asked.headers.get('Location')).toContain('done=started')
    const [started] = (await admin('GET', '/wallets/operator/reconciliations')).items
    expect(await textOf('/reports', cookie)).toContain('asked for')
    await eventually(
      'the report',
      async () => (await admin('GET', `/wallets/operator/reconciliations/${started.id}`)).state !== 'running',
      COMPARED_MS,
    )
    const [finding] = (await admin('GET', '/wallets/operator/findings?state=open')).items
    expect(finding.kind).toBe('orphan')
    for (const path of ['/findings', `/finding?wallet=operator&id=${encodeURIComponent(finding.id)}`]) {
      const html = await textOf(path, cookie)
      expect(html).toContain('another program has the key')
      expect(html).not.toContain('<script>alert')
    }
    expect(await textOf('', cookie)).toContain('There are open findings')
    const fields = { wallet: 'operator', id: finding.id }
    expect((await post('/finding/close', fields, { ...OURS, Cookie: cookie })).status).toBe(400)
    const closing = { ...fields, note: `by hand ${EVIL}` }
    expect((await post('/finding/close', closing, { ...OURS, Cookie: cookie })).status).toBe(303)
    const [closed] = (await admin('GET', '/wallets/operator/findings?state=closed')).items
    expect(closed).toMatchObject({ id: finding.id, closed_by: 'operator', note: `by hand ${EVIL}` })
    const page = await textOf(`/finding?${new URLSearchParams({ id: finding.id })}`, cookie)
    expect(page).toContain('by hand &quot;&gt;&lt;script&gt;')
    expect(page).not.toContain('<textarea')
  })

  it('of one account are not of another', async () => {
    await plantFinding(gateway, `sandbox:${shop}`, 'planted')
    const wallet = encodeURIComponent(`sandbox:${shop}`)
    expect(await textOf(`/findings?wallet=${wallet}`, cookie)).toContain('id=planted')
    await textOf(`/finding?wallet=${wallet}&id=planted`, cookie)
    await textOf('/finding?id=planted', cookie, 404)
    const closing = { wallet: 'operator', id: 'planted', note: 'x' }
    expect((await post('/finding/close', closing, { ...OURS, Cookie: cookie })).status).toBe(404)
  })
})

describe('merchants', () => {
  it('are listed, and each is shown with his keys, and neither a key nor a credential', async () => {
    await eventually('him in the list', async () => (await textOf('/merchants', cookie)).includes(shop))
    const html = await textOf(`/merchant?id=${shop}`, cookie)
    expect(html).toContain('till &quot;&gt;&lt;script&gt;')
    for (const page of [html, await textOf('/merchants', cookie)]) {
      expect(page).not.toContain('<script>alert')
      expect(page).not.toMatch(/rsd_(?:live|test)_[0-9a-f]/)
    }
    await textOf('/merchant?id=nobody', cookie, 404)
  })

  it('are disabled once that was meant, which shuts their keys out, and enabled again', async () => {
    const ask = await textOf(`/merchant/state?id=${shop}&state=disabled`, cookie)
    expect(ask).toContain('Disable Shop &quot;&gt;&lt;script&gt;')
    expect((await admin('GET', `/merchants/${shop}`)).state).toBe('active')
    await textOf(`/merchant/state?id=${shop}&state=gone`, cookie, 400)
    const here = { ...OURS, Cookie: cookie }
    expect((await post('/merchant/state', { id: 'nobody', state: 'disabled' }, here)).status).toBe(404)
    expect((await post('/merchant/state', { id: shop, state: 'disabled' }, here)).status).toBe(303)
    expect((await admin('GET', `/merchants/${shop}`)).state).toBe('disabled')
    const called = () => gateway.call('GET', '/v1/orders', { key: shopKey })
    await eventually('his key to be refused', async () => (await called()).status === 403, FORGOTTEN_MS)
    expect(await textOf(`/merchant?id=${shop}&done=disabled`, cookie)).toContain('The merchant is disabled')
    expect((await post('/merchant/state', { id: shop, state: 'active' }, here)).status).toBe(303)
    await eventually('his key to be let in', async () => (await called()).status === 200, FORGOTTEN_MS)
    // The merchant reads who did it.
    const { html } = await (await signInMerchant(gateway, shopKey)).read('/activity')
    expect(html).toMatch(/Enabled this merchant.*Operator.*Disabled this merchant.*Operator/s)
  })

  it('have their orders shown that are open too long, and only those', async () => {
    expect(await textOf(`/merchant?id=${shop}`, cookie)).toContain('None of his orders is open too long')
    const ref = `late ${EVIL}`
    await plantLateOrder(gateway, { id: shop, key: shopKey }, ref)
    for (const path of [`/merchant?id=${shop}`, '/late']) {
      const html = await eventually('the order', async () => {
        const page = await textOf(path, cookie)
        return page.includes('late &quot;&gt;&lt;script&gt;') && page
      })
      expect(html).toContain('open for 3 hrs')
      expect(html).not.toContain('<script>alert')
      expect(html).not.toContain('0661234567')
    }
  })
})

describe('more merchants than a page shows', () => {
  it('are on the pages after it, each once, wherever merchants are walked through', async () => {
    const many = Array.from({ length: 25 }, (_, index) =>
      admin('POST', '/merchants', { name: `No ${index}` }),
    )
    const ids = (await Promise.all(many)).map(({ id }) => id)
    const seen: string[] = []
    let path: string | undefined = '/merchants'
    while (path !== undefined) {
      const html: string = await textOf(path, cookie)
      seen.push(...[...html.matchAll(/merchant\?id=(m[0-9a-f]{12})"/g)].map(([, id = '']) => id))
      path = /href="\/console\/admin([^"]+)" rel="next"/.exec(html)?.[1]?.replaceAll('&amp;', '&')
    }
    expect(seen.sort()).toEqual([...ids, shop].sort())
    for (const each of ['', '/late']) expect(await textOf(each, cookie)).toContain('rel="next"')
  })
})

describe('every page', () => {
  it('says whose it is, in every language, and lets no script of strangers in', async () => {
    for (const [language, side] of [
      ['en', 'Operator'],
      ['fr', 'Exploitant'],
      ['ar', 'المشغّل'],
    ] as const) {
      for (const path of [...PAGES.filter((each) => !each.startsWith('/finding?')), '/late']) {
        const answer = await read(`${path}${path.includes('?') ? '&' : '?'}lang=${language}`, cookie)
        const html = await answer.text()
        expect(answer.status, path).toBe(200)
        expect(html).toContain(`<span class="tag back">${side}</span>`)
        expect(html).not.toMatch(/ style=|<style|<script>| on\w+=/)
        expect(answer.headers.get('Content-Security-Policy')).not.toMatch(/unsafe|https?:|\*/)
        expect(answer.headers.get('Cache-Control')).toContain('no-store')
      }
    }
  })

  it('that is not there is not found, on the operator’s side', async () => {
    const html = await textOf('/nothing', cookie, 404)
    expect(html).toContain('<a class="button" href="/console/admin">')
    expect(html).not.toContain('href="/console/orders"')
  })
})
