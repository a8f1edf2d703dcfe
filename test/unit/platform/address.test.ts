import { describe, expect, it } from 'vitest'
import { isAddressOrRange, isAllowed } from '../../../src/platform/address'

describe('an entry of an allow list', () => {
  it.each([
    '192.0.2.7',
    '0.0.0.0',
    '255.255.255.255',
    '192.0.2.0/24',
    '192.0.2.7/32',
    '0.0.0.0/0',
    '2001:db8::1',
    '::1',
    '2001:db8::/32',
    '::/0',
    '::ffff:192.0.2.7',
  ])('may be %s', (entry) => {
    expect(isAddressOrRange(entry)).toBe(true)
  })

  it.each([
    '',
    ' ',
    '127.1',
    '127.1/8',
    '2130706433',
    '0x7f000001',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '192.0.2.07',
    '192.0.2',
    '192.0.2.256',
    '192.0.2.7.1',
    '192.0.2.7/33',
    '192.0.2.7/-1',
    '192.0.2.7/',
    '/24',
    '192.0.2.0/24/24',
    // It would let in nobody: such callers are taken for the IPv4 addresses that they are.
    '::ffff:192.0.2.0/120',
    '::ffff:c000:200/120',
    '::ffff:0:0/96',
    '192.0.2.7:80',
    '192.0.2.*',
    ' 192.0.2.7',
    '192.0.2.7\n',
    '2001:db8::1::2',
    '2001:db8::/129',
    '[2001:db8::1]',
    'localhost',
    'shop.dz',
    '*',
    '١٩٢.٠.٢.٧',
  ])('may not be %j', (entry) => {
    expect(isAddressOrRange(entry)).toBe(false)
  })
})

describe('a caller', () => {
  it.each(['192.0.2.7', '2001:db8::1', '', 'garbage', null])('%j is let in by an empty list', (address) => {
    expect(isAllowed(address, [])).toBe(true)
  })

  it.each([
    ['192.0.2.7', ['192.0.2.7']],
    ['192.0.2.7', ['198.51.100.1', '192.0.2.7']],
    ['192.0.2.0', ['192.0.2.0/24']],
    ['192.0.2.255', ['192.0.2.0/24']],
    ['192.0.2.255', ['192.0.2.77/24']], // the end of a range's address does not matter
    ['192.0.2.7', ['0.0.0.0/0']],
    ['::ffff:192.0.2.7', ['192.0.2.7']],
    ['::ffff:192.0.2.7', ['192.0.2.0/24']],
    ['192.0.2.7', ['::ffff:192.0.2.7']],
    ['2001:db8::1', ['2001:db8::1']],
    ['2001:DB8:0:0:0:0:0:1', ['2001:db8::1']],
    ['2001:db8::1', ['2001:0db8::0001']],
    ['2001:db8:ffff::1', ['2001:db8::/32']],
    ['2001:db8::1', ['::/0']],
  ])('%s is let in by %j', (address, allowed) => {
    expect(isAllowed(address, allowed)).toBe(true)
  })

  it.each<[string | null, string[]]>([
    ['192.0.2.8', ['192.0.2.7']],
    ['192.0.3.0', ['192.0.2.0/24']],
    ['192.0.1.255', ['192.0.2.0/24']],
    ['192.0.2.7', ['2001:db8::1', '::/0']],
    ['2001:db8::1', ['0.0.0.0/0']],
    ['2001:db9::1', ['2001:db8::/32']],
    ['2001:db8::2', ['2001:db8::1']],
    [null, ['0.0.0.0/0', '::/0']],
    ['', ['0.0.0.0/0', '::/0']],
    ['unknown', ['0.0.0.0/0', '::/0']],
    ['192.0.2.7, 198.51.100.1', ['192.0.2.7']],
    ['192.0.2.7:443', ['192.0.2.7']],
  ])('%j is not let in by %j', (address, allowed) => {
    expect(isAllowed(address, allowed)).toBe(false)
  })
})
