import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { attempt } from '../../../src/callback/deliver'
import { answering, closeReceivers, post, receiver, SHORT_DEADLINE_MS, UNUSED_DEADLINE_MS } from './receiver'

afterEach(closeReceivers)

describe('one deadline over everything', () => {
  it('a receiver that accepts and stays silent is a timeout without a status', async () => {
    const url = await receiver(() => undefined)
    const result = await post(url, { deadlineMs: SHORT_DEADLINE_MS })
    expect(result).toMatchObject({ outcome: 'timeout', httpStatus: null, answer: '' })
    expect(result.durationMs).toBeGreaterThanOrEqual(SHORT_DEADLINE_MS - 5)
    expect(result.durationMs).toBeLessThan(UNUSED_DEADLINE_MS)
  })

  it('a 200 whose body never ends is a timeout, and what came is shown', async () => {
    const url = await receiver((_, response) => void response.writeHead(200).write('working'))
    expect(await post(url, { deadlineMs: SHORT_DEADLINE_MS })).toMatchObject({
      outcome: 'timeout',
      httpStatus: 200,
      answer: 'working',
    })
  })

  it('a slow drip does not stretch it', async () => {
    const url = await receiver((_, response) => {
      const drip = setInterval(() => response.write('.'), 10)
      response.once('close', () => clearInterval(drip))
    })
    expect(await post(url, { deadlineMs: SHORT_DEADLINE_MS })).toMatchObject({
      outcome: 'timeout',
      httpStatus: 200,
    })
  })

  it('the connection is closed when it has passed', async () => {
    const closed = Promise.withResolvers<void>()
    const url = await receiver((_, response) => {
      response.once('close', closed.resolve)
      response.writeHead(200).write('working')
    })
    await post(url, { deadlineMs: SHORT_DEADLINE_MS })
    await closed.promise
  })

  it.each([
    [410, 'gone'],
    [500, 'failed'],
    [302, 'redirected'],
  ])('a %i whose body never ends is still %s: the answer was definite', async (status, outcome) => {
    const url = await receiver((_, response) => void response.writeHead(status).write('because'))
    expect(await post(url, { deadlineMs: SHORT_DEADLINE_MS })).toMatchObject({ outcome, answer: 'because' })
  })

  it('no timer outlives an answer or a failure', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const before = timers()
    await post('https://shop.dz/', { fetch: () => Promise.resolve(new Response('ok')) })
    await post('https://shop.dz/', { fetch: () => Promise.reject(new TypeError('refused')) })
    expect(timers()).toBe(before)
  })

  it('is ten seconds unless said otherwise', async () => {
    const scheduled: (number | undefined)[] = []
    const real = globalThis.setTimeout
    globalThis.setTimeout = ((run: () => void, delayMs?: number) => {
      scheduled.push(delayMs)
      return real(run, delayMs)
    }) as typeof setTimeout
    try {
      const request = { url: 'https://shop.dz/', headers: {}, body: '{}' }
      await attempt(request, { fetch: () => Promise.resolve(new Response('')), now: Date.now })
    } finally {
      globalThis.setTimeout = real
    }
    expect(scheduled).toEqual([10_000])
  })
})

describe('what comes back is bounded', () => {
  it('64 KB is an answer and one byte more is too large', async () => {
    const largest = 'a'.repeat(64 * 1024)
    expect((await post(await answering(200, {}, largest))).outcome).toBe('delivered')
    expect(await post(await answering(200, {}, `${largest}a`))).toMatchObject({
      outcome: 'too_large',
      httpStatus: 200,
    })
  })

  it('a body of 50 MB is left after the limit, and its connection closed', async () => {
    const block = Buffer.alloc(64 * 1024, 'a')
    const closed = Promise.withResolvers<number>()
    const url = await receiver((_, response: ServerResponse) => {
      let sentBytes = 0
      const fill = () => {
        while (sentBytes < 50 * 1024 * 1024 && !response.destroyed) {
          sentBytes += block.length
          if (!response.write(block)) return void response.once('drain', fill)
        }
        response.end()
      }
      response.once('close', () => closed.resolve(sentBytes))
      fill()
    })
    const result = await post(url)
    expect(result.outcome).toBe('too_large')
    expect(result.answer).toBe('a'.repeat(4096))
    expect(await closed.promise).toBeLessThan(25 * 1024 * 1024)
  })

  it('a gzip bomb is counted as it unfolds', async () => {
    const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024, 'a'))
    expect(bomb.length).toBeLessThan(64 * 1024)
    const url = await receiver((_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    )
    expect(await post(url)).toMatchObject({ outcome: 'too_large', answer: 'a'.repeat(4096) })
  })

  it.each([
    [500, 'failed'],
    [404, 'refused'],
    [410, 'gone'],
  ])('a %i with a large page is still %s', async (status, outcome) => {
    const url = await answering(status, {}, 'a'.repeat(100_000))
    expect(await post(url)).toMatchObject({ outcome, answer: 'a'.repeat(4096) })
  })
})
