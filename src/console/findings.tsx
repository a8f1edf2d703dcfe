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
import { Code, Facts, More, Tag, Time, toldFacts } from './parts'
import { OPERATOR_ROOT, type Reader, readerOf, withQuery } from './reader'
import { seeOther, withSession } from './session'
import { show } from './shell'
import { word } from './texts'

export const findingPages = new Hono<Caller>()

const SHOWN = 25
export const noteForm = z.object({ id: z.string().min(1), note: closeFindingBody.shape.note })

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
        <FindingList
          reader={reader}
          findings={items.map(findingView)}
          state={query.state}
          about={texts.findings.about}
          query={{}}
        />
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
  return show(reader, {
    title: word(reader.texts.kinds, finding.kind),
    current: 'findings',
    children: <OneFinding reader={reader} finding={finding} query={{}} />,
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

/** What an address says besides: which account, on the operator's pages. */
interface Asked {
  readonly query: Readonly<Record<string, string>>
}

export function FindingList(
  props: Asked & {
    readonly reader: Reader
    readonly findings: readonly FindingView[]
    readonly state: string | undefined
    readonly about: string
  },
) {
  const { reader, findings, state, about, query } = props
  const { texts, root } = reader
  return (
    <>
      <div class="heading">
        <h1>{texts.nav.findings}</h1>
        <nav class="switch" aria-label={texts.orders.filters}>
          {FINDING_STATES.map((each) => (
            <a
              href={`?${new URLSearchParams({ ...query, state: each })}`}
              {...(each === state ? { 'aria-current': 'true' } : {})}
            >
              {texts.findings[each]}
            </a>
          ))}
        </nav>
      </div>
      <p class="soft">{about}</p>
      {findings.length === 0 && <p class="card soft">{texts.findings.none}</p>}
      {findings.map((finding) => (
        <section class="card">
          <Summary reader={reader} finding={finding} />
          <p>
            <a href={`${root}/finding?${new URLSearchParams({ ...query, id: finding.id })}`}>
              {texts.findings.open_one}
            </a>
          </p>
        </section>
      ))}
    </>
  )
}

export function OneFinding({ reader, finding, query }: FindingProps & Asked) {
  const { texts, root } = reader
  return (
    <>
      <p class="back-link">
        <a href={`${root}/findings?${new URLSearchParams(query)}`}>{texts.findings.all}</a>
      </p>
      <section class="card">
        <Summary reader={reader} finding={finding} level="h1" />
      </section>
      <div class="columns">
        <Side reader={reader} title={texts.findings.upstream} side={finding.upstream} />
        <Side reader={reader} title={texts.findings.ours} side={finding.ours} />
      </div>
      <Closing reader={reader} finding={finding} query={query} />
    </>
  )
}

function Summary({ reader, finding, level: Level = 'h2' }: FindingProps & { level?: 'h1' | 'h2' }) {
  const { texts, root } = reader
  const isOperators = root === OPERATOR_ROOT
  const actions = isOperators ? { ...texts.actions, ...texts.operator.actions } : texts.actions
  const ref = finding.ref !== null && <Code>{finding.ref}</Code>
  return (
    <>
      <Level>{word(texts.kinds, finding.kind)}</Level>
      <p>
        <Tag tone={finding.state === 'open' ? 'doubt' : 'good'}>{texts.findings[finding.state]}</Tag>{' '}
        <Time reader={reader} at={finding.found_at} />{' '}
        {finding.ref !== null && !isOperators ? (
          <a href={`/console/order?ref=${encodeURIComponent(finding.ref)}`}>{ref}</a>
        ) : (
          ref
        )}
      </p>
      <p>{word(actions, finding.kind)}</p>
    </>
  )
}

interface SideProps {
  readonly reader: Reader
  readonly title: string
  readonly side: FindingView['ours']
}

function Side({ reader, title, side }: SideProps) {
  const facts = toldFacts(reader, side ?? {})
  return (
    <section class="card">
      <h2>{title}</h2>
      {facts.length === 0 ? <p class="soft">–</p> : <Facts facts={facts} />}
    </section>
  )
}

function Closing({ reader, finding, query }: FindingProps & Asked) {
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
    <form class="card" method="post" action={`${reader.root}/finding/close`}>
      <h2>{words.close}</h2>
      <p class="soft">{words.forEver}</p>
      {Object.entries({ ...query, id: finding.id }).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
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
