/**
 * What travels between the Worker and an account's object. itty-durable puts the arguments of a call into a
 * request header, so a command is one ASCII string, and the answer comes back as untyped JSON: both sides
 * parse what they get.
 */
import * as z from 'zod'

const offer = z.object({ typename: z.string(), plan_code: z.string(), amount: z.number() })

/** The object of check-ref, check-id and the list, as on the wire, with the caller's own `ref`. */
const wireTopup = z.object({
  _id: z.string(),
  ref: z.string(),
  status: z.string(),
  plan_code: z.string(),
  MSSIDN: z.string(),
  topup_amount: z.number(),
  balance_amount: z.number(),
  created_at: z.string(),
  refund_message: z.string().optional(),
  suggested_offers: z.array(offer).optional(),
})

const wireTransaction = z.object({
  _id: z.string(),
  type: z.enum(['FLEXY', 'REFUND-FLEXY']),
  operation: z.enum(['DECREMENT', 'INCREMENT']),
  amount: z.number(),
  oldBalance: z.number(),
  newBalance: z.number(),
  objid: z.string(),
  note: z.string(),
  time: z.string(),
})

/** `from` and `to` are Unix milliseconds, both included; null is no window. */
const listQuery = z.object({
  page: z.number(),
  pageSize: z.number(),
  window: z.object({ from: z.number(), to: z.number() }).nullable(),
})

const pagination = z.object({
  page: z.number(),
  pageSize: z.number(),
  totalPages: z.number(),
  totalResults: z.number(),
})

/** A send whose body was found valid; `ref` null is one to be made. `amount` is the face value in DZD. */
const sendOrder = z.object({
  planCode: z.string(),
  msisdn: z.string(),
  amount: z.number(),
  ref: z.string().nullable(),
})

const command = z.discriminatedUnion('call', [
  z.object({ call: z.literal('send'), order: sendOrder }),
  /** Several refs are tried in order: the caller's own, then what is left of the `API-…` form. */
  z.object({ call: z.literal('find_by_ref'), refs: z.array(z.string()) }),
  z.object({ call: z.literal('find_by_id'), id: z.string() }),
  z.object({ call: z.literal('list'), query: listQuery }),
  z.object({ call: z.literal('transactions'), query: listQuery }),
  z.object({ call: z.literal('balance') }),
])

export const sendAnswer = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('accepted'),
    id: z.string(),
    ref: z.string(),
    answer: z.enum(['sent', 'lost', 'error']),
  }),
  z.object({ kind: z.literal('not_accepted') }),
  z.object({ kind: z.literal('duplicate') }),
  z.object({ kind: z.literal('insufficient'), required: z.number(), available: z.number() }),
  z.object({ kind: z.literal('full') }),
])

export const findAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('found'), topup: wireTopup }),
  z.object({ kind: z.literal('absent') }),
  z.object({ kind: z.literal('throttled') }),
  z.object({ kind: z.literal('html') }),
])

export const balanceAnswer = z.object({ balance: z.number() })
export const listAnswer = z.object({ items: z.array(wireTopup), pagination })
export const transactionsAnswer = z.object({ items: z.array(wireTransaction), pagination })

export type WireTopup = z.infer<typeof wireTopup>
export type WireTransaction = z.infer<typeof wireTransaction>
export type ListQuery = z.infer<typeof listQuery>
export type Pagination = z.infer<typeof pagination>
export type SendOrder = z.infer<typeof sendOrder>
export type SendAnswer = z.infer<typeof sendAnswer>
export type FindAnswer = z.infer<typeof findAnswer>
export type Command = z.infer<typeof command>

/** Percent-encoded JSON: header values outside ASCII are not safe, and refs may be Arabic. */
export function encodeCommand(value: Command): string {
  return encodeURIComponent(JSON.stringify(value))
}

export function decodeCommand(encoded: string): Command {
  return command.parse(JSON.parse(decodeURIComponent(encoded)))
}
