/** Where the merchant is called back, how that goes, and the switches for it. */
import { Hono } from 'hono'
import * as z from 'zod'
import type { Caller } from '../api/auth'
import { changeEndpointBody, createEndpointBody } from '../api/contract'
import { testEndpoint } from '../api/endpoint-tests'
import { changeEndpoint, listEndpoints, registerEndpoint } from '../api/endpoints'
import { ApiError } from '../api/envelope'
import { readForm } from '../api/validation'
import type { EndpointView } from '../merchant/endpoint-view'
import { count } from '../pages/format'
import { Act, Code, Facts, Field, Tag, Time } from './parts'
import { type Reader, readerOf } from './reader'
import { seeOther, withSession } from './session'
import { show } from './shell'
import { fill, word } from './texts'

export const endpointPages = new Hono<Caller>()

const idForm = z.object({ id: z.string().min(1) })
const stateForm = z.object({ id: z.string().min(1), state: changeEndpointBody.shape.state })
const newForm = createEndpointBody.pick({ url: true, description: true })

endpointPages.get('/endpoints', withSession('READ-ONLY'), async (c) => {
  const reader = await readerOf(c)
  const endpoints = await listEndpoints(c)
  const { texts } = reader
  return show(reader, {
    title: texts.nav.endpoints,
    current: 'endpoints',
    children: (
      <>
        <h1>{texts.nav.endpoints}</h1>
        <p class="soft">{texts.endpoints.about}</p>
        {endpoints.length === 0 && <p class="card soft">{texts.endpoints.none}</p>}
        {endpoints.map((endpoint) => (
          <Endpoint reader={reader} endpoint={endpoint} />
        ))}
        {reader.mayAct && <New reader={reader} />}
      </>
    ),
  })
})

/** The answer is the page itself: the secret is in it this once, so there is no address to come back to. */
endpointPages.post('/endpoints', withSession('READ-WRITE'), async (c) => {
  const { endpoint, secret } = await registerEndpoint(c, await readForm(c, newForm))
  const reader = await readerOf(c)
  const words = reader.texts.endpoints
  return show(reader, {
    title: words.registered,
    current: 'endpoints',
    status: 201,
    children: (
      <section class="card verdict good">
        <h1>{words.registered}</h1>
        <p>
          <Code>{endpoint.url}</Code>
        </p>
        <label>
          <span>{words.secret}</span>
          <input readonly value={secret} dir="ltr" data-copy />
        </label>
        <p>{words.secretOnce}</p>
        <p>
          <a class="button" href="/console/endpoints">
            {words.kept}
          </a>
        </p>
        <template id="copy" data-label={reader.texts.copy} data-done={reader.texts.copied} />
      </section>
    ),
  })
})

endpointPages.post('/endpoints/state', withSession('READ-WRITE'), async (c) => {
  const { id, state } = await readForm(c, stateForm)
  if ((await changeEndpoint(c, id, { state })) === null) {
    throw new ApiError('NOT_FOUND', `Endpoint '${id}' not found`)
  }
  return seeOther(`/console/endpoints?done=${state === 'active' ? 'activated' : 'paused'}`)
})

endpointPages.post('/endpoints/test', withSession('READ-WRITE'), async (c) => {
  const { id } = await readForm(c, idForm)
  const test = await testEndpoint(c, id, 'topup.fulfilled')
  const reader = await readerOf(c)
  const words = reader.texts.endpoints
  const arrived = test.why === null
  return show(reader, {
    title: words.tested,
    current: 'endpoints',
    children: (
      <section class={`card verdict ${arrived ? 'good' : 'back'}`}>
        <h1>{arrived ? words.arrived : words.notArrived}</h1>
        {test.why !== null && <p dir="auto">{test.why[reader.language]}</p>}
        <Facts
          facts={[
            [words.status, <Code>{test.http_status ?? test.outcome}</Code>],
            [words.took, `${count(test.duration_ms, reader.language)} ms`],
          ]}
        />
        {test.answer !== '' && (
          <pre dir="ltr" tabindex={0}>
            {test.answer}
          </pre>
        )}
        <p>
          <a class="button" href="/console/endpoints">
            {words.back}
          </a>
        </p>
      </section>
    ),
  })
})

const TONES = { active: 'good', paused: 'doubt', disabled: 'back' } as const
const HEALTH_TONES = { ok: 'good', failing: 'doubt', silent: 'back' } as const

function Endpoint({ reader, endpoint }: { readonly reader: Reader; readonly endpoint: EndpointView }) {
  const { texts, language } = reader
  const words = texts.endpoints
  const { health, state } = endpoint
  const tone = Object.entries(TONES).find(([name]) => name === state)?.[1] ?? 'wait'
  return (
    <section class="card">
      <h2>
        <Code>{endpoint.url}</Code>
      </h2>
      <p>
        <Tag tone={tone}>{word(words.states, state)}</Tag>{' '}
        {state === 'active' && <Tag tone={HEALTH_TONES[health.state]}>{words.health[health.state]}</Tag>}
      </p>
      {endpoint.description !== null && <p dir="auto">{endpoint.description}</p>}
      <Facts
        facts={[
          [words.held, count(endpoint.held, language)],
          [words.events, <Code>{endpoint.events.join(', ')}</Code>],
          [
            words.verified,
            endpoint.verified_at === null ? words.never : <Time reader={reader} at={endpoint.verified_at} />,
          ],
          ...(endpoint.reason === null ? [] : [[words.reason, <Code>{endpoint.reason}</Code>] as const]),
          ...(health.disables_at === null
            ? []
            : [
                [words.failures, fill(words.failed, { times: count(health.failures, language) })] as const,
                [words.disables, <Time reader={reader} at={health.disables_at} />] as const,
              ]),
        ]}
      />
      {reader.mayAct && (
        <div class="actions">
          <Act action="/console/endpoints/test" fields={{ id: endpoint.id }} label={words.test} />
          <Act
            action="/console/endpoints/state"
            fields={{ id: endpoint.id, state: state === 'active' ? 'paused' : 'active' }}
            label={state === 'active' ? words.pause : words.activate}
          />
        </div>
      )}
    </section>
  )
}

function New({ reader: { texts } }: { readonly reader: Reader }) {
  const words = texts.endpoints
  return (
    <form class="card" method="post" action="/console/endpoints">
      <h2>{words.register}</h2>
      <Field label={words.url}>
        <input type="url" name="url" required maxlength={2_048} dir="ltr" placeholder="https://" />
      </Field>
      <Field label={words.description}>
        <input name="description" maxlength={500} dir="auto" />
      </Field>
      <button type="submit" class="main">
        {words.register}
      </button>
    </form>
  )
}
