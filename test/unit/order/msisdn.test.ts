import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readMsisdn } from '../../../src/order/msisdn'

const NUMBER = '0661234567'

describe('a mobile number as people write it', () => {
  it.each([
    NUMBER,
    '+213661234567',
    '00213661234567',
    '213661234567',
    ' 213661234567', // `?number=+213…`: there the plus is a space
    '0661 23 45 67',
    '+213 661 23 45 67',
    '06.61.23.45.67',
    '0661-234-567',
    '(0661) 23-45-67',
    '0661\u00a023\u202f45\u200967',
    '\u3000\t0661234567\r\n\ufeff',
    '\u202d+213 661 23 45 67\u202c',
    '\u200e0661234567\u200f',
    '\u20660661234567\u2069',
    '\u2067\u2068+213 661 23 45 67\u2069\u2069',
    '\u061c0661234567',
    '0661\u200b23\u200c45\u200d67',
    '0661\u201023\u201145\u201367',
    '\uff0b213661234567',
    '+2130661234567', // some write the 0 too
    '+213 0661 23 45 67',
    '+213 (0) 661 23 45 67',
    '00213 0 661234567',
    '2130661234567',
    '٠٦٦١٢٣٤٥٦٧',
    '+٢١٣٦٦١٢٣٤٥٦٧',
    '۰۶۶۱۲۳۴۵۶۷',
    '٠۶۶١٢٣٤۵۶٧',
    '0٦6١2٣4٥6٧',
  ])('%j', (text) => {
    expect(readMsisdn(text)).toBe(NUMBER)
  })

  it.each(['05', '06', '07'])('of each network: %s', (prefix) => {
    expect(readMsisdn(`${prefix}00000000`)).toBe(`${prefix}00000000`)
  })
})

describe('is refused', () => {
  it.each([
    ['nothing', ''],
    ['blanks', ' \t\u200e'],
    ['a digit short', '066123456'],
    ['a digit long', '06612345678'],
    ['no leading zero', '661234567'],
    ['a land line', '021234567'],
    ['a land line of ten digits', '0212345678'],
    ['a prefix that no network has', '0861234567'],
    ['the zero twice after the country code', '+21300661234567'],
    ['a land line with the country code and the zero', '+213 (0) 21 23 45 67'],
    ['a wide plus before a national number', '\uff0b0661234567'],
    ['the country code twice', '+213213661234567'],
    ['three zeros', '000213661234567'],
    ['another country', '+33661234567'],
    ['a plus before a national number', '+0661234567'],
    ['a plus inside', '0661+234567'],
    ['letters', '0661a34567'],
    ['a minus sign', '0661\u221234567'],
    ['a mark that joins words', '0661\u206023456'],
    ['a comma between two', '0661234567,0661234568'],
    ['two numbers', '0661234567 0661234568'],
    ['digits of another script', '०६६१२३४५६७'],
    ['just behind the Arabic digits', '066123456\u066a'],
    ['just before the Persian ones', '066123456\u06ef'],
    ['bold digits', '𝟎𝟔𝟔𝟏𝟐𝟑𝟒𝟓𝟔𝟕'],
    ['a decimal', '6.61234567e8'],
  ])('%s', (_, text) => {
    expect(readMsisdn(text)).toBeNull()
  })
})

const digits = (count: number) => fc.array(fc.nat(9), { minLength: count, maxLength: count })
const national = fc
  .tuple(fc.constantFrom(5, 6, 7), digits(8))
  .map(([kind, rest]) => `0${kind}${rest.join('')}`)
const between = fc.constantFrom(
  '',
  '',
  '',
  ...' \u00a0\u202f\u200b\u200e\u061c\u202a\u202c\u2066\u2069\u2011.-()',
)
const zero = fc.constantFrom(0x30, 0x660, 0x6f0)

/** Any way to write this number. */
function spelling(number: string): fc.Arbitrary<string> {
  const bodies = fc
    .constantFrom('0', '213', '00213', '+213', '\uff0b213', '+2130')
    .map((start) => start + number.slice(1))
  return bodies.chain((text) =>
    fc.array(fc.tuple(zero, between), { minLength: text.length, maxLength: text.length }).map((ways) =>
      ways
        .map(([base, gap], index) => {
          const character = text[index] ?? ''
          return (
            gap + ('+\uff0b'.includes(character) ? character : String.fromCharCode(base + Number(character)))
          )
        })
        .join(''),
    ),
  )
}

it('any spelling of a valid number reads back to it', () => {
  const spelled = national.chain((number) => spelling(number).map((text) => ({ number, text })))
  fc.assert(
    fc.property(spelled, ({ number, text }) => {
      expect(readMsisdn(text)).toBe(number)
    }),
    { numRuns: 2_000 },
  )
})

it('whatever comes in, what comes out is a number of the provider, and reads as itself', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[+0-9 ]{9,15}$/)), (text) => {
      const number = readMsisdn(text)
      if (number === null) return
      expect(number).toMatch(/^0[567][0-9]{8}$/)
      expect(readMsisdn(number)).toBe(number)
    }),
    { numRuns: 2_000 },
  )
})
