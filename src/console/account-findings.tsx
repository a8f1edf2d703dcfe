/** What does not add up in a provider account and is no merchant's; closed with a note. */
import { Hono } from 'hono'
import * as z from 'zod'
import type { Caller } from '../api/auth'
import { findingsQuery } from '../api/contract'
import { noFinding } from '../api/findings'
import { parse, readForm } from '../api/validation'
import { accountOf, closeAccountFinding } from '../api/wallet-reconciliations'
import { findingView } from '../reconcile/finding-view'
import { AccountLink } from './account-cards'
import { accountQuery } from './accounts'
import { FindingList, noteForm, OneFinding } from './findings'
import { More } from './parts'
import { readerOf, withQuery } from './reader'
import { seeOther } from './session'
import { show } from './shell'
import { word } from './texts'

export const accountFindingPages = new Hono<Caller>()

const SHOWN = 25
const oneQuery = accountQuery.extend({ id: z.string().default('') })
const closingForm = noteForm.extend(accountQuery.shape)

accountFindingPages.get('/findings', async (c) => {
  const { state = 'open', cursor } = c.req.query()
  const asked = { state, ...(cursor && { cursor }), limit: SHOWN }
  const query = parse('querystring', asked, findingsQuery)
  const { wallet } = parse('querystring', c.req.query(), accountQuery)
  const { reconciler, environment } = await accountOf(c, wallet)
  const filter = { environment, state, kind: null, limit: SHOWN, before: query.cursor ?? null }
  const { items, next } = await reconciler.findings(filter)
  const reader = await readerOf(c)
  const { texts } = reader
  return show(reader, {
    title: texts.nav.findings,
    current: 'findings',
    children: (
      <>
        <AccountLink reader={reader} wallet={wallet} />
        <FindingList
          reader={reader}
          findings={items.map(findingView)}
          state={query.state}
          about={texts.operator.findingsAbout}
          query={{ wallet }}
        />
        <More
          href={next === null ? null : withQuery(new URL(c.req.url), { cursor: next })}
          label={texts.orders.more}
        />
      </>
    ),
  })
})

accountFindingPages.get('/finding', async (c) => {
  const { wallet, id } = parse('querystring', c.req.query(), oneQuery)
  const { reconciler, environment } = await accountOf(c, wallet)
  const found = await reconciler.finding(environment, id)
  if (found === null) throw noFinding(id)
  const reader = await readerOf(c)
  const finding = findingView(found)
  return show(reader, {
    title: word(reader.texts.kinds, finding.kind),
    current: 'findings',
    children: <OneFinding reader={reader} finding={finding} query={{ wallet }} />,
  })
})

/** For ever: the form is on the finding's own page, and cannot be sent without a reason. */
accountFindingPages.post('/finding/close', async (c) => {
  const { wallet, id, note } = await readForm(c, closingForm)
  await closeAccountFinding(await accountOf(c, wallet), id, note)
  return seeOther(`/console/admin/finding?${new URLSearchParams({ wallet, id, done: 'closed' })}`)
})
