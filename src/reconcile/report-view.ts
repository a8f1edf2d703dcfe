/** A report as merchants and the operator are shown it. Pure. Amounts are DZD, times ISO 8601. */
import { inSnakeCase } from '../platform/snake-case'
import type { Balance, Report } from './report'

export function reportView(report: Report) {
  const { id, trigger, state, from, to, startedAt, endedAt, pagesRead, reasons, counts, findings } = report
  return {
    id,
    state,
    trigger,
    from: iso(from),
    to: iso(to),
    started_at: iso(startedAt),
    ended_at: endedAt === null ? null : iso(endedAt),
    progress: progressOf(report),
    pages_read: pagesRead,
    reasons,
    counts: inSnakeCase(counts),
    findings,
    charged_dzd: dzd(report.chargedCentimes),
    refunded_dzd: dzd(report.refundedCentimes),
    fulfilled_dzd: report.fulfilledDzd,
    balance: report.balance === null ? null : balanceView(report.balance),
  }
}

export type ReportView = ReturnType<typeof reportView>

/** 0 to 1, rounded down: 1 is the end and nothing before it. */
function progressOf({ from, to, reachedAt }: Report): number {
  const share = to > from ? (reachedAt - from) / (to - from) : 1
  return Math.floor(Math.min(1, Math.max(0, share)) * 100) / 100
}

function balanceView({ openingCentimes, closingCentimes, movedCentimes, differenceCentimes }: Balance) {
  return {
    opening_dzd: dzd(openingCentimes),
    closing_dzd: dzd(closingCentimes),
    moved_dzd: dzd(movedCentimes),
    difference_dzd: dzd(differenceCentimes),
  }
}

const dzd = (centimes: number): number => centimes / 100
const iso = (time: number): string => new Date(time).toISOString()
