/**
 * Secrets at rest: AES-256-GCM under a key derived (HKDF-SHA256) from the operator's master key. `context`
 * says whose secret it is; sealed under one context it does not open under another.
 */

import { fromBase64Url, toBase64Url } from './crypto'

const VERSION = 'v1'
const IV_BYTES = 12
const SALT = new TextEncoder().encode('rasid')

/** `v1.<iv>.<ciphertext>`, base64url. */
export async function seal(masterKey: string, context: string, secret: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const key = await derive(masterKey, context)
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, new TextEncoder().encode(secret))
  return [VERSION, toBase64Url(iv), toBase64Url(new Uint8Array(sealed))].join('.')
}

/** Throws when the master key or the context is another one, or a byte was changed. */
export async function unseal(masterKey: string, context: string, sealed: string): Promise<string> {
  const [version, iv, ciphertext, more] = sealed.split('.')
  if (version !== VERSION || iv === undefined || ciphertext === undefined || more !== undefined) {
    throw new Error('this is nothing that was sealed here')
  }
  const key = await derive(masterKey, context)
  const algorithm = { name: 'AES-GCM', iv: fromBase64Url(iv) }
  return new TextDecoder().decode(await crypto.subtle.decrypt(algorithm, key, fromBase64Url(ciphertext)))
}

async function derive(masterKey: string, context: string): Promise<CryptoKey> {
  const encoder = new TextEncoder()
  const material = await crypto.subtle.importKey('raw', encoder.encode(masterKey), 'HKDF', false, [
    'deriveKey',
  ])
  return crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: SALT, info: encoder.encode(context) },
    material,
    { name: 'AES-GCM', length: 256 },
    false,
    ['encrypt', 'decrypt'],
  )
}
