// The gateway that a team would build: the provider's send and check-ref, orders kept, asked for, and called back.
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { openOrders } from './orders.mjs'
import { providerAt } from './provider.mjs'
import { startWork, view } from './work.mjs'

const { PORT, PROVIDER_URL, REDIS_PORT, ORDERS_PATH, CALLBACK_URL, CALLBACK_SECRET, API_KEY } = process.env

const orders = openOrders(ORDERS_PATH ?? 'orders.sqlite')
const provider = providerAt(PROVIDER_URL ?? '')
const work = startWork({
  orders,
  provider,
  connection: { host: '127.0.0.1', port: Number(REDIS_PORT), maxRetriesPerRequest: null },
  callbackUrl: CALLBACK_URL ?? '',
  secret: CALLBACK_SECRET ?? '',
})
// What a crash left between the database and the queue is queued again; a job of the same id is one job.
for (const { ref } of orders.open()) await work.watch(ref)

const app = new Hono()

app.use('/v3/*', async (c, next) => {
  if (c.req.header('X-Access-Token') !== API_KEY) {
    return c.json(failure('INVALID_ACCESS_TOKEN', 'Invalid access token'), 401)
  }
  await next()
})

app.post('/v3/mobile/send', async (c) => {
  const { plan_code, MSSIDN, amount, ref } = await c.req.json()
  if ([plan_code, MSSIDN, ref].some((field) => typeof field !== 'string' || field === '')) {
    return c.json(failure('ERR_VALIDATION', 'plan_code, MSSIDN and ref are required'), 400)
  }
  const body = { plan_code, MSSIDN, amount, ref }
  if (!orders.add(ref, body)) return again(c, ref, JSON.stringify(body))
  // Before the send: should this process die, the job asks for what became of it.
  await work.watch(ref)
  const answer = await provider.send(JSON.stringify(body)).catch(() => null)
  if (answer === null || answer.status >= 500) return c.json(success({ topupId: null, topupRef: ref }))
  if (answer.status !== 200) {
    orders.refuse(ref, answer.json)
    return c.json(answer.json, /** @type {400} */ (answer.status))
  }
  orders.accept(ref, answer.json.data.topupId)
  return c.json(success({ topupId: answer.json.data.topupId, topupRef: ref }))
})

app.get('/v3/mobile/check-ref/:ref', (c) => {
  const order = orders.find(c.req.param('ref'))
  return order === undefined
    ? c.json(failure('NOT_FOUND', 'No such top-up'), 404)
    : c.json(success(view(order)))
})

app.onError((error, c) => {
  console.error(error)
  return c.json(failure('INTERNAL_ERROR', 'Something went wrong'), 500)
})

serve({ fetch: app.fetch, port: Number(PORT), hostname: '127.0.0.1' }, ({ port }) =>
  console.log(JSON.stringify({ port })),
)

/**
 * @param {import('hono').Context} c
 * @param {string} ref
 * @param {string} body
 */
function again(c, ref, body) {
  const order = orders.find(ref)
  if (order?.body !== body)
    return c.json(failure('DUPLICATED_REF', 'This reference ID is already in use'), 403)
  return c.json(success({ topupId: order.topup_id, topupRef: ref }))
}

/** @param {unknown} data */
function success(data) {
  return { success: true, data, meta: { timestamp: new Date().toISOString() } }
}

/**
 * @param {string} code
 * @param {string} message
 */
function failure(code, message) {
  return { success: false, error: { code, message } }
}
