import { expect, test } from 'vitest'
import type { Round } from '../../../bench/closed-loop.mjs'
import { at } from '../../../bench/figures.mjs'
import { ratio, row } from '../../../bench/rounds.mjs'
import { columns, routesTable } from '../../../bench/table.mjs'

const COMPARISON = { ours: 'status', limit: 'hello', target: 0.8 }

function round(answers: number, more: Partial<Round> = {}): Round {
  return { seconds: 1, latenciesMs: Array<number>(answers).fill(2), errors: [], cpuMs: 100, ...more }
}

test('a share of the values is taken from them in order, and of none there is no figure', () => {
  expect(at([3, 1, 2], 0.5)).toBe(2)
  expect(at([10, 1], 0.99)).toBe(10)
  expect(at([], 0.5)).toBeNaN()
})

test('a row has the median round, all latencies, and what the server needed for an answer', () => {
  const rounds = [round(100), round(10, { latenciesMs: [1, 9], errors: ['/path: 500'] }), round(300)]
  const { perSecond, p99Ms, cpuMicroseconds, errors, firstError } = row('status', rounds)
  expect({ perSecond, p99Ms, errors, firstError }).toEqual({
    perSecond: 100,
    p99Ms: 2,
    errors: 1,
    firstError: '/path: 500',
  })
  expect(cpuMicroseconds).toBeCloseTo(300_000 / 402)
})

test('a round is held against the round beside it, so that what slows both changes no ratio', () => {
  const rounds = new Map([
    ['hello', [round(100), round(10), round(50)]],
    ['status', [round(90), round(9), round(25)]],
  ])
  expect(ratio(COMPARISON, rounds)).toMatchObject({ ratio: 0.9, lowest: 0.5, highest: 0.9 })
})

test('where the system does not tell processor time, nothing is said of it', () => {
  const rounds = new Map([
    ['hello', [round(100, { cpuMs: null })]],
    ['status', [round(80)]],
  ])
  expect(row('hello', rounds.get('hello') ?? []).cpuMicroseconds).toBeNull()
  expect(ratio(COMPARISON, rounds).cpuRatio).toBeNull()
})

test('a target that is missed says so beside its ratio', () => {
  const rounds = new Map([
    ['hello', [round(100)]],
    ['status', [round(79)]],
  ])
  const rows = Array.from(rounds, ([name, all]) => row(name, all))
  const [head = '', hello = '', status = ''] = routesTable(rows, [ratio(COMPARISON, rounds)]).split('\n')
  expect(status).toMatch(/^status +79 .* hello +0\.79 .* not met, 0\.8$/)
  expect(hello).not.toContain('met')
  expect(status.indexOf('0.79') + 4).toBe(head.indexOf('ratio') + 5)
})

test('columns are as wide as their widest cell', () => {
  expect(
    columns([
      ['', 'long head'],
      ['name', '1'],
      ['n', '22'],
    ]),
  ).toBe('      long head\nname          1\nn            22')
})
