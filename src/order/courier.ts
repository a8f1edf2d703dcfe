/** Takes what the outbox says is due to the merchant's endpoints, and brings back what came of it. */
import type { AttemptResult } from '../callback/deliver'
import { post } from '../callback/post'
import { type Env, merchantById, settings } from '../env'
import type { CallbackTarget } from '../merchant/endpoint'
import { log, logError } from '../platform/log'
import { measure } from '../platform/metrics'
import type { Keeper } from './keeper'
import { attempted, concernedEndpoints, dueDeliveries, fanOut, followEndpoints } from './outbox'
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
    const { intent, gatewayId } = this.#kept.mustHave()
    const asker = { order: gatewayId, endpoints: concernedEndpoints(this.#kept.mustHave()) }
    const targets = await merchantById(this.#env, intent.merchantId).callbackTargets(
      intent.environment,
      asker,
    )
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
    const { intent, gatewayId } = this.#kept.mustHave()
    // It calls nobody yet, and takes no turn from those who do.
    const asker = { order: gatewayId, endpoints: [] }
    const merchant = merchantById(this.#env, intent.merchantId)
    const targets = await merchant.callbackTargets(intent.environment, asker)
    const now = Date.now()
    const planned = followEndpoints(fanOut(this.#kept.mustHave(), targets, now), targets, now)
    const retry = retried(planned, deliveryId, targets, now, replay)
    if (retry.kind === 'due' && retry.order !== planned) this.#kept.commit(retry.order, now)
    return retry
  }

  async #deliver(order: Order, delivery: Delivery, targets: readonly CallbackTarget[]): Promise<void> {
    this.#underWay.add(delivery.id)
    try {
      const target = targets.find(({ id }) => id === delivery.endpointId)
      if (target === undefined) throw new Error('a due delivery has a target')
      const result = await this.#report(
        order,
        { ...target, url: delivery.url },
        await this.#attempt(order, delivery, target),
      )
      const now = Date.now()
      const before = this.#kept.mustHave()
      this.#kept.commit(attempted(before, delivery.id, result, now, Math.random(), target.probe), now)
    } catch (error) {
      logError('callback.deliver', error, { delivery: delivery.id }) // still due: the alarm tries again
    } finally {
      this.#underWay.delete(delivery.id)
    }
  }

  async #attempt(
    { intent, events }: Order,
    delivery: Delivery,
    target: CallbackTarget,
  ): Promise<AttemptResult> {
    const event = events.find(({ id }) => id === delivery.eventId)
    if (event === undefined) throw new Error('a due delivery has an event')
    const { attemptsMade, replayed } = delivery
    const message = { id: event.id, body: event.body, attemptNumber: attemptsMade + 1, replayed }
    const result = await post({ url: delivery.url, keys: target.keys }, message, settings(this.#env))
    log('callback.attempt', {
      merchant: intent.merchantId,
      environment: intent.environment,
      message: event.id,
      endpoint: target.id,
      outcome: result.outcome,
      http_status: result.httpStatus,
      duration_ms: result.durationMs,
    })
    measure(this.#env.METRICS, {
      fact: 'callback',
      merchant: intent.merchantId,
      environment: intent.environment,
      outcome: result.outcome,
      httpStatus: result.httpStatus,
      ms: result.durationMs,
      attempt: message.attemptNumber,
    })
    return result
  }

  /**
   * What the merchant object must know of this receiver: a success is news only where something failed before. Where
   * a 410 cannot be noted, because the endpoint has another address by now, it was just a failure.
   */
  async #report(order: Order, target: CallbackTarget, result: AttemptResult): Promise<AttemptResult> {
    const { outcome } = result
    if (outcome === 'delivered' && !target.watched) return result
    const noted = await this.#note(order, target, outcome)
    return outcome === 'gone' && !noted ? { ...result, outcome: 'failed' } : result
  }

  /** What came of the attempt stands, whoever could not be told: or it would be made again, and again at once. */
  async #note(
    { intent, gatewayId }: Order,
    { id, url }: CallbackTarget,
    outcome: AttemptResult['outcome'],
  ): Promise<boolean> {
    const merchant = merchantById(this.#env, intent.merchantId)
    try {
      return await merchant.callbackConcluded(id, url, { order: gatewayId, outcome })
    } catch (error) {
      logError('callback.report', error, { endpoint: id })
      return false
    }
  }
}
