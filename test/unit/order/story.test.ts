import { describe, expect, it } from 'vitest'
import type { Evidence } from '../../../src/order/history'
import { noted } from '../../../src/order/history'
import { aged, submitted } from '../../../src/order/machine'
import { attempted, fanOut } from '../../../src/order/outbox'
import type { Order } from '../../../src/order/state'
import { story } from '../../../src/order/story'
import { snapshot, topupView } from '../../../src/order/view'
import { WHY_TEXTS } from '../words'
import {
  answer,
  at,
  endpoint,
  fulfilled,
  GATEWAY_ID,
  hours,
  inDoubt,
  NOW,
  PROVIDER_ID,
  refusal,
  resent,
  sending,
  theDelivery,
  tracking,
  unsettled,
} from './builders'

const iso = (time: number) => new Date(time).toISOString()
const told = (order: Order, nextCheckAt: number | null = null) =>
  story(order, snapshot(order, nextCheckAt, 'the-token', NOW), WHY_TEXTS)

const EXCHANGE: Evidence = {
  at: at(0.2),
  durationMs: 310,
  method: 'POST',
  path: '/v3/mobile/send',
  sent: '{"plan_code":"PREPAID_MOBILIS"}',
  httpStatus: 200,
  failure: null,
  received: '{"success":true}',
  receivedBytes: 16,
  sha256: 'c'.repeat(64),
}

describe("an order's story", () => {
  it("begins with the provider's own object", () => {
    expect(told(fulfilled())).toMatchObject(topupView(fulfilled()))
  })

  it('says how it stands', () => {
    expect(told(fulfilled())).toMatchObject({
      provider_id: null,
      phase: 'settled',
      final: true,
      state_version: 2,
      settled_at: iso(at(12)),
      next_check_at: null,
      callback: 'pending',
      flag: null,
      upstream_ref: 'shop.order-77',
      submissions: 1,
    })
    expect(told(tracking(), at(14))).toMatchObject({
      final: false,
      settled_at: null,
      next_check_at: iso(at(14)),
      callback: 'none',
    })
  })

  it("has the provider's id where the merchant was told another before it was known", () => {
    const late = submitted(inDoubt(), { kind: 'accepted', topupId: PROVIDER_ID }, at(11))
    expect(told(late)).toMatchObject({ _id: GATEWAY_ID, provider_id: PROVIDER_ID })
    expect(told(inDoubt())).toMatchObject({ _id: GATEWAY_ID, provider_id: null })
  })

  it('says where it is told instead of its endpoint’s own URL', () => {
    const callback = { url: 'https://shop.dz/till-7', endpointId: 'ep_shop_00000001' }
    expect(told(sending({ callback })).callback_url).toBe(callback.url)
    expect(told(sending()).callback_url).toBeNull()
  })

  it('says that it was sent twice', () => {
    expect(told(resent()).submissions).toBe(2)
  })

  it.each([
    ['operator', 'operator'],
    ['own:shop', 'own'],
    ['sandbox:shop', 'sandbox'],
  ])('the wallet %s is called %s', (wallet, kind) => {
    expect(told(sending({ wallet })).wallet).toBe(kind)
  })

  it('shows warnings and why a human should look', () => {
    const warnings = [{ code: 'PREFIX_MISMATCH', message: 'odd' }] as const
    expect(told({ ...aged(unsettled(), hours(25)), warnings })).toMatchObject({
      warnings,
      flag: { at: iso(hours(25)), reason: 'open for 24 h' },
    })
  })

  it('tells each step with its exchanges', () => {
    const order = noted(tracking(), { did: 'send', result: 'accepted', evidence: [EXCHANGE] }, at(1))
    expect(told(order).steps).toEqual([
      {
        at: iso(at(1)),
        last_at: iso(at(1)),
        times: 1,
        did: 'send',
        result: 'accepted',
        phase: 'tracking',
        status: 'PENDING',
        state_version: 1,
        exchanges: [
          {
            at: iso(at(0.2)),
            duration_ms: 310,
            method: 'POST',
            path: '/v3/mobile/send',
            sent: EXCHANGE.sent,
            http_status: 200,
            failure: null,
            received: EXCHANGE.received,
            received_bytes: 16,
            sha256: EXCHANGE.sha256,
          },
        ],
      },
    ])
  })

  it("hides the name of the operator's account, and of no other", () => {
    const received = '{"items":[{"ref":"API-213550000742-shop.order-77"}]}'
    const seenOn = (wallet: string) => {
      const step = { did: 'look', result: 'found', evidence: [{ ...EXCHANGE, received }] } as const
      return told(noted(sending({ wallet }), step, at(3))).steps[0]?.exchanges[0]?.received
    }
    expect(seenOn('operator')).toBe('{"items":[{"ref":"API-…-shop.order-77"}]}')
    expect(seenOn('own:shop')).toBe(received)
    expect(seenOn('sandbox:shop')).toBe(received)
  })

  it('tells each event with the bytes that were signed, and each attempt to deliver it', () => {
    const order = fanOut(fulfilled(), [endpoint()], at(12))
    const delivered = attempted(order, theDelivery(order).id, answer('delivered'), at(13), 0.5)
    const { events, deliveries } = told(delivered)
    expect(events).toEqual([
      {
        id: order.events[0]?.id,
        type: 'topup.fulfilled',
        state_version: 2,
        created_at: iso(at(12)),
        body: order.events[0]?.body,
      },
    ])
    expect(deliveries).toMatchObject([
      {
        event_id: order.events[0]?.id,
        event_type: 'topup.fulfilled',
        ref: 'order-77',
        endpoint_id: endpoint().id,
        state: 'delivered',
        attempts: [{ at: iso(at(13) - 40), duration_ms: 40, outcome: 'delivered' }],
      },
    ])
  })

  it('says why an event has not arrived', () => {
    const order = fanOut(fulfilled(), [endpoint()], at(12))
    const failed = attempted(order, theDelivery(order).id, answer('failed'), at(13), 0.5)
    expect(told(failed).deliveries[0]?.why?.en).toMatch(
      /^Your server failed \(500\) at https:\/\/shop\.dz\/cb:/,
    )
  })

  it('is plain JSON', () => {
    const whole = told(fanOut(fulfilled(), [endpoint()], at(12)), NOW)
    expect(JSON.parse(JSON.stringify(whole))).toEqual(whole)
  })

  it("tells neither the secret of the customer's link nor which account of ours it went to", () => {
    const order = { ...inDoubt(), refusal: refusal('ODD', { message: 'a word' }) }
    const text = JSON.stringify(told(order))
    for (const secret of [order.pageSecret, order.intent.account, 'the-token']) {
      expect(text).not.toContain(secret)
    }
  })
})
