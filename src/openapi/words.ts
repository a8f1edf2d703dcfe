/** What the document says of a schema besides its shape: a registry of our own, so that zod's stays empty. */
import * as z from 'zod'

interface Words {
  /** Makes it a component that others refer to. */
  readonly id?: string
  readonly description?: string
}

export const words = z.registry<Words>()

/** A component of the document. */
export function named<T extends z.ZodType>(id: string, description: string, schema: T): T {
  words.add(schema, { id, description })
  return schema
}

/** Ids of the components that are sent to us: where one refuses unknown fields, the document says so. */
export const bodies = new Set<string>()

/** A component that is the body of a request. */
export function body(id: string, description: string, schema: z.ZodType): void {
  bodies.add(id)
  words.add(schema, { id, description })
}

/** A field with a sentence about it. */
export function said<T extends z.ZodType>(schema: T, description: string): T {
  words.add(schema, { description })
  return schema
}
