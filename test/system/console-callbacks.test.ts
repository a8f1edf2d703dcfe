import { beforeAll, describe, expect, it } from 'vitest'
import { ADMIN_TOKEN, eventually, startGateway } from './harness'
import { addManyFailed } from './many-failed'
import { startMerchant } from './merchant'
import { openShop, type Receiver, type Shop, silentReceiver } from './shop'

const gateway = await startGateway()
const OURS = { Origin: gateway.url, 'Sec-Fetch-Site': 'same-origin' }
const EVIL = `"><script>alert(1)</script>'&`

/** A browser that is signed in, as far as a server can tell. */
interface Tab {
  read(path: string): Promise<Page>
  press(path: string, fields?: Record<string, string>, from?: Record<string, string>): Promise<Page>
}

interface Page {
  readonly status: number
  readonly headers: Headers
  readonly html: string
  /** Where it sends the browser, without the console's own beginning. */
  readonly to: string
}

async function signIn(key: string): Promise<Tab> {
  const body = new URLSearchParams({ key })
  const answer = await gateway.fetch('/console/sign-in', { method: 'POST', body, headers: OURS })
  const Cookie = answer.headers.get('Set-Cookie')?.split(';')[0] ?? ''
  const call = async (path: string, init: RequestInit): Promise<Page> => {
    const { status, headers, text } = await gateway
      .fetch(`/console${path}`, init)
      .then(async (answer) => ({ status: answer.status, headers: answer.headers, text: await answer.text() }))
    return { status, headers, html: text, to: (headers.get('Location') ?? '').replace('/console', '') }
  }
  return {
    read: (path) => call(path, { headers: { Cookie, 'Accept-Language': 'en' } }),
    press: (path, fields = {}, from = OURS) =>
      call(path, {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: { ...from, Cookie, 'Accept-Language': 'en' },
      }),
  }
}

async function open(environment: 'sandbox' | 'production' = 'sandbox'): Promise<{ shop: Shop; tab: Tab }> {
  const shop = await openShop(gateway, environment)
  return { shop, tab: await signIn(shop.key) }
}

async function readOnlyKey(shop: Shop): Promise<string> {
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` }
  const id = /^ep_([a-z0-9]+)_/.exec((await shop.register((await startMerchant()).url)).id)?.[1]
  const body = { environment: 'sandbox', scope: 'READ-ONLY', name: 'support' }
  return (await gateway.call('POST', `/admin/merchants/${id}/keys`, { headers, body })).json.data.key
}

describe.concurrent('the page of an address', () => {
  it('sends the challenge again, tells on the page what was wrong, and then that it is active', async () => {
    const { shop, tab } = await open('production')
    const merchant = await startMerchant({ echoChallenge: false })
    const { id } = await shop.register(merchant.url)
    expect((await tab.read(`/endpoints/${id}`)).html).toContain('It has not proven itself yet.')
    const refused = await tab.press(`/endpoints/${id}/state`, { state: 'active' })
    expect(refused.status).toBe(409)
    expect(refused.html).toContain('role="alert"')
    expect(refused.html).toContain('the answer did not repeat the challenge')
    merchant.answerChallenges({ echo: true })
    const proven = await tab.press(`/endpoints/${id}/state`, { state: 'active' })
    expect([proven.status, proven.to]).toEqual([303, `/endpoints/${id}?done=activated`])
    expect((await tab.read(proven.to)).html).toContain('It answers.')
  })

  it('holds events while it is paused, says what drains them, and does', async () => {
    const { shop, tab } = await open()
    const { merchant, endpoint } = await shop.receiver()
    await tab.press(`/endpoints/${endpoint.id}/state`, { state: 'paused' })
    await shop.send('held-1')
    await shop.deliveryIn('held', 'ref=held-1')
    const paused = await tab.read(`/endpoints/${endpoint.id}`)
    expect(paused.html).toContain('Events held: 1. They go when you activate the address.')
    await tab.press(`/endpoints/${endpoint.id}/state`, { state: 'active' })
    expect((await merchant.received(1)).body.data.ref).toBe('held-1')
  })

  it('says that it is silent, since when, when it is asked again and when it would be disabled', async () => {
    const { shop, tab } = await open()
    const { id } = (await silentReceiver(shop)).endpoint
    const { html } = await tab.read(`/endpoints/${id}`)
    for (const words of ['It is silent', 'Failing since', 'Server error', 'Asked again', 'Disabled at the']) {
      expect(html).toContain(words)
    }
    expect(html.match(/<time datetime="2/g)?.length).toBeGreaterThanOrEqual(3)
  })

  it('changes what is told, and refuses an address that is told nothing', async () => {
    const { shop, tab } = await open()
    const { endpoint } = await shop.receiver()
    const path = `/endpoints/${endpoint.id}/settings`
    const wanted = { url: endpoint.url, 'topup.refunded': 'on', 'summary.daily': 'on', fold_superseded: 'on' }
    expect((await tab.press(path, wanted)).to).toBe(`/endpoints/${endpoint.id}?done=saved`)
    expect(await shop.endpoint(endpoint.id)).toMatchObject({
      events: ['topup.refunded', 'summary.daily'],
      fold_superseded: true,
      notify_url: null,
    })
    const none = await tab.press(path, { url: endpoint.url })
    expect(none.status).toBe(400)
    expect(none.html).toContain('A field is missing or wrong.')
    expect((await shop.endpoint(endpoint.id)).events).toHaveLength(2)
  })

  it('makes a new secret, shows it once, and ends the former keys when that was meant', async () => {
    const { shop, tab } = await open()
    const { endpoint } = await shop.receiver()
    const path = `/endpoints/${endpoint.id}`
    expect((await tab.press(`${path}/rotate`, { overlap_hours: '169' })).status).toBe(400)
    expect((await tab.press(`${path}/rotate`, {})).status).toBe(400)
    const made = await tab.press(`${path}/rotate`, { overlap_hours: '48' })
    expect(made.html).toMatch(/value="whsec_[^"]{40,}"/)
    const page = await tab.read(path)
    expect(page.html).not.toContain('whsec_')
    const [current, former] = (await shop.endpoint(endpoint.id)).public_keys
    expect(Date.parse(former?.expires_at ?? '') - Date.parse(current?.created_at ?? '')).toBeGreaterThan(
      47 * 3_600_000,
    )
    expect(page.html).toContain(former?.public_key)
    expect((await tab.read(`${path}/revoke`)).html).toContain('End the former keys now?')
    expect((await shop.endpoint(endpoint.id)).public_keys).toHaveLength(2)
    expect((await tab.press(`${path}/revoke`)).to).toBe(`${path}?done=keys_revoked`)
    expect((await shop.endpoint(endpoint.id)).public_keys).toEqual([current])
  })

  it('sends the example that was chosen', async () => {
    const { shop, tab } = await open()
    const { merchant, endpoint } = await shop.receiver()
    merchant.answer({ status: 500, body: `broken ${EVIL}` })
    const tested = await tab.press(`/endpoints/${endpoint.id}/test`, { type: 'topup.reversed' })
    expect((await merchant.received(1)).body.type).toBe('topup.reversed')
    expect(tested.html).toContain('The test did not arrive')
    expect(tested.html).toContain('broken &quot;&gt;&lt;script&gt;')
    expect(tested.html).not.toContain('<script>alert')
    expect((await tab.press(`/endpoints/${endpoint.id}/test`, { type: 'x' })).status).toBe(400)
  })
})

describe.concurrent('deleting an address', () => {
  async function holding(shop: Shop): Promise<Receiver> {
    const receiver = await shop.receiver()
    await shop.patch(receiver.endpoint.id, { state: 'paused' })
    await shop.send('kept')
    await shop.deliveryIn('held', `endpoint_id=${receiver.endpoint.id}`)
    return receiver
  }

  it('asks what becomes of what it holds, again when that was not said, and gives it to the other', async () => {
    const { shop, tab } = await open()
    const heir = await shop.receiver({ events: ['topup.reversed'] })
    const { endpoint } = await holding(shop)
    const path = `/endpoints/${endpoint.id}/delete`
    const asked = await tab.read(path)
    expect(asked.html).toContain('Events held for it: 1.')
    expect(asked.html).toContain(`value="${heir.endpoint.id}"`)
    expect(asked.html).not.toContain('checked')
    const unsaid = await tab.press(path)
    expect([unsaid.status, unsaid.html.includes('say what becomes of them')]).toEqual([409, true])
    for (const nobody of ['ep_x_1', endpoint.id]) {
      expect((await tab.press(path, { held: nobody })).status).toBe(404)
    }
    expect((await tab.press(path, { held: heir.endpoint.id })).to).toBe('/endpoints?done=deleted')
    expect((await heir.merchant.received(1)).body.data.ref).toBe('kept')
    expect((await tab.read(`/endpoints/${endpoint.id}`)).status).toBe(404)
  })

  it('cancels what it holds when that is chosen', async () => {
    const { shop, tab } = await open()
    const { merchant, endpoint } = await holding(shop)
    expect((await tab.press(`/endpoints/${endpoint.id}/delete`, { held: 'cancel' })).status).toBe(303)
    await shop.deliveryIn('cancelled', 'ref=kept')
    expect(merchant.callbacks).toEqual([])
  })
})

describe.concurrent('a delivery', () => {
  it('is shown with the sentence in the reader’s language, and what the receiver answered as text', async () => {
    const { shop, tab } = await open()
    const { merchant, endpoint } = await shop.receiver({ description: EVIL })
    merchant.answerNext({ status: 404, body: `nothing here ${EVIL}` })
    const ref = `ref ${EVIL}`
    await shop.send(ref)
    await merchant.received(1)
    const query = `ref=${encodeURIComponent(ref)}`
    const delivery = await eventually('the attempt to be told', async () => {
      const [newest] = await shop.deliveries(query)
      return newest?.attempts.length === 1 && newest
    })
    const path = `/deliveries/${delivery.id}`
    for (const where of ['/deliveries', `/deliveries?${query}`, `/endpoints/${endpoint.id}`, path]) {
      const { html, status } = await tab.read(where)
      expect(status, where).toBe(200)
      expect(html, where).toContain('check the path, and that it takes POST')
      expect(html, where).toContain('&lt;script&gt;alert(1)')
      expect(html, where).not.toContain('<script>alert')
    }
    expect((await tab.read(path)).html).toContain('nothing here &quot;&gt;&lt;script&gt;')
    expect((await tab.read(`${path}?lang=fr`)).html).toContain('vérifiez le chemin')
    expect((await tab.press(`${path}/retry`)).to).toBe(`${path}?done=resent`)
    await shop.deliveryIn('delivered', query)
  })

  it('of an address that is paused is not sent again, and the page says why', async () => {
    const { shop, tab } = await open()
    const { endpoint } = await shop.receiver()
    await shop.send('over')
    const { id } = await shop.deliveryIn('delivered', 'ref=over')
    await shop.patch(endpoint.id, { state: 'paused' })
    const refused = await tab.press(`/deliveries/${id}/retry`)
    expect(refused.status).toBe(409)
    expect(refused.html).toContain('The callback address is not active.')
  })

  it('is on a page of its list, and the next page goes on', async () => {
    const { shop, tab } = await open()
    await shop.receiver()
    await Promise.all(Array.from({ length: 26 }, (_, n) => shop.send(`many-${n}`)))
    await eventually('all to be there', async () => (await shop.deliveries('limit=100')).length === 26)
    const refs = (html: string) => [...html.matchAll(/order\?ref=(many-\d+)/g)].map(([, ref]) => ref)
    for (const list of ['/deliveries', '/events?type=topup.fulfilled']) {
      const first = await tab.read(list)
      const more = /href="\/console([^"]+)" rel="next"/.exec(first.html)?.[1]?.replaceAll('&amp;', '&')
      const second = await tab.read(more ?? '')
      const shown = [...refs(first.html), ...refs(second.html)]
      expect([shown.length, new Set(shown).size], list).toEqual([26, 26])
    }
  })
})

describe('a replay', () => {
  it('is counted first, and sends only what was confirmed', async () => {
    const { shop, tab } = await open()
    const { merchant, endpoint } = await shop.receiver()
    await shop.send('again')
    await shop.deliveryIn('delivered', 'ref=again')
    const chosen = { status: 'delivered', endpoint_id: endpoint.id, from: '2026-01-01T00:00' }
    const counted = await tab.read(`/replays/count?${new URLSearchParams({ ...chosen, lang: 'en' })}`)
    expect(counted.html).toContain('Deliveries that fit: 1')
    expect(merchant.callbacks).toHaveLength(1)
    expect((await tab.read('/replays/count?status=failed')).html).not.toContain('class="main"')
    expect((await tab.read('/replays/count?status=x')).status).toBe(400)
    const fields = Object.fromEntries(
      [...counted.html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)].map(
        ([, name = '', value = '']) => [name, value] as const,
      ),
    )
    expect(fields).toMatchObject({ status: 'delivered', from: '2026-01-01T00:00:00+01:00' })
    const { to } = await tab.press('/replays', fields)
    expect((await merchant.received(2)).headers['webhook-replay']).toBe('true')
    const over = await eventually('the end', async () => {
      const page = await tab.read(to)
      return page.headers.get('Refresh') === null && page
    })
    expect(over.html).toContain('1 of 1')
  })

  it('shows how far it is and renews itself until it is cancelled; another one waits', async () => {
    const { shop, tab } = await open()
    const { endpoint } = await shop.receiver()
    await shop.send('one')
    await shop.deliveryIn('delivered', 'ref=one')
    await addManyFailed(gateway, endpoint.id)
    const { to } = await tab.press('/replays', { status: 'failed' })
    const running = await tab.read(to)
    expect(Number(running.headers.get('Refresh'))).toBeGreaterThan(0)
    expect(running.html).toMatch(/<progress max="3000" value="\d+"/)
    const second = await tab.press('/replays', { status: 'failed' })
    expect([second.status, second.html.includes('stop that first')]).toEqual([409, true])
    expect((await tab.read('/replays')).html).not.toContain('/replays/count')
    expect((await tab.press(`${to}/cancel`)).to).toBe(to)
    const cancelled = await tab.read(to)
    expect(cancelled.headers.get('Refresh')).toBeNull()
    expect(cancelled.html).toContain('Cancelled')
  })
})

describe('the events', () => {
  it('are listed newest first, by type, and each can be read with what became of it', async () => {
    const { shop, tab } = await open()
    const { endpoint } = await shop.receiver()
    await shop.send('early')
    await shop.deliveryIn('delivered', 'ref=early')
    await shop.send(`late ${EVIL}`)
    await shop.deliveryIn('delivered', `ref=${encodeURIComponent(`late ${EVIL}`)}`)
    const { html } = await tab.read('/events')
    expect(html.indexOf('late')).toBeLessThan(html.indexOf('early'))
    expect(html).not.toContain('<script>alert')
    expect((await tab.read('/events?type=topup.refunded')).html).toContain('No event fits.')
    expect((await tab.read('/events?type=x')).status).toBe(400)
    const path = /\/console(\/events\/\d+)/.exec(html)?.[1] ?? ''
    const one = await tab.read(path)
    expect(one.html).toContain('&quot;state_version&quot;: 2')
    expect(one.html).toContain('&lt;script&gt;alert(1)')
    expect(one.html).not.toContain('<script>alert')
    expect(one.html).toContain(`Accepted · 204`)
    const { tab: other } = await open()
    for (const nothing of [path, '/events/1', '/events/x', '/events/99999999999999999']) {
      expect((await other.read(nothing)).status, nothing).toBe(404)
    }
    expect((await other.read(`/endpoints/${endpoint.id}`)).status).toBe(404)
  })
})

describe('who may not', () => {
  let shop: Shop
  let id: string
  let delivery: string
  beforeAll(async () => {
    shop = await openShop(gateway, 'sandbox')
    id = (await shop.receiver()).endpoint.id
    await shop.send('seen')
    delivery = (await shop.deliveryIn('delivered', 'ref=seen')).id
  })
  const forms = () => [
    ...['state', 'settings', 'rotate', 'test', 'revoke', 'delete'].map((form) => `/endpoints/${id}/${form}`),
    `/deliveries/${delivery}/retry`,
    '/replays',
    '/replays/rpl_x/cancel',
  ]
  const fields = () => ({ state: 'paused', overlap_hours: '0', type: 'topup.fulfilled', held: 'cancel' })

  it('act with a READ-ONLY key reads all of it, sees nothing to press, and is refused', async () => {
    const tab = await signIn(await readOnlyKey(shop))
    for (const path of [
      `/endpoints/${id}`,
      '/deliveries',
      `/deliveries/${delivery}`,
      '/replays',
      '/events',
    ]) {
      const { status, html } = await tab.read(path)
      expect(status, path).toBe(200)
      expect(html.match(/<form[^>]*method="post"[^>]*>/g), path).toHaveLength(1)
      expect(html, path).not.toMatch(/\/(?:delete|revoke|replays\/count)"/)
    }
    for (const form of forms()) expect((await tab.press(form, fields())).status, form).toBe(403)
    for (const ask of [`/endpoints/${id}/delete`, `/endpoints/${id}/revoke`, '/replays/count']) {
      expect((await tab.read(ask)).status, ask).toBe(403)
    }
  })

  it('act from a page of somebody else’s does nothing', async () => {
    const tab = await signIn(shop.key)
    for (const form of forms()) {
      const answer = await tab.press(form, fields(), { Origin: 'https://evil.example' })
      expect(answer.status, form).toBe(403)
    }
    expect(await shop.endpoint(id)).toMatchObject({ state: 'active' })
  })

  it('act on what is another’s is told that there is nothing', async () => {
    const { tab } = await open()
    for (const form of forms().filter((path) => path !== '/replays')) {
      expect((await tab.press(form, fields())).status, form).toBe(404)
    }
    expect((await tab.read(`/deliveries/${delivery}`)).status).toBe(404)
    expect((await tab.read(`/deliveries?endpoint_id=${id}`)).html).toContain('No delivery fits.')
  })
})
