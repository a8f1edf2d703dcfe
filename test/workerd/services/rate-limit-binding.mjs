/**
 * What a Worker finds under the name of a limiter; loaded by the runtime itself, as a part of it.
 * @param {{ counter: Service<import('./rate-limit.mjs').default>, limiter: string, limit: number, period: number }} inner
 * @returns {RateLimit}
 */
export default function bind({ counter, limiter, limit, period }) {
  return {
    limit: async ({ key }) => ({ success: await counter.take(limiter, key, { limit, period }) }),
  }
}
