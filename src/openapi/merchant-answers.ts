/** What a merchant is answered by `/v1`, and a receiver by `/.well-known`. See answers.ts. */
import * as z from 'zod'
import { EVENT_TYPES, FEED_EVENT_TYPES, LISTED_PHASES, STATUSES } from '../order/state'
import { callback, flag, stateVersion, time, topupFields, warning, whole } from './answers'
import { named, said } from './words'

/** Of everything in `/v1` and `/admin` that is listed. */
const nextCursor = () =>
  said(z.string().nullable(), 'Give it as `cursor` for the next page. Only null is the end.')
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), next_cursor: nextCursor() })

const providerId = () => said(z.string().nullable(), "The provider's id where it is not `_id`, else null.")

const phase = () =>
  said(
    z.enum(LISTED_PHASES),
    '`queued` (waits for its turn; nothing has left), `sending`, `in_doubt` (the answer of the send was lost), `tracking`, `unknown`, `settled`.',
  )

const order = named(
  'Order',
  'A top-up in a list.',
  z.strictObject({
    ...topupFields,
    provider_id: providerId(),
    phase: phase(),
    final: z.boolean(),
    state_version: stateVersion(),
    updated_at: time(),
    settled_at: time().nullable(),
  }),
)

export const orderPage = named(
  'OrderPage',
  'Orders, newest first. A page may be short, or empty, before the end.',
  pageOf(order),
)

const exchange = named(
  'Exchange',
  'One HTTP exchange with the provider. No header is kept: one of them is the credential.',
  z.strictObject({
    at: time(),
    duration_ms: whole(),
    method: z.string(),
    path: z.string(),
    sent: said(z.string().nullable(), 'The body as it left.'),
    http_status: said(z.int().nullable(), 'Null when no answer came; `failure` says why.'),
    failure: z.string().nullable(),
    received: said(z.string(), 'The beginning of the body.'),
    received_bytes: whole(),
    sha256: said(z.string().nullable(), 'Of the whole body, hex.'),
  }),
)

const step = named(
  'Step',
  'Something that was done for the order. Equal steps in a row are one, counted.',
  z.strictObject({
    at: time(),
    last_at: time(),
    times: z.int().positive(),
    did: said(
      z.enum(['send', 'late_answer', 'look', 'list', 'interrupted']),
      '`look` asks by ref, `list` searches the provider’s list.',
    ),
    result: said(z.string(), 'What it proved, e.g. `accepted`, `found: PENDING`, `no_answer: http_502`.'),
    phase: phase(),
    status: z.enum(STATUSES),
    state_version: stateVersion(),
    exchanges: said(z.array(exchange), 'Those of the last time.'),
  }),
)

const event = named(
  'Event',
  'A fact you were, or will be, told.',
  z.strictObject({
    id: z.string(),
    type: z.enum(EVENT_TYPES),
    state_version: stateVersion(),
    created_at: time(),
    body: said(z.string(), 'The bytes of every callback of it.'),
  }),
)

export const why = named(
  'Why',
  'For people, in three languages: why an event has not arrived, and what to do.',
  z.strictObject({
    en: z.string(),
    fr: z.string(),
    ar: said(z.string(), 'Right to left; addresses in it are set apart with U+2068 and U+2069.'),
  }),
)

export const delivery = named(
  'Delivery',
  'One event for one endpoint.',
  z.strictObject({
    id: z.string(),
    event_id: z.string(),
    event_type: z.enum(EVENT_TYPES),
    ref: z.string(),
    endpoint_id: z.string(),
    url: z.url(),
    state: z.enum(['pending', 'delivered', 'held', 'failed', 'cancelled']),
    reason: said(z.string().nullable(), 'Why it is held, failed, cancelled or tried again: one short word.'),
    next_attempt_at: time().nullable(),
    why: why.nullable(),
    replayed: said(z.boolean(), 'You asked for it again; attempts since then carry `webhook-replay: true`.'),
    attempts: z.array(
      z.strictObject({
        at: time(),
        outcome: said(
          z.string(),
          '`delivered` is a 2xx; `redirected`, `gone`, `throttled`, `refused` (4xx), `failed`, `timeout`, `too_large`; `dns`, `tls` or `connect` when your server was not reached; `forbidden` when its address may not be called.',
        ),
        http_status: z.int().nullable(),
        duration_ms: whole(),
        answer: said(
          z.string(),
          "The first bytes of your server's answer, cleaned: 4 KB of the newest, 512 characters of older ones. What stopped us, where nothing was sent.",
        ),
      }),
    ),
  }),
)

export const deliveryPage = named('DeliveryPage', 'Deliveries, newest first.', pageOf(delivery))

export const orderStory = named(
  'OrderStory',
  'Everything that is known of an order: each step, what was sent, what came back, events, attempts.',
  z.strictObject({
    ...topupFields,
    provider_id: providerId(),
    phase: phase(),
    final: z.boolean(),
    state_version: stateVersion(),
    settled_at: time().nullable(),
    folded_at: said(
      time().nullable(),
      'Long after it was over, its steps, events and deliveries up to then were let go; null while all are there.',
    ),
    next_check_at: time().nullable(),
    callback,
    callback_url: said(z.url().nullable(), 'The `callback_url` of the send; null when it had none.'),
    warnings: z.array(warning),
    flag: flag.nullable(),
    wallet: said(z.enum(['sandbox', 'operator', 'own']), 'Whose provider account it went through.'),
    upstream_ref: said(z.string(), 'The `ref` the provider was given.'),
    submissions: said(z.int().positive(), 'More than one only after it was proven absent.'),
    steps: said(z.array(step), 'The first ten are kept for ever, then the newest: fifty in all.'),
    events: z.array(event),
    deliveries: z.array(delivery),
  }),
)

const endpointHealth = named(
  'EndpointHealth',
  'Whether the server behind it answers.',
  z.strictObject({
    state: said(
      z.enum(['ok', 'failing', 'silent']),
      '`silent`: five orders failed in a row; one at a time asks the server until it answers, the others wait.',
    ),
    failing_since: time().nullable(),
    failures: said(whole(), 'Since then.'),
    last_outcome: z.string().nullable(),
    next_probe_at: time().nullable(),
    disables_at: said(time().nullable(), 'When it is disabled at the earliest, if nothing succeeds.'),
  }),
)

const endpointFields = {
  id: z.string(),
  url: z.url(),
  events: z.array(z.enum(FEED_EVENT_TYPES)),
  state: said(
    z.enum(['active', 'unverified', 'paused', 'disabled']),
    'Only `active` is called; the others hold their events, and nothing is dropped.',
  ),
  description: z.string().nullable(),
  reason: said(z.string().nullable(), 'Why it is in its state, for people.'),
  fold_superseded: said(z.boolean(), 'Of what was held, only the newest event of an order is sent.'),
  notify_url: said(z.url().nullable(), 'Told, signed, when callbacks to `url` keep failing.'),
  public_key: said(z.string(), '`whpk_…`: verifies `v1a` signatures (Ed25519). The newest.'),
  public_keys: said(
    z.array(
      z.strictObject({
        public_key: z.string(),
        created_at: time(),
        expires_at: said(time().nullable(), 'Nothing is signed with it from then on; null for the newest.'),
      }),
    ),
    'All that callbacks are signed with now, newest first.',
  ),
  verified_at: said(time().nullable(), 'When it echoed a challenge; sandbox endpoints need not.'),
  created_at: time(),
  held: said(whole(), 'Events that wait until it is active and its server answers.'),
  health: endpointHealth,
}

export const endpoint = named('Endpoint', 'A registered callback URL.', z.strictObject(endpointFields))
export const createdEndpoint = named(
  'CreatedEndpoint',
  'The endpoint with its new secret, this once.',
  z.strictObject({
    ...endpointFields,
    secret: said(z.string(), '`whsec_…`: verifies `v1` signatures. Shown here and never again.'),
  }),
)
export const endpointList = named('EndpointList', 'Oldest first; there are ten at most.', pageOf(endpoint))
export const deletedEndpoint = named(
  'DeletedEndpoint',
  'It is gone; the events of its past stay listed.',
  z.strictObject({ id: z.string(), deleted: z.literal(true) }),
)

/** The whole answer. */
export const webhookKeys = named(
  'WebhookKeys',
  'Public keys of an endpoint, newest first.',
  z.strictObject({ keys: z.array(z.string()).min(1) }),
)
