import { Webhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { describe, expect, it } from 'vitest'
import { generateSigningKeys, type SigningKeys, signatureHeaders } from '../../../src/callback/sign'

const keys = await generateSigningKeys()
const older = await generateSigningKeys()
const body = '{"type":"topup.fulfilled","data":{"ref":"طلب-1"}}'
const nowSeconds = Math.floor(Date.now() / 1000)
const message = { id: 'evt_7f3a_2', timestampSeconds: nowSeconds, body }

const decode = (key: string, prefix: string) => Buffer.from(key.slice(prefix.length), 'base64')
const signaturesOf = (headers: Record<string, string>) => headers['webhook-signature']?.split(' ') ?? []

async function verifiesWithPublicKey(signature: string, publicKey: string): Promise<boolean> {
  const key = await crypto.subtle.importKey('raw', decode(publicKey, 'whpk_'), 'Ed25519', false, ['verify'])
  const signed = Buffer.from(`${message.id}.${nowSeconds}.${body}`)
  return crypto.subtle.verify('Ed25519', key, decode(signature, 'v1a,'), signed)
}

describe('published vectors', () => {
  const first = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestampSeconds: 1614265330,
    body: '{"test": 2432232314}',
  }
  const second = {
    id: 'msg_27UH4WbU6Z5A5EzD8u03UvzRbpk',
    timestampSeconds: 1649367553,
    body: '{"email":"test@example.com","username":"test_user"}',
  }
  const vectors = [
    {
      name: 'HMAC, Standard Webhooks',
      key: { secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
      message: first,
      signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    },
    {
      name: 'HMAC, Svix',
      key: { secret: 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD' },
      message: second,
      signature: 'v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=',
    },
    {
      name: 'Ed25519',
      key: {
        privateKey:
          'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==',
      },
      message: first,
      signature:
        'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==',
    },
  ]

  it.each(vectors)('$name, byte for byte', async ({ key, message, signature }) => {
    const headers = await signatureHeaders(message, [{ ...keys, ...key }])
    expect(headers['webhook-id']).toBe(message.id)
    expect(headers['webhook-timestamp']).toBe(String(message.timestampSeconds))
    expect(signaturesOf(headers)).toContain(signature)
  })

  it('every key adds its own, newest first, and the public key of the third verifies its', async () => {
    const [standard, svix, asymmetric] = vectors.map(({ key }) => ({ ...keys, ...key }))
    if (standard === undefined || svix === undefined || asymmetric === undefined)
      throw new Error('three vectors')
    const rotating = [{ ...asymmetric, secret: standard.secret }, svix]
    const signatures = signaturesOf(await signatureHeaders(first, rotating))
    expect(signatures.map((signature) => signature.split(',')[0])).toEqual(['v1', 'v1a', 'v1', 'v1a'])
    expect(signatures.slice(0, 2)).toEqual([vectors[0]?.signature, vectors[2]?.signature])
    const published = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4='
    const key = await crypto.subtle.importKey('raw', decode(published, 'whpk_'), 'Ed25519', false, ['verify'])
    const signed = Buffer.from(`${first.id}.${first.timestampSeconds}.${first.body}`)
    expect(await crypto.subtle.verify('Ed25519', key, decode(signatures[1] ?? '', 'v1a,'), signed)).toBe(true)
  })
})

describe('receivers that merchants have', () => {
  it('standardwebhooks accepts a callback and gives its body back', async () => {
    const headers = await signatureHeaders(message, [keys])
    expect(new Webhook(keys.secret).verify(body, headers)).toEqual(JSON.parse(body))
  })

  it('svix accepts the same callback', async () => {
    const headers = await signatureHeaders(message, [keys])
    expect(() => new SvixWebhook(keys.secret).verify(body, headers)).not.toThrow()
    expect(() => new SvixWebhook(older.secret).verify(body, headers)).toThrow()
  })

  it('a body changed by one character is refused', async () => {
    const headers = await signatureHeaders(message, [keys])
    expect(() => new Webhook(keys.secret).verify(body.replace('1', '2'), headers)).toThrow()
  })

  it('during a rotation holders of the old and of the new secret both accept', async () => {
    const headers = await signatureHeaders(message, [keys, older])
    for (const { secret } of [keys, older]) {
      expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body))
      expect(() => new SvixWebhook(secret).verify(body, headers)).not.toThrow()
    }
  })

  it('after a rotation the old secret no longer accepts', async () => {
    const headers = await signatureHeaders(message, [keys])
    expect(() => new Webhook(older.secret).verify(body, headers)).toThrow()
  })
})

describe('signatures of one attempt', () => {
  it('carry both schemes of every key, newest key first', async () => {
    const newest = await signatureHeaders(message, [keys])
    const oldest = await signatureHeaders(message, [older])
    const both = await signatureHeaders(message, [keys, older])
    expect(signaturesOf(both).map((signature) => signature.split(',')[0])).toEqual(['v1', 'v1a', 'v1', 'v1a'])
    expect(signaturesOf(both)).toEqual([...signaturesOf(newest), ...signaturesOf(oldest)])
  })

  it('verify with the public key alone, and with no other', async () => {
    const [, asymmetric = ''] = signaturesOf(await signatureHeaders(message, [keys]))
    expect(await verifiesWithPublicKey(asymmetric, keys.publicKey)).toBe(true)
    expect(await verifiesWithPublicKey(asymmetric, older.publicKey)).toBe(false)
  })

  it('move with the timestamp while the id stays', async () => {
    const first = await signatureHeaders(message, [keys])
    const later = await signatureHeaders({ ...message, timestampSeconds: nowSeconds + 5 }, [keys])
    expect(later['webhook-id']).toBe(first['webhook-id'])
    expect(later['webhook-timestamp']).toBe(String(nowSeconds + 5))
    expect(later['webhook-signature']).not.toBe(first['webhook-signature'])
  })
})

describe('generated keys', () => {
  it('have the forms of the standard: 32-byte secret, seed with public key, public key', () => {
    expect(keys.secret).toMatch(/^whsec_/)
    expect(decode(keys.secret, 'whsec_')).toHaveLength(32)
    expect(decode(keys.privateKey, 'whsk_')).toHaveLength(64)
    expect(decode(keys.publicKey, 'whpk_')).toHaveLength(32)
    expect(decode(keys.privateKey, 'whsk_').subarray(32)).toEqual(decode(keys.publicKey, 'whpk_'))
  })

  it('are never the same twice', () => {
    expect(keys.secret).not.toBe(older.secret)
    expect(keys.privateKey).not.toBe(older.privateKey)
  })
})

describe('what must never be sent is a bug and throws', () => {
  const badMessages = [
    {
      name: 'an id with a full stop, which separates the signed parts',
      message: { ...message, id: 'evt.1' },
    },
    { name: 'an id that no header can carry', message: { ...message, id: 'evt\n1' } },
    { name: 'an empty id', message: { ...message, id: '' } },
    { name: 'fractional seconds', message: { ...message, timestampSeconds: 1614265330.5 } },
    { name: 'a time before 1970', message: { ...message, timestampSeconds: -1 } },
  ]
  it.each(badMessages)('$name', async ({ message }) => {
    await expect(signatureHeaders(message, [keys])).rejects.toThrow()
  })

  it('no keys: an unsigned callback', async () => {
    await expect(signatureHeaders(message, [])).rejects.toThrow('without keys')
  })

  const badKeys: { name: string; key: Partial<SigningKeys>; leak: string }[] = [
    { name: 'a secret without its prefix', key: { secret: 'c2VjcmV0' }, leak: 'c2VjcmV0' },
    { name: 'an empty secret', key: { secret: 'whsec_' }, leak: 'nothing to leak' },
    { name: 'a secret that is not base64', key: { secret: 'whsec_s*cr*t' }, leak: 's*cr*t' },
    { name: 'a private key of a seed alone', key: { privateKey: `whsk_${'A'.repeat(43)}=` }, leak: 'AAAA' },
  ]
  it.each(badKeys)('$name, without quoting it', async ({ key, leak }) => {
    const error: unknown = await signatureHeaders(message, [{ ...keys, ...key }]).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(Error)
    expect(String(error)).toMatch(/whsec_|whsk_/)
    expect(String(error)).not.toContain(leak)
  })
})
