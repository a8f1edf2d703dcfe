/** `/v1/signatures`: why the signature of a callback does not hold for its receiver. */
import { Hono } from 'hono'
import { checkSignature } from '../callback/signature-check'
import { merchantById } from '../env'
import { type Caller, withKey } from './auth'
import { checkSignatureBody } from './contract'
import { ApiError, success } from './envelope'
import { readBody } from './validation'

export const signatures = new Hono<Caller>()

/** Nothing of it is kept, logged or, where it is a secret, repeated. */
signatures.post('/signatures/check', withKey('READ-ONLY'), async (c) => {
  const { headers, body, secret, public_key, endpoint_id } = await readBody(c, checkSignatureBody)
  const { merchantId, environment } = c.get('key')
  const all = await merchantById(c.env, merchantId).signers(environment)
  const endpoints = all.filter(({ id }) => endpoint_id === undefined || id === endpoint_id)
  if (endpoint_id !== undefined && endpoints.length === 0) {
    throw new ApiError('NOT_FOUND', `Endpoint '${endpoint_id}' not found`)
  }
  const verdict = await checkSignature({
    headers,
    body,
    secret: secret ?? null,
    publicKey: public_key ?? null,
    endpoints,
    nowSeconds: Math.floor(Date.now() / 1_000),
  })
  return success(c, JSON.stringify(verdict))
})
