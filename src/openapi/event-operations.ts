/** `/v1/events`: callbacks to be read instead of received. */
import * as z from 'zod'
import { eventsQuery } from '../api/contract'
import { FEED_EVENT_TYPES } from '../order/state'
import { time } from './answers'
import type { Operation } from './operation'
import { named, said } from './words'

const query = eventsQuery.shape
said(
  query.after,
  '`next_cursor` of the page before. Without it, from the oldest event that is kept: 90 days.',
)
said(query.wait, 'Seconds to wait for an event when there is none. After them the answer is an empty page.')
said(query.limit, 'Events on a page.')

const feedEvent = named(
  'FeedEvent',
  'An event as it is sent to endpoints.',
  z.strictObject({
    id: said(
      z.string(),
      'The `webhook-id` of its callbacks: an event that was received already has the same.',
    ),
    type: z.enum(FEED_EVENT_TYPES),
    ref: said(z.string().nullable(), 'Null for what is of no one order.'),
    state_version: said(z.int().positive().nullable(), 'As in `body`; null for what is of no one order.'),
    created_at: time(),
    body: said(z.string(), 'The bytes of every callback of it.'),
    headers: said(
      z.strictObject({
        'webhook-id': z.string(),
        'webhook-timestamp': z.string(),
        'webhook-signature': z.string().optional(),
      }),
      'Signed for this answer over `body` with all keys of all your endpoints in this environment; any of your secrets verifies it. Without an endpoint there is no signature.',
    ),
  }),
)

const eventPage = named(
  'EventPage',
  'Events, oldest first.',
  z.strictObject({
    items: z.array(feedEvent),
    next_cursor: said(
      z.string(),
      'Where to go on; never null. Keep it with what you have done of this page.',
    ),
    has_more: said(z.boolean(), 'Whether the next page would hold something now.'),
  }),
)

export const eventOperations: readonly Operation[] = [
  {
    id: 'listEvents',
    method: 'get',
    path: '/v1/events',
    tag: 'Callbacks',
    summary: 'Every event, to be read',
    description:
      'All events of the environment of the key, whether an endpoint got them or not, in one order that never changes: oldest first, none skipped, none repeated, for whoever goes on with `next_cursor`. Events are kept for 90 days. `summary.daily` sums up each Algerian day that had orders, soon after it: `data` has `counts` and `amounts_dzd` (face value) of the day’s orders by their status then, and how many `events` of top-ups there are behind `first_cursor` up to `last_cursor`. `reconciliation.completed` tells what the comparison of each day came to: `data` is the reconciliation, and its `environment`. With `wait` the answer comes as soon as there is an event; when the call ends with an error, make it again with the same cursor.',
    access: 'read',
    query: eventsQuery,
    status: 200,
    answer: 'One page.',
    content: { kind: 'data', schema: eventPage },
    errors: [],
  },
]
