/**
 * What one order costs, counted; `npm run cost` turns it into dollars. Whoever changes it on purpose records it anew:
 * `npm test -- --project worker test/worker/cost.test.ts -u`.
 */
import { createScheduledController, runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, expect, it, vi } from 'vitest'
import { merchantById, walletByName } from '../../src/env'
import worker from '../../src/index'
import { OPERATOR_WALLET } from '../../src/order/name'
import { type Bill, startBill } from './bill'
import {
  answering,
  checkRef,
  env,
  forgetWallet,
  newWorld,
  orderOf,
  registerEndpoint,
  send,
  success,
  type World,
  walletLooks,
} from './world'

/** Until nothing comes any more: what an answer does not wait for. */
const QUIET_MS = 300

const counts: Record<string, Bill & { readonly alarmRuns: number }> = {}
const wallet = () => walletByName(env, OPERATOR_WALLET)

/** The endpoint is still to be made. */
let isFirst = true

/** The first order of a merchant also makes tables and reads his key; the first of an account begins its audit. */
async function warmedUp(ref: string): Promise<World> {
  const world = newWorld()
  const pagination = { page: 1, pageSize: 100, totalPages: 1, totalResults: 0 }
  answering('/v3/account/transactions', () => success({ items: [], pagination }))
  if (isFirst) await registerEndpoint()
  isFirst = false
  await send(ref)
  await runDurableObjectAlarm(wallet())
  // The endpoint is proven, and nothing was held for it.
  await runDurableObjectAlarm(merchantById(env, 'demo'))
  await pause(QUIET_MS)
  return world
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

afterEach(() => {
  vi.restoreAllMocks()
})

/** `act` answers how many alarms ran. */
async function bill(name: string, act: () => Promise<number>): Promise<void> {
  const end = await startBill()
  const alarmRuns = await act()
  await pause(QUIET_MS)
  const counted = end()
  // The sweep's looks are the wallet's own; here the test made them.
  const { 'Wallet.look': _, ...calls } = counted.calls
  counts[name] = { ...counted, calls, alarmRuns }
}

async function cron(minute: number): Promise<void> {
  const scheduledTime = new Date(Date.UTC(2026, 1, 1, 12, minute))
  await worker.scheduled(createScheduledController({ cron: '* * * * *', scheduledTime }), env)
}

it('an order that is sent, asked for four times, swept, settled and called back', async () => {
  const world = await warmedUp('cost-first')
  const order = await orderOf('cost-1')
  await bill('order', async () => {
    await send('cost-1')
    // The test looks in its place, at its own times: what the sweep tells an order is what is new to it.
    await forgetWallet()
    await walletLooks('cost-1')
    for (const status of ['PENDING', 'HANDLING']) {
      world.settle('cost-1', status)
      await checkRef('cost-1')
      if (status === 'HANDLING') await walletLooks('cost-1')
    }
    world.settle('cost-1', 'FULFILLED')
    await walletLooks('cost-1')
    await world.received(1)
    await pause(QUIET_MS)
    await checkRef('cost-1')
    await checkRef('cost-1')
    expect(await runDurableObjectAlarm(order)).toBe(true)
    return 1
  })
})

it('what is done for a merchant each minute and each quarter of an hour, and for an account at each audit', async () => {
  await warmedUp('cost-second')
  const account = wallet()
  await bill('minute', async () => {
    await cron(7)
    return 0
  })
  await bill('quarter', async () => {
    await cron(0)
    return 0
  })
  await bill('audit', async () => Number(await runDurableObjectAlarm(account)))
})

it('is what it was', async () => {
  await expect(`${JSON.stringify(counts, null, 2)}\n`).toMatchFileSnapshot('../../scripts/cost/counts.json')
})
