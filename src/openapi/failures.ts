/** The error answers of an operation: grouped by HTTP status, with an example of each code. */
import { ERRORS, type ErrorCode } from '../api/contract'
import { failure, oldFailure } from './answers'
import type { Examples } from './document'
import { errorsOf, exampleName, isOld, type Operation } from './operation'
import { type Json, schemaOf } from './schemas'

/** Statuses whose codes are the same wherever they occur. */
const SHARED: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  413: 'TooLarge',
  429: 'TooMany',
  500: 'Fault',
  503: 'Unavailable',
}

const RETRY_STATUSES = [429, 503]

export function failureResponses(operation: Operation, examples: Examples): Json {
  const byStatus = Map.groupBy(errorsOf(operation), (code) => ERRORS[code].status)
  const statuses = [...byStatus.keys()].sort((a, b) => a - b)
  const responses = statuses.map((status) => {
    const codes = byStatus.get(status) ?? []
    const name = SHARED[status]
    if (operation.content.kind === 'page' && status === 404) return [status, noPage()]
    return [
      status,
      name === undefined || tellsMoreOf(codes, operation)
        ? response(codes, operation, examples)
        : { $ref: `#/components/responses/${isOld(operation) ? 'Old' : ''}${name}` },
    ]
  })
  return Object.fromEntries(responses)
}

/** Those that operations refer to. */
export function sharedResponses(operations: readonly Operation[], examples: Examples): Json {
  const shared = new Map<string, Json>()
  for (const operation of operations) {
    for (const [status, codes] of Map.groupBy(errorsOf(operation), (code) => ERRORS[code].status)) {
      const name = SHARED[status]
      const full = `${isOld(operation) ? 'Old' : ''}${name}`
      if (name !== undefined && !tellsMoreOf(codes, operation) && !shared.has(full))
        shared.set(full, response(codes, operation, examples))
    }
  }
  return Object.fromEntries([...shared].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** The recorded failures that the document refers to by name. */
export function failureExamples({ failures }: Examples): Json {
  const enveloped = Object.entries(failures).filter(([, value]) => 'success' in value)
  return Object.fromEntries(enveloped.map(([name, value]) => [name, { value }]))
}

function response(codes: readonly ErrorCode[], operation: Operation, examples: Examples): Json {
  const mayBlock = codes.includes('IP_BLOCKED')
  const mustWait = codes.some((code) => RETRY_STATUSES.includes(ERRORS[code].status))
  const headers = {
    'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' },
    ...(mayBlock || mustWait ? { 'Retry-After': { $ref: '#/components/headers/Retry-After' } } : {}),
  }
  return {
    description: codes.map((code) => `\`${code}\`: ${ERRORS[code].means}`).join('\n\n'),
    headers,
    content: {
      'application/json': {
        schema: schemaOf(isOld(operation) ? oldFailure : failure),
        examples: Object.fromEntries(codes.map((code) => [code, example(code, operation, examples)])),
      },
    },
  }
}

/** The operation says more of one of them than others do. */
function tellsMoreOf(codes: readonly ErrorCode[], { tellsMore }: Operation): boolean {
  return tellsMore !== undefined && codes.includes(tellsMore)
}

/** `/v2` tells the message alone. */
function example(code: ErrorCode, operation: Operation, { failures }: Examples): Json {
  const name = exampleName(operation, code)
  if (!isOld(operation)) return { $ref: `#/components/examples/${name}` }
  const { error } = failures[name] ?? failures[code] ?? {}
  return { value: { error: typeof error === 'object' ? error.message : error } }
}

function noPage(): Json {
  return {
    description: 'A page that says that there is no such link.',
    content: { 'text/html': { schema: { type: 'string' } } },
  }
}
