/** The public contract: what may be sent, which errors come back. The only place for it. */
import * as z from 'zod'
import { EXAMPLE_TYPES } from '../callback/examples'
import { MAX_RETENTION_DAYS, MIN_RETENTION_DAYS } from '../merchant/record'
import { readMsisdn } from '../order/msisdn'
import { DELIVERY_STATES, EVENT_TYPES, FEED_EVENT_TYPES, LISTED_PHASES, STATUSES } from '../order/state'
import { isAddressOrRange } from '../platform/address'
import { FINDING_KINDS, FINDING_STATES } from '../reconcile/finding'
import { REPORT_STATES } from '../reconcile/report'

/**
 * Error codes, their HTTP status and what they mean to a client. Names and statuses are the provider's wherever
 * it has one; a refusal of the provider's own is passed on with whatever code it has.
 */
export const ERRORS = {
  ERR_VALIDATION: { status: 400, means: 'A field is missing or wrong; `details` names the first.' },
  MISSING_ACCESS_TOKEN: { status: 401, means: 'No key was sent.' },
  INVALID_ACCESS_TOKEN: { status: 401, means: 'Nobody was given this key.' },
  API_DISABLED: { status: 403, means: 'The key, or its merchant, was switched off.' },
  IP_NOT_ALLOWED: { status: 403, means: 'The key may not be used from this address.' },
  IP_BLOCKED: { status: 403, means: 'Too many unknown keys came from this address; wait 15 minutes.' },
  PERMISSION_DENIED: { status: 403, means: 'The key is READ-ONLY, or the surface is closed.' },
  DUPLICATED_REF: { status: 403, means: 'The `ref` belongs to another send; nothing was sent.' },
  INSUFFICIENT_BALANCE: {
    status: 403,
    means: 'The account has not enough; nothing was sent, the `ref` is free.',
  },
  LIMIT_EXCEEDED: { status: 403, means: "One of the merchant's own limits on amounts; nothing was sent." },
  NOT_FOUND: { status: 404, means: 'There is no such thing, or it belongs to somebody else.' },
  METHOD_NOT_ALLOWED: { status: 405, means: 'The path takes another method; `Allow` names it.' },
  ENDPOINT_NOT_VERIFIED: { status: 409, means: 'The receiver did not echo the challenge.' },
  HELD_EVENTS: {
    status: 409,
    means: 'The endpoint holds events, and it was not said what becomes of them; nothing was deleted.',
  },
  ENDPOINT_NOT_ACTIVE: {
    status: 409,
    means: 'The endpoint holds its events: set it active, and they go by themselves.',
  },
  DELIVERY_CANCELLED: {
    status: 409,
    means: 'It will never be made: the message names the reason. The events feed has its event.',
  },
  REPEATED_TOPUP: {
    status: 409,
    means: 'The same amount went to this number a moment ago; nothing was sent.',
  },
  REPLAY_RUNNING: { status: 409, means: 'One replay runs at a time in each environment.' },
  RECONCILIATION_RUNNING: {
    status: 409,
    means: 'One that you asked for is under way on this account: `details.id` names it.',
  },
  PAYLOAD_TOO_LARGE: { status: 413, means: 'The body is larger than 16 KB; of a replay, than 256 KB.' },
  RATE_LIMIT_EXCEEDED: { status: 429, means: 'Too many requests; `Retry-After` says when.' },
  INTERNAL_ERROR: { status: 500, means: 'A fault of the gateway; the same request may be sent again.' },
  SERVICE_UNAVAILABLE: {
    status: 503,
    means: 'Not now; `Retry-After` says when to send the same request again.',
  },
} as const satisfies Record<string, { readonly status: number; readonly means: string }>

export type ErrorCode = keyof typeof ERRORS

export const MAX_BODY_BYTES = 16 * 1024
/** Where more is needed, by path. */
export const LARGER_BODY_BYTES: Readonly<Record<string, number>> = { '/v1/replays': 256 * 1024 }
const MAX_REF_LENGTH = 200
const MAX_NAME_LENGTH = 100
const MAX_DESCRIPTION_LENGTH = 500
const MAX_NOTE_LENGTH = 1_000
const MAX_REPLAY_REFS = 1_000

const MSISDN_PATTERN = '^0[567][0-9]{8}$'

/** A ref travels in URL paths, which cannot carry these: they could never be looked up again. */
const ref = z
  .string()
  .min(1)
  .max(MAX_REF_LENGTH)
  .refine((text) => text.isWellFormed(), 'must be well-formed Unicode')
  .refine((text) => text !== '.' && text !== '..', 'must NOT be "." or ".."')

const callbackUrl = z.string().min(1).max(2048)

/** `POST /v3/mobile/send`. The provider's field names and rules; fields it does not know are ignored. */
export const sendBody = z.object({
  plan_code: z.string().min(1).max(MAX_NAME_LENGTH),
  MSSIDN: z.string().regex(new RegExp(MSISDN_PATTERN)),
  /** Whole DZD; may be absent or 0 on fixed and GETMENU plans. `500.0` is 500. */
  amount: z.int().nonnegative().optional(),
  ref: ref.optional(),
  /** Sends although the same amount went to this number a moment ago: see the merchant's settings. */
  allow_duplicate: z.boolean().optional(),
  /** For this order alone, on the host of one of the merchant's endpoints. */
  callback_url: callbackUrl.optional(),
})

/** A date, or a date and a time in UTC or with an offset. */
const TIME = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/
const time = z
  .string()
  .regex(TIME)
  .refine((text) => !Number.isNaN(Date.parse(text)), 'must match format "date-time"')
const pageLimit = z.coerce.number().int().min(1).max(100).default(50)

/** `GET /v3/mobile/list` and `account/transactions`. `from` and `to` come together, both included. */
export const pagesQuery = z.object({
  page: z.coerce.number().int().min(1).max(1_000_000).default(1),
  pageSize: z.coerce.number().int().min(1).max(100).default(20),
  from: time.optional(),
  to: time.optional(),
})

/** `GET /v1/orders`. Times are ISO 8601, `from` and `to` about the order's creation; all ends are included. */
export const ordersQuery = z.object({
  ref: z.string().min(1).optional(),
  /** The merchant's id of the top-up, or the provider's. */
  id: z.string().min(1).optional(),
  /** As people write it: `+213…`, `00213…`, spaces, Arabic-Indic digits. */
  number: z
    .string()
    .transform((text) => readMsisdn(text))
    .refine((number) => number !== null, 'must be an Algerian mobile number')
    .optional(),
  status: z.enum(STATUSES).optional(),
  phase: z.enum(LISTED_PHASES).optional(),
  plan: z.string().min(1).optional(),
  /** Face value in DZD. */
  amount: z.coerce.number().int().nonnegative().optional(),
  from: time.optional(),
  to: time.optional(),
  updated_after: time.optional(),
  /** `next_cursor` of the page before. */
  cursor: z
    .string()
    .regex(/^\d{15}:[0-9a-f]{64}$/)
    .optional(),
  limit: pageLimit,
})

const eventTypes = z.array(z.enum(FEED_EVENT_TYPES)).min(1)

/** `POST /v1/endpoints`. Without `events`, all of top-ups; the others must be named. */
export const createEndpointBody = z.object({
  url: callbackUrl,
  events: eventTypes.optional(),
  description: z.string().max(MAX_DESCRIPTION_LENGTH).optional(),
  /** Of what was held, only the newest event of an order is sent. */
  fold_superseded: z.boolean().optional(),
  /** Told, signed, when callbacks to `url` keep failing. */
  notify_url: callbackUrl.optional(),
})

/** `PATCH /v1/endpoints/{id}`. */
export const changeEndpointBody = z.object({
  state: z.enum(['active', 'paused']).optional(),
  url: callbackUrl.optional(),
  events: eventTypes.optional(),
  fold_superseded: z.boolean().optional(),
  notify_url: callbackUrl.nullable().optional(),
})

/** `DELETE /v1/endpoints/{id}`. One of them is needed while it holds events. */
export const deleteEndpointQuery = z
  .object({ held: z.literal('cancel').optional(), move_to: z.string().min(1).optional() })
  .refine(({ held, move_to }) => held === undefined || move_to === undefined, {
    path: ['held'],
    error: 'must NOT be given together with move_to',
  })

/** `POST /v1/endpoints/{id}/rotate`. A mistyped overlap would let a leaked key sign for another day. */
export const rotateKeysBody = z.strictObject({
  /** For how long the former keys sign beside the new ones. */
  overlap_hours: z.int().min(0).max(168).default(24),
})

/** `POST /v1/endpoints/{id}/test`. */
export const testEndpointBody = z.object({ type: z.enum(EXAMPLE_TYPES) })

const deliveryState = z.enum(DELIVERY_STATES)

/** `GET /v1/deliveries`. */
export const deliveriesQuery = z.object({
  state: deliveryState.optional(),
  endpoint_id: z.string().optional(),
  ref: z.string().optional(),
  /** `next_cursor` of the page before. */
  cursor: z
    .string()
    .regex(/^\d{1,16}:\d{1,6}$/)
    .optional(),
  limit: pageLimit,
})

const MAX_HEADER_LENGTH = 4_096
const headerValue = z.string().max(MAX_HEADER_LENGTH)
const pastedKey = z.string().max(MAX_NAME_LENGTH * 2)

/** `POST /v1/signatures/check`. Without a key, those of `endpoint_id`, or of all endpoints. */
export const checkSignatureBody = z
  .object({
    /** As they arrived, whatever the case of their names; a list where one arrived twice. */
    headers: z.record(z.string(), z.union([headerValue, z.array(headerValue).max(4)])),
    /** The raw text that the code has. */
    body: z.string(),
    secret: pastedKey.optional(),
    public_key: pastedKey.optional(),
    endpoint_id: z.string().optional(),
  })
  .refine(({ secret, public_key }) => secret === undefined || public_key === undefined, {
    error: 'must have secret or public_key, not both',
  })

/** `POST /v1/replays`. It takes no other fields: a condition that was mistyped is no condition. */
export const replayBody = z.strictObject({
  from: time.optional(),
  to: time.optional(),
  status: deliveryState.optional(),
  endpoint_id: z.string().min(1).optional(),
  refs: z.array(ref).min(1).max(MAX_REPLAY_REFS).optional(),
  event_type: z.enum(EVENT_TYPES).optional(),
  dry_run: z.boolean().optional(),
})

/** `GET /v1/events`. */
export const eventsQuery = z.object({
  /** `next_cursor` of the page before. */
  after: z.string().min(1).max(100).optional(),
  /** Seconds. */
  wait: z.coerce.number().int().min(0).max(25).default(0),
  limit: pageLimit,
})

/** `next_cursor` of the page before, where it is a time and an id. */
const timedPlace = z
  .string()
  .regex(/^\d{15}:.+$/)
  .optional()

/** `GET /v1/findings`, and the operator's of an account. */
export const findingsQuery = z.object({
  state: z.enum(FINDING_STATES).optional(),
  kind: z.enum(FINDING_KINDS).optional(),
  cursor: timedPlace,
  limit: pageLimit,
})

/** `PATCH /v1/findings/{id}`, and the operator's. Closing is for ever, and says why. */
export const closeFindingBody = z.strictObject({
  state: z.literal('closed'),
  note: z.string().trim().min(1).max(MAX_NOTE_LENGTH),
})

/** `POST /v1/reconciliations`, and the operator's. `from` is included, `to` is not. */
export const reconciliationBody = z.strictObject({
  from: time,
  to: time,
  /** Of our own index in the window, what is held against the orders themselves. */
  index: z.enum(['sample', 'all']).default('sample'),
})

/** `GET /v1/reconciliations`. */
export const reconciliationsQuery = z.object({
  state: z.enum(REPORT_STATES).optional(),
  cursor: timedPlace,
  limit: pageLimit,
})

/** `GET /admin/wallets/{id}/reconciliations`. */
export const walletReconciliationsQuery = z.object({ cursor: timedPlace, limit: pageLimit })

/** For people. */
const name = z.string().trim().min(1).max(MAX_NAME_LENGTH)

/**
 * `POST /admin/merchants`. The operator's bodies take no other fields: a limit that was mistyped is no limit.
 */
export const createMerchantBody = z.strictObject({ name })

/** `GET /admin/merchants`. */
export const merchantsQuery = z.object({
  cursor: z.string().min(1).optional(),
  limit: pageLimit,
})

const amountLimit = z.int().min(1).max(1_000_000_000).nullable()

/** `PATCH /admin/merchants/{id}`. A setting that is null is off. Amounts are DZD of face value. */
export const changeMerchantBody = z.strictObject({
  name: name.optional(),
  state: z.enum(['active', 'disabled']).optional(),
  settings: z
    .strictObject({
      /** In one Algerian day. */
      daily_amount: amountLimit.optional(),
      largest_amount: amountLimit.optional(),
      /** The same amount to the same number again within these minutes. */
      repeat: z
        .strictObject({ minutes: z.int().min(1).max(1_440), action: z.enum(['warn', 'block']) })
        .nullable()
        .optional(),
      /** What becomes of a send to an operator that the provider calls down. */
      operator_down: z.enum(['send', 'refuse']).optional(),
      /** For how long his orders are kept whole. */
      retention_days: z.int().min(MIN_RETENTION_DAYS).max(MAX_RETENTION_DAYS).optional(),
    })
    .optional(),
})

const perMinute = z.int().min(1).max(60_000).nullable()

/** `PATCH /admin/wallets/{id}`. Null is the default, or off. */
export const changeWalletBody = z.strictObject({
  reads_per_minute: perMinute.optional(),
  sends_per_minute: perMinute.optional(),
  low_balance_dzd: amountLimit.optional(),
  /** At the rate of the last hour. */
  low_balance_hours: z.int().min(1).max(8_760).nullable().optional(),
})

/** `GET /admin/wallets/{id}/incidents`. */
export const incidentsQuery = z.object({
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
})

const allowedIps = z
  .array(z.string().refine(isAddressOrRange, 'must be an IP address or a range such as 192.0.2.0/24'))
  .max(50)

/** `POST /admin/merchants/{id}/keys`. Without `allowed_ips`, or with an empty list, any address. */
export const createKeyBody = z.strictObject({
  environment: z.enum(['sandbox', 'production']),
  scope: z.enum(['READ-WRITE', 'READ-ONLY']).default('READ-WRITE'),
  name,
  allowed_ips: allowedIps.default([]),
})

/** `PATCH /admin/merchants/{id}/keys/{key}`. Disabling is for ever: make a new key instead. */
export const changeKeyBody = z.strictObject({
  name: name.optional(),
  allowed_ips: allowedIps.optional(),
  state: z.literal('disabled').optional(),
})

/** `PUT /admin/merchants/{id}/credential`. */
export const credentialBody = z.strictObject({
  access_token: z
    .string()
    .min(1)
    .max(200)
    .regex(/^[\x21-\x7e]+$/),
})
