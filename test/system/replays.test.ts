import { beforeAll, describe, expect, it } from 'vitest'
import { expectError } from './client'
import { eventually, type Gateway, startGateway } from './harness'
import { expectAllGenuine, openShop, type Shop } from './shop'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})

const REFS = ['first', 'second', 'third']

async function over(shop: Shop, id: string) {
  return await eventually('the replay to be over', async () => {
    const { json } = await shop.call('GET', `/v1/replays/${id}`)
    return json.data.finished_at !== null && json.data
  })
}

describe.concurrent('a bulk replay', () => {
  it('counts when asked to, then makes the deliveries again, same ids and bytes', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const { merchant } = await shop.receiver()
    for (const ref of REFS) await shop.send(ref)
    await eventually('all to be delivered', async () => {
      return (await shop.deliveries('state=delivered')).length === REFS.length
    })
    const filter = { refs: REFS.slice(1), status: 'delivered', event_type: 'topup.fulfilled' }
    const dry = await shop.call('POST', '/v1/replays', { ...filter, dry_run: true })
    expect([dry.status, dry.json.data]).toEqual([200, { matched: 2 }])
    const made = await shop.call('POST', '/v1/replays', filter)
    expect(made.status, made.text).toBe(202)
    expect(made.json.data).toMatchObject({ matched: 2, skipped: {} })
    expect(await over(shop, made.json.data.id)).toMatchObject({ state: 'complete', done: 2, skipped: {} })

    await merchant.received(5)
    const again = merchant.callbacks.filter(({ headers }) => headers['webhook-replay'] === 'true')
    expect(again.map(({ body }) => body.data.ref).toSorted()).toEqual(['second', 'third'])
    for (const { headers, rawBody } of again) {
      const first = merchant.callbacks.find((one) => one.headers['webhook-id'] === headers['webhook-id'])
      expect(first?.rawBody).toBe(rawBody)
      expect(first?.headers).not.toHaveProperty('webhook-replay')
    }
    const listed = await shop.call('GET', '/v1/replays')
    expect(listed.json.data.items.map(({ id }: { id: string }) => id)).toEqual([made.json.data.id])
    // What is over cannot be cancelled, and says so by its state.
    const cancelled = await shop.call('POST', `/v1/replays/${made.json.data.id}/cancel`)
    expect(cancelled.json.data.state).toBe('complete')
  })

  it('takes a thousand refs, and no field that it does not know', async () => {
    const shop = await openShop(gateway, 'sandbox')
    const refs = (count: number) => Array.from({ length: count }, (_, n) => `${'r'.repeat(100)}-${n}`)
    const dry = await shop.call('POST', '/v1/replays', { refs: refs(1_000), dry_run: true })
    expect([dry.status, dry.json.data]).toEqual([200, { matched: 0 }])
    expectError(await shop.call('POST', '/v1/replays', { refs: refs(1_001) }), 400, 'ERR_VALIDATION')
    expectError(await shop.call('POST', '/v1/replays', { state: 'failed' }), 400, 'ERR_VALIDATION')
    expectError(await shop.call('POST', '/v1/replays', { refs: refs(3_000) }), 413, 'PAYLOAD_TOO_LARGE')
  })
})

it('and everything that was received was signed', async () => {
  expect(await expectAllGenuine(gateway)).toBe(5)
})
