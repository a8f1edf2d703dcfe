/** `/v1/findings`: what does not add up. */
import * as z from 'zod'
import { findingsQuery } from '../api/contract'
import { FINDING_KINDS, FINDING_STATES } from '../merchant/findings'
import { time } from './answers'
import { pageOf } from './merchant-answers'
import type { Operation } from './operation'
import { named, said } from './words'

const movement = named(
  'FoundMovement',
  'What the provider’s statement shows.',
  z.strictObject({
    at: said(time().nullable(), 'By the provider’s clock; of a broken chain, the first movement after it.'),
    certainty: said(
      z.enum(['foreign', 'unexplained']),
      '`unexplained`: nobody could say in time whose it is; it may turn out to be yours.',
    ),
    amount_dzd: said(z.number(), 'What is gone; negative where a broken chain shows more money than before.'),
    topup_id: said(z.string().nullable(), 'The provider’s id of its top-up.'),
    ref: said(z.string().nullable(), 'As the provider shows it.'),
    type: said(z.string().nullable(), 'The provider’s word; null for what it does not show.'),
    note: said(z.string(), 'The provider’s, phone numbers masked.'),
    balance_before_dzd: z.number(),
    balance_after_dzd: z.number(),
  }),
)

const finding = named(
  'Finding',
  'Something that does not add up. Nothing was concluded from it: it holds what both sides say.',
  z.strictObject({
    id: z.string(),
    kind: said(
      z.enum(FINDING_KINDS),
      '`orphan`: money left the account, and no order explains it. `broken_chain`: the balance changed, and the statement does not show by what.',
    ),
    state: said(z.enum(FINDING_STATES), 'Open until it is explained.'),
    found_at: time(),
    ref: said(z.string().nullable(), 'Your own reference, as far as it can be told.'),
    upstream: said(movement.nullable(), 'Null where the provider shows nothing.'),
    ours: said(z.record(z.string(), z.unknown()).nullable(), 'Null where there is no order.'),
  }),
)

const findingPage = named('FindingPage', 'Findings, newest first.', pageOf(finding))

export const findingOperations: readonly Operation[] = [
  {
    id: 'listFindings',
    method: 'get',
    path: '/v1/findings',
    tag: 'Orders',
    summary: 'What does not add up',
    description:
      'Newest first. Money that left the provider account under one of your refs without an order of yours, or, on an account of your own, without any.',
    access: 'read',
    query: findingsQuery,
    status: 200,
    answer: 'One page.',
    content: { kind: 'data', schema: findingPage },
    errors: [],
  },
]
