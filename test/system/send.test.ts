import { describe, expect, it } from 'vitest'
import { openAccount } from './accounts'
import { callsOf, clientOf, expectError, ORDER, only, topupsOf } from './client'
import { DEMO_KEY, DEMO_LIVE_KEY, eventually, startGateway } from './harness'
import { startProvider } from './provider'

const HEX_ID = /^[0-9a-f]{24}$/

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
const merchant = clientOf(gateway)

describe('an accepted top-up', () => {
  it.each([
    ['production', DEMO_LIVE_KEY],
    ['sandbox', DEMO_KEY],
  ])('is answered in the envelope of the provider (%s)', async (environment, key) => {
    const answer = await clientOf(gateway, key).send(`happy ${environment}`)
    expect(answer.status).toBe(200)
    expect(answer.json).toEqual({
      success: true,
      data: {
        topupId: expect.stringMatching(HEX_ID),
        topupRef: `happy ${environment}`,
        gateway: {
          final: false,
          state_version: 1,
          status_url: expect.stringContaining(`${gateway.url}/t/`),
          expected_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        },
      },
      meta: { timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) },
      requestId: expect.stringMatching(/^req_\d+_[a-z0-9]{6}$/),
    })
    expect(answer.headers.get('x-request-id')).toBe(answer.json.requestId)
    expect(answer.headers.get('content-type')).toMatch(/^application\/json\b/)
    expect(answer.headers.get('idempotent-replayed')).toBeNull()
  })

  it('goes to the provider as the merchant wrote it, with the operator’s token, under the provider’s id', async () => {
    const answer = await merchant.send('as written')
    const [call, ...more] = callsOf(provider, 'send', 'as written')
    expect(more).toEqual([])
    expect(JSON.parse(call?.rawBody ?? '')).toEqual({ ...ORDER, ref: 'demo.as written' })
    expect(call?.headers['x-access-token']).toBe('local-access-token')
    expect(answer.json.data.topupId).toBe(topupsOf(provider, 'as written')[0]?.id)
  })

  it('without a ref gets one that can be looked up, a new one each time', async () => {
    const refs = await Promise.all(
      [0, 1].map(async () => (await merchant.send(undefined)).json.data.topupRef),
    )
    expect(new Set(refs).size).toBe(2)
    for (const ref of refs) {
      expect((await merchant.checkRef(ref)).json.data).toMatchObject({ ref, MSSIDN: ORDER.MSSIDN })
      expect(topupsOf(provider, ref)).toHaveLength(1)
    }
  })

  it('ignores fields that nobody knows', async () => {
    expect((await merchant.send('extra', { note: 'for my brother' })).status).toBe(200)
  })
})

describe('the amount', () => {
  const sandbox = clientOf(gateway, DEMO_KEY)

  it.each([
    ['absent', 'PIXX_500', undefined],
    ['0', 'PIXX_500', 0],
    ['the price', 'PIXX_500', 500],
    ['absent', 'GETMENU_Mobilis', undefined],
    ['0', 'GETMENU_Mobilis', 0],
  ])('may be %s on %s', async (how, plan_code, amount) => {
    const ref = `${plan_code} ${how}`
    expect((await sandbox.send(ref, { plan_code, amount })).status).toBe(200)
    expect((await merchant.send(ref, { plan_code, amount })).status).toBe(200)
    expect(JSON.parse(callsOf(provider, 'send', ref)[0]?.rawBody ?? '')).toEqual({
      plan_code,
      MSSIDN: ORDER.MSSIDN,
      ...(amount === undefined ? {} : { amount }),
      ref: `demo.${ref}`,
    })
  })

  it('may be written 500.0', async () => {
    const body = '{"plan_code":"PREPAID_MOBILIS","MSSIDN":"0661234567","amount":500.0,"ref":"float"}'
    const answer = await gateway.call('POST', '/v3/mobile/send', { key: DEMO_LIVE_KEY, body })
    expect(answer.status).toBe(200)
    expect(topupsOf(provider, 'float')).toMatchObject([{ amount: 500 }])
    expect((await merchant.checkRef('float')).json.data.topup_amount).toBe(500)
  })

  it.each([
    ['absent on a dynamic plan', { amount: undefined }, 'amount'],
    ['below the plan’s minimum', { amount: 39 }, 'amount'],
    ['above the plan’s maximum', { amount: 4000 }, 'amount'],
    ['not the price of a fixed plan', { plan_code: 'PIXX_500', amount: 400 }, 'amount'],
    ['for a plan that does not exist', { plan_code: 'PREPAID_NOBODY' }, 'plan_code'],
    ['for a number of another operator', { plan_code: 'PREPAID_DJEZZY' }, 'MSSIDN'],
  ])('is refused by the sandbox when it is %s, and the ref stays free', async (why, wrong, field) => {
    const answer = await sandbox.send(why, wrong)
    expectError(answer, 400, 'ERR_VALIDATION')
    expect(answer.json.error.details.field).toBe(field)
    expect((await sandbox.checkRef(why)).status).toBe(404)
    expect((await sandbox.send(why)).headers.get('idempotent-replayed')).toBeNull()
  })
})

describe('a refusal of the provider', () => {
  const refusals: [string, number, object][] = [
    [
      'ERR_VALIDATION',
      400,
      { message: 'body/amount must be >= 50', details: { field: 'amount', value: 20 } },
    ],
    ['INVALID_PHONE', 400, { message: 'This number is not valid' }],
    ['INSUFFICIENT_BALANCE', 403, { message: 'Low', details: { required: 490, available: 12.5 } }],
    ['NO_BALANCE', 403, { message: 'Insufficient balance' }],
  ]

  it.each(refusals)('%s is passed on as it came, and the ref is free', async (code, status, more) => {
    const ref = `refused ${code}`
    const error = { code, ...more }
    const body = { success: false, error, requestId: 'req_theirs' }
    provider.fault('send', { when: only(ref), notAccepted: true, answer: { status, body } })

    const refused = await merchant.send(ref)
    expectError(refused, status, code)
    expect(refused.json.error).toEqual(error)
    expect(refused.headers.get('retry-after')).toBeNull()
    expect((await merchant.checkRef(ref)).status).toBe(404)

    const other = await merchant.send(ref, { amount: 700 })
    expect(other.status).toBe(200)
    expect(other.headers.get('idempotent-replayed')).toBeNull()
    expect(topupsOf(provider, ref)).toMatchObject([{ amount: 700 }])
  })

  it('RATE_LIMIT_EXCEEDED too, with its Retry-After; the next send waits for so long', async () => {
    // The pause is its account's.
    const { client, account, isMine } = await openAccount(gateway, provider)
    const error = { code: 'RATE_LIMIT_EXCEEDED', message: 'Too many requests' }
    const answer = { status: 429, body: { success: false, error }, headers: { 'Retry-After': '2' } }
    provider.fault('send', { when: isMine, notAccepted: true, answer })
    const refused = await client.send('too fast')
    expectError(refused, 429, 'RATE_LIMIT_EXCEEDED')
    expect(refused.json.error).toEqual(error)
    expect(refused.headers.get('retry-after')).toBe('2')
    expect((await client.checkRef('too fast')).status).toBe(404)

    const other = await client.send('too fast', { amount: 700 })
    expect(other.status).toBe(200)
    expect(other.headers.get('idempotent-replayed')).toBeNull()
    await eventually('it to leave', () => account.find('too fast'))
    expect(account.topups).toMatchObject([{ amount: 700 }])
  })

  it.each([
    ['INVALID_ACCESS_TOKEN', 401],
    ['IP_NOT_ALLOWED', 403],
    ['IP_BLOCKED', 403],
    ['API_DISABLED', 403],
  ])('of the gateway’s own credential (%s) is not blamed on the merchant’s key', async (code, status) => {
    const ref = `credential ${code}`
    const body = { success: false, error: { code, message: 'The provided access token is invalid' } }
    provider.fault('send', { when: only(ref), notAccepted: true, answer: { status, body } })
    const refused = await merchant.send(ref)
    expectError(refused, 503, 'SERVICE_UNAVAILABLE')
    expect(refused.json.error.message).toMatch(/^Nothing was sent/)
    expect((await merchant.checkRef(ref)).status).toBe(404)
    expect((await merchant.send(ref)).headers.get('idempotent-replayed')).toBeNull()
    expect(topupsOf(provider, ref)).toHaveLength(1)
  })

  it('reaches every caller who was waiting for the same send', async () => {
    const ref = 'refused together'
    provider.fault('send', {
      when: only(ref),
      notAccepted: true,
      delayMs: 1_000,
      answer: { status: 400, body: { success: false, error: { code: 'ERR_VALIDATION', message: 'no' } } },
    })
    const answers = await Promise.all(Array.from({ length: 5 }, () => merchant.send(ref)))
    for (const answer of answers) expectError(answer, 400, 'ERR_VALIDATION')
    expect(callsOf(provider, 'send', ref)).toHaveLength(1)
  })

  it('for want of money in the sandbox names what is required and available', async () => {
    const sandbox = clientOf(gateway, DEMO_KEY)
    const refused = await sandbox.send('no money', { MSSIDN: '0600010008' })
    expectError(refused, 403, 'INSUFFICIENT_BALANCE')
    expect(refused.json.error.details).toEqual({ required: 480, available: 0 })
    expect((await sandbox.send('no money')).status).toBe(200)
  })
})

it('a gateway without a credential at the provider sends nothing and says so', async () => {
  const bare = await startGateway({
    vars: { ONECLICK_BASE_URL: provider.url, ONECLICK_ACCESS_TOKEN: '' },
  })
  expectError(await clientOf(bare).send('no credential'), 503, 'SERVICE_UNAVAILABLE')
  expect(callsOf(provider, 'send', 'no credential')).toEqual([])
  expect((await clientOf(bare).checkRef('no credential')).status).toBe(404)
  expect((await clientOf(bare, DEMO_KEY).send('no credential')).status).toBe(200)
  await bare.close()
})
