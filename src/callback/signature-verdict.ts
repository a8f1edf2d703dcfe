/** What was found of a signature, in words: one verdict, and one for each part. Pure. */
import type { GivenKey } from './given-key'
import { type Entry, type Finding, PARTS, type ReadHeaders } from './received-headers'
import type { Match } from './signature-check'

export interface Reading {
  readonly headers: ReadHeaders
  readonly signature: { readonly entries: readonly Entry[]; readonly wrong: Finding | null }
  /** What the receiver checks with; null when the keys of his endpoints were tried. */
  readonly given: GivenKey | null
  readonly hasKeys: boolean
  readonly isComplete: boolean
  /** How the keys that were to be tried fit; null when they do not. */
  readonly match: Match | null
  /** How another key of the merchant's fits, when the given one does not. */
  readonly other: Match | null
}

export interface PartCheck {
  readonly part: (typeof PARTS)[number] | 'secret' | 'body'
  /** Null when it cannot be told. */
  readonly ok: boolean | null
  readonly says: string
}

export interface SignatureVerdict {
  readonly valid: boolean
  /** The first thing to repair, one short word; null when nothing is wrong. */
  readonly problem: string | null
  readonly says: string
  readonly checks: readonly PartCheck[]
}

const NO_KEYS: Finding = {
  code: 'no_keys',
  says: 'There is nothing to check with: give `secret` or `public_key`, or register an endpoint.',
}
const NO_MATCH: Finding = {
  code: 'no_match',
  says: 'No key that was tried made this signature for this body: the secret is of another endpoint or environment, or the body was changed in a way that cannot be guessed. Keep the raw bytes before anything parses them.',
}
const DAMAGED: Finding = {
  code: 'v1_wrong',
  says: 'The `v1a` entry holds, so the body is untouched; no `v1` entry does: it was cut or altered.',
}

/** `sameSecret`: the given one is that of the other match, so the `v1` entry is at fault. */
export function verdict(reading: Reading, sameSecret: boolean): SignatureVerdict {
  const { match } = reading
  const isGood = match?.signed.isAsGiven === true && match.entry.wrong === null && damaged(reading) === null
  const valid = isGood && (reading.given?.isUsable ?? true)
  const found = problem(reading, sameSecret)
  const prefix = valid && found !== null ? 'The signature holds, but look at this. ' : ''
  return {
    valid,
    problem: found?.code ?? null,
    says: prefix + (found?.says ?? 'The signature holds: nothing is wrong.'),
    checks: [
      ...PARTS.slice(0, 2).map((part) => headerCheck(part, reading)),
      signatureCheck(reading, sameSecret),
      secretCheck(reading, sameSecret),
      bodyCheck(reading),
    ],
  }
}

function problem(reading: Reading, sameSecret: boolean): Finding | null {
  const { headers, signature, given, match, other, isComplete, hasKeys } = reading
  const ofHeaders = PARTS.map((name) => headers[name].wrong).find((wrong) => wrong !== null) ?? null
  if (!isComplete) return ofHeaders
  if (!hasKeys) return given?.wrong ?? NO_KEYS
  if (match !== null) {
    return altered(match) ?? match.entry.wrong ?? given?.wrong ?? ofHeaders ?? damaged(reading)
  }
  if (other !== null) return sameSecret ? DAMAGED : wrongSecret(other)
  const ofTime = headers['webhook-timestamp'].wrong
  const isLate = ofTime?.code === 'timestamp_old' || ofTime?.code === 'timestamp_future'
  return signature.wrong ?? headers['webhook-id'].wrong ?? (isLate ? null : ofTime) ?? NO_MATCH
}

function altered({ signed }: Match): Finding | null {
  const { happened } = signed
  return happened === null ? null : { code: 'body_altered', says: bodySentence(happened) }
}

function bodySentence(happened: string): string {
  return `The body is not what was signed: ${happened}. Check the raw bytes as they came, before anything parses them.`
}

function wrongSecret({ judge, signed }: Match): Finding {
  const also =
    signed.happened === null ? 'The body is untouched' : `The body was changed too: ${signed.happened}`
  return {
    code: 'wrong_secret',
    says: `It was signed with the key of ${judge.endpointId}, which is not the one you gave. ${also}.`,
  }
}

/** The one scheme holds, the other does not. */
function damaged({ match, signature }: Reading): Finding | null {
  const isAsymmetric = match?.entry.version === 'v1a' && match.judge.secret !== null
  return isAsymmetric && signature.entries.some(({ version }) => version === 'v1') ? DAMAGED : null
}

function headerCheck(
  part: 'webhook-id' | 'webhook-timestamp' | 'webhook-signature',
  { headers }: Reading,
): PartCheck {
  const { wrong } = headers[part]
  return { part, ok: wrong === null, says: wrong?.says ?? 'As it should be.' }
}

function signatureCheck(reading: Reading, sameSecret: boolean): PartCheck {
  const part = 'webhook-signature'
  const { headers, signature, match, other } = reading
  const fits = match ?? other
  const wrong =
    headers[part].wrong ??
    signature.wrong ??
    (other !== null && sameSecret ? DAMAGED : fits === null ? null : damaged({ ...reading, match: fits }))
  if (wrong !== null) return { part, ok: false, says: wrong.says }
  if (fits === null)
    return { part, ok: null, says: 'It has the right form, and fits nothing that was tried.' }
  return { part, ok: true, says: `Its \`${fits.entry.version}\` entry fits.` }
}

function secretCheck({ given, match, other, hasKeys }: Reading, sameSecret: boolean): PartCheck {
  const part = 'secret'
  const wrong = given?.wrong ?? (hasKeys ? null : NO_KEYS)
  if (wrong !== null) return { part, ok: false, says: wrong.says }
  if (match !== null) {
    const whose =
      match.judge.endpointId === null ? 'The one you gave' : `The key of ${match.judge.endpointId}`
    return { part, ok: true, says: `${whose} made the signature.` }
  }
  if (other === null) return { part, ok: null, says: 'It may be of another endpoint or environment.' }
  if (sameSecret) return { part, ok: true, says: `It is that of ${other.judge.endpointId}.` }
  return { part, ok: false, says: wrongSecret(other).says }
}

function bodyCheck({ match, other }: Reading): PartCheck {
  const part = 'body'
  const fits = match ?? other
  if (fits === null) return { part, ok: null, says: 'It cannot be told while no key fits.' }
  const { happened } = fits.signed
  if (happened !== null) return { part, ok: false, says: bodySentence(happened) }
  return { part, ok: true, says: 'It is what was signed, byte for byte.' }
}
