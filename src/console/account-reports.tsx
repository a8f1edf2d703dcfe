/** Whole provider accounts compared with all orders on them, and the wish for another comparison. */
import { Hono } from 'hono'
import type { Caller } from '../api/auth'
import { walletReconciliationsQuery } from '../api/contract'
import { parse, readForm } from '../api/validation'
import { accountOf, reconcileAccount } from '../api/wallet-reconciliations'
import { reportView } from '../reconcile/report-view'
import { AccountLink } from './account-cards'
import { accountQuery } from './accounts'
import { More } from './parts'
import { readerOf, withQuery } from './reader'
import { daysOf, Report, Start, windowForm } from './reports'
import { seeOther } from './session'
import { show } from './shell'

export const accountReportPages = new Hono<Caller>()

const SHOWN = 20
const startForm = windowForm.extend(accountQuery.shape)

accountReportPages.get('/reports', async (c) => {
  const { cursor } = c.req.query()
  const asked = { ...(cursor && { cursor }), limit: SHOWN }
  const query = parse('querystring', asked, walletReconciliationsQuery)
  const { wallet } = parse('querystring', c.req.query(), accountQuery)
  const { reconciler } = await accountOf(c, wallet)
  const { items, next } = await reconciler.reports(SHOWN, query.cursor ?? null)
  const reader = await readerOf(c)
  const { texts } = reader
  const findingsAt = `/console/admin/findings?${new URLSearchParams({ wallet })}`
  return show(reader, {
    title: texts.nav.reports,
    current: 'reports',
    children: (
      <>
        <AccountLink reader={reader} wallet={wallet} />
        <h1>{texts.nav.reports}</h1>
        <p class="soft">{texts.operator.reportsAbout}</p>
        <Start reader={reader} wallet={wallet} />
        {items.length === 0 && <p class="card soft">{texts.reports.none}</p>}
        {items.map(reportView).map((report) => (
          <Report reader={reader} report={report} findingsAt={findingsAt} />
        ))}
        <More
          href={next === null ? null : withQuery(new URL(c.req.url), { cursor: next })}
          label={texts.orders.more}
        />
      </>
    ),
  })
})

accountReportPages.post('/reports', async (c) => {
  const { wallet, ...days } = await readForm(c, startForm)
  await reconcileAccount(await accountOf(c, wallet), daysOf(days))
  return seeOther(`/console/admin/reports?${new URLSearchParams({ wallet, done: 'started' })}`)
})
