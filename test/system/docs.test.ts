import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { DEMO_KEY, type Gateway, startGateway } from './harness'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})

const policyOf = (answer: Response) => answer.headers.get('content-security-policy') ?? ''
const open = async (path: string, headers = {}) => {
  const answer = await gateway.fetch(path, { headers })
  return { answer, text: await answer.text() }
}

describe('the documentation', () => {
  it.each([
    '/docs',
    '/docs/',
    '/docs/quickstart',
    '/docs/callbacks',
    '/docs/sandbox',
    '/docs/api-top-ups',
    '/docs/errors',
  ])('%s is a page of ours that loads nothing from elsewhere', async (path) => {
    const { answer, text } = await open(path)
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
    expect(policyOf(answer)).toMatch(
      /^default-src 'none'; style-src \S+\/static\/; script-src \S+\/static\/; connect-src 'self'; /,
    )
    expect(text).not.toMatch(/⟦|⟧| style=| on\w+="/)
    expect(text.match(/(?:src|<link[^>]*href)="[^"]*"/g)?.every((each) => each.includes('"/static/'))).toBe(
      true,
    )
  })

  it('has its navigation in the reader’s language, and keeps a choice', async () => {
    expect((await open('/docs', { 'Accept-Language': 'fr-DZ' })).text).toContain('Démarrage rapide')
    const { text, answer } = await open('/docs/errors?lang=ar', { 'Accept-Language': 'fr-DZ' })
    expect(text).toContain('<html lang="ar" dir="rtl">')
    expect(text).toContain('href="/docs/quickstart?lang=ar"')
    expect(answer.headers.get('content-language')).toBe('ar')
  })

  it('names the gateway that was asked', async () => {
    expect((await open('/docs/quickstart')).text).toContain(`curl -s ${gateway.url}/v3/mobile/send`)
  })

  it('is 404 in the words of the API where there is no page', async () => {
    for (const path of [
      '/docs/none',
      '/docs/texts.json',
      '/docs/a/b',
      '/docs/..%2fopenapi',
      '/static/none.js',
      '/static/',
    ])
      expect([path, (await gateway.call('GET', path)).json?.error?.code]).toEqual([path, 'NOT_FOUND'])
    expect((await gateway.call('POST', '/docs', { body: {} })).status).toBe(404)
  })
})

describe('files of pages', () => {
  it.each([
    ['/static/status.css', 'text/css; charset=utf-8'],
    ['/static/status.js', 'text/javascript; charset=utf-8'],
  ])('%s may be kept for a while, and is what it says', async (path, type) => {
    const { answer } = await open(path)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe(type)
    expect(answer.headers.get('cache-control')).toBe('public, max-age=600')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  })

  it('make a customer’s page of 15 KB at most, as it travels', async () => {
    const body = {
      plan_code: 'PREPAID_MOBILIS',
      MSSIDN: '0600010002',
      amount: 500,
      ref: 'docs <script>1</script>',
    }
    const sent = await gateway.call('POST', '/v3/mobile/send', { key: DEMO_KEY, body })
    const { answer, text } = await open(new URL(sent.json.data.gateway.status_url).pathname)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(policyOf(answer)).toContain(
      `script-src ${gateway.url}/static/status.js; connect-src ${gateway.url}/t/;`,
    )
    expect(text).not.toContain('<script>')
    const parts = [
      text,
      ...(await Promise.all(['css', 'js'].map(async (type) => (await open(`/static/status.${type}`)).text))),
    ]
    const bytes = parts.reduce((sum, part) => sum + gzipSync(part).length, 0)
    expect(bytes).toBeLessThanOrEqual(15 * 1024)
    console.info(`page, sheet and script: ${bytes} bytes gzip`)
  })
})
