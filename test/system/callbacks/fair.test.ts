/** FAIR: a receiver that is slow or dead takes nothing from another. By the order of events, not by the clock. */
import type { ServerResponse } from 'node:http'
import { beforeAll, expect, it } from 'vitest'
import type { Merchant } from '../merchant'
import { countIn, openSuite, REFUNDED, RETRY_MS, receiverOf, refOf, type Suite, together } from './gateway'

/** Beside the one that answers, a merchant has room for nine. */
const HANGING = 9
const QUEUED = 200
/** A silent receiver is asked again after 15 s, 30 s, a minute, two. */
const RECOVERY_MS = 420_000

let suite: Suite
beforeAll(async () => {
  suite = await openSuite()
})

/** Does not answer before it is told to; `asked` once it was called, `givenUp` once somebody lost patience. */
function hanging(merchant: Merchant) {
  const released = Promise.withResolvers<void>()
  const asked = Promise.withResolvers<void>()
  const givenUp = Promise.withResolvers<void>()
  const by = async (response: ServerResponse) => {
    response.once('close', () => response.writableFinished || givenUp.resolve())
    asked.resolve()
    await released.promise
    response.writeHead(204).end()
  }
  merchant.answer({ by })
  return { asked: asked.promise, givenUp: givenUp.promise, release: released.resolve }
}

/** The name of what happens first. */
function first(happenings: Record<string, Promise<unknown>>): Promise<string> {
  return Promise.race(
    Object.entries(happenings).map(async ([name, happening]) => {
      await happening
      return name
    }),
  )
}

together('FAIR', () => {
  it('nine endpoints that hang: the tenth is called while all of them still hang', {
    timeout: RETRY_MS,
  }, async () => {
    const [shop, ref] = [await suite.shop(), refOf('beside')]
    const silent = await Promise.all(
      Array.from({ length: HANGING }, async () => hanging((await receiverOf(suite, shop)).merchant)),
    )
    const { merchant } = await receiverOf(suite, shop)
    await shop.send(ref)
    const givenUp = Promise.race(silent.map((one) => one.givenUp))
    const allCalled = Promise.all([merchant.received(1), ...silent.map(({ asked }) => asked)])
    expect(await first({ allCalled, givenUp })).toBe('allCalled')
    for (const { release } of silent) release()
    await countIn(shop, 'delivered', HANGING + 1)
  })

  it('an endpoint that hangs does not delay the second attempt at another', {
    timeout: RETRY_MS,
  }, async () => {
    const [shop, ref] = [await suite.shop(), refOf('behind')]
    const { asked, givenUp, release } = hanging((await receiverOf(suite, shop)).merchant)
    const { merchant } = await receiverOf(suite, shop)
    merchant.answerNext({ status: 500 })
    await shop.send(ref)
    await asked
    // 5 s after the first, while a receiver may take 10 s.
    expect(await first({ second: merchant.received(2), givenUp })).toBe('second')
    release()
  })

  it(`one top-up is told while ${QUEUED} wait for an endpoint that is dead; none of them is lost`, {
    timeout: RECOVERY_MS,
  }, async () => {
    const shop = await suite.shop()
    const dead = await receiverOf(suite, shop, { events: ['topup.fulfilled'] })
    dead.merchant.answer({ status: 500 })
    const live = await receiverOf(suite, shop, { events: ['topup.refunded'] })
    const refs = Array.from({ length: QUEUED }, (_, index) => refOf(`queued ${index}`)).sort()
    await inTens(refs, (ref) => shop.send(ref))
    await dead.merchant.received(1)

    const ref = refOf('beside the queue')
    await shop.send(ref, REFUNDED)
    expect((await live.merchant.received(1)).body.data.ref).toBe(ref)
    await countIn(shop, 'delivered', 1)

    dead.merchant.answer({})
    await countIn(shop, 'delivered', QUEUED + 1, RECOVERY_MS)
    const told = new Set(dead.merchant.callbacks.map(({ body }) => body.data.ref))
    expect([...told].sort()).toEqual(refs)
  })
})

async function inTens(refs: readonly string[], act: (ref: string) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < refs.length; start += 10) {
    await Promise.all(refs.slice(start, start + 10).map(act))
  }
}
