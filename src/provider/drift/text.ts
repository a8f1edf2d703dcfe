/** A stranger's text, made fit to be kept and shown: no phone numbers, no control characters, not long. Pure and total. */

/** Of a status word, a code, a field name: the longest documented one has 20. */
const WORD_CHARACTERS = 40
const SAMPLE_CHARACTERS = 500
/** More than any way to write a number: one that begins inside a sample is seen whole, and masked before it is cut. */
const LONGEST_NUMBER = 60

const DIGIT = '[0-9\u0660-\u0669\u06f0-\u06f9]'
const BETWEEN = '[\\s./()\u00ad\u2010-\u2015\u200b-\u200f\u202a-\u202e\u2060-\u2069-]{0,3}'
const ESCAPE = '\\\\u[0-9a-f]{4}|%[0-9a-f]{2}'
/** Where a number may begin: the digits of an escape are none of its own. */
const BEGINNING = `(?:(?<!${DIGIT})|(?<=${ESCAPE}))`
/** What digits are part of and that is no number: ids of MongoDB, UUIDs, escapes. Each is left as it is. */
const NO_NUMBER = '(?<![0-9a-z])(?:[0-9a-f]{24}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-z])'
const COUNTRY = `(?:\\+|[0\u0660\u06f0]{2})?${BETWEEN}[2\u0662\u06f2][1\u0661\u06f1][3\u0663\u06f3]${BETWEEN}`
const TRUNK = `\\(?[0\u0660\u06f0]\\)?${BETWEEN}`
const MOBILE = '[5-7\u0665-\u0667\u06f5-\u06f7]'
/** With the country code, with the leading 0, or bare, which is how a JSON number has it. Bare ones have no gaps. */
const NUMBER = `${BEGINNING}(?:((?:${COUNTRY}(?:${TRUNK})?|${TRUNK})${MOBILE})((?:${BETWEEN}${DIGIT}){8})|(${MOBILE})(${DIGIT}{8}))(?!${DIGIT})`
const NUMBERS = new RegExp(`${ESCAPE}|${NO_NUMBER}|${NUMBER}`, 'gi')
/** All of its digits but the last two. */
const HIDDEN = new RegExp(`${DIGIT}(?=(?:[^0-9\u0660-\u0669\u06f0-\u06f9]*${DIGIT}){2})`, 'g')

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu

/** `0661234567` is `06••••••67`, in every form that people write it; the length stays. Total. */
export function masked(text: string): string {
  return text.replace(NUMBERS, (all, head?: string, rest?: string, bareHead?: string, bareRest?: string) => {
    const [shown, hidden] = [head ?? bareHead, rest ?? bareRest]
    return shown === undefined || hidden === undefined ? all : shown + hidden.replace(HIDDEN, '•')
  })
}

/** The beginning of it, numbers masked. */
export function sampleOf(text: string): string {
  return masked(text.slice(0, SAMPLE_CHARACTERS + LONGEST_NUMBER))
    .slice(0, SAMPLE_CHARACTERS)
    .toWellFormed()
}

/** One word inside a kind. */
export function word(text: string): string {
  const clean = masked(text.slice(0, WORD_CHARACTERS + LONGEST_NUMBER)).replace(UNPRINTABLE, '·')
  return clean.slice(0, WORD_CHARACTERS).toWellFormed()
}
