import { describe, expect, it } from 'vitest'
import { type FoldRequest, foldAnswer } from '../../../src/order/fold'
import { noted } from '../../../src/order/history'
import { differingFields, looked } from '../../../src/order/machine'
import { attempted, fanOut, followEndpoints } from '../../../src/order/outbox'
import type { Order } from '../../../src/order/state'
import { story } from '../../../src/order/story'
import { pageView, snapshot, topupView } from '../../../src/order/view'
import { WHY_TEXTS } from '../words'
import {
  answer,
  at,
  endpoint,
  found,
  fulfilled,
  hours,
  NOW,
  openOrders,
  refunded,
  theDelivery,
} from './builders'

const LATER = hours(400 * 24)

/** Over for long by `LATER`, and the book knows it as it is. */
const request = (order: Order, change: Partial<FoldRequest> = {}): FoldRequest => ({
  olderThan: hours(24),
  revision: order.revision,
  ...change,
})
const ask = (order: Order, change: Partial<FoldRequest> = {}, isBusy = false) =>
  foldAnswer(order, request(order, change), isBusy, LATER)

const told = (order: Order): Order => fanOut(order, [endpoint()], at(12))
const delivered = (order: Order): Order =>
  attempted(told(order), theDelivery(told(order)).id, answer('delivered'), at(13), 0.5)
const failed = (order: Order): Order => {
  const spent = Array.from({ length: 12 }).reduce<Order>(
    (tried) => attempted(tried, theDelivery(tried).id, answer('failed'), at(13), 0.5),
    told(order),
  )
  return spent
}

function foldedOf(order: Order): Order {
  const folded = ask(order)
  if (folded.kind !== 'folded') throw new Error(`it is ${folded.kind}`)
  return folded.order
}

describe('an order is folded', () => {
  it.each([
    ['delivered', delivered(fulfilled())],
    ['refunded and delivered', delivered(refunded())],
    ['failed for good', failed(fulfilled())],
    ['of a merchant without endpoints', fanOut(fulfilled(), [], at(12))],
  ])('when it is over: %s', (_, order) => {
    expect(ask(order).kind).toBe('folded')
  })

  it.each(openOrders())('never while it is open, however old: %s', (_, order) => {
    expect(ask(order)).toEqual({ kind: 'open' })
    expect(ask({ ...order, settledAt: at(1) })).toEqual({ kind: 'open' })
  })

  it('never while it owes an event', () => {
    const paused = [endpoint({ state: 'paused' })]
    expect(ask(fulfilled())).toEqual({ kind: 'open' })
    expect(ask(told(fulfilled()))).toEqual({ kind: 'open' })
    expect(ask(fanOut(fulfilled(), paused, at(12)))).toEqual({ kind: 'open' })
    expect(ask(followEndpoints(told(fulfilled()), paused, at(13)))).toEqual({ kind: 'open' })
  })

  it('not before it has been over for so long, whenever it was made', () => {
    const order = delivered(fulfilled())
    expect(ask(order, { olderThan: at(12) + 1 }).kind).toBe('folded')
    expect(ask(order, { olderThan: at(12) })).toEqual({ kind: 'later' })
    const reversed = delivered(fanOut(looked(order, found('REFUNDED'), hours(48)), [], hours(48)))
    expect(ask(reversed)).toEqual({ kind: 'later' })
    expect(ask(reversed, { olderThan: hours(49) }).kind).toBe('folded')
  })

  it('not while its book does not know its newest state, or something is under way', () => {
    const order = delivered(fulfilled())
    expect(ask(order, { revision: order.revision - 1 })).toEqual({ kind: 'later' })
    expect(ask(order, {}, true)).toEqual({ kind: 'later' })
  })

  it('once: where there is nothing there is nothing to fold', () => {
    expect(foldAnswer(null, request(fulfilled()), true, LATER)).toEqual({ kind: 'empty' })
  })
})

describe('what is kept of it', () => {
  const whole = noted(
    { ...delivered(fulfilled()), warnings: [{ code: 'PREFIX_MISMATCH' as const, message: 'odd' }] },
    { did: 'look', result: 'found', evidence: [] },
    at(12),
  )

  it('is small, and says when and how far its callback had come', () => {
    const folded = foldedOf(whole)
    expect(folded).toMatchObject({
      history: [],
      events: [],
      deliveries: [],
      folded: { at: LATER, callback: 'delivered' },
    })
    expect(JSON.stringify(folded).length).toBeLessThan(2_000)
    expect(foldedOf(failed(fulfilled())).folded?.callback).toBe('failed')
    expect(foldedOf(fanOut(fulfilled(), [], at(12))).folded?.callback).toBe('none')
  })

  it('answers a look-up, a repeated send and the customer as before', () => {
    const folded = foldedOf(whole)
    expect(topupView(folded)).toEqual(topupView(whole))
    expect(snapshot(folded, null, 'token', LATER)).toEqual(snapshot(whole, null, 'token', LATER))
    // Its steps are told without their times: they went with the story.
    const untimed = { acceptedAt: null, deliveringAt: null }
    expect(pageView(folded, null)).toEqual({ ...pageView(whole, null), ...untimed })
    expect(differingFields(folded.intent, whole.intent)).toEqual([])
    const { steps, events, deliveries, folded_at, ...rest } = story(
      folded,
      snapshot(folded, null, 'token', NOW),
      WHY_TEXTS,
    )
    expect([steps, events, deliveries]).toEqual([[], [], []])
    expect(folded_at).toBe(new Date(LATER).toISOString())
    expect(story(whole, snapshot(whole, null, 'token', NOW), WHY_TEXTS)).toMatchObject({
      ...rest,
      folded_at: null,
    })
  })

  it('folded again is the same', () => {
    expect(foldedOf(foldedOf(whole))).toEqual(foldedOf(whole))
  })

  it('is an order again when the provider reverses it: the next version, one new event', () => {
    const reversed = looked(foldedOf(whole), found('REFUNDED', { balanceAmountDzd: 0 }), LATER + 1)
    expect(reversed).toMatchObject({
      status: 'REFUNDED',
      stateVersion: whole.stateVersion + 1,
      settledAt: LATER + 1,
    })
    expect(reversed.events).toMatchObject([{ type: 'topup.reversed', stateVersion: whole.stateVersion + 1 }])
    expect(snapshot(reversed, null, 'token', LATER).callback).toBe('pending')
    expect(ask(reversed, { olderThan: LATER + 2 })).toEqual({ kind: 'open' })
  })
})
