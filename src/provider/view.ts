/** A provider account as its operator sees it. Pure. */
import { inSnakeCase } from '../platform/snake-case'
import type { DriftEntry } from './drift/log'
import type { LowMark } from './funds'
import type { Incident } from './incidents'
import type { MoneyView } from './money'
import type { PaceView, Rates } from './pace'

export interface WalletState {
  readonly pace: PaceView
  readonly money: MoneyView
  /** Orders that wait for a result and are looked at. */
  readonly watched: number
  readonly settings: WalletSettings
  readonly drift: readonly DriftEntry[]
}

/** What the operator may set; null is the default, or not at all. */
export interface WalletSettings extends Rates {
  readonly lowBalance: LowMark
}

export const DEFAULT_SETTINGS: WalletSettings = {
  readsPerMinute: null,
  sendsPerMinute: null,
  lowBalance: { dzd: null, hours: null },
}

export function walletView(id: string, { pace, money, watched, settings, drift }: WalletState) {
  const { reads, sends, breaker } = pace
  return {
    id,
    settings: {
      reads_per_minute: settings.readsPerMinute,
      sends_per_minute: settings.sendsPerMinute,
      low_balance_dzd: settings.lowBalance.dzd,
      low_balance_hours: settings.lowBalance.hours,
    },
    watched_orders: watched,
    reads: budgetView(reads),
    sends: { ...budgetView(sends), waiting: sends.waiting },
    breaker: {
      state: breaker.state,
      since: iso(breaker.since),
      reason: breaker.reason,
      next_probe_at: iso(breaker.nextProbeAt),
    },
    balance: {
      dzd: money.balance?.dzd ?? null,
      at: iso(money.balance?.at ?? null),
      hours_left: money.hoursLeft === null ? null : Math.round(money.hoursLeft * 10) / 10,
      statement_read_at: iso(money.statementReadAt),
    },
    drift: drift.map(({ kind, firstAt, lastAt, count, sample }) => ({
      kind,
      first_at: iso(firstAt),
      last_at: iso(lastAt),
      count,
      sample,
    })),
  }
}

export function incidentView({ id, kind, at, facts }: Incident) {
  return { id, kind, at: iso(at), facts: inSnakeCase(facts) }
}

function budgetView({ limitPerMinute, ratePerMinute, tokens, pausedUntil, total }: PaceView['reads']) {
  return {
    limit_per_minute: limitPerMinute,
    rate_per_minute: ratePerMinute,
    left: tokens,
    paused_until: iso(pausedUntil),
    total,
  }
}

function iso(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString()
}
