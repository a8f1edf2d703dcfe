/** `/v1/endpoints` and `/v1/deliveries`: where a merchant is called back, and how that went. */
import { type Context, Hono } from 'hono'
import type * as z from 'zod'
import { whyTextsOf } from '../callback/why-texts'
import { bookOf, merchantById, settings } from '../env'
import { type DeliveryView, deliveryView } from '../merchant/delivery-view'
import { MAX_ENDPOINTS, merchantOfEndpoint } from '../merchant/endpoint'
import { MAX_FORMER_KEYS } from '../merchant/endpoint-keys'
import { type EndpointView, endpointView } from '../merchant/endpoint-view'
import type { ListedEndpoint, NewSecret } from '../merchant/merchant'
import { EVENT_TYPES } from '../order/state'
import { type Caller, withKey } from './auth'
import { allowedUrl } from './callback-url'
import {
  changeEndpointBody,
  createEndpointBody,
  deleteEndpointQuery,
  deliveriesQuery,
  rotateKeysBody,
} from './contract'
import { ApiError, json, success } from './envelope'
import { readBody, readQuery } from './validation'

export const endpoints = new Hono<Caller>()

const HOUR_MS = 3_600_000
const TOO_MANY_KEYS = `At most ${MAX_FORMER_KEYS} former keys may sign beside the new ones: revoke them, or rotate without an overlap`
/** Only the operator can help; a client that asks again by itself need not do so often. */
const CLOSED_RETRY_SECONDS = 3_600

/** 201 with `secret` (`whsec_...`), which is shown here and never again. */
endpoints.post('/endpoints', withKey('READ-WRITE'), async (c) => {
  const made = await registerEndpoint(c, await readBody(c, createEndpointBody))
  return success(c, await withSecret(c, made), 201)
})

export async function registerEndpoint(
  c: Context<Caller>,
  body: z.output<typeof createEndpointBody>,
): Promise<NewSecret> {
  mayKeepKeys(c)
  const made = await merchantOf(c).createEndpoint({
    environment: c.get('key').environment,
    url: allowedUrl(c, body.url),
    events: body.events ?? EVENT_TYPES,
    description: body.description ?? null,
    foldSuperseded: body.fold_superseded ?? false,
    notifyUrl: body.notify_url === undefined ? null : allowedUrl(c, body.notify_url, 'notify_url'),
  })
  if (made === null) {
    throw new ApiError('ERR_VALIDATION', `There may be ${MAX_ENDPOINTS} endpoints at most; delete one first`)
  }
  return made
}

endpoints.get('/endpoints', withKey('READ-ONLY'), async (c) => {
  return success(c, JSON.stringify({ items: await listEndpoints(c), next_cursor: null }))
})

export async function listEndpoints(c: Context<Caller>): Promise<EndpointView[]> {
  return await views(c, await merchantOf(c).endpoints(c.get('key').environment))
}

endpoints.get('/endpoints/:id', withKey('READ-ONLY'), async (c) => {
  return success(c, JSON.stringify(await endpointOf(c, c.req.param('id'))))
})

export async function endpointOf(c: Context<Caller>, id: string): Promise<EndpointView> {
  return await view(c, await merchantOf(c).endpoint(c.get('key').environment, id), id)
}

/** `state: active` lets held events go; what is unproven in production, or was disabled, is challenged first. */
endpoints.patch('/endpoints/:id', withKey('READ-WRITE'), async (c) => {
  const change = await readBody(c, changeEndpointBody)
  return success(c, JSON.stringify(await changeEndpoint(c, c.req.param('id'), change)))
})

export async function changeEndpoint(
  c: Context<Caller>,
  id: string,
  { state, url, events, fold_superseded, notify_url }: z.output<typeof changeEndpointBody>,
): Promise<EndpointView> {
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
  return await view(c, changed?.endpoint ?? null, id)
}

/** What becomes of the events that it holds must be said: `held=cancel`, or `move_to` with another endpoint. */
endpoints.delete('/endpoints/:id', withKey('READ-WRITE'), async (c) => {
  const id = c.req.param('id')
  await deleteEndpoint(c, id, readQuery(c, deleteEndpointQuery))
  return success(c, JSON.stringify({ id, deleted: true }))
})

export async function deleteEndpoint(
  c: Context<Caller>,
  id: string,
  { held, move_to }: z.output<typeof deleteEndpointQuery>,
): Promise<void> {
  const heir = move_to ?? null
  const merchant = merchantOf(c)
  const { environment } = c.get('key')
  if ((await merchant.endpoint(environment, id)) === null) throw notFound(id)
  if (held === undefined && heir === null) await mustHoldNothing(c, id)
  if (!(await merchant.deleteEndpoint(environment, id, heir))) throw notFound(heir ?? id)
}

/** New keys, and their `secret` this once. The former ones sign beside them for the overlap. */
endpoints.post('/endpoints/:id/rotate', withKey('READ-WRITE'), async (c) => {
  const wanted = await readBody(c, rotateKeysBody)
  return success(c, await withSecret(c, await rotateKeys(c, c.req.param('id'), wanted)))
})

export async function rotateKeys(
  c: Context<Caller>,
  id: string,
  { overlap_hours }: z.output<typeof rotateKeysBody>,
): Promise<NewSecret> {
  mayKeepKeys(c)
  const made = await merchantOf(c).rotateKeys(c.get('key').environment, id, overlap_hours * HOUR_MS)
  if (made === null) throw notFound(id)
  if (made === 'too_many') throw new ApiError('ERR_VALIDATION', TOO_MANY_KEYS)
  return made
}

/** The newest keys sign alone from here on. */
endpoints.post('/endpoints/:id/revoke-old', withKey('READ-WRITE'), async (c) => {
  return success(c, JSON.stringify(await revokeFormerKeys(c, c.req.param('id'))))
})

export async function revokeFormerKeys(c: Context<Caller>, id: string): Promise<EndpointView> {
  return await view(c, await merchantOf(c).revokeFormerKeys(c.get('key').environment, id), id)
}

/** Newest first; each with every attempt. */
endpoints.get('/deliveries', withKey('READ-ONLY'), async (c) => {
  const { items, next } = await listDeliveries(c, readQuery(c, deliveriesQuery))
  return success(c, JSON.stringify({ items, next_cursor: next }))
})

export async function listDeliveries(
  c: Context<Caller>,
  query: z.output<typeof deliveriesQuery>,
): Promise<{ items: DeliveryView[]; next: string | null }> {
  const { merchantId, environment } = c.get('key')
  const page = await bookOf(c.env, merchantId).deliveries({
    environment,
    state: query.state ?? null,
    endpointId: query.endpoint_id ?? null,
    ref: query.ref ?? null,
    limit: query.limit,
    before: query.cursor ?? null,
  })
  const texts = await whyTextsOf(c.env)
  return { items: page.items.map((each) => deliveryView(each, texts)), next: page.next }
}

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

async function view(c: Context<Caller>, endpoint: ListedEndpoint | null, id: string): Promise<EndpointView> {
  const [viewed] = endpoint === null ? [] : await views(c, [endpoint])
  if (viewed === undefined) throw notFound(id)
  return viewed
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

async function withSecret(c: Context<Caller>, { endpoint, secret }: NewSecret): Promise<string> {
  return JSON.stringify({ ...(await view(c, endpoint, endpoint.id)), secret })
}

/** Signing keys are never kept in the clear. */
function mayKeepKeys(c: Context<Caller>): void {
  if (settings(c.env).masterKey !== null) return
  const message = 'There can be no signing keys: the operator of the gateway has set no MASTER_KEY'
  throw new ApiError('SERVICE_UNAVAILABLE', message, null, { 'Retry-After': String(CLOSED_RETRY_SECONDS) })
}
