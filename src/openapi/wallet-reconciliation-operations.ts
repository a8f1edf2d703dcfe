/** `/admin/wallets/{id}`: whole provider accounts compared with all orders on them. */
import * as z from 'zod'
import {
  closeFindingBody,
  findingsQuery,
  reconciliationBody,
  walletReconciliationsQuery,
} from '../api/contract'
import { CLOSE_EXAMPLE } from './finding-operations'
import type { Operation, Parameter } from './operation'
import { finding, findingPage, report, reportPage } from './reconciliation-answers'
import { WINDOW_EXAMPLE } from './reconciliation-operations'
import { walletId as id } from './wallet-operations'
import { said } from './words'

said(walletReconciliationsQuery.shape.cursor, '`next_cursor` of the page before.')
said(walletReconciliationsQuery.shape.limit, 'Reconciliations on a page.')

const reportId: Parameter = {
  schema: z.string().min(1),
  description: 'Id of the reconciliation.',
  example: 'rec_0f1e2d3c4b5a6978',
}
const findingId: Parameter = {
  schema: z.string().min(1),
  description: 'Id of the finding.',
  example: 'orphan-69a0c1d2e3f405162738495a',
}

export const walletReconciliationOperations: readonly Operation[] = [
  {
    id: 'reconcileWallet',
    method: 'post',
    path: '/admin/wallets/{id}/reconciliations',
    tag: 'Operator',
    summary: 'Compare a whole provider account',
    description:
      'All orders on it, of every merchant, and everything that its list and its statement show in the window. It only reads. One runs at a time.',
    access: 'operator',
    parameters: { id },
    body: { schema: reconciliationBody, example: WINDOW_EXAMPLE },
    status: 202,
    answer: 'It is running.',
    content: { kind: 'data', schema: report },
    errors: ['NOT_FOUND', 'RECONCILIATION_RUNNING'],
  },
  {
    id: 'listWalletReconciliations',
    method: 'get',
    path: '/admin/wallets/{id}/reconciliations',
    tag: 'Operator',
    summary: 'Reconciliations of a provider account',
    description: 'Those of the whole account, newest first.',
    access: 'operator',
    parameters: { id },
    query: walletReconciliationsQuery,
    status: 200,
    answer: 'One page.',
    content: { kind: 'data', schema: reportPage },
    errors: ['NOT_FOUND'],
  },
  {
    id: 'getWalletReconciliation',
    method: 'get',
    path: '/admin/wallets/{id}/reconciliations/{report}',
    tag: 'Operator',
    summary: 'What came of one',
    description: 'While it runs, `progress` says how far it has come. Also one that a merchant asked for.',
    access: 'operator',
    parameters: { id, report: reportId },
    status: 200,
    answer: 'The reconciliation.',
    content: { kind: 'data', schema: report },
    errors: ['NOT_FOUND'],
  },
  {
    id: 'listWalletFindings',
    method: 'get',
    path: '/admin/wallets/{id}/findings',
    tag: 'Operator',
    summary: 'What does not add up on a provider account',
    description:
      'Newest first: what no merchant can be told of, since it is of no order and its ref names nobody. Findings of a merchant are his.',
    access: 'operator',
    parameters: { id },
    query: findingsQuery,
    status: 200,
    answer: 'One page.',
    content: { kind: 'data', schema: findingPage },
    errors: ['NOT_FOUND'],
  },
  {
    id: 'closeWalletFinding',
    method: 'patch',
    path: '/admin/wallets/{id}/findings/{finding}',
    tag: 'Operator',
    summary: 'Close one with a note',
    description: 'For ever; it stays listed. The first note stays.',
    access: 'operator',
    parameters: { id, finding: findingId },
    body: { schema: closeFindingBody, example: CLOSE_EXAMPLE },
    status: 200,
    answer: 'The finding as it is closed.',
    content: { kind: 'data', schema: finding },
    errors: ['NOT_FOUND'],
  },
]
