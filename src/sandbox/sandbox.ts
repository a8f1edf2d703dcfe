/**
 * The built-in OneClickDz v3: the provider's wire format over `Request` and `Response`, so that the gateway
 * talks to it through the client it uses for the real one. The access token names the account.
 *
 * Which number has which outcome: `outcomes.ts`. What is checked and told: `validation.ts`.
 */
import { type Context, Hono } from 'hono'
import { proxyDurable } from 'itty-durable/proxy-durable.js'
import type * as z from 'zod'
import { bareSuccess, failure, htmlFailure, lostSuccess, newRequestId, success, unrouted } from './answers'
import { catalogue } from './plans'
import {
  balanceAnswer,
  type Command,
  encodeCommand,
  type FindAnswer,
  findAnswer,
  listAnswer,
  type SendAnswer,
  sendAnswer,
  transactionsAnswer,
} from './protocol'
import { checkListQuery, checkSendBody, type Invalid, MAX_REF_LENGTH } from './validation'

const ACCESS_TOKEN = /^[A-Za-z0-9_-]{1,64}$/
const TOPUP_ID = /^[0-9a-f]{24}$/
const MAX_BODY_CHARACTERS = 1_048_576
const LOOK_UP_RETRY_SECONDS = 1
/** Unsettled top-ups of the slowest test numbers need up to 5 minutes to make room. */
const FULL_RETRY_SECONDS = 30
const USERNAME_DIGITS = 8

interface Sandbox {
  Bindings: { accounts: DurableObjectNamespace }
  Variables: { requestId: string; token: string }
}

type Call = Context<Sandbox>

/** Requests come to `https://sandbox.invalid/v3/…`; every answer is the provider's, nothing is thrown. */
export function sandboxFetch(namespace: DurableObjectNamespace): (request: Request) => Promise<Response> {
  return async (request) => await app.fetch(request, { accounts: namespace })
}

const app = new Hono<Sandbox>()

app.use(async (c, next) => {
  c.set('requestId', newRequestId(Date.now()))
  await next()
})

app.notFound((c) => unrouted(c.req.method, new URL(c.req.url).pathname, c.get('requestId')))

app.onError((_error, c) => internalError(c))

app.get('/v3/ping', (c) => {
  const operators = { mobilis: 'up', ooredoo: 'up', djezzy: 'up', mobilisFixedPlans: 'up' }
  return success({ api: 'ok', operators }, c.get('requestId'))
})

app.get('/v3/validate', (c) =>
  withAccount(c, (token) => {
    const apiKey = { key: token, isEnabled: true, type: 'SANDBOX', allowedips: [], scope: 'READ-WRITE' }
    return bareSuccess({ username: usernameOf(token), apiKey }, c.get('requestId'))
  }),
)

app.get('/v3/mobile/plans', (c) => withAccount(c, () => success(catalogue(), c.get('requestId'))))

app.get('/v3/account/balance', (c) =>
  withAccount(c, async (token) =>
    success(await ask(c, token, { call: 'balance' }, balanceAnswer), c.get('requestId')),
  ),
)

app.post('/v3/mobile/send', (c) =>
  withAccount(c, async (token) => {
    const text = await c.req.text().catch(() => '')
    if (text.length > MAX_BODY_CHARACTERS) {
      const error = { code: 'PAYLOAD_TOO_LARGE', message: 'Request body is too large' }
      return failure(413, error, c.get('requestId'))
    }
    const order = checkSendBody(text)
    if (order.kind === 'invalid') return invalid(c, order)
    return renderSend(c, await ask(c, token, { call: 'send', order: order.value }, sendAnswer))
  }),
)

app.get('/v3/mobile/check-ref/:ref', (c) =>
  withAccount(c, async (token) => {
    const { raw, decoded } = lastSegment(c)
    const refs = decoded === null ? [] : refsToTry(decoded, token)
    const answer = await ask(c, token, { call: 'find_by_ref', refs }, findAnswer)
    return renderFind(c, answer, `Top-up with reference '${decoded ?? raw}' not found`)
  }),
)

app.get('/v3/mobile/check-id/:id', (c) =>
  withAccount(c, async (token) => {
    const { raw, decoded } = lastSegment(c)
    const id = decoded !== null && TOPUP_ID.test(decoded) ? decoded : null
    const answer: FindAnswer =
      id === null ? { kind: 'absent' } : await ask(c, token, { call: 'find_by_id', id }, findAnswer)
    return renderFind(c, answer, `Top-up with ID '${decoded ?? raw}' not found`)
  }),
)

app.get('/v3/mobile/list', (c) =>
  withAccount(c, async (token) => {
    const query = checkListQuery(new URL(c.req.url).searchParams)
    if (query.kind === 'invalid') return invalid(c, query)
    const { items, pagination } = await ask(c, token, { call: 'list', query: query.value }, listAnswer)
    const prefix = storedPrefix(token)
    const rows = items.map((topup) => ({ ...topup, ref: prefix + topup.ref }))
    return success({ items: rows, pagination }, c.get('requestId'))
  }),
)

app.get('/v3/account/transactions', (c) =>
  withAccount(c, async (token) => {
    const query = checkListQuery(new URL(c.req.url).searchParams)
    if (query.kind === 'invalid') return invalid(c, query)
    const page = await ask(c, token, { call: 'transactions', query: query.value }, transactionsAnswer)
    return success(page, c.get('requestId'))
  }),
)

async function withAccount(
  c: Call,
  handle: (token: string) => Response | Promise<Response>,
): Promise<Response> {
  const token = c.req.header('X-Access-Token') ?? ''
  if (token === '') {
    const error = { code: 'MISSING_ACCESS_TOKEN', message: 'Access token is required' }
    return failure(401, error, c.get('requestId'))
  }
  if (!ACCESS_TOKEN.test(token)) {
    const error = { code: 'INVALID_ACCESS_TOKEN', message: 'The provided access token is invalid' }
    return failure(401, error, c.get('requestId'))
  }
  return await handle(token)
}

/** Asks the account's object. None of the caller's headers go along. */
async function ask<Answer>(
  c: Call,
  token: string,
  command: Command,
  schema: z.ZodType<Answer>,
): Promise<Answer> {
  // By id, not by name: itty-durable takes any name of 64 hex digits for an id.
  const id = c.env.accounts.idFromName(token)
  const raw: unknown = await proxyDurable(c.env.accounts, { parse: true }).get(id).run(encodeCommand(command))
  return schema.parse(raw)
}

function renderSend(c: Call, answer: SendAnswer): Response {
  const requestId = c.get('requestId')
  switch (answer.kind) {
    case 'accepted': {
      const accepted = { topupId: answer.id, topupRef: answer.ref }
      if (answer.answer === 'lost') return lostSuccess(accepted, requestId)
      return answer.answer === 'error' ? internalError(c) : success(accepted, requestId)
    }
    case 'not_accepted':
      return internalError(c)
    case 'duplicate': {
      const error = { code: 'DUPLICATED_REF', message: 'This reference ID is already in use' }
      return failure(403, error, requestId)
    }
    case 'insufficient': {
      const details = { required: answer.required, available: answer.available }
      const message = 'Your balance is insufficient for this operation'
      return failure(403, { code: 'INSUFFICIENT_BALANCE', message, details }, requestId)
    }
    case 'full': {
      const message = 'This sandbox account has too many unsettled top-ups'
      return failure(429, { code: 'RATE_LIMIT_EXCEEDED', message }, requestId, FULL_RETRY_SECONDS)
    }
  }
}

function renderFind(c: Call, answer: FindAnswer, notFoundMessage: string): Response {
  const requestId = c.get('requestId')
  switch (answer.kind) {
    case 'found':
      return success(answer.topup, requestId)
    case 'absent':
      return failure(404, { code: 'NOT_FOUND', message: notFoundMessage }, requestId)
    case 'throttled': {
      const error = { code: 'RATE_LIMIT_EXCEEDED', message: 'Too many requests' }
      return failure(429, error, requestId, LOOK_UP_RETRY_SECONDS)
    }
    case 'html':
      return htmlFailure(requestId)
  }
}

function invalid(c: Call, { message, details }: Invalid): Response {
  return failure(400, { code: 'ERR_VALIDATION', message, details }, c.get('requestId'))
}

function internalError(c: Call): Response {
  const error = { code: 'INTERNAL_ERROR', message: 'An unexpected error occurred' }
  return failure(500, error, c.get('requestId'))
}

/** From the raw path: a router that decodes would stumble over `%2F`. Null is a broken sequence. */
function lastSegment(c: Call): { raw: string; decoded: string | null } {
  const raw = new URL(c.req.url).pathname.split('/').at(-1) ?? ''
  try {
    return { raw, decoded: decodeURIComponent(raw) }
  } catch {
    return { raw, decoded: null }
  }
}

/** A ref as the caller wrote it, or in the form the provider stores. Longer ones cannot exist. */
function refsToTry(ref: string, token: string): string[] {
  const prefix = storedPrefix(token)
  const refs = ref.startsWith(prefix) ? [ref, ref.slice(prefix.length)] : [ref]
  return refs.filter((candidate) => [...candidate].length <= MAX_REF_LENGTH)
}

function storedPrefix(token: string): string {
  return `API-${usernameOf(token)}-`
}

/** A phone number with country code, made from the token: the same account, the same name. */
function usernameOf(token: string): string {
  let hash = 0
  for (const character of token) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0
  return `+2136${String(hash % 10 ** USERNAME_DIGITS).padStart(USERNAME_DIGITS, '0')}`
}
