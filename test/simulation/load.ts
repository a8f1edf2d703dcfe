/**
 * `npm run simulate -- --load`: what the wallet's sweep costs the provider, and how soon a result is noticed, at
 * several loads and budgets; beside them the loop that the provider documents. The real objects in virtual time,
 * over the published settling times, with nothing going wrong.
 */
import { walletByName } from '../../src/env'
import { Book } from '../../src/merchant/book'
import { Merchant } from '../../src/merchant/merchant'
import { OPERATOR_WALLET, orderName, upstreamRef } from '../../src/order/name'
import { Order } from '../../src/order/order'
import type { Order as OrderRecord } from '../../src/order/state'
import { walletOf } from '../../src/provider/account'
import { Wallet } from '../../src/provider/wallet'
import { Reconciler } from '../../src/reconcile/reconciler'
import { Dice, mix } from './dice'
import { Faults } from './faults'
import { Kernel, type Life } from './kernel'
import { Platform, WORLD } from './platform'
import type { Fate } from './provider-fates'
import { type Habits, Provider } from './provider-model'
import { Progress, say } from './report'
import { SILENT } from './trace'
import { inhabit, replaceGlobals } from './web'

interface Load {
  readonly ordersPerSecond: number
  readonly readsPerMinute: number
  readonly orders: number
}

interface Measured {
  /** Of list and look-ups. */
  readonly readsPerOrder: number
  /** Of the statement, while orders were open. */
  readonly accountReadsPerOrder: number
  readonly noticedMs: { readonly median: number; readonly p99: number; readonly most: number }
}

const STARTS_AT = Date.UTC(2026, 10, 23)
const MERCHANT = 'm1'
const LIMIT_MS = 24 * 3_600_000
/** The documented loop: every 5 s until it is final. */
const LOOP_MS = 5_000
/** Answers of the loop take as long as ours. */
const LOOK_MS: readonly [number, number] = [40, 150]

/** The wallet at its defaults (120 reads a minute), at the budget that 0.1 reads per order are at 50 orders/s, and around it. */
const LOADS: readonly Load[] = [
  { ordersPerSecond: 0.01, readsPerMinute: 120, orders: 200 },
  { ordersPerSecond: 1, readsPerMinute: 120, orders: 400 },
  { ordersPerSecond: 10, readsPerMinute: 120, orders: 1_000 },
  { ordersPerSecond: 10, readsPerMinute: 300, orders: 1_000 },
  ...[120, 300, 360].map((readsPerMinute) => ({
    ordersPerSecond: 50,
    readsPerMinute,
    orders: 3_000,
  })),
]
/** Published: PENDING 2 to 15 s, then HANDLING 3 to 8 s; 5 to 30 s in all, so one in twenty takes the rest of it. */
function publishedFate(acceptedAt: number, key: number, dice: Dice): Fate {
  const handledAt = acceptedAt + dice.between(key, 'pending', 2_000, 15_000)
  const usually = handledAt + dice.between(key, 'handling', 3_000, 8_000)
  const slowly = acceptedAt + dice.between(key, 'slowly', 15_000, 30_000)
  const at = dice.unit(key, 'is_slow') < 0.05 ? Math.max(usually, slowly) : usually
  const status = dice.unit(key, 'refunded') < 0.05 ? 'REFUNDED' : 'FULFILLED'
  return [
    { at: acceptedAt, status: 'PENDING' },
    { at: handledAt, status: 'HANDLING' },
    { at, status },
  ]
}

const HABITS: Habits = {
  fateOf: publishedFate,
  rowsAPage: 100,
  sendTakesMs: [80, 400],
  lookTakesMs: LOOK_MS,
  listTakesMs: [60, 200],
}

/** Answers the exit code. */
export async function simulateLoads(seed: number): Promise<number> {
  replaceGlobals()
  say(`seed ${seed}`)
  const progress = new Progress(LOADS.length)
  say(
    'orders/s  reads/min  reads per order  books per order  noticed after (ms): median    p99   most  loop of 5 s: reads  median    p99',
  )
  for (const [at, load] of LOADS.entries()) {
    progress.at(at, `${load.ordersPerSecond} orders/s`)
    const { swept, loop } = await measure(load, seed)
    progress.end()
    const { noticedMs } = swept
    say(
      [
        String(load.ordersPerSecond).padStart(8),
        String(load.readsPerMinute).padStart(11),
        swept.readsPerOrder.toFixed(3).padStart(17),
        swept.accountReadsPerOrder.toFixed(3).padStart(17),
        String(noticedMs.median).padStart(28),
        String(noticedMs.p99).padStart(7),
        String(noticedMs.most).padStart(7),
        loop.readsPerOrder.toFixed(2).padStart(20),
        String(loop.noticedMs.median).padStart(8),
        String(loop.noticedMs.p99).padStart(7),
      ].join(''),
    )
  }
  return 0
}

/** The sweep and the documented loop over the same top-ups. */
async function measure(load: Load, seed: number): Promise<{ swept: Measured; loop: Measured }> {
  const kernel = new Kernel(STARTS_AT)
  const dice = new Dice(mix(seed, load.orders))
  const faults = new Faults(dice, { enabled: new Set(), only: null }, () => undefined)
  const parts = { kernel, dice, faults, trace: SILENT }
  const provider = new Provider(parts, keyOf, HABITS)
  const network = { serverOf: () => provider }
  const classes = { ORDER: Order, WALLET: Wallet, MERCHANT: Merchant, BOOK: Book, RECONCILER: Reconciler }
  const platform = new Platform({ ...parts, network }, classes)
  inhabit(platform)
  try {
    await send(platform, load)
    await kernel.run(STARTS_AT + LIMIT_MS)
    return { swept: sweptOf(platform, provider, load), loop: loopOf(provider, dice) }
  } finally {
    platform.close()
    inhabit(null)
  }
}

async function send(platform: Platform, { ordersPerSecond, readsPerMinute, orders }: Load): Promise<void> {
  const { kernel, dice } = platform
  const edge: Life = { name: 'edge', alive: true }
  const env = platform.envOf(edge)
  void walletByName(env, OPERATOR_WALLET).change({ readsPerMinute, sendsPerMinute: 60_000 })
  const { wallet, account } = await walletOf(env, {
    merchantId: MERCHANT,
    environment: 'production',
    ownAccount: null,
  })
  let at = 1_000
  for (let key = 0; key < orders; key++) {
    at -= (Math.log(1 - dice.unit(key, 'arrives')) * 1_000) / ordersPerSecond
    const ref = `r${key}`
    const name = await orderName(MERCHANT, 'production', ref)
    platform.know('ORDER', name, key)
    const request = { planCode: 'PREPAID_MOBILIS', msisdn: '0661234567', amountDzd: 500 }
    const names = { merchantId: MERCHANT, environment: 'production', ref, wallet, account } as const
    const intent = { ...names, upstreamRef: upstreamRef(wallet, MERCHANT, ref), request, callback: null }
    const asked = { objection: null, warnings: [], limited: false, valueDzd: 500 }
    const terms = { ...asked, allowDuplicate: false, refusesDown: false, folds: false }
    kernel.after(at, edge, () => void env.ORDER.get(env.ORDER.idFromName(name)).send(intent, terms))
  }
}

function sweptOf(platform: Platform, provider: Provider, { orders }: Load): Measured {
  const finalAt = new Map(
    provider.view().topups.map(({ upstreamRef, statuses }) => [upstreamRef, statuses.at(-1)?.at ?? 0]),
  )
  const noticed = platform.disksOf('ORDER').map(({ kv }) => {
    const order = kv.get('order') as OrderRecord // the edge of the model: the object wrote it
    return (order.settledAt ?? Number.POSITIVE_INFINITY) - (finalAt.get(order.intent.upstreamRef) ?? 0)
  })
  const { calls } = provider.view()
  const looks = calls.filter(({ kind }) => kind !== 'send')
  // What is read of an account that rests belongs to no order.
  const lastAt = looks.at(-1)?.at ?? 0
  const account = provider.accountReads.filter((at) => at <= lastAt)
  return {
    readsPerOrder: looks.length / orders,
    accountReadsPerOrder: account.length / orders,
    noticedMs: spread(noticed),
  }
}

function loopOf(provider: Provider, dice: Dice): Measured {
  let reads = 0
  const noticed = provider.view().topups.map(({ acceptedAt, statuses }, key) => {
    const afterMs = (statuses.at(-1)?.at ?? 0) - acceptedAt
    const asked = Math.ceil(afterMs / LOOP_MS)
    reads += asked
    return asked * LOOP_MS - afterMs + dice.between(key, 'loop', ...LOOK_MS)
  })
  return { readsPerOrder: reads / noticed.length, accountReadsPerOrder: 0, noticedMs: spread(noticed) }
}

function spread(values: readonly number[]): Measured['noticedMs'] {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (share: number) =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0)
  return { median: at(0.5), p99: at(0.99), most: at(1) }
}

function keyOf(ref: string): number {
  const digits = /r(\d+)$/.exec(ref)?.[1]
  return digits === undefined ? WORLD : Number(digits)
}
