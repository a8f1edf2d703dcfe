/**
 * Why a callback's signature does not hold for its receiver: which part is wrong. `valid` is what a library of
 * Standard Webhooks would say of exactly these parts, the age of the timestamp aside. No platform but Web Crypto.
 */
import { equalSecrets } from '../platform/crypto'
import { suspects } from './altered-body'
import { type GivenKey, givenPublicKey, givenSecret, type Judge, ownKey } from './given-key'
import {
  type Entry,
  type Headers,
  PARTS,
  type ReadHeaders,
  readHeaders,
  readSignatures,
  timestampForms,
} from './received-headers'
import { type Reading, type SignatureVerdict, verdict } from './signature-verdict'

export interface Question {
  readonly headers: Headers
  /** As the receiver has it. */
  readonly body: string
  /** What the receiver checks with; without either, his endpoints' own keys are tried. */
  readonly secret: string | null
  readonly publicKey: string | null
  /** The endpoints that it may be about. */
  readonly endpoints: readonly {
    readonly id: string
    readonly keys: readonly { readonly secret: string; readonly publicKey: string }[]
  }[]
  readonly nowSeconds: number
}

/** A way in which the parts may have been signed. */
interface Signed {
  readonly text: string
  readonly isAsGiven: boolean
  /** What was done to the body since; null when nothing was. */
  readonly happened: string | null
}

export interface Match {
  readonly signed: Signed
  readonly judge: Judge
  readonly entry: Entry
}

/** Entries that altered bodies are tried with: more come from no rotation. */
const TRIED_ENTRIES = 8

export async function checkSignature(question: Question): Promise<SignatureVerdict> {
  const headers = readHeaders(question.headers, question.nowSeconds)
  const signature = readSignatures(headers['webhook-signature'].value ?? '')
  const own = await Promise.all(
    question.endpoints.flatMap(({ id, keys }) => keys.map((key) => ownKey(id, key))),
  )
  const given = await givenKey(question)
  const judges = given === null ? own : given.judge === null ? [] : [given.judge]
  const isComplete = PARTS.every((name) => headers[name].value !== null)
  const match = isComplete ? await search(question.body, headers, signature.entries, judges) : null
  const other =
    isComplete && match === null && given !== null
      ? await search(question.body, headers, signature.entries, own)
      : null
  const reading: Reading = { headers, signature, given, hasKeys: judges.length > 0, isComplete, match, other }
  return verdict(reading, await isSameSecret(given?.judge ?? null, other?.judge ?? null))
}

function givenKey({ secret, publicKey }: Question): Promise<GivenKey> | null {
  if (secret !== null) return givenSecret(secret)
  return publicKey === null ? null : givenPublicKey(publicKey)
}

/** The first that fits: as it stands, then with its headers repaired, then with the usual things done to the body. */
async function search(
  body: string,
  headers: ReadHeaders,
  entries: readonly Entry[],
  judges: readonly Judge[],
): Promise<Match | null> {
  for (const signed of waysToSign(body, headers)) {
    const tried = signed.isAsGiven ? entries : entries.slice(0, TRIED_ENTRIES)
    for (const judge of judges) {
      const entry = await entryOf(judge, signed, tried)
      if (entry !== null) return { signed, judge, entry }
    }
  }
  return null
}

function* waysToSign(body: string, headers: ReadHeaders): Generator<Signed> {
  const given = heads(headers, false)
  const repaired = heads(headers, true)
  for (const head of given) yield { text: head + body, isAsGiven: true, happened: null }
  for (const head of repaired) yield { text: head + body, isAsGiven: false, happened: null }
  const likely = suspects(body)
  for (const head of [...given, ...repaired]) {
    for (const suspect of likely) {
      yield { text: head + suspect.body, isAsGiven: false, happened: suspect.happened }
    }
  }
}

/** What is signed before the body: as a receiver would put it, or as it was before something damaged it. */
function heads(headers: ReadHeaders, repaired: boolean): string[] {
  const id = headers['webhook-id']
  const times = timestampForms(headers['webhook-timestamp'])
  const asGiven = times.given.map((time) => `${id.value}.${time}.`)
  if (!repaired) return asGiven
  const all = times.repaired.flatMap((time) => [`${id.value}.${time}.`, `${id.once}.${time}.`])
  return [...new Set(all)].filter((head) => !asGiven.includes(head))
}

/** The entry that this key made for the text; of both schemes the one that more receivers check. */
async function entryOf(judge: Judge, signed: Signed, entries: readonly Entry[]): Promise<Entry | null> {
  const text = new TextEncoder().encode(signed.text)
  const symmetric = entries.filter(({ version }) => version === 'v1')
  if (judge.secret !== null && symmetric.length > 0) {
    const expected = await hmac(judge.secret, text)
    for (const entry of symmetric) if (await equalSecrets(expected, entry.signature)) return entry
    // What the one scheme says of an altered body the other would say too.
    if (!signed.isAsGiven) return null
  }
  for (const entry of entries) if (await isOfPublicKey(judge, entry, text)) return entry
  return null
}

async function isOfPublicKey(
  { publicKey }: Judge,
  { version, signature }: Entry,
  text: Uint8Array,
): Promise<boolean> {
  if (version !== 'v1a' || publicKey === null) return false
  try {
    const bytes = Uint8Array.from(atob(signature), (character) => character.charCodeAt(0))
    return await crypto.subtle.verify('Ed25519', publicKey, bytes, text)
  } catch {
    return false
  }
}

/** Whether two keys sign alike, so that the fault is not the secret's. */
async function isSameSecret(a: Judge | null, b: Judge | null): Promise<boolean> {
  if (a?.secret == null || b?.secret == null) return false
  const text = new TextEncoder().encode('the same')
  return await equalSecrets(await hmac(a.secret, text), await hmac(b.secret, text))
}

async function hmac(key: CryptoKey, text: Uint8Array): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.sign('HMAC', key, text))
  return btoa(String.fromCharCode(...bytes))
}
