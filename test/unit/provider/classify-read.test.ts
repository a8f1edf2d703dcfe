/** What a read that moves nothing came to: plans, balance, transactions, validate. */
import { describe, expect, it } from 'vitest'
import { classifyRead } from '../../../src/provider/classify'
import { answered, failure, NOISE, success } from './answers'

describe('the data of a read', () => {
  it.each([
    ['an object', { balance: 12_345.67 }],
    ['a list', [1, 2]],
    ['null', null],
    ['false', false],
    ['a text', 'رصيد 📱'],
    ['fields that nobody knows', { dynamicPlans: [], extra: { deep: [null] } }],
  ])('is passed on unread: %s', (_, json) => {
    const read = classifyRead(answered(200, success(json)))
    expect(read.kind === 'data' ? JSON.parse(read.dataJson) : read).toEqual(json)
  })

  it.each([201, 299])('counts with %d too', (status) => {
    expect(classifyRead(answered(status, success({}))).kind).toBe('data')
  })

  it.each([199, 301, 304, 404, 500, 503])('counts for nothing under %d', (status) => {
    expect(classifyRead(answered(status, success({ balance: 1 })))).toEqual({
      kind: 'no_answer',
      reason: `http_${status}`,
    })
  })
})

describe("the provider's own no", () => {
  it.each([400, 401, 403, 404, 429, 499])('with %d is passed on in its words', (status) => {
    const details = { field: 'from' }
    const read = classifyRead(answered(status, failure('ODD', { message: 'Nein.', details }), '7'))
    expect(read).toEqual({
      kind: 'refused',
      refusal: {
        httpStatus: status,
        code: 'ODD',
        message: 'Nein.',
        detailsJson: '{"field":"from"}',
        retryAfterSeconds: 7,
      },
    })
  })

  it.each([200, 302, 500, 502, 503])('with %d is no answer', (status) => {
    expect(classifyRead(answered(status, failure('ODD')))).toEqual({
      kind: 'no_answer',
      reason: `http_${status}`,
    })
  })
})

describe('no answer', () => {
  it('is what never came', () => {
    expect(classifyRead({ kind: 'failed', reason: 'timeout' })).toEqual({
      kind: 'no_answer',
      reason: 'timeout',
    })
  })

  it.each(NOISE)('is %s, under any status that is not a success', (_, body) => {
    for (const status of [400, 404, 500, 502]) {
      expect(classifyRead(answered(status, body)).kind).toBe('no_answer')
    }
  })
})
