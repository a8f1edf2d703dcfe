/** What is kept of each exchange with the provider. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { TopupRequest } from '../../../src/order/state'
import { OneClick } from '../../../src/provider/oneclick'
import { accepted, failure, REF, row, success, TOPUP_ID } from './answers'

const TOKEN = 'sk_the-credential-itself'
const REQUEST: TopupRequest = { planCode: 'PREPAID_MOBILIS', msisdn: '0661234567', amountDzd: 500 }

type Answer = (request: Request) => Response | Promise<Response>

/** A provider that gives these answers, one each, and what reached it. */
function provider(...answers: Answer[]) {
  const asked: Request[] = []
  const fetch = (request: Request): Promise<Response> => {
    asked.push(request)
    const answer = answers.shift()
    return answer === undefined
      ? Promise.reject(new Error('asked too often'))
      : Promise.resolve(answer(request))
  }
  return { asked, client: new OneClick({ baseUrl: 'https://provider.test', accessToken: TOKEN, fetch }) }
}
const json =
  (body: unknown, status = 200): Answer =>
  () =>
    Response.json(body, { status })
const text =
  (body: string, status = 200): Answer =>
  () =>
    new Response(body, { status })
const sha256 = (body: string | Buffer) => createHash('sha256').update(body).digest('hex')

describe('the exchange of a send', () => {
  it('keeps what left and what came', async () => {
    const { client } = provider(json(accepted()))
    const { outcome, evidence } = await client.send(REF, REQUEST)
    const body = JSON.stringify(accepted())
    expect(outcome).toEqual({ kind: 'accepted', topupId: TOPUP_ID })
    expect(evidence).toEqual([
      {
        at: expect.any(Number),
        durationMs: expect.any(Number),
        method: 'POST',
        path: '/v3/mobile/send',
        sent: JSON.stringify({ plan_code: 'PREPAID_MOBILIS', MSSIDN: '0661234567', amount: 500, ref: REF }),
        httpStatus: 200,
        failure: null,
        received: body,
        receivedBytes: body.length,
        sha256: sha256(body),
      },
    ])
  })

  it('keeps the very bytes that left', async () => {
    const { client, asked } = provider(json(accepted()))
    const { evidence } = await client.send(REF, { ...REQUEST, amountDzd: null })
    expect(await asked[0]?.text()).toBe(evidence[0]?.sent)
    expect(evidence[0]?.sent).not.toContain('amount')
  })

  it('of a ref that was taken, the look-up after it is kept too', async () => {
    const { client } = provider(json(failure('DUPLICATED_REF'), 403), json(success(row())))
    const { outcome, evidence } = await client.send(REF, REQUEST)
    expect(outcome).toMatchObject({ kind: 'found', topup: { id: TOPUP_ID } })
    expect(evidence).toMatchObject([
      { method: 'POST', httpStatus: 403 },
      { method: 'GET', path: `/v3/mobile/check-ref/${REF}`, sent: null, httpStatus: 200 },
    ])
  })
})

describe('a long answer', () => {
  it('is kept by its first 1000 characters, its size and the digest of the whole', async () => {
    const body = `<html>رصيد ${'x'.repeat(5_000)}</html>`
    const { client } = provider(text(body, 502))
    const [evidence] = (await client.look(REF)).evidence
    expect(evidence?.received).toBe(body.slice(0, 1_000))
    expect(evidence?.receivedBytes).toBe(new TextEncoder().encode(body).byteLength)
    expect(evidence?.sha256).toBe(sha256(body))
  })

  it('of exactly 1000 characters is kept whole', async () => {
    const body = 'x'.repeat(1_000)
    const [evidence] = (await provider(text(body)).client.look(REF)).evidence
    expect(evidence?.received).toBe(body)
  })

  it('is never cut through a character', async () => {
    const body = `${'x'.repeat(999)}📱 and more`
    const [evidence] = (await provider(text(body)).client.look(REF)).evidence
    expect(evidence?.received.isWellFormed()).toBe(true)
    expect(evidence?.received.slice(0, 999)).toBe('x'.repeat(999))
    expect(evidence?.sha256).toBe(sha256(body))
  })

  it('of two that begin alike, the digests differ', async () => {
    const [one, other] = ['a', 'b'].map((end) => text('x'.repeat(2_000) + end))
    const digests = [one, other].map(async (answer) => {
      const [evidence] = (await provider(answer ?? text('')).client.look(REF)).evidence
      return evidence?.sha256
    })
    expect(new Set(await Promise.all(digests)).size).toBe(2)
  })

  it('without an end is not read to its end', async () => {
    const endless = () =>
      new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(100_000)) }))
    const { outcome, evidence } = await provider(endless).client.look(REF)
    expect(outcome).toMatchObject({ kind: 'no_answer', reason: 'network: answer too large' })
    expect(evidence).toMatchObject([{ httpStatus: null, failure: 'network: answer too large' }])
  })
})

describe('the digest and the size', () => {
  const bytesOf = (...parts: (string | number)[]) =>
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))))
  const body = JSON.stringify(success(row()))

  it.each<[string, Buffer, string]>([
    ['a BOM before it', bytesOf(0xef, 0xbb, 0xbf, body), body],
    ['invalid UTF-8', bytesOf('<p>', 0xff, 0xc3, '</p>'), '<p>\ufffd\ufffd</p>'],
    ['half a character at its end', bytesOf('<p>', 0xf0, 0x9f), '<p>\ufffd'],
  ])('are of the bytes that came: %s', async (_, bytes, shown) => {
    const [evidence] = (await provider(() => new Response(bytes)).client.look(REF)).evidence
    expect(evidence).toMatchObject({
      received: shown,
      receivedBytes: bytes.byteLength,
      sha256: sha256(bytes),
    })
  })

  it('do not depend on where the answer was cut on its way', async () => {
    const bytes = bytesOf('<p>رصيد 📱</p>')
    const bytewise = () =>
      new Response(
        new ReadableStream({
          start(controller) {
            for (const byte of bytes) controller.enqueue(Uint8Array.of(byte))
            controller.close()
          },
        }),
      )
    const [evidence] = (await provider(bytewise).client.look(REF)).evidence
    expect(evidence).toMatchObject({
      received: '<p>رصيد 📱</p>',
      receivedBytes: bytes.byteLength,
      sha256: sha256(bytes),
    })
  })

  it('a BOM changes nothing of what the answer means', async () => {
    const { client } = provider(() => new Response(bytesOf(0xef, 0xbb, 0xbf, body)))
    expect((await client.look(REF)).outcome).toMatchObject({ kind: 'found', topup: { id: TOPUP_ID } })
  })
})

describe('no answer', () => {
  it('is kept with the reason, and with what left', async () => {
    const { client } = provider(() => Promise.reject(new Error('connection reset')))
    const { outcome, evidence } = await client.send(REF, REQUEST)
    expect(outcome).toEqual({ kind: 'in_doubt', reason: 'network: connection reset', refusal: null })
    expect(evidence).toMatchObject([
      {
        method: 'POST',
        sent: expect.stringContaining(REF),
        httpStatus: null,
        failure: 'network: connection reset',
        received: '',
        receivedBytes: 0,
        sha256: null,
      },
    ])
  })

  it('is what a body that breaks off is, whatever its status said', async () => {
    const broken = () =>
      new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(new TextEncoder().encode('{"success":true,')),
          pull: () => Promise.reject(new Error('terminated')),
        }),
      )
    const { outcome, evidence } = await provider(broken).client.send(REF, REQUEST)
    expect(outcome.kind).toBe('in_doubt')
    expect(evidence).toMatchObject([{ httpStatus: null, failure: 'network: terminated', received: '' }])
  })

  it('an empty one has the digest of nothing', async () => {
    const [evidence] = (await provider(text('', 502)).client.look(REF)).evidence
    expect(evidence).toMatchObject({ httpStatus: 502, received: '', receivedBytes: 0, sha256: sha256('') })
  })
})

describe('the credential', () => {
  const answers: [string, Answer[]][] = [
    ['accepted', [json(accepted())]],
    ['refused', [json(failure('INSUFFICIENT_BALANCE'), 403)]],
    ['not let in', [json(failure('INVALID_ACCESS_TOKEN'), 401)]],
    ['taken before', [json(failure('DUPLICATED_REF'), 403), json(failure('NOT_FOUND'), 404)]],
    ['an error page', [text('<html>', 502)]],
    ['never answered', [() => Promise.reject(new Error('reset'))]],
  ]

  it.each(answers)('is sent, and is nowhere in what is kept of a send that was %s', async (_, script) => {
    const { client, asked } = provider(...script)
    const told = await client.send(REF, REQUEST)
    expect(asked.every(({ headers }) => headers.get('X-Access-Token') === TOKEN)).toBe(true)
    expect(asked.length).toBe(told.evidence.length)
    expect(JSON.stringify(told)).not.toContain(TOKEN)
  })

  it.each<[string, Answer]>([
    ['an error page', text(`<pre>X-Access-Token: ${TOKEN}\n${TOKEN}</pre>`, 502)],
    ['a refusal', json(failure('ODD', { details: { headers: { 'x-access-token': TOKEN } } }), 403)],
    ['an acceptance', json(accepted({ by: TOKEN }))],
    ['the end of what is kept', text('x'.repeat(1_000 - TOKEN.length / 2) + TOKEN, 502)],
    ['a connection that broke', () => Promise.reject(new Error(`cannot send header ${TOKEN}`))],
  ])('is in no evidence even when it comes back in %s', async (_, answer) => {
    const { evidence } = await provider(answer).client.send(REF, REQUEST)
    expect(evidence).toHaveLength(1)
    expect(JSON.stringify(evidence)).not.toContain(TOKEN.slice(0, 8))
  })

  it('that came back is left out, and the rest is kept with the size and digest of the whole', async () => {
    const page = `<pre>${TOKEN} is not known</pre>`
    const [evidence] = (await provider(text(page, 502)).client.look(REF)).evidence
    expect(evidence).toMatchObject({
      received: '<pre>… is not known</pre>',
      receivedBytes: page.length,
      sha256: sha256(page),
    })
  })

  it('is never carried to another place by a redirect', async () => {
    const { client, asked } = provider(
      () => new Response(null, { status: 307, headers: { Location: 'https://elsewhere.test/' } }),
    )
    expect((await client.look(REF)).outcome).toMatchObject({ kind: 'no_answer', reason: 'http_307' })
    expect(asked.map(({ redirect }) => redirect)).toEqual(['manual'])
  })
})
