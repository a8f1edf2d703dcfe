import { describe, expect, it } from 'vitest'
import { equalSecrets, randomHex, sha256Hex } from '../../../src/platform/crypto'

describe('random ids', () => {
  it('have two lower-case hex digits a byte and do not repeat', () => {
    const ids = Array.from({ length: 1_000 }, () => randomHex(12))
    expect(ids.every((id) => /^[0-9a-f]{24}$/.test(id))).toBe(true)
    expect(new Set(ids).size).toBe(ids.length)
  })
})

describe('sha256Hex', () => {
  it.each([
    ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
    ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ])('of %j is the one of the standard', async (text, hex) => {
    expect(await sha256Hex(text)).toBe(hex)
  })

  it('hashes the UTF-8 of a text', async () => {
    expect(await sha256Hex('رصيد')).not.toBe(await sha256Hex('????'))
  })
})

describe('secrets', () => {
  it.each([
    ['', '', true],
    ['secret', 'secret', true],
    ['secret', 'secreT', false],
    ['secret', 'secret ', false],
    ['secret', '', false],
    ['a', 'b', false],
  ])('%j and %j', async (a, b, equal) => {
    expect(await equalSecrets(a, b)).toBe(equal)
  })
})
