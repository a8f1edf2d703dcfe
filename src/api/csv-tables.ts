/** What the lists that can be had as CSV have in their columns. Pure. */
import type { OrderView } from '../merchant/order-row'
import type { FindingView } from '../reconcile/finding-view'
import type { ReportView } from '../reconcile/report-view'
import type { CsvRow } from './csv'

export const ORDER_COLUMNS = [
  'ref',
  '_id',
  'provider_id',
  'status',
  'phase',
  'final',
  'plan_code',
  'MSSIDN',
  'topup_amount',
  'balance_amount',
  'created_at',
  'updated_at',
  'settled_at',
  'refund_message',
] as const satisfies readonly (keyof OrderView)[]

export const REPORT_COLUMNS = [
  'id',
  'state',
  'trigger',
  'from',
  'to',
  'started_at',
  'ended_at',
  'upstream',
  'ours',
  'matched',
  'open',
  'healed',
  'adopted',
  'looked_up',
  'index_checked',
  'index_repaired',
  'findings',
  'charged_dzd',
  'refunded_dzd',
  'fulfilled_dzd',
  'opening_dzd',
  'closing_dzd',
  'moved_dzd',
  'difference_dzd',
  'reasons',
] as const

/** `findings` is how many there are of all kinds. */
export function reportRow(report: ReportView): CsvRow<(typeof REPORT_COLUMNS)[number]> {
  const { counts, balance, findings, reasons, ...facts } = report
  const found = Object.values(findings).reduce((sum, count) => sum + count, 0)
  return { ...facts, ...counts, ...balance, findings: found, reasons: reasons.join('; ') }
}

export const FINDING_COLUMNS = [
  'id',
  'kind',
  'state',
  'found_at',
  'ref',
  'upstream',
  'ours',
  'action',
  'closed_at',
  'closed_by',
  'note',
] as const satisfies readonly (keyof FindingView)[]

/** What both sides say differs from kind to kind: it stays JSON. */
export function findingRow(finding: FindingView): CsvRow<(typeof FINDING_COLUMNS)[number]> {
  const { upstream, ours, ...facts } = finding
  const text = (side: object | null) => (side === null ? null : JSON.stringify(side))
  return { ...facts, upstream: text(upstream), ours: text(ours) }
}
