/** The Durable Object of the reconciliations of one provider account: what may be asked of it. */
import { DurableObject } from 'cloudflare:workers'
import type { Env } from '../env'
import {
  type Closed,
  type Closing,
  type FindingFilter,
  type FindingPage,
  Findings,
} from '../merchant/findings'
import { type ReportPage, Reports } from '../merchant/reports'
import type { Environment } from '../order/state'
import type { Started, Wanted } from './reconciler-calls'
import { EMPTY_TALLY, type Report } from './report'

export class Reconciler extends DurableObject<Env> {
  start({ environment, from, to, merchantId }: Wanted): Started {
    const asker = `running:${merchantId}`
    const known = this.ctx.storage.kv.get<Report>(asker)
    if (known !== undefined) return { kind: 'busy', id: known.id }
    const [id, now] = [`rec_${crypto.randomUUID().replaceAll('-', '').slice(0, 16)}`, Date.now()]
    const begun = { id, environment, trigger: 'demand', state: 'running', from, to, startedAt: now } as const
    const rest = { endedAt: null, reachedAt: from, pagesRead: 0, reasons: [], balance: null }
    const report: Report = { ...begun, ...rest, ...EMPTY_TALLY }
    this.ctx.storage.kv.put(asker, report)
    this.ctx.storage.kv.put(`report:${id}`, report)
    if (merchantId === null) new Reports(this.ctx.storage.sql).keep(report)
    return { kind: 'started', report }
  }

  report(id: string): Report | null {
    return this.ctx.storage.kv.get<Report>(`report:${id}`) ?? null
  }

  reports(limit: number, before: string | null): ReportPage {
    return new Reports(this.ctx.storage.sql).list('production', { state: null, limit, before })
  }

  findings(filter: FindingFilter): FindingPage {
    return new Findings(this.ctx.storage).list(filter)
  }

  closeFinding(environment: Environment, id: string, closing: Closing): Closed {
    return new Findings(this.ctx.storage).close(environment, id, closing)
  }
}
