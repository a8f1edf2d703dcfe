import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import { callsOf, clientOf, expectError, ORDER } from './client'
import { ADMIN_TOKEN, type Answer, DEMO_LIVE_KEY as key, startGateway } from './harness'
import { startProvider } from './provider'

const LIMIT_BYTES = 16 * 1024

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
const merchant = clientOf(gateway)

/** The ref of a wrong send is as free as if it had never been seen. */
async function expectNothingLeftBehind(ref: string): Promise<void> {
  expect(callsOf(provider, 'send', ref)).toEqual([])
  expect((await merchant.checkRef(ref)).status).toBe(404)
  const sent = await merchant.send(ref)
  expect([sent.status, sent.headers.get('idempotent-replayed')]).toEqual([200, null])
}

describe('a body that is not a JSON object', () => {
  it.each([
    ['nothing', ''],
    ['half an object', '{"plan_code":"PREPAID_MOBILIS","MSSIDN":"0661234567","amount":500,"ref":"half"'],
    ['a form', 'plan_code=PREPAID_MOBILIS&MSSIDN=0661234567'],
    ['a page', '<html></html>'],
    ['two objects', '{}{}'],
    ['a lone quote', '"'],
  ])('%s is refused', async (_, body) => {
    const answer = await gateway.call('POST', '/v3/mobile/send', { key, body })
    expectError(answer, 400, 'ERR_VALIDATION')
    expect(answer.json.error.message).toBe('body must be valid JSON')
  })

  it.each(['null', '[]', '"text"', '42', 'true'])('%s is refused', async (body) => {
    const answer = await gateway.call('POST', '/v3/mobile/send', { key, body })
    expectError(answer, 400, 'ERR_VALIDATION')
    expect(answer.json.error.message).toBe('body must be object')
  })
})

describe('a field that is wrong is named in the provider’s words:', () => {
  const pattern = 'must match pattern "^0[567][0-9]{8}$"'
  it.each<[string, unknown, string]>([
    ['plan_code', undefined, "body must have required property 'plan_code'"],
    ['plan_code', 7, 'body/plan_code must be string'],
    ['plan_code', null, 'body/plan_code must be string'],
    ['plan_code', '', 'body/plan_code must NOT have fewer than 1 characters'],
    ['MSSIDN', undefined, "body must have required property 'MSSIDN'"],
    ['MSSIDN', 661234567, 'body/MSSIDN must be string'],
    ['MSSIDN', null, 'body/MSSIDN must be string'],
    ['MSSIDN', ['0661234567'], 'body/MSSIDN must be string'],
    ['MSSIDN', { number: '0661234567' }, 'body/MSSIDN must be string'],
    ['MSSIDN', '778037340', `body/MSSIDN ${pattern}`],
    ['MSSIDN', '+213661234567', `body/MSSIDN ${pattern}`],
    ['MSSIDN', '0661 23 45 67', `body/MSSIDN ${pattern}`],
    ['MSSIDN', '0461234567', `body/MSSIDN ${pattern}`],
    ['MSSIDN', '06612345678', `body/MSSIDN ${pattern}`],
    ['MSSIDN', '0661234567\n', `body/MSSIDN ${pattern}`],
    ['MSSIDN', '٠٦٦١٢٣٤٥٦٧', `body/MSSIDN ${pattern}`],
    ['amount', '500', 'body/amount must be integer'],
    ['amount', 500.5, 'body/amount must be integer'],
    ['amount', null, 'body/amount must be integer'],
    ['amount', true, 'body/amount must be integer'],
    ['amount', [500], 'body/amount must be integer'],
    ['amount', -1, 'body/amount must be >= 0'],
    ['ref', 77, 'body/ref must be string'],
    ['ref', null, 'body/ref must be string'],
    ['ref', {}, 'body/ref must be string'],
    ['ref', 'r'.repeat(201), 'body/ref must NOT have more than 200 characters'],
  ])('%s = %j', async (field, value, message) => {
    const ref = `wrong ${field} ${JSON.stringify(value)}`.slice(0, 100)
    const answer = await merchant.send(ref, { [field]: value })
    expectError(answer, 400, 'ERR_VALIDATION')
    const shown = ['string', 'number', 'boolean'].includes(typeof value) || value === null ? { value } : {}
    expect(answer.json.error).toEqual({ code: 'ERR_VALIDATION', message, details: { field, ...shown } })
    await expectNothingLeftBehind(ref)
  })

  it('amount = 1e300, which no integer holds', async () => {
    const body = '{"plan_code":"PREPAID_MOBILIS","MSSIDN":"0661234567","amount":1e300,"ref":"huge"}'
    const answer = await gateway.call('POST', '/v3/mobile/send', { key, body })
    expectError(answer, 400, 'ERR_VALIDATION')
    expect(answer.json.error.details).toEqual({ field: 'amount', value: 1e300 })
    await expectNothingLeftBehind('huge')
  })
})

describe('a body over 16 KB', () => {
  const bodyOf = (ref: string, bytes: number) => {
    const body = JSON.stringify({ ...ORDER, ref, note: '' })
    return body.replace('"note":""', `"note":"${'n'.repeat(bytes - body.length)}"`)
  }

  it('is refused by its announced length, with or without a key', async () => {
    const body = bodyOf('announced', LIMIT_BYTES + 1)
    for (const headers of [{ 'X-Access-Token': key }, {}]) {
      expectError(await gateway.call('POST', '/v3/mobile/send', { headers, body }), 413, 'PAYLOAD_TOO_LARGE')
    }
    await expectNothingLeftBehind('announced')
  })

  it('is refused when its length is not announced', async () => {
    expectError(await postInChunks(bodyOf('chunked', LIMIT_BYTES + 1)), 413, 'PAYLOAD_TOO_LARGE')
    expectError(await postInChunks(bodyOf('chunked', 40 * LIMIT_BYTES)), 413, 'PAYLOAD_TOO_LARGE')
    await expectNothingLeftBehind('chunked')
  })

  it('is not one byte less', async () => {
    const announced = bodyOf('just fits', LIMIT_BYTES)
    expect((await gateway.call('POST', '/v3/mobile/send', { key, body: announced })).status).toBe(200)
    expect((await postInChunks(bodyOf('just fits in chunks', LIMIT_BYTES))).status).toBe(200)
  })

  it('is refused everywhere', async () => {
    const body = { name: 'n'.repeat(LIMIT_BYTES) }
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` }
    expectError(await gateway.call('POST', '/admin/merchants', { headers, body }), 413, 'PAYLOAD_TOO_LARGE')
    expectError(await gateway.call('POST', '/v1/endpoints', { key, body }), 413, 'PAYLOAD_TOO_LARGE')
  })
})

describe('a route', () => {
  it.each([
    ['GET', '/'.concat('v3/nothing')],
    ['GET', '/v3'],
    ['POST', '/v3/mobile/sent'],
    ['GET', '/v3/mobile/check-ref/'],
    ['GET', '/v3/mobile/check-ref'],
    ['GET', '/v2/topup/send'],
    ['GET', '/v1/nothing'],
    ['DELETE', '/admin'],
    ['GET', '/.env'],
    ['GET', '/v3/<script>alert(1)</script>'],
  ])('that is not there is 404 (%s %s)', async (method, path) => {
    expectError(await gateway.call(method, path, { key }), 404, 'NOT_FOUND')
  })

  it.each([
    ['GET', '/v3/mobile/send', 'POST'],
    ['DELETE', '/v3/mobile/send', 'POST'],
    ['POST', '/v3/mobile/check-ref/x', 'GET'],
    ['PUT', '/v3/mobile/check-ref/a%2Fb', 'GET'],
    ['PATCH', '/v3/mobile/check-id/x', 'GET'],
    ['DELETE', '/v1/endpoints', 'GET, POST'],
    ['PUT', '/v1/deliveries', 'GET'],
    ['DELETE', '/admin/merchants', 'GET, POST'],
  ])('does not do what it is not for (%s %s)', async (method, path, allow) => {
    const answer = await gateway.call(method, path, { key })
    expectError(answer, 405, 'METHOD_NOT_ALLOWED')
    expect(answer.headers.get('allow')?.split(', ').sort().join(', ')).toBe(allow)
  })

  it.each(['%', '%zz', '%E0%A4%A', '%FF', '%00', 'x'.repeat(4_000)])(
    'bears any path (check-ref/%s)',
    async (ref) => {
      expectError(await gateway.call('GET', `/v3/mobile/check-ref/${ref}`, { key }), 404, 'NOT_FOUND')
      expectError(await gateway.call('GET', `/v3/mobile/check-id/${ref}`, { key }), 404, 'NOT_FOUND')
    },
  )

  it('may be called by a page of any origin, as the provider’s may', async () => {
    const headers = {
      Origin: 'https://shop.example',
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'x-access-token,content-type',
    }
    const preflight = await gateway.call('OPTIONS', '/v3/mobile/send', { headers })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('*')
    expect(preflight.headers.get('access-control-allow-headers')?.toLowerCase()).toContain('x-access-token')
    const refused = await gateway.call('GET', '/v3/mobile/check-ref/x', {
      headers: { Origin: 'https://shop.example' },
    })
    expect(refused.headers.get('access-control-allow-origin')).toBe('*')
  })
})

/** With `Transfer-Encoding: chunked` and no `Content-Length`. */
function postInChunks(body: string): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const headers = {
    'X-Access-Token': key,
    'Content-Type': 'application/json',
    'Transfer-Encoding': 'chunked',
  }
  const posting = request(`${gateway.url}/v3/mobile/send`, { method: 'POST', headers }, (response) => {
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    response.on('error', reject)
    response.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8')
      const names = Object.entries(response.headers).map(([name, value]) => [name, String(value)])
      resolve({
        status: response.statusCode ?? 0,
        headers: new Headers(Object.fromEntries(names)),
        text,
        json: JSON.parse(text),
      })
    })
  })
  posting.on('error', reject)
  for (let start = 0; start < body.length; start += 4_096) posting.write(body.slice(start, start + 4_096))
  posting.end()
  return promise
}
