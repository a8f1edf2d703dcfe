import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seal, unseal } from '../../../src/platform/vault'

const MASTER = 'the operator keeps this one'
const CONTEXT = 'provider credential of mshop'
const SECRET = 'sk_live_0123456789'

/** The sealed text with one byte of one part changed: 1 is the iv, 2 the ciphertext and its tag. */
function flipped(sealed: string, part: 1 | 2, index: number): string {
  const parts = sealed.split('.')
  const bytes = Buffer.from(parts[part] ?? '', 'base64url')
  bytes[index] = (bytes[index] ?? 0) ^ 1
  parts[part] = bytes.toString('base64url')
  return parts.join('.')
}
const partLengths = (sealed: string) =>
  sealed.split('.').map((part) => Buffer.from(part, 'base64url').byteLength)

describe('a sealed secret', () => {
  it('opens to what was sealed, whatever that is', async () => {
    const text = fc.string({ unit: 'binary' }).filter((secret) => secret.isWellFormed())
    await fc.assert(
      fc.asyncProperty(text, async (secret) => {
        expect(await unseal(MASTER, CONTEXT, await seal(MASTER, CONTEXT, secret))).toBe(secret)
      }),
      { numRuns: 50 },
    )
  })

  it('is a version, 12 random bytes and the ciphertext, and tells nothing of the secret but its length', async () => {
    const sealed = await seal(MASTER, CONTEXT, SECRET)
    expect(sealed).toMatch(/^v1\.[\w-]{16}\.[\w-]+$/)
    expect(partLengths(sealed).slice(1)).toEqual([12, SECRET.length + 16])
    expect(sealed).not.toContain(SECRET)
    expect(Buffer.from(sealed.split('.')[2] ?? '', 'base64url').toString('latin1')).not.toContain('sk_live')
  })

  it('is another one each time', async () => {
    const many = await Promise.all(Array.from({ length: 50 }, () => seal(MASTER, CONTEXT, SECRET)))
    for (const part of [1, 2]) expect(new Set(many.map((one) => one.split('.')[part])).size).toBe(50)
  })
})

describe('does not open', () => {
  it.each([
    ['under another master key', `${MASTER}.`, CONTEXT],
    ['under an empty master key', '', CONTEXT],
    ["as another merchant's", MASTER, `${CONTEXT}2`],
    ['under an empty context', MASTER, ''],
    ['with master key and context run together', MASTER + CONTEXT, ''],
  ])('%s', async (_, master, context) => {
    const sealed = await seal(MASTER, CONTEXT, SECRET)
    await expect(unseal(master, context, sealed)).rejects.toThrow()
  })

  it('with any byte changed', async () => {
    const sealed = await seal(MASTER, CONTEXT, SECRET)
    const [, iv = 0, ciphertext = 0] = partLengths(sealed)
    const all = [
      ...Array.from({ length: iv }, (_, index) => flipped(sealed, 1, index)),
      ...Array.from({ length: ciphertext }, (_, index) => flipped(sealed, 2, index)),
    ]
    for (const changed of all) {
      expect(changed).not.toBe(sealed)
      await expect(unseal(MASTER, CONTEXT, changed)).rejects.toThrow()
    }
  })

  it('with the bytes of another one in it', async () => {
    const [one = '', other = ''] = await Promise.all(
      ['a', 'b'].map((secret) => seal(MASTER, CONTEXT, secret)),
    )
    const [version, iv] = one.split('.')
    const mixed = [version, iv, other.split('.')[2]].join('.')
    await expect(unseal(MASTER, CONTEXT, mixed)).rejects.toThrow()
  })

  it.each([
    ['as another version', (sealed: string) => sealed.replace('v1', 'v2')],
    ['cut off', (sealed: string) => sealed.slice(0, -4)],
    ['without its ciphertext', (sealed: string) => sealed.split('.').slice(0, 2).join('.')],
    ['with a further part', (sealed: string) => `${sealed}.more`],
    ['with a further part that is empty', (sealed: string) => `${sealed}.`],
    ['with an empty ciphertext', (sealed: string) => `${sealed.split('.').slice(0, 2).join('.')}.`],
    ['in letters that are none of ours', (sealed: string) => `${sealed.slice(0, -1)}!`],
    ['empty', () => ''],
    ['not sealed at all', () => SECRET],
  ])('%s', async (_, change) => {
    await expect(unseal(MASTER, CONTEXT, change(await seal(MASTER, CONTEXT, SECRET)))).rejects.toThrow()
  })
})
