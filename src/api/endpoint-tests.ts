/** `/v1/endpoints/{id}/test`: a merchant tries his receiver out. */
import { type Context, Hono } from 'hono'
import type { ExampleType } from '../callback/examples'
import { type Why, type WhyTexts, whyNot } from '../callback/why'
import { whyTextsOf } from '../callback/why-texts'
import { merchantById } from '../env'
import type { EndpointTest } from '../merchant/endpoint-tests'
import { type Caller, withKey } from './auth'
import { testEndpointBody } from './contract'
import { ApiError, success } from './envelope'
import { readBody } from './validation'

export const endpointTests = new Hono<Caller>()

/** A test takes this long at most. */
const RETRY_SECONDS = 10

/** 200 whatever the receiver made of it: that is what was asked. */
endpointTests.post('/endpoints/:id/test', withKey('READ-WRITE'), async (c) => {
  const { type } = await readBody(c, testEndpointBody)
  return success(c, JSON.stringify(await testEndpoint(c, c.req.param('id'), type)))
})

export async function testEndpoint(
  c: Context<Caller>,
  id: string,
  type: ExampleType,
): Promise<EndpointTestView> {
  const { merchantId, environment } = c.get('key')
  const test = await merchantById(c.env, merchantId).testEndpoint(environment, id, type)
  if (test === null) throw new ApiError('NOT_FOUND', `Endpoint '${id}' not found`)
  if (test === 'busy') {
    const message = 'A test of this endpoint is under way; there is one at a time'
    throw new ApiError('RATE_LIMIT_EXCEEDED', message, null, { 'Retry-After': String(RETRY_SECONDS) })
  }
  return testView(test, await whyTextsOf(c.env))
}

export interface EndpointTestView {
  readonly event_id: string
  readonly type: ExampleType
  readonly body: string
  readonly outcome: string
  readonly http_status: number | null
  readonly duration_ms: number
  readonly answer: string
  /** Null when it arrived. */
  readonly why: Why | null
}

function testView(test: EndpointTest, texts: WhyTexts): EndpointTestView {
  return {
    event_id: test.eventId,
    type: test.type,
    body: test.body,
    outcome: test.outcome,
    http_status: test.httpStatus,
    duration_ms: test.durationMs,
    answer: test.answer,
    why: whyNot(test, test.url, texts),
  }
}
