/** What `/v1` and the operator are answered about reconciliations and findings. See answers.ts. */
import * as z from 'zod'
import { FINDING_KINDS, FINDING_STATES, SUGGESTED_ACTIONS } from '../reconcile/finding'
import { REPORT_STATES, type Trigger } from '../reconcile/report'
import { time, whole } from './answers'
import { pageOf } from './merchant-answers'
import { named, said } from './words'

const TRIGGERS = ['recent', 'daily', 'demand'] as const satisfies readonly Trigger[]

const counts = z.strictObject({
  upstream: said(whole(), 'Top-ups that the provider shows.'),
  ours: said(whole(), 'Orders that should be there.'),
  matched: said(whole(), 'The same on both sides.'),
  open: said(whole(), 'Open on both sides.'),
  healed: said(whole(), 'The provider knew more: the order learnt it, and you were called back.'),
  adopted: said(whole(), 'Sends in doubt that were found there; healed too.'),
  looked_up: said(whole(), 'Found by their ref only, not in the list of the window.'),
  index_checked: said(whole(), 'Rows of the index that were held against their orders.'),
  index_repaired: said(whole(), 'Those of them that were mended.'),
})

const accountBalance = z.strictObject({
  opening_dzd: said(z.number(), 'Before the first movement of the window.'),
  closing_dzd: said(z.number(), 'After the last.'),
  moved_dzd: said(z.number(), 'The sum of all movements.'),
  difference_dzd: said(z.number(), 'Closing less opening less moved: 0 when nothing is missing.'),
})

export const report = named(
  'Reconciliation',
  'A window of time in which orders and what the provider shows were compared, in both directions.',
  z.strictObject({
    id: z.string(),
    state: said(
      z.enum(REPORT_STATES),
      '`complete`: everything was read. `incomplete`: some of it could not be read so that it proves anything; `reasons` say why.',
    ),
    trigger: said(z.enum(TRIGGERS), '`recent`: every 15 minutes. `daily`. `demand`: somebody asked.'),
    from: said(time(), 'Included.'),
    to: said(time(), 'Not included.'),
    started_at: time(),
    ended_at: said(time().nullable(), 'Null while it runs.'),
    progress: said(z.number().min(0).max(1), 'How far in the window it has come.'),
    pages_read: said(whole(), 'Of the provider’s list and statement.'),
    reasons: z.array(z.string()),
    counts,
    findings: said(z.record(z.string(), whole()), 'How many were found, by kind.'),
    charged_dzd: said(z.number(), 'What the statement shows that was taken for these orders.'),
    refunded_dzd: said(z.number(), 'What it shows that came back.'),
    fulfilled_dzd: said(z.number(), 'Face value of what was delivered.'),
    balance: said(
      accountBalance.nullable(),
      'Of the account; null where the statement shows none, and on an account that merchants share.',
    ),
  }),
)

export const reportPage = named('ReconciliationPage', 'Reconciliations, newest first.', pageOf(report))

const KINDS = Object.entries(SUGGESTED_ACTIONS).map(([kind, action]) => `- \`${kind}\`: ${action}`)

const side = named(
  'FoundSide',
  'What one side says: what there is to say differs from kind to kind. Amounts in `…_dzd`, times in `at` and `…_at`.',
  z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
)

export const finding = named(
  'Finding',
  `Something that does not add up. Nothing was concluded from it: it holds what both sides say. Expect kinds that you do not know.\n\n${KINDS.join('\n')}`,
  z.strictObject({
    id: said(z.string(), 'The same fact has the same id, however often it is found.'),
    kind: z.enum(FINDING_KINDS),
    state: said(z.enum(FINDING_STATES), 'Open until somebody closes it, for ever.'),
    found_at: time(),
    ref: said(z.string().nullable(), 'Your own reference, as far as it can be told.'),
    action: said(z.string(), 'What to do about a finding of this kind.'),
    upstream: said(side.nullable(), 'Null where the provider shows nothing.'),
    ours: said(side.nullable(), 'Null where there is no order.'),
    closed_at: said(time().nullable(), 'Null while it is open, as the two below.'),
    closed_by: said(z.string().nullable(), 'Name of the key that closed it, or `operator`.'),
    note: z.string().nullable(),
  }),
)

export const findingPage = named('FindingPage', 'Findings, newest first.', pageOf(finding))
