/** What the operator's calls take, and how their errors are worded. */
import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import {
  changeKeyBody,
  changeMerchantBody,
  createEndpointBody,
  createKeyBody,
  createMerchantBody,
  credentialBody,
} from '../../../src/api/contract'
import { ApiError } from '../../../src/api/envelope'
import { readBody } from '../../../src/api/validation'

/** What a client reads of the error; null when the body is taken. */
async function errorOf(
  schema: z.ZodType,
  body: unknown,
): Promise<{ message: string; details: unknown } | null> {
  const app = new Hono()
    .post('/', async (c) => {
      await readBody(c, schema)
      return c.json(null)
    })
    .onError((error, c) => {
      if (!(error instanceof ApiError)) throw error
      return c.json({ message: error.message, details: error.details })
    })
  return (await app.request('/', { method: 'POST', body: JSON.stringify(body) })).json()
}

describe('a field that there is not', () => {
  const KEY = { environment: 'sandbox', name: 'till' }

  it.each<[string, z.ZodType, object, string]>([
    ['createMerchantBody', createMerchantBody, { name: 'Shop', daily_amount: 5 }, 'body'],
    ['changeMerchantBody', changeMerchantBody, { dailyAmount: 5 }, 'body'],
    ['its settings', changeMerchantBody, { settings: { dailyamount: 5 } }, 'body/settings'],
    [
      'its rule about repeats',
      changeMerchantBody,
      { settings: { repeat: { minutes: 5, action: 'warn', hours: 1 } } },
      'body/settings/repeat',
    ],
    ['createKeyBody', createKeyBody, { ...KEY, allowedIps: [] }, 'body'],
    ['changeKeyBody', changeKeyBody, { scope: 'READ-ONLY' }, 'body'],
    ['credentialBody', credentialBody, { access_token: 'sk', token: 'x' }, 'body'],
  ])('is refused by name, and so nothing mistyped passes for a limit: %s', async (_, schema, body, at) => {
    expect((await errorOf(schema, body))?.message).toMatch(
      new RegExp(`^${at} must NOT have additional properties: \\w+$`),
    )
  })

  it('all that there are pass', async () => {
    const settings = { daily_amount: 1, largest_amount: null, repeat: { minutes: 1, action: 'block' } }
    expect(await errorOf(changeMerchantBody, { name: 'Shop', state: 'disabled', settings })).toBeNull()
    expect(await errorOf(createKeyBody, { ...KEY, scope: 'READ-ONLY', allowed_ips: ['::1'] })).toBeNull()
    expect(await errorOf(changeKeyBody, { name: 'till', allowed_ips: [], state: 'disabled' })).toBeNull()
  })
})

describe('a list', () => {
  it('that is too short or too long is counted in items', async () => {
    const url = 'https://shop.dz/cb'
    expect(await errorOf(createEndpointBody, { url, events: [] })).toMatchObject({
      message: 'body/events must NOT have fewer than 1 items',
    })
    const allowed_ips = Array.from({ length: 51 }, (_, n) => `192.0.2.${n}`)
    expect(await errorOf(changeKeyBody, { allowed_ips })).toMatchObject({
      message: 'body/allowed_ips must NOT have more than 50 items',
    })
  })
})

describe('a credential', () => {
  it.each([
    ['too long', `sk-${'5'.repeat(200)}`],
    ['with a blank in it', 'sk-5 5555'],
    ['in other letters', 'sk-5رصيد'],
    ['that is a number', 5_555],
  ])('%s is refused and never repeated', async (_, access_token) => {
    const error = await errorOf(credentialBody, { access_token })
    expect(error?.details).toEqual({ field: 'access_token' })
    expect(JSON.stringify(error)).not.toContain('5555')
    expect(error?.message).not.toContain('sk-')
  })
})

it.each(['', '   ', '\t'])('a name of nothing but blanks, %j, is none', async (name) => {
  expect(await errorOf(createMerchantBody, { name })).toMatchObject({
    message: 'body/name must NOT have fewer than 1 characters',
  })
})
