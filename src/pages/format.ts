import type { Language } from './language'

const TIME_ZONE = 'Africa/Algiers'

/** Algerian regions where they change what is written: `ar-DZ` has the month names used there (جانفي). */
const DATE_LOCALE: Record<Language, string> = { ar: 'ar-DZ', fr: 'fr-DZ', en: 'en-GB' }

/**
 * Arabic takes the French grouping, `12 500`, as on Algerian price tags: CLDR's `12.500` for ar-DZ would be
 * read by many as twelve and a half.
 */
const NUMBER_LOCALE: Record<Language, string> = { ar: 'fr-DZ', fr: 'fr-DZ', en: 'en-GB' }

/** What is written beside prices in Algeria. */
const DINAR: Record<Language, string> = { ar: 'دج', fr: 'DA', en: 'DA' }

const NO_BREAK_SPACE = '\u00a0'
const DOT = '•'
/** Keeps a masked number in one piece, left to right, inside Arabic text (LRI and PDI of Unicode UAX 9). */
const ISOLATE = { start: '\u2066', end: '\u2069' } as const
/** Digits of an Algerian number in its national form, 0 first. */
const NATIONAL_DIGITS = 10
/** Digits that follow the trunk 0 or the country code 213. */
const SUBSCRIBER_DIGITS = 9
/** Fewer digits than this are no telephone number: nothing of it is shown. */
const MIN_DIGITS_TO_SHOW_SOME = 6

/** `12 500 DA`; centimes only when there are some. */
export function dinars(amount: number, language: Language): string {
  const fraction = Number.isInteger(amount) ? 0 : 2
  const digits = new Intl.NumberFormat(NUMBER_LOCALE[language], {
    numberingSystem: 'latn',
    minimumFractionDigits: fraction,
    maximumFractionDigits: fraction,
  }).format(amount)
  return digits + NO_BREAK_SPACE + DINAR[language]
}

/** `12 500`. */
export function count(number: number, language: Language): string {
  return new Intl.NumberFormat(NUMBER_LOCALE[language], { numberingSystem: 'latn' }).format(number)
}

/** `98,4 %`; 100 only when it is all. */
export function percent(share: number, language: Language): string {
  const tenths = share < 1 ? Math.min(0.999, Math.round(share * 1_000) / 1_000) : 1
  return new Intl.NumberFormat(NUMBER_LOCALE[language], {
    numberingSystem: 'latn',
    style: 'percent',
    maximumFractionDigits: 1,
  }).format(tenths)
}

/** `4.2 s`, `3 min`, `5 h`, `2 days`: one unit, the largest that fits. */
export function duration(ms: number, language: Language): string {
  const [size, unit] = UNITS.find(([each]) => ms >= each) ?? SECOND
  const value = ms / size
  return new Intl.NumberFormat(language === 'ar' ? 'ar-DZ' : NUMBER_LOCALE[language], {
    numberingSystem: 'latn',
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits: value < 10 && unit !== 'day' ? 1 : 0,
  }).format(value)
}

const SECOND = [1_000, 'second'] as const
const UNITS = [[86_400_000, 'day'], [3_600_000, 'hour'], [60_000, 'minute'], SECOND] as const

/** `21 janv., 14:20` in Algiers, or `14:20:05`; where a line has room for little. */
export function shortDateTime(at: number, language: Language, withSeconds = false): string {
  return new Intl.DateTimeFormat(DATE_LOCALE[language], {
    timeZone: TIME_ZONE,
    calendar: 'gregory',
    numberingSystem: 'latn',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    ...(withSeconds ? { second: '2-digit' } : {}),
    hourCycle: 'h23',
  }).format(at)
}

/** `14:20` in Algiers, 24 hours, Western digits. */
export function clockTime(at: number, language: Language): string {
  return new Intl.DateTimeFormat(DATE_LOCALE[language], {
    timeZone: TIME_ZONE,
    numberingSystem: 'latn',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(at)
}

/** `21 janvier 2026` in Algiers. */
export function calendarDate(at: number, language: Language): string {
  return new Intl.DateTimeFormat(DATE_LOCALE[language], {
    timeZone: TIME_ZONE,
    calendar: 'gregory',
    numberingSystem: 'latn',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
  }).format(at)
}

export function isSameDay(a: number, b: number): boolean {
  return calendarDate(a, 'en') === calendarDate(b, 'en')
}

/** `06 •• •• •0 99`, in pairs as numbers are said: enough to recognise one's own number, too little to learn somebody else's. */
export function maskedNumber(msisdn: string): string {
  const digits = nationalDigits(msisdn)
  if (digits.length < MIN_DIGITS_TO_SHOW_SOME) return DOT.repeat(digits.length)
  if (digits.length !== NATIONAL_DIGITS) return DOT.repeat(digits.length - 2) + digits.slice(-2)
  const shown = `${digits.slice(0, 2)}${DOT.repeat(5)}${digits.slice(-3)}`
  return (shown.match(/../g) ?? []).join(NO_BREAK_SPACE)
}

/**
 * A stranger's text with the customer's number masked wherever it names it: the provider may write it into
 * its message, and the page never shows it whole. Finds it with or without country code, with separators,
 * and in Arabic-Indic digits.
 */
export function withNumberMasked(text: string, msisdn: string): string {
  const subscriber = nationalDigits(msisdn).slice(-SUBSCRIBER_DIGITS)
  if (subscriber.length < MIN_DIGITS_TO_SHOW_SOME) return text
  const between = '[\\s.()/_\\-\\u00ad\\u2010-\\u2015\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2069]*'
  const number = [...subscriber].map(anyScript).join(between)
  const masked = ISOLATE.start + maskedNumber(msisdn) + ISOLATE.end
  const lead = `(?:(?:\\+|[0٠۰]{2})?${between}${['2', '1', '3'].map(anyScript).join(between)}${between})?`
  const trunk = `(?:[(]?[0٠۰][)]?${between})?`
  return text.replace(new RegExp(lead + trunk + number, 'gu'), masked)
}

/** A digit, in Western, Arabic-Indic and Persian form. */
function anyScript(digit: string): string {
  const value = Number(digit)
  return `[${digit}${String.fromCodePoint(0x660 + value)}${String.fromCodePoint(0x6f0 + value)}]`
}

function nationalDigits(msisdn: string): string {
  const digits = msisdn.replace(/\D/g, '')
  const international = /^(?:00)?213(\d{9})$/.exec(digits)
  return international ? `0${international[1]}` : digits
}
