/** What the operator is answered by `/admin/wallets`. See answers.ts. */
import * as z from 'zod'
import { time, whole } from './answers'
import { pageOf } from './merchant-answers'
import { named, said } from './words'

const dzd = () => z.number()

const budgetFields = {
  limit_per_minute: said(z.int().positive(), 'No window of 60 s sees more.'),
  rate_per_minute: said(z.number().positive(), 'Less than the limit after a 429 or a 5xx; it climbs back.'),
  left: said(whole(), 'May go out at once.'),
  paused_until: said(time().nullable(), 'The provider asked for a pause; null while there is none.'),
  total: said(whole(), 'Since the wallet woke up.'),
}

const walletSettings = named(
  'WalletSettings',
  'Set by the operator; null is the default, or off.',
  z.strictObject({
    reads_per_minute: z.int().positive().nullable(),
    sends_per_minute: z.int().positive().nullable(),
    low_balance_dzd: z.int().positive().nullable(),
    low_balance_hours: z.int().positive().nullable(),
  }),
)

export const wallet = named(
  'Wallet',
  'A provider account: what it may be asked, and how it fares. What it counts begins anew when it wakes up.',
  z.strictObject({
    id: said(z.string(), '`operator`, `own:{merchant}` or `sandbox:{merchant}`.'),
    settings: walletSettings,
    watched_orders: said(whole(), 'Open orders that it looks at.'),
    reads: said(z.strictObject(budgetFields), 'Everything that is asked besides sends.'),
    sends: z.strictObject({
      ...budgetFields,
      waiting: said(whole(), 'Sends that stand in line.'),
    }),
    breaker: z.strictObject({
      state: said(
        z.enum(['closed', 'open', 'half_open']),
        '`open`: new sends are refused, and one probe at a time asks. `half_open`: it answers again, and sends go one at a time.',
      ),
      since: time(),
      reason: said(
        z.enum(['sends_in_doubt', 'reads_unanswered']).nullable(),
        'What opened it; null while it is closed.',
      ),
      next_probe_at: said(time().nullable(), 'Null unless it is open.'),
    }),
    balance: z.strictObject({
      dzd: said(
        dzd().nullable(),
        'As it was told last, less what was sent since; null while nobody has said it.',
      ),
      at: said(time().nullable(), 'When it was told.'),
      hours_left: said(
        z.number().nullable(),
        'At the rate of the last hour; null while nothing was spent, or it was watched for less than five minutes.',
      ),
      statement_read_at: said(time().nullable(), 'When the statement was read to its end last.'),
    }),
    drift: said(
      z.array(
        z.strictObject({
          kind: said(z.string(), 'Which call, and what is new in its answer.'),
          first_at: time(),
          last_at: time(),
          count: z.int().positive(),
          sample: said(z.string(), 'The first that was seen: its beginning, phone numbers masked.'),
        }),
      ),
      'What the provider says and nobody has seen before; the most recent first.',
    ),
  }),
)

const INCIDENT = `What the operator should know. The same fact is told once.

- \`orphan\`: money left the account, and no order explains it. \`certainty\` is \`foreign\`, or \`unexplained\` when
  nobody could say in time whose it is
- \`broken_chain\`: the balance changed between two movements, and the statement does not show by what
- \`low_balance\`: \`by\` names the mark, \`dzd\` or \`hours\`; told again only after the balance was ample
- \`breaker_open\`: \`reason\` is \`sends_in_doubt\` or \`reads_unanswered\`
- \`drift\`: an answer of the provider with something new in it
- \`order_late\`: an order takes longer than 199 in 200 of its plan`

export const incidentList = named(
  'IncidentList',
  'Newest first; the newest 1,000 are kept. There are no further pages.',
  pageOf(
    named(
      'Incident',
      INCIDENT,
      z.strictObject({
        id: said(z.string(), 'The same fact has the same id.'),
        kind: z.enum(['orphan', 'broken_chain', 'low_balance', 'breaker_open', 'drift', 'order_late']),
        at: time(),
        facts: said(
          z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
          'Amounts in `…_dzd`, ages in `…_ms`. No secret, and no whole phone number but in a `ref`.',
        ),
      }),
    ),
  ),
)
