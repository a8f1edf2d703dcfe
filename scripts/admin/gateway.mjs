// The gateway's admin API: which gateway is asked, with which token, and what its answers mean.
import { LOCAL_SECRETS } from '../local-values.mjs'
import { UsageError } from './arguments.mjs'
import { printable } from './views.mjs'

/**
 * `call` gives the `data` of a success and throws CallFailed for everything else.
 * @typedef {{ call: (method: string, path: string, body?: object) => Promise<any> }} Gateway
 */

export const DEFAULT_URL = 'http://localhost:8787'
/** The slowest call waits for the provider, which has 5 s. */
const TIMEOUT_MS = 30_000
/** Failures before anything was sent; after any other, the gateway may have done it. */
const NOT_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT|ERR_TLS_\w+|UNABLE_TO_\w+|\w*CERT\w*|bad port)$/

/** The gateway refused, or nobody can tell what it did. */
export class CallFailed extends Error {
  /** @override */
  name = 'CallFailed'
}

/**
 * @param {string} address
 * @param {string | undefined} adminToken
 * @returns {Gateway}
 */
export function openGateway(address, adminToken) {
  const url = readAddress(address)
  const token = adminToken || (isLoopback(url) ? LOCAL_SECRETS.ADMIN_TOKEN : '')
  if (token === '') throw new UsageError(`Set ADMIN_TOKEN to the operator's token of ${url.origin}.`)
  // fetch would refuse it too, with the token in its message.
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new UsageError('ADMIN_TOKEN is not a token: it has odd characters.')
  return {
    async call(method, path, body) {
      const secrets = [token, ...(body && 'access_token' in body ? [String(body.access_token)] : [])]
      const { status, text, retryAfter } = await exchange(url.origin, method, path, token, body)
      const answer = parsed(text)
      if (status >= 200 && status < 300 && answer?.success === true && 'data' in answer) return answer.data
      throw new CallFailed(concealed(refusalOf(url.origin, status, answer, retryAfter), secrets))
    },
  }
}

/** @param {string} address */
function readAddress(address) {
  const url = URL.canParse(address) ? new URL(address) : null
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new UsageError('The url of the gateway must be like https://gateway.example.')
  // What comes after the host would be dropped in silence, and a password would end up in messages.
  if (url.username || url.password || url.pathname !== '/' || url.search || url.hash)
    throw new UsageError('The url of the gateway is only https:// and its host, without anything more.')
  if (url.protocol !== 'https:' && !isLoopback(url))
    throw new UsageError(`The url of the gateway must be https: over ${url.origin} the token could be read.`)
  return url
}

/** @param {URL} url */
function isLoopback({ hostname }) {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
}

/** @param {string} origin @param {string} method @param {string} path @param {string} token @param {object} [body] */
async function exchange(origin, method, path, token, body) {
  try {
    const answer = await fetch(origin + path, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      // The gateway never redirects: whoever does is not to be told the token.
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: answer.status, text: await answer.text(), retryAfter: answer.headers.get('Retry-After') }
  } catch (error) {
    const reason = reasonOf(error)
    if (NOT_SENT.test(reason) || method === 'GET')
      throw new CallFailed(`No gateway answers at ${origin} (${reason}).`)
    throw new CallFailed(
      `No answer came from ${origin} (${reason}): it may have done what was asked, so look before you repeat it.`,
    )
  }
}

/**
 * fetch says only "fetch failed"; why is in the cause. Never a message of its own: it could quote a header.
 * @param {unknown} error
 * @returns {string}
 */
function reasonOf(error) {
  if (!(error instanceof Error)) return 'unknown'
  if (error.name === 'TimeoutError') return `nothing within ${TIMEOUT_MS / 1_000} s`
  const { cause } = error
  if (!(cause instanceof Error)) return error.name
  return 'code' in cause ? String(cause.code) : cause.message
}

/** @param {string} origin @param {number} status @param {any} answer @param {string | null} retryAfter */
function refusalOf(origin, status, answer, retryAfter) {
  const error = answer?.error
  if (typeof error?.code !== 'string')
    return `${origin} answered ${status}, but not as a Rasid gateway does: is the url right?`
  return [
    `${printable(error.code)}: ${printable(String(error.message))}`,
    ...(error.details === undefined ? [] : [`details: ${printable(JSON.stringify(error.details))}`]),
    ...(retryAfter === null ? [] : [`try again in: ${printable(retryAfter)} s`]),
    ...(answer.requestId === undefined ? [] : [`request id: ${printable(String(answer.requestId))}`]),
  ].join('\n')
}

/**
 * The gateway names the value that it refuses.
 * @param {string} text
 * @param {readonly string[]} secrets
 */
function concealed(text, secrets) {
  return secrets
    .flatMap((secret) => [JSON.stringify(secret).slice(1, -1), secret])
    .reduce((shown, secret) => shown.replaceAll(secret, '[hidden]'), text)
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
