/** What a merchant is answered who tries out his callbacks. */
import * as z from 'zod'
import { EXAMPLE_TYPES } from '../callback/examples'
import { whole } from './answers'
import { why } from './merchant-answers'
import { named, said } from './words'

export const signatureVerdict = named(
  'SignatureVerdict',
  'Whether a signature holds, and which part is wrong.',
  z.strictObject({
    valid: said(
      z.boolean(),
      'What a library of Standard Webhooks would say of exactly these parts, the age of the timestamp aside.',
    ),
    problem: said(
      z.string().nullable(),
      'The first thing to repair, one short word such as `body_altered`, `wrong_secret`, `timestamp_old`; null when nothing is wrong. May be there although it is valid.',
    ),
    says: said(z.string(), 'The same for people.'),
    checks: z.array(
      z.strictObject({
        part: z.enum(['webhook-id', 'webhook-timestamp', 'webhook-signature', 'secret', 'body']),
        ok: said(z.boolean().nullable(), 'Null when it cannot be told.'),
        says: said(z.string(), 'For people.'),
      }),
    ),
  }),
)

export const endpointTest = named(
  'EndpointTest',
  'An example event, and what your server made of it.',
  z.strictObject({
    event_id: said(z.string(), '`evt_test_…`'),
    type: z.enum(EXAMPLE_TYPES),
    body: said(
      z.string(),
      'The bytes that were signed and sent: `data.ref` (of a report `data.id`) is `test-…`, `data.test` is true.',
    ),
    outcome: said(z.string(), '`delivered` is a 2xx; all others are not.'),
    http_status: z.int().nullable(),
    duration_ms: whole(),
    answer: said(z.string(), "The first 4 KB of your server's answer, cleaned."),
    why: said(why.nullable(), 'Null when it arrived.'),
  }),
)
