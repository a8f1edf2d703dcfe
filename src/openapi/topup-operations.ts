/** `/v3` and what is left of `/v2`: the provider's own surface. */
import * as z from 'zod'
import { pagesQuery, sendBody } from '../api/contract'
import * as answers from './answers'
import type { Operation, Parameter } from './operation'

const ref: Parameter = {
  schema: z.string().min(1),
  description:
    'Your own reference, percent-encoded (`a%2Fb` is `a/b`). The form the provider shows, `API-…-ref`, is understood too.',
  example: 'order-1001',
}

const id: Parameter = {
  schema: z.string().min(1),
  description: 'The id you were given by the send, or the provider’s own.',
  example: '6b04822c2d7d32f4458224c6',
}

const SEND = `Sends \`amount\` DZD of credit to \`MSSIDN\`. What it costs is taken from the balance of the provider
account: face value × the plan's \`cost\` (see \`GET /v3/mobile/plans\`), and given back when it is refunded.

**Safe to repeat.** The same \`ref\` and body always get the same answer, with \`Idempotent-Replayed: true\`, and
never a second top-up. Another body for a known \`ref\` is \`DUPLICATED_REF\`: \`details.topupId\` is the top-up that
exists and, when it is yours, \`details.fields\` what differs. Without a \`ref\` nothing protects you from a repetition.

**200 is not "delivered".** It means accepted, or in doubt and being looked up: wait for \`final\`, by callback or
by \`check-ref\`. After any other error of 4xx nothing was sent and the \`ref\` is free. Answers within 12 s.

**More sends than the provider takes** wait in line: 200, \`PENDING\`, and \`gateway.queue_position\`. What would wait for more
than a minute is 503 \`SERVICE_UNAVAILABLE\` with \`Retry-After\`, and so is a send while the provider does not answer, or to an
operator that it calls down (where the merchant wants that). These messages begin with "Nothing was sent": the \`ref\` is
free. So does \`INSUFFICIENT_BALANCE\` leave it, which the gateway itself says when the account cannot pay.

A refusal of the provider's own comes with its own status and code.`

const STATUS = `Ask as often as you like: it costs the provider nothing, and answers that are final are kept at the edge.
Only \`gateway.final: true\` ends it. \`UNKNOWN_ERROR\` is not a failure: do not refund your customer before.`

export const topupOperations: readonly Operation[] = [
  {
    id: 'sendTopup',
    method: 'post',
    path: '/v3/mobile/send',
    tag: 'Top-ups',
    summary: 'Send a top-up',
    description: SEND,
    access: 'write',
    body: {
      schema: sendBody,
      example: { plan_code: 'PREPAID_MOBILIS', MSSIDN: '0600010099', amount: 500, ref: 'order-1001' },
    },
    status: 200,
    answer: 'Accepted, or in doubt and being looked up.',
    headers: ['Idempotent-Replayed'],
    content: { kind: 'data', schema: answers.sendResult },
    errors: ['DUPLICATED_REF', 'INSUFFICIENT_BALANCE', 'LIMIT_EXCEEDED', 'REPEATED_TOPUP'],
    tellsMore: 'SERVICE_UNAVAILABLE',
  },
  {
    id: 'checkRef',
    method: 'get',
    path: '/v3/mobile/check-ref/{ref}',
    tag: 'Top-ups',
    summary: 'The status by your ref',
    description: STATUS,
    access: 'read',
    parameters: { ref },
    status: 200,
    answer: 'The top-up as it stands.',
    content: { kind: 'data', schema: answers.topupStatus },
    errors: ['NOT_FOUND'],
  },
  {
    id: 'checkId',
    method: 'get',
    path: '/v3/mobile/check-id/{id}',
    tag: 'Top-ups',
    summary: 'The status by id',
    description: STATUS,
    access: 'read',
    parameters: { id },
    status: 200,
    answer: 'The top-up as it stands.',
    content: { kind: 'data', schema: answers.topupStatus },
    errors: ['NOT_FOUND'],
  },
  {
    id: 'listTopups',
    method: 'get',
    path: '/v3/mobile/list',
    tag: 'Top-ups',
    summary: 'Your top-ups in numbered pages',
    description:
      'Newest first. Whoever turns the pages sees those that were there on the first: nothing shifts, nothing comes twice. For searching, `GET /v1/orders` can do more.',
    access: 'read',
    query: pagesQuery,
    status: 200,
    answer: 'One page.',
    content: { kind: 'data', schema: answers.topupPage },
    errors: [],
  },
  {
    id: 'checkStatusV2',
    method: 'get',
    path: '/v2/topup/checkStatus/ID/{id}',
    tag: 'Top-ups',
    summary: 'The status as v2 told it',
    description:
      'For clients of the old API, which ended on 30 October 2026. No envelope; errors are `{"error": "…"}`. Use `check-id`.',
    access: 'old',
    parameters: { id },
    status: 200,
    answer: 'The top-up as it stands.',
    headers: ['X-Request-Id'],
    content: { kind: 'bare', schema: answers.oldTopup },
    errors: ['NOT_FOUND'],
  },
]

export const accountOperations: readonly Operation[] = [
  {
    id: 'getPlans',
    method: 'get',
    path: '/v3/mobile/plans',
    tag: 'Account',
    summary: 'What can be sent',
    description:
      'Plan codes, limits and prices in DZD, as the provider tells them; at most 6 h old while it answers, older while it does not. Read them once a day. `SERVICE_UNAVAILABLE` only while they were never read.',
    access: 'read',
    status: 200,
    answer: 'The plans.',
    headers: ['Age'],
    content: { kind: 'data', schema: answers.plans },
    errors: [],
  },
  {
    id: 'getBalance',
    method: 'get',
    path: '/v3/account/balance',
    tag: 'Account',
    summary: 'The balance',
    description:
      'DZD, asked at the provider each time. Of the account that your sends are taken from, which you may share with other merchants of the operator.',
    access: 'read',
    status: 200,
    answer: 'The balance now.',
    content: { kind: 'data', schema: answers.balance },
    errors: [],
  },
  {
    id: 'listTransactions',
    method: 'get',
    path: '/v3/account/transactions',
    tag: 'Account',
    summary: 'Movements of the account',
    description:
      'Newest first, DZD. On an account that merchants share: those of your own orders as they were seen, without its balances; on your own, the provider’s.',
    access: 'read',
    query: pagesQuery,
    status: 200,
    answer: 'One page.',
    content: { kind: 'data', schema: answers.transactionPage },
    errors: [],
  },
  {
    id: 'validateKey',
    method: 'get',
    path: '/v3/validate',
    tag: 'Account',
    summary: 'What the key is good for',
    description: 'The key as the provider would describe it. Neither `meta` nor `requestId` in the body.',
    access: 'read',
    status: 200,
    answer: 'The key is good.',
    headers: ['X-Request-Id'],
    content: { kind: 'bare', schema: answers.validated },
    errors: [],
  },
  {
    id: 'ping',
    method: 'get',
    path: '/v3/ping',
    tag: 'Account',
    summary: 'Whether the operators are up',
    description:
      'Needs no key; with a sandbox key the sandbox is asked. A provider that does not answer is still 200, with `api: "error"`.',
    access: 'optional',
    status: 200,
    answer: 'The gateway is up; the body says what is behind it.',
    content: { kind: 'data', schema: answers.ping },
    errors: [],
  },
]
