/** `/v1/findings`: what does not add up. */
import * as z from 'zod'
import { closeFindingBody, findingsQuery } from '../api/contract'
import type { Operation, Parameter } from './operation'
import { finding, findingPage } from './reconciliation-answers'
import { body, said } from './words'

export const CLOSE_EXAMPLE = { state: 'closed', note: 'The provider refunded it by hand.' }

body('CloseFindingBody', 'Closes it for ever.', closeFindingBody)
said(closeFindingBody.shape.note, 'What it was, for whoever reads it later.')

const query = findingsQuery.shape
said(query.state, 'Only findings in this state.')
said(query.kind, 'Only findings of this kind.')
said(query.cursor, '`next_cursor` of the page before.')
said(query.limit, 'Findings on a page.')

const id: Parameter = {
  schema: z.string().min(1),
  description: 'Id of the finding.',
  example: 'orphan-69a0c1d2e3f405162738495a',
}

export const findingOperations: readonly Operation[] = [
  {
    id: 'listFindings',
    method: 'get',
    path: '/v1/findings',
    tag: 'Reconciliation',
    summary: 'What does not add up',
    description:
      'Newest first. Money that left the provider account under one of your refs without an order of yours, or, on an account of your own, without any; and everything in which your orders and the provider differ. With `Accept: text/csv` all of them come as one CSV, whatever `limit` says.',
    access: 'read',
    query: findingsQuery,
    status: 200,
    answer: 'One page.',
    content: { kind: 'data', schema: findingPage, orCsv: true },
    errors: [],
  },
  {
    id: 'getFinding',
    method: 'get',
    path: '/v1/findings/{id}',
    tag: 'Reconciliation',
    summary: 'One of them',
    description: 'With what both sides say, and what to do.',
    access: 'read',
    parameters: { id },
    status: 200,
    answer: 'The finding.',
    content: { kind: 'data', schema: finding },
    errors: ['NOT_FOUND'],
  },
  {
    id: 'closeFinding',
    method: 'patch',
    path: '/v1/findings/{id}',
    tag: 'Reconciliation',
    summary: 'Close one with a note',
    description:
      'It stays listed, with the note, the name of your key and the time. Found again it stays closed. One that was closed before is answered as it was closed then: the first note stays.',
    access: 'write',
    parameters: { id },
    body: { schema: closeFindingBody, example: CLOSE_EXAMPLE },
    status: 200,
    answer: 'The finding as it is closed.',
    content: { kind: 'data', schema: finding },
    errors: ['NOT_FOUND'],
  },
]
