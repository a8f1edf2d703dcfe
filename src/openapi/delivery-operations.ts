/** `/v1/deliveries/{id}`: one delivery, and having it again. */
import * as z from 'zod'
import { delivery } from './merchant-answers'
import type { Operation, Parameter } from './operation'

const deliveryId: Parameter = {
  schema: z.string().min(1),
  description: 'Id of the delivery.',
  example: 'dlv_mibt0w00_6b04822c2d7d32f4458224c6_2_0f1e2d3c',
}

export const deliveryOperations: readonly Operation[] = [
  {
    id: 'getDelivery',
    method: 'get',
    path: '/v1/deliveries/{id}',
    tag: 'Callbacks',
    summary: 'One event for one endpoint',
    description: 'As it is at this moment, with every attempt.',
    access: 'read',
    parameters: { id: deliveryId },
    status: 200,
    answer: 'The delivery.',
    content: { kind: 'data', schema: delivery },
    errors: ['NOT_FOUND'],
  },
  {
    id: 'retryDelivery',
    method: 'post',
    path: '/v1/deliveries/{id}/retry',
    tag: 'Callbacks',
    summary: 'Have one delivery again',
    description:
      'Now, with the same id and bytes and a fresh signature; the attempts carry `webhook-replay: true`. It joins the schedule: a pending delivery goes on with the attempts it has spent, one that failed or was delivered starts anew.',
    access: 'write',
    parameters: { id: deliveryId },
    status: 200,
    answer: 'The delivery, due now.',
    content: { kind: 'data', schema: delivery },
    errors: ['NOT_FOUND', 'ENDPOINT_NOT_ACTIVE', 'DELIVERY_CANCELLED'],
  },
]
