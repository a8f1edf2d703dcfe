// The example request of an operation: what is sent, as curl and in TypeScript.
import { curl } from '../../public/static/curl.js'

/** Filled in when the page is served: the gateway that was asked. */
const ORIGIN = '⟦origin⟧'

/** @type {Record<string, [header: string, value: string]>} */
const CREDENTIALS = {
  accessToken: ['X-Access-Token', 'YOUR_KEY'],
  operator: ['Authorization', 'Bearer ADMIN_TOKEN'],
  bareKey: ['Authorization', 'YOUR_KEY'],
}

/**
 * @param {string} method
 * @param {string} path
 * @param {any} operation
 */
export function exampleRequest(method, path, operation) {
  const { parameters = [], requestBody, security = [] } = operation
  const media = requestBody?.content['application/json']
  const [first] = Object.values(media?.examples ?? {})
  const body = /** @type {any} */ (first)?.value ?? null
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => {
    const { example = name } = parameters.find((/** @type {any} */ each) => each.name === name) ?? {}
    return encodeURIComponent(example)
  })
  const query = parameters
    .filter((/** @type {any} */ each) => each.in === 'query' && each.example !== undefined)
    .map((/** @type {any} */ { name, example }) => `${name}=${encodeURIComponent(example)}`)
    .join('&')
  const credential = CREDENTIALS[Object.keys(security[0] ?? {})[0] ?? '']
  return {
    method: method.toUpperCase(),
    url: `${ORIGIN}${filled}${query && `?${query}`}`,
    headers: {
      ...(credential === undefined ? {} : { [credential[0]]: credential[1] }),
      ...(body === null ? {} : { 'Content-Type': 'application/json' }),
    },
    body,
  }
}

/** @param {ReturnType<typeof exampleRequest>} request */
export function inCurl({ body, ...request }) {
  return curl({ ...request, body: body === null ? null : JSON.stringify(body) })
}

/** @param {ReturnType<typeof exampleRequest>} request */
export function inTypeScript({ method, url, headers, body }) {
  const names = Object.entries(headers).map(
    ([name, value]) => `    ${/^\w+$/.test(name) ? name : `'${name}'`}: '${value}',\n`,
  )
  const options = [
    ...(method === 'GET' ? [] : [`  method: '${method}',\n`]),
    ...(names.length === 0 ? [] : [`  headers: {\n${names.join('')}  },\n`]),
    ...(body === null ? [] : [`  body: JSON.stringify(${indented(JSON.stringify(body, null, 2))}),\n`]),
  ]
  const more = options.length === 0 ? '' : `, {\n${options.join('')}}`
  return `const response = await fetch('${url}'${more})\nconst answer = await response.json()`
}

/** @param {string} text */
function indented(text) {
  return text.replaceAll('\n', '\n  ')
}
