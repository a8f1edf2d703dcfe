import { Hono } from 'hono'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import {
  changeEndpointBody,
  changeKeyBody,
  createEndpointBody,
  createKeyBody,
  deliveriesQuery,
  sendBody,
} from '../../../src/api/contract'
import { ApiError } from '../../../src/api/envelope'
import { readBody, readQuery } from '../../../src/api/validation'

const app = new Hono()
  .post('/', async (c) => c.json(await readBody(c, sendBody)))
  .get('/', (c) => c.json(readQuery(c, deliveriesQuery)))
  .onError((error, c) => {
    if (!(error instanceof ApiError)) throw error
    const { code, httpStatus, message, details } = error
    return c.json({ code, httpStatus, message, details })
  })

const GOOD = { plan_code: 'PREPAID_MOBILIS', MSSIDN: '0612345678', amount: 500, ref: 'order-77' }
async function send(body: unknown): Promise<unknown> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return (await app.request('/', { method: 'POST', body: text })).json()
}
const list = async (query: string): Promise<unknown> => (await app.request(`/?${query}`)).json()

describe('a send is read as the provider reads it', () => {
  it.each([
    ['all fields', GOOD],
    ['no amount: fixed plans', { ...GOOD, amount: undefined }],
    ['amount 0: GETMENU', { ...GOOD, amount: 0 }],
    ['no ref: one is made', { ...GOOD, ref: undefined }],
    ['Ooredoo', { ...GOOD, MSSIDN: '0512345678' }],
    ['Djezzy, with a prefix no old table knows', { ...GOOD, MSSIDN: '0540000000' }],
    ['a ref of 200 characters', { ...GOOD, ref: 'ر'.repeat(200) }],
    ['a ref with a path in it', { ...GOOD, ref: 'a/../b?c#d %2F' }],
  ])('%s', async (_, body) => {
    expect(await send(body)).toEqual(JSON.parse(JSON.stringify(body)))
  })

  it('500.0 is 500, and what is not known is ignored', async () => {
    const text = '{"plan_code":"P","MSSIDN":"0612345678","amount":500.0,"extra":[1]}'
    expect(await send(text)).toEqual({ plan_code: 'P', MSSIDN: '0612345678', amount: 500 })
  })

  it.each([
    '0812345678',
    '612345678',
    '+213612345678',
    '06 12 34 56 78',
    '06123456789',
    '061234567',
    '0612345678\n',
    '٠٦١٢٣٤٥٦٧٨',
    '',
  ])('%j is no number, said in the words of the provider', async (MSSIDN) => {
    expect(await send({ ...GOOD, MSSIDN })).toEqual({
      code: 'ERR_VALIDATION',
      httpStatus: 400,
      message: 'body/MSSIDN must match pattern "^0[567][0-9]{8}$"',
      details: { field: 'MSSIDN', value: MSSIDN },
    })
  })

  it.each([
    ['a number that is a number', { MSSIDN: 612345678 }, 'body/MSSIDN must be string', 612345678],
    ['half a dinar', { amount: 500.5 }, 'body/amount must be integer', 500.5],
    ['an amount as text', { amount: '500' }, 'body/amount must be integer', '500'],
    ['an amount of null', { amount: null }, 'body/amount must be integer', null],
    ['a negative amount', { amount: -1 }, 'body/amount must be >= 0', -1],
    ['an empty plan', { plan_code: '' }, 'body/plan_code must NOT have fewer than 1 characters', ''],
    ['an empty ref', { ref: '' }, 'body/ref must NOT have fewer than 1 characters', ''],
    ['a ref that no path can carry', { ref: '..' }, 'body/ref must NOT be "." or ".."', '..'],
  ])('%s', async (_, change, message, value) => {
    const [field] = Object.keys(change)
    expect(await send({ ...GOOD, ...change })).toMatchObject({ message, details: { field, value } })
  })

  it('a ref of 201 characters is too long', async () => {
    expect(await send({ ...GOOD, ref: 'r'.repeat(201) })).toMatchObject({
      message: 'body/ref must NOT have more than 200 characters',
    })
  })

  it('a ref with half a character in it could never be looked up', async () => {
    expect(await send('{"plan_code":"P","MSSIDN":"0612345678","ref":"x\\ud800"}')).toMatchObject({
      message: 'body/ref must be well-formed Unicode',
    })
  })

  it.each(['plan_code', 'MSSIDN'])('%s missing is named', async (field) => {
    expect(await send({ ...GOOD, [field]: undefined })).toEqual({
      code: 'ERR_VALIDATION',
      httpStatus: 400,
      message: `body must have required property '${field}'`,
      details: { field },
    })
  })

  it.each(['', 'plan_code=P', '{"plan_code":', "{'a':1}"])('%j is no JSON', async (text) => {
    expect(await send(text)).toMatchObject({
      code: 'ERR_VALIDATION',
      message: 'body must be valid JSON',
      details: null,
    })
  })

  it.each(['null', '[]', '"x"', '1'])('%s is no object', async (text) => {
    expect(await send(text)).toMatchObject({ message: 'body must be object', details: null })
  })

  it('what is wrong is shown, unless it is large', async () => {
    expect(await send({ ...GOOD, plan_code: { a: 1 } })).toMatchObject({ details: { field: 'plan_code' } })
    expect(await send({ ...GOOD, plan_code: { a: 1 } })).not.toHaveProperty('details.value')
  })
})

describe('a query', () => {
  it('has a limit of its own when none is asked', async () => {
    expect(await list('')).toEqual({ limit: 50 })
    expect(await list('limit=100&state=held')).toEqual({ limit: 100, state: 'held' })
  })

  it.each([
    ['limit=0', 'querystring/limit must be >= 1'],
    ['limit=101', 'querystring/limit must be <= 100'],
    ['limit=x', 'querystring/limit must be integer'],
    ['state=lost', /^querystring\/state must be equal to one of the allowed values: pending, /],
  ])('%s', async (query, message) => {
    expect(await list(query)).toMatchObject({ message: expect.stringMatching(message) })
  })
})

describe('the bodies of our own calls', () => {
  const says = (schema: z.ZodType, body: unknown) => schema.safeParse(body).success

  it.each([
    ['all events', { url: 'https://shop.dz/cb' }, true],
    ['some events', { url: 'https://shop.dz/cb', events: ['topup.unknown'] }, true],
    ['no events', { url: 'https://shop.dz/cb', events: [] }, false],
    ['an event that there is not', { url: 'https://shop.dz/cb', events: ['topup.lost'] }, false],
    ['no url', {}, false],
  ])('an endpoint for %s', (_, body, good) => {
    expect(says(createEndpointBody, body)).toBe(good)
  })

  it('an endpoint is paused and activated; the other states are not for the merchant to set', () => {
    expect(
      ['active', 'paused', 'disabled', 'unverified'].map((state) => says(changeEndpointBody, { state })),
    ).toEqual([true, true, false, false])
  })

  it('a key has an environment and may write unless told otherwise', () => {
    expect(createKeyBody.parse({ environment: 'sandbox', name: 'till' })).toMatchObject({
      scope: 'READ-WRITE',
    })
    expect(says(createKeyBody, { environment: 'test', name: 'till' })).toBe(false)
  })

  it('a key is disabled for ever', () => {
    expect(says(changeKeyBody, { state: 'disabled' })).toBe(true)
    expect(says(changeKeyBody, { state: 'active' })).toBe(false)
  })
})
