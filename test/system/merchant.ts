import type { ServerResponse } from 'node:http'
import { listen, pause } from './loopback'

/** Far above what a callback takes, so that only a lost one fails. */
const RECEIVE_TIMEOUT_MS = 30_000

export interface Received {
  readonly method: string
  readonly path: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** Byte for byte, as it was signed. */
  readonly rawBody: string
  /** `{ type, timestamp, data }` of a callback; null when it is not JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests read deep into callbacks; the assertion is the type check.
  readonly body: any
  /** Milliseconds since the epoch. */
  readonly at: number
}

export interface MerchantAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly delayMs?: number
  /** Accepts the callback and never answers it. */
  readonly hang?: boolean
  /** Ends the connection without an answer. */
  readonly destroy?: boolean
  /** Anything else: it answers for itself, when and how it likes. */
  readonly by?: (response: ServerResponse) => unknown
}

export interface Merchant {
  /** Register this as the endpoint. */
  readonly url: string
  /** The callbacks so far, verifications left out. */
  readonly callbacks: readonly Received[]
  readonly verifications: readonly Received[]
  /** How callbacks are answered from now on. */
  answer(how: MerchantAnswer): void
  /** How the next callbacks are answered, one each; after them as before. */
  answerNext(...how: MerchantAnswer[]): void
  /** Whether verifications are echoed from now on, and what their answers wait for. */
  answerChallenges(how: { readonly echo: boolean; readonly after?: Promise<unknown> }): void
  /** The n-th callback (from 1), as soon as it is there. */
  received(n: number, timeoutMs?: number): Promise<Received>
  /** The first callback, past or future, that fits. */
  receivedWhere(what: string, fits: (callback: Received) => boolean, timeoutMs?: number): Promise<Received>
}

/** A merchant's server. Answers callbacks with 204 and verifications with their challenge, unless told otherwise. */
export async function startMerchant({ echoChallenge = true, serve = listen } = {}): Promise<Merchant> {
  const callbacks: Received[] = []
  const verifications: Received[] = []
  const waiting = new Set<() => void>()
  const next: MerchantAnswer[] = []
  let usual: MerchantAnswer = {}
  let proof: { readonly echo: boolean; readonly after?: Promise<unknown> } = { echo: echoChallenge }

  const origin = await serve(async (request, rawBody, response) => {
    const received: Received = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      ),
      rawBody,
      body: parsed(rawBody),
      at: Date.now(),
    }
    if (received.body?.type === 'endpoint.verification') {
      verifications.push(received)
      const answer = proof.echo ? { challenge: received.body.data.challenge } : {}
      await proof.after
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer))
      return
    }
    callbacks.push(received)
    const how = next.shift() ?? usual
    for (const look of [...waiting]) look()
    if (how.delayMs !== undefined) await pause(how.delayMs)
    if (how.by !== undefined) await how.by(response)
    else if (how.destroy) request.socket.destroy()
    else if (!how.hang) response.writeHead(how.status ?? 204, how.headers).end(how.body)
  })

  async function receivedWhere(
    what: string,
    fits: (callback: Received) => boolean,
    timeoutMs = RECEIVE_TIMEOUT_MS,
  ) {
    const { promise, resolve, reject } = Promise.withResolvers<Received>()
    const look = () => {
      const found = callbacks.find(fits)
      if (found !== undefined) resolve(found)
    }
    const timer = setTimeout(() => {
      const seen =
        callbacks.map(({ body, rawBody }) => body?.type ?? rawBody.slice(0, 80)).join(', ') || 'nothing'
      reject(new Error(`Waited ${timeoutMs} ms in vain for ${what}; received: ${seen}`))
    }, timeoutMs)
    waiting.add(look)
    look()
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      waiting.delete(look)
    }
  }

  return {
    url: `${origin}/callback`,
    callbacks,
    verifications,
    answer: (how) => {
      usual = how
    },
    answerNext: (...how) => {
      next.push(...how)
    },
    answerChallenges: (how) => {
      proof = how
    },
    received: (n, timeoutMs) =>
      receivedWhere(`callback number ${n}`, (callback) => callback === callbacks[n - 1], timeoutMs),
    receivedWhere,
  }
}

function parsed(text: string) {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
