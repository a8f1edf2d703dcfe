import { describe, expect, it } from 'vitest'
import { type AccountState, differenceDzd, troublesOf } from '../../../src/console/account-troubles'
import type { WalletState } from '../../../src/provider/view'
import { walletView } from '../../../src/provider/view'
import { EMPTY_TALLY, type Report } from '../../../src/reconcile/report'

const NOW = Date.UTC(2026, 10, 25, 12)
const MINUTE_MS = 60_000
const BUDGET = { limitPerMinute: 120, ratePerMinute: 120, tokens: 4, pausedUntil: null, total: 9 }

const WELL: WalletState = {
  pace: {
    reads: BUDGET,
    sends: { ...BUDGET, waiting: 0 },
    breaker: { state: 'closed', since: NOW, reason: null, nextProbeAt: null },
  },
  money: { balance: { dzd: 5_000, at: NOW }, hoursLeft: 10, statementReadAt: NOW - MINUTE_MS },
  watched: 0,
  settings: { readsPerMinute: null, sendsPerMinute: null, lowBalance: { dzd: null, hours: null } },
  drift: [],
}

const report = (differenceCentimes: number | null, endedAt: number | null = NOW): Report => ({
  ...EMPTY_TALLY,
  ...{ id: 'rec_1', environment: 'production', trigger: 'recent', state: 'complete', reasons: [] },
  ...{ from: NOW - 1, to: NOW, startedAt: NOW, reachedAt: NOW, pagesRead: 1, endedAt },
  balance:
    differenceCentimes === null
      ? null
      : { openingCentimes: 0, closingCentimes: differenceCentimes, movedCentimes: 0, differenceCentimes },
})

function state(wallet: Partial<WalletState> = {}, more: Partial<AccountState> = {}): AccountState {
  const view = walletView('operator', { ...WELL, ...wallet })
  return { view, lastSendAt: NOW - MINUTE_MS, reports: [report(0)], openFindings: 0, ...more }
}
const named = (each: AccountState) => troublesOf(each, NOW).map(([trouble]) => trouble)

describe('an account that is well', () => {
  it('has no trouble', () => expect(named(state())).toEqual([]))
})

describe('what the operator is told', () => {
  const { pace, money, settings } = WELL
  it.each<[string, Partial<WalletState>]>([
    ['breaker_open', { pace: { ...pace, breaker: { ...pace.breaker, state: 'open' } } }],
    ['breaker_half_open', { pace: { ...pace, breaker: { ...pace.breaker, state: 'half_open' } } }],
    ['paused', { pace: { ...pace, reads: { ...BUDGET, pausedUntil: NOW + 1 } } }],
    ['slowed', { pace: { ...pace, sends: { ...BUDGET, ratePerMinute: 60, waiting: 0 } } }],
    ['waiting', { pace: { ...pace, sends: { ...BUDGET, waiting: 1 } } }],
    ['low', { settings: { ...settings, lowBalance: { dzd: 5_001, hours: null } } }],
    ['low', { settings: { ...settings, lowBalance: { dzd: null, hours: 11 } } }],
    ['blind', { money: { ...money, statementReadAt: NOW - 6 * MINUTE_MS } }],
    ['drift', { drift: [{ kind: 'k', firstAt: 0, lastAt: NOW - MINUTE_MS, count: 1, sample: '' }] }],
  ])('%s', (trouble, wallet) => expect(named(state(wallet))).toEqual([trouble]))

  it('of the books: findings, and money that the last comparison cannot explain, which comes first', () => {
    expect(named(state({}, { openFindings: 1, reports: [report(-98_000)] }))).toEqual([
      'difference',
      'findings',
    ])
  })

  it('not of a statement that nobody needs to read: long after the last send, and in a sandbox', () => {
    const unread = { money: { ...money, statementReadAt: null } }
    expect(named(state(unread, { lastSendAt: null }))).toEqual([])
    expect(named(state(unread, { lastSendAt: NOW - 7 * 60 * MINUTE_MS }))).toEqual([])
    expect(named(state(unread, { lastSendAt: NOW - 10 * MINUTE_MS }))).toEqual(['blind'])
    const view = walletView('sandbox:m1', { ...WELL, ...unread })
    expect(named({ ...state(), view, lastSendAt: NOW - 10 * MINUTE_MS })).toEqual([])
  })

  it('not of what the provider changed days ago', () => {
    const drift = [{ kind: 'k', firstAt: 0, lastAt: NOW - 48 * 60 * MINUTE_MS, count: 1, sample: '' }]
    expect(named(state({ drift }))).toEqual([])
  })
})

describe('the difference', () => {
  it('is that of the newest comparison that is over and tells one', () => {
    expect(differenceDzd([report(500, null), report(null), report(-250), report(900)])).toBe(-2.5)
    expect(differenceDzd([])).toBeNull()
  })
})
