// The floor of the gateway's routes: the least that the same runtime does for an answer of their kind.
import { DurableObject } from 'cloudflare:workers'
import { Hono } from 'hono'

/** @typedef {{ LIMIT: RateLimit, ROWS: DurableObjectNamespace<Rows> }} Env */

const CACHE_KEY = 'https://limits.invalid/status'
const CACHE_SECONDS = 3_600

/** @extends {DurableObject<Env>} */
export class Rows extends DurableObject {
  /**
   * @param {DurableObjectState} ctx
   * @param {Env} env
   */
  constructor(ctx, env) {
    super(ctx, env)
    ctx.storage.sql.exec(
      'CREATE TABLE IF NOT EXISTS rows (ref TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID',
    )
  }

  /** @param {string} ref */
  read(ref) {
    const [row] = this.ctx.storage.sql.exec('SELECT body FROM rows WHERE ref = ?', ref).toArray()
    return String(row?.body)
  }

  /**
   * @param {string} ref
   * @param {string} body
   */
  insert(ref, body) {
    this.ctx.storage.sql.exec('INSERT INTO rows VALUES (?, ?)', ref, body)
  }
}

/** @type {Hono<{ Bindings: Env }>} */
const app = new Hono()

app.get('/hello', (c) => c.json({ ref: 'hello' }))

/** What the gateway asks of the platform for a status at the edge, and nothing else. */
app.get('/edge', async (c) => {
  const [{ success }, hit] = [await c.env.LIMIT.limit({ key: 'key' }), await caches.default.match(CACHE_KEY)]
  if (success && hit !== undefined)
    return c.body(await hit.text(), 200, { 'Content-Type': 'application/json' })
  const headers = { 'Cache-Control': `public, max-age=${CACHE_SECONDS}` }
  await caches.default.put(CACHE_KEY, new Response(JSON.stringify({ ref: 'edge' }), { headers }))
  return c.json({ ref: 'not there yet' })
})

app.get('/read/:ref', async (c) => {
  const ref = c.req.param('ref')
  return c.body(await c.env.ROWS.getByName(ref).read(ref), 200, { 'Content-Type': 'application/json' })
})

/** Into the object of that name, which is made when there is none. */
app.post('/insert/:object/:ref', async (c) => {
  const { object, ref } = c.req.param()
  await c.env.ROWS.getByName(object).insert(ref, JSON.stringify({ ref }))
  return c.json({ ref })
})

export default app
