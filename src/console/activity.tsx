/** Everything that people did in the console with the merchant's keys: who, what, on what, and how it ended. */
import { Hono } from 'hono'
import * as z from 'zod'
import type { Caller } from '../api/auth'
import { parse } from '../api/validation'
import { merchantById } from '../env'
import type { ActRow } from '../merchant/activity'
import { Code, errorInWords, More, Tag, Time } from './parts'
import { type Reader, readerOf, withQuery } from './reader'
import { withSession } from './session'
import { show } from './shell'
import { type Texts, word } from './texts'
import { OPERATOR } from './written'

export const activityPage = new Hono<Caller>()

const SHOWN = 50
/** What has no end by then never had one; an answer of the API takes seconds. */
const UNDER_WAY_MS = 60_000
const query = z.object({ before: z.coerce.number().int().nonnegative().nullable().default(null) })

activityPage.get('/activity', withSession('READ-ONLY'), async (c) => {
  const { before } = parse('querystring', c.req.query(), query)
  const { merchantId, environment } = c.get('key')
  const merchant = merchantById(c.env, merchantId)
  const [{ items, next }, keys] = await Promise.all([
    merchant.activity(environment, before, SHOWN),
    merchant.keys(),
  ])
  const reader = await readerOf(c)
  const { texts } = reader
  const names = Object.fromEntries(keys.map(({ key }) => [key.id, key.name]))
  names[OPERATOR] = texts.operator.side
  return show(reader, {
    title: texts.nav.activity,
    current: 'activity',
    children: (
      <>
        <h1>{texts.nav.activity}</h1>
        <p class="soft">{texts.activity.about}</p>
        {items.length === 0 ? (
          <p class="card soft">{texts.activity.none}</p>
        ) : (
          <List reader={reader} acts={items} names={names} />
        )}
        <More
          href={next === null ? null : withQuery(new URL(c.req.url), { before: String(next) })}
          label={texts.orders.more}
        />
      </>
    ),
  })
})

interface ListProps {
  readonly reader: Reader
  readonly acts: readonly ActRow[]
  /** Of the keys, by id. */
  readonly names: Readonly<Record<string, string>>
}

function List({ reader, acts, names }: ListProps) {
  const words = reader.texts.activity
  return (
    <table class="card list">
      <thead>
        <tr>
          {[words.what, words.outcome, words.on, words.when, words.who].map((name) => (
            <th scope="col">{name}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {acts.map((act) => (
          <tr>
            <th scope="row">{didInWords(act.action, reader.texts)}</th>
            <td>
              <Outcome reader={reader} act={act} />
            </td>
            <td>
              <Subject act={act} />
            </td>
            <td>
              <Time reader={reader} at={act.at} exact />
            </td>
            <td>
              <bdi dir="auto">{word(names, act.keyId)}</bdi>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** By the whole of it, where what it was switched to has a sentence, or else by its route. */
function didInWords(action: string, { activity: { did } }: Texts): string {
  return word(did, Object.hasOwn(did, action) ? action : (action.split(' ')[0] ?? action))
}

function Outcome({ reader, act }: { readonly reader: Reader; readonly act: ActRow }) {
  const { texts, now } = reader
  const words = texts.activity
  if (act.outcome === 'done') return <Tag tone="good">{words.done}</Tag>
  if (act.outcome === null && now - act.at < UNDER_WAY_MS) return <Tag tone="wait">{words.underWay}</Tag>
  if (act.outcome === null) return <Tag tone="doubt">{words.noEnd}</Tag>
  return (
    <>
      <Tag tone="back">{words.refused}</Tag> <span class="soft">{errorInWords(act.outcome, reader)}</span>
    </>
  )
}

function Subject({ act: { action, subject } }: { readonly act: ActRow }) {
  if (subject === null) return <>–</>
  const href = whereOf(action, subject)
  return href === null ? (
    <Code>{subject}</Code>
  ) : (
    <a href={href}>
      <Code>{subject}</Code>
    </a>
  )
}

/** The page of what it was done to; null where there is none, or its name is not shown whole. */
export function whereOf(action: string, subject: string): string | null {
  const [, page = '', name, deed] = action.split(/[/ ]/)
  if (page.startsWith('sign-') || page === 'admin' || subject.includes('•')) return null
  if (page === 'order' || page === 'send') return `/console/order?ref=${encodeURIComponent(subject)}`
  if (page === 'finding') return `/console/finding?id=${encodeURIComponent(subject)}`
  const isThere = name === ':id' && deed !== 'delete'
  return isThere ? `/console/${page}/${encodeURIComponent(subject)}` : `/console/${page}`
}
