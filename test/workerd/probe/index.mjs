/** Does with its bindings what it is asked to, for `test/system/workerd.test.ts`. */
import { DurableObject } from 'cloudflare:workers'

/**
 * @typedef {{ KEYS: KVNamespace, LIMIT: RateLimit, CLOCK: DurableObjectNamespace<Clock>, RECEIVER_URL: string, METRICS: AnalyticsEngineDataset }} Env
 * @typedef {(env: Env, given: any) => unknown} Task
 */

/** @type {string[]} */
const crons = []

/** @type {Record<string, Task>} */
const tasks = {
  put: ({ KEYS }, { key, value, options }) => KEYS.put(key, value, options),
  get: ({ KEYS }, { key }) => KEYS.getWithMetadata(key),
  remove: ({ KEYS }, { key }) => KEYS.delete(key),
  list: ({ KEYS }, options) => KEYS.list(options),
  limit: ({ LIMIT }, { key }) => LIMIT.limit({ key }),
  cache: async (_env, { url, body, control }) => {
    await caches.default.put(url, new Response(body, { headers: { 'Cache-Control': control } }))
  },
  cached: async (_env, { url }) => await (await caches.default.match(url))?.text(),
  uncache: (_env, { url }) => caches.default.delete(url),
  wakeIn: ({ CLOCK }, { ms }) => CLOCK.getByName('it').wakeIn(ms),
  crons: () => crons,
  point: ({ METRICS }, point) => METRICS.writeDataPoint(point),
}

/** @extends {DurableObject<Env>} */
export class Clock extends DurableObject {
  /** @param {number} ms */
  wakeIn(ms) {
    return this.ctx.storage.setAlarm(Date.now() + ms)
  }

  /** @override */
  async alarm() {
    await fetch(this.env.RECEIVER_URL, { method: 'POST', body: '{}' })
  }
}

export default {
  /**
   * @param {Request} request
   * @param {Env} env
   */
  async fetch(request, env) {
    const { task, given } = /** @type {{ task: string, given: unknown }} */ (await request.json())
    const answer = await Promise.resolve(tasks[task]?.(env, given)).catch(String)
    return Response.json({ answer: answer ?? null, address: request.headers.get('CF-Connecting-IP') })
  },

  /** @param {ScheduledController} controller */
  scheduled({ cron }) {
    crons.push(cron)
  },
}
