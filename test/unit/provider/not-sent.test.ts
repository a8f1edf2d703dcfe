/** Why nothing was sent, as a client of the provider reads it. */
import { describe, expect, it } from 'vitest'
import { classifySend } from '../../../src/provider/classify'
import { notAdmitted, operatorDown, providerIll, tooMany, unpayable } from '../../../src/provider/not-sent'
import { answered } from './answers'

describe('a send that the gateway itself does not make', () => {
  it.each([
    ['no credential', notAdmitted('the gateway has no credential'), 30],
    ['too many', tooMany(12), 12],
    ['provider ill', providerIll(5), 5],
    ['operator down', operatorDown('djezzy'), 60],
  ])('%s: is 503, says that nothing was sent, and when to try again', (_, refusal, seconds) => {
    expect(refusal).toMatchObject({
      httpStatus: 503,
      code: 'SERVICE_UNAVAILABLE',
      detailsJson: null,
      retryAfterSeconds: seconds,
    })
    expect(refusal.message).toMatch(/^Nothing was sent: /)
  })

  it('names the operator that is down', () => {
    expect(operatorDown('mobilisFixedPlans').message).toContain('mobilisFixedPlans')
  })

  it('never speaks of keys: the merchant would doubt his own', () => {
    for (const refusal of [notAdmitted('x'), tooMany(1), providerIll(1), operatorDown('djezzy')])
      expect([401, 403]).not.toContain(refusal.httpStatus)
  })
})

describe('a balance that is too small', () => {
  const refusal = unpayable(480.5, 12)

  it('is said in the provider’s own words, with what is needed and what is there', () => {
    expect(refusal).toMatchObject({ httpStatus: 403, code: 'INSUFFICIENT_BALANCE', retryAfterSeconds: null })
    expect(JSON.parse(refusal.detailsJson ?? '')).toEqual({ required: 480.5, available: 12 })
  })

  it('reads as a definite no to whoever reads the provider', () => {
    const { httpStatus, code, message, detailsJson } = refusal
    const error = { code, message, details: JSON.parse(detailsJson ?? '') }
    expect(classifySend(answered(httpStatus, { success: false, error })).kind).toBe('refused')
  })
})
