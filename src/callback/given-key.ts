/** A secret or public key as somebody pasted it: ready to judge with, and what is wrong with it. Never shown again. */
import type { Finding } from './received-headers'

export interface Judge {
  /** Whose key it is; null for one that was pasted. */
  readonly endpointId: string | null
  readonly secret: CryptoKey | null
  readonly publicKey: CryptoKey | null
}

export interface GivenKey {
  /** Null when it cannot be one. */
  readonly judge: Judge | null
  readonly wrong: Finding | null
  /** No library would take it as it is written. */
  readonly isUsable: boolean
}

const ED25519_PUBLIC_BYTES = 32

const SPACES: Finding = {
  code: 'secret_whitespace',
  says: 'It has white space or a newline around it: most libraries refuse it so.',
}
const NOT_BASE64: Finding = {
  code: 'secret_malformed',
  says: 'What follows its prefix is not base64: it was cut or altered when it was copied.',
}

export async function givenSecret(text: string): Promise<GivenKey> {
  const secret = text.trim()
  if (secret.startsWith('whsk_')) {
    return unusable('secret_private_key', 'It is a private key (`whsk_…`); receivers check with `whsec_…`.')
  }
  if (secret.startsWith('whpk_')) {
    return unusable('secret_public_key', 'It is a public key (`whpk_…`): give it as `public_key`.')
  }
  const hasPrefix = secret.startsWith('whsec_')
  const bytes = decoded(hasPrefix ? secret.slice('whsec_'.length) : secret)
  if (bytes === null) return { judge: null, wrong: NOT_BASE64, isUsable: false }
  const judge = { endpointId: null, secret: await hmacKey(bytes), publicKey: null }
  if (secret !== text) return { judge, wrong: SPACES, isUsable: false }
  const says = 'Its prefix `whsec_` is missing: libraries guess it, code of your own may not.'
  return { judge, wrong: hasPrefix ? null : { code: 'secret_prefix', says }, isUsable: true }
}

export async function givenPublicKey(text: string): Promise<GivenKey> {
  const trimmed = text.trim()
  const bytes = trimmed.startsWith('whpk_') ? decoded(trimmed.slice('whpk_'.length)) : null
  if (bytes?.length !== ED25519_PUBLIC_BYTES) {
    return unusable('public_key_malformed', 'It is not `whpk_` and the base64 of 32 bytes.')
  }
  const judge = { endpointId: null, secret: null, publicKey: await ed25519Key(bytes) }
  return trimmed === text ? { judge, wrong: null, isUsable: true } : { judge, wrong: SPACES, isUsable: false }
}

/** One of the gateway's own, which are well-formed. */
export async function ownKey(
  endpointId: string,
  { secret, publicKey }: { readonly secret: string; readonly publicKey: string },
): Promise<Judge> {
  const bytes = {
    secret: decoded(secret.slice('whsec_'.length)),
    publicKey: decoded(publicKey.slice('whpk_'.length)),
  }
  if (bytes.secret === null || bytes.publicKey === null) throw new Error('an endpoint has a malformed key')
  return { endpointId, secret: await hmacKey(bytes.secret), publicKey: await ed25519Key(bytes.publicKey) }
}

function unusable(code: string, says: string): GivenKey {
  return { judge: null, wrong: { code, says }, isUsable: false }
}

function decoded(base64: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return null
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}

function hmacKey(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
}

function ed25519Key(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', bytes, 'Ed25519', false, ['verify'])
}
