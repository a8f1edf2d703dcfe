/** `/admin/wallets/{id}`: whole provider accounts compared with all orders on them, and what no merchant can be told of. */
import { type Context, Hono } from 'hono'
import type * as z from 'zod'
import { reconcilerByName } from '../env'
import type { ListedFinding } from '../merchant/findings'
import { sandboxAccount } from '../order/name'
import type { Environment } from '../order/state'
import { findingView } from '../reconcile/finding-view'
import type { Report } from '../reconcile/report'
import { reportView } from '../reconcile/report-view'
import { type Caller, withAdminToken } from './auth'
import { closeFindingBody, findingsQuery, reconciliationBody, walletReconciliationsQuery } from './contract'
import { success } from './envelope'
import { noFinding } from './findings'
import { noReport, running, windowOf } from './reconciliation-request'
import { readBody, readQuery } from './validation'
import { mustFindWallet } from './wallets'

export const walletReconciliations = new Hono<Caller>()

walletReconciliations.post('/wallets/:id/reconciliations', withAdminToken, async (c) => {
  const body = await readBody(c, reconciliationBody)
  const report = await reconcileAccount(await accountOf(c), body)
  return success(c, JSON.stringify(reportView(report)), 202)
})

export async function reconcileAccount(
  { reconciler, environment }: Account,
  body: z.output<typeof reconciliationBody>,
): Promise<Report> {
  const window = windowOf(body, Date.now())
  const started = await reconciler.start({
    merchantId: null,
    environment,
    ...window,
    checkIndex: body.index,
  })
  if (started.kind === 'busy') throw running(started.id)
  return started.report
}

/** Newest first. */
walletReconciliations.get('/wallets/:id/reconciliations', withAdminToken, async (c) => {
  const { cursor = null, limit } = readQuery(c, walletReconciliationsQuery)
  const { reconciler } = await accountOf(c)
  const { items, next } = await reconciler.reports(limit, cursor)
  return success(c, JSON.stringify({ items: items.map(reportView), next_cursor: next }))
})

/** Also one that a merchant asked for: his 409 names it. */
walletReconciliations.get('/wallets/:id/reconciliations/:report', withAdminToken, async (c) => {
  const { reconciler } = await accountOf(c)
  const id = c.req.param('report')
  const report = await reconciler.report(id)
  if (report === null) throw noReport(id)
  return success(c, JSON.stringify(reportView(report)))
})

/** Newest first. */
walletReconciliations.get('/wallets/:id/findings', withAdminToken, async (c) => {
  const { state = null, kind = null, cursor = null, limit } = readQuery(c, findingsQuery)
  const { reconciler, environment } = await accountOf(c)
  const { items, next } = await reconciler.findings({ environment, state, kind, limit, before: cursor })
  return success(c, JSON.stringify({ items: items.map(findingView), next_cursor: next }))
})

walletReconciliations.patch('/wallets/:id/findings/:finding', withAdminToken, async (c) => {
  const { note } = await readBody(c, closeFindingBody)
  const closed = await closeAccountFinding(await accountOf(c), c.req.param('finding'), note)
  return success(c, JSON.stringify(findingView(closed)))
})

export async function closeAccountFinding(
  { reconciler, environment }: Account,
  id: string,
  note: string,
): Promise<ListedFinding> {
  const closed = await reconciler.closeFinding(environment, id, { note, by: 'operator', at: Date.now() })
  if (closed === null) throw noFinding(id)
  return closed
}

type Account = Awaited<ReturnType<typeof accountOf>>

export async function accountOf(c: Context<Caller>, asked = c.req.param('id') ?? '') {
  const { id, wallet } = await mustFindWallet(c, asked)
  const environment: Environment = sandboxAccount(id) === null ? 'production' : 'sandbox'
  return { wallet, reconciler: reconcilerByName(c.env, id), environment }
}
