/** Reconciliations: what was compared, what came of it, and the wish for another one. */
import { Hono } from 'hono'
import type * as z from 'zod'
import type { Caller } from '../api/auth'
import { reconciliationBody, reconciliationsQuery } from '../api/contract'
import { startReconciliation } from '../api/reconciliations'
import { parse, readForm } from '../api/validation'
import { bookOf } from '../env'
import { algerianDay } from '../merchant/limits'
import { count, dinars, percent } from '../pages/format'
import { type ReportView, reportView } from '../reconcile/report-view'
import { Code, Facts, Field, More, Tag, Time } from './parts'
import { type Reader, readerOf, withQuery } from './reader'
import { seeOther, withSession } from './session'
import { show } from './shell'
import { word } from './texts'

export const reportPages = new Hono<Caller>()

const SHOWN = 20
const DAY_MS = 24 * 3_600_000
export const windowForm = reconciliationBody.pick({ from: true, to: true })

reportPages.get('/reports', withSession('READ-ONLY'), async (c) => {
  const reader = await readerOf(c)
  const { cursor } = c.req.query()
  const query = parse('querystring', { ...(cursor && { cursor }), limit: SHOWN }, reconciliationsQuery)
  const { merchantId, environment } = c.get('key')
  const filter = { state: null, limit: SHOWN, before: query.cursor ?? null }
  const { items, next } = await bookOf(c.env, merchantId).reports(environment, filter)
  const { texts } = reader
  return show(reader, {
    title: texts.nav.reports,
    current: 'reports',
    children: (
      <>
        <h1>{texts.nav.reports}</h1>
        <p class="soft">{texts.reports.about}</p>
        {reader.mayAct && <Start reader={reader} />}
        {items.length === 0 && <p class="card soft">{texts.reports.none}</p>}
        {items.map(reportView).map((report) => (
          <Report reader={reader} report={report} findingsAt="/console/findings" />
        ))}
        <More
          href={next === null ? null : withQuery(new URL(c.req.url), { cursor: next })}
          label={texts.orders.more}
        />
      </>
    ),
  })
})

reportPages.post('/reports', withSession('READ-WRITE'), async (c) => {
  await startReconciliation(c, daysOf(await readForm(c, windowForm)))
  return seeOther('/console/reports?done=started')
})

/** Both days are Algerian, and both are compared. */
export function daysOf({ from, to }: z.output<typeof windowForm>): z.output<typeof reconciliationBody> {
  const end = Date.parse(`${to.slice(0, 10)}T00:00:00+01:00`) + DAY_MS
  return {
    from: `${from.slice(0, 10)}T00:00:00+01:00`,
    to: new Date(end).toISOString(),
    index: 'sample',
  }
}

export function Start({
  reader: { texts, now, root },
  wallet,
}: {
  readonly reader: Reader
  wallet?: string
}) {
  const today = algerianDay(now)
  return (
    <form class="card search" method="post" action={`${root}/reports`}>
      {wallet !== undefined && <input type="hidden" name="wallet" value={wallet} />}
      <Field label={texts.orders.from}>
        <input type="date" name="from" required max={today} value={algerianDay(now - DAY_MS)} />
      </Field>
      <Field label={texts.orders.to}>
        <input type="date" name="to" required max={today} value={today} />
      </Field>
      <button type="submit" class="main">
        {texts.reports.start}
      </button>
    </form>
  )
}

const TONES = { running: 'wait', complete: 'good', incomplete: 'doubt' } as const

interface ReportProps {
  readonly reader: Reader
  readonly report: ReportView
  /** Where what it found is listed. */
  readonly findingsAt: string
}

export function Report({ reader, report, findingsAt }: ReportProps) {
  const { texts, language } = reader
  const words = texts.reports
  const { counts, balance, findings, state } = report
  const found = Object.values(findings).reduce((sum, each) => sum + each, 0)
  return (
    <section class="card">
      <h2>
        <Time reader={reader} at={report.from} /> – <Time reader={reader} at={report.to} />
      </h2>
      <p>
        <Tag tone={TONES[state]}>{words[state]}</Tag>{' '}
        {state === 'running' && <span>{percent(report.progress, language)} </span>}
        <span class="soft">{word(words.triggers, report.trigger)}</span>
      </p>
      <Facts
        facts={[
          [words.ours, count(counts.ours ?? 0, language)],
          [words.upstream, count(counts.upstream ?? 0, language)],
          [words.matched, count(counts.matched ?? 0, language)],
          [words.healed, count(counts.healed ?? 0, language)],
          [words.found, found === 0 ? '0' : <a href={findingsAt}>{count(found, language)}</a>],
          [words.delivered, dinars(report.fulfilled_dzd, language)],
          ...(balance === null
            ? []
            : [[words.difference, dinars(balance.difference_dzd, language)] as const]),
        ]}
      />
      {report.reasons.map((reason) => (
        <p class="soft">
          <Code>{reason}</Code>
        </p>
      ))}
    </section>
  )
}
