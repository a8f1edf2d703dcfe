import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Deed, doubtMs, type Evidence, inWords, noted } from '../../../src/order/history'
import type { LookOutcome, Order, Status, SubmitOutcome } from '../../../src/order/state'
import { at, found, NO_ANSWER, NOT_FOUND, PROVIDER_ID, refusal, topup, tracking, unsettled } from './builders'

const proof = (path: string): Evidence => ({
  at: at(1),
  durationMs: 120,
  method: 'GET',
  path,
  sent: null,
  httpStatus: 200,
  failure: null,
  received: '{}',
  receivedBytes: 2,
  sha256: 'a'.repeat(64),
})
const look = (result: string, evidence: readonly Evidence[] = []) =>
  ({ did: 'look', result, evidence }) as const
/** So many steps, no two alike. */
const after = (count: number, order: Order = tracking()): Order =>
  Array.from({ length: count }, (_, index) => index).reduce(
    (so, index) => noted(so, look(`result ${index}`), at(index)),
    order,
  )
const results = ({ history }: Order) => history.map(({ result }) => result)

describe('a step', () => {
  it('says when, what was done, what it proved, and how the order stands after it', () => {
    const evidence = [proof('/v3/mobile/send')]
    const order = noted(tracking(), { did: 'send', result: 'accepted', evidence }, at(1))
    expect(order.history).toEqual([
      {
        at: at(1),
        lastAt: at(1),
        times: 1,
        did: 'send',
        result: 'accepted',
        phase: 'tracking',
        status: 'PENDING',
        stateVersion: 1,
        evidence,
      },
    ])
  })

  it('changes nothing but the history', () => {
    const { history, ...rest } = noted(tracking(), look('not_found'), at(3))
    expect(history).toHaveLength(1)
    expect({ ...rest, history: [] }).toEqual(tracking())
  })
})

describe('equal steps in a row', () => {
  it('are one, counted, from the first to the last, with the exchange of the last', () => {
    const order = [3, 5, 9].reduce(
      (so, second) => noted(so, look('found: PENDING', [proof(`/${second}`)]), at(second)),
      tracking(),
    )
    expect(order.history).toHaveLength(1)
    expect(order.history[0]).toMatchObject({ at: at(3), lastAt: at(9), times: 3, evidence: [proof('/9')] })
  })

  it('are counted on after another step between them', () => {
    const order = ['a', 'a', 'b', 'a', 'a', 'a'].reduce(
      (so, result, second) => noted(so, look(result), at(second)),
      tracking(),
    )
    expect(order.history.map(({ result, times }) => `${result}${times}`)).toEqual(['a2', 'b1', 'a3'])
  })

  it.each<[string, (order: Order) => Order, Deed, string]>([
    ['another deed', (order) => order, 'list', 'x'],
    ['another result', (order) => order, 'look', 'y'],
    ['another phase', (order) => ({ ...order, phase: 'unknown' }), 'look', 'x'],
    ['another version', (order) => ({ ...order, stateVersion: 2 }), 'look', 'x'],
  ])('are not equal with %s', (_, change, did, result) => {
    const one = noted(tracking(), look('x'), at(1))
    expect(noted(change(one), { did, result, evidence: [] }, at(2)).history).toHaveLength(2)
  })
})

describe('a long story', () => {
  it('is whole up to 50 steps', () => {
    expect(results(after(50))).toEqual(Array.from({ length: 50 }, (_, index) => `result ${index}`))
  })

  it('loses the eleventh step first: how it began and how it stands stay', () => {
    const kept = results(after(51))
    expect(kept).toHaveLength(50)
    expect(kept.slice(0, 11)).toEqual([...results(after(10)), 'result 11'])
    expect(kept.at(-1)).toBe('result 50')
  })

  it('after days has its first 10 steps and its newest 40', () => {
    const kept = results(after(400))
    expect(kept.slice(0, 10)).toEqual(results(after(10)))
    expect(kept.slice(10)).toEqual(Array.from({ length: 40 }, (_, index) => `result ${360 + index}`))
  })

  it('loses nothing to a step that only repeats the last', () => {
    const full = after(50)
    const again = noted(full, look('result 49'), at(99))
    expect(results(again)).toEqual(results(full))
    expect(again.history.at(-1)?.times).toBe(2)
  })

  it('whatever happens: at most 50, the first 10 for ever, in order of time, each one counted', () => {
    const happenings = fc.array(
      fc.record({
        did: fc.constantFrom<Deed>('send', 'look', 'list'),
        result: fc.constantFrom('a', 'b', 'c'),
        waitMs: fc.nat(60_000),
        isUnknown: fc.boolean(),
      }),
      { maxLength: 200 },
    )
    fc.assert(
      fc.property(happenings, (all) => {
        let [order, now, notes, dropped] = [tracking(), at(1), 0, 0]
        let first: string[] = []
        for (const { did, result, waitMs, isUnknown } of all) {
          now += waitMs
          const before = order
          order = noted(
            isUnknown ? { ...order, phase: 'unknown' } : order,
            { did, result, evidence: [] },
            now,
          )
          notes++
          if (before.history.length === 50 && order.history[10] !== before.history[10]) {
            dropped += before.history[10]?.times ?? 0
          }
          const beginning = order.history.slice(0, 10).map((step) => `${step.at} ${step.did} ${step.result}`)
          expect(beginning.slice(0, first.length)).toEqual(first)
          first = beginning
        }
        const { history } = order
        expect(history.length).toBeLessThanOrEqual(50)
        expect(history.reduce((sum, { times }) => sum + times, 0) + dropped).toBe(notes)
        expect(history.every((step) => step.at <= step.lastAt)).toBe(true)
        expect(history.every((step, index) => step.at >= (history[index - 1]?.lastAt ?? 0))).toBe(true)
        if (notes > 0) expect(history.at(-1)?.lastAt).toBe(now)
      }),
    )
  })
})

describe('the time in doubt', () => {
  function stepped(phases: readonly Order['phase'][]) {
    let order = tracking()
    for (const [index, phase] of phases.entries()) {
      order = noted({ ...order, phase }, look(`look ${index}`), at(index * 10))
    }
    return order.history
  }

  it.each<[string, readonly Order['phase'][], number]>([
    ['nothing where there was none', ['tracking', 'settled'], 0],
    ['until it was found', ['in_doubt', 'in_doubt', 'tracking', 'settled'], 20],
    ['every time', ['in_doubt', 'sending', 'in_doubt', 'settled'], 20],
    ['until now while it lasts', ['tracking', 'in_doubt'], 50],
  ])('%s', (_, phases, seconds) => {
    expect(doubtMs(stepped(phases), at(60))).toBe(seconds * 1_000)
  })

  it('is whole also where steps between were forgotten', () => {
    const doubtful = after(70, { ...tracking(), phase: 'in_doubt' })
    expect(doubtMs(doubtful.history, at(100))).toBe(100_000)
  })
})

describe('an outcome in words', () => {
  it.each<[string, SubmitOutcome | LookOutcome]>([
    ['accepted', { kind: 'accepted', topupId: PROVIDER_ID }],
    ['found', { kind: 'found', topup: null }],
    ['found: HANDLING', found('HANDLING')],
    ['found: a word nobody knows', { kind: 'found', topup: topup('a word nobody knows') }],
    ['refused: ERR_VALIDATION', { kind: 'refused', refusal: refusal('ERR_VALIDATION') }],
    ['in_doubt: timeout', { kind: 'in_doubt', reason: 'timeout', refusal: null }],
    ['in_doubt: http_403_ODD', { kind: 'in_doubt', reason: 'http_403_ODD', refusal: refusal('ODD') }],
    ['not_found', NOT_FOUND],
    ['no_answer: http_502', NO_ANSWER],
  ])('%s', (words, outcome) => {
    expect(inWords(outcome)).toBe(words)
  })

  it('is told with the status that it led to', () => {
    const statuses: Status[] = ['PENDING', 'UNKNOWN_ERROR']
    const told = [tracking(), unsettled()].map((order) => noted(order, look('x'), at(70)).history[0]?.status)
    expect(told).toEqual(statuses)
  })
})
