/** Takes what the outbox says is due to the merchant's endpoints, and brings back what came of it. */
import type { AttemptResult } from '../callback/deliver'
import { post } from '../callback/post'
import { type Env, merchantById, settings } from '../env'
import type { CallbackTarget } from '../merchant/endpoint'
import { log, logError } from '../platform/log'
import type { Keeper } from './keeper'
import { attempted, dueDeliveries, fanOut, followEndpoints } from './outbox'
import { type Retry, retried } from './retry'
import type { Delivery, Order } from './state'

export class Courier {
  readonly #env: Env
  readonly #kept: Keeper
  /** Deliveries with an attempt under way, so that another round does not start a second one. */
  readonly #underWay = new Set<string>()

  constructor(env: Env, kept: Keeper) {
    this.#env = env
    this.#kept = kept
  }

  get isBusy(): boolean {
    return this.#underWay.size > 0
  }

  /**
   * Starts an attempt for everything that is due, and answers them, each settled once its result is
   * committed: a slow receiver holds up no other. A crash before that means one more attempt with the
   * same id and bytes.
   */
  async start(): Promise<Promise<void>[]> {
    const { merchantId, environment } = this.#kept.mustHave().intent
    const targets = await merchantById(this.#env, merchantId).callbackTargets(environment)
    const now = Date.now()
    const before = this.#kept.mustHave()
    const planned = followEndpoints(fanOut(before, targets, now), targets, now)
    const due = dueDeliveries(planned, now).filter(({ id }) => !this.#underWay.has(id))
    // What is attempted now is committed with the result; until then it would be planned the same again.
    if (due.length > 0 || this.isBusy) this.#kept.remember(planned)
    else if (planned !== before) this.#kept.commit(planned, now)
    return due.map((delivery) => this.#deliver(planned, delivery, targets))
  }

  /** Makes a delivery due again, durably; the next round attempts it. */
  async retry(deliveryId: string, replay: string | null): Promise<Retry> {
    const { merchantId, environment } = this.#kept.mustHave().intent
    const targets = await merchantById(this.#env, merchantId).callbackTargets(environment)
    const now = Date.now()
    const planned = followEndpoints(fanOut(this.#kept.mustHave(), targets, now), targets, now)
    const retry = retried(planned, deliveryId, targets, now, replay)
    if (retry.kind === 'due' && retry.order !== planned) this.#kept.commit(retry.order, now)
    return retry
  }

  async #deliver(order: Order, delivery: Delivery, targets: readonly CallbackTarget[]): Promise<void> {
    this.#underWay.add(delivery.id)
    try {
      const result = await this.#attempt(order, delivery, targets)
      const now = Date.now()
      this.#kept.commit(attempted(this.#kept.mustHave(), delivery.id, result, now, Math.random()), now)
    } catch (error) {
      logError('callback.deliver', error, { delivery: delivery.id }) // still due: the alarm tries again
    } finally {
      this.#underWay.delete(delivery.id)
    }
  }

  async #attempt(
    { intent, events }: Order,
    delivery: Delivery,
    targets: readonly CallbackTarget[],
  ): Promise<AttemptResult> {
    const target = targets.find(({ id }) => id === delivery.endpointId)
    const event = events.find(({ id }) => id === delivery.eventId)
    if (target === undefined || event === undefined)
      throw new Error('a due delivery has a target and an event')
    const { replayed } = delivery
    const message = { id: event.id, body: event.body, attemptNumber: delivery.attempts.length + 1, replayed }
    const result = await post(target, message, settings(this.#env))
    log('callback.attempt', {
      merchant: intent.merchantId,
      environment: intent.environment,
      message: event.id,
      endpoint: target.id,
      outcome: result.outcome,
      http_status: result.httpStatus,
      duration_ms: result.durationMs,
    })
    return result.outcome === 'gone' ? this.#switchOff(intent.merchantId, target, result) : result
  }

  /** 410: the endpoint is disabled and holds its events. Where that cannot be noted, it was just a failure. */
  async #switchOff(
    merchantId: string,
    { id, url }: CallbackTarget,
    result: AttemptResult,
  ): Promise<AttemptResult> {
    const noted = await merchantById(this.#env, merchantId).endpointGone(id, url)
    return noted ? result : { ...result, outcome: 'failed' }
  }
}
