/** `/v3/mobile`: the provider's own surface. Parse, ask the order, shape the answer. */
import { type Context, Hono } from 'hono'
import type * as z from 'zod'
import { bookOf, orderByName } from '../env'
import type { KeyEntry } from '../merchant/keys'
import type { Terms } from '../order/admission'
import { merchantsRef, orderName, upstreamRef } from '../order/name'
import type { SendAnswer } from '../order/order'
import type { Intent } from '../order/state'
import type { Snapshot } from '../order/view'
import { randomHex } from '../platform/crypto'
import { logError } from '../platform/log'
import { walletOf } from '../provider/account'
import { type Caller, withKey } from './auth'
import { askedCallback } from './callback-url'
import { sendBody } from './contract'
import { ApiError, json, refusal, success, toApiError } from './envelope'
import { pagination, readPages } from './pages'
import { termsFromPlans } from './plans'
import { cachedStatus, cacheStatus } from './status-cache'
import { readBody } from './validation'

export const topups = new Hono<Caller>()

/** 200 with the top-up's id, also when the provider's answer is in doubt; 403 DUPLICATED_REF for another body. */
topups.post('/mobile/send', withKey('READ-WRITE'), async (c) => {
  const answer = await sendTopup(c, await readBody(c, sendBody))
  switch (answer.kind) {
    case 'refused':
      return refusal(c, answer.refusal)
    case 'conflict':
      throw new ApiError('DUPLICATED_REF', 'This reference ID is already in use', {
        topupId: answer.snapshot.topup._id,
        fields: answer.fields,
      })
    case 'sent':
      return sent(c, answer.snapshot, answer.replayed)
  }
})

/** A ref is one order, however often it is sent. */
export async function sendTopup(c: Context<Caller>, body: z.output<typeof sendBody>): Promise<SendAnswer> {
  const key = c.get('key')
  const { merchantId, environment, limited, refusesDown = false, folds = false } = key
  const request = { planCode: body.plan_code, msisdn: body.MSSIDN, amountDzd: body.amount ?? null }
  const ref = body.ref ?? `auto-${randomHex(12)}`
  const { wallet, account } = await walletOf(c.env, key)
  const upstream = upstreamRef(wallet, merchantId, ref)
  const { callback, objection } = await askedCallback(c, body.callback_url)
  const orders = { merchantId, environment, ref, wallet, account, upstreamRef: upstream }
  const intent: Intent = { ...orders, request, callback }
  const known = await termsFromPlans(c.env, wallet, request)
  const allowDuplicate = body.allow_duplicate ?? false
  const asked = { objection: objection ?? known.objection, limited, allowDuplicate, refusesDown }
  // A ref that was made here this moment is nobody's.
  const terms: Terms = { ...known, ...asked, folds: folds && body.ref !== undefined }
  const order = orderByName(c.env, await nameOf(key, ref))
  return await order.send(intent, terms).catch((error: unknown) => {
    if (body.ref !== undefined) throw error
    logError('send.without_ref', error, { request_id: c.get('requestId') })
    throw unknownRef(ref)
  })
}

/** The status by the merchant's ref, or by the provider's `API-<account>-<ref>` form of it. */
topups.get('/mobile/check-ref/:ref{[\\s\\S]+}', withKey('READ-ONLY'), async (c) => {
  const ref = c.req.param('ref')
  const key = c.get('key')
  const cached = await cachedStatus(key, ref)
  if (cached !== null) return success(c, cached)
  const { wallet } = await walletOf(c.env, key)
  const plain = merchantsRef(wallet, key.merchantId, ref)
  const snapshot = (await statusOf(c, ref)) ?? (plain === ref ? null : await statusOf(c, plain))
  if (snapshot === null) throw new ApiError('NOT_FOUND', `Top-up with reference '${ref}' not found`)
  return status(c, snapshot)
})

/** The status by the top-up's id: the merchant's frozen one or the provider's. */
topups.get('/mobile/check-id/:id{[\\s\\S]+}', withKey('READ-ONLY'), async (c) => {
  return status(c, await mustFindById(c, c.req.param('id')))
})

/** The merchant's top-ups, newest first. Whoever turns the pages sees those that were there on the first. */
topups.get('/mobile/list', withKey('READ-ONLY'), async (c) => {
  const { merchantId, environment, keyId } = c.get('key')
  const request = readPages(c)
  const { items, totalResults } = await bookOf(c.env, merchantId).page({
    ...request,
    environment,
    walker: keyId,
  })
  return success(c, JSON.stringify({ items, pagination: pagination(request, totalResults) }))
})

/**
 * `/v2`, which ended on 30 October 2026 and is still called: one question, with the answers of its time,
 * `{"topup": {...}}` or `{"error": "..."}`.
 */
export const oldTopups = new Hono<Caller>()

oldTopups.onError((error, c) => {
  const { message, httpStatus, headers } = toApiError(error, c)
  return json(c, JSON.stringify({ error: message }), httpStatus, headers)
})

oldTopups.get('/topup/checkStatus/ID/:id{[\\s\\S]+}', withKey('READ-ONLY'), async (c) => {
  const { topup } = await mustFindById(c, c.req.param('id'))
  const { _id, status, refund_message, suggested_offers } = topup
  return json(c, JSON.stringify({ topup: { _id, status, refund_message, suggested_offers } }))
})

/** He cannot send "the same request" again: without a `ref` it would be another top-up. */
function unknownRef(ref: string): ApiError {
  const message = `It is not known yet whether this was sent. Ask for the ref '${ref}', or send again with it`
  return new ApiError('INTERNAL_ERROR', message, { ref })
}

async function mustFindById(c: Context<Caller>, id: string): Promise<Snapshot> {
  const { merchantId, environment } = c.get('key')
  const ref = await bookOf(c.env, merchantId).refOf(environment, id)
  const snapshot = ref === null ? null : await statusOf(c, ref)
  if (snapshot === null) throw new ApiError('NOT_FOUND', `Top-up with ID '${id}' not found`)
  return snapshot
}

async function statusOf(c: Context<Caller>, ref: string): Promise<Snapshot | null> {
  const key = c.get('key')
  return orderByName(c.env, await nameOf(key, ref)).status(key.merchantId)
}

function nameOf({ merchantId, environment }: KeyEntry, ref: string): Promise<string> {
  return orderName(merchantId, environment, ref)
}

function sent(c: Context<Caller>, snapshot: Snapshot, replayed: boolean): Response {
  const { topup, final, stateVersion } = snapshot
  const gateway = {
    final,
    state_version: stateVersion,
    status_url: statusUrl(c, snapshot),
    ...extras(c, snapshot),
  }
  const response = success(c, JSON.stringify({ topupId: topup._id, topupRef: topup.ref, gateway }))
  if (replayed) response.headers.set('Idempotent-Replayed', 'true')
  return response
}

function status(c: Context<Caller>, snapshot: Snapshot): Response {
  const { topup, final, stateVersion, nextCheckAt, callback } = snapshot
  const gateway = {
    final,
    state_version: stateVersion,
    next_check_at: nextCheckAt === null ? null : new Date(nextCheckAt).toISOString(),
    callback,
    status_url: statusUrl(c, snapshot),
    ...extras(c, snapshot),
  }
  const dataJson = JSON.stringify({ ...topup, gateway })
  c.executionCtx.waitUntil(cacheStatus(c.get('key'), snapshot, dataJson))
  return success(c, dataJson)
}

/** What most top-ups do not have. */
function extras(c: Context<Caller>, { flag, warnings, expectedAt, isLate, queuePosition }: Snapshot) {
  const { callbackHealth } = c.get('key')
  return {
    ...(queuePosition === null ? {} : { queue_position: queuePosition }),
    ...(expectedAt === null ? {} : { expected_at: new Date(expectedAt).toISOString() }),
    ...(isLate ? { late: true } : {}),
    ...(callbackHealth === null ? {} : { callback_health: callbackHealth }),
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(flag === null ? {} : { flag: { at: new Date(flag.at).toISOString(), reason: flag.reason } }),
  }
}

function statusUrl(c: Context<Caller>, { statusToken }: Snapshot): string {
  return `${new URL(c.req.url).origin}/t/${statusToken}`
}
