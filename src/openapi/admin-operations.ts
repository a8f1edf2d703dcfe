/** `/admin`: the operator's surface. */
import * as z from 'zod'
import {
  changeKeyBody,
  changeMerchantBody,
  createKeyBody,
  createMerchantBody,
  credentialBody,
  merchantsQuery,
} from '../api/contract'
import * as answers from './admin-answers'
import type { Operation, Parameter } from './operation'

const id: Parameter = {
  schema: z.string().min(1),
  description: 'Id of the merchant.',
  example: 'm4be0643f1d98',
}

const key: Parameter = {
  schema: z.string().min(1),
  description: 'Id of the key; not the key.',
  example: 'key_9f86d081884c7d65',
}

const WITHIN_A_MINUTE = 'True everywhere within a minute.'

const merchants: readonly Operation[] = [
  {
    id: 'createMerchant',
    method: 'post',
    path: '/admin/merchants',
    tag: 'Operator',
    summary: 'Create a merchant',
    description:
      'Without limits, on the operator’s provider account, without keys. Every call makes another one.',
    access: 'operator',
    body: { schema: createMerchantBody, example: { name: 'Corner shop' } },
    status: 201,
    answer: 'Created.',
    content: { kind: 'data', schema: answers.merchant },
    errors: [],
  },
  {
    id: 'listMerchants',
    method: 'get',
    path: '/admin/merchants',
    tag: 'Operator',
    summary: 'All merchants',
    description: 'In order of their ids; a new merchant appears within a minute.',
    access: 'operator',
    query: merchantsQuery,
    status: 200,
    answer: 'One page.',
    content: { kind: 'data', schema: answers.merchantList },
    errors: [],
  },
  {
    id: 'getMerchant',
    method: 'get',
    path: '/admin/merchants/{id}',
    tag: 'Operator',
    summary: 'A merchant with all keys',
    description: 'And whether a credential of the merchant’s own is kept; never the credential, never a key.',
    access: 'operator',
    parameters: { id },
    status: 200,
    answer: 'The merchant.',
    content: { kind: 'data', schema: answers.fullMerchant },
    errors: ['NOT_FOUND'],
  },
  {
    id: 'changeMerchant',
    method: 'patch',
    path: '/admin/merchants/{id}',
    tag: 'Operator',
    summary: 'Rename, disable or limit a merchant',
    description: `Amounts are DZD of face value. A disabled merchant sends nothing more; open orders are tracked and called back still. ${WITHIN_A_MINUTE}`,
    access: 'operator',
    parameters: { id },
    body: {
      schema: changeMerchantBody,
      example: { settings: { daily_amount: 200_000, repeat: { minutes: 5, action: 'warn' } } },
    },
    status: 200,
    answer: 'The merchant as it is now.',
    content: { kind: 'data', schema: answers.fullMerchant },
    errors: ['NOT_FOUND'],
  },
]

const access: readonly Operation[] = [
  {
    id: 'createKey',
    method: 'post',
    path: '/admin/merchants/{id}/keys',
    tag: 'Operator',
    summary: 'Create a key',
    description:
      'The key, not the URL, decides between sandbox and production. Every call makes another one.',
    access: 'operator',
    parameters: { id },
    body: {
      schema: createKeyBody,
      example: { environment: 'production', scope: 'READ-WRITE', name: 'till 1' },
    },
    status: 201,
    answer: 'Created. Keep `key`: it is shown here and never again.',
    content: { kind: 'data', schema: answers.createdKey },
    errors: ['NOT_FOUND'],
  },
  {
    id: 'changeKey',
    method: 'patch',
    path: '/admin/merchants/{id}/keys/{key}',
    tag: 'Operator',
    summary: 'Rename, restrict or disable a key',
    description: `Disabling is for ever. ${WITHIN_A_MINUTE}`,
    access: 'operator',
    parameters: { id, key },
    body: { schema: changeKeyBody, example: { state: 'disabled' } },
    status: 200,
    answer: 'The key as it is now.',
    content: { kind: 'data', schema: answers.key },
    errors: ['NOT_FOUND'],
  },
  {
    id: 'setCredential',
    method: 'put',
    path: '/admin/merchants/{id}/credential',
    tag: 'Operator',
    summary: 'Give a merchant a provider account of their own',
    description: `Asked at the provider first, which takes up to 5 s; kept encrypted, and shown to nobody again. \`ERR_VALIDATION\` also for an account that the operator or another merchant uses: refs are unique in an account. Production sends go through it from then on. ${WITHIN_A_MINUTE} \`PERMISSION_DENIED\` also when the gateway has no \`MASTER_KEY\`.`,
    access: 'operator',
    parameters: { id },
    body: { schema: credentialBody, example: { access_token: 'the-merchants-access-token' } },
    status: 200,
    answer: 'Kept.',
    content: { kind: 'data', schema: answers.credential },
    errors: ['NOT_FOUND'],
  },
  {
    id: 'removeCredential',
    method: 'delete',
    path: '/admin/merchants/{id}/credential',
    tag: 'Operator',
    summary: 'Put a merchant back on the operator’s account',
    description: `Orders that are still open on the merchant’s own account can no longer be asked for. ${WITHIN_A_MINUTE}`,
    access: 'operator',
    parameters: { id },
    status: 200,
    answer: 'Removed, also when there was none.',
    content: { kind: 'data', schema: answers.nothing },
    errors: ['NOT_FOUND'],
  },
]

export const adminOperations: readonly Operation[] = [...merchants, ...access]
