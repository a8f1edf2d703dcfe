/** `/v1/endpoints/{id}/...`: the keys that callbacks are signed with. */
import { rotateKeysBody } from '../api/contract'
import * as answers from './merchant-answers'
import { endpointId } from './merchant-operations'
import type { Operation } from './operation'

export const endpointKeyOperations: readonly Operation[] = [
  {
    id: 'rotateEndpointKeys',
    method: 'post',
    path: '/v1/endpoints/{id}/rotate',
    tag: 'Callbacks',
    summary: 'New signing keys',
    description:
      'A new secret and a new public key. Until `expires_at` every attempt carries the signatures of the former keys too, so your server may know either secret. Should the answer be lost, rotate again. At most five former keys may be live. `SERVICE_UNAVAILABLE` also when the operator has set no `MASTER_KEY`.',
    access: 'write',
    parameters: { id: endpointId },
    body: { schema: rotateKeysBody, example: { overlap_hours: 24 } },
    status: 200,
    answer: 'Rotated. Keep `secret`: it is shown here and never again.',
    content: { kind: 'data', schema: answers.createdEndpoint },
    errors: ['NOT_FOUND'],
  },
  {
    id: 'revokeOldEndpointKeys',
    method: 'post',
    path: '/v1/endpoints/{id}/revoke-old',
    tag: 'Callbacks',
    summary: 'Stop signing with former keys',
    description:
      'At once, whatever overlap was asked for: from the next attempt on only the newest keys sign. When the newest is what leaked, rotate with `overlap_hours: 0` first.',
    access: 'write',
    parameters: { id: endpointId },
    status: 200,
    answer: 'The endpoint as it is now.',
    content: { kind: 'data', schema: answers.endpoint },
    errors: ['NOT_FOUND'],
  },
]
