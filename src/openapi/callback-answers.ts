/** What a merchant is answered who tries out his callbacks. */
import * as z from 'zod'
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
