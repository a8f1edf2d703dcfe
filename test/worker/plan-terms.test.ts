/** What the plans say of a send at the edge, when they are old, when they change, when there are none. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { termsFromPlans } from '../../src/api/plans'
import { type Answer, answering, env, failure, newWorld, success } from './world'

const NOON = Date.UTC(2026, 1, 1, 12)
const MINUTE_MS = 60_000

let count = 0
let wallet: string
let answer: Answer
let asked: ReturnType<typeof answering>

beforeEach(() => {
  newWorld()
  vi.setSystemTime(NOON)
  // However slow the machine is, the answer is waited for.
  vi.spyOn(scheduler, 'wait').mockReturnValue(new Promise(() => undefined))
  wallet = `terms-${++count}`
  answer = () => success(plans({ FIRST: 5_000 }))
  asked = answering('/v3/mobile/plans', (request) => answer(request))
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

/** Dynamic plans with their largest amounts. */
const plans = (largest: Record<string, number>) => ({
  dynamicPlans: Object.entries(largest).map(([code, max_amount]) => {
    return { code, operator: 'Mobilis', isEnabled: true, min_amount: 50, max_amount }
  }),
  fixedPlans: [],
})
const later = (minutes: number) => vi.setSystemTime(NOON + minutes * MINUTE_MS)
const termsOf = (planCode: string, amountDzd: number | null = 500) =>
  termsFromPlans(env, wallet, { planCode, msisdn: '0661234567', amountDzd })
const refused = async (planCode: string, amountDzd?: number) =>
  (await termsOf(planCode, amountDzd)).objection !== null

describe('before a send is refused, plans older than five minutes are read again', () => {
  it('and a plan that was added since lets it out', async () => {
    expect(await refused('FIRST')).toBe(false)
    answer = () => success(plans({ FIRST: 5_000, SECOND: 5_000 }))
    later(5)
    expect(await refused('SECOND')).toBe(false)
    expect(asked.tokens).toHaveLength(2)
  })

  it('and so does a largest amount that was raised', async () => {
    await termsOf('FIRST')
    answer = () => success(plans({ FIRST: 9_000 }))
    later(90)
    expect(await refused('FIRST', 9_000)).toBe(false)
    expect(await refused('FIRST', 9_001)).toBe(true)
    expect(asked.tokens).toHaveLength(2)
  })

  it('and one that is still not there is refused, by the plans of the moment', async () => {
    await termsOf('FIRST')
    later(5)
    expect((await termsOf('SECOND')).objection).toMatchObject({ httpStatus: 400, code: 'ERR_VALIDATION' })
    expect(asked.tokens).toHaveLength(2)
    later(9)
    expect(await refused('SECOND')).toBe(true)
    expect(asked.tokens).toHaveLength(2)
  })

  it.each<[string, Answer]>([
    ['cannot be read', () => failure(503, 'SERVICE_UNAVAILABLE')],
    ['are empty', () => success(plans({}))],
    ['are none', () => success('maintenance')],
  ])('and when they %s the provider alone judges, asked once a minute', async (_, failing) => {
    await termsOf('FIRST')
    answer = failing
    for (const minutes of [5, 5.5, 5.9]) {
      later(minutes)
      expect(await refused('SECOND')).toBe(false)
    }
    expect(asked.tokens).toHaveLength(2)
    // What is known is still of use where it refuses nothing.
    expect((await termsOf('FIRST')).warnings).toEqual([])
    answer = () => success(plans({ FIRST: 5_000 }))
    later(7)
    expect(await refused('SECOND')).toBe(true)
  })

  it('and not for a send that nothing speaks against', async () => {
    await termsOf('FIRST')
    for (const minutes of [5, 60, 359]) {
      later(minutes)
      expect(await refused('FIRST')).toBe(false)
    }
    expect(asked.tokens).toHaveLength(1)
  })

  it('and plans of the last five minutes refuse without a question', async () => {
    await termsOf('FIRST')
    later(4.9)
    expect(await refused('SECOND')).toBe(true)
    expect(asked.tokens).toHaveLength(1)
  })
})

describe('without plans', () => {
  it.each<[string, Answer]>([
    ['an empty list', () => success(plans({}))],
    ['something else', () => success({ plans: 'see our site' })],
    ['an error', () => failure(500, 'INTERNAL_ERROR')],
  ])('no send is refused: the provider gave %s', async (_, given) => {
    answer = given
    expect(await termsOf('ANY', 1)).toEqual({ objection: null, warnings: [], valueDzd: null })
    expect(await termsOf('ANY', null)).toEqual({ objection: null, warnings: [], valueDzd: null })
  })

  it('a question about offers is known to cost nothing', async () => {
    answer = () => failure(500, 'INTERNAL_ERROR')
    expect(await termsOf('GETMENU_Mobilis', null)).toMatchObject({ valueDzd: 0 })
  })
})
