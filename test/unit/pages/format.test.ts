import { describe, expect, it } from 'vitest'
import {
  calendarDate,
  clockTime,
  dinars,
  isSameDay,
  maskedNumber,
  withNumberMasked,
} from '../../../src/pages/format'
import { LANGUAGES } from '../../../src/pages/language'

const LATE_IN_UTC = Date.parse('2026-01-20T23:05:00Z')
const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ')

describe('amounts, dates and times', () => {
  it('writes dinars as Algerian price tags do', () => {
    expect(plain(dinars(12500, 'fr'))).toBe('12 500 DA')
    expect(plain(dinars(12500, 'ar'))).toBe('12 500 دج')
    expect(plain(dinars(12500, 'en'))).toBe('12,500 DA')
  })

  it('shows centimes only when there are some', () => {
    expect(plain(dinars(99.5, 'fr'))).toBe('99,50 DA')
  })

  it('counts days and hours in Algiers, an hour ahead of UTC', () => {
    for (const language of LANGUAGES) expect(clockTime(LATE_IN_UTC, language)).toBe('00:05')
    expect(calendarDate(LATE_IN_UTC, 'fr')).toBe('21 janvier 2026')
    expect(calendarDate(LATE_IN_UTC, 'en')).toBe('21 January 2026')
    expect(isSameDay(LATE_IN_UTC, LATE_IN_UTC - 10 * 60_000)).toBe(false)
  })

  it('uses the month names of Algeria and Western digits in Arabic', () => {
    expect(calendarDate(LATE_IN_UTC, 'ar')).toBe('21 جانفي 2026')
  })
})

describe('the masked number', () => {
  it.each([
    ['0600010099', '06 •• •• •0 99'],
    ['+213600010099', '06 •• •• •0 99'],
    ['00213 600 01 00 99', '06 •• •• •0 99'],
    ['123456', '••••56'],
    ['12345', '•••••'],
    ['', ''],
  ])('%s becomes %s', (msisdn, masked) => {
    expect(plain(maskedNumber(msisdn))).toBe(masked)
  })

  it.each([
    'الرقم 0600010099 لا يقبل',
    'call +213 600 01 00 99 now',
    '00213600010099',
    '(+213) 0600-01-00-99',
    '٠٦٠٠٠١٠٠٩٩',
    'x0600010099x0600010099',
  ])('is masked inside a stranger’s text: %s', (text) => {
    const masked = withNumberMasked(text, '0600010099')
    expect(masked).toContain(maskedNumber('0600010099'))
    expect(masked).not.toMatch(/600\D*01\D*00\D*99|٠٠٩٩/)
  })

  it('leaves other numbers in a text alone', () => {
    expect(withNumberMasked('500 DA, 0550123456', '0600010099')).toBe('500 DA, 0550123456')
  })
})
