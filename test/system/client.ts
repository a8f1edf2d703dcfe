import { expect } from 'vitest'
import { type Answer, DEMO_LIVE_KEY, eventually, type Gateway } from './harness'
import type { Provider, ProviderCall, ProviderTopup } from './provider'

/** 500 DZD for an ordinary Mobilis number. */
export const ORDER = { plan_code: 'PREPAID_MOBILIS', MSSIDN: '0661234567', amount: 500 }

/** Many times what the slowest look-up rhythm of a test needs, so that only a lost order fails. */
const STATUS_TIMEOUT_MS = 45_000

/** A merchant's program: one key, the calls it makes. */
export interface Client {
  /** Sends `ORDER`; `more` replaces fields, and an undefined field is not sent at all. */
  send(ref: string | undefined, more?: Readonly<Record<string, unknown>>): Promise<Answer>
  checkRef(ref: string): Promise<Answer>
  checkId(id: string): Promise<Answer>
  /** The first status answer that fits. */
  until(what: string, ref: string, fits: (data: StatusData) => boolean, timeoutMs?: number): Promise<Answer>
  untilFinal(ref: string, timeoutMs?: number): Promise<Answer>
}

// biome-ignore lint/suspicious/noExplicitAny: tests read deep into answers; the assertion is the type check.
type StatusData = any

export function clientOf(gateway: Gateway, key: string = DEMO_LIVE_KEY): Client {
  const client: Client = {
    send: (ref, more) => gateway.call('POST', '/v3/mobile/send', { key, body: { ...ORDER, ref, ...more } }),
    checkRef: (ref) => gateway.call('GET', `/v3/mobile/check-ref/${encodeURIComponent(ref)}`, { key }),
    checkId: (id) => gateway.call('GET', `/v3/mobile/check-id/${encodeURIComponent(id)}`, { key }),
    until: (what, ref, fits, timeoutMs = STATUS_TIMEOUT_MS) =>
      eventually(
        `${ref} to be ${what}`,
        async () => {
          const answer = await client.checkRef(ref)
          return answer.status === 200 && fits(answer.json.data) && answer
        },
        timeoutMs,
      ),
    untilFinal: (ref, timeoutMs) =>
      client.until('final', ref, ({ gateway: { final } }) => final === true, timeoutMs),
  }
  return client
}

/** What the demo merchant's ref is at the provider: the operator's wallet is shared. */
export const upstream = (ref: string) => `demo.${ref}`

export function topupsOf(provider: Provider, ref: string): ProviderTopup[] {
  return provider.topups.filter((topup) => topup.ref === upstream(ref))
}

export function callsOf(
  provider: Provider,
  operation: ProviderCall['operation'],
  ref: string,
): ProviderCall[] {
  return provider.callsOf(operation).filter(({ subject }) => subject === upstream(ref))
}

/** For a fault that only this ref meets. */
export const only = (ref: string) => (call: ProviderCall) => call.subject === upstream(ref)

/** An error in the provider's envelope and nothing else: no page, no stack, an id to ask about. */
export function expectError(answer: Answer, status: number, code: string): void {
  expect({ status: answer.status, code: answer.json?.error?.code, text: answer.text }).toMatchObject({
    status,
    code,
  })
  expect(answer.json).toEqual({
    success: false,
    error: expect.objectContaining({ code, message: expect.stringMatching(/\S/) }),
    requestId: expect.stringMatching(/^req_\d+_[a-z0-9]{6}$/),
  })
  expect(answer.headers.get('content-type')).toMatch(/^application\/json\b/)
  expect(answer.headers.get('x-request-id')).toBe(answer.json.requestId)
  expect(answer.text).not.toMatch(/<[a-z!]|\bat \w+[^"]*:\d+:\d+|node_modules|\.ts\b/i)
}
