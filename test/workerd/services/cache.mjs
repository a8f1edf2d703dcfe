/**
 * The Cache API's other side: the runtime sends `match` as GET, `put` as PUT with a whole HTTP response in the body,
 * and `delete` as PURGE. In memory: what the platform caches may be gone at any time, too.
 */
const MAX_ENTRIES = 10_000

/** @type {Map<string, { until: number, status: number, headers: [string, string][], body: Uint8Array }>} */
const entries = new Map()

export default {
  /** @param {Request} request */
  async fetch(request) {
    if (request.method === 'GET') return match(request.url)
    if (request.method === 'PUT') return put(request.url, new Uint8Array(await request.arrayBuffer()))
    if (request.method === 'PURGE')
      return new Response(null, { status: entries.delete(request.url) ? 200 : 404 })
    return new Response(null, { status: 405 })
  },
}

/** @param {string} url */
function match(url) {
  const entry = entries.get(url)
  if (entry !== undefined && entry.until > Date.now()) {
    const headers = new Headers(entry.headers)
    headers.set('CF-Cache-Status', 'HIT')
    return new Response(entry.body, { status: entry.status, headers })
  }
  entries.delete(url)
  return new Response(null, { status: 504, headers: { 'CF-Cache-Status': 'MISS' } })
}

/**
 * @param {string} url
 * @param {Uint8Array} message
 */
function put(url, message) {
  const { status, headers, body } = parse(message)
  const seconds = freshSeconds(new Headers(headers).get('Cache-Control') ?? '')
  if (seconds === 0) return new Response(null, { status: 413 })
  entries.delete(url)
  entries.set(url, { until: Date.now() + seconds * 1_000, status, headers, body })
  const [oldest] = entries.keys()
  if (entries.size > MAX_ENTRIES && oldest !== undefined) entries.delete(oldest)
  return new Response(null, { status: 204 })
}

/** @param {string} cacheControl */
function freshSeconds(cacheControl) {
  if (/\b(no-store|no-cache|private)\b/i.test(cacheControl)) return 0
  const found = /\bs-maxage=(\d+)/i.exec(cacheControl) ?? /\bmax-age=(\d+)/i.exec(cacheControl)
  return Number(found?.[1] ?? 0)
}

/**
 * Latin-1 keeps one character for each byte, so that a place in the text is one in the message.
 * @param {Uint8Array} message
 */
function parse(message) {
  const text = new TextDecoder('latin1').decode(message)
  const end = text.indexOf('\r\n\r\n')
  const [start = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers = lines.map((line) => {
    const colon = line.indexOf(':')
    return /** @type {[string, string]} */ ([line.slice(0, colon), line.slice(colon + 1).trim()])
  })
  return { status: Number(start.split(' ')[1]), headers, body: message.slice(end + 4) }
}
