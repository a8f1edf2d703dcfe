/** Values as the text form of Cap'n Proto takes them. */

/** The text of a file beside the configuration. */
export interface Embedded {
  readonly embed: string
}

export type Value =
  | string
  | number
  | boolean
  | Embedded
  | readonly Value[]
  | { readonly [name: string]: Value }

export function capnp(value: Value): string {
  if (typeof value === 'string') return quoted(value)
  if (typeof value !== 'object') return String(value)
  if (isList(value)) return `[${value.map((item) => `\n${capnp(item)}`).join(',')}]`
  if ('embed' in value) return `embed ${quoted(String(value.embed))}`
  return `(${Object.entries(value)
    .map(([name, item]) => `${name} = ${capnp(item)}`)
    .join(', ')})`
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

/** As in JSON, but for a control character without a letter of its own. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(/\\u00([0-9a-f]{2})/g, '\\x$1')
}
