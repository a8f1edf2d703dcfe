/** Everything that the merchant is called back about, newest first; and one event as it is told. */
import { Hono } from 'hono'
import * as z from 'zod'
import type { Caller } from '../api/auth'
import { ApiError } from '../api/envelope'
import { parse } from '../api/validation'
import { whyTextsOf } from '../callback/why-texts'
import { bookOf } from '../env'
import { deliveryView } from '../merchant/delivery-view'
import type { FeedEvent } from '../merchant/event-feed'
import type { ListedEvent } from '../merchant/event-list'
import { FEED_EVENT_TYPES } from '../order/state'
import { CallbackPages, DeliveryRows, OrderLink, typeInWords } from './callback-parts'
import { Choice, Code, Facts, More, Time } from './parts'
import { filled, type Reader, readerOf, withQuery } from './reader'
import { withSession } from './session'
import { show } from './shell'
import { word } from './texts'

export const eventPages = new Hono<Caller>()

const SHOWN = 25
/** A place in the feed. */
const place = z
  .string()
  .regex(/^\d{1,16}$/)
  .transform(Number)
const listQuery = z.object({ type: z.enum(FEED_EVENT_TYPES).optional(), cursor: place.optional() })

eventPages.get('/events', withSession('READ-ONLY'), async (c) => {
  const { type, cursor } = c.req.query()
  const query = parse('querystring', filled({ type, cursor }), listQuery)
  const { merchantId, environment } = c.get('key')
  const { items, next } = await bookOf(c.env, merchantId).listEvents({
    environment,
    type: query.type ?? null,
    limit: SHOWN,
    before: query.cursor ?? null,
  })
  const reader = await readerOf(c)
  const { texts } = reader
  const none = next === null ? texts.events.none : texts.events.noneYet
  return show(reader, {
    title: texts.callbacks.pages.events,
    current: 'endpoints',
    children: (
      <>
        <div class="heading">
          <h1>{texts.callbacks.pages.events}</h1>
          <CallbackPages reader={reader} current="events" />
        </div>
        <p class="soft">{texts.events.about}</p>
        <Filter reader={reader} type={type ?? ''} />
        {items.length === 0 ? <p class="card soft">{none}</p> : <List reader={reader} events={items} />}
        <More
          href={next === null ? null : withQuery(new URL(c.req.url), { cursor: String(next) })}
          label={texts.orders.more}
        />
      </>
    ),
  })
})

function Filter({ reader: { texts }, type }: { readonly reader: Reader; readonly type: string }) {
  return (
    <search>
      <form class="card search" method="get" action="/console/events">
        <Choice
          name="type"
          label={texts.callbacks.event}
          all={texts.orders.all}
          options={FEED_EVENT_TYPES}
          words={texts.callbacks.types}
          chosen={type}
        />
        <button type="submit" class="main">
          {texts.orders.find}
        </button>
      </form>
    </search>
  )
}

function List({ reader, events }: { readonly reader: Reader; readonly events: readonly ListedEvent[] }) {
  const { texts } = reader
  return (
    <section class="card">
      <ul class="rows">
        {events.map(({ position, type, ref, createdAt }) => (
          <li>
            <Time reader={reader} at={createdAt} exact />
            <a href={`/console/events/${position}`}>{word(texts.callbacks.types, type)}</a>
            {ref !== null && <OrderLink text={ref} />}
          </li>
        ))}
      </ul>
    </section>
  )
}

eventPages.get('/events/:place', withSession('READ-ONLY'), async (c) => {
  const position = place.safeParse(c.req.param('place'))
  const { merchantId, environment } = c.get('key')
  const event = position.success ? await bookOf(c.env, merchantId).eventAt(environment, position.data) : null
  if (event === null) throw new ApiError('NOT_FOUND', 'There is no such event, or no longer')
  const [reader, whyTexts] = await Promise.all([readerOf(c), whyTextsOf(c.env)])
  const { texts } = reader
  const { type, ref, body, deliveries } = event
  return show(reader, {
    title: word(texts.callbacks.types, type),
    current: 'endpoints',
    children: (
      <>
        <p class="back-link">
          <a href="/console/events">{texts.events.all}</a>
        </p>
        <h1>{word(texts.callbacks.types, type)}</h1>
        <About reader={reader} event={event} />
        <section class="card">
          <h2>{texts.events.body}</h2>
          <pre dir="ltr" tabindex={0}>
            {JSON.stringify(JSON.parse(body), null, 2)}
          </pre>
        </section>
        {ref !== null && (
          <section class="card">
            <h2>{texts.callbacks.pages.deliveries}</h2>
            <DeliveryRows
              reader={reader}
              items={deliveries.map((delivery) => deliveryView({ delivery, ref, type }, whyTexts))}
            />
          </section>
        )}
      </>
    ),
  })
})

function About({ reader, event }: { readonly reader: Reader; readonly event: FeedEvent }) {
  const { texts } = reader
  const { id, type, ref, stateVersion, createdAt } = event
  return (
    <section class="card">
      <Facts
        facts={[
          [texts.callbacks.event, typeInWords(type, reader)],
          [texts.callbacks.eventId, <Code>{id}</Code>],
          [texts.events.at, <Time reader={reader} at={createdAt} exact />],
          ...(ref === null ? [] : [[texts.orders.ref, <OrderLink text={ref} />] as const]),
          ...(stateVersion === null ? [] : [[texts.events.version, String(stateVersion)] as const]),
        ]}
      />
    </section>
  )
}
