import { describe, expect, it } from 'vitest'
import { classifySend } from '../../../src/provider/classify'
import { accepted, answered, failure, NOISE, success, TOPUP_ID } from './answers'

describe('accepted: a success envelope with an id, and nothing else', () => {
  it.each([
    ['as documented', 200, accepted()],
    ['with a new balance', 200, accepted({ newBalance: 1234.5 })],
    ['without meta and request id', 200, { success: true, data: { topupId: TOPUP_ID } }],
    ['with fields nobody knows', 200, { ...accepted({ x: [1] }), y: null }],
    ['created', 201, accepted()],
    ['an id of another form', 200, { success: true, data: { topupId: '7' } }],
  ])('%s', (_, status, body) => {
    const outcome = classifySend(answered(status, body))
    expect(outcome).toEqual({ kind: 'accepted', topupId: body.data.topupId })
  })
})

describe('refused: a definite no, made before there was a top-up', () => {
  it.each([
    ['validation', 400, 'ERR_VALIDATION'],
    ['a phone that is none', 400, 'INVALID_PHONE'],
    ['400 under a code nobody has seen', 400, 'ERR_BRAND_NEW'],
    ['no balance, one name', 403, 'INSUFFICIENT_BALANCE'],
    ['no balance, the other name', 403, 'NO_BALANCE'],
    ['no key', 401, 'MISSING_ACCESS_TOKEN'],
    ['no key, as 400', 400, 'MISSING_ACCESS_TOKEN'],
    ['a wrong key', 401, 'INVALID_ACCESS_TOKEN'],
    ['a wrong key, the other name', 401, 'ERR_AUTH'],
    ['401 under a code nobody has seen', 401, 'TOKEN_ODD'],
    ['our address is blocked', 403, 'IP_BLOCKED'],
    ['our address is not allowed', 403, 'IP_NOT_ALLOWED'],
    ['the key is switched off', 403, 'API_DISABLED'],
    ['too many requests, with the envelope', 429, 'RATE_LIMIT_EXCEEDED'],
  ])('%s', (_, status, code) => {
    expect(classifySend(answered(status, failure(code)))).toMatchObject({
      kind: 'refused',
      refusal: { httpStatus: status, code, message: 'No.', detailsJson: null },
    })
  })

  it('carries the details of the provider, unread', () => {
    const outcome = classifySend(
      answered(403, failure('NO_BALANCE', { details: { required: 480, available: 12.5 } })),
    )
    expect(outcome).toMatchObject({ refusal: { detailsJson: '{"required":480,"available":12.5}' } })
  })

  it.each([
    ['no message', failure('NO_BALANCE', { message: undefined })],
    ['a message that is no text', failure('NO_BALANCE', { message: { en: 'No.' } })],
    ['details that are a list', failure('NO_BALANCE', { details: ['x'] })],
    ['details that are null', failure('NO_BALANCE', { details: null })],
    ['more fields', { ...failure('NO_BALANCE', { x: 1 }), data: null }],
  ])('%s costs that field alone', (_, body) => {
    expect(classifySend(answered(403, body)).kind).toBe('refused')
  })

  it.each([
    ['30', 30],
    ['0', 0],
    [' 30 ', 30],
    ['7200', 60],
    ['-5', null],
    ['soon', null],
    ['', null],
    ['Wed, 21 Oct 2026 07:28:00 GMT', null],
    [null, null],
  ])('passes on Retry-After %j as %s', (header, seconds) => {
    const outcome = classifySend(answered(429, failure('RATE_LIMIT_EXCEEDED'), header))
    expect(outcome).toMatchObject({ kind: 'refused', refusal: { retryAfterSeconds: seconds } })
  })
})

describe('a duplicate-ref refusal means found', () => {
  it.each([
    ['as documented', 403, 'DUPLICATED_REF'],
    ['as seen on the wire', 403, 'DUPLICATED-REF'],
    ['as a conflict', 409, 'DUPLICATED_REF'],
    ['as a bad request', 400, 'DUPLICATED-REF'],
  ])('%s', (_, status, code) => {
    expect(classifySend(answered(status, failure(code)))).toEqual({ kind: 'found', topup: null })
  })
})

describe('in doubt: everything else', () => {
  it.each(['timeout', 'network: connection reset', 'network: DNS', 'network: answer too large'])(
    'no answer: %s',
    (reason) => {
      expect(classifySend({ kind: 'failed', reason })).toEqual({ kind: 'in_doubt', reason, refusal: null })
    },
  )

  describe.each(NOISE)('%s', (_, body) => {
    it.each([200, 400, 401, 403, 404, 429, 500, 502])('%d', (status) => {
      expect(classifySend(answered(status, body))).toEqual({
        kind: 'in_doubt',
        reason: `http_${status}`,
        refusal: null,
      })
    })
  })

  it.each([
    ['success without an id', 200, success({ topupRef: 'order-77' })],
    ['an id that is empty', 200, success({ topupId: '' })],
    ['an id that is a number', 200, success({ topupId: 7 })],
    ['an id that is null', 200, success({ topupId: null })],
    ['an id in another place', 200, { success: true, topupId: TOPUP_ID }],
    ['a success that is a 404', 404, accepted()],
    ['a success that is a 500', 500, accepted()],
    ['a success that is a redirect', 302, accepted()],
    ['a failure that is a 200', 200, failure('INSUFFICIENT_BALANCE')],
    ['a failure that is a redirect', 301, failure('INSUFFICIENT_BALANCE')],
    ['a failure that is a 500, however well worded', 500, failure('INSUFFICIENT_BALANCE')],
    ['a duplicate that is a 500', 500, failure('DUPLICATED_REF')],
    ['validation that is a 503', 503, failure('ERR_VALIDATION')],
    ['an internal error', 500, failure('INTERNAL_ERROR')],
    ['the key service is out of reach', 503, failure('AUTH_UNAVAILABLE')],
    ['both a success and a failure', 200, { ...failure('NO_BALANCE'), success: 'both', data: {} }],
    ['a status that is none', 0, failure('NO_BALANCE')],
    ['a status beyond all', 999, accepted()],
  ])('%s', (_, status, body) => {
    expect(classifySend(answered(status, body))).toMatchObject({ kind: 'in_doubt', refusal: null })
  })

  it.each([
    ['403 under a code nobody has seen', 403, 'PROVIDER_SAYS_NO'],
    ['not found', 404, 'NOT_FOUND'],
    ['a conflict', 409, 'CONFLICT'],
    ['too slow', 408, 'REQUEST_TIMEOUT'],
    ['a code in other letters', 403, 'insufficient_balance'],
    ['a duplicate in another spelling', 403, 'DUPLICATE_REF'],
    ['a code that every object answers to', 403, 'constructor'],
    ['too many requests under another name', 429, 'TOO_MANY'],
  ])('%s: the refusal is kept, and believed only with proven absence', (_, status, code) => {
    expect(classifySend(answered(status, failure(code)))).toMatchObject({
      kind: 'in_doubt',
      refusal: { httpStatus: status, code },
    })
  })
})
