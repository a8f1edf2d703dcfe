import { describe, expect, it } from 'vitest'
import { type Key, keyEntry, keyPath, keyView, newKey } from '../../../src/merchant/keys'
import type { Limits } from '../../../src/merchant/limits'
import { newMerchant } from '../../../src/merchant/record'

const NOW = Date.UTC(2026, 1, 1)
const shop = newMerchant('mshop', 'A shop', NOW)
const key: Key = {
  id: 'key_1',
  environment: 'production',
  scope: 'READ-WRITE',
  name: 'the till',
  allowedIps: ['192.0.2.0/24'],
  hash: 'c0ffee',
  createdAt: NOW,
  disabledAt: null,
}

describe('a key', () => {
  it('tells people which environment it is for', () => {
    expect(newKey('sandbox', 'abc')).toBe('rsd_test_abc')
    expect(newKey('production', 'abc')).toBe('rsd_live_abc')
  })

  it('is looked up by its hash', () => {
    expect(keyPath('c0ffee')).toBe('key:c0ffee')
  })
})

describe('what the edge knows of a key', () => {
  it('is all that a request needs, and neither key nor hash', () => {
    expect(keyEntry(shop, key, null)).toEqual({
      merchantId: 'mshop',
      keyId: 'key_1',
      environment: 'production',
      scope: 'READ-WRITE',
      disabled: false,
      allowedIps: ['192.0.2.0/24'],
      ownAccount: null,
      limited: false,
      refusesDown: false,
      folds: false,
      callbackHealth: null,
    })
  })

  it.each([
    ['key', shop, { ...key, disabledAt: NOW }],
    ['merchant', { ...shop, disabledAt: NOW }, key],
    ['merchant, since the beginning of time,', { ...shop, disabledAt: 0 }, key],
  ])('it is disabled when the %s is', (_, merchant, one) => {
    expect(keyEntry(merchant, one, null).disabled).toBe(true)
  })

  it.each<[string, Partial<Limits>]>([
    ['a daily amount', { dailyAmountDzd: 1 }],
    ['a largest amount', { largestAmountDzd: 1 }],
    ['a rule for repeats', { repeat: { minutes: 1, action: 'warn' } }],
  ])('the merchant is asked before a send when he has %s', (_, limits) => {
    expect(keyEntry({ ...shop, limits: { ...shop.limits, ...limits } }, key, null).limited).toBe(true)
  })

  it('says that some of his orders may be in his book only', () => {
    expect(keyEntry({ ...shop, folds: true }, key, null).folds).toBe(true)
  })

  it("names the merchant's own account", () => {
    expect(keyEntry({ ...shop, ownAccount: 'f1' }, key, null).ownAccount).toBe('f1')
  })
})

describe('a key as the operator sees it', () => {
  it('is everything but the hash', () => {
    expect(keyView(key, NOW)).toEqual({
      id: 'key_1',
      environment: 'production',
      scope: 'READ-WRITE',
      name: 'the till',
      allowed_ips: ['192.0.2.0/24'],
      state: 'active',
      created_at: '2026-02-01T00:00:00.000Z',
      last_used_at: '2026-02-01T00:00:00.000Z',
    })
  })

  it('never used, or switched off', () => {
    expect(keyView({ ...key, disabledAt: NOW }, null)).toMatchObject({
      state: 'disabled',
      last_used_at: null,
    })
  })
})
