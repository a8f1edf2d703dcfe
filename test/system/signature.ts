import { createPublicKey, verify } from 'node:crypto'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { expect } from 'vitest'
import type { Reachable } from './harness'
import type { Received } from './merchant'

/** SubjectPublicKeyInfo of Ed25519 up to the 32 bytes of the key (RFC 8410 section 4). */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

type Signed = Pick<Received, 'rawBody' | 'headers'>
type Signer = { readonly id: string; readonly secret: string }

/** All three receivers of `judge` must believe it. */
export async function expectGenuine(gateway: Reachable, received: Signed, endpoint: Signer): Promise<void> {
  expect(await judge(gateway, received, endpoint)).toEqual({ standardwebhooks: true, svix: true, v1a: true })
}

/** What three receivers with nothing in common make of it: two published libraries, and the public key alone. */
export async function judge(gateway: Reachable, { rawBody, headers }: Signed, { id, secret }: Signer) {
  return {
    standardwebhooks: accepts(() => new StandardWebhook(secret).verify(rawBody, { ...headers })),
    svix: accepts(() => new SvixWebhook(secret).verify(rawBody, { ...headers })),
    v1a: await isSignedByPublicKey(gateway, id, headers, rawBody),
  }
}

function accepts(verify: () => unknown): boolean {
  try {
    verify()
    return true
  } catch {
    return false
  }
}

/** `v1a` of Standard Webhooks, with the keys that the gateway publishes for anybody to fetch. */
async function isSignedByPublicKey(
  gateway: Reachable,
  endpointId: string,
  headers: Received['headers'],
  rawBody: string,
): Promise<boolean> {
  const answer = await gateway.fetch(`/.well-known/webhook-keys/${endpointId}.json`)
  const { keys } = (await answer.json()) as { keys: string[] }
  const signed = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${rawBody}`)
  const signatures = (headers['webhook-signature'] ?? '').split(' ').filter((one) => one.startsWith('v1a,'))
  return keys.some((key) => {
    const der = Buffer.concat([SPKI_PREFIX, Buffer.from(key.slice('whpk_'.length), 'base64')])
    const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' })
    return signatures.some((one) => verify(null, signed, publicKey, Buffer.from(one.slice(4), 'base64')))
  })
}
