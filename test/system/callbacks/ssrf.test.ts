/** SSRF: where a callback may not go, wherever an address can be given; and where it does not go when the receiver says so. */
import { beforeAll, describe, expect, it } from 'vitest'
import type { Answer } from '../harness'
import type { EndpointAnswer, Shop } from '../shop'
import { bystander, openSuite, receiverOf, refOf, remote, type Suite, tried } from './gateway'

/** Refused by every gateway, also by one that lets a developer use loopback. */
const NEVER: readonly [what: string, url: string][] = [
  ['plain http', 'http://shop.dz/'],
  ['data:', 'data:text/plain,hi'],
  ['file:', 'file:///etc/passwd'],
  ['javascript:', 'javascript:alert(1)'],
  ['ftp:', 'ftp://shop.dz/'],
  ['the metadata service', 'http://169.254.169.254/latest/meta-data'],
  ['the metadata service over https', 'https://169.254.169.254/latest/meta-data'],
  ['the metadata service as one number', 'https://2852039166/'],
  ['the metadata service in octal', 'https://0251.0376.0251.0376/'],
  ['the metadata service mapped into IPv6', 'https://[::ffff:169.254.169.254]/'],
  ['the metadata service in an old IPv6 form', 'https://[::a9fe:a9fe]/'],
  ['the metadata service by NAT64', 'https://[64:ff9b::a9fe:a9fe]/'],
  ['the metadata service of IPv6', 'https://[fd00:ec2::254]/'],
  ['a private network', 'https://10.0.0.1/'],
  ['a private network in hex', 'https://0x0a000001/'],
  ['a private network in few parts', 'https://10.1/'],
  ['a private network in full-width digits', 'https://１０.０.０.１/'],
  ['a private network, percent-encoded', 'https://%31%30.0.0.1/'],
  ['shared address space', 'https://100.64.0.1/'],
  ['site-local IPv6', 'https://[fec0::1]/'],
  ['link-local IPv6', 'https://[fe80::1]/'],
  ['6to4', 'https://[2002:0a00:0001::1]/'],
  ['Teredo', 'https://[2001:0:0a00:1::1]/'],
  ['ISATAP', 'https://[2606:4700::5efe:0a00:1]/'],
  ['a public address, without a name', 'https://8.8.8.8/'],
  ['a metadata name', 'https://metadata.google.internal/'],
  ['a metadata name with a dot at its end', 'https://metadata.google.internal./'],
  ['a cluster’s name', 'https://kubernetes.default.svc/'],
  ['a name of the local network', 'https://printer.local/'],
  ['a name without a dot', 'https://intranet/'],
  ['ssh', 'https://shop.dz:22/'],
  ['a port that fetch itself does not block', 'https://shop.dz:6666/'],
  ['the port of http', 'https://shop.dz:80/'],
  ['a user', 'https://till@shop.dz/'],
  ['a user and a password', 'https://till:secret@shop.dz/'],
  ['a host hidden behind a user', 'https://shop.dz%40x@evil.dz/'],
  ['a backslash', 'https://shop.dz\\@evil.dz/'],
  ['a line break', 'https://shop.dz/\r\nhost: x'],
  ['a tab in the name', 'https://sh\top.dz/'],
  ['a zero byte', 'https://shop.dz/\u0000'],
  ['an invisible character', 'https://sh\u200bop.dz/'],
  ['two dots', 'https://shop..dz/'],
  ['two dots at the end', 'https://shop.dz../'],
]

/** What a developer’s own gateway lets in, and no other. */
const LOOPBACK: readonly [what: string, url: string][] = [
  ['loopback', 'https://127.0.0.1/'],
  ['loopback in short', 'https://127.1/'],
  ['loopback as one number', 'https://2130706433/'],
  ['loopback by name', 'https://localhost/'],
  ['loopback of IPv6', 'https://[::1]/'],
]

let suite: Suite
let shop: Shop
let endpoint: EndpointAnswer
beforeAll(async () => {
  suite = await openSuite()
  shop = await suite.shop()
  ;({ endpoint } = await receiverOf(suite, shop))
})

describe.each(remote ? [...NEVER, ...LOOPBACK] : NEVER)('SSRF: %s', (_, url) => {
  it.each<[string, () => Promise<Answer>, string]>([
    ['is no address of an endpoint', () => shop.call('POST', '/v1/endpoints', { url }), 'url'],
    ['is no other address of one', () => shop.patch(endpoint.id, { url }), 'url'],
    ['is no second address', () => shop.patch(endpoint.id, { notify_url: url }), 'notify_url'],
  ])('%s', async (_what, ask, field) => {
    const answer = await ask()
    expect(answer.status, answer.text).toBe(400)
    expect(answer.json.error).toMatchObject({ code: 'ERR_VALIDATION', details: { field } })
  })
})

describe('SSRF', () => {
  const onlyDeployed = remote ? it : () => undefined
  onlyDeployed('the gateway itself is no address of an endpoint', async () => {
    const answer = await shop.call('POST', '/v1/endpoints', { url: `${suite.gateway.url}/v1/endpoints` })
    expect(answer.status, answer.text).toBe(400)
  })

  it('nothing of all that was kept', async () => {
    const { items } = (await shop.call('GET', '/v1/endpoints')).json.data
    expect(items).toHaveLength(1)
    expect(items[0]).toMatchObject({ url: endpoint.url, notify_url: null })
  })

  it('a receiver cannot send a callback on to the metadata service, or to anybody', async () => {
    const [own, ref, victim] = [await suite.shop(), refOf('sent on'), await bystander()]
    const places = ['http://169.254.169.254/latest/meta-data', 'data:text/plain,ok', victim.url]
    for (const Location of places) {
      const { merchant } = await receiverOf(suite, own)
      merchant.answer({ status: 307, headers: { Location } })
    }
    await own.send(ref)
    for (const delivery of await tried(own, ref, places.length)) {
      const redirected = { outcome: 'redirected', http_status: 307 }
      for (const attempt of delivery.attempts) expect(attempt).toMatchObject(redirected)
    }
    expect(victim.callbacks).toEqual([])
  })
})
