/** What the edge is told of a merchant and his keys: each change in its turn, and by the alarm when KV fails. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { merchantById } from '../../src/env'
import { type KeyEntry, keyPath } from '../../src/merchant/keys'
import { sha256Hex } from '../../src/platform/crypto'
import { env } from './world'

let count = 0
let id: string
let key: string

const merchant = () => merchantById(env, id)

beforeEach(async () => {
  id = `published${++count}`
  await merchant().create(id, 'Published')
  const made = await merchant().createKey({
    environment: 'production',
    scope: 'READ-WRITE',
    name: 'till',
    allowedIps: [],
  })
  key = made.key
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** As a request would find it. */
async function atTheEdge(): Promise<KeyEntry | null> {
  return env.KEYS.get<KeyEntry>(keyPath(await sha256Hex(key)), 'json')
}

/** Whether the merchant still owes the edge something. */
function owes(): Promise<boolean> {
  return runInDurableObject(merchant(), (_, { storage }) => storage.kv.get('unpublished') !== undefined)
}

it('of two changes at once, the later one never hides the other', async () => {
  const slow = vi.spyOn(env.KEYS, 'put')
  const put = slow.getMockImplementation() ?? env.KEYS.put.bind(env.KEYS)
  slow.mockImplementationOnce(async (...args: Parameters<typeof put>) => {
    await scheduler.wait(50)
    return put(...args)
  })
  await Promise.all([merchant().change({ name: 'Renamed' }), merchant().change({ state: 'disabled' })])
  expect(await atTheEdge()).toMatchObject({ disabled: true })
  await merchant().change({ limits: { largestAmountDzd: 100 } })
  expect(await atTheEdge()).toMatchObject({ disabled: true, limited: true })
  expect(await owes()).toBe(false)
})

it('what KV could not take is an error, and is told by the alarm', async () => {
  const put = vi.spyOn(env.KEYS, 'put').mockRejectedValue(new Error('KV PUT failed: 429 Too Many Requests'))
  // Inside the object: a rejection that leaves it would count as unhandled.
  const failed = await runInDurableObject(merchant(), (instance) =>
    instance.change({ state: 'disabled' }).then(
      () => null,
      (error: Error) => error.message,
    ),
  )
  expect(failed).toMatch(/429/)
  expect(await owes()).toBe(true)
  put.mockRestore()
  expect(await atTheEdge()).toMatchObject({ disabled: false })
  expect(await runDurableObjectAlarm(merchant())).toBe(true)
  expect(await atTheEdge()).toMatchObject({ disabled: true })
  expect(await owes()).toBe(false)
})
