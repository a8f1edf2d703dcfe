import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { specialBlock } from '../../../src/callback/special-addresses'

/** A block as numbers, computed without the library that the rule uses. */
interface Block {
  readonly text: string
  readonly bits: 32 | 128
  readonly first: bigint
  readonly last: bigint
}

/** IANA's special-purpose registries, and the reserved blocks of RFC 4291 and its successors. */
const REGISTRY = readFileSync(resolve(import.meta.dirname, 'special-addresses.csv'), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => block(line.split(',')[0] ?? ''))

const AZURE = block('168.63.129.16/32')
const GLOBAL_UNICAST = block('2000::/3')

function block(text: string): Block {
  const [base = '', prefix = ''] = text.split('/')
  const bits = base.includes(':') ? 128 : 32
  const size = 1n << BigInt(bits - Number(prefix))
  const first = numberOf(base)
  return { text, bits, first, last: first + size - 1n }
}

function numberOf(address: string): bigint {
  if (!address.includes(':')) {
    return address.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n)
  }
  const [head = '', tail = ''] = address.split('::')
  const groups = (text: string) => (text === '' ? [] : text.split(':'))
  const missing = Array(8 - groups(head).length - groups(tail).length).fill('0')
  const all = address.includes('::') ? [...groups(head), ...missing, ...groups(tail)] : groups(head)
  return all.reduce((value, group) => (value << 16n) | BigInt(`0x${group}`), 0n)
}

function written(value: bigint, bits: 32 | 128): string {
  const [size, radix, mark] = bits === 32 ? ([8n, 10, '.'] as const) : ([16n, 16, ':'] as const)
  const parts = Array.from({ length: bits / Number(size) }, (_, at) =>
    ((value >> (BigInt(bits) - size * BigInt(at + 1))) & ((1n << size) - 1n)).toString(radix),
  )
  return parts.join(mark)
}

const isIn = (value: bigint, bits: number, { bits: own, first, last }: Block) =>
  bits === own && value >= first && value <= last

/** The rule in other words. */
function isRefused(value: bigint, bits: 32 | 128): boolean {
  if (bits === 128 && !isIn(value, bits, GLOBAL_UNICAST)) return true
  return [...REGISTRY, AZURE].some((each) => isIn(value, bits, each))
}

describe('every block of the registries', () => {
  it('is there to be tested', () => {
    expect(REGISTRY.length).toBeGreaterThan(40)
    expect(written(numberOf('2001:4:112::'), 128)).toBe('2001:4:112:0:0:0:0:0')
    expect(written(numberOf('198.18.0.0'), 32)).toBe('198.18.0.0')
  })

  it.each([...REGISTRY, AZURE])('$text is refused from its first to its last address', (each) => {
    const { bits, first, last } = each
    for (const value of [first, first + (last - first) / 2n, last]) {
      expect(specialBlock(written(value, bits)), written(value, bits)).not.toBeNull()
    }
  })

  it.each([...REGISTRY, AZURE])('$text ends where it ends', ({ bits, first, last }) => {
    for (const value of [first - 1n, last + 1n]) {
      if (value < 0n || value >= 1n << BigInt(bits)) continue
      const address = written(value, bits)
      expect(specialBlock(address) !== null, address).toBe(isRefused(value, bits))
    }
  })

  it('has allowed neighbours of both kinds', () => {
    const neighbours = [...REGISTRY, AZURE].flatMap(({ bits, first, last }) =>
      [first - 1n, last + 1n].map((value) => ({ bits, value })),
    )
    const allowed = neighbours.filter(({ bits, value }) => value > 0n && !isRefused(value, bits))
    expect(allowed.filter(({ bits }) => bits === 32).length).toBeGreaterThan(20)
    expect(allowed.filter(({ bits }) => bits === 128).length).toBeGreaterThan(8)
  })
})

describe('any address', () => {
  const near = fc
    .tuple(fc.constantFrom(...REGISTRY), fc.bigInt({ min: -4n, max: 4n }), fc.boolean())
    .map(([{ bits, first, last }, by, atEnd]) => ({ bits, value: (atEnd ? last : first) + by }))
    .filter(({ bits, value }) => value >= 0n && value < 1n << BigInt(bits))
  const anywhere = fc.oneof(
    fc.bigInt({ min: 0n, max: (1n << 32n) - 1n }).map((value) => ({ bits: 32 as const, value })),
    fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }).map((value) => ({ bits: 128 as const, value })),
  )

  it('is refused exactly when the registry has it', () => {
    fc.assert(
      fc.property(fc.oneof(near, anywhere), ({ bits, value }) => {
        expect(specialBlock(written(value, bits)) !== null).toBe(isRefused(value, bits))
      }),
      { numRuns: 5_000 },
    )
  })
})

describe('what other filters let through', () => {
  it.each([
    ['::a9fe:a9fe', 'metadata as IPv4-compatible'],
    ['::5efe:7f00:1', 'ISATAP without a prefix'],
    ['168.63.129.16', "Azure's wire server"],
    ['100.100.100.200', "Alibaba's metadata"],
    ['::ffff:7f00:1', 'mapped loopback in hex'],
    ['::ffff:8.8.8.8', 'mapped at all'],
    ['::ffff:0:808:808', 'translated'],
    ['64:ff9b::7f00:1', 'NAT64'],
    ['64:ff9b::808:808', 'NAT64 of a public address'],
    ['64:ff9b:1::1', 'local NAT64'],
    ['2002:7f00:1::1', '6to4 loopback'],
    ['2002:808:808::1', '6to4 of a public address'],
    ['2001:0:7f00:1::1', 'Teredo'],
    ['2001:2::1', 'benchmarking'],
    ['2001:10::1', 'ORCHID'],
    ['fec0::1', 'site local'],
    ['fd00:ec2::254', "Amazon's metadata over IPv6"],
    ['3fff::1', 'documentation'],
    ['5f00::1', 'SRv6'],
    ['4000::1', 'not given out'],
    ['ff02::1', 'multicast'],
    ['2a00:1450:4007::5efe:7f00:1', 'ISATAP loopback under a public prefix'],
    ['2a00:1450:4007::200:5efe:a9fe:a9fe', 'ISATAP metadata, the universal bit set'],
  ])('%s: %s', (address) => {
    expect(specialBlock(address)).not.toBeNull()
  })

  it.each(['8.8.8.8', '1.1.1.1', '93.184.216.34', '2606:4700::1111', '2a00:1450:4007::200e', '2001:200::1'])(
    '%s is of the public internet',
    (address) => {
      expect(specialBlock(address)).toBeNull()
    },
  )

  it('an interface id that names a public address, or only resembles ISATAP, is none of it', () => {
    for (const address of ['2a00::5efe:808:808', '2a00::100:5efe:7f00:1', '2a00::5eff:7f00:1']) {
      expect(specialBlock(address)).toBeNull()
    }
  })

  it.each(['', 'shop.dz', '127.1', '0177.0.0.1', '0x7f.0.0.1', '8.8.8', '8.8.8.8.', '2606::1%eth0', '[::1]'])(
    'what is no address is refused: %j',
    (address) => {
      expect(specialBlock(address)).toBe('not an address')
    },
  )
})
