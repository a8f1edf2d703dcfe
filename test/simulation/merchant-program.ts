/** A merchant's program: sends, sends again when it heard nothing, asks, pauses endpoints and lets them go again. */
import { type Env, merchantById, orderByName } from '../../src/env'
import { orderName, upstreamRef } from '../../src/order/name'
import type { Intent } from '../../src/order/state'
import { walletOf } from '../../src/provider/account'
import type { Dice } from './dice'
import type { Faults } from './faults'
import type { Kernel, Life } from './kernel'
import { MERCHANTS, WORLD } from './platform'
import type { Trace } from './trace'
import type { MerchantSend } from './views'

const HOUR_MS = 3_600_000
/** He gives up on a ref that is refused or unanswered after this many sends. */
const MOST_SENDS = 12
const ENVIRONMENT = 'production'

interface Parts {
  readonly kernel: Kernel
  readonly dice: Dice
  readonly faults: Faults
  readonly trace: Trace
  readonly env: Env
  /** The edge, through which he speaks. */
  readonly edge: Life
}

type Answer = MerchantSend['answer']

export class MerchantProgram {
  readonly id: string
  readonly sends: (Omit<MerchantSend, 'answer'> & { answer: Answer })[] = []
  readonly #parts: Parts
  readonly #key: number
  readonly #limited: boolean

  constructor(parts: Parts, number: number) {
    this.id = `m${number + 1}`
    this.#parts = parts
    this.#key = MERCHANTS + number
    this.#limited = number === 1
  }

  /** Before anything goes wrong. Answers the endpoints' ids by their paths. */
  async settleIn(endpoints: number): Promise<Map<string, string>> {
    const merchant = merchantById(this.#parts.env, this.id)
    await merchant.create(this.id, `Shop ${this.id}`)
    if (this.#limited) await merchant.change({ limits: { dailyAmountDzd: 100_000_000 } })
    const byPath = new Map<string, string>()
    for (let at = 0; at < endpoints; at++) {
      const wanted = {
        environment: ENVIRONMENT,
        url: `https://${this.id}.shops.dz/hook-${at}`,
        events: ['topup.fulfilled', 'topup.refunded', 'topup.unknown', 'topup.reversed'],
        description: null,
        foldSuperseded: false,
        notifyUrl: null,
      } as const
      const made = await merchant.createEndpoint(wanted)
      if (made !== null) byPath.set(`/hook-${at}`, made.endpoint.id)
    }
    return byPath
  }

  /** All that he does about one order. */
  async order(key: number): Promise<void> {
    const { dice, faults } = this.#parts
    const ref = `r${key}`
    const msisdn = `06${dice.between(key, 'msisdn', 10_000_000, 99_999_999)}`
    const amountDzd = dice.between(key, 'amount', 1, 40) * 50
    const send = (amount: number) => this.#send(key, { ref, msisdn, amountDzd: amount })
    // On a slow day an order is alone at the provider, and nobody else's page shows it.
    const isSlowDay = dice.unit(WORLD, 'slow_day') < 0.5
    await this.#sleep(dice.between(key, 'begins', 0, isSlowDay ? 10 * HOUR_MS : 600_000))
    if (faults.strikes('sends_twice', key)) void this.#later(key, 'twice', 300, () => send(amountDzd))
    if (faults.strikes('sends_another', key))
      void this.#later(key, 'another', HOUR_MS, () => send(amountDzd + 50))
    if (faults.strikes('sends_again', key))
      void this.#later(key, 'again', 24 * HOUR_MS, () => send(amountDzd))
    if (faults.strikes('asks_status', key)) void this.#later(key, 'status', HOUR_MS, () => this.#ask(ref))
    let amount = amountDzd
    for (let count = 0; count < MOST_SENDS; count++) {
      const answer = await send(amount)
      if (answer.kind === 'ok') return
      if (answer.kind === 'none' && faults.strikes('gives_up', key)) return
      if (answer.kind === 'refused') {
        if (answer.code === 'DUPLICATED_REF' || !faults.strikes('sends_after_refusal', key)) return
        amount += dice.unit(key, 'amount_after_refusal') < 0.5 ? 50 : 0
      }
      await this.#sleep(dice.between(key, 'sends_again_after', 100, 20_000) * 2 ** count)
    }
  }

  /** Pauses the endpoint for a while, on a bad day. */
  async mind(endpointId: string): Promise<void> {
    const { dice, faults } = this.#parts
    if (!faults.strikes('pauses_endpoint', this.#key)) return
    await this.#sleep(dice.between(this.#key, 'pauses_at', 0, 1_200_000))
    await this.#change(endpointId, 'paused')
    await this.#sleep(Math.floor(12 * HOUR_MS * dice.unit(this.#key, 'paused_for') ** 3))
    await this.#change(endpointId, 'active')
  }

  /** He notices that the endpoint was switched off, some day. */
  async revive(endpointId: string): Promise<void> {
    await this.#sleep(this.#parts.dice.between(this.#key, 'notices', 60_000, 2 * HOUR_MS))
    await this.#change(endpointId, 'active')
  }

  async #change(endpointId: string, state: 'active' | 'paused'): Promise<void> {
    for (;;) {
      try {
        const result = await merchantById(this.#parts.env, this.id).changeEndpoint(ENVIRONMENT, endpointId, {
          state,
        })
        this.#parts.trace(this.#key, () => `${this.id}: endpoint ${endpointId} ${state}`)
        if (result?.ok) return
      } catch {
        // The gateway is down: he tries again.
      }
      await this.#sleep(30_000)
    }
  }

  async #send(
    key: number,
    { ref, msisdn, amountDzd }: { ref: string; msisdn: string; amountDzd: number },
  ): Promise<Answer> {
    const { kernel, dice, faults, trace } = this.#parts
    const request = { planCode: 'PREPAID_MOBILIS', msisdn, amountDzd }
    const kept = { ref, ...request, at: kernel.now, answer: { kind: 'none' } as Answer }
    this.sends.push(kept)
    trace(key, () => `${this.id}: sends ${ref}, ${amountDzd} DZD`)
    const call = this.#call(ref, request)
    const patience = faults.strikes('hangs_up', key) ? dice.between(key, 'patience', 1_000, 3_000) : null
    const answer = patience === null ? await call : await Promise.race([call, this.#giveUp(patience)])
    if (!faults.strikes('answer_lost', key)) kept.answer = answer
    trace(key, () => `${this.id}: ${ref} is answered ${JSON.stringify(kept.answer)}`)
    return kept.answer
  }

  async #giveUp(afterMs: number): Promise<Answer> {
    await this.#sleep(afterMs)
    return { kind: 'none' }
  }

  /** What `api/topups.ts` does with a send. */
  async #call(ref: string, request: Intent['request']): Promise<Answer> {
    const { env } = this.#parts
    const merchantId = this.id
    const { wallet, account } = await walletOf(env, {
      merchantId,
      environment: ENVIRONMENT,
      ownAccount: null,
    })
    const upstream = upstreamRef(wallet, merchantId, ref)
    const intent = {
      merchantId,
      environment: ENVIRONMENT,
      ref,
      wallet,
      account,
      upstreamRef: upstream,
      request,
      callback: null,
    } as const
    const terms = {
      objection: null,
      warnings: [],
      limited: this.#limited,
      valueDzd: request.amountDzd,
      allowDuplicate: false,
      refusesDown: false,
      folds: false,
    }
    try {
      const answer = await orderByName(env, await orderName(merchantId, ENVIRONMENT, ref)).send(intent, terms)
      if (answer.kind === 'sent') {
        return { kind: 'ok', topupId: answer.snapshot.topup._id, replayed: answer.replayed }
      }
      if (answer.kind === 'conflict') return { kind: 'refused', httpStatus: 403, code: 'DUPLICATED_REF' }
      return { kind: 'refused', httpStatus: answer.refusal.httpStatus, code: answer.refusal.code }
    } catch {
      return { kind: 'none' } // 500: he knows nothing
    }
  }

  async #ask(ref: string): Promise<void> {
    try {
      await orderByName(this.#parts.env, await orderName(this.id, ENVIRONMENT, ref)).status(this.id)
    } catch {
      // He asks some other time.
    }
  }

  async #later(key: number, what: string, mostMs: number, then: () => Promise<unknown>): Promise<void> {
    const { dice } = this.#parts
    await this.#sleep(Math.floor(mostMs * dice.unit(key, `${what}_after`) ** 4))
    await then()
  }

  #sleep(ms: number): Promise<void> {
    const { kernel, edge } = this.#parts
    return new Promise((resolve) => kernel.after(ms, edge, resolve))
  }
}
