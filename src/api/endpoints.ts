/** `/v1/endpoints` and `/v1/deliveries`: where a merchant is called back, and how that went. */
import { type Context, Hono } from 'hono'
import { checkTarget } from '../callback/target'
import { bookOf, merchantById, settings } from '../env'
import { MAX_ENDPOINTS, merchantOfEndpoint } from '../merchant/endpoint'
import { type EndpointView, endpointView } from '../merchant/endpoint-view'
import type { ListedEndpoint } from '../merchant/merchant'
import { EVENT_TYPES } from '../order/state'
import { type Caller, withKey } from './auth'
import { changeEndpointBody, createEndpointBody, deleteEndpointQuery, deliveriesQuery } from './contract'
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
    foldSuperseded: body.fold_superseded ?? false,
    notifyUrl: body.notify_url === undefined ? null : allowedUrl(c, body.notify_url, 'notify_url'),
  })
  if (endpoint === null) {
    throw new ApiError('ERR_VALIDATION', `There may be ${MAX_ENDPOINTS} endpoints at most; delete one first`)
  }
  const [key] = endpoint.keys
  return success(c, JSON.stringify({ ...endpointView(endpoint, null, 0), secret: key?.secret }), 201)
})

endpoints.get('/endpoints', withKey('READ-ONLY'), async (c) => {
  const all = await merchantOf(c).endpoints(c.get('key').environment)
  return success(c, JSON.stringify({ items: await views(c, all), next_cursor: null }))
})

endpoints.get('/endpoints/:id', withKey('READ-ONLY'), async (c) => {
  const id = c.req.param('id')
  return answer(c, await merchantOf(c).endpoint(c.get('key').environment, id), id)
})

/** `state: active` lets held events go; what is unproven in production, or was disabled, is challenged first. */
endpoints.patch('/endpoints/:id', withKey('READ-WRITE'), async (c) => {
  const id = c.req.param('id')
  const { state, url, events, fold_superseded, notify_url } = await readBody(c, changeEndpointBody)
  const change = {
    state,
    events,
    foldSuperseded: fold_superseded,
    url: url === undefined ? undefined : allowedUrl(c, url),
    notifyUrl: notify_url == null ? notify_url : allowedUrl(c, notify_url, 'notify_url'),
  }
  const changed = await merchantOf(c).changeEndpoint(c.get('key').environment, id, change)
  if (changed?.ok === false)
    throw new ApiError('ENDPOINT_NOT_VERIFIED', `The endpoint is not active: ${changed.reason}`)
  return answer(c, changed?.endpoint ?? null, id)
})

/** What becomes of the events that it holds must be said: `held=cancel`, or `move_to` with another endpoint. */
endpoints.delete('/endpoints/:id', withKey('READ-WRITE'), async (c) => {
  const id = c.req.param('id')
  const { held, move_to: heir = null } = readQuery(c, deleteEndpointQuery)
  const merchant = merchantOf(c)
  const { environment } = c.get('key')
  if ((await merchant.endpoint(environment, id)) === null) throw notFound(id)
  if (held === undefined && heir === null) await mustHoldNothing(c, id)
  if (!(await merchant.deleteEndpoint(environment, id, heir))) throw notFound(heir ?? id)
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

async function answer(c: Context<Caller>, endpoint: ListedEndpoint | null, id: string): Promise<Response> {
  if (endpoint === null) throw notFound(id)
  const [view] = await views(c, [endpoint])
  return success(c, JSON.stringify(view))
}

async function views(c: Context<Caller>, all: readonly ListedEndpoint[]): Promise<EndpointView[]> {
  const held = await bookOf(c.env, c.get('key').merchantId).heldCounts()
  return all.map((endpoint) => endpointView(endpoint, endpoint.health, held[endpoint.id] ?? 0))
}

async function mustHoldNothing(c: Context<Caller>, id: string): Promise<void> {
  const { [id]: held = 0 } = await bookOf(c.env, c.get('key').merchantId).heldCounts()
  if (held === 0) return
  const message = `The endpoint holds ${held} events: delete it with held=cancel or move_to=<endpoint>`
  throw new ApiError('HELD_EVENTS', message, { held })
}

function notFound(id: string): ApiError {
  return new ApiError('NOT_FOUND', `Endpoint '${id}' not found`)
}

/** The normal form of an allowed callback URL: the one that is stored and called. */
function allowedUrl(c: Context<Caller>, url: string, field = 'url'): string {
  const { local, ownZones } = settings(c.env)
  const ownHosts = local ? ownZones : [...ownZones, new URL(c.req.url).hostname]
  const verdict = checkTarget(url, { allowLoopbackHttp: local, ownHosts })
  if (!verdict.ok) throw new ApiError('ERR_VALIDATION', verdict.reason, { field, value: url })
  return verdict.url
}
