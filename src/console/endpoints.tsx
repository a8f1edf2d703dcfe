/** Where the merchant is called back, and the wish for one more. */
import { Hono } from 'hono'
import type { Caller } from '../api/auth'
import { createEndpointBody } from '../api/contract'
import { listEndpoints, registerEndpoint } from '../api/endpoints'
import { readForm } from '../api/validation'
import type { EndpointView } from '../merchant/endpoint-view'
import { count } from '../pages/format'
import { CallbackPages, EndpointTags, endpointPath, Secret } from './callback-parts'
import { Code, Facts, Field } from './parts'
import { type Reader, readerOf } from './reader'
import { withSession } from './session'
import { show } from './shell'

export const endpointPages = new Hono<Caller>()

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
        <div class="heading">
          <h1>{texts.nav.endpoints}</h1>
          <CallbackPages reader={reader} current="endpoints" />
        </div>
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
  return show(reader, {
    title: reader.texts.endpoints.registered,
    current: 'endpoints',
    status: 201,
    children: (
      <Secret
        reader={reader}
        title={reader.texts.endpoints.registered}
        url={endpoint.url}
        secret={secret}
        href={endpointPath(endpoint.id)}
      />
    ),
  })
})

function Endpoint({ reader, endpoint }: { readonly reader: Reader; readonly endpoint: EndpointView }) {
  const { texts, language } = reader
  return (
    <section class="card">
      <h2>
        <a href={endpointPath(endpoint.id)}>
          <Code>{endpoint.url}</Code>
        </a>
      </h2>
      <p>
        <EndpointTags reader={reader} endpoint={endpoint} />
      </p>
      {endpoint.description !== null && <p dir="auto">{endpoint.description}</p>}
      <Facts
        facts={[
          [texts.endpoints.held, count(endpoint.held, language)],
          [texts.endpoints.events, <Code>{endpoint.events.join(', ')}</Code>],
        ]}
      />
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
