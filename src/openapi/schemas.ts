/** zod's schemas as OpenAPI 3.1 writes them. */
import * as z from 'zod'
import './requests'
import { bodies, words } from './words'

export type Json = Readonly<Record<string, unknown>>

/** The form of what is sent: a field with a default may be absent. Answers have no defaults. */
const OPTIONS = {
  io: 'input',
  metadata: words,
  unrepresentable: 'any',
  override: ({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }) => simplify(jsonSchema),
} as const

/** Every named schema. */
export function schemaComponents(): Json {
  const uri = (id: string) => `#/components/schemas/${id}`
  const { schemas } = z.toJSONSchema(words, { ...OPTIONS, uri })
  const entries = Object.entries(schemas).map(([name, schema]) => {
    const plain = withoutIds(schema)
    return [name, bodies.has(name) ? plain : open(plain)] as const
  })
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** A reference where the schema has a name, else the schema itself. */
export function schemaOf(schema: z.ZodType): Json {
  const id = words.get(schema)?.id
  if (id !== undefined) return { $ref: `#/components/schemas/${id}` }
  return withoutIds(z.toJSONSchema(schema, OPTIONS))
}

/** An answer may have one more field one day: a client that refuses it would break. */
function open(schema: Json): Json {
  const keep = (key: string, value: unknown) => key !== 'additionalProperties' || value !== false
  return JSON.parse(JSON.stringify(schema, (key, value: unknown) => (keep(key, value) ? value : undefined)))
}

function withoutIds({ $schema, $id, ...schema }: Json): Json {
  return schema
}

/** What zod says that is of no use to a reader. */
function simplify(schema: z.core.JSONSchema.BaseSchema): void {
  delete schema.propertyNames
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
  if (schema.format === 'date-time') delete schema.pattern
}
