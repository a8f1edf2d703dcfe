/** `/admin/wallets`: the provider accounts, for their operator. */
import * as z from 'zod'
import { changeWalletBody, incidentsQuery } from '../api/contract'
import type { Operation, Parameter } from './operation'
import { incidentList, wallet } from './wallet-answers'

export const walletId: Parameter = {
  schema: z.string().min(1),
  description:
    '`operator`; `own:{merchant}`, the account that a merchant brought; `sandbox:{merchant}`. The colon may be percent-encoded.',
  example: 'operator',
}

export const walletOperations: readonly Operation[] = [
  {
    id: 'getWallet',
    method: 'get',
    path: '/admin/wallets/{id}',
    tag: 'Operator',
    summary: 'A provider account',
    description:
      'What it may be asked, who waits, whether the provider answers, what is left to spend, and what it said that nobody knows.',
    access: 'operator',
    parameters: { id: walletId },
    status: 200,
    answer: 'The wallet at this moment.',
    content: { kind: 'data', schema: wallet },
    errors: ['NOT_FOUND'],
  },
  {
    id: 'changeWallet',
    method: 'patch',
    path: '/admin/wallets/{id}',
    tag: 'Operator',
    summary: 'Set the budgets and the low balance of a provider account',
    description:
      'True at once. A rate that trouble has lowered stays lowered by the same share. Null is the default, or off.',
    access: 'operator',
    parameters: { id: walletId },
    body: { schema: changeWalletBody, example: { sends_per_minute: 600, low_balance_dzd: 50_000 } },
    status: 200,
    answer: 'The wallet as it is now.',
    content: { kind: 'data', schema: wallet },
    errors: ['NOT_FOUND'],
  },
  {
    id: 'listIncidents',
    method: 'get',
    path: '/admin/wallets/{id}/incidents',
    tag: 'Operator',
    summary: 'What happened to a provider account',
    description: 'What the operator should know, newest first. Each is in the log too, as `wallet.{kind}`.',
    access: 'operator',
    parameters: { id: walletId },
    query: incidentsQuery,
    status: 200,
    answer: 'The newest of them.',
    content: { kind: 'data', schema: incidentList },
    errors: ['NOT_FOUND'],
  },
]
