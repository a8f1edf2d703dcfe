/** What stands in for the platform around plain workerd, asked through a Worker that does nothing else. */
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { type Build, build } from '../workerd/build'
import { eventually } from './harness'
import { type LocalGateway, ROOT, startWorkerdGateway, temporaryStorage } from './local'
import { type Merchant, startMerchant } from './merchant'

let built: Build
let receiver: Merchant
let probe: LocalGateway
const storage = temporaryStorage()
const start = (port?: number) =>
  startWorkerdGateway({ build: built, storage, port, vars: { RECEIVER_URL: receiver.url } })
beforeAll(async () => {
  built = await build(temporaryStorage(), join(ROOT, 'test/workerd/probe'))
  receiver = await startMerchant()
  probe = await start()
})

async function ask(task: string, given: object = {}) {
  const { status, json, text } = await probe.call('POST', '/', {
    body: { task, given },
    headers: { 'CF-Connecting-IP': '203.0.113.7' },
  })
  expect(status, text).toBe(200)
  // The caller cannot choose his address.
  expect(json.address).toBe('127.0.0.1')
  return json.answer
}

it('KV keeps, lists in pages and forgets', async () => {
  const odd = 'm:é %2F?/ü'
  await ask('put', { key: odd, value: 'ö', options: { metadata: { a: ['ß'] } } })
  for (const key of ['m:2', 'm:1', 'n:1']) await ask('put', { key, value: key })
  expect(await ask('get', { key: odd })).toMatchObject({ value: 'ö', metadata: { a: ['ß'] } })
  expect(await ask('get', { key: 'none' })).toMatchObject({ value: null, metadata: null })

  const page = await ask('list', { prefix: 'm:', limit: 2 })
  expect(page).toMatchObject({ keys: [{ name: 'm:1' }, { name: 'm:2' }], list_complete: false })
  expect(await ask('list', { prefix: 'm:', limit: 2, cursor: page.cursor })).toMatchObject({
    keys: [{ name: odd, metadata: { a: ['ß'] } }],
    list_complete: true,
  })
  await ask('remove', { key: 'm:1' })
  expect((await ask('list', { prefix: 'm:' })).keys).toHaveLength(2)
})

it('KV takes an expiration, but none of less than a minute', async () => {
  const soon = Math.floor(Date.now() / 1_000) + 900
  await ask('put', { key: 'block', value: '', options: { expirationTtl: 900 } })
  const [{ expiration }] = (await ask('list', { prefix: 'block' })).keys
  expect(Math.abs(expiration - soon)).toBeLessThan(30)
  expect(await ask('put', { key: 'short', value: '', options: { expirationTtl: 59 } })).toContain('400')
  expect(await ask('get', { key: 'short' })).toMatchObject({ value: null })
})

it('a limiter counts each key for itself', async () => {
  const answers: unknown[] = []
  // Three in a window, and one window may end in between.
  for (let nth = 1; nth <= 7; nth++) answers.push(await ask('limit', { key: 'one' }))
  expect(answers.slice(0, 3)).toEqual([{ success: true }, { success: true }, { success: true }])
  expect(answers).toContainEqual({ success: false })
  expect(await ask('limit', { key: 'another' })).toEqual({ success: true })
})

it('the cache has what may be kept until it is deleted', async () => {
  const url = 'https://status.invalid/a?b=%20'
  await ask('cache', { url, body: 'ü\r\n\r\nü', control: 'public, max-age=60' })
  expect(await ask('cached', { url })).toBe('ü\r\n\r\nü')
  expect(await ask('uncache', { url })).toBe(true)
  expect(await ask('cached', { url })).toBeNull()
  await ask('cache', { url, body: 'b', control: 'public, max-age=1' })
  expect(await ask('cached', { url })).toBe('b')
  await eventually('it to be stale', async () => (await ask('cached', { url })) === null)
})

it('data points are taken, and one that is too large is dropped without a word', async () => {
  expect(await ask('point', { indexes: ['m1'], blobs: ['send', 'sandbox'], doubles: [1.5] })).toBeNull()
  expect(await ask('point', { indexes: ['m'.repeat(97)], blobs: [], doubles: [] })).toBeNull()
})

it('the cron runs when it is asked to', async () => {
  const { status, text } = await probe.call('GET', '/cdn-cgi/handler/scheduled?cron=*+*+*+*+*')
  expect({ status, text }).toEqual({ status: 200, text: 'ok' })
  expect(await ask('crons')).toEqual(['* * * * *'])
})

it('what was kept and what was to wake are there after kill -9', async () => {
  await ask('put', { key: 'kept', value: 'before' })
  await ask('wakeIn', { ms: 2_000 })
  await probe.kill()
  expect(receiver.callbacks).toHaveLength(0)
  probe = await start(probe.port)
  // Asked by nobody: the alarm itself survived.
  await receiver.received(1)
  expect(await ask('get', { key: 'kept' })).toMatchObject({ value: 'before' })
})
