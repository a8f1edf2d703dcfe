/** The event `reconciliation.completed`: what a merchant is told when his day was compared. Pure. */
import type { FeedEvent } from '../merchant/event-feed'
import { RECONCILIATION_EVENT } from '../order/state'
import type { Report } from './report'
import { reportView } from './report-view'

/** One a day. Those of every quarter of an hour would be noise, and who asked for one asks for its end. */
export function isToldOf({ trigger, state }: Pick<Report, 'trigger' | 'state'>): boolean {
  return trigger === 'daily' && state !== 'running'
}

/** The id follows from the report's, so an event that is told twice is one. Rendered once, like every event. */
export function renderReport(report: Report, now: number): FeedEvent {
  const data = { ...reportView(report), environment: report.environment }
  return {
    id: `evt_reconciliation_${report.id}`,
    type: RECONCILIATION_EVENT,
    ref: null,
    stateVersion: null,
    createdAt: now,
    body: JSON.stringify({ type: RECONCILIATION_EVENT, timestamp: new Date(now).toISOString(), data }),
  }
}
