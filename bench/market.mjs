// What stands around a contender of bench/peers.mjs: the provider, whose top-ups settle, and a merchant who sends and is called.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { receive } from './gateway.mjs'
import './serve.mjs' // the TypeScript of the tests can be imported from here on

const { startProvider } = await import('../test/system/provider.ts')

/** Evenly in between: most top-ups settle so soon. */
const SETTLE_MS = { least: 5_000, most: 16_000 }
const SEEN_MS = 20
const AMPLE_DZD = 1e9
const RETRY_MS = 500
const ASK_MS = 15_000
const FIRST_NUMBER = 661_000_000

/** @typedef {Awaited<ReturnType<typeof startMarket>>} Market */
/** @typedef {import('./rivals.mjs').Contender} Contender */

export async function startMarket() {
  const provider = await startProvider()
  provider.setBalance(AMPLE_DZD)
  const settledAt = settling(provider)
  /** When each callback came, by the merchant's ref. @type {Map<string, number[]>} */
  const callbacks = new Map()
  const server = createServer((request, response) => {
    void receive(request).then(({ at, body: { type, data } }) => {
      if (type === 'endpoint.verification') {
        response.writeHead(200, { 'Content-Type': 'application/json' })
        return response.end(JSON.stringify({ challenge: data.challenge }))
      }
      callbacks.set(data.ref, [...(callbacks.get(data.ref) ?? []), at])
      response.writeHead(204).end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  let number = 0

  /**
   * @param {Contender} contender
   * @param {string} ref
   */
  const sendOnce = async (contender, ref) => {
    const body = { plan_code: 'PREPAID_MOBILIS', MSSIDN: `0${FIRST_NUMBER + number++}`, amount: 500, ref }
    return await ask(contender, '/v3/mobile/send', { method: 'POST', body: JSON.stringify(body) })
  }

  /**
   * Answered at last, as a merchant would see to it: the same body under the same ref.
   * @param {Contender} contender
   * @param {string} ref
   */
  const sendUntilAnswered = async (contender, ref) => {
    const body = { plan_code: 'PREPAID_MOBILIS', MSSIDN: `0${FIRST_NUMBER + number++}`, amount: 500, ref }
    const request = { method: 'POST', body: JSON.stringify(body) }
    while ((await ask(contender, '/v3/mobile/send', request).catch(() => null)) === null)
      await pause(RETRY_MS)
  }

  const merchantsRef = (/** @type {string} */ ref) => ref.replace(/^demo\./, '')
  return {
    provider,
    callbackUrl: `http://127.0.0.1:${typeof address === 'string' ? '' : address?.port}/callback`,
    sendOnce,
    /** @type {(contender: Contender, ref: string) => Promise<unknown>} */
    status: (contender, ref) => ask(contender, `/v3/mobile/check-ref/${ref}`),
    /** Everything that was asked of the provider but sends. */
    reads: () => provider.calls.filter(({ operation }) => operation !== 'send').length,
    /**
     * @param {Contender} contender
     * @param {string} name
     * @param {number} perSecond
     * @param {number} seconds
     */
    async sendEvenly(contender, name, perSecond, seconds) {
      const refs = Array.from({ length: perSecond * seconds }, (_, index) => `${name}-${index}`)
      const startedAt = Date.now()
      const sends = refs.map(async (ref, index) => {
        await pause(Math.max(0, startedAt + (index * 1_000) / perSecond - Date.now()))
        await sendUntilAnswered(contender, ref)
      })
      await Promise.all(sends)
      return refs
    },
    /**
     * Whether all were, in time.
     * @param {readonly string[]} refs
     * @param {number} patienceMs
     */
    async told(refs, patienceMs) {
      const until = Date.now() + patienceMs
      while (!refs.every((ref) => callbacks.has(ref))) {
        if (Date.now() > until) return false
        await pause(SEEN_MS)
      }
      return true
    },
    /** From settled at the provider to told; nothing of one that was not. */
    toldAfterMs(/** @type {string} */ ref) {
      const [told] = callbacks.get(ref) ?? []
      const settled = settledAt.get(ref)
      return told === undefined || settled === undefined ? [] : [told - settled]
    },
    /**
     * @param {Contender} contender
     * @param {readonly string[]} refs
     */
    async judge(contender, refs) {
      const known = await Promise.all(
        refs.map((ref) =>
          ask(contender, `/v3/mobile/check-ref/${ref}`).then(
            () => true,
            () => false,
          ),
        ),
      )
      const sends = provider.callsOf('send').map(({ subject }) => merchantsRef(subject ?? ''))
      const made = provider.topups.map(({ ref }) => merchantsRef(ref))
      const times = (/** @type {readonly string[]} */ of, /** @type {string} */ ref) =>
        of.filter((each) => each === ref).length
      return {
        answeredAndUnknown: known.filter((is) => !is).length,
        sentTwice: refs.filter((ref) => times(sends, ref) > 1).length,
        madeTwice: refs.filter((ref) => times(made, ref) > 1).length,
        neverMade: refs.filter((ref) => times(made, ref) === 0).length,
        neverTold: refs.filter((ref) => !callbacks.has(ref)).length,
        toldTwice: refs.filter((ref) => (callbacks.get(ref)?.length ?? 0) > 1).length,
      }
    },
    end() {
      server.closeAllConnections()
      server.close()
    },
  }

  /**
   * The times when top-ups settled, by the merchant's ref.
   * @param {Awaited<ReturnType<typeof startProvider>>} provider
   */
  function settling({ topups }) {
    /** @type {Map<string, number>} */
    const settled = new Map()
    let seen = 0
    setInterval(() => {
      for (const topup of topups.slice(seen)) {
        seen += 1
        const delayMs = SETTLE_MS.least + Math.random() * (SETTLE_MS.most - SETTLE_MS.least)
        setTimeout(() => {
          topup.status = 'FULFILLED'
          settled.set(merchantsRef(topup.ref), Date.now())
        }, delayMs)
      }
    }, SEEN_MS).unref()
    return settled
  }
}

/**
 * Throws unless it is answered with a success.
 * @param {Contender} contender
 * @param {string} path
 * @param {RequestInit} [request]
 */
async function ask({ url, key }, path, request = {}) {
  const headers = { 'X-Access-Token': key, 'Content-Type': 'application/json' }
  const signal = AbortSignal.timeout(ASK_MS)
  const answer = await fetch(url() + path, { ...request, headers, signal })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${text}`)
  return text
}
