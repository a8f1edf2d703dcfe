/** Reads what a client sent against a schema. Errors are worded as the provider's (Ajv) words them. */
import type { Context } from 'hono'
import type * as z from 'zod'
import { ApiError } from './envelope'

/** The parsed JSON body, or an ERR_VALIDATION that names the first field that is wrong. */
export async function readBody<T extends z.ZodType>(c: Context, schema: T): Promise<z.output<T>> {
  return parse('body', await readJson(c), schema)
}

/** Of an HTML form; a field that was left empty was not sent. */
export async function readForm<T extends z.ZodType>(c: Context, schema: T): Promise<z.output<T>> {
  const fields = Array.from(new URLSearchParams(await c.req.text())).filter(([, value]) => value !== '')
  return parse('body', Object.fromEntries(fields), schema)
}

export function readQuery<T extends z.ZodType>(c: Context, schema: T): z.output<T> {
  return parse('querystring', c.req.query(), schema)
}

async function readJson(c: Context): Promise<unknown> {
  const text = await c.req.text()
  try {
    return JSON.parse(text)
  } catch {
    throw new ApiError('ERR_VALIDATION', 'body must be valid JSON')
  }
}

export function parse<T extends z.ZodType>(where: string, input: unknown, schema: T): z.output<T> {
  const result = schema.safeParse(input, { reportInput: true })
  if (result.success) return result.data
  const [issue] = result.error.issues
  if (issue === undefined) throw new Error('a failed parse has an issue')
  const field = issue.path.join('/')
  const value = issue.input
  const isShown = isPlain(value) && !SECRET_FIELDS.has(field)
  const details = field === '' ? null : { field, ...(isShown ? { value } : {}) }
  throw new ApiError('ERR_VALIDATION', sentence(where, field, issue), details)
}

/** Never repeated in an answer, which may be logged on its way. */
const SECRET_FIELDS = new Set(['access_token', 'secret'])

function sentence(where: string, field: string, issue: z.core.$ZodIssue): string {
  const at = field === '' ? where : `${where}/${field}`
  if (issue.input === undefined && field !== '') return `${where} must have required property '${field}'`
  switch (issue.code) {
    case 'invalid_type':
      return `${at} must be ${TYPE_NAMES[issue.expected] ?? issue.expected}`
    case 'invalid_format':
      return issue.pattern === undefined
        ? `${at} is not valid`
        : `${at} must match pattern "${patternOf(issue.pattern)}"`
    case 'invalid_value':
      return `${at} must be equal to one of the allowed values: ${issue.values.join(', ')}`
    case 'too_small': {
      const things = COUNTED[issue.origin]
      return things === undefined
        ? `${at} must be >= ${issue.minimum}`
        : `${at} must NOT have fewer than ${issue.minimum} ${things}`
    }
    case 'too_big': {
      const things = COUNTED[issue.origin]
      return things === undefined
        ? `${at} must be <= ${issue.maximum}`
        : `${at} must NOT have more than ${issue.maximum} ${things}`
    }
    case 'unrecognized_keys':
      return `${at} must NOT have additional properties: ${issue.keys.join(', ')}`
    default:
      return `${at} ${issue.message}`
  }
}

/** What a limit on something other than a number counts. */
const COUNTED: Readonly<Record<string, string>> = { string: 'characters', array: 'items' }

/** Every number here is whole. */
const TYPE_NAMES: Readonly<Record<string, string>> = { int: 'integer', number: 'integer' }

/** zod gives the pattern as `/.../`. */
function patternOf(pattern: string): string {
  return pattern.replace(/^\/|\/[a-z]*$/g, '')
}

function isPlain(value: unknown): value is string | number | boolean | null {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value)
}
