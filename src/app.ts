/** The HTTP surface: middleware in order, then the mounts, then one place for everything that goes wrong. */
import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import { account } from './api/account'
import { admin } from './api/admin'
import type { Caller } from './api/auth'
import { limitBody } from './api/body-limit'
import { deliveries } from './api/deliveries'
import { docs } from './api/docs'
import { endpointTests } from './api/endpoint-tests'
import { endpoints, webhookKeys } from './api/endpoints'
import { ApiError, failure, newRequestId, toApiError } from './api/envelope'
import { events } from './api/events'
import { files } from './api/files'
import { findings } from './api/findings'
import { orders } from './api/orders'
import { reconciliations } from './api/reconciliations'
import { reference } from './api/reference'
import { replays } from './api/replays'
import { signatures } from './api/signatures'
import { oldTopups, topups } from './api/topups'
import { walletReconciliations } from './api/wallet-reconciliations'
import { wallets } from './api/wallets'
import { consolePages } from './console/console'
import { orderById } from './env'
import { readStatusToken } from './order/link'
import { dressFor } from './pages/dress'
import { statusPage, unknownLinkPage } from './pages/status-page'

export const app = new Hono<Caller>()

app.use(async (c, next) => {
  c.set('requestId', newRequestId())
  await next()
})
// The provider allows any origin; its clients in browsers rely on it.
app.use('/v3/*', cors({ origin: '*', allowHeaders: ['X-Access-Token', 'Authorization', 'Content-Type'] }))
app.use(limitBody)

app.route('/v3', topups)
app.route('/v3', account)
app.route('/v2', oldTopups)
app.route('/v1', orders)
app.route('/v1', endpoints)
app.route('/v1', endpointTests)
app.route('/v1', signatures)
app.route('/v1', deliveries)
app.route('/v1', events)
app.route('/v1', replays)
app.route('/v1', findings)
app.route('/v1', reconciliations)
app.route('/admin', admin)
app.route('/admin', wallets)
app.route('/admin', walletReconciliations)
app.route('/.well-known', webhookKeys)
app.route('/', reference)
// Files are no operations of the API: whoever lists its routes does not find them.
app.use('/static/*', files)
app.use('/docs/*', docs)
app.route('/console', consolePages)

app.get('/t/:token', async (c) => {
  const link = readStatusToken(c.req.param('token'))
  const order = link === null ? null : orderOfLink(c, link.orderId)
  const view = link === null || order === null ? null : await order.page(link)
  const request = c.req.raw
  const dress = await dressFor(request, c.env)
  return view === null ? unknownLinkPage(request, dress) : statusPage(view, request, dress, Date.now())
})

refuseOtherMethods()

app.notFound((c) => {
  const message = `Route ${c.req.method}:${new URL(c.req.url).pathname} not found`
  return failure(c, new ApiError('NOT_FOUND', message))
})

app.onError((error, c) => failure(c, toApiError(error, c)))

/** A known path with another method is 405, not 404. Registered last, so the real routes win. */
function refuseOtherMethods(): void {
  const methods = new Map<string, Set<string>>()
  for (const { method, path } of app.routes) {
    if (method !== 'ALL') methods.set(path, (methods.get(path) ?? new Set()).add(method))
  }
  for (const [path, allowed] of methods) {
    app.all(path, () => {
      const allow = Array.from(allowed).join(', ')
      throw new ApiError('METHOD_NOT_ALLOWED', `Use ${allow} here`, null, { Allow: allow })
    })
  }
}

/** Null for what is not the id of an order object. */
function orderOfLink(c: Context<Caller>, orderId: string): ReturnType<typeof orderById> | null {
  try {
    return orderById(c.env, orderId)
  } catch {
    return null
  }
}
