/** What is done to a callback address from its page. A refusal is shown there, with the status that the API has for it. */
import { type Context, Hono } from 'hono'
import * as z from 'zod'
import type { Caller } from '../api/auth'
import { changeEndpointBody, rotateKeysBody, testEndpointBody } from '../api/contract'
import { type EndpointTestView, testEndpoint } from '../api/endpoint-tests'
import { changeEndpoint, rotateKeys } from '../api/endpoints'
import { ApiError } from '../api/envelope'
import { parse, readForm } from '../api/validation'
import { FEED_EVENT_TYPES } from '../order/state'
import { Answered, endpointPath, Secret, typeInWords } from './callback-parts'
import { showEndpoint } from './endpoint'
import { Code, Facts } from './parts'
import { type Reader, readerOf } from './reader'
import { seeOther, withSession } from './session'
import { show } from './shell'

export const endpointActions = new Hono<Caller>()

const stateForm = changeEndpointBody.pick({ state: true }).required()
const fields = z.record(z.string(), z.string())

endpointActions.post('/endpoints/:id/state', withSession('READ-WRITE'), (c) => {
  const id = c.req.param('id')
  return orOnItsPage(c, id, async () => {
    const { state } = await readForm(c, stateForm)
    await changeEndpoint(c, id, { state })
    return backTo(id, state === 'active' ? 'activated' : 'paused')
  })
})

endpointActions.post('/endpoints/:id/settings', withSession('READ-WRITE'), (c) => {
  const id = c.req.param('id')
  return orOnItsPage(c, id, async () => {
    const form = await readForm(c, fields)
    const change = {
      url: form.url,
      notify_url: form.notify_url ?? null,
      events: FEED_EVENT_TYPES.filter((type) => form[type] === 'on'),
      fold_superseded: form.fold_superseded === 'on',
    }
    await changeEndpoint(c, id, parse('body', change, changeEndpointBody))
    return backTo(id, 'saved')
  })
})

/** The answer is the page itself: the secret is in it this once, so there is no address to come back to. */
endpointActions.post('/endpoints/:id/rotate', withSession('READ-WRITE'), (c) => {
  const id = c.req.param('id')
  return orOnItsPage(c, id, async () => {
    const { overlap_hours } = await readForm(c, fields)
    const wanted = parse('body', { overlap_hours: Number(overlap_hours) }, rotateKeysBody)
    const { endpoint, secret } = await rotateKeys(c, id, wanted)
    const reader = await readerOf(c)
    const title = reader.texts.callbacks.rotated
    const shown = { reader, title, url: endpoint.url, secret, href: endpointPath(id) }
    return show(reader, { title, current: 'endpoints', children: <Secret {...shown} /> })
  })
})

endpointActions.post('/endpoints/:id/test', withSession('READ-WRITE'), (c) => {
  const id = c.req.param('id')
  return orOnItsPage(c, id, async () => {
    const { type } = await readForm(c, testEndpointBody)
    const test = await testEndpoint(c, id, type)
    const reader = await readerOf(c)
    const children = <Tested reader={reader} test={test} href={endpointPath(id)} />
    return show(reader, { title: reader.texts.endpoints.tested, current: 'endpoints', children })
  })
})

function Tested({ reader, test, href }: { reader: Reader; test: EndpointTestView; href: string }) {
  const { texts, language } = reader
  const words = texts.endpoints
  const arrived = test.why === null
  return (
    <section class={`card verdict ${arrived ? 'good' : 'back'}`}>
      <h1>{arrived ? words.arrived : words.notArrived}</h1>
      {test.why !== null && <p dir="auto">{test.why[language]}</p>}
      <Facts
        facts={[
          [texts.callbacks.event, typeInWords(test.type, reader)],
          [texts.callbacks.eventId, <Code>{test.event_id}</Code>],
          [words.status, <Answered reader={reader} attempt={test} />],
        ]}
      />
      {test.answer !== '' && (
        <pre dir="auto" tabindex={0}>
          {test.answer}
        </pre>
      )}
      <p>
        <a class="button" href={href}>
          {texts.callbacks.back}
        </a>
      </p>
    </section>
  )
}

async function orOnItsPage(c: Context<Caller>, id: string, act: () => Promise<Response>): Promise<Response> {
  try {
    return await act()
  } catch (error) {
    if (!(error instanceof ApiError) || error.code === 'NOT_FOUND') throw error
    return showEndpoint(c, id, error)
  }
}

function backTo(id: string, done: string): Response {
  return seeOther(`${endpointPath(id)}?done=${done}`)
}
