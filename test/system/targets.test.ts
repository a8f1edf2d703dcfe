/** Names that lead to forbidden addresses: at the moment of each attempt, whatever they led to before. */
import { beforeAll, describe, expect, it } from 'vitest'
import { type Dns, startDns } from './dns'
import { eventually, type Reachable } from './harness'
import { startLocalGateway } from './local'
import { type DeliveryAnswer, openShop, type Shop } from './shop'

const PUBLIC = '93.184.216.34'
const PUBLIC_V6 = '2606:2800:220:1::1'
/** Nobody answers there, but the attempt was made: the runtime's own resolver knows no such name. */
const ATTEMPTED = expect.stringMatching(/^(connect|timeout|dns)$/)

let dns: Dns
let gateway: Reachable
beforeAll(async () => {
  dns = await startDns()
  gateway = await startLocalGateway({ env: { DNS_URL: dns.url, OWN_ZONES: 'rasid-own.dz, rasid-too.dz' } })
})

/** A sandbox shop with one endpoint at this name, and one order settled. */
async function called(host: string): Promise<Shop> {
  const shop = await openShop(gateway, 'sandbox')
  await shop.register(`https://${host}/callback`)
  await shop.send('order')
  return shop
}

function deliveryWhere(shop: Shop, what: string, fits: (delivery: DeliveryAnswer) => boolean) {
  return eventually(what, async () => {
    const [delivery] = await shop.deliveries()
    return delivery !== undefined && fits(delivery) && delivery
  })
}

const attemptsOf = async (shop: Shop, count: number) =>
  (await deliveryWhere(shop, `${count} attempts`, ({ attempts }) => attempts.length >= count)).attempts

describe.concurrent('a callback to a name that', () => {
  it('led to a public address and now leads to a private one is not sent', async () => {
    const host = 'rebinds.rasid-test.dz'
    dns.tell(host, { a: [PUBLIC] }, { a: ['127.0.0.1'] })
    const shop = await called(host)
    const attempts = await attemptsOf(shop, 2)
    expect(attempts[0]).toMatchObject({ outcome: ATTEMPTED })
    expect(attempts[0]?.answer).toBe('')
    expect(attempts[1]).toMatchObject({ outcome: 'forbidden', http_status: null })
    expect(attempts[1]?.answer).toContain('127.0.0.1')
    expect(attempts[1]?.answer).toContain('loopback')
  })

  it.each([
    ['leads to good addresses and a bad one', { a: [PUBLIC, '10.0.0.1', '8.8.8.8'] }, '10.0.0.1'],
    ['is good in IPv4 and bad in IPv6', { a: [PUBLIC], aaaa: ['fd00::1'] }, 'fd00::1'],
    ['is an alias of a private host', { cname: 'db.internal.', a: ['192.168.1.1'] }, '192.168.1.1'],
    ['has a bad IPv6 address only', { aaaa: ['::ffff:7f00:1'] }, '::ffff:7f00:1'],
    ['leads to the metadata of a cloud', { a: ['169.254.169.254'] }, '169.254.169.254'],
  ])('%s is not sent, and the next try is minutes away', async (what, answer, address) => {
    const host = `${what.replaceAll(' ', '-').toLowerCase()}.rasid-test.dz`
    dns.tell(host, answer)
    const shop = await called(host)
    const [attempt] = await attemptsOf(shop, 1)
    expect(attempt).toMatchObject({ outcome: 'forbidden', http_status: null })
    expect(attempt?.answer).toContain(address)
    const [delivery] = await shop.deliveries()
    expect(delivery).toMatchObject({ state: 'pending', reason: 'forbidden' })
    expect(
      Date.parse(delivery?.next_attempt_at ?? '') - Date.parse(attempt?.at ?? ''),
    ).toBeGreaterThanOrEqual(300_000)
  })

  it.each([
    ['has IPv6 only', { aaaa: [PUBLIC_V6] }],
    ['is an alias of a public host', { cname: 'shops.rasid-test.dz.', a: [PUBLIC] }],
  ])('%s is sent', async (what, answer) => {
    const host = `${what.replaceAll(' ', '-').toLowerCase()}.rasid-test.dz`
    dns.tell(host, answer)
    const shop = await called(host)
    expect((await attemptsOf(shop, 1))[0]).toMatchObject({ outcome: ATTEMPTED, answer: '' })
  })

  it.each([
    ['does-not-exist', undefined],
    ['has-no-address', {}],
  ])('%s is a fault of the name', async (what, answer) => {
    const host = `${what}.rasid-test.dz`
    if (answer !== undefined) dns.tell(host, answer)
    const shop = await called(host)
    const [attempt] = await attemptsOf(shop, 1)
    expect(attempt).toMatchObject({ outcome: 'dns', http_status: null })
    expect(attempt?.answer).toContain('does not exist or has no address')
  })

  it('nobody can look up is not tried, and that is no attempt', async () => {
    const host = 'unresolved.rasid-test.dz'
    dns.tell(host, { failure: 503 })
    const shop = await called(host)
    const waiting = await deliveryWhere(shop, 'it was put off', ({ reason }) => reason === 'not_tried')
    expect(waiting).toMatchObject({ state: 'pending', attempts: [] })
    expect(waiting.next_attempt_at).not.toBeNull()
  })
})

it('a production endpoint whose name leads to a private address is never challenged, and says why', async () => {
  const host = 'unproven.rasid-test.dz'
  dns.tell(host, { a: ['10.1.2.3'] })
  const shop = await openShop(gateway, 'production')
  const { id } = await shop.register(`https://${host}/callback`)
  const reason = await eventually('a reason', async () => (await shop.endpoint(id)).reason)
  expect(reason).toMatch(/^the challenge failed: forbidden\. .*10\.1\.2\.3/)
})

it('our own zones are refused at registration, names below them too', async () => {
  const shop = await openShop(gateway, 'sandbox')
  for (const host of ['rasid-own.dz', 'api.rasid-own.dz', 'rasid-too.dz']) {
    const answer = await shop.call('POST', '/v1/endpoints', { url: `https://${host}/callback` })
    expect(answer.status, host).toBe(400)
    expect(answer.json.error.message).toContain('not to this gateway')
  }
  await shop.register('https://not-rasid-own.dz/callback')
})

it('loopback has no name, and nobody is asked about it', async () => {
  const shop = await openShop(gateway, 'sandbox')
  const { merchant } = await shop.receiver()
  await shop.send('local')
  await merchant.received(1)
  expect(dns.asked('localhost') + dns.asked('127.0.0.1')).toBe(0)
})
