/** One callback address: how it fares, what it is told, its keys, its newest deliveries, and the switches for all of it. */
import { type Context, Hono } from 'hono'
import type { Caller } from '../api/auth'
import { endpointOf, listDeliveries } from '../api/endpoints'
import type { ApiError } from '../api/envelope'
import { EXAMPLE_TYPES } from '../callback/examples'
import type { DeliveryView } from '../merchant/delivery-view'
import type { EndpointView } from '../merchant/endpoint-view'
import { count } from '../pages/format'
import { DeliveryRows, EndpointTags, endpointPath, typeInWords } from './callback-parts'
import { Keys, Settings } from './endpoint-settings'
import { Act, Code, Facts, Field, Refusal, Time } from './parts'
import { type Reader, readerOf } from './reader'
import { withSession } from './session'
import { show } from './shell'
import { fill, word } from './texts'

export const endpointPage = new Hono<Caller>()

const NEWEST = 5

endpointPage.get('/endpoints/:id', withSession('READ-ONLY'), (c) => showEndpoint(c, c.req.param('id'), null))

/** `refused`: what was asked of it on this page and was not done. */
export async function showEndpoint(
  c: Context<Caller>,
  id: string,
  refused: ApiError | null,
): Promise<Response> {
  if (refused !== null) c.set('refused', refused.code)
  const [reader, endpoint, { items }] = await Promise.all([
    readerOf(c),
    endpointOf(c, id),
    listDeliveries(c, { endpoint_id: id, limit: NEWEST }),
  ])
  const { texts } = reader
  return show(reader, {
    title: endpoint.url,
    current: 'endpoints',
    status: refused?.httpStatus ?? 200,
    children: (
      <>
        <Heading reader={reader} endpoint={endpoint} />
        {refused !== null && <Refusal reader={reader} error={refused} />}
        <Standing reader={reader} endpoint={endpoint} />
        {reader.mayAct && <Test reader={reader} endpoint={endpoint} />}
        <Newest reader={reader} id={id} items={items} />
        <Settings reader={reader} endpoint={endpoint} />
        <Keys reader={reader} endpoint={endpoint} />
        {reader.mayAct && (
          <p>
            <a class="button danger" href={`${endpointPath(id)}/delete`}>
              {texts.callbacks.remove}
            </a>
          </p>
        )}
      </>
    ),
  })
}

export interface EndpointProps {
  readonly reader: Reader
  readonly endpoint: EndpointView
}

function Heading({ reader, endpoint }: EndpointProps) {
  const { texts } = reader
  return (
    <>
      <p class="back-link">
        <a href="/console/endpoints">{texts.callbacks.all}</a>
      </p>
      <div class="heading">
        <h1>
          <Code>{endpoint.url}</Code>
        </h1>
        <p>
          <EndpointTags reader={reader} endpoint={endpoint} />
        </p>
      </div>
      {endpoint.description !== null && <p dir="auto">{endpoint.description}</p>}
    </>
  )
}

interface NewestProps {
  readonly reader: Reader
  readonly id: string
  readonly items: readonly DeliveryView[]
}

function Newest({ reader, id, items }: NewestProps) {
  const words = reader.texts.callbacks
  const query = `?endpoint_id=${encodeURIComponent(id)}`
  return (
    <section class="card">
      <h2>{words.newest}</h2>
      <DeliveryRows reader={reader} items={items} />
      <p class="actions">
        <a class="button" href={`/console/deliveries${query}`}>
          {words.allDeliveries}
        </a>
        {reader.mayAct && (
          <a class="button" href={`/console/replays${query}`}>
            {words.pages.replays}
          </a>
        )}
      </p>
    </section>
  )
}

const TONES = {
  ok: 'good',
  failing: 'doubt',
  silent: 'back',
  paused: 'doubt',
  disabled: 'back',
  unverified: 'wait',
} as const

/** What is so, since when, and what becomes of the events meanwhile. */
function Standing({ reader, endpoint }: EndpointProps) {
  const { texts, language } = reader
  const words = texts.callbacks
  const { state, health, held, reason, verified_at } = endpoint
  const name = state === 'active' ? health.state : state
  const mustProve = verified_at === null && reader.key?.environment === 'production'
  return (
    <section class={`card verdict ${TONES[name]}`}>
      <h2>{words.standing[name].said}</h2>
      <p>{words.standing[name].todo}</p>
      <Facts
        facts={[
          ...(held === 0 ? [[texts.endpoints.held, '0'] as const] : []),
          ...(reason === null ? [] : [[texts.endpoints.reason, <Reason {...{ reader, reason }} />] as const]),
          ...(state === 'active' ? healthFacts(endpoint, reader) : []),
          ...(mustProve ? [[texts.endpoints.verified, texts.endpoints.never] as const] : []),
          ...timeFact(texts.endpoints.verified, verified_at, reader),
        ]}
      />
      {held > 0 && <p>{fill(words.drains[name], { events: count(held, language) })}</p>}
      {reader.mayAct && <Switches reader={reader} endpoint={endpoint} />}
    </section>
  )
}

function healthFacts({ health }: EndpointView, reader: Reader) {
  const { texts, language } = reader
  const words = texts.callbacks
  if (health.failing_since === null || health.last_outcome === null) return []
  return [
    ...timeFact(words.failingSince, health.failing_since, reader),
    [words.failures, count(health.failures, language)] as const,
    [words.lastOutcome, word(words.outcomes, health.last_outcome)] as const,
    ...timeFact(words.nextProbe, health.next_probe_at, reader),
    ...timeFact(texts.endpoints.disables, health.disables_at, reader),
  ]
}

function timeFact(name: string, at: string | null, reader: Reader) {
  return at === null ? [] : [[name, <Time reader={reader} at={at} exact />] as const]
}

/** `the challenge failed: refused, HTTP 404`: the first words are ours, what follows is a detail of it. */
function Reason({ reader, reason }: { readonly reader: Reader; readonly reason: string }) {
  const [kind = '', ...more] = reason.split(': ')
  const detail = more.join(': ')
  return (
    <>
      {word(reader.texts.callbacks.reasons, kind)} {detail !== '' && <Code>{detail}</Code>}
    </>
  )
}

function Switches({ reader, endpoint: { id, state } }: EndpointProps) {
  const { texts } = reader
  const action = `${endpointPath(id)}/state`
  const activate = state === 'paused' ? texts.endpoints.activate : texts.callbacks.challenge
  return (
    <div class="actions">
      {state !== 'active' && <Act action={action} fields={{ state: 'active' }} label={activate} />}
      {(state === 'active' || state === 'unverified') && (
        <Act action={action} fields={{ state: 'paused' }} label={texts.endpoints.pause} />
      )}
    </div>
  )
}

function Test({ reader, endpoint: { id } }: EndpointProps) {
  const { texts } = reader
  return (
    <form class="card" method="post" action={`${endpointPath(id)}/test`}>
      <h2>{texts.endpoints.test}</h2>
      <p class="soft">{texts.callbacks.aboutTest}</p>
      <div class="search">
        <Field label={texts.callbacks.event}>
          <select name="type">
            {EXAMPLE_TYPES.map((type) => (
              <option value={type}>{typeInWords(type, reader)}</option>
            ))}
          </select>
        </Field>
        <button type="submit">{texts.endpoints.test}</button>
      </div>
    </form>
  )
}
