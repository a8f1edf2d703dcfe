/** The public contract: what may be sent, which errors come back. The only place for it. */
import * as z from 'zod'
import { EVENT_TYPES } from '../order/state'

/** Error codes and their HTTP status. Names and statuses are the provider's wherever it has one. */
export const ERRORS = {
  ERR_VALIDATION: 400,
  MISSING_ACCESS_TOKEN: 401,
  INVALID_ACCESS_TOKEN: 401,
  API_DISABLED: 403,
  PERMISSION_DENIED: 403,
  DUPLICATED_REF: 403,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  ENDPOINT_NOT_VERIFIED: 409,
  PAYLOAD_TOO_LARGE: 413,
  INTERNAL_ERROR: 500,
  SERVICE_UNAVAILABLE: 503,
} as const

export type ErrorCode = keyof typeof ERRORS

export const MAX_BODY_BYTES = 16 * 1024
const MAX_REF_LENGTH = 200
const MAX_NAME_LENGTH = 100
const MAX_DESCRIPTION_LENGTH = 500

const MSISDN_PATTERN = '^0[567][0-9]{8}$'

/** A ref travels in URL paths, which cannot carry these: they could never be looked up again. */
const ref = z
  .string()
  .min(1)
  .max(MAX_REF_LENGTH)
  .refine((text) => text.isWellFormed(), 'must be well-formed Unicode')
  .refine((text) => text !== '.' && text !== '..', 'must NOT be "." or ".."')

/** `POST /v3/mobile/send`. The provider's field names and rules; fields it does not know are ignored. */
export const sendBody = z.object({
  plan_code: z.string().min(1).max(MAX_NAME_LENGTH),
  MSSIDN: z.string().regex(new RegExp(MSISDN_PATTERN)),
  /** Whole DZD; may be absent or 0 on fixed and GETMENU plans. `500.0` is 500. */
  amount: z.int().nonnegative().optional(),
  ref: ref.optional(),
})

const callbackUrl = z.string().min(1).max(2048)
const eventTypes = z.array(z.enum(EVENT_TYPES)).min(1)

/** `POST /v1/endpoints`. Without `events`, all of them. */
export const createEndpointBody = z.object({
  url: callbackUrl,
  events: eventTypes.optional(),
  description: z.string().max(MAX_DESCRIPTION_LENGTH).optional(),
})

/** `PATCH /v1/endpoints/{id}`. */
export const changeEndpointBody = z.object({
  state: z.enum(['active', 'paused']).optional(),
  url: callbackUrl.optional(),
  events: eventTypes.optional(),
})

/** `GET /v1/deliveries`. */
export const deliveriesQuery = z.object({
  state: z.enum(['pending', 'delivered', 'held', 'failed', 'cancelled']).optional(),
  endpoint_id: z.string().optional(),
  ref: z.string().optional(),
  /** `next_cursor` of the page before. */
  cursor: z
    .string()
    .regex(/^\d{15}:dlv_\w+$/)
    .optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
})

/** `POST /admin/merchants`. */
export const createMerchantBody = z.object({ name: z.string().min(1).max(MAX_NAME_LENGTH) })

/** `POST /admin/merchants/{id}/keys`. */
export const createKeyBody = z.object({
  environment: z.enum(['sandbox', 'production']),
  scope: z.enum(['READ-WRITE', 'READ-ONLY']).default('READ-WRITE'),
  name: z.string().min(1).max(MAX_NAME_LENGTH),
})

/** `PATCH /admin/merchants/{id}/keys/{key}`. Disabling is for ever: make a new key instead. */
export const changeKeyBody = z.object({ state: z.literal('disabled') })
