/** `/v1`: what helps a merchant to receive callbacks. */
import * as z from 'zod'
import { checkSignatureBody, testEndpointBody } from '../api/contract'
import * as answers from './callback-answers'
import type { Operation } from './operation'

const CHECK_SIGNATURE = `For whoever cannot get a callback verified: give what your code has, and read which part is wrong. A body
that was changed on the way is tried in the usual forms (newline, CRLF, parsed and written anew, escapes), and the one
that was signed is named. Nothing is kept, and a secret is never repeated.`

const TEST_ENDPOINT = `Sends an example of the event now, signed with the endpoint's own keys, whatever state it is in, and answers what
came of it; up to 10 s. It has the header \`webhook-test: true\`, a \`ref\` \`test-…\` (of a report, an \`id\`) and \`data.test: true\`: your code must
move no money for it. It is not listed and not tried again, and changes no state. One at a time for each endpoint, else
\`RATE_LIMIT_EXCEEDED\`.`

export const callbackOperations: readonly Operation[] = [
  {
    id: 'testEndpoint',
    method: 'post',
    path: '/v1/endpoints/{id}/test',
    tag: 'Callbacks',
    summary: 'Try an endpoint out',
    description: TEST_ENDPOINT,
    access: 'write',
    parameters: {
      id: {
        schema: z.string().min(1),
        description: 'Id of the endpoint.',
        example: 'ep_m4be0643f1d98_9f86d081884c7d65',
      },
    },
    body: { schema: testEndpointBody, example: { type: 'topup.refunded' } },
    status: 200,
    answer: 'What your server made of it.',
    content: { kind: 'data', schema: answers.endpointTest },
    errors: ['NOT_FOUND'],
  },
  {
    id: 'checkSignature',
    method: 'post',
    path: '/v1/signatures/check',
    tag: 'Callbacks',
    summary: 'Why a signature does not hold',
    description: CHECK_SIGNATURE,
    access: 'read',
    body: {
      schema: checkSignatureBody,
      example: {
        headers: {
          'webhook-id': 'evt_d5fc0956f911e72815e9ad0b_2',
          'webhook-timestamp': '1795457581',
          'webhook-signature': 'v1,A0X0Av66nxl3mCgJ0aWm5QXzqWIwAtEnwTCYKnXzJGw=',
        },
        body: '{"type":"topup.fulfilled"}',
        endpoint_id: 'ep_m4be0643f1d98_9f86d081884c7d65',
      },
    },
    status: 200,
    answer: 'What is wrong, also when nothing is.',
    content: { kind: 'data', schema: answers.signatureVerdict },
    errors: ['NOT_FOUND'],
  },
]
