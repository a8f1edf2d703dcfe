/** `/admin`: the operator's surface. Merchants and their keys. */
import { Hono } from 'hono'
import { merchantById } from '../env'
import { keyView } from '../merchant/keys'
import type { MerchantRecord } from '../merchant/merchant'
import { randomHex } from '../platform/crypto'
import { type Caller, withAdminToken } from './auth'
import { changeKeyBody, createKeyBody, createMerchantBody } from './contract'
import { ApiError, success } from './envelope'
import { readBody } from './validation'

export const admin = new Hono<Caller>()

admin.post('/merchants', withAdminToken, async (c) => {
  const { name } = await readBody(c, createMerchantBody)
  const id = `m${randomHex(6)}`
  return success(c, JSON.stringify(merchantView(await merchantById(c.env, id).create(id, name))), 201)
})

admin.get('/merchants/:id', withAdminToken, async (c) => {
  const id = c.req.param('id')
  const merchant = merchantById(c.env, id)
  const record = mustExist(await merchant.describe(), id)
  return success(c, JSON.stringify({ ...merchantView(record), keys: (await merchant.keys()).map(keyView) }))
})

/** 201 with `key`, which is shown here and never again. */
admin.post('/merchants/:id/keys', withAdminToken, async (c) => {
  const id = c.req.param('id')
  const wanted = await readBody(c, createKeyBody)
  const merchant = merchantById(c.env, id)
  mustExist(await merchant.describe(), id)
  const { key, record } = await merchant.createKey(wanted)
  return success(c, JSON.stringify({ ...keyView(record), key }), 201)
})

/** `{state: "disabled"}`: refused everywhere within about a minute. */
admin.patch('/merchants/:id/keys/:key', withAdminToken, async (c) => {
  const { id, key: keyId } = c.req.param()
  await readBody(c, changeKeyBody)
  const key = await merchantById(c.env, id).disableKey(keyId)
  if (key === null) throw new ApiError('NOT_FOUND', `Key '${keyId}' not found`)
  return success(c, JSON.stringify(keyView(key)))
})

function mustExist(merchant: MerchantRecord | null, id: string): MerchantRecord {
  if (merchant === null) throw new ApiError('NOT_FOUND', `Merchant '${id}' not found`)
  return merchant
}

function merchantView({ id, name, createdAt }: MerchantRecord) {
  return { id, name, created_at: new Date(createdAt).toISOString() }
}
