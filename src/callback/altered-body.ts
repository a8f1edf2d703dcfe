/** What happens to a callback's body between the wire and the code that checks it. Pure. */

/** A body that may be what was signed, when what is at hand is not. */
export interface Suspect {
  readonly body: string
  /** What was done to it. */
  readonly happened: string
}

const BOM = '\ufeff'
/** A string of JSON, or one of the characters between values. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[,:]/g

const pythonStyle = (json: string) =>
  json.replace(TOKENS, (token) => (token === ',' || token === ':' ? `${token} ` : token))
const escapedUnicode = (json: string) =>
  json.replace(
    /[\u0080-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
const escapedSlashes = (json: string) => json.replaceAll('/', '\\/')

/** How programs write JSON that they have parsed. */
const WRITERS: readonly [happened: string, write: (compact: string) => string][] = [
  ['it was parsed and written anew by JSON.stringify', (json) => json],
  ["it was parsed and written anew with a space after ',' and ':' (Python's json.dumps)", pythonStyle],
  [
    "it was parsed and written anew with a space after ',' and ':' and \\u escapes (Python's json.dumps)",
    (json) => pythonStyle(escapedUnicode(json)),
  ],
  ['it was parsed and pretty printed with 2 spaces', (json) => JSON.stringify(JSON.parse(json), null, 2)],
  ['it was parsed and pretty printed with 4 spaces', (json) => JSON.stringify(JSON.parse(json), null, 4)],
  ['its characters beyond ASCII were turned into \\u escapes', escapedUnicode],
  ["its slashes were turned into \\/ (PHP's json_encode)", escapedSlashes],
  [
    "its slashes were turned into \\/ and characters beyond ASCII into \\u escapes (PHP's json_encode)",
    (json) => escapedSlashes(escapedUnicode(json)),
  ],
]

/** The likely originals of a body, the likeliest first, none twice; not the body itself. */
export function suspects(body: string): Suspect[] {
  const all = [...edgesOf(body), ...originalsOf(body)]
  const known = new Set([body])
  return all.filter((suspect) => !known.has(suspect.body) && known.add(suspect.body))
}

function edgesOf(body: string): Suspect[] {
  return [
    { body: body.replace(/\r?\n$/, ''), happened: 'a newline was added at its end' },
    { body: `${body}\n`, happened: 'the newline at its end was removed' },
    { body: `${body}\r\n`, happened: 'the newline (CRLF) at its end was removed' },
    { body: body.replaceAll('\r\n', '\n'), happened: 'its line ends were turned from LF into CRLF' },
    { body: body.replace(/\r?\n/g, '\r\n'), happened: 'its line ends were turned from CRLF into LF' },
    { body: body.replace(BOM, ''), happened: 'a byte order mark was put in front of it' },
    { body: BOM + body, happened: 'the byte order mark in front of it was removed' },
    { body: body.trim(), happened: 'white space was added around it' },
  ]
}

/** Every way of writing the same JSON. What was done is known by doing it to the original. */
function originalsOf(body: string): Suspect[] {
  // An editor may have put its marks around what was written anew.
  const json = body.replace(BOM, '').trim()
  const compact = rewritten(json)
  if (compact === null) return []
  const happened = whatHappened(compact, json)
  return WRITERS.map(([, write]) => ({ body: write(compact), happened }))
}

function whatHappened(compact: string, json: string): string {
  const writer = WRITERS.find(([, write]) => write(compact) === json)
  return writer?.[0] ?? 'it was parsed and written anew'
}

/** Null when it is no JSON, or too deep to be written. */
function rewritten(body: string): string | null {
  try {
    return JSON.stringify(JSON.parse(body))
  } catch {
    return null
  }
}
