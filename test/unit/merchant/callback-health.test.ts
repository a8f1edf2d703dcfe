/** What a merchant is told of his callbacks' health: on each answer of the API, and at a second address. */
import { describe, expect, it } from 'vitest'
import { callbackHealth, callbackHealthHeader, renderHealth } from '../../../src/merchant/callback-health'
import type { Endpoint } from '../../../src/merchant/endpoint'
import type { Health } from '../../../src/merchant/health'

const START = Date.UTC(2026, 1, 1)
const endpoint = (number: number, change: Partial<Endpoint> = {}): Endpoint => ({
  id: `ep_shop_0${number}`,
  url: 'https://shop.dz/cb',
  state: 'active',
  environment: 'sandbox',
  events: ['topup.fulfilled'],
  description: null,
  keys: [],
  createdAt: START,
  reason: null,
  verifiedAt: null,
  challenge: null,
  foldSuperseded: false,
  notifyUrl: null,
  replaces: [],
  ...change,
})
const health = (change: Partial<Health> = {}): Health => ({
  failingSince: START,
  failures: 7,
  hours: [],
  orders: [],
  lastOutcome: 'timeout',
  warned: 25,
  breaker: null,
  ...change,
})
const FAILING = {
  endpoint: 'ep_shop_01',
  state: 'failing',
  percent: 25,
  reason: 'timeout',
  disables_at: '2026-02-04T00:00:00.000Z',
} as const
const DISABLED = {
  endpoint: 'ep_shop_02',
  state: 'disabled',
  percent: 100,
  reason: 'the receiver answered 410 Gone',
  disables_at: null,
} as const

describe('there is nothing to tell', () => {
  it('while every endpoint answers, and of failures that nobody was warned of', () => {
    const well = { endpoint: endpoint(1), health: null }
    expect(callbackHealth([])).toBeNull()
    expect(callbackHealth([well, { endpoint: endpoint(2), health: health({ warned: 0 }) }])).toBeNull()
  })

  it.each(['paused', 'unverified'] as const)('of an endpoint that is %s: he knows', (state) => {
    expect(callbackHealth([{ endpoint: endpoint(1, { state }), health: health() }])).toBeNull()
  })
})

describe('the worst endpoint is told of', () => {
  const failing = { endpoint: endpoint(1), health: health() }
  const worse = { endpoint: endpoint(3), health: health({ warned: 75 }) }
  const dead = { endpoint: endpoint(2, { state: 'disabled', reason: DISABLED.reason }), health: null }

  it('with how far it is, why, and when it ends', () => {
    expect(callbackHealth([failing])).toEqual(FAILING)
    expect(callbackHealth([dead])).toEqual(DISABLED)
  })

  it('in whatever order they stand', () => {
    for (const all of [
      [failing, worse],
      [worse, failing],
    ])
      expect(callbackHealth(all)).toMatchObject({ endpoint: 'ep_shop_03', percent: 75 })
    expect(callbackHealth([worse, failing, dead])).toEqual(DISABLED)
  })
})

it('the header is one line that names the endpoint', () => {
  expect(callbackHealthHeader(FAILING)).toBe(
    'failing; endpoint="ep_shop_01"; percent=25; disables_at="2026-02-04T00:00:00.000Z"',
  )
  expect(callbackHealthHeader(DISABLED)).toBe('disabled; endpoint="ep_shop_02"; percent=100')
})

it('the notice says the same, and where the callbacks went', () => {
  expect(JSON.parse(renderHealth(FAILING, 'https://shop.dz/cb', START))).toEqual({
    type: 'gateway.callback_health',
    timestamp: '2026-02-01T00:00:00.000Z',
    data: { ...FAILING, url: 'https://shop.dz/cb' },
  })
})
