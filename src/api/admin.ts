/** `/admin`: the operator's surface. Merchants, their keys, limits and provider credentials. */
import { type Context, Hono } from 'hono'
import type * as z from 'zod'
import { merchantById, settings } from '../env'
import { keyView } from '../merchant/keys'
import type { Merchant } from '../merchant/merchant'
import {
  MERCHANT_PREFIX,
  type MerchantRecord,
  type MerchantSummary,
  merchantView,
  summaryView,
} from '../merchant/record'
import { randomHex } from '../platform/crypto'
import { type Caller, withAdminToken } from './auth'
import {
  changeKeyBody,
  changeMerchantBody,
  createKeyBody,
  createMerchantBody,
  credentialBody,
  merchantsQuery,
} from './contract'
import { ApiError, success } from './envelope'
import { readBody, readQuery } from './validation'

export const admin = new Hono<Caller>()

admin.post('/merchants', withAdminToken, async (c) => {
  const { name } = await readBody(c, createMerchantBody)
  const id = `m${randomHex(6)}`
  return success(c, JSON.stringify(merchantView(await merchantById(c.env, id).create(id, name))), 201)
})

admin.get('/merchants', withAdminToken, async (c) => {
  return success(c, JSON.stringify(await listMerchants(c, readQuery(c, merchantsQuery))))
})

/** In order of their ids; from the edge's copy, which knows a new merchant within a minute. */
export async function listMerchants(c: Context<Caller>, { cursor, limit }: z.output<typeof merchantsQuery>) {
  const page = await c.env.KEYS.list<MerchantSummary>({
    prefix: MERCHANT_PREFIX,
    cursor: cursor ?? null,
    limit,
  })
  const items = page.keys.flatMap(({ name, metadata }) =>
    metadata === undefined ? [] : [summaryView(name.slice(MERCHANT_PREFIX.length), metadata)],
  )
  return { items, next_cursor: page.list_complete ? null : page.cursor }
}

/** With his keys, and whether he brought a credential of his own; never the credential. */
admin.get('/merchants/:id', withAdminToken, async (c) => {
  const { merchant, record } = await mustFindMerchant(c)
  return success(c, JSON.stringify(await merchantInFull(merchant, record)))
})

/** `state: "disabled"` shuts all his keys out within a minute; his orders are tracked and called back still. */
admin.patch('/merchants/:id', withAdminToken, async (c) => {
  const { name, state, settings: wanted } = await readBody(c, changeMerchantBody)
  const { merchant } = await mustFindMerchant(c)
  const limits = {
    ...(wanted?.daily_amount === undefined ? {} : { dailyAmountDzd: wanted.daily_amount }),
    ...(wanted?.largest_amount === undefined ? {} : { largestAmountDzd: wanted.largest_amount }),
    ...(wanted?.repeat === undefined ? {} : { repeat: wanted.repeat }),
    ...(wanted?.operator_down === undefined ? {} : { refusesDown: wanted.operator_down === 'refuse' }),
  }
  const change = { name, state, limits, retentionDays: wanted?.retention_days }
  return success(c, JSON.stringify(await merchantInFull(merchant, await merchant.change(change))))
})

/** 201 with `key`, which is shown here and never again. */
admin.post('/merchants/:id/keys', withAdminToken, async (c) => {
  const { allowed_ips: allowedIps, ...wanted } = await readBody(c, createKeyBody)
  const { merchant } = await mustFindMerchant(c)
  const { key, record } = await merchant.createKey({ ...wanted, allowedIps })
  return success(c, JSON.stringify({ ...keyView(record, null), key }), 201)
})

/** `{state: "disabled"}`: refused everywhere within a minute. */
admin.patch('/merchants/:id/keys/:key', withAdminToken, async (c) => {
  const keyId = c.req.param('key')
  const { allowed_ips: allowedIps, ...change } = await readBody(c, changeKeyBody)
  const changed = await merchantById(c.env, c.req.param('id')).changeKey(keyId, { ...change, allowedIps })
  if (changed === null) throw new ApiError('NOT_FOUND', `Key '${keyId}' not found`)
  return success(c, JSON.stringify(keyView(changed.key, changed.lastUsedAt)))
})

/** Asked at the provider first; kept encrypted, and shown to nobody again. */
admin.put('/merchants/:id/credential', withAdminToken, async (c) => {
  const { access_token: accessToken } = await readBody(c, credentialBody)
  const { merchant } = await mustFindMerchant(c)
  const { masterKey } = settings(c.env)
  if (masterKey === null) {
    throw new ApiError('PERMISSION_DENIED', 'There can be no credentials: no MASTER_KEY is set')
  }
  const check = await merchant.setCredential(accessToken, masterKey)
  if (!check.ok) {
    const message = `The credential was not kept: ${check.reason}`
    if (!check.retry) throw new ApiError('ERR_VALIDATION', message, { field: 'access_token' })
    throw new ApiError('SERVICE_UNAVAILABLE', message, null, { 'Retry-After': '10' })
  }
  return success(c, JSON.stringify(credentialView(await merchant.credential())))
})

/** His orders go through the operator's account again; those still open on his own can no longer be asked for. */
admin.delete('/merchants/:id/credential', withAdminToken, async (c) => {
  const { merchant } = await mustFindMerchant(c)
  await merchant.removeCredential()
  return success(c, JSON.stringify(null))
})

type MerchantStub = DurableObjectStub<Merchant>

export async function mustFindMerchant(
  c: Context<Caller>,
  id = c.req.param('id') ?? '',
): Promise<{ merchant: MerchantStub; record: MerchantRecord }> {
  const merchant = merchantById(c.env, id)
  const record = await merchant.describe()
  if (record === null) throw new ApiError('NOT_FOUND', `Merchant '${id}' not found`)
  return { merchant, record }
}

export async function merchantInFull(merchant: MerchantStub, record: MerchantRecord) {
  const [keys, credential] = await Promise.all([merchant.keys(), merchant.credential()])
  return {
    ...merchantView(record),
    credential: credentialView(credential),
    keys: keys.map(({ key, lastUsedAt }) => keyView(key, lastUsedAt)),
  }
}

/** The account's name is a phone number: its end is enough to recognise it. */
function credentialView(credential: { username: string; setAt: number } | null) {
  if (credential === null) return null
  const { username, setAt } = credential
  return { account: `…${username.slice(-3)}`, set_at: new Date(setAt).toISOString() }
}
