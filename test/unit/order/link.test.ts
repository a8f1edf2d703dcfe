import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PAGE_SECRET_BYTES, readStatusToken, statusToken } from '../../../src/order/link'

const hex = (digits: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: digits, maxLength: digits })
    .map((all) => all.join(''))

describe("the customer's link", () => {
  it('names the order and the merchant and carries the secret, in characters that are safe in a path', () => {
    fc.assert(
      fc.property(hex(64), hex(PAGE_SECRET_BYTES * 2), (orderId, pageSecret) => {
        const token = statusToken(orderId, pageSecret, 'mshop1')
        expect(token).toMatch(/^[A-Za-z0-9_-]{59}mshop1$/)
        expect(readStatusToken(token)).toEqual({ orderId, pageSecret, merchantId: 'mshop1' })
        // As links were before 2026-11-25: they still lead to the order.
        expect(readStatusToken(token.slice(0, 59))).toEqual({ orderId, pageSecret, merchantId: null })
      }),
    )
  })

  it('has a secret of at least 96 bits', () => {
    expect(PAGE_SECRET_BYTES).toBeGreaterThanOrEqual(12)
  })

  const good = statusToken('a'.repeat(64), 'b'.repeat(24), '')

  it.each([
    ['nothing', ''],
    ['too short', good.slice(1)],
    ['too long', `${good}${'a'.repeat(33)}`],
    ['of no merchant that could be', `${good}A`],
    ['padded', `${good}=`],
    ['a line break behind it', `${good}\n`],
    ['ordinary base64', `+/${good.slice(2)}`],
    ['a path', `../${good.slice(3)}`],
    ['other letters', `ر${good.slice(1)}`],
  ])('is not: %s', (_, token) => {
    expect(readStatusToken(token)).toBeNull()
  })

  it('never throws, whatever stands in the address', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: 'binary', minLength: 59, maxLength: 59 })),
        (token) => {
          const read = readStatusToken(token)
          expect(read === null || read.orderId.length === 64).toBe(true)
        },
      ),
    )
  })
})
