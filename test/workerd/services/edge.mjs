/** What stands before a Worker on the platform: it says whose request this is, and it is the way to the cron. */
const SCHEDULED = '/cdn-cgi/handler/scheduled'

/**
 * The flag `service_binding_extra_handlers` adds what is not in the public types.
 * @typedef {Fetcher & { scheduled(event: { cron: string }): Promise<{ outcome: string }> }} Gateway
 */

export default {
  /**
   * @param {Request} request
   * @param {{ GATEWAY: Gateway }} env
   */
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === SCHEDULED) return await runCron(env.GATEWAY, searchParams.get('cron') ?? '')
    const headers = new Headers(request.headers)
    headers.set('CF-Connecting-IP', peer(request))
    return await env.GATEWAY.fetch(new Request(request, { headers }))
  },
}

/**
 * @param {Gateway} gateway
 * @param {string} cron
 */
async function runCron(gateway, cron) {
  const { outcome } = await gateway.scheduled({ cron })
  return new Response(outcome, { status: outcome === 'ok' ? 200 : 500 })
}

/**
 * The runtime gives it as `address:port`, an IPv6 address in brackets.
 * @param {Request} request
 */
function peer({ cf }) {
  return String(cf?.clientIp ?? '').replace(/^\[?(.*?)\]?:\d+$/, '$1')
}
