/** What does not add up, with what both sides say; closed with a note. */
import { Hono } from 'hono'
import * as z from 'zod'
import type { Caller } from '../api/auth'
import { closeFindingBody, findingsQuery } from '../api/contract'
import { closeFinding, noFinding } from '../api/findings'
import { parse, readForm } from '../api/validation'
import { bookOf } from '../env'
import { FINDING_STATES } from '../reconcile/finding'
import { type FindingView, findingView } from '../reconcile/finding-view'
import { Code, Facts, More, Tag, Time } from './parts'
import { type Reader, readerOf, withQuery } from './reader'
import { seeOther, withSession } from './session'
import { show } from './shell'
import { word } from './texts'

export const findingPages = new Hono<Caller>()

const SHOWN = 25
const noteForm = z.object({ id: z.string().min(1), note: closeFindingBody.shape.note })

findingPages.get('/findings', withSession('READ-ONLY'), async (c) => {
  const reader = await readerOf(c)
  const { state, cursor } = c.req.query()
  const wanted = { state: state ?? 'open', ...(cursor === undefined ? {} : { cursor }), limit: SHOWN }
  const query = parse('querystring', wanted, findingsQuery)
  const { merchantId, environment } = c.get('key')
  const filter = { environment, state: query.state ?? null, kind: null, limit: SHOWN }
  const { items, next } = await bookOf(c.env, merchantId).findings({
    ...filter,
    before: query.cursor ?? null,
  })
  const { texts } = reader
  return show(reader, {
    title: texts.nav.findings,
    current: 'findings',
    children: (
      <>
        <div class="heading">
          <h1>{texts.nav.findings}</h1>
          <nav class="switch" aria-label={texts.orders.filters}>
            {FINDING_STATES.map((each) => (
              <a href={`?state=${each}`} {...(each === query.state ? { 'aria-current': 'true' } : {})}>
                {texts.findings[each]}
              </a>
            ))}
          </nav>
        </div>
        <p class="soft">{texts.findings.about}</p>
        {items.length === 0 && <p class="card soft">{texts.findings.none}</p>}
        {items.map(findingView).map((finding) => (
          <section class="card">
            <Summary reader={reader} finding={finding} />
            <p>
              <a href={`/console/finding?id=${encodeURIComponent(finding.id)}`}>{texts.findings.open_one}</a>
            </p>
          </section>
        ))}
        <More
          href={next === null ? null : withQuery(new URL(c.req.url), { cursor: next })}
          label={texts.orders.more}
        />
      </>
    ),
  })
})

findingPages.get('/finding', withSession('READ-ONLY'), async (c) => {
  const id = c.req.query('id') ?? ''
  const { merchantId, environment } = c.get('key')
  const found = await bookOf(c.env, merchantId).finding(environment, id)
  if (found === null) throw noFinding(id)
  const reader = await readerOf(c)
  const finding = findingView(found)
  const { texts } = reader
  return show(reader, {
    title: word(texts.kinds, finding.kind),
    current: 'findings',
    children: (
      <>
        <p class="back-link">
          <a href="/console/findings">{texts.findings.all}</a>
        </p>
        <section class="card">
          <Summary reader={reader} finding={finding} level="h1" />
        </section>
        <div class="columns">
          <Side reader={reader} title={texts.findings.upstream} side={finding.upstream} />
          <Side reader={reader} title={texts.findings.ours} side={finding.ours} />
        </div>
        <Closing reader={reader} finding={finding} />
      </>
    ),
  })
})

/** Closing is for ever: the form is on the finding's own page, and cannot be sent without a reason. */
findingPages.post('/finding/close', withSession('READ-WRITE'), async (c) => {
  const { id, note } = await readForm(c, noteForm)
  await closeFinding(c, id, note)
  return seeOther(`/console/finding?id=${encodeURIComponent(id)}&done=closed`)
})

interface FindingProps {
  readonly reader: Reader
  readonly finding: FindingView
}

function Summary({ reader, finding, level: Level = 'h2' }: FindingProps & { level?: 'h1' | 'h2' }) {
  const { texts } = reader
  return (
    <>
      <Level>{word(texts.kinds, finding.kind)}</Level>
      <p>
        <Tag tone={finding.state === 'open' ? 'doubt' : 'good'}>{texts.findings[finding.state]}</Tag>{' '}
        <Time reader={reader} at={finding.found_at} />{' '}
        {finding.ref !== null && (
          <a href={`/console/order?ref=${encodeURIComponent(finding.ref)}`}>
            <Code>{finding.ref}</Code>
          </a>
        )}
      </p>
      <p>{word(texts.actions, finding.kind)}</p>
    </>
  )
}

interface SideProps {
  readonly reader: Reader
  readonly title: string
  readonly side: FindingView['ours']
}

function Side({ reader, title, side }: SideProps) {
  const facts = Object.entries(side ?? {}).map(([name, value]) => {
    const isTime = value !== null && (name === 'at' || name.endsWith('_at'))
    const shown = isTime ? <Time reader={reader} at={value} exact /> : <Code>{value ?? '–'}</Code>
    return [word(reader.texts.sides, name), shown] as const
  })
  return (
    <section class="card">
      <h2>{title}</h2>
      {facts.length === 0 ? <p class="soft">–</p> : <Facts facts={facts} />}
    </section>
  )
}

function Closing({ reader, finding }: FindingProps) {
  const words = reader.texts.findings
  if (finding.closed_at !== null) {
    return (
      <section class="card">
        <h2>{words.closed}</h2>
        <p dir="auto">{finding.note}</p>
        <p class="soft">
          <Code>{finding.closed_by}</Code> · <Time reader={reader} at={finding.closed_at} />
        </p>
      </section>
    )
  }
  if (!reader.mayAct) return null
  return (
    <form class="card" method="post" action="/console/finding/close">
      <h2>{words.close}</h2>
      <p class="soft">{words.forEver}</p>
      <input type="hidden" name="id" value={finding.id} />
      <label>
        <span>{words.note}</span>
        <textarea name="note" required maxlength={1_000} rows={3} dir="auto" />
      </label>
      <button type="submit" class="danger">
        {words.close}
      </button>
    </form>
  )
}
