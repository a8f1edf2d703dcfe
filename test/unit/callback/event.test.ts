import { describe, expect, it } from 'vitest'
import { renderEvent, renderVerification } from '../../../src/callback/event'
import { looked } from '../../../src/order/machine'
import { topupView } from '../../../src/order/view'
import { at, found, fulfilled, GATEWAY_ID, lastBody, tracking, unsettled } from '../order/builders'

describe('the body of a callback', () => {
  it('is type, timestamp and data: the check-ref object and what the gateway adds', () => {
    expect(lastBody(fulfilled())).toEqual({
      type: 'topup.fulfilled',
      timestamp: new Date(at(12)).toISOString(),
      data: {
        ...topupView(fulfilled()),
        final: true,
        state_version: 2,
        previous_status: 'PENDING',
        environment: 'production',
      },
    })
  })

  it('unknown is told as not final', () => {
    expect(lastBody(unsettled())).toMatchObject({
      type: 'topup.unknown',
      data: { status: 'UNKNOWN_ERROR', final: false },
    })
  })

  it('tells what came before, as the merchant saw it', () => {
    const handling = looked(tracking(), found('HANDLING'), at(3))
    expect(lastBody(looked(handling, found('FULFILLED'), at(12))).data).toMatchObject({
      previous_status: 'HANDLING',
    })
  })

  it('is frozen: what happens to the order later changes no byte of it', () => {
    const [first] = fulfilled().events
    const later = looked(fulfilled(), found('REFUNDED', { refundMessage: 'later' }), at(90))
    expect(later.events[0]?.body).toBe(first?.body)
  })

  it('has an id that follows from order and version, and that can be signed: no full stop in it', () => {
    const event = renderEvent({ ...fulfilled(), stateVersion: 9 }, 'topup.reversed', 'FULFILLED', at(90))
    expect(event).toMatchObject({ id: `evt_${GATEWAY_ID}_9`, stateVersion: 9, fannedOut: false })
    expect(event.id).toMatch(/^[\x21-\x2d\x2f-\x7e]+$/)
  })
})

it('an endpoint is asked to echo a challenge', () => {
  expect(JSON.parse(renderVerification('ep_shop_1', 'c-1', at(0)))).toEqual({
    type: 'endpoint.verification',
    timestamp: new Date(at(0)).toISOString(),
    data: { challenge: 'c-1', endpoint_id: 'ep_shop_1' },
  })
})
