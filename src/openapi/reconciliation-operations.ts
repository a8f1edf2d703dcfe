/** `/v1/reconciliations`: orders and the provider's books, compared. */
import * as z from 'zod'
import { reconciliationBody, reconciliationsQuery } from '../api/contract'
import type { Operation, Parameter } from './operation'
import { report, reportPage } from './reconciliation-answers'
import { body, said } from './words'

export const WINDOW_EXAMPLE = { from: '2026-11-22T00:00:00Z', to: '2026-11-23T00:00:00Z' }
const TIME = 'ISO 8601: a date, or a date and a time in UTC or with an offset.'

body(
  'ReconciliationBody',
  'A window of 31 days at most. Other fields are refused: a mistyped window would be another.',
  reconciliationBody,
)
said(reconciliationBody.shape.from, `Included. ${TIME}`)
said(reconciliationBody.shape.to, `Not included; what is to come is left out. ${TIME}`)
said(
  reconciliationBody.shape.index,
  'How much of the gateway’s own index is held against the orders themselves: a `sample`, or `all`, which takes longer.',
)

const query = reconciliationsQuery.shape
said(query.state, 'Only reconciliations in this state.')
said(query.cursor, '`next_cursor` of the page before.')
said(query.limit, 'Reconciliations on a page.')

const id: Parameter = {
  schema: z.string().min(1),
  description: 'Id of the reconciliation.',
  example: 'rec_0f1e2d3c4b5a6978',
}

export const reconciliationOperations: readonly Operation[] = [
  {
    id: 'createReconciliation',
    method: 'post',
    path: '/v1/reconciliations',
    tag: 'Reconciliation',
    summary: 'Compare a window',
    description:
      'Your orders of the window and what the provider shows for them, in both directions. What the provider knows better your orders learn, and you are called back; what does not add up is a finding. It only reads: nothing is sent, refunded or sent again. One runs at a time in each environment.',
    access: 'write',
    body: { schema: reconciliationBody, example: WINDOW_EXAMPLE },
    status: 202,
    answer: 'It is running.',
    content: { kind: 'data', schema: report },
    errors: ['RECONCILIATION_RUNNING'],
  },
  {
    id: 'listReconciliations',
    method: 'get',
    path: '/v1/reconciliations',
    tag: 'Reconciliation',
    summary: 'Your reconciliations',
    description:
      'Those that you asked for and those that the gateway makes by itself, newest first, of the last 90 days. With `Accept: text/csv` all of them come as one CSV, a line each, whatever `limit` says; `findings` is there how many there are of all kinds.',
    access: 'read',
    query: reconciliationsQuery,
    status: 200,
    answer: 'One page.',
    content: { kind: 'data', schema: reportPage, orCsv: true },
    errors: [],
  },
  {
    id: 'getReconciliation',
    method: 'get',
    path: '/v1/reconciliations/{id}',
    tag: 'Reconciliation',
    summary: 'What came of one',
    description:
      'While it runs, `progress` says how far it has come; it is over when `ended_at` is not null.',
    access: 'read',
    parameters: { id },
    status: 200,
    answer: 'The reconciliation.',
    content: { kind: 'data', schema: report },
    errors: ['NOT_FOUND'],
  },
]
