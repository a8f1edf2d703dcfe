/** One operation of the API: everything the document, and the tests that walk it, must know. */
import * as z from 'zod'
import { ERRORS, type ErrorCode } from '../api/contract'
import { success } from './answers'

export const TAGS = {
  'Top-ups': 'Send a top-up once, then ask for its status. The calls of OneClickDz v3, field by field.',
  Account: 'Plans, balance and movements of the provider account behind a key, and the key itself.',
  Orders: 'Find orders by what they are; the whole story of one.',
  Callbacks: 'Where you are called back, and how that went.',
  Reconciliation: 'Your orders and the books of the provider, compared; what does not add up.',
  Operator:
    'Merchants, their keys, limits and credentials; the provider accounts. For the operator of the gateway only.',
  Public: 'Needs no key.',
} as const

/**
 * Who may call: a key that may move money, any key, a `/v2` client (whose key may also be bare), anybody
 * (`optional`: a key changes the answer), the operator.
 */
export type Access = 'write' | 'read' | 'old' | 'optional' | 'nobody' | 'operator'

export interface Parameter {
  readonly schema: z.ZodType
  readonly description: string
  readonly example: string
}

export type HeaderName = 'Age' | 'Callback-Health' | 'Idempotent-Replayed' | 'X-Request-Id'

export type Content =
  /** `data` inside the envelope. */
  | { readonly kind: 'data'; readonly schema: z.ZodType; readonly orCsv?: boolean }
  /** The whole body. */
  | { readonly kind: 'bare'; readonly schema: z.ZodType }
  /** HTML for people, also when there is none. */
  | { readonly kind: 'page' }

export interface Operation {
  readonly id: string
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  readonly path: string
  readonly tag: keyof typeof TAGS
  readonly summary: string
  /** Units, costs, what a client must know. */
  readonly description: string
  readonly access: Access
  readonly parameters?: Readonly<Record<string, Parameter>>
  readonly query?: z.ZodObject
  readonly body?: { readonly schema: z.ZodObject; readonly example: Readonly<Record<string, unknown>> }
  readonly status: 200 | 201 | 202
  readonly answer: string
  readonly headers?: readonly HeaderName[]
  readonly content: Content
  /** Another success, which a field of the request asks for; `name`: of its recorded example. */
  readonly alternative?: Pick<Operation, 'status' | 'answer' | 'content'> & { readonly name: string }
  /** Besides those that every operation of its kind can give: see `errorsOf`. */
  readonly errors: readonly ErrorCode[]
  /** Of those that are told alike everywhere: what says more here, and has an example of its own. */
  readonly tellsMore?: ErrorCode
  /** It is answered without asking anything that could fail or be busy. */
  readonly cannotFail?: true
}

const KEY_ERRORS = [
  'MISSING_ACCESS_TOKEN',
  'INVALID_ACCESS_TOKEN',
  'API_DISABLED',
  'IP_NOT_ALLOWED',
  'IP_BLOCKED',
  'RATE_LIMIT_EXCEEDED',
] as const satisfies readonly ErrorCode[]

const ACCESS_ERRORS: Readonly<Record<Access, readonly ErrorCode[]>> = {
  write: [...KEY_ERRORS, 'PERMISSION_DENIED'],
  read: KEY_ERRORS,
  old: KEY_ERRORS,
  optional: [],
  nobody: [],
  operator: ['MISSING_ACCESS_TOKEN', 'INVALID_ACCESS_TOKEN', 'IP_BLOCKED', 'PERMISSION_DENIED'],
}

/** Every code that an operation can give, in the order of the error table. */
export function errorsOf({ access, query, body, errors, cannotFail }: Operation): ErrorCode[] {
  const given = new Set<string>([
    ...ACCESS_ERRORS[access],
    ...(query === undefined ? [] : ['ERR_VALIDATION']),
    ...(body === undefined ? [] : ['ERR_VALIDATION', 'PAYLOAD_TOO_LARGE']),
    ...errors,
    ...(cannotFail === true ? [] : ['INTERNAL_ERROR', 'SERVICE_UNAVAILABLE']),
  ])
  return Object.keys(ERRORS).filter((code): code is ErrorCode => code in ERRORS && given.has(code))
}

/** Of a success. Everything in the envelope has a request id; a merchant is told how his callbacks fare. */
export function headersOf({ headers = [], content, access }: Operation): HeaderName[] {
  if (content.kind !== 'data') return [...headers]
  const health: HeaderName[] = access === 'read' || access === 'write' ? ['Callback-Health'] : []
  return [...headers, ...health, 'X-Request-Id']
}

/** The name of the recorded example of an error: an operation has its own where the code says another thing in each. */
export function exampleName(operation: Operation, code: ErrorCode): string {
  const isOwn = code === 'ERR_VALIDATION' || code === 'NOT_FOUND' || code === operation.tellsMore
  if (isOwn || isOld(operation)) return `${operation.id}.${code}`
  return code === 'PERMISSION_DENIED' && operation.access === 'operator' ? `operator.${code}` : code
}

/** The whole JSON body of a success; null when it is no JSON. */
export function successBody({ content }: Operation): z.ZodType | null {
  switch (content.kind) {
    case 'data':
      return z.strictObject({ ...success.shape, data: content.schema })
    case 'bare':
      return content.schema
    case 'page':
      return null
  }
}

export const isOld = ({ access }: Operation): boolean => access === 'old'
