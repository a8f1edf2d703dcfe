/** What became of each event at each address, newest first; and one of them with all that the receiver answered. */
import { type Context, Hono } from 'hono'
import type { Caller } from '../api/auth'
import { deliveriesQuery } from '../api/contract'
import { deliveryOf, retryDelivery } from '../api/deliveries'
import { listDeliveries, listEndpoints } from '../api/endpoints'
import { ApiError } from '../api/envelope'
import { parse } from '../api/validation'
import type { DeliveryView } from '../merchant/delivery-view'
import type { EndpointView } from '../merchant/endpoint-view'
import { DELIVERY_STATES } from '../order/state'
import {
  Answered,
  CallbackPages,
  DeliveryRows,
  DeliveryTag,
  endpointPath,
  OrderLink,
  typeInWords,
} from './callback-parts'
import { Act, Choice, Code, Facts, Field, More, Refusal, Time } from './parts'
import { filled, type Reader, readerOf, withQuery } from './reader'
import { seeOther, withSession } from './session'
import { show } from './shell'

export const deliveryPages = new Hono<Caller>()

const SHOWN = 25

deliveryPages.get('/deliveries', withSession('READ-ONLY'), async (c) => {
  const asked = c.req.query()
  const { state, endpoint_id, ref, cursor } = asked
  const given = filled({ state, endpoint_id, ref: ref?.trim(), cursor })
  const query = parse('querystring', { ...given, limit: SHOWN }, deliveriesQuery)
  const [reader, endpoints, { items, next }] = await Promise.all([
    readerOf(c),
    listEndpoints(c),
    listDeliveries(c, query),
  ])
  const { texts } = reader
  return show(reader, {
    title: texts.callbacks.pages.deliveries,
    current: 'endpoints',
    children: (
      <>
        <div class="heading">
          <h1>{texts.callbacks.pages.deliveries}</h1>
          <CallbackPages reader={reader} current="deliveries" />
        </div>
        <Filters reader={reader} asked={asked} endpoints={endpoints} />
        <section class="card">
          <DeliveryRows reader={reader} items={items} />
        </section>
        <More
          href={next === null ? null : withQuery(new URL(c.req.url), { cursor: next })}
          label={texts.orders.more}
        />
      </>
    ),
  })
})

interface FiltersProps {
  readonly reader: Reader
  readonly asked: Readonly<Record<string, string>>
  readonly endpoints: readonly EndpointView[]
}

function Filters({ reader: { texts }, asked, endpoints }: FiltersProps) {
  return (
    <search>
      <form class="card search" method="get" action="/console/deliveries">
        <Choice
          name="state"
          label={texts.orders.status}
          all={texts.replays.any}
          options={DELIVERY_STATES}
          words={texts.deliveries}
          chosen={asked.state ?? ''}
        />
        <Choice
          name="endpoint_id"
          label={texts.callbacks.address}
          all={texts.replays.any}
          options={endpoints.map(({ id }) => id)}
          words={Object.fromEntries(endpoints.map(({ id, url }) => [id, url]))}
          chosen={asked.endpoint_id ?? ''}
        />
        <Field label={texts.orders.ref}>
          <input name="ref" value={asked.ref ?? ''} dir="auto" autocomplete="off" />
        </Field>
        <button type="submit" class="main">
          {texts.orders.find}
        </button>
      </form>
    </search>
  )
}

deliveryPages.get('/deliveries/:id', withSession('READ-ONLY'), (c) => onePage(c, c.req.param('id'), null))

/** A refusal is shown on its page, with the status that the API has for it. */
deliveryPages.post('/deliveries/:id/retry', withSession('READ-WRITE'), async (c) => {
  const id = c.req.param('id')
  try {
    await retryDelivery(c, id)
  } catch (error) {
    if (!(error instanceof ApiError) || error.code === 'NOT_FOUND') throw error
    return onePage(c, id, error)
  }
  return seeOther(`/console/deliveries/${encodeURIComponent(id)}?done=resent`)
})

async function onePage(c: Context<Caller>, id: string, refused: ApiError | null): Promise<Response> {
  if (refused !== null) c.set('refused', refused.code)
  const [reader, delivery, endpoints] = await Promise.all([readerOf(c), deliveryOf(c, id), listEndpoints(c)])
  const { texts } = reader
  const words = texts.callbacks
  return show(reader, {
    title: words.delivery,
    current: 'endpoints',
    status: refused?.httpStatus ?? 200,
    children: (
      <>
        <p class="back-link">
          <a href={`/console/deliveries?endpoint_id=${encodeURIComponent(delivery.endpoint_id)}`}>
            {words.ofThisAddress}
          </a>
        </p>
        <div class="heading">
          <h1>{words.delivery}</h1>
          <DeliveryTag reader={reader} state={delivery.state} />
        </div>
        {refused !== null && <Refusal reader={reader} error={refused} />}
        <About reader={reader} delivery={delivery} endpoints={endpoints} />
        <Attempts reader={reader} attempts={delivery.attempts} />
      </>
    ),
  })
}

interface AboutProps {
  readonly reader: Reader
  readonly delivery: DeliveryView
  readonly endpoints: readonly EndpointView[]
}

function About({ reader, delivery, endpoints }: AboutProps) {
  const { texts, language } = reader
  const words = texts.callbacks
  const { id, why, next_attempt_at: next } = delivery
  const url = <Code>{delivery.url}</Code>
  const isThere = endpoints.some((endpoint) => endpoint.id === delivery.endpoint_id)
  return (
    <section class="card">
      {why !== null && <p dir="auto">{why[language]}</p>}
      <Facts
        facts={[
          [texts.orders.ref, <OrderLink text={delivery.ref} />],
          [words.event, typeInWords(delivery.event_type, reader)],
          [words.address, isThere ? <a href={endpointPath(delivery.endpoint_id)}>{url}</a> : url],
          [words.eventId, <Code>{delivery.event_id}</Code>],
          ...(next === null ? [] : [[words.next, <Time reader={reader} at={next} exact />] as const]),
        ]}
      />
      {reader.mayAct && delivery.state !== 'cancelled' && delivery.state !== 'held' && (
        <Act
          action={`/console/deliveries/${encodeURIComponent(id)}/retry`}
          fields={{}}
          label={texts.order.resend}
        />
      )}
    </section>
  )
}

interface AttemptsProps {
  readonly reader: Reader
  readonly attempts: DeliveryView['attempts']
}

/** Newest first; each answer is whatever the receiver wrote. */
function Attempts({ reader, attempts }: AttemptsProps) {
  const words = reader.texts.callbacks
  return (
    <section class="card">
      <h2>{words.tries}</h2>
      {attempts.length === 0 && <p class="soft">{words.untried}</p>}
      <ol class="story">
        {attempts.toReversed().map((attempt) => (
          <li>
            <p>
              <Time reader={reader} at={attempt.at} exact /> <Answered reader={reader} attempt={attempt} />
            </p>
            {attempt.answer !== '' && (
              <pre dir="auto" tabindex={0}>
                {attempt.answer}
              </pre>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}
