/** Callbacks when the resolver fails: our own fault, which costs the merchant nothing. */
import { runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, expect, it, vi } from 'vitest'
import {
  answering,
  checkRef,
  demoBook,
  newWorld,
  orderOf,
  patchEndpoint,
  registerEndpoint,
  send,
  walletLooks,
} from './world'

afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const resolver = (answer: () => Response) => answering('/dns-query', answer)
const publicAddress = () => Response.json({ Status: 0, Answer: [{ type: 1, data: '8.8.8.8' }] })

it('a callback whose host could not be looked up is not an attempt, and is delivered once the resolver is back', async () => {
  const ref = 'resolver-down'
  const world = newWorld()
  const received: Request[] = []
  answering('/hook', async (request) => {
    const { data } = await request.clone().json<{ data: { challenge?: string } }>()
    if (data.challenge !== undefined) return Response.json({ challenge: data.challenge })
    received.push(request)
    return new Response(null, { status: 204 })
  })
  resolver(publicAddress)
  const endpoint = (await registerEndpoint('https://shop.dz/hook')).data.id
  expect((await patchEndpoint(endpoint, { state: 'active' })).data.state).toBe('active')

  const down = resolver(() => new Response('bad gateway', { status: 502 }))
  await send(ref)
  world.settle(ref, 'FULFILLED')
  await walletLooks(ref)
  const deliveries = async () => {
    const { items } = await demoBook().deliveries({
      environment: 'production',
      state: null,
      endpointId: endpoint,
      ref,
      limit: 10,
      before: null,
    })
    return items.map(({ delivery }) => JSON.parse(JSON.stringify(delivery)))
  }
  await vi.waitFor(async () => {
    expect(await deliveries()).toMatchObject([{ state: 'pending', reason: 'not_tried', attempts: [] }])
  })
  expect(down.tokens.length).toBeGreaterThan(0)
  expect(received).toEqual([])

  resolver(publicAddress)
  vi.setSystemTime(Date.now() + 60_000)
  await runDurableObjectAlarm(await orderOf(ref))
  vi.useRealTimers()
  await vi.waitFor(async () => {
    expect((await checkRef(ref)).data.gateway.callback).toBe('delivered')
  })
  expect(received).toHaveLength(1)
  expect(received[0]?.headers.get('webhook-attempt')).toBe('1')
  expect(await deliveries()).toMatchObject([{ state: 'delivered', attempts: [{ outcome: 'delivered' }] }])
})
