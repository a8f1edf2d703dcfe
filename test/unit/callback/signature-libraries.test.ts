/** Whenever a published library believes a callback, so do we, and the other way round. */
import fc from 'fast-check'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { expect, it } from 'vitest'
import { generateSigningKeys, type SigningKeys, signatureHeaders } from '../../../src/callback/sign'
import { checkSignature } from '../../../src/callback/signature-check'

const PARTS = ['webhook-id', 'webhook-timestamp', 'webhook-signature']

interface Received {
  headers: Record<string, string>
  body: string
  secret: string
}

type Alteration = (received: Received, random: number) => Received

const onHeader =
  (name: number, alter: (value: string, random: number) => string): Alteration =>
  (received, random) => {
    const key = Object.keys(received.headers).find((one) =>
      one.toLowerCase().endsWith((PARTS[name] ?? '').slice(8)),
    )
    if (key === undefined) return received
    return {
      ...received,
      headers: { ...received.headers, [key]: alter(received.headers[key] ?? '', random) },
    }
  }
const onBody =
  (alter: (body: string, random: number) => string): Alteration =>
  (received, random) => ({ ...received, body: alter(received.body, random) })
const onSecret =
  (alter: (secret: string, random: number) => string): Alteration =>
  (received, random) => ({ ...received, secret: alter(received.secret, random) })
const flipped = (text: string, random: number) => {
  const at = random % Math.max(1, text.length)
  return text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1)
}

const ALTERATIONS: Alteration[] = [
  (received) => received,
  onHeader(0, flipped),
  onHeader(0, (id) => `${id}, ${id}`),
  onHeader(1, (time) => `${time}.7`),
  onHeader(1, (time) => `${time}, ${time}`),
  onHeader(1, (time) => ` ${time}`),
  onHeader(1, (time) => String(Number(time) + 1)),
  onHeader(1, () => ''),
  onHeader(2, flipped),
  onHeader(2, (signature) => `v1,AAAA ${signature}`),
  onHeader(2, (signature) => signature.split(' ').reverse().join(' ')),
  onHeader(2, (signature) => signature.replaceAll(' ', ', ')),
  onHeader(2, (signature) => signature.replaceAll(' ', '  ')),
  onHeader(2, (signature) => signature.replaceAll(' ', '\t')),
  onHeader(2, (signature) => signature.replace('v1,', '')),
  onHeader(2, (signature) => signature.replaceAll('=', '')),
  onHeader(2, (signature) => signature.toUpperCase()),
  (received, random) => {
    const gone = Object.keys(received.headers)[random % 3]
    return {
      ...received,
      headers: Object.fromEntries(Object.entries(received.headers).filter(([key]) => key !== gone)),
    }
  },
  (received) => ({
    ...received,
    headers: Object.fromEntries(
      Object.entries(received.headers).map(([key, value]) => [key.toUpperCase(), value]),
    ),
  }),
  (received) => ({
    ...received,
    headers: Object.fromEntries(
      Object.entries(received.headers).map(([key, value]) => [key.replace('webhook-', 'svix-'), value]),
    ),
  }),
  onBody(flipped),
  onBody((body) => `${body}\n`),
  onBody((body) => JSON.stringify(parsed(body), null, 2)),
  onBody((body) => `\ufeff${body}`),
  onSecret(flipped),
  onSecret((secret) => secret.slice('whsec_'.length)),
  onSecret((secret) => `${secret}\n`),
  onSecret((secret) => secret.replaceAll('=', '')),
]

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
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

it('altered or not', { timeout: 120_000 }, async () => {
  const pool: SigningKeys[] = await Promise.all([1, 2, 3].map(() => generateSigningKeys()))
  const nowSeconds = Math.floor(Date.now() / 1_000)
  let believed = 0
  const key = fc.integer({ min: 0, max: 2 })
  await fc.assert(
    fc.asyncProperty(
      fc.json(),
      fc.uniqueArray(key, { minLength: 1 }),
      key,
      fc.array(fc.tuple(fc.integer({ min: 0, max: ALTERATIONS.length - 1 }), fc.nat()), { maxLength: 2 }),
      async (json, signers, given, alterations) => {
        const body = JSON.stringify(JSON.parse(json))
        const keys = signers.map((index) => pool[index]).filter((one) => one !== undefined)
        const signed = await signatureHeaders({ id: 'evt_a1', timestampSeconds: nowSeconds, body }, keys)
        const received = alterations.reduce<Received>(
          (before, [index, random]) => ALTERATIONS[index]?.(before, random) ?? before,
          { headers: signed, body, secret: pool[given]?.secret ?? '' },
        )
        const libraries =
          accepts(() => new StandardWebhook(received.secret).verify(received.body, received.headers)) ||
          accepts(() => new SvixWebhook(received.secret).verify(received.body, received.headers))
        const { valid } = await checkSignature({ ...received, publicKey: null, endpoints: [], nowSeconds })
        // A library also wants JSON, which a byte order mark is not the beginning of.
        expect(valid, JSON.stringify(received)).toBe(libraries)
        if (valid) believed += 1
      },
    ),
    { numRuns: 2_000 },
  )
  expect(believed).toBeGreaterThan(200)
})
