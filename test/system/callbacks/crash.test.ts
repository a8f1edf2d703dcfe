/**
 * CRASH: every process of the gateway killed with -9, and started again on the same storage. Needs the process, so
 * it runs only locally. Under load, with the provider failing too: test/system/kill.test.ts.
 */
import { describe, expect, it } from 'vitest'
import { reach } from '../harness'
import { type LocalGateway, startLocalGateway, temporaryStorage } from '../local'
import { startMerchant } from '../merchant'
import { openShop, shopWithKey } from '../shop'
import { expectGenuine } from '../signature'
import { about, countIn, FULFILLED_IN_20_S, RETRY_MS, refOf, remote } from './gateway'

const RESTART_MS = 300_000

/** A gateway that can be killed and comes back at its address, a merchant, and his one receiver. */
async function world() {
  const storage = temporaryStorage()
  let gateway: LocalGateway = await startLocalGateway({ storage })
  const { port, url } = gateway
  const { key } = await openShop(gateway, 'sandbox')
  const shop = shopWithKey(reach(url), key)
  const merchant = await startMerchant()
  const endpoint = await shop.register(merchant.url)
  return {
    shop,
    merchant,
    kill: () => gateway.kill(),
    async restart() {
      gateway = await startLocalGateway({ storage, port })
    },
    async expectAllGenuine() {
      for (const callback of merchant.callbacks) await expectGenuine(gateway, callback, endpoint)
    },
  }
}

describe.skipIf(remote).concurrent('CRASH (local only: kills the gateway)', () => {
  it('after the send, before the status: the callback comes', { timeout: RESTART_MS }, async () => {
    const { shop, merchant, kill, restart, expectAllGenuine } = await world()
    const ref = refOf('before anything')
    await shop.send(ref, FULFILLED_IN_20_S)
    await kill()
    expect(merchant.callbacks).toEqual([])
    await restart()
    expect((await merchant.received(1, RETRY_MS)).body.data).toMatchObject({ ref, status: 'FULFILLED' })
    await shop.deliveryIn('delivered', about(ref), RETRY_MS)
    await expectAllGenuine()
  })

  it('after the callback left, before its answer: it comes again with the same id and bytes', {
    timeout: RESTART_MS,
  }, async () => {
    const { shop, merchant, kill, restart, expectAllGenuine } = await world()
    const ref = refOf('under way')
    merchant.answerNext({ hang: true })
    await shop.send(ref)
    const first = await merchant.received(1)
    await kill()
    await restart()
    const again = await merchant.received(2, RETRY_MS)
    expect(again.rawBody).toBe(first.rawBody)
    expect(again.headers['webhook-id']).toBe(first.headers['webhook-id'])
    expect(again.headers['webhook-signature']).not.toBe(first.headers['webhook-signature'])
    await shop.deliveryIn('delivered', about(ref), RETRY_MS)
    await expectAllGenuine()
  })

  it('between two attempts, the receiver down when the gateway is back: delivered once it is up', {
    timeout: RESTART_MS,
  }, async () => {
    const { shop, merchant, kill, restart, expectAllGenuine } = await world()
    const ref = refOf('down')
    merchant.answer({ destroy: true })
    await shop.send(ref)
    await merchant.received(1)
    await kill()
    const before = merchant.callbacks.length
    await restart()
    await merchant.received(before + 1, RETRY_MS)
    merchant.answer({})
    const { attempts } = await shop.deliveryIn('delivered', about(ref), RETRY_MS)
    expect(attempts.at(-1)).toMatchObject({ outcome: 'delivered' })
    expect(new Set(merchant.callbacks.map(({ rawBody }) => rawBody)).size).toBe(1)
    await expectAllGenuine()
  })

  it('after the answer is written down: it does not come again', { timeout: RESTART_MS }, async () => {
    const { shop, merchant, kill, restart, expectAllGenuine } = await world()
    const [ref, next] = [refOf('done'), refOf('next')]
    await shop.send(ref)
    await shop.deliveryIn('delivered', about(ref))
    await kill()
    await restart()
    // Whatever was left to do for the first would be done before this is through.
    await shop.send(next)
    await countIn(shop, 'delivered', 2)
    expect(merchant.callbacks.map(({ body }) => body.data.ref)).toEqual([ref, next])
    await expectAllGenuine()
  })
})
