/** `/v3`, besides top-ups: what the provider says of its plans and of the account, and who the caller is. */
import { type Context, Hono } from 'hono'
import { bookOf, walletByName } from '../env'
import { OPERATOR_WALLET } from '../order/name'
import { walletOf } from '../provider/account'
import { isAboutCredential, type ReadOutcome } from '../provider/classify'
import { accessToken, type Caller, knownCaller, withKey } from './auth'
import { ApiError, json, refusal, success } from './envelope'
import { pagination, readPages } from './pages'
import { plansOf } from './plans'

export const account = new Hono<Caller>()

/** The provider's answer to a ping is good for this long, for everybody. */
const PING_MEMORY_MS = 15_000
const OPERATORS_DOWN = { mobilis: 'down', ooredoo: 'down', djezzy: 'down', mobilisFixedPlans: 'down' }
const RETRY_SECONDS = 5

/** The provider's plans, at most 6 h old while it answers; `Age` in seconds. */
account.get('/mobile/plans', withKey('READ-ONLY'), async (c) => {
  const { wallet } = await walletOf(c.env, c.get('key'))
  const known = await plansOf(c.env, wallet)
  if (known === null) throw unreachable()
  const response = success(c, known.plans.dataJson)
  response.headers.set('Age', String(Math.max(0, Math.floor((Date.now() - known.plans.readAt) / 1_000))))
  return response
})

/** The balance of the account that the merchant's sends are taken from, which he may share. */
account.get('/account/balance', withKey('READ-ONLY'), async (c) => {
  const { wallet } = await walletOf(c.env, c.get('key'))
  return passOn(c, await walletByName(c.env, wallet).read('/v3/account/balance'))
})

/** The account's movements; on an account that merchants share, those of his own orders. */
account.get('/account/transactions', withKey('READ-ONLY'), async (c) => {
  const key = c.get('key')
  const request = readPages(c)
  const { wallet } = await walletOf(c.env, key)
  if (wallet === OPERATOR_WALLET) {
    const { items, totalResults } = await bookOf(c.env, key.merchantId).movements({
      ...request,
      environment: key.environment,
    })
    return success(c, JSON.stringify({ items, pagination: pagination(request, totalResults) }))
  }
  const query = new URLSearchParams({ page: String(request.page), pageSize: String(request.pageSize) })
  if (request.window !== null) {
    query.set('from', new Date(request.window.from).toISOString())
    query.set('to', new Date(request.window.to).toISOString())
  }
  return passOn(c, await walletByName(c.env, wallet).read(`/v3/account/transactions?${query}`))
})

/** The key as the provider would describe it: `success` and `data` alone, like the provider. */
account.get('/validate', withKey('READ-ONLY'), (c) => {
  const { merchantId, environment, scope, allowedIps } = c.get('key')
  const apiKey = {
    key: accessToken(c),
    isEnabled: true,
    type: environment.toUpperCase(),
    allowedips: allowedIps,
    scope,
  }
  return json(c, JSON.stringify({ success: true, data: { username: merchantId, apiKey } }))
})

/** Whether the gateway and, behind it, the operators are up. Needs no key; a sandbox key asks the sandbox. */
account.get('/ping', async (c) => {
  const caller = await knownCaller(c)
  const wallet = caller === null ? OPERATOR_WALLET : (await walletOf(c.env, caller)).wallet
  return success(c, await ping(c, wallet))
})

const pings = new Map<string, { readonly dataJson: string; readonly until: number }>()

/** A provider that does not answer is `error`, with no operator up. */
async function ping(c: Context<Caller>, wallet: string): Promise<string> {
  const known = pings.get(wallet)
  if (known !== undefined && known.until > Date.now()) return known.dataJson
  const read = await walletByName(c.env, wallet).read('/v3/ping')
  const dataJson =
    read.kind === 'data' ? read.dataJson : JSON.stringify({ api: 'error', operators: OPERATORS_DOWN })
  if (pings.size >= 1_000) pings.clear()
  pings.set(wallet, { dataJson, until: Date.now() + PING_MEMORY_MS })
  return dataJson
}

function passOn(c: Context<Caller>, read: ReadOutcome): Response {
  switch (read.kind) {
    case 'data':
      return success(c, read.dataJson)
    case 'refused':
      // About the gateway's key: the merchant's own is fine.
      if (isAboutCredential(read.refusal)) throw unreachable()
      return refusal(c, read.refusal)
    case 'no_answer':
      throw unreachable()
  }
}

function unreachable(): ApiError {
  const message = 'The provider does not answer; nothing was changed'
  return new ApiError('SERVICE_UNAVAILABLE', message, null, { 'Retry-After': String(RETRY_SECONDS) })
}
