// The two queues: asking the provider every 5 s until an order is final, as it documents, and calling the merchant back.
import { DelayedError, Queue, Worker } from 'bullmq'
import { Webhook } from 'standardwebhooks'

const POLL_MS = 5_000
const CALLBACK_TIMEOUT_MS = 10_000
const CONCURRENCY = 50
const FINAL = new Set(['FULFILLED', 'REFUNDED'])
const KEEP = { removeOnComplete: true, removeOnFail: 1_000 }
const RETRIES = { attempts: 12, backoff: { type: 'exponential', delay: 5_000 } }

/** @typedef {ReturnType<typeof import('./orders.mjs').openOrders>} Orders */
/** @typedef {ReturnType<typeof import('./provider.mjs').providerAt>} Provider */

/**
 * @param {{ orders: Orders, provider: Provider, connection: import('bullmq').ConnectionOptions, callbackUrl: string, secret: string }} parts
 */
export function startWork({ orders, provider, connection, callbackUrl, secret }) {
  const polls = new Queue('polls', { connection })
  const callbacks = new Queue('callbacks', { connection })
  const webhook = new Webhook(secret)

  /** One job of a ref at a time: its id is the ref. */
  const watch = (/** @type {string} */ ref) =>
    polls.add('poll', { ref, looks: 0 }, { jobId: ref, delay: POLL_MS, ...KEEP, ...RETRIES })
  const tell = (/** @type {string} */ ref) =>
    callbacks.add('callback', { ref, at: new Date().toISOString() }, { jobId: ref, ...KEEP, ...RETRIES })

  const poll = async (/** @type {import('bullmq').Job} */ job, /** @type {string | undefined} */ token) => {
    const { ref } = job.data
    const order = orders.find(ref)
    if (order === undefined || order.status === 'REFUSED') return
    if (!FINAL.has(order.status)) {
      const { status, json } = await provider.checkRef(ref)
      // An unknown ref: the send died on its way, and goes out again under the same ref.
      if (status === 404 && order.topup_id === null) await resend(order)
      else if (status !== 200) throw new Error(`check-ref answered ${status}`)
      else if (order.topup_id === null) orders.accept(ref, json.data._id)
      if (status !== 200 || !FINAL.has(json.data.status)) return later(job, token)
      orders.settle(ref, json.data.status)
    }
    await tell(ref)
  }

  const resend = async (/** @type {import('./orders.mjs').Order} */ order) => {
    const { status, json } = await provider.send(order.body)
    if (status === 200) orders.accept(order.ref, json.data.topupId)
  }

  const callback = async (/** @type {import('bullmq').Job} */ { data: { ref, at } }) => {
    const order = orders.find(ref)
    if (order === undefined || order.called_back === 1) return
    const type = order.status === 'FULFILLED' ? 'topup.fulfilled' : 'topup.refunded'
    const body = JSON.stringify({ type, timestamp: at, data: view(order) })
    const now = new Date()
    const headers = {
      'Content-Type': 'application/json',
      'webhook-id': `evt_${ref}`,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
      'webhook-signature': webhook.sign(`evt_${ref}`, now, body),
    }
    const signal = AbortSignal.timeout(CALLBACK_TIMEOUT_MS)
    const answer = await fetch(callbackUrl, { method: 'POST', headers, body, signal, redirect: 'manual' })
    await answer.body?.cancel()
    if (!answer.ok) throw new Error(`the endpoint answered ${answer.status}`)
    orders.calledBack(ref)
  }

  const options = { connection, concurrency: CONCURRENCY }
  const workers = [new Worker('polls', poll, options), new Worker('callbacks', callback, options)]
  for (const worker of workers) worker.on('error', (error) => console.error(error.message))
  return { watch, tell }
}

/**
 * Moves the running job back into the delayed ones, as BullMQ documents.
 * @param {import('bullmq').Job} job
 * @param {string | undefined} token
 */
async function later(job, token) {
  await job.moveToDelayed(Date.now() + POLL_MS, token)
  throw new DelayedError()
}

/** An order as check-ref tells it. */
export function view(
  /** @type {import('./orders.mjs').Order} */ { ref, body, topup_id, status, created_at },
) {
  const { plan_code, MSSIDN, amount } = JSON.parse(body)
  return { _id: topup_id, ref, status, plan_code, MSSIDN, topup_amount: amount, created_at }
}
