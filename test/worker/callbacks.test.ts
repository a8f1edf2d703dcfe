/** Callbacks where the objects around the order fail. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { merchantById } from '../../src/env'
import { Merchant } from '../../src/merchant/merchant'
import { Wallet } from '../../src/provider/wallet'
import {
  checkRef,
  env,
  newWorld,
  orderOf,
  patchEndpoint,
  registerEndpoint,
  send,
  type World,
  walletLooks,
} from './world'

let world: World
let endpoint: string

beforeAll(async () => {
  newWorld()
  endpoint = (await registerEndpoint()).data.id
  await patchEndpoint(endpoint, { state: 'active' })
})
beforeEach(() => {
  world = newWorld()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const callbackOf = async (ref: string) => (await checkRef(ref)).data.gateway.callback

/** How many releases of held events are under way. */
function releases(): Promise<number> {
  const merchant = merchantById(env, 'demo')
  return runInDurableObject(merchant, (_, { storage }) => [...storage.kv.list({ prefix: 'release:' })].length)
}

it('a held event is delivered although its release failed', async () => {
  const ref = 'release-fails'
  await patchEndpoint(endpoint, { state: 'paused' })
  await send(ref)
  world.settle(ref, 'FULFILLED')
  await walletLooks(ref)
  await vi.waitFor(async () => expect(await callbackOf(ref)).toBe('held'))

  const asked = vi.spyOn(Merchant.prototype, 'callbackTargets').mockImplementation(() => {
    throw new Error('reset because its code was updated')
  })
  await patchEndpoint(endpoint, { state: 'active' })
  await vi.waitFor(() => expect(asked).toHaveBeenCalled())
  asked.mockRestore()
  // By the order's own alarm: the next release would be half a minute away.
  await vi.waitFor(async () => expect(await callbackOf(ref)).toBe('delivered'), 10_000)
  expect(await releases()).toBe(1)
}, 25_000)

it('a retry leaves on time although the wallet cannot be reached', async () => {
  const ref = 'wallet-down'
  await send(ref)
  world.settle(ref, 'UNKNOWN_ERROR')
  world.onCallback(500)
  await walletLooks(ref)
  await world.received(1)
  await vi.waitFor(async () => expect(await callbackOf(ref)).toBe('pending'))
  vi.spyOn(Wallet.prototype, 'look').mockRejectedValue(new Error('overloaded'))
  vi.setSystemTime(Date.now() + 60_000)
  await runDurableObjectAlarm(await orderOf(ref))
  vi.useRealTimers()
  expect((await world.received(2)).type).toBe('topup.unknown')
})

it('a ref that the provider has settled already is told of at once', async () => {
  const ref = 'settled-before'
  const body = { plan_code: 'PREPAID_MOBILIS', MSSIDN: '0661234567', amount: 500 }
  world.accepted.set(`demo.${ref}`, { id: 'a'.repeat(24), status: 'FULFILLED', body })
  expect((await send(ref)).data.gateway.final).toBe(true)
  expect((await world.received(1)).type).toBe('topup.fulfilled')
})
