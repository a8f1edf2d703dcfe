/** The headers of a callback as its receiver saw them, and what is wrong with them. Pure. */

export const PARTS = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const
type HeaderName = (typeof PARTS)[number]
export type ReadHeaders = Readonly<Record<HeaderName, ReadHeader>>

export interface Finding {
  readonly code: string
  readonly says: string
}

export interface ReadHeader {
  /** As a library would take it; null when there is none. */
  readonly value: string | null
  /** What it was before a proxy wrote it twice; the value itself when nothing did. */
  readonly once: string | null
  readonly wrong: Finding | null
}

/** A header that is there twice is a list to some programs. */
export type Headers = Readonly<Record<string, string | readonly string[]>>

/** Receivers refuse what is older, or further ahead. */
const TOLERANCE_SECONDS = 5 * 60
/** Two values that some program joined. */
const TWICE = /^(.+?),\s*\1$/

export function readHeaders(headers: Headers, nowSeconds: number): ReadHeaders {
  const byName = new Map<string, string[]>()
  for (const [name, value] of Object.entries(headers)) {
    byName.set(name.toLowerCase(), [...(byName.get(name.toLowerCase()) ?? []), ...[value].flat()])
  }
  const timestamp = readHeader(byName, 'webhook-timestamp')
  return {
    'webhook-id': readHeader(byName, 'webhook-id'),
    'webhook-timestamp': {
      ...timestamp,
      wrong: timestamp.wrong ?? wrongTime(timestamp.value ?? '', nowSeconds),
    },
    'webhook-signature': readHeader(byName, 'webhook-signature'),
  }
}

function readHeader(byName: ReadonlyMap<string, readonly string[]>, name: HeaderName): ReadHeader {
  const values = byName.get(name) ?? []
  // As the libraries do: the last of several.
  const value = values.at(-1) || null
  if (value !== null) return single(name, value, values.length > 1)
  const renamed = byName.get(name.replace('webhook-', 'svix-'))?.at(-1) || null
  const wrong =
    renamed === null
      ? { code: 'header_missing', says: `There is no ${name}: something in front of your code took it away.` }
      : {
          code: 'header_renamed',
          says: `It is called ${name.replace('webhook-', 'svix-')} here; the gateway calls it ${name}. Only Svix's own library reads both names.`,
        }
  return { value: renamed, once: renamed, wrong }
}

function single(name: HeaderName, value: string, isTwice: boolean): ReadHeader {
  const once = name === 'webhook-signature' ? value : (TWICE.exec(value)?.[1] ?? value)
  const code = 'header_duplicated'
  const says = `${name} is there twice: something in front of your code, a proxy perhaps, repeats it.`
  return { value, once, wrong: isTwice || once !== value ? { code, says } : null }
}

function wrongTime(value: string, nowSeconds: number): Finding | null {
  if (/^\d{13}$/.test(value)) {
    return {
      code: 'timestamp_milliseconds',
      says: 'It is in milliseconds; the gateway sends whole seconds since 1970.',
    }
  }
  if (!/^\d{1,12}$/.test(value)) {
    return { code: 'timestamp_malformed', says: 'It is not a whole number of seconds since 1970.' }
  }
  const age = nowSeconds - Number(value)
  if (age > TOLERANCE_SECONDS) {
    return {
      code: 'timestamp_old',
      says: `It is ${age} s old, and receivers refuse more than 300 s: fine for a callback you kept, else check your server's clock.`,
    }
  }
  if (age < -TOLERANCE_SECONDS) {
    return {
      code: 'timestamp_future',
      says: `It is ${-age} s ahead, and receivers refuse more than 300 s: check your server's clock.`,
    }
  }
  return null
}

/**
 * The texts that the timestamp may have been signed as: as it stands and as the libraries read it, and what it may
 * have been before.
 */
export function timestampForms({ value, once }: ReadHeader): { given: string[]; repaired: string[] } {
  const text = value ?? ''
  const number = Number.parseInt(text, 10)
  const read = Number.isNaN(number) ? [] : [String(number)]
  const seconds = /^\d{13}$/.test(text) ? [text.slice(0, 10)] : []
  const given = [...new Set([text, ...read])]
  return { given, repaired: [...new Set([...given, once ?? '', ...seconds])] }
}

export interface Entry {
  readonly version: 'v1' | 'v1a'
  readonly signature: string
  /** It would be good, were it written as it should be; null: it is. */
  readonly wrong: Finding | null
}

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/
const BASE64URL = /^[A-Za-z0-9_-]+={0,2}$/
/** Of an HMAC-SHA256 and of an Ed25519 signature. */
const LENGTHS = { v1: 44, v1a: 88 }

/** Every entry that one of the two schemes could have made; versions that nobody knows are for others. */
export function readSignatures(header: string): { entries: Entry[]; wrong: Finding | null } {
  const entries = header.split(' ').filter(Boolean).flatMap(readEntry)
  const wrong = entries.find((entry) => entry.wrong !== null)?.wrong ?? null
  if (entries.length > 0) return { entries, wrong }
  return { entries, wrong: { code: 'signature_malformed', says: 'It has no entry `v1,…` or `v1a,…`.' } }
}

function readEntry(text: string): Entry[] {
  const [version = '', signature] = text.split(',')
  if (signature === undefined) return bare(text)
  return version === 'v1' || version === 'v1a' ? [{ version, ...readSignature(version, signature) }] : []
}

function bare(text: string): Entry[] {
  const version = (['v1', 'v1a'] as const).find((known) => padded(text).length === LENGTHS[known])
  const { signature } = readSignature('v1', text)
  const says = 'An entry has no version: it must be `v1,…` or `v1a,…`, separated by spaces.'
  return version === undefined ? [] : [{ version, signature, wrong: { code: 'signature_unversioned', says } }]
}

function readSignature(version: 'v1' | 'v1a', text: string): Pick<Entry, 'signature' | 'wrong'> {
  if (BASE64.test(text) && text.length === LENGTHS[version]) return { signature: text, wrong: null }
  if (BASE64URL.test(text) && padded(text).length === LENGTHS[version]) {
    const says = 'An entry is written in base64url; the gateway writes base64 with padding.'
    return { signature: padded(text), wrong: { code: 'signature_base64url', says } }
  }
  const says = `A ${version} entry is not ${LENGTHS[version]} characters of base64: it was cut or altered.`
  return { signature: text, wrong: { code: 'signature_malformed', says } }
}

/** As base64. */
function padded(text: string): string {
  const plain = text.replace(/=+$/, '').replaceAll('-', '+').replaceAll('_', '/')
  return plain + '='.repeat((4 - (plain.length % 4)) % 4)
}
