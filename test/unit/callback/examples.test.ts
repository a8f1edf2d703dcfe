import { describe, expect, it } from 'vitest'
import { EXAMPLE_TYPES, type ExampleType, exampleEvent } from '../../../src/callback/examples'
import { EVENT_TYPES } from '../../../src/order/state'
import { renderReport } from '../../../src/reconcile/report-event'
import { fulfilled, lastBody, NOW } from '../order/builders'
import { report } from '../reconcile/builders'

const RANDOM = 'c0ffee00c0ffee00c0ffee00'
const example = (type: ExampleType) => exampleEvent(type, 'production', RANDOM, NOW)
const dataOf = (type: ExampleType) => JSON.parse(example(type).body).data

describe.each(EVENT_TYPES)('an example of %s', (type) => {
  it('has the form of a real one, and says that it is a test', () => {
    const { id, body } = example(type)
    expect(id).toMatch(/^evt_test_c0ffee00c0ffee00c0ffee00_\d$/)
    const event = JSON.parse(body)
    expect(event).toMatchObject({ type, timestamp: new Date(NOW).toISOString() })
    const real = lastBody(fulfilled())
    expect(Object.keys(event)).toEqual(Object.keys(real))
    expect(Object.keys(event.data)).toEqual(expect.arrayContaining([...Object.keys(real.data), 'test']))
    expect(event.data).toMatchObject({
      ref: `test-${RANDOM}`,
      environment: 'production',
      test: true,
      created_at: new Date(NOW - 12_000).toISOString(),
    })
  })
})

describe.each(EXAMPLE_TYPES)('an example of %s', (type) => {
  it('is the same for the same random and time, and another for another', () => {
    expect(example(type)).toEqual(example(type))
    expect(exampleEvent(type, 'sandbox', 'beef', NOW).id).not.toBe(example(type).id)
    expect(JSON.parse(exampleEvent(type, 'sandbox', 'beef', NOW).body).data.environment).toBe('sandbox')
  })
})

describe('an example', () => {
  it('fulfilled is final', () => {
    expect(dataOf('topup.fulfilled')).toMatchObject({
      status: 'FULFILLED',
      final: true,
      state_version: 2,
      previous_status: 'PENDING',
      balance_amount: 480,
    })
  })

  it('refunded tells why and offers another plan', () => {
    expect(dataOf('topup.refunded')).toMatchObject({
      status: 'REFUNDED',
      final: true,
      balance_amount: 0,
      refund_message: expect.stringMatching(/\S/),
      suggested_offers: [
        { typename: expect.any(String), plan_code: expect.any(String), amount: expect.any(Number) },
      ],
    })
  })

  it('unknown is not final', () => {
    expect(dataOf('topup.unknown')).toMatchObject({ status: 'UNKNOWN_ERROR', final: false })
  })

  it('reversed tells what it was', () => {
    expect(dataOf('topup.reversed')).toMatchObject({
      status: 'REFUNDED',
      previous_status: 'FULFILLED',
      final: true,
      state_version: 3,
    })
  })

  it('of a reconciliation is a report, and says that it is a test', () => {
    const { id, body } = example('reconciliation.completed')
    expect(id).toBe(`evt_test_${RANDOM}_1`)
    const real = JSON.parse(renderReport(report(), NOW).body)
    const shown = JSON.parse(body)
    expect(Object.keys(shown)).toEqual(Object.keys(real))
    expect(Object.keys(shown.data)).toEqual([...Object.keys(real.data), 'test'])
    expect(shown.data).toMatchObject({ id: `test-${RANDOM}`, state: 'complete', test: true, progress: 1 })
  })
})
