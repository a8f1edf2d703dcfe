import { describe, expect, it } from 'vitest'
import { callsOf, clientOf, expectError, topupsOf } from './client'
import { DEMO_KEY, DEMO_LIVE_KEY, eventually, type Gateway, startGateway } from './harness'
import { PLANS, type Provider, startProvider } from './provider'

/** What the gateway does not know must pass too. */
const CATALOGUE = {
  ...PLANS,
  dynamicPlans: [
    ...PLANS.dynamicPlans,
    {
      code: 'PREPAID_OOREDOO',
      name: 'معطل',
      operator: 'Ooredoo',
      cost: 0.98,
      isEnabled: false,
      min_amount: 50,
      max_amount: 5000,
      since: null,
    },
    {
      code: 'GETMENU_Djezzy',
      name: 'Djezzy GetMenu',
      operator: 'Djezzy',
      cost: 0.98,
      isEnabled: true,
      min_amount: 50,
      max_amount: 5000,
    },
  ],
  news: { à: ['ة', 1.5, '<b>'] },
}

async function world(): Promise<{ provider: Provider; gateway: Gateway }> {
  const provider = await startProvider()
  provider.setPlans(CATALOGUE)
  return { provider, gateway: await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } }) }
}

const { provider, gateway } = await world()
const merchant = clientOf(gateway)
const plans = (from: Gateway = gateway, key = DEMO_LIVE_KEY) => from.call('GET', '/v3/mobile/plans', { key })

describe('GET /v3/mobile/plans', () => {
  it('passes the provider’s plans on untouched, and asks for them once', async () => {
    const answers = await Promise.all([
      ...Array.from({ length: 10 }, () => plans()),
      ...Array.from({ length: 3 }, (_, n) => merchant.send(`while reading ${n}`)),
      ...Array.from({ length: 10 }, () => plans()),
    ])
    for (const answer of [...answers.slice(0, 10), ...answers.slice(-10)]) {
      expect(answer.status).toBe(200)
      expect(answer.json).toEqual({
        success: true,
        data: CATALOGUE,
        meta: { timestamp: expect.stringMatching(/Z$/) },
        requestId: answer.headers.get('x-request-id'),
      })
      expect(answer.headers.get('age')).toMatch(/^\d+$/)
    }
    expect(provider.callsOf('plans')).toHaveLength(1)
  })

  it('says how old they are', async () => {
    const age = await eventually('the plans to be a second old', async () => {
      const seconds = Number((await plans()).headers.get('age'))
      return seconds >= 1 && seconds
    })
    expect(age).toBeLessThan(60)
  })

  it('of a sandbox key are the sandbox’s', async () => {
    const answer = await plans(gateway, DEMO_KEY)
    const codes = answer.json.data.dynamicPlans.map(({ code }: { code: string }) => code)
    expect(codes).toContain('FACTURE_DJEZZY')
    expect(codes).not.toEqual(CATALOGUE.dynamicPlans.map(({ code }) => code))
  })

  it('are there still when the provider is down and the wallet was thrown out of memory', async () => {
    const { provider: mortal, gateway: its } = await world()
    expect((await plans(its)).json.data).toEqual(CATALOGUE)
    mortal.setPlans({ dynamicPlans: [], fixedPlans: [] })
    mortal.fault('plans', { times: 1_000, ending: 'destroy' })
    await its.evict('Wallet', 'operator')
    const answer = await plans(its)
    expect(answer.json.data).toEqual(CATALOGUE)
    expectError(await clientOf(its).send('still judged', { amount: 39 }), 400, 'ERR_VALIDATION')
    await its.close()
  })

  it.each([
    ['is down', { ending: 'destroy' }],
    ['answers an error page', { answer: { status: 502, body: '<h1>Bad Gateway</h1>' } }],
    ['refuses us', { answer: { status: 401, body: { success: false, error: { code: 'ERR_AUTH' } } } }],
    ['has none', { answer: { body: { success: true, data: { dynamicPlans: [], fixedPlans: [] } } } }],
    ['answers no list of plans', { answer: { body: { success: true, data: { plans: 'see our site' } } } }],
  ] as const)('were never read while the provider %s: 503, and sends go out unjudged', async (_, fault) => {
    const { provider: silent, gateway: its } = await world()
    silent.fault('plans', { times: 1_000, ...fault })
    const answer = await plans(its)
    expectError(answer, 503, 'SERVICE_UNAVAILABLE')
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await clientOf(its).send('unjudged', { plan_code: 'NOBODY', amount: 1 })).status).toBe(200)
    expect(topupsOf(silent, 'unjudged')).toMatchObject([{ planCode: 'NOBODY', amount: 1 }])
    await its.close()
  })
})

describe.concurrent('before it costs money, a send is refused', () => {
  it.each([
    ['below the minimum', { amount: 39 }, 'body/amount must be >= 40', 'amount', 39],
    ['above the maximum', { amount: 4_000 }, 'body/amount must be <= 3999', 'amount', 4_000],
    ['with 0 on a dynamic plan', { amount: 0 }, 'body/amount must be >= 40', 'amount', 0],
    [
      'without an amount on a dynamic plan',
      { amount: undefined },
      "body must have required property 'amount'",
      'amount',
      null,
    ],
    [
      'with another price on a fixed plan',
      { plan_code: 'PIXX_500', amount: 400 },
      'body/amount must be equal to constant 500',
      'amount',
      400,
    ],
    [
      'for a plan that does not exist',
      { plan_code: 'PREPAID_NOBODY' },
      'body/plan_code must be equal to one of the allowed values',
      'plan_code',
      'PREPAID_NOBODY',
    ],
    [
      'for a plan in other letters',
      { plan_code: 'prepaid_mobilis' },
      'body/plan_code must be equal to one of the allowed values',
      'plan_code',
      'prepaid_mobilis',
    ],
    [
      'for a plan that is switched off',
      { plan_code: 'PREPAID_OOREDOO', MSSIDN: '0551234567' },
      expect.stringMatching(/^body\/plan_code\b.*PREPAID_OOREDOO/),
      'plan_code',
      'PREPAID_OOREDOO',
    ],
  ])('%s, and the ref stays free', async (how, wrong, message, field, value) => {
    const ref = `refused ${how}`
    const refused = await merchant.send(ref, wrong)
    expectError(refused, 400, 'ERR_VALIDATION')
    expect(refused.json.error).toEqual({ code: 'ERR_VALIDATION', message, details: { field, value } })
    expect(callsOf(provider, 'send', ref)).toEqual([])
    expect((await merchant.checkRef(ref)).status).toBe(404)

    const right = await merchant.send(ref)
    expect(right.status).toBe(200)
    expect(right.headers.get('idempotent-replayed')).toBeNull()
    expect(topupsOf(provider, ref)).toMatchObject([{ amount: 500, planCode: 'PREPAID_MOBILIS' }])
  })

  it.each([
    ['+213661234567', 'with a country code'],
    ['00213661234567', 'with a country code after 00'],
    ['213661234567', 'with a bare country code'],
    ['0661 23 45 67', 'with spaces'],
    [' 0661234567', 'with a space before it'],
    ['0661234567\n', 'with a line break after it'],
    ['٠٦٦١٢٣٤٥٦٧', 'in Arabic-Indic digits'],
    ['661234567', 'without its 0'],
    ['0961234567', 'of no operator'],
    [661234567, 'that is a number'],
  ])('to %j, a number %s', async (MSSIDN, how) => {
    const ref = `number ${how}`
    const refused = await merchant.send(ref, { MSSIDN })
    expectError(refused, 400, 'ERR_VALIDATION')
    expect(refused.json.error).toEqual({
      code: 'ERR_VALIDATION',
      message:
        typeof MSSIDN === 'string'
          ? 'body/MSSIDN must match pattern "^0[567][0-9]{8}$"'
          : 'body/MSSIDN must be string',
      details: { field: 'MSSIDN', value: MSSIDN },
    })
    expect(callsOf(provider, 'send', ref)).toEqual([])
  })

  it('but not at its bounds, nor for a question about offers', async () => {
    const fine = [
      { amount: 40 },
      { amount: 3_999 },
      { plan_code: 'PIXX_500', amount: 500 },
      { plan_code: 'PIXX_500', amount: 0 },
      { plan_code: 'GETMENU_Djezzy', MSSIDN: '0771234567', amount: 0 },
      { plan_code: 'GETMENU_Ooredoo', MSSIDN: '0551234567', amount: undefined },
    ]
    for (const [n, more] of fine.entries()) {
      expect((await merchant.send(`fine ${n}`, more)).status, JSON.stringify(more)).toBe(200)
      expect(topupsOf(provider, `fine ${n}`)).toHaveLength(1)
    }
  })
})

describe.concurrent('a number of another operator', () => {
  it('goes out with a warning, in every answer about it', async () => {
    const other = { plan_code: 'PREPAID_DJEZZY', amount: 500 }
    const sent = await merchant.send('ported', other)
    const again = await merchant.send('ported', other)
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(topupsOf(provider, 'ported')).toMatchObject([{ planCode: 'PREPAID_DJEZZY' }])
    const { topupId } = sent.json.data
    for (const answer of [sent, again, await merchant.checkRef('ported'), await merchant.checkId(topupId)]) {
      expect(answer.status).toBe(200)
      expect(answer.json.data.gateway.warnings).toEqual([
        { code: 'PREFIX_MISMATCH', message: expect.stringMatching(/06.*Mobilis.*Djezzy/) },
      ])
    }
    provider.settle('demo.ported', 'FULFILLED')
    expect((await merchant.untilFinal('ported')).json.data.gateway.warnings).toHaveLength(1)
  })

  it('is not suspected where plan and prefix agree', async () => {
    const matching = { plan_code: 'GROS_MOBILIS', amount: 5_000 }
    const { data } = (await merchant.send('at home', matching)).json
    expect(data.gateway).not.toHaveProperty('warnings')
    expect((await merchant.checkRef('at home')).json.data.gateway).not.toHaveProperty('warnings')
  })
})
