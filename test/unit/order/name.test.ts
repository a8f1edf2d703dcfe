import { describe, expect, it } from 'vitest'
import {
  OPERATOR_WALLET,
  orderName,
  sandboxAccount,
  upstreamRef,
  walletName,
  walletOwner,
} from '../../../src/order/name'

describe('one order for one merchant, environment and ref', () => {
  it('the same three, the same order', async () => {
    expect(await orderName('shop', 'sandbox', 'r-1')).toBe(await orderName('shop', 'sandbox', 'r-1'))
  })

  it('one of them different, another order', async () => {
    const names = await Promise.all([
      orderName('shop', 'sandbox', 'r-1'),
      orderName('shop', 'production', 'r-1'),
      orderName('other', 'sandbox', 'r-1'),
      orderName('shop', 'sandbox', 'R-1'),
      orderName('shop', 'sandbox', 'r-1 '),
      orderName('shop', 'sandbox', ''),
    ])
    expect(new Set(names).size).toBe(names.length)
  })

  it('does not show the ref, which may hold a phone number', async () => {
    expect(await orderName('shop', 'sandbox', '0612345678')).not.toContain('0612345678')
  })
})

describe('the wallet', () => {
  it("of a sandbox key is the merchant's own, without real money", () => {
    expect(sandboxAccount(walletName('shop', 'sandbox', true))).toBe('shop')
  })

  it('of a production key is never a sandbox', () => {
    expect(walletName('shop', 'production', false)).toBe(OPERATOR_WALLET)
    expect(sandboxAccount(OPERATOR_WALLET)).toBeNull()
  })
})

describe("a merchant's own account", () => {
  it('is a wallet of its own, and tells whose it is', () => {
    const wallet = walletName('shop', 'production', true)
    expect(walletOwner(wallet)).toBe('shop')
    expect(sandboxAccount(wallet)).toBeNull()
    expect(upstreamRef(wallet, 'shop', 'r-1')).toBe('r-1')
  })

  it('is nobody else’s', () => {
    expect(walletOwner(OPERATOR_WALLET)).toBeNull()
    expect(walletOwner(walletName('shop', 'sandbox', true))).toBeNull()
  })
})

describe('the ref that the provider is given', () => {
  it("is the merchant's own on a wallet that is his alone", () => {
    expect(upstreamRef(walletName('shop', 'sandbox', true), 'shop', 'r-1')).toBe('r-1')
  })

  it('is unique on a shared wallet, and merchant and ref can be read back', () => {
    const shared = upstreamRef(OPERATOR_WALLET, 'shop', 'r.1')
    expect(shared).not.toBe(upstreamRef(OPERATOR_WALLET, 'other', 'r.1'))
    expect([shared.slice(0, shared.indexOf('.')), shared.slice(shared.indexOf('.') + 1)]).toEqual([
      'shop',
      'r.1',
    ])
  })
})
