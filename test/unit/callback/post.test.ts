import { afterEach, beforeAll, expect, it, vi } from 'vitest'
import { post } from '../../../src/callback/post'
import { generateSigningKeys, type SigningKeys } from '../../../src/callback/sign'

const settings = { local: false, dnsUrl: 'https://dns.test/dns-query', ownZones: ['rasid.dz'] }
const message = { id: 'evt_1', body: '{}', attemptNumber: 1 }

let keys: SigningKeys[]
beforeAll(async () => {
  keys = [await generateSigningKeys()]
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** The resolver finds these addresses, or nothing at all; everybody else answers 204. The hosts asked, in order. */
function internet(addresses: string[] | null): string[] {
  const hosts: string[] = []
  vi.spyOn(globalThis, 'fetch').mockImplementation((input) => {
    const { hostname } = new URL(String(input))
    hosts.push(hostname)
    if (hostname !== 'dns.test') return Promise.resolve(new Response(null, { status: 204 }))
    if (addresses === null) return Promise.reject(new TypeError('reset'))
    return Promise.resolve(Response.json({ Status: 0, Answer: addresses.map((data) => ({ type: 1, data })) }))
  })
  return hosts
}

const send = (url: string, change: Partial<typeof settings> = {}) =>
  post({ url, keys }, message, { ...settings, ...change })

it('goes out once the name is known to be public', async () => {
  const hosts = internet(['8.8.8.8'])
  expect(await send('https://shop.dz/cb')).toMatchObject({ outcome: 'delivered', httpStatus: 204 })
  expect(hosts).toEqual(['dns.test', 'dns.test', 'shop.dz'])
})

it.each([
  ['a private address', ['10.0.0.1'], 'forbidden', /10\.0\.0\.1/],
  ['no address', [], 'dns', /no address/],
  ['a resolver that is down', null, 'not_tried', /looked up/],
])('stays here for %s, and says why', async (_, addresses, outcome, why) => {
  const hosts = internet(addresses)
  const result = await send('https://shop.dz/cb')
  expect(result).toMatchObject({ outcome, httpStatus: null, retryAfterSeconds: null })
  expect(result.answer).toMatch(why)
  expect(hosts).not.toContain('shop.dz')
})

it.each([
  'https://rasid.dz/',
  'https://api.rasid.dz/',
  'http://shop.dz/',
  'https://10.0.0.1/',
  'http://localhost/',
])('asks nobody about what the rules refuse by now: %s', async (url) => {
  const hosts = internet(['8.8.8.8'])
  expect(await send(url)).toMatchObject({ outcome: 'forbidden', answer: expect.stringMatching(/\.$/) })
  expect(hosts).toEqual([])
})

it.each(['http://localhost:9/cb', 'http://127.0.0.1:9/cb', 'http://[::1]:9/cb'])(
  'in local development goes to loopback without a question: %s',
  async (url) => {
    const hosts = internet(null)
    expect((await send(url, { local: true })).outcome).toBe('delivered')
    expect(hosts).toHaveLength(1)
  },
)

it('in local development asks about every other name', async () => {
  internet(['127.0.0.1'])
  expect((await send('https://shop.dz/cb', { local: true })).outcome).toBe('forbidden')
})
