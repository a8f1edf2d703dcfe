/** Takes what the outbox says is due to the merchant's endpoints, and brings back what came of it. */
import type { AttemptResult } from '../callback/deliver'
import { post } from '../callback/post'
import { type Env, merchantById, settings } from '../env'
import type { CallbackTarget } from '../merchant/endpoint'
import { log, logError } from '../platform/log'
import { attempted, dueDeliveries, fanOut, followEndpoints, nextDeliveryAt } from './outbox'
import type { Delivery, Order } from './state'

/**
 * Delivers until nothing is due. `current` is read anew after each wait, since the order moves on
 * meanwhile; a crash before `commit` means one more attempt with the same id and bytes.
 */
export async function drain(env: Env, current: () => Order, commit: (next: Order) => void): Promise<void> {
  for (;;) {
    const { merchantId, environment } = current().intent
    const targets = await merchantById(env, merchantId).callbackTargets(environment)
    const plannedAt = Date.now()
    const plan = () => followEndpoints(fanOut(current(), targets, plannedAt), targets, plannedAt)
    const planned = plan()
    const due = dueDeliveries(planned, plannedAt)
    const results = await Promise.all(due.map((delivery) => attemptOne(env, planned, delivery, targets)))
    const after = due.reduce((order, delivery, index) => {
      const result = results[index]
      return result === undefined ? order : attempted(order, delivery.id, result, Date.now(), Math.random())
    }, plan())
    if (after !== current()) commit(after)
    const next = nextDeliveryAt(after)
    if (next === null || next > Date.now()) return
  }
}

async function attemptOne(
  env: Env,
  order: Order,
  delivery: Delivery,
  targets: readonly CallbackTarget[],
): Promise<AttemptResult> {
  const target = targets.find(({ id }) => id === delivery.endpointId)
  const event = order.events.find(({ id }) => id === delivery.eventId)
  if (target === undefined || event === undefined) throw new Error('a due delivery has a target and an event')
  const result = await post(
    target,
    { id: event.id, body: event.body, attemptNumber: delivery.attempts.length + 1 },
    settings(env),
  )
  const { merchantId, environment } = order.intent
  log('callback.attempt', {
    merchant: merchantId,
    environment,
    message: event.id,
    endpoint: target.id,
    outcome: result.outcome,
    http_status: result.httpStatus,
    duration_ms: result.durationMs,
  })
  return result.outcome === 'gone' ? switchedOff(env, merchantId, target, result) : result
}

/** 410: the endpoint is disabled and holds its events. If we cannot note that, it was just a failure. */
async function switchedOff(
  env: Env,
  merchantId: string,
  target: CallbackTarget,
  result: AttemptResult,
): Promise<AttemptResult> {
  try {
    await merchantById(env, merchantId).endpointGone(target.id)
    return result
  } catch (error) {
    logError('callback.endpoint_gone', error, { endpoint: target.id })
    return { ...result, outcome: 'failed' }
  }
}
