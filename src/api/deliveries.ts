/** `/v1/deliveries/{id}`: one delivery as its order has it, and the wish to have it again. */
import { type Context, Hono } from 'hono'
import { whyTextsOf } from '../callback/why-texts'
import { bookOf, orderById } from '../env'
import { type DeliveryView, deliveryView } from '../merchant/delivery-view'
import type { RetryAnswer } from '../order/order'
import { type Caller, withKey } from './auth'
import { ApiError, success } from './envelope'

export const deliveries = new Hono<Caller>()

deliveries.get('/deliveries/:id', withKey('READ-ONLY'), async (c) => {
  return success(c, JSON.stringify(await deliveryOf(c, c.req.param('id'))))
})

export async function deliveryOf(c: Context<Caller>, id: string): Promise<DeliveryView> {
  const delivery = await (await orderOf(c, id)).delivery(id)
  if (delivery === null) throw notFound(id)
  return deliveryView(delivery, await whyTextsOf(c.env))
}

/** Now, and from there on by the schedule: same event, same bytes. */
deliveries.post('/deliveries/:id/retry', withKey('READ-WRITE'), async (c) => {
  return success(c, JSON.stringify(await retryDelivery(c, c.req.param('id'))))
})

export async function retryDelivery(c: Context<Caller>, id: string): Promise<DeliveryView> {
  const answer = await (await orderOf(c, id)).retry(id, null)
  if (answer === null) throw notFound(id)
  if (answer.kind !== 'due') throw refusal(answer)
  return deliveryView(answer.delivery, await whyTextsOf(c.env))
}

async function orderOf(c: Context<Caller>, deliveryId: string) {
  const { merchantId, environment } = c.get('key')
  const objectId = await bookOf(c.env, merchantId).orderOfDelivery(environment, deliveryId)
  if (objectId === null) throw notFound(deliveryId)
  return orderById(c.env, objectId)
}

function refusal({ kind, reason, endpointId }: Exclude<RetryAnswer, { kind: 'due' }>): ApiError {
  if (kind === 'cancelled') {
    const message = `The delivery cannot be made again: ${reason}`
    return new ApiError('DELIVERY_CANCELLED', message, { reason, endpoint_id: endpointId })
  }
  const message = `The endpoint is ${reason}; PATCH /v1/endpoints/${endpointId} {"state":"active"} first`
  return new ApiError('ENDPOINT_NOT_ACTIVE', message, { reason, endpoint_id: endpointId })
}

function notFound(id: string): ApiError {
  return new ApiError('NOT_FOUND', `Delivery '${id}' not found`)
}
