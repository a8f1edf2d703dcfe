/** A provider and a merchant's receiver inside the runtime, behind `fetch`: what the objects really call. */
import { runInDurableObject } from 'cloudflare:test'
import { env as bindings, exports } from 'cloudflare:workers'
import { beforeEach, vi } from 'vitest'
import { bookOf, type Env, orderByName, walletByName } from '../../src/env'
import { OPERATOR_WALLET, orderName } from '../../src/order/name'
import type { Order } from '../../src/order/order'
import { timedId } from '../../src/order/timed-id'
import { walletOf } from '../../src/provider/account'
import type { Wish } from '../../src/provider/watch'

export const env: Env = bindings
const LIVE_KEY = 'rsd_live_demo'
const GATEWAY = 'http://localhost:8787'
const RECEIVE_TIMEOUT_MS = 4_000
const RECEIVER = 'http://localhost:9099/callback'

/** A receiver that takes the callback and never answers. */
export const HANG = 0

export type Answer = (request: Request) => Response | Promise<Response>

interface Callback {
  readonly id: string
  readonly type: string
  readonly body: string
}

export interface World {
  /** Top-ups the provider accepted, by the ref it was given. */
  readonly accepted: Map<string, { id: string; status: string; body: Record<string, unknown> }>
  /** Every send that reached the provider, in order. */
  readonly sends: string[]
  readonly callbacks: Callback[]
  /** The request that brought each of them. */
  readonly carriers: Request[]
  /** Replaces the provider's next answers to a send; `accept` makes the top-up all the same. */
  onSend(answer: Answer, options?: { accept: boolean }): void
  /** The receiver's next answers, one each; 204 after them. */
  onCallback(...statuses: number[]): void
  settle(ref: string, status: string): void
  hide(ref: string): void
  received(count: number): Promise<Callback>
}

/** A fresh world for one test; refs must still be unique, since storage is shared by the file. */
export function newWorld(): World {
  const accepted: World['accepted'] = new Map()
  const sends: string[] = []
  const callbacks: Callback[] = []
  const carriers: Request[] = []
  const sendAnswers: { answer: Answer; accept: boolean }[] = []
  const statuses: number[] = []
  const hidden = new Set<string>()

  async function provider(request: Request, path: string): Promise<Response> {
    if (path === '/v3/mobile/send') {
      const body: Record<string, unknown> & { ref: string } = await request.json()
      sends.push(body.ref)
      const scripted = sendAnswers.shift()
      if (scripted !== undefined && !scripted.accept) return scripted.answer(request)
      const known = accepted.has(body.ref)
      if (known) return failure(403, 'DUPLICATED_REF')
      // As the provider's: made in the second that it begins with.
      const id = timedId(crypto.randomUUID().replaceAll('-', '').slice(0, 16), Date.now())
      accepted.set(body.ref, { id, status: 'PENDING', body })
      return scripted?.answer(request) ?? success({ topupId: id, topupRef: body.ref })
    }
    if (path === '/v3/mobile/list') {
      const items = [...accepted].filter(([ref]) => !hidden.has(ref)).map(([ref, topup]) => row(ref, topup))
      return success({
        items,
        pagination: { page: 1, pageSize: 100, totalPages: 1, totalResults: items.length },
      })
    }
    const ref = decodeURIComponent(path.split('/').at(-1) ?? '')
    const topup = accepted.get(ref)
    return topup === undefined || hidden.has(ref) ? failure(404, 'NOT_FOUND') : success(row(ref, topup))
  }

  async function receiver(request: Request): Promise<Response> {
    const body = await request.text()
    const message: { type: string; data: { challenge?: string } } = JSON.parse(body)
    if (message.type === 'endpoint.verification') return Response.json({ challenge: message.data.challenge })
    const callback = { id: request.headers.get('webhook-id') ?? '', type: message.type, body }
    callbacks.push(callback)
    carriers.push(request)
    const status = statuses.shift() ?? 204
    return status === HANG ? new Promise(() => undefined) : new Response(null, { status })
  }

  vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) => {
    const request = new Request(input as RequestInfo, init as RequestInit)
    const { origin, pathname } = new URL(request.url)
    return origin === new URL(RECEIVER).origin ? receiver(request) : provider(request, pathname)
  })

  return {
    accepted,
    sends,
    callbacks,
    carriers,
    onSend: (answer, { accept } = { accept: false }) => sendAnswers.push({ answer, accept }),
    onCallback: (...next) => statuses.push(...next),
    settle(ref, status) {
      const topup = accepted.get(`demo.${ref}`)
      if (topup === undefined) throw new Error(`the provider has no top-up ${ref}`)
      topup.status = status
    },
    hide: (ref) => hidden.add(`demo.${ref}`),
    // Asked again and again: a promise that another object's request resolves never wakes this one.
    received: (count) =>
      vi.waitFor(() => {
        const callback = callbacks[count - 1]
        if (callback === undefined) throw new Error(`callback number ${count} has not come`)
        return callback
      }, RECEIVE_TIMEOUT_MS),
  }
}

export async function call(
  method: string,
  path: string,
  body?: unknown,
  // biome-ignore lint/suspicious/noExplicitAny: tests read deep into answers; the assertion is the type check.
): Promise<Record<'data' | 'error', any> & { status: number }> {
  const response = await exports.default.fetch(GATEWAY + path, {
    method,
    headers: { 'X-Access-Token': LIVE_KEY },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const json: { data: unknown; error: unknown } = await response.json()
  return { status: response.status, data: json.data, error: json.error }
}

/** Sends 500 DZD to an ordinary Mobilis number. Undefined is not sent at all. */
export function send(ref: string | undefined, amount = 500, more: object = {}) {
  const body = { plan_code: 'PREPAID_MOBILIS', MSSIDN: '0661234567', amount, ref, ...more }
  return call('POST', '/v3/mobile/send', body)
}

export function checkRef(ref: string) {
  return call('GET', `/v3/mobile/check-ref/${encodeURIComponent(ref)}`)
}

export function registerEndpoint(url = RECEIVER) {
  return call('POST', '/v1/endpoints', { url })
}

export function patchEndpoint(id: string, change: unknown) {
  return call('PATCH', `/v1/endpoints/${id}`, change)
}

/** From here on the provider's list is this one, the same rows on every page. */
export function withList({ totalPages, items = [] }: { totalPages: number; items?: unknown[] }): {
  reads: number
} {
  const asked = answering('/v3/mobile/list', ({ url }) => {
    const page = Number(new URL(url).searchParams.get('page'))
    return success({ items, pagination: { page, pageSize: 100, totalPages, totalResults: 0 } })
  })
  return {
    get reads() {
      return asked.tokens.length
    },
  }
}

/** From here on the provider answers this to `path`; `tokens` are the credentials that it was asked with. */
export function answering(path: string, answer: Answer): { readonly tokens: (string | null)[] } {
  const asked: { tokens: (string | null)[] } = { tokens: [] }
  const others = vi.mocked(fetch).getMockImplementation()
  vi.mocked(fetch).mockImplementation((input, init) => {
    const request = new Request(input as RequestInfo, init as RequestInit)
    if (new URL(request.url).pathname !== path) return others?.(request) ?? Promise.reject()
    asked.tokens.push(request.headers.get('X-Access-Token'))
    return Promise.resolve(answer(request))
  })
  return asked
}

const accounts = new Map<string, string>()

/** The provider lets every credential in: to the account that is named here, or else to one of its own. */
export function lettingIn(named: Readonly<Record<string, string | undefined>> = {}) {
  return answering('/v3/validate', ({ headers }) => {
    const token = headers.get('X-Access-Token') ?? ''
    if (!accounts.has(token)) accounts.set(token, `0550${String(accounts.size).padStart(6, '0')}`)
    const apiKey = { isEnabled: true, type: 'PRODUCTION', scope: 'READ-WRITE' }
    return success({ username: token in named ? named[token] : accounts.get(token), apiKey })
  })
}

/** What it watched is gone, as after an eviction. */
export async function forgetWallet(): Promise<void> {
  const wallet = walletByName(env, OPERATOR_WALLET)
  await runInDurableObject(wallet, (_, state) => state.abort('forgotten')).catch(() => undefined)
}

/** Each test has a wallet that remembers nothing of the others', and a provider in no hurry. */
beforeEach(async () => {
  await walletByName(env, OPERATOR_WALLET).change({ readsPerMinute: 60_000, sendsPerMinute: 60_000 })
  await forgetWallet()
})

export async function orderOf(ref: string): Promise<DurableObjectStub<Order>> {
  return orderByName(env, await orderName('demo', 'production', ref))
}

/** What the wallet's tick does for one order, at a moment the test chooses. */
export async function walletLooks(ref: string): Promise<Wish | null> {
  const order = await orderOf(ref)
  const { account } = await walletOf(env, { merchantId: 'demo', environment: 'production', ownAccount: null })
  const outcome = await walletByName(env, OPERATOR_WALLET).look({
    order: order.id.toString(),
    upstreamRef: `demo.${ref}`,
    account,
    planCode: 'PREPAID_MOBILIS',
    submittedAt: Date.now(),
    providerId: null,
  })
  return await order.observe(outcome)
}

export const demoBook = () => bookOf(env, 'demo')

export function failure(status: number, code: string): Response {
  return Response.json({ success: false, error: { code, message: code }, requestId: 'req_test' }, { status })
}

export function success(data: unknown): Response {
  return Response.json({ success: true, data, meta: { timestamp: new Date().toISOString() } })
}

function row(
  ref: string,
  { id, status, body }: { id: string; status: string; body: Record<string, unknown> },
) {
  const { plan_code, MSSIDN, amount } = body
  const balance_amount = status === 'REFUNDED' ? 0 : Number(amount) * 0.96
  return {
    _id: id,
    ref,
    status,
    plan_code,
    MSSIDN,
    topup_amount: amount,
    balance_amount,
    created_at: new Date().toISOString(),
  }
}
