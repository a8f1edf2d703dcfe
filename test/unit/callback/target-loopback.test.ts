import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkTarget, type TargetRules } from '../../../src/callback/target'

const deployed = { allowLoopbackHttp: false, ownHosts: ['gateway.dz'] }
const local = { allowLoopbackHttp: true, ownHosts: ['localhost:8787'] }

const reasonOf = (url: string, rules: TargetRules) => {
  const verdict = checkTarget(url, rules)
  return verdict.ok ? null : verdict.reason
}

describe('loopback', () => {
  const loopback = [
    'http://127.0.0.1:3000/cb',
    'https://127.0.0.1:3000/cb',
    'http://127.9.9.9/',
    'http://0x7f.1:8080/',
    'http://[::1]:3000/',
    'http://localhost/',
    'https://localhost:6666/',
    'http://LOCALHOST.:3000/',
  ]
  it.each(loopback)('%s is allowed in local development', (url) => {
    expect(reasonOf(url, local)).toBeNull()
  })
  it.each(loopback)('%s is refused when deployed', (url) => {
    expect(reasonOf(url, deployed)).not.toBeNull()
  })

  it.each([
    'http://shop.dz/',
    'https://shop.dz:3000/',
    'http://0.0.0.0/',
    'https://128.0.0.1/',
    'http://10.0.0.1/',
    'http://169.254.169.254/',
    'http://[::ffff:127.0.0.1]/',
    'http://[::2]/',
    'http://app.localhost/',
    'http://127.0.0.1.nip.io/',
    'http://user:pass@localhost/',
    'http://localhost/#',
    'http://localhost/ ',
    'ftp://localhost/',
    'https://printer.local/',
  ])('local development changes nothing else: %j', (url) => {
    expect(reasonOf(url, local)).not.toBeNull()
  })

  it('has no name to resolve; a public name has one in local development too', () => {
    for (const url of loopback) expect(checkTarget(url, local)).toMatchObject({ host: null })
    expect(checkTarget('https://shop.dz/', local)).toMatchObject({ host: 'shop.dz' })
  })

  it('a receiver beside the gateway is not the gateway, though both are localhost', () => {
    expect(reasonOf('http://localhost:3000/cb', local)).toBeNull()
  })
})

describe('any text', () => {
  const text = fc.oneof(
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
    fc.ipV4Extended().map((ip) => `https://${ip}/`),
    fc.ipV6().map((ip) => `https://[${ip}]/`),
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'binary' }).map((host) => `https://${host}/`),
    fc.string({ unit: 'grapheme-ascii' }).map((host) => `https://${host}.dz/`),
  )

  it('is judged without an exception, and a normal form is judged as itself', () => {
    fc.assert(
      fc.property(text, fc.boolean(), (url, allowLoopbackHttp) => {
        const rules = { ...deployed, allowLoopbackHttp }
        const verdict = checkTarget(url, rules)
        if (verdict.ok) expect(checkTarget(verdict.url, rules)).toEqual(verdict)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is allowed only as https to a name with a letter in its last label', () => {
    fc.assert(
      fc.property(text, (url) => {
        const verdict = checkTarget(url, deployed)
        if (verdict.ok)
          expect(verdict.url).toMatch(/^https:\/\/([a-z0-9_-]+\.)+[a-z0-9_-]*[a-z][a-z0-9_-]*(:8443)?\//)
      }),
      { numRuns: 2_000 },
    )
  })
})
