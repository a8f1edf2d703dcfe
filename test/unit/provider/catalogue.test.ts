import { describe, expect, it } from 'vitest'
import {
  faceValueDzd,
  isFresh,
  objection,
  prefixWarning,
  readCatalogue,
  SURE_MS,
  shouldAsk,
} from '../../../src/provider/catalogue'

const NOW = Date.UTC(2026, 1, 1, 12)
const HOUR_MS = 3_600_000

const dynamic = (code: string, more: Record<string, unknown> = {}) => ({
  code,
  name: '📱',
  operator: 'Mobilis',
  isEnabled: true,
  cost: 0.96,
  min_amount: 50,
  max_amount: 5_000,
  ...more,
})
const fixed = (code: string, more: Record<string, unknown> = {}) => ({
  code,
  name: 'Pixx',
  operator: 'Pixx',
  isEnabled: true,
  cost: 0.98,
  amount: 1_200,
  ...more,
})
const PLANS = {
  dynamicPlans: [
    dynamic('PREPAID_MOBILIS'),
    dynamic('PREPAID_DJEZZY', { operator: 'Djezzy' }),
    dynamic('PREPAID_OOREDOO', { operator: 'Ooredoo' }),
    dynamic('PREPAID_OFF', { isEnabled: false }),
    dynamic('GETMENU_Mobilis'),
    dynamic('GETMENU_Djezzy', { operator: 'Djezzy', isEnabled: false }),
    dynamic('ROAMING', { operator: 'Nobody' }),
  ],
  fixedPlans: [
    fixed('PIXX_1200'),
    fixed('MIX_2000', { operator: 'GMobilis', amount: 2_000 }),
    fixed('PIXX_OFF', { isEnabled: false }),
  ],
}

function catalogue(plans: unknown = PLANS) {
  const read = readCatalogue(JSON.stringify(plans))
  if (read === null) throw new Error('these plans can be read')
  return read
}
const wrong = (planCode: string, amountDzd: number | null) => objection(catalogue(), { planCode, amountDzd })
const face = (planCode: string, amountDzd: number | null) =>
  faceValueDzd(catalogue().get(planCode), { planCode, amountDzd })
const hint = (planCode: string, msisdn: string) => prefixWarning(catalogue().get(planCode), planCode, msisdn)

describe('plans that were read', () => {
  it.each([
    [0, true],
    [6 * HOUR_MS - 1, true],
    [6 * HOUR_MS, false],
    [48 * HOUR_MS, false],
  ])('%d ms ago are fresh: %s', (age, fresh) => {
    expect(isFresh({ readAt: NOW - age, dataJson: '{}' }, NOW)).toBe(fresh)
  })

  it.each([
    [0, true],
    [5 * 60_000 - 1, true],
    [5 * 60_000, false],
  ])('%d ms ago are new enough to refuse a send: %s', (age, sure) => {
    expect(isFresh({ readAt: NOW - age, dataJson: '{}' }, NOW, SURE_MS)).toBe(sure)
  })

  it.each([
    [0, false],
    [59_999, false],
    [60_000, true],
  ])('are asked for again %d ms after the last question: %s', (age, ask) => {
    expect(shouldAsk(NOW - age, NOW)).toBe(ask)
  })
})

describe('a list of plans', () => {
  it('may have one plan only', () => {
    expect(catalogue({ dynamicPlans: [], fixedPlans: [fixed('P')] }).size).toBe(1)
  })

  it('may have plans that say less: without a word they are enabled, of no known network', () => {
    const plan = { code: 'BARE', min_amount: 1, max_amount: 2 }
    const bare = catalogue({ dynamicPlans: [plan], fixedPlans: [] }).get('BARE')
    expect(bare).toEqual({ kind: 'dynamic', minDzd: 1, maxDzd: 2, network: null, cost: null })
  })

  it.each([
    ['a list without a plan, which would refuse every send', { dynamicPlans: [], fixedPlans: [] }],
    ['null', null],
    ['a list', []],
    ['a text', 'plans'],
    ['an empty object', {}],
    ['no fixed plans', { dynamicPlans: [] }],
    ['no dynamic plans', { fixedPlans: [] }],
    ['plans that are none', { dynamicPlans: ['PREPAID'], fixedPlans: [] }],
    ['a plan without a code', { dynamicPlans: [{ min_amount: 1, max_amount: 2 }], fixedPlans: [] }],
    ['limits in words', { dynamicPlans: [dynamic('P', { max_amount: '5000' })], fixedPlans: [] }],
    ['a price that is missing', { dynamicPlans: [], fixedPlans: [fixed('P', { amount: null })] }],
  ])('is none: %s', (_, plans) => {
    expect(readCatalogue(JSON.stringify(plans))).toBeNull()
  })
})

describe('a send that the provider would refuse', () => {
  it.each<[string, string, number | null, string, string]>([
    [
      'an unknown plan',
      'NOPE',
      500,
      'plan_code',
      'body/plan_code must be equal to one of the allowed values',
    ],
    [
      'a code in other letters',
      'prepaid_mobilis',
      500,
      'plan_code',
      'body/plan_code must be equal to one of the allowed values',
    ],
    [
      'a plan switched off',
      'PREPAID_OFF',
      500,
      'plan_code',
      "body/plan_code: the plan 'PREPAID_OFF' is switched off",
    ],
    [
      'a fixed plan switched off',
      'PIXX_OFF',
      1_200,
      'plan_code',
      "body/plan_code: the plan 'PIXX_OFF' is switched off",
    ],
    ['no amount', 'PREPAID_MOBILIS', null, 'amount', "body must have required property 'amount'"],
    ['too little', 'PREPAID_MOBILIS', 49, 'amount', 'body/amount must be >= 50'],
    ['nothing', 'PREPAID_MOBILIS', 0, 'amount', 'body/amount must be >= 50'],
    ['too much', 'PREPAID_MOBILIS', 5_001, 'amount', 'body/amount must be <= 5000'],
    ['another price', 'PIXX_1200', 1_199, 'amount', 'body/amount must be equal to constant 1200'],
  ])('%s', (_, planCode, amountDzd, field, message) => {
    expect(wrong(planCode, amountDzd)).toEqual({ field, message })
  })
})

describe('a send that the provider would take', () => {
  it.each<[string, string, number | null]>([
    ['the least', 'PREPAID_MOBILIS', 50],
    ['the most', 'PREPAID_MOBILIS', 5_000],
    ['a fixed plan without an amount', 'PIXX_1200', null],
    ['a fixed plan with 0', 'PIXX_1200', 0],
    ['a fixed plan with its price', 'PIXX_1200', 1_200],
    ['GETMENU without an amount', 'GETMENU_Mobilis', null],
    ['GETMENU with any amount', 'GETMENU_Mobilis', 999_999],
    ['GETMENU that is switched off', 'GETMENU_Djezzy', null],
    ['GETMENU that is not listed', 'GETMENU_Ooredoo', 0],
    ['GETMENU in other letters', 'getmenu_mobilis', null],
  ])('%s', (_, planCode, amountDzd) => {
    expect(wrong(planCode, amountDzd)).toBeNull()
  })
})

describe('the face value', () => {
  it.each<[string, string, number | null, number | null]>([
    ['is the amount', 'PREPAID_MOBILIS', 500, 500],
    ["is the plan's price", 'PIXX_1200', null, 1_200],
    ["is the plan's price, whatever amount was sent", 'PIXX_1200', 50, 1_200],
    ["is the plan's price where 0 was sent", 'PIXX_1200', 0, 1_200],
    ['of GETMENU is nothing, whatever was sent', 'GETMENU_Mobilis', 500, 0],
    ['of GETMENU that is switched off is nothing', 'GETMENU_Djezzy', 500, 0],
    ['of GETMENU that is not listed is nothing', 'GETMENU_Ooredoo', null, 0],
    ['of GETMENU in other letters is nothing', 'getmenu_ooredoo', 500, 0],
    ['of a plan that nobody knows is not known: a fixed one ignores the amount', 'NOPE', 700, null],
    ['of a plan that nobody knows, without an amount, is not known', 'NOPE', null, null],
    ['of a plan switched off, without an amount, is not known', 'PIXX_OFF', 0, null],
  ])('%s', (_, planCode, amountDzd, value) => {
    expect(face(planCode, amountDzd)).toBe(value)
  })
})

it('the face value of GETMENU is nothing before any plans were read', () => {
  expect(faceValueDzd(undefined, { planCode: 'GETMENU_Mobilis', amountDzd: 500 })).toBe(0)
  expect(faceValueDzd(undefined, { planCode: 'PREPAID_MOBILIS', amountDzd: 500 })).toBeNull()
})

describe('a number of another network', () => {
  it.each([
    ['PREPAID_MOBILIS', '0551234567', 'Ooredoo', 'Mobilis'],
    ['PREPAID_MOBILIS', '0771234567', 'Djezzy', 'Mobilis'],
    ['PREPAID_DJEZZY', '0551234567', 'Ooredoo', 'Djezzy'],
    ['PREPAID_DJEZZY', '0661234567', 'Mobilis', 'Djezzy'],
    ['PREPAID_OOREDOO', '0661234567', 'Mobilis', 'Ooredoo'],
    ['PREPAID_OOREDOO', '0771234567', 'Djezzy', 'Ooredoo'],
    ['PIXX_1200', '0771234567', 'Djezzy', 'Mobilis'],
    ['MIX_2000', '0551234567', 'Ooredoo', 'Mobilis'],
    ['GETMENU_Mobilis', '0551234567', 'Ooredoo', 'Mobilis'],
  ])('%s for %s is warned of: that is usually %s, not %s', (planCode, msisdn, usual, network) => {
    const warning = hint(planCode, msisdn)
    expect(warning?.code).toBe('PREFIX_MISMATCH')
    expect(warning?.message).toContain(`${msisdn.slice(0, 2)} is usually ${usual}`)
    expect(warning?.message).toContain(`${planCode} is for ${network}`)
  })

  it.each([
    ['PREPAID_MOBILIS', '0661234567'],
    ['PREPAID_DJEZZY', '0771234567'],
    ['PREPAID_OOREDOO', '0551234567'],
    ['PIXX_1200', '0661234567'],
    ['MIX_2000', '0661234567'],
    ['ROAMING', '0551234567'], // of no network that we know
    ['PREPAID_OFF', '0551234567'],
    ['NOPE', '0551234567'],
  ])('%s for %s is nothing to warn of', (planCode, msisdn) => {
    expect(hint(planCode, msisdn)).toBeNull()
  })
})
