import { describe, expect, it } from 'vitest'
import { checkCredential } from '../../../src/merchant/credential'
import type { ReadOutcome } from '../../../src/provider/classify'

const read = (json: unknown): ReadOutcome => ({ kind: 'data', dataJson: JSON.stringify(json) })
const valid = (apiKey: Record<string, unknown> = {}, more: Record<string, unknown> = {}) =>
  read({
    username: '0550000001',
    apiKey: {
      key: 'the-secret-token',
      isEnabled: true,
      type: 'PRODUCTION',
      allowedips: [],
      scope: 'READ-WRITE',
      ...apiKey,
    },
    ...more,
  })
const refused = (httpStatus: number, code: string): ReadOutcome => ({
  kind: 'refused',
  refusal: { httpStatus, code, message: 'No.', detailsJson: null, retryAfterSeconds: null },
})

describe("a merchant's own credential", () => {
  it('is taken when it may send real money, with the name of its account', () => {
    expect(checkCredential(valid())).toEqual({ ok: true, username: '0550000001' })
  })

  it.each([
    ['words in lower case', valid({ type: 'production', scope: 'read-write' })],
    ['a name that is no text', valid({}, { username: 213550000001 })],
    ['fields that say nothing', read({ apiKey: {} })],
  ])('is taken with %s', (_, answer) => {
    expect(checkCredential(answer).ok).toBe(true)
  })

  it.each<[string, ReadOutcome]>([
    ['switched off', valid({ isEnabled: false })],
    ['for the sandbox', valid({ type: 'SANDBOX' })],
    ['for the sandbox, in lower case', valid({ type: 'sandbox' })],
    ['READ-ONLY', valid({ scope: 'READ-ONLY' })],
    ['read-only', valid({ scope: 'read-only' })],
    ['unknown', refused(401, 'INVALID_ACCESS_TOKEN')],
    ['disabled', refused(403, 'API_DISABLED')],
    ['for other addresses', refused(403, 'IP_NOT_ALLOWED')],
  ])('is not taken when it is %s, and another try would not help', (_, answer) => {
    expect(checkCredential(answer)).toMatchObject({ ok: false, retry: false })
  })

  it.each<[string, ReadOutcome]>([
    ['nobody answered', { kind: 'no_answer', reason: 'timeout' }],
    ['the provider is busy', refused(429, 'RATE_LIMIT_EXCEEDED')],
    ["the provider's own check is down", refused(403, 'AUTH_UNAVAILABLE')],
    ['the answer is null', read(null)],
    ['the answer is a text', read('ok')],
    ['the answer has no key', read({ username: '0550000001' })],
    ['the answer has another key', read({ username: '0550000001', apiKey: 'yes' })],
  ])('is not taken when %s, and may be tried again', (_, answer) => {
    expect(checkCredential(answer)).toMatchObject({ ok: false, retry: true })
  })

  it('why it was not taken never tells it', () => {
    for (const change of [{ isEnabled: false }, { type: 'SANDBOX' }, { scope: 'READ-ONLY' }]) {
      expect(JSON.stringify(checkCredential(valid(change)))).not.toContain('the-secret-token')
    }
  })
})
