/** ORDER: a receiver that ignores what is not newer ends in the true state. Any order at all: test/unit/callback/newest-wins.test.ts. */
import { beforeAll, expect, it } from 'vitest'
import type { Received } from '../merchant'
import {
  FULFILLED,
  openSuite,
  receiverOf,
  refOf,
  type Suite,
  together,
  UNKNOWN_THEN_FULFILLED,
  UNKNOWN_THEN_REFUNDED,
} from './gateway'

/** An unknown order is looked at again after 30 s at the earliest. */
const UNKNOWN_MS = 180_000

let suite: Suite
beforeAll(async () => {
  suite = await openSuite()
})

/** The one rule, as documented. */
function believed(callbacks: readonly Received[]) {
  let known = { state_version: 0, status: 'none', final: false }
  for (const { body } of callbacks) if (body.data.state_version > known.state_version) known = body.data
  return known
}

const versions = (callbacks: readonly Received[]) => callbacks.map(({ body }) => body.data.state_version)

together('ORDER', () => {
  it('an older truth that arrives last changes nothing', { timeout: UNKNOWN_MS }, async () => {
    const [shop, ref] = [await suite.shop(), refOf('overtaken')]
    const { merchant } = await receiverOf(suite, shop)
    // Puts "unknown" off until after the settlement.
    merchant.answerNext({ status: 429, headers: { 'Retry-After': '75' } })
    await shop.send(ref, UNKNOWN_THEN_FULFILLED)
    await merchant.received(3, UNKNOWN_MS)
    const [, ...accepted] = merchant.callbacks
    expect(versions(accepted)).toEqual([3, 2])
    expect(believed(accepted)).toMatchObject({ state_version: 3, status: 'FULFILLED', final: true })
  })

  it('a callback whose answer was lost comes twice; the state is the same', {
    timeout: UNKNOWN_MS,
  }, async () => {
    const [shop, ref] = [await suite.shop(), refOf('doubled')]
    const { merchant } = await receiverOf(suite, shop)
    // Both were taken in; the gateway cannot know.
    merchant.answerNext({ destroy: true })
    await shop.send(ref, UNKNOWN_THEN_REFUNDED)
    await merchant.received(2, UNKNOWN_MS)
    merchant.answerNext({ destroy: true })
    await merchant.received(4, UNKNOWN_MS)
    expect(versions(merchant.callbacks)).toEqual([2, 2, 3, 3])
    expect(new Set(merchant.callbacks.map(({ headers }) => headers['webhook-id'])).size).toBe(2)
    expect(believed(merchant.callbacks)).toMatchObject({ state_version: 3, status: 'REFUNDED', final: true })
    const look = await shop.call('GET', `/v3/mobile/check-ref/${encodeURIComponent(ref)}`)
    expect(look.json.data).toMatchObject({ status: 'REFUNDED', gateway: { final: true, state_version: 3 } })
  })

  it('each event says which status came before it', async () => {
    const [shop, ref] = [await suite.shop(), refOf('plain')]
    const { merchant } = await receiverOf(suite, shop)
    await shop.send(ref, FULFILLED)
    expect((await merchant.received(1)).body.data).toMatchObject({
      state_version: 2,
      previous_status: 'PENDING',
      final: true,
    })
  })
})
