// Top-ups that are sent to a gateway, and when each of them settled, was seen, and was told to its merchant.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { receive, register, send, story } from './gateway.mjs'
import './serve.mjs' // the gateway's source can be imported from here on

const { settleDelayMs } = await import('../src/sandbox/outcomes.ts')

/** Mobilis, and none of the test numbers: settles in 5 to 16 s. */
const FIRST_NUMBER = 661_000_000
const NUMBERS = 1_000_000
/** A lost callback, at the latest so long after the last send: the row would say nothing any more. */
const LOST_MS = 90_000
/** More sends than these seconds bring wait for their answer: the machine does not keep up, and more would only bury it. */
const MOST_BEHIND_SECONDS = 10
const STORIES_AT_ONCE = 8
const CREATED_AT = /"created_at":"([^"]+)"/
const PROVIDER_ID = /"_id":"([0-9a-f]{24})"/

/**
 * One top-up. Times are unix ms of this machine, which all of it runs on.
 * @typedef {object} Sent
 * @property {string} ref
 * @property {number} sentAt
 * @property {number | null} answeredAt null: not with a success
 * @property {string | null} failure of the send, in words
 * @property {number | null} toldAt when the receiver had all of its callback
 * @property {number | null} committedAt when the gateway knew the result
 * @property {string | null} status as it was told
 * @property {number} attempts of its callback
 * @property {Known | null} known what its story says, once it was read
 */

/**
 * @typedef {object} Known
 * @property {number} settledAt at the provider: it follows from its id and the time when it was accepted
 * @property {number} delayMs from acceptance to that
 * @property {number} sandboxMs how long the provider took to answer the send
 * @property {boolean} byPage the list said it first, not a look-up
 */

/**
 * One merchant of a gateway and the only endpoint that he has.
 * @param {string} url
 * @param {string} key
 */
export async function startMerchant(url, key) {
  /** @type {Map<string, { sent: Sent, told: () => void }>} */
  const open = new Map()
  const server = createServer((request, response) => {
    void receive(request).then(({ body, at: toldAt }) => {
      response.writeHead(204).end()
      const order = open.get(body.data?.ref)
      if (order === undefined) return
      order.sent.attempts += 1
      if (order.sent.toldAt !== null) return
      Object.assign(order.sent, { toldAt, committedAt: Date.parse(body.timestamp), status: body.data.status })
      order.told()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  await register(url, key, server)
  let count = 0

  /**
   * `told` ends with its callback, or when there will be none.
   * @param {string} name
   */
  const sendOne = (name) => {
    const number = FIRST_NUMBER + (count++ % NUMBERS)
    /** @type {Sent} */
    const sent = {
      ref: `${name}-${count}`,
      sentAt: Date.now(),
      answeredAt: null,
      failure: null,
      toldAt: null,
      committedAt: null,
      status: null,
      attempts: 0,
      known: null,
    }
    const { promise: told, resolve } = Promise.withResolvers()
    open.set(sent.ref, { sent, told: () => resolve(undefined) })
    const answered = send(url, key, sent.ref, `0${number}`).then(
      () => {
        sent.answeredAt = Date.now()
      },
      (/** @type {Error} */ error) => {
        sent.failure = error.message
        resolve(undefined) // it may have been made all the same: then the row has one callback more than it waits for
      },
    )
    return { sent, answered, told: Promise.all([answered, told]) }
  }

  return {
    /** One after the other, each alone. */
    async sendAlone(/** @type {string} */ name, /** @type {number} */ orders) {
      /** @type {Sent[]} */
      const all = []
      for (let order = 0; order < orders; order++) {
        const { sent, told } = sendOne(name)
        all.push(sent)
        await orTooLate(told)
      }
      return all
    },
    /**
     * As strangers send: at any time of these seconds, whatever became of those before, until the gateway is far behind.
     * Answers when all are told.
     * @param {string} name
     * @param {number} perSecond
     * @param {number} seconds
     * @param {(all: readonly Sent[]) => void} progress called every few seconds
     * @param {() => void} sent called when the last is on its way
     */
    async sendMany(name, perSecond, seconds, progress, sent) {
      const times = Array.from(
        { length: Math.round(perSecond * seconds) },
        () => Math.random() * seconds * 1_000,
      )
      const startedAt = Date.now()
      /** @type {Sent[]} */
      const all = []
      const waiting = []
      let behind = 0
      const told = setInterval(() => progress(all), 10_000)
      try {
        for (const time of times.sort((a, b) => a - b)) {
          const waitMs = startedAt + time - Date.now()
          if (waitMs > 0) await pause(waitMs)
          if (behind > perSecond * MOST_BEHIND_SECONDS) break
          const one = sendOne(name)
          all.push(one.sent)
          waiting.push(one.told)
          behind += 1
          void one.answered.finally(() => {
            behind -= 1
          })
        }
        sent()
        await orTooLate(Promise.all(waiting))
      } finally {
        clearInterval(told)
      }
      return all
    },
    /**
     * What the provider said of each of them, as the gateway keeps it. The time that an order was created at would be the
     * gateway's, which under load is far from the provider's.
     * @param {readonly Sent[]} all
     */
    async learn(all) {
      const turns = all.values()
      const read = async () => {
        for (const sent of turns) {
          if (sent.toldAt !== null) sent.known = knownOf(await story(url, key, sent.ref))
        }
      }
      await Promise.all(Array.from({ length: STORIES_AT_ONCE }, read))
    },
  }
}

/** @param {Promise<unknown>} told */
async function orTooLate(told) {
  const late = new AbortController()
  await Promise.race([told, pause(LOST_MS, undefined, { signal: late.signal }).catch(() => undefined)])
  late.abort()
}

/**
 * @param {any} order as `GET /v1/orders/{ref}` tells it
 * @returns {Known | null}
 */
function knownOf(order) {
  /** @type {{ at: string, duration_ms: number, method: string, path: string, received: string }[]} */
  const exchanges = order.steps.flatMap((/** @type {any} */ step) => step.exchanges)
  // Of the provider's own row: the gateway's id is another where the answer to the send was lost.
  const row = exchanges.find(({ received }) => CREATED_AT.test(received))?.received ?? ''
  const [id, createdAt] = [PROVIDER_ID.exec(row)?.[1], CREATED_AT.exec(row)?.[1]]
  const post = exchanges.find(({ method }) => method === 'POST')
  const end = exchanges.find(({ received }) => received.includes(`"status":"${order.status}"`))
  if (id === undefined || createdAt === undefined || post === undefined || end === undefined) return null
  const acceptedAt = Date.parse(createdAt)
  const delayMs = settleDelayMs({
    id,
    ref: order.ref,
    planCode: order.plan_code,
    msisdn: order.MSSIDN,
    amount: order.topup_amount,
    acceptedAt,
  })
  return {
    settledAt: acceptedAt + delayMs,
    delayMs,
    sandboxMs: post.duration_ms,
    byPage: end.path.startsWith('/v3/mobile/list'),
  }
}
