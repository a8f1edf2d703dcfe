/** An order whose object was emptied: whatever is asked of it is answered as before, and nothing of it reaches the provider. */
import { runInDurableObject } from 'cloudflare:test'
import { exports } from 'cloudflare:workers'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { Book } from '../../src/merchant/book'
import { OPERATOR_WALLET } from '../../src/order/name'
import { ownership } from '../../src/provider/ownership'
import {
  cron,
  DAY_MS,
  demo,
  evict,
  foldedOrder,
  isEmpty,
  later,
  rowOf,
  settled,
  yearLater,
} from './fold-world'
import {
  call,
  checkRef,
  demoBook,
  env,
  newWorld,
  orderOf,
  registerEndpoint,
  send,
  type World,
  walletLooks,
} from './world'

/** The book's silence is waited out for 3 s. */
const TIMEOUT_MS = 20_000
const GATEWAY = 'http://localhost:8787'

let world: World
let count = 0
const newRef = () => `folded-${++count}`

beforeAll(async () => {
  newWorld()
  await registerEndpoint()
})
beforeEach(() => {
  world = newWorld()
})
afterEach(() => {
  vi.restoreAllMocks()
})
afterAll(() => {
  vi.useRealTimers()
})

/** What a look-up says, where the edge's cache does not answer for the order. */
async function snapshot(ref: string) {
  return await (await orderOf(ref)).status('demo')
}

describe('before any order of a merchant is folded', () => {
  it('his sends ask the book for nothing', async () => {
    const asked = vi.spyOn(Book.prototype, 'folded')
    expect((await send(newRef())).status).toBe(200)
    expect(asked).not.toHaveBeenCalled()
  })
})

describe('a folded order', () => {
  it('is told by ref and by id as it was', async () => {
    const ref = newRef()
    await settled(world, ref)
    const before = await snapshot(ref)
    const story = (await call('GET', `/v1/orders/${ref}`)).data
    await yearLater()
    await cron()
    await evict(ref)
    expect(await isEmpty(ref)).toBe(true)

    const asked = vi.spyOn(Book.prototype, 'folded')
    expect(await snapshot(ref)).toEqual(before)
    expect(asked).toHaveBeenCalledTimes(1)
    await evict(ref)
    const gateway = { final: true, state_version: 2, next_check_at: null, callback: 'delivered' }
    expect((await checkRef(ref)).data).toMatchObject({ ...before?.topup, gateway })
    await evict(ref)
    const byId = await call('GET', `/v3/mobile/check-id/${before?.topup._id}`)
    expect(byId.data).toMatchObject({ ...before?.topup, gateway })
    await evict(ref)
    const listed = await call('GET', `/v1/orders?ref=${ref}`)
    expect(listed.data.items).toMatchObject([{ ...before?.topup, phase: 'settled' }])
    await evict(ref)
    const { steps, events, deliveries, folded_at, ...rest } = (await call('GET', `/v1/orders/${ref}`)).data
    expect([steps, events, deliveries]).toEqual([[], [], []])
    expect(story).toMatchObject({ ...rest, folded_at: null })
    expect(Date.parse(folded_at)).toBeGreaterThan(Date.parse(story.settled_at))
    expect(await isEmpty(ref)).toBe(true)
  })

  it('has its page for the customer, and for nobody else', async () => {
    const ref = newRef()
    await settled(world, ref)
    const token = (await snapshot(ref))?.statusToken ?? ''
    const page = (path: string) => exports.default.fetch(`${GATEWAY}/t/${path}?lang=en`)
    // All but the steps, whose times were let go with the story, and the moment for which it stands.
    const shown = async (answer: Response) => /<main[\s\S]*<ol/.exec(await answer.text())?.[0]
    const before = await shown(await page(token))
    expect(before).toContain('Credit sent')
    await yearLater()
    await cron()
    await evict(ref)
    expect(await isEmpty(ref)).toBe(true)
    const after = await page(token)
    expect([after.status, await shown(after)]).toEqual([200, before])
    await evict(ref)
    const wrong = token[50] === 'A' ? 'B' : 'A'
    expect((await page(`${token.slice(0, 50)}${wrong}${token.slice(51)}`)).status).toBe(404)
    await evict(ref)
    // Another merchant's book has it not, and an old link names none.
    expect((await page(`${token}2`)).status).toBe(404)
    expect((await page(token.slice(0, 59))).status).toBe(404)
  })

  it('sent again is answered again, and does not reach the provider', async () => {
    const ref = await foldedOrder(world, newRef())
    const id = (await rowOf(ref))?.topupId
    const again = await exports.default.fetch(`${GATEWAY}/v3/mobile/send`, {
      method: 'POST',
      headers: { 'X-Access-Token': 'rsd_live_demo' },
      body: JSON.stringify({ plan_code: 'PREPAID_MOBILIS', MSSIDN: '0661234567', amount: 500, ref }),
    })
    expect([again.status, again.headers.get('Idempotent-Replayed')]).toEqual([200, 'true'])
    expect(await again.json()).toMatchObject({
      data: { topupId: id, topupRef: ref, gateway: { final: true } },
    })
    await evict(ref)
    const answers = await Promise.all(Array.from({ length: 10 }, () => send(ref)))
    expect(new Set(answers.map(({ status, data }) => `${status} ${data.topupId}`))).toEqual(
      new Set([`200 ${id}`]),
    )
    expect(world.sends).toEqual([`demo.${ref}`])
    expect(await isEmpty(ref)).toBe(true)
  })

  it('sent again with another body is a conflict that names it', async () => {
    const ref = await foldedOrder(world, newRef())
    const topupId = (await rowOf(ref))?.topupId
    const again = await send(ref, 600)
    expect(again).toMatchObject({
      status: 403,
      error: { code: 'DUPLICATED_REF', details: { topupId, fields: ['amount'] } },
    })
    expect(world.sends).toHaveLength(1)
  })

  it("is still the owner of its top-up, for the account's books", async () => {
    const ref = await foldedOrder(world, newRef())
    const id = (await rowOf(ref))?.providerId ?? ''
    const asked = (topupId: string) => ownership(env, OPERATOR_WALLET, topupId, `API-1-demo.${ref}`)
    expect(await asked(id)).toBe('ours')
    await evict(ref)
    expect(await asked('f'.repeat(24))).toBe('foreign')
  })

  it('that is reversed after all is an order again, and its own record counts', async () => {
    const ref = await foldedOrder(world, newRef())
    const before = await rowOf(ref)
    await snapshot(ref)
    world.settle(ref, 'REFUNDED')
    await walletLooks(ref)
    expect((await world.received(2)).type).toBe('topup.reversed')
    await vi.waitFor(async () => expect(await rowOf(ref)).toBeNull())
    // As if the book had not heard of it: what it keeps does not matter.
    const place = [(await orderOf(ref)).id.toString(), JSON.stringify(before)]
    await runInDurableObject(demoBook(), (_, { storage }) => {
      storage.sql.exec('INSERT INTO folded VALUES (?, ?)', ...place)
    })
    await evict(ref)
    expect(await snapshot(ref)).toMatchObject({ topup: { status: 'REFUNDED' }, stateVersion: 3 })
    expect((await call('GET', `/v1/orders?ref=${ref}`)).data.items).toMatchObject([{ status: 'REFUNDED' }])
    const { events, folded_at } = (await call('GET', `/v1/orders/${ref}`)).data
    expect(events).toMatchObject([{ type: 'topup.reversed', state_version: 3 }])
    expect(folded_at).not.toBeNull()
  })
})

describe('a new ref of a merchant whose orders are folded', () => {
  beforeEach(async () => {
    await demo().beginFolding()
    later(DAY_MS) // the edge has forgotten what it knew before
  })

  it('is sent once the book has said that it is new', async () => {
    const asked = vi.spyOn(Book.prototype, 'folded')
    const ref = newRef()
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(ref)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    expect(asked).toHaveBeenCalled()
    expect(world.sends).toEqual([`demo.${ref}`])
  })

  it('is not, while the book cannot say so: refused before anything is kept, and free', async () => {
    vi.spyOn(Book.prototype, 'folded').mockImplementation(() => {
      throw new Error('reset because its code was updated')
    })
    const ref = newRef()
    expect(await send(ref)).toMatchObject({ status: 503, error: { code: 'SERVICE_UNAVAILABLE' } })
    expect(await isEmpty(ref)).toBe(true)
    // Nor is it called unknown: it may be an order that was folded.
    expect((await checkRef(ref)).status).toBeGreaterThanOrEqual(500)
    expect(world.sends).toEqual([])
    vi.restoreAllMocks()
    world = newWorld()
    expect((await checkRef(ref)).status).toBe(404)
    expect((await send(ref)).status).toBe(200)
    expect(world.sends).toEqual([`demo.${ref}`])
  })

  it(
    'is not either when the book is silent',
    async () => {
      vi.spyOn(Book.prototype, 'folded').mockImplementation(() => new Promise<null>(() => undefined) as never)
      const ref = newRef()
      expect(await send(ref)).toMatchObject({ status: 503, error: { code: 'SERVICE_UNAVAILABLE' } })
      expect([await isEmpty(ref), world.sends]).toEqual([true, []])
    },
    TIMEOUT_MS,
  )

  it('that is made by the gateway is asked about nowhere', async () => {
    const asked = vi.spyOn(Book.prototype, 'folded')
    expect((await send(undefined)).status).toBe(200)
    expect(asked).not.toHaveBeenCalled()
  })
})
