/** `/v1`: orders and callbacks; and what needs no key. */
import * as z from 'zod'
import {
  changeEndpointBody,
  createEndpointBody,
  deleteEndpointQuery,
  deliveriesQuery,
  ordersQuery,
} from '../api/contract'
import * as answers from './merchant-answers'
import type { Operation, Parameter } from './operation'

export const endpointId: Parameter = {
  schema: z.string().min(1),
  description: 'Id of the endpoint.',
  example: 'ep_m4be0643f1d98_9f86d081884c7d65',
}

const ref: Parameter = {
  schema: z.string().min(1),
  description: 'Your own reference, percent-encoded (`a%2Fb` is `a/b`).',
  example: 'order-1001',
}

const orderOperations: readonly Operation[] = [
  {
    id: 'listOrders',
    method: 'get',
    path: '/v1/orders',
    tag: 'Orders',
    summary: 'Find orders',
    description:
      'Newest first; conditions are combined with "and". A page may be short, or empty, before the end: go on until `next_cursor` is null. With `Accept: text/csv` every order of the query comes as one CSV, whatever `limit` says; a stream that breaks off is an error, not an end.',
    access: 'read',
    query: ordersQuery,
    status: 200,
    answer: 'One page, or the CSV.',
    content: { kind: 'data', schema: answers.orderPage, orCsv: true },
    errors: [],
  },
  {
    id: 'getOrder',
    method: 'get',
    path: '/v1/orders/{ref}',
    tag: 'Orders',
    summary: 'The story of an order',
    description:
      'For disputes: each step with what was sent to the provider and what came back, each event, each attempt to tell you.',
    access: 'read',
    parameters: { ref },
    status: 200,
    answer: 'The story so far.',
    content: { kind: 'data', schema: answers.orderStory },
    errors: ['NOT_FOUND'],
  },
]

const endpointOperations: readonly Operation[] = [
  {
    id: 'createEndpoint',
    method: 'post',
    path: '/v1/endpoints',
    tag: 'Callbacks',
    summary: 'Register a callback URL',
    description:
      'In the environment of the key, ten at most. `SERVICE_UNAVAILABLE` also when the operator has set no `MASTER_KEY`. Callbacks follow Standard Webhooks 1.0. A sandbox endpoint delivers at once; a production endpoint holds its events until its server echoed the `challenge` of a signed `endpoint.verification`, which is sent right away and again for days.',
    access: 'write',
    body: {
      schema: createEndpointBody,
      example: { url: 'https://shop.example.com/callback', description: 'till 1' },
    },
    status: 201,
    answer: 'Registered. Keep `secret`: it is shown here and never again.',
    content: { kind: 'data', schema: answers.createdEndpoint },
    errors: [],
  },
  {
    id: 'listEndpoints',
    method: 'get',
    path: '/v1/endpoints',
    tag: 'Callbacks',
    summary: 'Your endpoints',
    description: 'All of the key’s environment, oldest first.',
    access: 'read',
    status: 200,
    answer: 'All of them.',
    content: { kind: 'data', schema: answers.endpointList },
    errors: [],
  },
  {
    id: 'getEndpoint',
    method: 'get',
    path: '/v1/endpoints/{id}',
    tag: 'Callbacks',
    summary: 'An endpoint',
    description: 'Without its secret.',
    access: 'read',
    parameters: { id: endpointId },
    status: 200,
    answer: 'The endpoint.',
    content: { kind: 'data', schema: answers.endpoint },
    errors: ['NOT_FOUND'],
  },
  {
    id: 'changeEndpoint',
    method: 'patch',
    path: '/v1/endpoints/{id}',
    tag: 'Callbacks',
    summary: 'Change, pause or activate an endpoint',
    description:
      '`state: "active"` lets held events go. An unproven production endpoint, or one that was disabled, is challenged first, which takes up to 10 s; without the echo (in the sandbox: a 2xx) the answer is `ENDPOINT_NOT_VERIFIED` and every other change has been made all the same.',
    access: 'write',
    parameters: { id: endpointId },
    body: { schema: changeEndpointBody, example: { state: 'paused' } },
    status: 200,
    answer: 'The endpoint as it is now.',
    content: { kind: 'data', schema: answers.endpoint },
    errors: ['NOT_FOUND', 'ENDPOINT_NOT_VERIFIED'],
  },
  {
    id: 'deleteEndpoint',
    method: 'delete',
    path: '/v1/endpoints/{id}',
    tag: 'Callbacks',
    summary: 'Delete an endpoint',
    description:
      'While it holds events, say what becomes of them: `held=cancel`, or `move_to` with another endpoint of the same environment, which is sent them instead, ids and bytes unchanged.',
    access: 'write',
    parameters: { id: endpointId },
    query: deleteEndpointQuery,
    status: 200,
    answer: 'It is gone.',
    content: { kind: 'data', schema: answers.deletedEndpoint },
    errors: ['NOT_FOUND', 'HELD_EVENTS'],
  },
  {
    id: 'listDeliveries',
    method: 'get',
    path: '/v1/deliveries',
    tag: 'Callbacks',
    summary: 'Every event for every endpoint',
    description: 'Newest first, each with every attempt. Those of deleted endpoints stay.',
    access: 'read',
    query: deliveriesQuery,
    status: 200,
    answer: 'One page.',
    content: { kind: 'data', schema: answers.deliveryPage },
    errors: [],
  },
]

const publicOperations: readonly Operation[] = [
  {
    id: 'getWebhookKeys',
    method: 'get',
    path: '/.well-known/webhook-keys/{id}.json',
    tag: 'Public',
    summary: 'Public keys of an endpoint',
    description:
      'For verifying `v1a` signatures (Ed25519) without a secret. Newest first: during a rotation the old ones stay until nothing is signed with them. No envelope.',
    access: 'nobody',
    parameters: { id: endpointId },
    status: 200,
    answer: 'The keys.',
    content: { kind: 'bare', schema: answers.webhookKeys },
    errors: ['NOT_FOUND'],
  },
  {
    id: 'getStatusPage',
    method: 'get',
    path: '/t/{token}',
    tag: 'Public',
    summary: 'The page for the customer',
    description:
      'The `status_url` of a top-up: HTML in Arabic, French or English, by `?lang=` (`ar`, `fr`, `en`) or the browser’s wish. It renews itself until the status is final. An unknown link is a page too.',
    access: 'nobody',
    parameters: {
      token: {
        schema: z.string().min(1),
        description: 'From `status_url`; cannot be guessed.',
        example: 'n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg5zLj4DvmNgR2Wq7y',
      },
    },
    status: 200,
    answer: 'The page.',
    content: { kind: 'page' },
    errors: ['NOT_FOUND'],
  },
  {
    id: 'getDocument',
    method: 'get',
    path: '/openapi.json',
    tag: 'Public',
    summary: 'This document',
    description: 'OpenAPI 3.1; `servers` is the gateway that was asked. Any origin may read it.',
    access: 'nobody',
    status: 200,
    answer: 'The document.',
    content: {
      kind: 'bare',
      schema: z.looseObject({ openapi: z.string(), info: z.looseObject({ title: z.string() }) }),
    },
    errors: [],
    cannotFail: true,
  },
]

export const merchantOperations: readonly Operation[] = [
  ...orderOperations,
  ...endpointOperations,
  ...publicOperations,
]
