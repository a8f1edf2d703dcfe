import { describe, expect, it } from 'vitest'
import { NO_LIMITS } from '../../../src/merchant/limits'
import {
  changedMerchant,
  type MerchantRecord,
  merchantView,
  newMerchant,
  summary,
  summaryView,
} from '../../../src/merchant/record'

const NOW = Date.UTC(2026, 1, 1)
const LATER = NOW + 60_000
const shop = (): MerchantRecord => newMerchant('mshop', 'A shop', NOW)
const disabled = () => changedMerchant(shop(), { state: 'disabled' }, LATER)

describe('a new merchant', () => {
  it("is active, without limits, on the operator's account", () => {
    expect(shop()).toEqual({
      id: 'mshop',
      name: 'A shop',
      createdAt: NOW,
      disabledAt: null,
      limits: NO_LIMITS,
      ownAccount: null,
    })
  })
})

describe('a change', () => {
  it('of nothing changes nothing', () => {
    expect(changedMerchant(shop(), {}, LATER)).toEqual(shop())
    expect(changedMerchant(disabled(), {}, LATER + 1)).toEqual(disabled())
  })

  it('of the name leaves the rest', () => {
    expect(changedMerchant(shop(), { name: 'Another' }, LATER)).toEqual({ ...shop(), name: 'Another' })
  })

  it('switches off, from then on', () => {
    expect(disabled()).toEqual({ ...shop(), disabledAt: LATER })
  })

  it('switching off again keeps the first time', () => {
    expect(changedMerchant(disabled(), { state: 'disabled' }, LATER + 1).disabledAt).toBe(LATER)
  })

  it('switches on again, also when he was on', () => {
    expect(changedMerchant(disabled(), { state: 'active' }, LATER + 1)).toEqual(shop())
    expect(changedMerchant(shop(), { state: 'active' }, LATER)).toEqual(shop())
  })

  it('of one limit leaves the others, and null switches it off', () => {
    const repeat = { minutes: 5, action: 'block' } as const
    const first = changedMerchant(shop(), { limits: { dailyAmountDzd: 9_000, repeat } }, LATER)
    expect(first.limits).toEqual({
      dailyAmountDzd: 9_000,
      largestAmountDzd: null,
      repeat,
      refusesDown: false,
    })
    const second = changedMerchant(first, { limits: { dailyAmountDzd: null, largestAmountDzd: 500 } }, LATER)
    expect(second.limits).toEqual({ dailyAmountDzd: null, largestAmountDzd: 500, repeat, refusesDown: false })
  })
})

describe('a merchant as the operator sees him', () => {
  it('in a list', () => {
    const created_at = '2026-02-01T00:00:00.000Z'
    expect(summaryView('mshop', summary(shop()))).toEqual({
      id: 'mshop',
      name: 'A shop',
      state: 'active',
      created_at,
    })
    expect(summaryView('mshop', summary(disabled())).state).toBe('disabled')
  })

  it('whole, with settings and wallet, and without the name of his account', () => {
    const repeat = { minutes: 5, action: 'warn' } as const
    const own: MerchantRecord = {
      ...shop(),
      limits: { dailyAmountDzd: 9_000, largestAmountDzd: null, repeat, refusesDown: false },
      ownAccount: 'f1n9e7p71n7',
    }
    expect(merchantView(own)).toMatchObject({
      id: 'mshop',
      settings: { daily_amount: 9_000, largest_amount: null, repeat },
      wallet: 'own',
    })
    expect(JSON.stringify(merchantView(own))).not.toContain('f1n9e7p71n7')
    expect(merchantView(shop()).wallet).toBe('operator')
  })
})
