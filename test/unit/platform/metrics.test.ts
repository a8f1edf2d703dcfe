import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Fact, measure, pointOf } from '../../../src/platform/metrics'

const MERCHANT = { merchant: 'm0123456789ab', environment: 'production' } as const
const ORDER = { ...MERCHANT, plan: 'MIX500_MOBILIS' }

const FACTS = {
  settled: {
    ...{ fact: 'settled', ...ORDER, status: 'FULFILLED' },
    ...{ sinceSendMs: 7_250, doubtMs: 0, submissions: 1 },
  },
  reversed: { fact: 'reversed', ...ORDER, status: 'REFUNDED', sinceFinalMs: 30_000 },
  flagged: { fact: 'flagged', ...ORDER, sinceSendMs: 86_400_000 },
  send: {
    ...{ fact: 'send', ...ORDER, outcome: 'in_doubt', why: 'http_502', answeredBy: 'provider' },
    ...{ ms: 2_130, providerMs: 130, submissions: 1 },
  },
  callback: { fact: 'callback', ...MERCHANT, outcome: 'delivered', httpStatus: 204, ms: 80, attempt: 1 },
  incident: {
    ...{ fact: 'incident', wallet: 'own:m0123456789ab', environment: 'production' },
    ...{ kind: 'breaker_open', why: 'sends_in_doubt' },
  },
  woken: { fact: 'woken', merchant: MERCHANT.merchant, orders: 3 },
  book: { fact: 'book', merchant: MERCHANT.merchant, bytes: 1_614_000 },
} as const satisfies { [K in Fact['fact']]: Extract<Fact, { fact: K }> }

afterEach(() => {
  vi.restoreAllMocks()
})

/** As docs/operations.md tells them to whoever writes a query. */
it.each([
  ['settled', ['production', 'MIX500_MOBILIS', 'FULFILLED'], [7.25, 0, 1]],
  ['reversed', ['production', 'MIX500_MOBILIS', 'REFUNDED'], [30]],
  ['flagged', ['production', 'MIX500_MOBILIS'], [86_400]],
  ['send', ['production', 'MIX500_MOBILIS', 'in_doubt', 'http_502', 'provider'], [2_130, 130, 1]],
  ['callback', ['production', 'delivered', '2xx'], [80, 1]],
  ['incident', ['production', 'breaker_open', 'sends_in_doubt'], []],
  ['woken', [''], [3]],
  ['book', [''], [1_614_000]],
] as const)('the columns of %s keep their places', (fact, blobs, doubles) => {
  const point = pointOf(FACTS[fact])
  expect(point.blobs).toEqual([fact, ...blobs])
  expect(point.doubles).toEqual(doubles)
  expect(point.indexes).toEqual([fact === 'incident' ? 'own:m0123456789ab' : 'm0123456789ab'])
})

it('no point breaks a limit of the dataset, which would drop it without a word', () => {
  for (const fact of Object.values(FACTS)) {
    const { indexes, blobs, doubles } = pointOf(fact)
    expect(indexes[0].length).toBeLessThanOrEqual(96)
    expect(blobs.length).toBeLessThanOrEqual(20)
    expect(doubles.length).toBeLessThanOrEqual(20)
    expect(doubles.every(Number.isFinite)).toBe(true)
  }
})

describe('foreign text', () => {
  const said = (why: string) => pointOf({ ...FACTS.send, why }).blobs[4]

  it('is told where it looks like a name', () => {
    for (const name of ['', 'INSUFFICIENT_BALANCE', 'DUPLICATED-REF', 'http_502', 'GETMENU_Mobilis'])
      expect(said(name)).toBe(name)
  })

  it('is not told where it may be a number, an id, a key or a sentence', () => {
    const texts = ['0612345678', 'r0612345678', 'a1b2c3d4e5f6000000', 'No such plan', 'ü', 'x'.repeat(41)]
    for (const text of texts) expect(said(text)).toBe('other')
    expect(pointOf({ ...FACTS.settled, plan: '0612345678' }).blobs).not.toContain('0612345678')
  })
})

it('a callback without an answer has no class, and a clock that was set back no negative time', () => {
  expect(pointOf({ ...FACTS.callback, httpStatus: null }).blobs[3]).toBe('none')
  expect(pointOf({ ...FACTS.settled, sinceSendMs: -5 }).doubles[0]).toBe(0)
})

it('a dataset that throws harms nobody', () => {
  const told = vi.spyOn(console, 'error').mockImplementation(() => undefined)
  const broken = {
    writeDataPoint: () => {
      throw new Error('over the limit')
    },
  }
  expect(() => measure(broken, FACTS.settled)).not.toThrow()
  expect(told.mock.calls.join()).toContain('metrics.write')
})
