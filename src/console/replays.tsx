/** Many deliveries again: chosen, counted, and only then begun; one page shows how far it has come. */
import { type Context, Hono } from 'hono'
import type { Caller } from '../api/auth'
import { replayBody } from '../api/contract'
import { listEndpoints } from '../api/endpoints'
import { cancelReplay, countReplay, listReplays, makeReplay, replayOf } from '../api/replays'
import { parse, readForm } from '../api/validation'
import { count } from '../pages/format'
import { CallbackPages } from './callback-parts'
import { Act, Time } from './parts'
import { filled, readerOf } from './reader'
import { type Asked, Choose, Chosen, Figures, Progress, type ReplayBody } from './replay-parts'
import { seeOther, withSession } from './session'
import { show } from './shell'
import { fill } from './texts'

export const replayPages = new Hono<Caller>()

const RENEWED_SECONDS = '4'

replayPages.get('/replays', withSession('READ-ONLY'), async (c) => {
  const [reader, replays, urls] = await Promise.all([readerOf(c), listReplays(c), urlsOf(c)])
  const { texts } = reader
  const isFree = replays.every(({ state }) => state !== 'running')
  return show(reader, {
    title: texts.callbacks.pages.replays,
    current: 'endpoints',
    children: (
      <>
        <div class="heading">
          <h1>{texts.callbacks.pages.replays}</h1>
          <CallbackPages reader={reader} current="replays" />
        </div>
        <p class="soft">{texts.replays.about}</p>
        {reader.mayAct && isFree && <Choose reader={reader} asked={c.req.query()} urls={urls} />}
        {replays.length === 0 && <p class="card soft">{texts.replays.none}</p>}
        {replays.map((replay) => (
          <section class="card">
            <h2>
              <a href={`/console/replays/${replay.id}`}>
                <Time reader={reader} at={replay.created_at} exact />
              </a>
            </h2>
            <Progress reader={reader} replay={replay} />
          </section>
        ))}
      </>
    ),
  })
})

/** Counts, and changes nothing: what is confirmed here is what was counted, unless it came to be otherwise meanwhile. */
replayPages.get('/replays/count', withSession('READ-WRITE'), async (c) => {
  const body = bodyOf(c.req.query())
  const [reader, matched, urls] = await Promise.all([readerOf(c), countReplay(c, body), urlsOf(c)])
  const words = reader.texts.replays
  const number = count(matched, reader.language)
  return show(reader, {
    title: words.count,
    current: 'endpoints',
    children: (
      <form class="card verdict doubt" method="post" action="/console/replays">
        <h1>{fill(matched === 0 ? words.nothing : words.matched, { deliveries: number })}</h1>
        <Chosen reader={reader} body={body} urls={urls} />
        {Object.entries(body).map(([name, value]) => (
          <input type="hidden" name={name} value={String(value)} />
        ))}
        {matched > 0 && <p>{words.harmless}</p>}
        <div class="actions">
          {matched > 0 && (
            <button type="submit" class="main">
              {fill(words.start, { deliveries: number })}
            </button>
          )}
          <a class="button" href={`/console/replays${new URL(c.req.url).search}`}>
            {words.otherwise}
          </a>
        </div>
      </form>
    ),
  })
})

replayPages.post('/replays', withSession('READ-WRITE'), async (c) => {
  const { id } = await makeReplay(c, await readForm(c, replayBody))
  return seeOther(`/console/replays/${id}`)
})

replayPages.post('/replays/:id/cancel', withSession('READ-WRITE'), async (c) => {
  const { id } = await cancelReplay(c, c.req.param('id'))
  return seeOther(`/console/replays/${id}`)
})

/** Asks for itself again until it is over: no script is needed for that. */
replayPages.get('/replays/:id', withSession('READ-ONLY'), async (c) => {
  const [reader, replay] = await Promise.all([readerOf(c), replayOf(c, c.req.param('id'))])
  const { texts } = reader
  const isRunning = replay.state === 'running'
  const response = await show(reader, {
    title: texts.replays.one,
    current: 'endpoints',
    children: (
      <>
        <p class="back-link">
          <a href="/console/replays">{texts.replays.all}</a>
        </p>
        <section class="card">
          <h1>{texts.replays.one}</h1>
          <Progress reader={reader} replay={replay} />
          <Figures reader={reader} replay={replay} />
          {isRunning && <p class="soft">{texts.replays.renewed}</p>}
          {isRunning && reader.mayAct && (
            <Act
              action={`/console/replays/${replay.id}/cancel`}
              fields={{}}
              label={texts.replays.cancel}
              danger
            />
          )}
        </section>
      </>
    ),
  })
  if (isRunning) response.headers.set('Refresh', RENEWED_SECONDS)
  return response
})

/** Times are Algerian, to the minute, and both of them are included. */
function bodyOf({ from, to, status, endpoint_id, event_type }: Asked): ReplayBody {
  const given = filled({
    from: from && `${from.slice(0, 16)}:00+01:00`,
    to: to && `${to.slice(0, 16)}:59.999+01:00`,
    status,
    endpoint_id,
    event_type,
  })
  return parse('querystring', given, replayBody)
}

async function urlsOf(c: Context<Caller>): Promise<Record<string, string>> {
  return Object.fromEntries((await listEndpoints(c)).map(({ id, url }) => [id, url]))
}
