import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ordersQuery } from '../../../src/api/contract'
import {
  conditions,
  type OrderFilter,
  type OrderRow,
  orderView,
  places,
  readPlace,
  writePlace,
} from '../../../src/merchant/order-row'
import { topupView } from '../../../src/order/view'
import { fulfilled, NOW } from '../order/builders'

const ANY: OrderFilter = {
  environment: 'production',
  only: null,
  id: null,
  status: null,
  phase: null,
  planCode: null,
  msisdn: null,
  amountDzd: null,
  from: null,
  to: null,
  updatedAfter: null,
}
const OBJECT = 'ab'.repeat(32)
const row = (change: Partial<OrderRow> = {}): OrderRow => ({
  created_at: NOW,
  object_id: OBJECT,
  topup: JSON.stringify(topupView(fulfilled())),
  provider_id: null,
  phase: 'settled',
  state_version: 2,
  updated_at: NOW + 2_000,
  settled_at: NOW + 1_000,
  ...change,
})

describe('an order in a list', () => {
  it("is the provider's object, and what the gateway knows besides", () => {
    expect(orderView(row())).toEqual({
      ...topupView(fulfilled()),
      provider_id: null,
      phase: 'settled',
      final: true,
      state_version: 2,
      updated_at: '2026-02-01T12:00:02.000Z',
      settled_at: '2026-02-01T12:00:01.000Z',
    })
  })

  it.each(['sending', 'in_doubt', 'tracking', 'unknown'] as const)('%s is not final', (phase) => {
    expect(orderView(row({ phase, settled_at: null }))).toMatchObject({ final: false, settled_at: null })
  })

  it('was settled also at the very beginning of time', () => {
    expect(orderView(row({ settled_at: 0 })).settled_at).toBe('1970-01-01T00:00:00.000Z')
  })
})

describe('a cursor', () => {
  it('reads back to the place that it was written for, and passes the door', () => {
    const place = fc.record({
      createdAt: fc.nat(4_102_444_800_000),
      objectId: fc.stringMatching(/^[0-9a-f]{64}$/),
    })
    fc.assert(
      fc.property(place, (one) => {
        const cursor = writePlace(one)
        expect(readPlace(cursor)).toEqual(one)
        expect(ordersQuery.parse({ cursor }).cursor).toBe(cursor)
      }),
    )
  })

  it('sorts like the place itself', () => {
    expect(
      writePlace({ createdAt: 9, objectId: OBJECT }) < writePlace({ createdAt: 10, objectId: OBJECT }),
    ).toBe(true)
  })
})

describe('what a filter asks', () => {
  const values = (filter: Partial<OrderFilter>) => conditions({ ...ANY, ...filter }).values
  const count = (sql: string) => sql.split('?').length - 1

  it('is nothing by itself', () => {
    expect(conditions(ANY)).toEqual({ sql: 'TRUE', values: [] })
  })

  it('is each thing that is given, 0 too', () => {
    expect(values({ amountDzd: 0 })).toEqual([0])
    expect(values({ updatedAfter: 0 })).toEqual([0])
    expect(values({ only: { createdAt: 1, objectId: OBJECT } })).toEqual([OBJECT])
    const all = conditions({
      ...ANY,
      only: { createdAt: 1, objectId: OBJECT },
      status: 'PENDING',
      phase: 'tracking',
      planCode: 'P',
      msisdn: '0661234567',
      amountDzd: 500,
      updatedAfter: 7,
    })
    expect(all.values).toEqual([OBJECT, 'PENDING', 'tracking', 'P', '0661234567', 500, 7])
    expect(count(all.sql)).toBe(7)
  })

  it('never puts a word of the caller into the statement', () => {
    const filter = { ...ANY, planCode: "'; DROP TABLE orders; --", msisdn: '"' }
    expect(conditions(filter).sql).not.toMatch(/DROP|"/)
  })

  it('is always asked of one environment, between two times, behind the page before', () => {
    expect(places(ANY, null).values).toEqual(['production'])
    const range = { ...ANY, from: 0, to: 9 }
    const place = places(range, { createdAt: 5, objectId: OBJECT })
    expect(place.values).toEqual(['production', 0, 9, 5, OBJECT])
    expect(count(place.sql)).toBe(5)
  })
})
