/** `/v1/endpoints` and `/v1/deliveries`: where a merchant is called back, and how that went. */
import { type Context, Hono } from 'hono'
import { checkTarget } from '../callback/target'
import { bookOf, merchantById, settings } from '../env'
import { type Endpoint, endpointView, MAX_ENDPOINTS, merchantOfEndpoint } from '../merchant/endpoint'
import { EVENT_TYPES } from '../order/state'
import { type Caller, withKey } from './auth'
import { changeEndpointBody, createEndpointBody, deliveriesQuery } from './contract'
import { ApiError, json, success } from './envelope'
import { readBody, readQuery } from './validation'

export const endpoints = new Hono<Caller>()

/** 201 with `secret` (`whsec_...`), which is shown here and never again. */
endpoints.post('/endpoints', withKey('READ-WRITE'), async (c) => {
  const body = await readBody(c, createEndpointBody)
  const endpoint = await merchantOf(c).createEndpoint({
    environment: c.get('key').environment,
    url: allowedUrl(c, body.url),
    events: body.events ?? EVENT_TYPES,
    description: body.description ?? null,
  })
  if (endpoint === null) {
    throw new ApiError('ERR_VALIDATION', `There may be ${MAX_ENDPOINTS} endpoints at most; delete one first`)
  }
  const [key] = endpoint.keys
  return success(c, JSON.stringify({ ...endpointView(endpoint), secret: key?.secret }), 201)
})

endpoints.get('/endpoints', withKey('READ-ONLY'), async (c) => {
  const all = await merchantOf(c).endpoints(c.get('key').environment)
  return success(c, JSON.stringify({ items: all.map(endpointView), next_cursor: null }))
})

endpoints.get('/endpoints/:id', withKey('READ-ONLY'), async (c) => {
  const id = c.req.param('id')
  return answer(c, await merchantOf(c).endpoint(c.get('key').environment, id), id)
})

/** `state: active` lets held events go; an unproven production endpoint is challenged first. */
endpoints.patch('/endpoints/:id', withKey('READ-WRITE'), async (c) => {
  const id = c.req.param('id')
  const { state, url, events } = await readBody(c, changeEndpointBody)
  const change = { state, events, url: url === undefined ? undefined : allowedUrl(c, url) }
  const changed = await merchantOf(c).changeEndpoint(c.get('key').environment, id, change)
  if (changed?.ok === false)
    throw new ApiError('ENDPOINT_NOT_VERIFIED', `The endpoint is not active: ${changed.reason}`)
  return answer(c, changed?.endpoint ?? null, id)
})

/** Events still held for it are cancelled and stay listed. */
endpoints.delete('/endpoints/:id', withKey('READ-WRITE'), async (c) => {
  const id = c.req.param('id')
  if (!(await merchantOf(c).deleteEndpoint(c.get('key').environment, id))) throw notFound(id)
  return success(c, JSON.stringify({ id, deleted: true }))
})

/** Newest first; each with every attempt. */
endpoints.get('/deliveries', withKey('READ-ONLY'), async (c) => {
  const query = readQuery(c, deliveriesQuery)
  const { merchantId, environment } = c.get('key')
  const { items, next } = await bookOf(c.env, merchantId).deliveries({
    environment,
    state: query.state ?? null,
    endpointId: query.endpoint_id ?? null,
    ref: query.ref ?? null,
    limit: query.limit,
    before: query.cursor ?? null,
  })
  return success(c, JSON.stringify({ items, next_cursor: next }))
})

/** Public: a receiver checks `v1a` signatures with these. Newest first, no envelope. */
export const webhookKeys = new Hono<Caller>()

webhookKeys.get('/webhook-keys/:file{.+\\.json}', async (c) => {
  const id = c.req.param('file').slice(0, -'.json'.length)
  const merchantId = merchantOfEndpoint(id)
  const keys = merchantId === null ? null : await merchantById(c.env, merchantId).publicKeys(id)
  if (keys === null) throw notFound(id)
  return json(c, JSON.stringify({ keys }))
})

function merchantOf(c: Context<Caller>) {
  return merchantById(c.env, c.get('key').merchantId)
}

function answer(c: Context<Caller>, endpoint: Endpoint | null, id: string): Response {
  if (endpoint === null) throw notFound(id)
  return success(c, JSON.stringify(endpointView(endpoint)))
}

function notFound(id: string): ApiError {
  return new ApiError('NOT_FOUND', `Endpoint '${id}' not found`)
}

/** The normal form of an allowed callback URL: the one that is stored and called. */
function allowedUrl(c: Context<Caller>, url: string): string {
  const { local, ownZones } = settings(c.env)
  const ownHosts = local ? ownZones : [...ownZones, new URL(c.req.url).hostname]
  const verdict = checkTarget(url, { allowLoopbackHttp: local, ownHosts })
  if (!verdict.ok) throw new ApiError('ERR_VALIDATION', verdict.reason, { field: 'url', value: url })
  return verdict.url
}
