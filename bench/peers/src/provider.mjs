// The provider's client. Look-ups are retried by the queue; a send is not: it may have been made.

const TIMEOUT_MS = 10_000
/** @type {Readonly<Record<string, string>>} */
const HEADERS = { 'X-Access-Token': process.env.PROVIDER_TOKEN ?? '', 'Content-Type': 'application/json' }

/** @param {string} baseUrl */
export function providerAt(baseUrl) {
  /**
   * @param {string} path
   * @param {RequestInit} [request]
   */
  const ask = async (path, request) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const answer = await fetch(`${baseUrl}/v3/mobile/${path}`, { ...request, headers: HEADERS, signal })
    return { status: answer.status, json: await answer.json() }
  }
  return {
    send: (/** @type {string} */ body) => ask('send', { method: 'POST', body }),
    checkRef: (/** @type {string} */ ref) => ask(`check-ref/${encodeURIComponent(ref)}`),
  }
}
