/** One world: some merchants with some orders, one provider, one platform. Made, run to its end, judged, forgotten. */
import { walletByName } from '../../src/env'
import { Book } from '../../src/merchant/book'
import { Merchant } from '../../src/merchant/merchant'
import { OPERATOR_WALLET, orderName } from '../../src/order/name'
import { Order } from '../../src/order/order'
import type { Rates } from '../../src/provider/pace'
import { Wallet } from '../../src/provider/wallet'
import { Reconciler } from '../../src/reconcile/reconciler'
import { check } from './checker'
import { Cron } from './cron'
import { Dice, mix } from './dice'
import { DNS_HOST, Resolver } from './dns-model'
import { isExcused } from './excused'
import { type FaultChoice, type FaultId, Faults } from './faults'
import { Kernel, type Life } from './kernel'
import { MerchantProgram } from './merchant-program'
import type { Network, Server } from './network'
import { MERCHANTS, Platform, WORLD } from './platform'
import { Provider } from './provider-model'
import { Receiver } from './receiver-model'
import { endpointsView, gatewayView, isInDoubt, lossesView } from './take-views'
import { type Line, SILENT, type Trace, traceInto } from './trace'
import type { Views, Violation } from './views'
import { inhabit } from './web'

export interface WorldSpec {
  /** Of the whole run. */
  readonly seed: number
  readonly number: number
  readonly orders: number
  /** The others are left out; null: none is. */
  readonly onlyOrders: ReadonlySet<number> | null
  readonly faults: FaultChoice
}

export interface WorldResult {
  readonly violations: readonly Violation[]
  readonly excused: number
  readonly injected: readonly FaultId[]
  readonly views: Views
  readonly lines: readonly Line[]
  readonly events: number
  readonly virtualMs: number
}

const STARTS_AT = Date.UTC(2026, 10, 23)
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
/** From here on nothing goes wrong any more, so that everything must come right. */
const FAULTS_END_MS = 36 * HOUR_MS
const LIMIT_MS = 5 * 24 * HOUR_MS
/** Steps go forward and back, and never before the true time: then no order seems older than its world. */
const MOST_AHEAD_MS = 270_000
/** The gateway allows for 5 min between its clock and the provider's; a leap goes beyond. */
const LEAP_MS = 600_000
/** Several times what a bad day takes; beyond that somebody goes round in circles. */
const MOST_EVENTS_AN_ORDER = 300
const MOST_EVENTS = 20_000
const RESTLESS: Violation = { promise: 'comes to rest', ref: '', what: 'something goes round in circles' }
const MOST_OUTAGE_MS = 20 * MINUTE_MS
/** When the account has been in use for long enough to be read, and still is. */
const FOREIGN_SPENDS_MS = [80 * MINUTE_MS, 200 * MINUTE_MS] as const
const MOST_FOREIGN_SPENDS = 3
/** Of the operator's account: less than the 5 to 15 sends that come in a minute, so that they stand in line. */
const FEW_SENDS_A_MINUTE = [6, 30] as const
/** And fewer reads than the sweep would make. */
const FEW_READS_A_MINUTE = [12, 60] as const
const LEAST_ORDERS = 50
const MOST_ORDERS = 150

/** How many orders a world has, unless fewer are left to do. */
export function ordersOf(seed: number, world: number): number {
  return new Dice(mix(seed, world)).between(WORLD, 'orders', LEAST_ORDERS, MOST_ORDERS)
}

export async function runWorld(spec: WorldSpec, isTraced: boolean): Promise<WorldResult> {
  const world = new World(spec, isTraced)
  try {
    return await world.run()
  } finally {
    world.close()
  }
}

class World {
  readonly #spec: WorldSpec
  readonly #lines: Line[] = []
  readonly #kernel = new Kernel(STARTS_AT)
  readonly #dice: Dice
  readonly #faults: Faults
  readonly #trace: Trace
  readonly #provider: Provider
  readonly #resolver: Resolver
  readonly #receivers: Receiver[] = []
  readonly #merchants: MerchantProgram[] = []
  readonly #platform: Platform
  readonly #edge: Life = { name: 'edge', alive: true }

  constructor(spec: WorldSpec, isTraced: boolean) {
    this.#spec = spec
    const kernel = this.#kernel
    const trace = isTraced ? traceInto(this.#lines, kernel) : SILENT
    const dice = new Dice(mix(spec.seed, spec.number))
    const faults = new Faults(dice, spec.faults, (key, what) => trace(key, () => what))
    this.#trace = trace
    this.#dice = dice
    this.#faults = faults
    this.#provider = new Provider({ kernel, dice, faults, trace }, keyOfRef)
    this.#resolver = new Resolver({ kernel, faults })
    const network: Network = { serverOf: (host) => this.#serverOf(host) }
    const classes = { ORDER: Order, WALLET: Wallet, MERCHANT: Merchant, BOOK: Book, RECONCILER: Reconciler }
    this.#platform = new Platform({ kernel, dice, faults, trace, network }, classes)
    inhabit(this.#platform)
    const env = this.#platform.envOf(this.#edge)
    const count = dice.between(WORLD, 'merchants', 2, 3)
    for (let at = 0; at < count; at++) {
      this.#receivers.push(new Receiver({ kernel, dice, faults, trace }, at, keyOfRef))
      const merchant = new MerchantProgram({ kernel, dice, faults, trace, env, edge: this.#edge }, at)
      this.#merchants.push(merchant)
      this.#platform.know('MERCHANT', merchant.id, MERCHANTS + at)
      this.#platform.know('BOOK', merchant.id, MERCHANTS + at)
    }
  }

  async run(): Promise<WorldResult> {
    const kernel = this.#kernel
    await this.#settleIn()
    for (let key = 0; key < this.#spec.orders; key++) {
      const merchant = this.#merchants[key % this.#merchants.length]
      if (merchant === undefined || this.#spec.onlyOrders?.has(key) === false) continue
      this.#platform.know('ORDER', await orderName(merchant.id, 'production', `r${key}`), key)
      void merchant.order(key)
    }
    this.#planBadDays()
    kernel.after(FAULTS_END_MS, null, () => {
      this.#faults.isOver = true
    })
    new Cron(
      this.#platform,
      this.#edge,
      this.#merchants.map(({ id }) => id),
    ).plan()
    const isAtRest = await kernel.run(
      STARTS_AT + LIMIT_MS,
      MOST_EVENTS + MOST_EVENTS_AN_ORDER * this.#spec.orders,
    )
    const views = this.#views()
    const found = [...check(views), ...(isAtRest ? [] : [RESTLESS])]
    const violations = found.filter((violation) => !isExcused(violation, views))
    return {
      violations,
      excused: found.length - violations.length,
      injected: this.#faults.injected,
      views,
      lines: this.#lines,
      events: kernel.events,
      virtualMs: kernel.now - STARTS_AT,
    }
  }

  close(): void {
    this.#platform.close()
    inhabit(null)
  }

  /** Nothing goes wrong while merchants are made: what follows is about orders. */
  async #settleIn(): Promise<void> {
    this.#faults.isOver = true
    void walletByName(this.#platform.envOf(this.#edge), OPERATOR_WALLET).change(this.#rates())
    this.#merchants.forEach((merchant, at) => {
      const receiver = this.#receivers[at]
      const endpoints = this.#dice.between(MERCHANTS + at, 'endpoints', 1, 2)
      void merchant.settleIn(endpoints).then((byPath) => {
        for (const [path, id] of byPath) receiver?.serves(path, id)
        if (receiver !== undefined) receiver.onGone = (id) => void merchant.revive(id)
      })
    })
    await this.#kernel.run(STARTS_AT + HOUR_MS)
    this.#faults.isOver = false
  }

  /** Half of the accounts are as fast as usual in either direction. */
  #rates(): Rates {
    const dice = this.#dice
    const few = (name: string, range: readonly [number, number]) =>
      dice.unit(WORLD, `few_${name}`) < 0.5 ? dice.between(WORLD, name, ...range) : null
    return {
      sendsPerMinute: few('sends_a_minute', FEW_SENDS_A_MINUTE),
      readsPerMinute: few('reads_a_minute', FEW_READS_A_MINUTE),
    }
  }

  #planBadDays(): void {
    const kernel = this.#kernel
    const dice = this.#dice
    for (const [at, receiver] of this.#receivers.entries()) {
      for (const id of receiver.endpointIds) void this.#merchants[at]?.mind(id)
    }
    if (this.#faults.strikes('platform_down', WORLD)) {
      kernel.after(dice.between(WORLD, 'down_at', 0, 900_000), null, () => {
        const forMs = dice.between(WORLD, 'down_for', 10_000, HOUR_MS)
        this.#trace(WORLD, () => `the platform is down for ${forMs} ms`)
        this.#platform.goDown(forMs)
      })
    }
    if (this.#faults.strikes('provider_outage', WORLD)) {
      kernel.after(dice.between(WORLD, 'outage_at', 0, 900_000), null, () => {
        const forMs = dice.between(WORLD, 'outage_for', 5_000, MOST_OUTAGE_MS)
        this.#trace(WORLD, () => `the provider is down for ${forMs} ms`)
        this.#provider.goDown(forMs)
      })
    }
    for (let spend = 0; spend < MOST_FOREIGN_SPENDS; spend++) {
      if (!this.#faults.strikes('foreign_spend', WORLD)) continue
      const at = dice.between(WORLD, 'spent_at', ...FOREIGN_SPENDS_MS)
      kernel.after(at, null, () => this.#provider.spendElsewhere(dice.between(WORLD, 'spent', 40, 5_000)))
    }
    for (let minute = 1; minute <= 60; minute++) {
      const leaps = this.#faults.strikes('clock_leap', WORLD)
      if (!this.#faults.strikes('clock_step', WORLD) && !leaps) continue
      const aheadMs = dice.between(WORLD, 'clock_ahead', 0, leaps ? LEAP_MS : MOST_AHEAD_MS)
      kernel.after(minute * MINUTE_MS, null, () => this.#setClock(aheadMs, leaps))
    }
  }

  #setClock(aheadMs: number, leaps: boolean): void {
    const kernel = this.#kernel
    const isProving = this.#platform.disksOf('ORDER').some((disk) => isInDoubt(disk))
    if (aheadMs > kernel.skewMs && isProving && !leaps) {
      kernel.after(MINUTE_MS, null, () => this.#setClock(aheadMs, leaps))
      return
    }
    this.#trace(WORLD, () => `the clock is set ${aheadMs} ms ahead of the true time`)
    this.#platform.setClock(aheadMs)
  }

  #serverOf(host: string): Server {
    if (host === DNS_HOST) return this.#resolver
    const merchant = /^m(\d+)\./.exec(host)?.[1]
    if (merchant === undefined) return this.#provider
    const receiver = this.#receivers[Number(merchant) - 1]
    if (receiver === undefined) throw new Error(`nobody lives at ${host}`)
    return receiver
  }

  #losses(): Views['gateway']['losses'] {
    return lossesView(this.#platform.hostOf('WALLET', OPERATOR_WALLET)?.databases.opened ?? null)
  }

  #views(): Views {
    return {
      // All is quiet until then.
      at: STARTS_AT + LIMIT_MS,
      provider: this.#provider.view(),
      merchants: this.#merchants.map((merchant, at) => ({
        merchantId: merchant.id,
        sends: merchant.sends,
        received: this.#receivers[at]?.received ?? [],
        endpoints: endpointsView(this.#platform.hostOf('MERCHANT', merchant.id)?.disk),
      })),
      gateway: gatewayView(this.#platform.disksOf('ORDER'), this.#kernel.skewMs, this.#losses()),
    }
  }
}

/** `r17`, and upstream `m2.r17`. */
function keyOfRef(ref: string): number {
  const digits = /r(\d+)$/.exec(ref)?.[1]
  return digits === undefined ? WORLD : Number(digits)
}
