/**
 * Signs callbacks as Standard Webhooks 1.0 asks, with both of its schemes at once: `v1` (HMAC-SHA256, one
 * shared secret) for the receiver who takes any library, `v1a` (Ed25519) for the one who wants proof that
 * only the gateway could have signed. https://www.standardwebhooks.com
 */

/** The standard asks for 24 to 64 bytes; 32 is the security of SHA-256. */
const SECRET_BYTES = 32
const ED25519_SEED_BYTES = 32
const ED25519_PUBLIC_BYTES = 32

const SECRET_PREFIX = 'whsec_'
const PRIVATE_KEY_PREFIX = 'whsk_'
const PUBLIC_KEY_PREFIX = 'whpk_'

/**
 * All of a PKCS#8 Ed25519 private key (RFC 8410 section 7) that comes before its 32-byte seed. Web Crypto
 * has no raw form of private keys, and this one needs no public half to agree with.
 */
const PKCS8_PREFIX = Uint8Array.of(48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32)

/** Printable ASCII without the full stop, which separates the parts of the signed text. */
const MESSAGE_ID = /^[\x21-\x2d\x2f-\x7e]+$/

export interface SigningKeys {
  /** `whsec_` + base64 of 32 bytes; the receiver has it too. */
  readonly secret: string
  /** `whsk_` + base64 of the 64-byte Ed25519 form: seed, then public key. */
  readonly privateKey: string
  /** `whpk_` + base64 of 32 bytes; anybody may have it. */
  readonly publicKey: string
}

/** Makes a fresh HMAC secret and a fresh Ed25519 pair, written in the forms of Standard Webhooks 1.0. */
export async function generateSigningKeys(): Promise<SigningKeys> {
  const secret = crypto.getRandomValues(new Uint8Array(SECRET_BYTES))
  const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify'])
  if (!('privateKey' in pair)) throw new Error('Ed25519 generation gave no key pair')

  const seed = (await exportBytes('pkcs8', pair.privateKey)).slice(PKCS8_PREFIX.length)
  const publicKey = await exportBytes('raw', pair.publicKey)
  if (seed.length !== ED25519_SEED_BYTES || publicKey.length !== ED25519_PUBLIC_BYTES) {
    throw new Error('the runtime exports Ed25519 keys in a form this module does not know')
  }
  return {
    secret: SECRET_PREFIX + toBase64(secret),
    privateKey: PRIVATE_KEY_PREFIX + toBase64(concat(seed, publicKey)),
    publicKey: PUBLIC_KEY_PREFIX + toBase64(publicKey),
  }
}

/**
 * The Standard Webhooks 1.0 headers of one attempt. Called anew for every attempt: the id and the body stay,
 * the timestamp is the attempt's own, since receivers refuse what is older than five minutes.
 *
 * @param message `timestampSeconds` is unix time in whole seconds; `body` is the exact text that is sent
 * @param keys newest first, more than one during a rotation: each adds a `v1` and a `v1a` signature
 * @throws on no keys, a malformed key, id or timestamp: all are made by the gateway, so each is a bug, and
 *   an unsigned callback must never leave
 */
export async function signatureHeaders(
  message: { id: string; timestampSeconds: number; body: string },
  keys: readonly SigningKeys[],
): Promise<Record<string, string>> {
  const { id, timestampSeconds, body } = message
  if (keys.length === 0) throw new Error('a callback cannot be signed without keys')
  if (!MESSAGE_ID.test(id)) throw new Error('a message id is printable ASCII without a full stop')
  if (!Number.isSafeInteger(timestampSeconds) || timestampSeconds < 0) {
    throw new Error('a webhook timestamp is unix time in whole seconds')
  }
  const signed = new TextEncoder().encode(`${id}.${timestampSeconds}.${body}`)
  const signatures = await Promise.all(
    keys.flatMap((key) => [signSymmetric(signed, key.secret), signAsymmetric(signed, key.privateKey)]),
  )
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': signatures.join(' '),
  }
}

async function signSymmetric(signed: Uint8Array, secret: string): Promise<string> {
  const bytes = keyBytes(secret, SECRET_PREFIX)
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return `v1,${toBase64(new Uint8Array(await crypto.subtle.sign('HMAC', key, signed)))}`
}

async function signAsymmetric(signed: Uint8Array, privateKey: string): Promise<string> {
  const bytes = keyBytes(privateKey, PRIVATE_KEY_PREFIX)
  if (bytes.length !== ED25519_SEED_BYTES + ED25519_PUBLIC_BYTES) {
    throw new Error(`a ${PRIVATE_KEY_PREFIX} key is a 32-byte seed and its 32-byte public key`)
  }
  const pkcs8 = concat(PKCS8_PREFIX, bytes.slice(0, ED25519_SEED_BYTES))
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', false, ['sign'])
  return `v1a,${toBase64(new Uint8Array(await crypto.subtle.sign('Ed25519', key, signed)))}`
}

async function exportBytes(format: 'pkcs8' | 'raw', key: CryptoKey): Promise<Uint8Array> {
  const exported = await crypto.subtle.exportKey(format, key)
  if (!('byteLength' in exported)) throw new Error(`exporting a key as ${format} gave no bytes`)
  return new Uint8Array(exported)
}

/** The error never quotes the key: it may be a secret on its way to a log. */
function keyBytes(key: string, prefix: string): Uint8Array {
  if (!key.startsWith(prefix) || key.length === prefix.length) throw new Error(`not a ${prefix} key`)
  try {
    return Uint8Array.from(atob(key.slice(prefix.length)), (character) => character.charCodeAt(0))
  } catch {
    throw new Error(`a ${prefix} key that is not base64`)
  }
}

function concat(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = new Uint8Array(first.length + second.length)
  joined.set(first)
  joined.set(second, first.length)
  return joined
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
}
