/** Which data points an order leaves, as the dataset gets them. */
import { runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import {
  checkRef,
  demoBook,
  env,
  failure,
  newWorld,
  orderOf,
  patchEndpoint,
  registerEndpoint,
  send,
  type World,
  walletLooks,
} from './world'

const PLAN = 'PREPAID_MOBILIS'

let world: World
let points: AnalyticsEngineDataPoint[]

beforeEach(() => {
  world = newWorld()
  points = []
  vi.spyOn(env.METRICS, 'writeDataPoint').mockImplementation((point) => {
    if (point !== undefined) points.push(point)
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const of = (fact: string) => points.filter(({ blobs }) => blobs?.[0] === fact)

it('an order leaves three: its send, its callback, and that it is final', async () => {
  await patchEndpoint((await registerEndpoint()).data.id, { state: 'active' })
  await send('metrics-1')
  world.settle('metrics-1', 'FULFILLED')
  await walletLooks('metrics-1')
  await vi.waitFor(() => expect(of('callback')).toHaveLength(1))

  const [sent, settled, called] = [of('send')[0], of('settled')[0], of('callback')[0]]
  expect(sent?.blobs).toEqual(['send', 'production', PLAN, 'accepted', '', 'provider'])
  expect(settled?.blobs).toEqual(['settled', 'production', PLAN, 'FULFILLED'])
  expect(settled?.doubles?.slice(1)).toEqual([0, 1])
  expect(called?.blobs).toEqual(['callback', 'production', 'delivered', '2xx'])
  expect(points).toHaveLength(3)
  for (const { indexes } of points) expect(indexes).toEqual(['demo'])
  for (const secret of ['0661234567', 'metrics-1', 'rsd_live_demo', 'local-access-token'])
    expect(JSON.stringify(points)).not.toContain(secret)
})

it('doubt is told with its reason, and how long it lasted with the end', async () => {
  world.onSend(() => failure(500, 'INTERNAL_ERROR'), { accept: true })
  await send('metrics-2')
  expect(of('send')[0]?.blobs?.slice(3)).toEqual(['in_doubt', 'http_500', 'provider'])
  vi.setSystemTime(Date.now() + 40_000)
  world.settle('metrics-2', 'FULFILLED')
  await walletLooks('metrics-2')
  const [sinceSend, inDoubt] = of('settled')[0]?.doubles ?? []
  expect(inDoubt).toBeGreaterThanOrEqual(40)
  expect(sinceSend).toBeGreaterThanOrEqual(inDoubt ?? 0)
})

it('a refusal is told with its code, and whose it is', async () => {
  world.onSend(() => failure(403, 'INSUFFICIENT_BALANCE'))
  await send('metrics-3')
  expect(of('send')[0]?.blobs?.slice(3)).toEqual(['refused', 'INSUFFICIENT_BALANCE', 'provider'])
})

it('a reversal is no second settlement', async () => {
  await send('metrics-4')
  for (const status of ['FULFILLED', 'REFUNDED']) {
    world.settle('metrics-4', status)
    await walletLooks('metrics-4')
  }
  expect(of('settled')).toHaveLength(1)
  expect(of('reversed')[0]?.blobs).toEqual(['reversed', 'production', PLAN, 'REFUNDED'])
})

it('an order that is open for a day is told once', async () => {
  await send('metrics-5')
  vi.setSystemTime(Date.now() + 25 * 3_600_000)
  for (let look = 0; look < 2; look++) await walletLooks('metrics-5')
  expect(of('flagged').map(({ blobs }) => blobs)).toEqual([['flagged', 'production', PLAN]])
})

it('the watchdog tells how many it woke', async () => {
  await send('metrics-6')
  await runInDurableObject(await orderOf('metrics-6'), (_, state) => state.storage.deleteAlarm())
  expect(await demoBook().wakeOverdue(Date.now() + 60_000)).toBeGreaterThan(0)
  expect(of('woken')[0]?.indexes).toEqual(['demo'])
})

it('the watchdog measures the book once an hour', async () => {
  await send('metrics-8')
  vi.setSystemTime(Date.now() + 3_600_000)
  for (let minute = 0; minute < 3; minute++) await demoBook().wakeOverdue(0)
  expect(of('book')).toHaveLength(1)
  expect(of('book')[0]?.doubles?.[0]).toBeGreaterThan(4_096)
})

it('five sends in doubt open the breaker, which is an incident of the wallet', async () => {
  for (let order = 0; order < 5; order++) {
    world.onSend(() => failure(500, 'INTERNAL_ERROR'), { accept: true })
    await send(`metrics-doubt-${order}`)
  }
  const incidents = of('incident').filter(({ blobs }) => blobs?.[2] === 'breaker_open')
  expect(incidents.map(({ indexes, blobs }) => [indexes, blobs?.slice(1)])).toEqual([
    [['operator'], ['production', 'breaker_open', 'sends_in_doubt']],
  ])
})

it('an order goes its way where no point can be written', async () => {
  vi.mocked(env.METRICS.writeDataPoint).mockImplementation(() => {
    throw new Error('no points today')
  })
  expect((await send('metrics-7')).status).toBe(200)
  world.settle('metrics-7', 'FULFILLED')
  await walletLooks('metrics-7')
  expect((await checkRef('metrics-7')).data.status).toBe('FULFILLED')
})
