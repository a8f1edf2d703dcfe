/** The OpenAPI 3.1 document, from the operations, the schemas and recorded examples. Pure. */
import type * as z from 'zod'
import { ERRORS, MAX_BODY_BYTES } from '../api/contract'
import { success } from './answers'
import { failureExamples, failureResponses, sharedResponses } from './failures'
import { type Access, headersOf, type Operation, TAGS } from './operation'
import { OPERATIONS } from './operations'
import { type Json, schemaComponents, schemaOf } from './schemas'

/** Answers of a running gateway, as test/system/openapi.test.ts records them. */
export interface Examples {
  /** By operation, then by a word for the case. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** By code, or by `operation.CODE` where an operation has its own. */
  readonly failures: Readonly<Record<string, RecordedFailure>>
}

interface RecordedFailure {
  readonly success?: false
  readonly error: string | { readonly code: string; readonly message: string }
}

/** Given only to who calls a known path with another method, so no operation has it. */
const OF_NO_OPERATION = 'METHOD_NOT_ALLOWED'

const DESCRIPTION = `Mobile top-ups in Algeria through OneClickDz: sent once, tracked, called back.

- **Amounts** are Algerian dinars (DZD). \`amount\` and \`topup_amount\` are face value, whole dinars; what was taken
  from the balance may have decimals.
- **Times** are ISO 8601 in UTC.
- **The key decides** between sandbox and production, never the URL. \`rsd_test_…\` moves no money. A key sees
  its own merchant and its own environment; everything else is \`NOT_FOUND\`.
- **Errors** are decided by \`error.code\`, listed with the schema \`Failure\`. Expect codes you do not know.
- **Limits**: 30 000 requests a minute for each key; bodies up to ${MAX_BODY_BYTES / 1024} KB; 20 unknown keys a minute from one
  address before it is blocked for 15 minutes.
- **Answers grow**: new fields may come at any time. Ignore what you do not know.
- Pages of any origin may call \`/v3\`.`

const SECURITY: Readonly<Record<Access, readonly Json[]>> = {
  write: [{ accessToken: [] }, { bearer: [] }],
  read: [{ accessToken: [] }, { bearer: [] }],
  old: [{ accessToken: [] }, { bareKey: [] }, { bearer: [] }],
  optional: [{}, { accessToken: [] }, { bearer: [] }],
  nobody: [],
  operator: [{ operator: [] }],
}

const SECURITY_SCHEMES = {
  accessToken: { type: 'apiKey', in: 'header', name: 'X-Access-Token', description: "A merchant's key." },
  bearer: { type: 'http', scheme: 'bearer', description: "A merchant's key, the other way to send it." },
  bareKey: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: 'The key alone, as clients of `/v2` send it.',
  },
  operator: { type: 'http', scheme: 'bearer', description: 'The admin token of the gateway.' },
}

const HEADERS = {
  Age: { description: 'Seconds since the provider was asked.', schema: { type: 'integer' } },
  'Idempotent-Replayed': {
    description: 'The `ref` was sent before: this is its answer again, and nothing was sent.',
    schema: { const: 'true' },
  },
  'Retry-After': { description: 'Seconds to wait before the same request.', schema: { type: 'integer' } },
  'Callback-Health': {
    description:
      'Only while callbacks to one of your endpoints keep failing, or it was disabled: `failing; endpoint="ep_…"; percent=50; disables_at="…"`. The worst of them.',
    schema: { type: 'string' },
  },
  'X-Request-Id': {
    description: 'Names the request; the `requestId` of the body, where there is one.',
    schema: { type: 'string' },
  },
}

export function buildDocument(examples: Examples, version: string): Json {
  return {
    openapi: '3.1.0',
    info: { title: 'Rasid', version, summary: 'Mobile top-ups, once.', description: DESCRIPTION },
    servers: [{ url: 'http://localhost:8787', description: 'The gateway of `npm start`.' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths: paths(examples),
    components: {
      securitySchemes: SECURITY_SCHEMES,
      schemas: withStrayExample(schemaComponents(), examples),
      responses: sharedResponses(OPERATIONS, examples),
      headers: HEADERS,
      examples: failureExamples(withoutStray(examples)),
    },
  }
}

function paths(examples: Examples): Json {
  const byPath = Map.groupBy(OPERATIONS, ({ path }) => path)
  const entries = Array.from(byPath, ([path, operations]) => [
    path,
    Object.fromEntries(
      operations.map((operation) => [operation.method, operationObject(operation, examples)]),
    ),
  ])
  return Object.fromEntries(entries)
}

function operationObject(operation: Operation, examples: Examples): Json {
  const { id, tag, summary, description, access, body } = operation
  const parameters = [...pathParameters(operation), ...queryParameters(operation)]
  return {
    operationId: id,
    tags: [tag],
    summary,
    description,
    security: SECURITY[access],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: requestBody(body) }),
    responses: {
      ...successResponses(operation, examples.answers[id] ?? {}),
      ...failureResponses(operation, examples),
    },
  }
}

function pathParameters({ parameters = {} }: Operation): Json[] {
  return Object.entries(parameters).map(([name, { schema, description, example }]) => ({
    name,
    in: 'path',
    required: true,
    description,
    schema: schemaOf(schema),
    example,
  }))
}

/** None of them is required anywhere. */
function queryParameters({ query }: Operation): Json[] {
  return Object.entries(query?.shape ?? {}).map(([name, schema]) => {
    const { description, ...rest } = schemaOf(schema)
    return { name, in: 'query', description, schema: rest }
  })
}

function requestBody({ schema, example }: { schema: z.ZodType; example: Json }): Json {
  return {
    required: true,
    content: { 'application/json': { schema: schemaOf(schema), examples: { request: { value: example } } } },
  }
}

function successResponses(operation: Operation, recorded: Json): Json {
  const { status, alternative } = operation
  if (alternative === undefined) return { [status]: successResponse(operation, recorded) }
  const { [alternative.name]: example, ...others } = recorded
  return {
    [alternative.status]: successResponse({ ...operation, ...alternative }, { [alternative.name]: example }),
    [status]: successResponse(operation, others),
  }
}

function successResponse(operation: Operation, recorded: Json): Json {
  const headers = headersOf(operation).map((name) => [name, { $ref: `#/components/headers/${name}` }])
  return {
    description: operation.answer,
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }),
    content: successContent(operation.content, recorded),
  }
}

function successContent(content: Operation['content'], recorded: Json): Json {
  if (content.kind === 'page') return { 'text/html': { schema: { type: 'string' } } }
  const { csv, ...json } = recorded
  const schema =
    content.kind === 'bare'
      ? schemaOf(content.schema)
      : {
          allOf: [
            schemaOf(success),
            { type: 'object', required: ['data'], properties: { data: schemaOf(content.schema) } },
          ],
        }
  const examples = Object.fromEntries(Object.entries(json).map(([name, value]) => [name, { value }]))
  return {
    'application/json': { schema, examples },
    ...(content.kind === 'data' && content.orCsv === true
      ? { 'text/csv': { schema: { type: 'string' }, examples: { csv: { value: csv } } } }
      : {}),
  }
}

function withStrayExample({ Failure, ...schemas }: Json, { failures }: Examples): Json {
  const stray = failures[OF_NO_OPERATION]
  const note = `\n\n\`${OF_NO_OPERATION}\` (${ERRORS[OF_NO_OPERATION].status}) belongs to no operation.`
  if (!isJson(Failure)) throw new Error('the schema of failures has a name')
  const described = { ...Failure, description: `${Failure.description}${note}`, examples: [stray] }
  return Object.fromEntries(
    Object.entries({ ...schemas, Failure: described }).sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

function withoutStray(examples: Examples): Examples {
  const { [OF_NO_OPERATION]: _, ...failures } = examples.failures
  return { ...examples, failures }
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null
}
