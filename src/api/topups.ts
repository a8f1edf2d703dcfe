/** `/v3/mobile`: the provider's own surface. Parse, ask the order, shape the answer. */
import { type Context, Hono } from 'hono'
import { accountOf, bookOf, orderByName } from '../env'
import type { KeyEntry } from '../merchant/keys'
import { merchantsRef, orderName, upstreamRef, walletName } from '../order/name'
import type { Intent } from '../order/state'
import type { Snapshot } from '../order/view'
import { randomHex } from '../platform/crypto'
import { type Caller, withKey } from './auth'
import { sendBody } from './contract'
import { ApiError, refusal, success } from './envelope'
import { cachedStatus, cacheStatus } from './status-cache'
import { readBody } from './validation'

export const topups = new Hono<Caller>()

/** 200 with the top-up's id, also when the provider's answer is in doubt; 403 DUPLICATED_REF for another body. */
topups.post('/mobile/send', withKey('READ-WRITE'), async (c) => {
  const body = await readBody(c, sendBody)
  const intent = await toIntent(c, body.ref ?? `auto-${randomHex(12)}`, {
    planCode: body.plan_code,
    msisdn: body.MSSIDN,
    amountDzd: body.amount ?? null,
  })
  const answer = await orderByName(c.env, await nameOf(c.get('key'), intent.ref)).send(intent)
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

/** The status by the merchant's ref, or by the provider's `API-<account>-<ref>` form of it. */
topups.get('/mobile/check-ref/:ref{[\\s\\S]+}', withKey('READ-ONLY'), async (c) => {
  const ref = c.req.param('ref')
  const key = c.get('key')
  const cached = await cachedStatus(key, ref)
  if (cached !== null) return success(c, cached)
  const wallet = walletName(key.merchantId, key.environment)
  const plain = merchantsRef(wallet, key.merchantId, ref)
  const snapshot = (await statusOf(c, ref)) ?? (plain === ref ? null : await statusOf(c, plain))
  if (snapshot === null) throw new ApiError('NOT_FOUND', `Top-up with reference '${ref}' not found`)
  return status(c, snapshot)
})

/** The status by the top-up's id: the merchant's frozen one or the provider's. */
topups.get('/mobile/check-id/:id{[\\s\\S]+}', withKey('READ-ONLY'), async (c) => {
  const id = c.req.param('id')
  const key = c.get('key')
  const ref = await bookOf(c.env, key.merchantId).refOf(key.environment, id)
  const snapshot = ref === null ? null : await statusOf(c, ref)
  if (snapshot === null) throw new ApiError('NOT_FOUND', `Top-up with ID '${id}' not found`)
  return status(c, snapshot)
})

async function statusOf(c: Context<Caller>, ref: string): Promise<Snapshot | null> {
  return orderByName(c.env, await nameOf(c.get('key'), ref)).status()
}

function nameOf({ merchantId, environment }: KeyEntry, ref: string): Promise<string> {
  return orderName(merchantId, environment, ref)
}

async function toIntent(c: Context<Caller>, ref: string, request: Intent['request']): Promise<Intent> {
  const { merchantId, environment } = c.get('key')
  const wallet = walletName(merchantId, environment)
  const account = await accountOf(c.env, wallet)
  const upstream = upstreamRef(wallet, merchantId, ref)
  return { merchantId, environment, ref, wallet, account, upstreamRef: upstream, request }
}

function sent(c: Context<Caller>, snapshot: Snapshot, replayed: boolean): Response {
  const { topup, final, stateVersion } = snapshot
  const gateway = { final, state_version: stateVersion, status_url: statusUrl(c, snapshot) }
  const response = success(c, JSON.stringify({ topupId: topup._id, topupRef: topup.ref, gateway }))
  if (replayed) response.headers.set('Idempotent-Replayed', 'true')
  return response
}

function status(c: Context<Caller>, snapshot: Snapshot): Response {
  const { topup, final, stateVersion, nextCheckAt, callback, flag } = snapshot
  const gateway = {
    final,
    state_version: stateVersion,
    next_check_at: nextCheckAt === null ? null : new Date(nextCheckAt).toISOString(),
    callback,
    status_url: statusUrl(c, snapshot),
    ...(flag === null ? {} : { flag: { at: new Date(flag.at).toISOString(), reason: flag.reason } }),
  }
  const dataJson = JSON.stringify({ ...topup, gateway })
  c.executionCtx.waitUntil(cacheStatus(c.get('key'), snapshot, dataJson))
  return success(c, dataJson)
}

function statusUrl(c: Context<Caller>, { statusToken }: Snapshot): string {
  return `${new URL(c.req.url).origin}/t/${statusToken}`
}
