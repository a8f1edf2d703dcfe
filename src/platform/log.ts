/** One structured line per thing that happened. Secrets never come here; numbers come masked. */

type Field = string | number | boolean | null

export function log(event: string, fields: Readonly<Record<string, Field>>): void {
  console.log(JSON.stringify({ event, ...fields }))
}

/** A bug or a broken dependency, never an expected outcome. */
export function logError(event: string, error: unknown, fields: Readonly<Record<string, Field>> = {}): void {
  const message = error instanceof Error ? error.message : String(error)
  console.error(JSON.stringify({ event, error: message, ...fields }))
}
