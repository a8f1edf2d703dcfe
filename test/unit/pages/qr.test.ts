import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { qrCode } from '../../../src/pages/qr'
import { readQr } from './qr-reader'

/** What level M holds in bytes, by version (ISO/IEC 18004, table 7). */
const CAPACITY = [14, 26, 42, 62, 84, 106, 122, 152, 180, 213]
const LINK = `https://rasid.example.workers.dev/t/${'aB3_-xyz9'.repeat(6)}abcdedemo`

function read(text: string) {
  const code = qrCode(text)
  if (code === null) throw new Error('too long')
  return readQr(code)
}

describe('the code of a link', () => {
  it('is read as the link', () => {
    expect(read(LINK)).toEqual({ version: 6, text: LINK })
  })

  it.each(CAPACITY.map((bytes, at) => [at + 1, bytes] as const))(
    'of version %i holds %i bytes and not one more',
    (version, bytes) => {
      const text = 'Rasid/'.repeat(40).slice(0, bytes)
      expect(read(text)).toEqual({ version, text })
      const longer = qrCode(`${text}x`)
      expect(longer === null ? 11 : readQr(longer).version).toBe(version + 1)
    },
  )

  it('is of any text, in bytes of UTF-8', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 53 }), (text) => {
        expect(read(text).text).toBe(text)
      }),
      { numRuns: 60 },
    )
  })

  it('has its finders, its timing and its dark module', () => {
    const code = qrCode(LINK) ?? []
    const rows = code.map((row) => row.map((isDark) => (isDark ? '#' : '.')).join(''))
    const finder = ['#######', '#.....#', '#.###.#', '#.###.#', '#.###.#', '#.....#', '#######']
    expect(rows.slice(0, 7).map((row) => row.slice(0, 7))).toEqual(finder)
    expect(rows.slice(0, 7).map((row) => row.slice(-7))).toEqual(finder)
    expect(rows.slice(-7).map((row) => row.slice(0, 7))).toEqual(finder)
    expect(rows[6]?.slice(7, -7)).toMatch(/^(?:\.#)+\.$/)
    expect(code.at(-8)?.[8]).toBe(true)
  })
})
