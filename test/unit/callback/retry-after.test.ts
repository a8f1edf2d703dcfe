import { afterEach, describe, expect, it } from 'vitest'
import { parseRetryAfterSeconds } from '../../../src/callback/deliver'
import { answering, closeReceivers, post } from './receiver'

// Away from GMT, so that a date without a zone cannot be right by luck.
process.env.TZ = 'Africa/Algiers'

afterEach(closeReceivers)

describe('Retry-After', () => {
  it.each([
    [429, '120', 'throttled', 120],
    [503, '120', 'throttled', 120],
    [503, '-5', 'failed', null],
    [429, 'soon', 'throttled', null],
    [500, '120', 'failed', 120],
  ])('%i with %j is %s', async (status, header, outcome, retryAfterSeconds) => {
    const url = await answering(status, { 'retry-after': header })
    expect(await post(url)).toMatchObject({ outcome, retryAfterSeconds })
  })

  const nowMs = Date.UTC(2026, 9, 21, 7, 28, 0)
  it.each([
    ['absent', null, null],
    ['empty', '', null],
    ['seconds', '120', 120],
    ['zero', '0', 0],
    ['padded', ' 7 ', 7],
    ['a day and more, which is not capped', '999999', 999_999],
    ['beyond any number, kept a safe integer', '9'.repeat(400), Number.MAX_SAFE_INTEGER],
    ['negative', '-5', null],
    ['signed', '+5', null],
    ['fractional', '1.5', null],
    ['exponential', '1e3', null],
    ['hexadecimal', '0x10', null],
    ['other digits', '١٢٠', null],
    ['two values', '120, 120', null],
    ['a date', 'Wed, 21 Oct 2026 07:30:00 GMT', 120],
    ['a date gone by', 'Wed, 21 Oct 2026 07:00:00 GMT', 0],
    ['a date in the form of RFC 850', 'Wednesday, 21-Oct-26 07:30:00 GMT', 120],
    ['a date in the form of asctime, which is GMT too', 'Wed Oct 21 07:30:00 2026', 120],
    ['a date in the form of asctime with one digit', 'Sun Nov  1 07:28:00 2026', 11 * 86_400],
    ['a date of ISO 8601, which HTTP does not know', '2026-10-21T07:30:00Z', null],
    ['a date of another zone', 'Wed, 21 Oct 2026 07:30:00 +0100', null],
    ['a date that does not exist', 'Wed, 99 Oct 2026 07:30:00 GMT', null],
    ['words in which a lenient parser finds a date', 'try 5', null],
    ['a number with a unit', '5s', null],
  ])('reads %s', (_, header, seconds) => {
    expect(parseRetryAfterSeconds(header, nowMs)).toBe(seconds)
  })

  it('is rounded up: never earlier than asked', () => {
    expect(parseRetryAfterSeconds('Wed, 21 Oct 2026 07:30:00 GMT', nowMs + 1)).toBe(120)
    expect(parseRetryAfterSeconds('Wed, 21 Oct 2026 07:30:00 GMT', nowMs + 999)).toBe(120)
    expect(parseRetryAfterSeconds('Wed, 21 Oct 2026 07:30:00 GMT', nowMs + 1000)).toBe(119)
  })
})
