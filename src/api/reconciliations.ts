/** `/v1/reconciliations`: the merchant's orders compared with what the provider shows, and what came of it. */
import { type Context, Hono } from 'hono'
import type * as z from 'zod'
import { bookOf, type Env, reconcilerByName } from '../env'
import { OPERATOR_WALLET } from '../order/name'
import { logError } from '../platform/log'
import { walletOf } from '../provider/account'
import type { Report } from '../reconcile/report'
import { reportView } from '../reconcile/report-view'
import { type Caller, withKey } from './auth'
import { reconciliationBody, reconciliationsQuery } from './contract'
import { byAccept, csvResponse, wantsCsv } from './csv'
import { REPORT_COLUMNS, reportRow } from './csv-tables'
import { success } from './envelope'
import { noReport, running, windowOf } from './reconciliation-request'
import { readBody, readQuery } from './validation'

export const reconciliations = new Hono<Caller>()

/** Rows of a CSV that are fetched at once. */
const CSV_PAGE = 500

/** Of the window, on the account that his sends go through now. 409 while one that he asked for is under way. */
reconciliations.post('/reconciliations', withKey('READ-WRITE'), async (c) => {
  const report = await startReconciliation(c, await readBody(c, reconciliationBody))
  return success(c, JSON.stringify(reportView(report)), 202)
})

export async function startReconciliation(
  c: Context<Caller>,
  body: z.output<typeof reconciliationBody>,
): Promise<Report> {
  const key = c.get('key')
  const { merchantId, environment } = key
  const wanted = { merchantId, environment, ...windowOf(body, Date.now()), checkIndex: body.index }
  const { wallet } = await walletOf(c.env, key)
  const reconciler = reconcilerByName(c.env, wallet)
  const started = await reconciler.start(wanted)
  const id = started.kind === 'busy' ? started.id : started.report.id
  const report = started.kind === 'busy' ? await reconciler.report(id) : started.report
  // Of one that was begun by a call which ended here, the book may not know yet.
  if (report !== null) await bookOf(c.env, merchantId).reported(asShared(report, wallet))
  if (started.kind === 'busy') throw running(id)
  return asShared(started.report, wallet)
}

/** Newest first, of 90 days. With `Accept: text/csv`, all of them in one stream, whatever `limit` says. */
reconciliations.get('/reconciliations', withKey('READ-ONLY'), async (c) => {
  const { state = null, cursor = null, limit } = readQuery(c, reconciliationsQuery)
  const { merchantId, environment } = c.get('key')
  const book = bookOf(c.env, merchantId)
  if (wantsCsv(c)) {
    return csvResponse(c, 'reconciliations', REPORT_COLUMNS, cursor, async (before) => {
      const { items, next } = await book.reports(environment, { state, limit: CSV_PAGE, before })
      return { items: items.map((report) => reportRow(reportView(report))), next }
    })
  }
  const { items, next } = await book.reports(environment, { state, limit, before: cursor })
  return byAccept(success(c, JSON.stringify({ items: items.map(reportView), next_cursor: next })))
})

/** While it runs, as far as it is at this moment. */
reconciliations.get('/reconciliations/:id', withKey('READ-ONLY'), async (c) => {
  const key = c.get('key')
  const id = c.req.param('id')
  const kept = await bookOf(c.env, key.merchantId).report(key.environment, id)
  if (kept === null) throw noReport(id)
  const { wallet } = await walletOf(c.env, key)
  const live = kept.state === 'running' ? await liveReport(c.env, wallet, id) : null
  return success(c, JSON.stringify(reportView(live === null ? kept : asShared(live, wallet))))
})

/** Null also when it cannot be asked: what the book has is an answer too. */
async function liveReport(env: Env, wallet: string, id: string): Promise<Report | null> {
  try {
    return await reconcilerByName(env, wallet).report(id)
  } catch (error) {
    logError('reconciliation.progress', error, { report: id })
    return null
  }
}

/** The balance of an account that merchants share is made of what others did too. */
function asShared(report: Report, wallet: string): Report {
  return wallet === OPERATOR_WALLET ? { ...report, balance: null } : report
}
