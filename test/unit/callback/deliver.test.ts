import type { IncomingMessage } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { attempt } from '../../../src/callback/deliver'
import { answering, closeReceivers, post, rawReceiver, receiver } from './receiver'

afterEach(closeReceivers)

describe('the request', () => {
  it('is a POST of the exact bytes with our headers, a JSON type and a fixed user agent', async () => {
    let seen: { request: IncomingMessage; body: string } | undefined
    const url = await receiver(async (request, response) => {
      const parts: Buffer[] = []
      for await (const part of request) parts.push(part)
      seen = { request, body: Buffer.concat(parts).toString() }
      response.end()
    })
    expect(await post(url)).toMatchObject({ outcome: 'delivered', httpStatus: 200 })
    expect(seen?.body).toBe('{"type":"topup.fulfilled"}')
    expect(seen?.request.method).toBe('POST')
    expect(seen?.request.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'Rasid/1 (+callbacks)',
      'webhook-id': 'evt_1',
      'webhook-signature': 'v1,abc',
    })
  })

  it('calls the fetch of the runtime as a function, which refuses to be a method', async () => {
    const strict = function (this: unknown) {
      if (this !== undefined) throw new TypeError('Illegal invocation')
      return Promise.resolve(new Response('ok'))
    }
    expect((await post('https://shop.dz/', { fetch: strict })).outcome).toBe('delivered')
  })
})

describe('the status decides', () => {
  it.each([
    [200, 'delivered'],
    [201, 'delivered'],
    [204, 'delivered'],
    [299, 'delivered'],
    [300, 'redirected'],
    [304, 'redirected'],
    [308, 'redirected'],
    [400, 'refused'],
    [401, 'refused'],
    [404, 'refused'],
    [408, 'failed'],
    [409, 'refused'],
    [410, 'gone'],
    [411, 'refused'],
    [425, 'failed'],
    [429, 'throttled'],
    [499, 'refused'],
    [500, 'failed'],
    [502, 'failed'],
    [503, 'failed'],
    [504, 'failed'],
    [520, 'failed'],
    [521, 'connect'],
    [522, 'connect'],
    [523, 'connect'],
    [524, 'failed'],
    [525, 'tls'],
    [526, 'tls'],
    [530, 'dns'],
    [599, 'failed'],
  ])('%i is %s', async (status, outcome) => {
    expect(await post(await answering(status))).toMatchObject({ outcome, httpStatus: status })
  })

  it('a switch of protocols is no answer', async () => {
    const url = await rawReceiver((socket) =>
      socket.end('HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n'),
    )
    expect((await post(url)).outcome).toMatch(/failed|connect/)
  })

  it('a 2xx after informational answers is delivered', async () => {
    const url = await rawReceiver((socket) =>
      socket.end('HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'),
    )
    expect(await post(url)).toMatchObject({ outcome: 'delivered', answer: 'ok' })
  })

  it.each([101, 199, 600, 999])('a status no standard knows is a failure: %i', async (status) => {
    const odd = { status, headers: new Headers(), body: null }
    const fetchOdd = (() => Promise.resolve(odd)) as unknown as typeof fetch
    expect(await post('https://shop.dz/', { fetch: fetchOdd })).toMatchObject({
      outcome: 'failed',
      httpStatus: status,
    })
  })
})

describe('a redirect is a fault, never followed', () => {
  it.each([301, 302, 303, 307, 308])('%i', async (status) => {
    let followed = false
    const elsewhere = await receiver((_, response) => {
      followed = true
      response.end()
    })
    const url = await answering(status, { location: elsewhere })
    expect(await post(url)).toMatchObject({ outcome: 'redirected', httpStatus: status })
    expect(followed).toBe(false)
  })
})

describe('a 2xx that breaks off is not delivered', () => {
  it('fewer bytes than announced', async () => {
    const url = await rawReceiver((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'),
    )
    expect(await post(url)).toMatchObject({ outcome: 'connect', httpStatus: 200 })
  })

  it('chunks that end in garbage', async () => {
    const url = await rawReceiver((socket) =>
      socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\nZZ\r\n'),
    )
    expect(await post(url)).toMatchObject({ outcome: 'connect', httpStatus: 200 })
  })

  it('a compression that is none', async () => {
    const url = await answering(200, { 'content-encoding': 'gzip' }, 'not gzip')
    expect(await post(url)).toMatchObject({ outcome: 'connect', httpStatus: 200 })
  })

  it('but an answer that ends with its connection, as old servers do, is whole', async () => {
    const url = await rawReceiver((socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nok'))
    expect(await post(url)).toMatchObject({ outcome: 'delivered', answer: 'ok' })
  })
})

describe('nobody there', () => {
  const notReached = { outcome: 'connect', httpStatus: null, retryAfterSeconds: null, answer: '' }

  it('a refused connection', async () => {
    const url = await answering(200)
    closeReceivers()
    expect(await post(url)).toMatchObject(notReached)
  })

  it('a connection reset before any answer', async () => {
    expect(await post(await rawReceiver((socket) => socket.resetAndDestroy()))).toMatchObject(notReached)
  })

  it('a server that does not speak HTTP', async () => {
    expect(await post(await rawReceiver((socket) => socket.end('220 mail ready\r\n')))).toMatchObject(
      notReached,
    )
  })

  it('a server that does not speak TLS', async () => {
    const url = await answering(200)
    expect(await post(url.replace('http:', 'https:'))).toMatchObject(notReached)
  })

  it('never throws, not even for a URL or header that cannot be', async () => {
    expect(await post('not a url')).toMatchObject(notReached)
    const request = { url: 'https://shop.dz/', headers: { 'bad name': 'x' }, body: '{}' }
    expect(await attempt(request, { fetch, now: Date.now })).toMatchObject(notReached)
  })
})

describe('the answer shown', () => {
  const answerOf = async (body: string) => (await post(await answering(200, {}, body))).answer

  it('is kept as text, in any script', async () => {
    expect(await answerOf('{"challenge":"تم"}')).toBe('{"challenge":"تم"}')
  })

  it('loses control characters and marks that reverse text; line breaks become spaces', async () => {
    expect(await answerOf('a\u0000b\u001b[31mc\u007f\u0085d\u202ee\u2066f')).toBe('ab[31mcdef')
    expect(await answerOf('one\r\n\ttwo\nthree')).toBe('one two three')
  })

  it('leaves out a character cut at the limit', async () => {
    expect(await answerOf(`${'a'.repeat(4095)}é`)).toBe('a'.repeat(4095))
  })

  it('shows bytes that are no text as replacement characters', async () => {
    const url = await receiver((_, response) => response.end(Buffer.from([0xff, 0x61])))
    expect((await post(url)).answer).toBe('\ufffda')
  })
})

describe('the duration', () => {
  const readings =
    (...times: number[]) =>
    () =>
      times.shift() ?? 0

  it('is measured by the given clock', async () => {
    const url = await answering(200)
    expect((await post(url, { now: readings(1_000, 1_200, 1_250) })).durationMs).toBe(250)
  })

  it('is never negative, even when the clock is set back', async () => {
    const url = await answering(200)
    expect((await post(url, { now: readings(1_000, 500, 400) })).durationMs).toBe(0)
  })
})
