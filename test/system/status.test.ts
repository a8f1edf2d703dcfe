import { describe, expect, it, vi } from 'vitest'
import { openAccount } from './accounts'
import { callsOf, clientOf, expectError, ORDER, only, upstream } from './client'
import { ADMIN_TOKEN, DEMO_KEY, DEMO_LIVE_KEY, eventually, startGateway } from './harness'
import { type Fault, startProvider } from './provider'

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const HTML = '<html><body><h1>502 Bad Gateway</h1></body></html>'
const OFFERS = [{ typename: '📋 FACTURE | فاتورة', plan_code: 'FACTURE_DJEZZY', amount: 500 }]
const MESSAGE = 'هذا الرقم لا يقبل هذا العرض'

vi.setConfig({ maxConcurrency: 50 })

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
const merchant = clientOf(gateway)

const settle = (
  ref: string,
  ...how: [string, { refundMessage?: string; suggestedOffers?: typeof OFFERS }?]
) => provider.settle(upstream(ref), ...how)

describe.concurrent('a status', () => {
  it('is the provider’s object and the gateway’s facts, the same by ref and by id', async () => {
    const { topupId, gateway: facts } = (await merchant.send('whole')).json.data
    const byRef = await merchant.checkRef('whole')
    expect(byRef.json).toEqual({
      success: true,
      data: {
        _id: topupId,
        ref: 'whole',
        status: 'PENDING',
        plan_code: ORDER.plan_code,
        MSSIDN: ORDER.MSSIDN,
        topup_amount: 500,
        balance_amount: expect.any(Number),
        created_at: expect.stringMatching(ISO_TIME),
        gateway: {
          final: false,
          state_version: 1,
          next_check_at: expect.stringMatching(ISO_TIME),
          callback: 'none',
          status_url: facts.status_url,
          expected_at: expect.stringMatching(ISO_TIME),
        },
      },
      meta: { timestamp: expect.stringMatching(ISO_TIME) },
      requestId: byRef.headers.get('x-request-id'),
    })
    const { gateway: atId, ...byId } = (await merchant.checkId(topupId)).json.data
    const { gateway: atRef, ...sameByRef } = byRef.json.data
    expect(byId).toEqual(sameByRef)
    expect(atId.status_url).toBe(atRef.status_url)
  })

  it('goes from PENDING over HANDLING to FULFILLED', async () => {
    await merchant.send('ordinary')
    expect((await merchant.checkRef('ordinary')).json.data.status).toBe('PENDING')
    settle('ordinary', 'HANDLING')
    const handling = await merchant.until('HANDLING', 'ordinary', ({ status }) => status === 'HANDLING')
    expect(handling.json.data.gateway).toMatchObject({ final: false, state_version: 1 })
    settle('ordinary', 'FULFILLED')
    const { data } = (await merchant.untilFinal('ordinary')).json
    expect(data).toMatchObject({ status: 'FULFILLED', topup_amount: 500, balance_amount: 490 })
    expect(data.gateway).toMatchObject({ final: true, state_version: 2, next_check_at: null })
    expect(data).not.toHaveProperty('refund_message')
    expect(data).not.toHaveProperty('suggested_offers')
  })

  it('REFUNDED carries what the customer is to be told', async () => {
    await merchant.send('refunded')
    settle('refunded', 'REFUNDED', { refundMessage: MESSAGE, suggestedOffers: OFFERS })
    expect((await merchant.untilFinal('refunded')).json.data).toMatchObject({
      status: 'REFUNDED',
      balance_amount: 0,
      refund_message: MESSAGE,
      suggested_offers: OFFERS,
    })
  })

  it.each(['UNKNOWN_ERROR', 'AWAITING_REVIEW', 'FAILED', 'SUCCESS', 'fulfilled', 'QUEUED'])(
    '%s of the provider is unknown, neither done nor failed',
    async (word) => {
      await merchant.send(`word ${word}`)
      settle(`word ${word}`, word, { refundMessage: MESSAGE })
      const seen = await merchant.until('news', `word ${word}`, ({ status }) => status !== 'PENDING')
      expect(seen.json.data).toMatchObject({ status: 'UNKNOWN_ERROR', refund_message: MESSAGE })
      expect(seen.json.data.gateway).toMatchObject({
        final: false,
        state_version: 2,
        next_check_at: expect.stringMatching(ISO_TIME),
      })
    },
  )
})

describe.concurrent('look-ups that fail never end the tracking:', () => {
  it.each<[string, Fault]>([
    ['429', { answer: { status: 429, headers: { 'Retry-After': '2' }, body: { success: false } } }],
    ['500', { answer: { status: 500, body: { success: false, error: { code: 'NOT_FOUND', message: '' } } } }],
    ['HTML', { answer: { status: 502, body: HTML } }],
    ['HTML with 200', { answer: { status: 200, body: HTML } }],
    ['HTML with 404', { answer: { status: 404, body: HTML } }],
    [
      'not found',
      { answer: { status: 404, body: { success: false, error: { code: 'NOT_FOUND', message: '' } } } },
    ],
    ['a truncated answer', { ending: 'truncate' }],
    ['a lost connection', { ending: 'destroy' }],
    [
      'another top-up',
      { answer: { body: { success: true, data: { _id: 'x', ref: 'y', status: 'REFUNDED' } } } },
    ],
    ['401', { answer: { status: 401, body: { success: false, error: { code: 'ERR_AUTH', message: '' } } } }],
  ])('%s', async (how, fault) => {
    // Of an account of its own: one order is looked up by its ref, several are read from the list.
    const { client, account, calls, isMine, sentRefs } = await openAccount(gateway, provider)
    const ref = `failing: ${how}`
    let broken = true
    provider.fault('check-ref', { when: (call) => broken && isMine(call), times: 1_000, ...fault })
    await client.send(ref)
    account.settle(ref, 'FULFILLED')
    await eventually('failed look-ups', () => calls('check-ref').length >= 2)
    expect((await client.checkRef(ref)).json.data).toMatchObject({
      status: 'PENDING',
      gateway: { final: false, state_version: 1 },
    })
    broken = false
    expect((await client.untilFinal(ref)).json.data.status).toBe('FULFILLED')
    expect(sentRefs()).toEqual([ref])
  })
})

describe.concurrent('a final status', () => {
  it('is served without the provider', async () => {
    const { topupId } = (await merchant.send('remembered')).json.data
    settle('remembered', 'FULFILLED')
    // Nobody is to be called back, which the order learns a moment after it is final.
    const final = await eventually('a final answer at rest', async () => {
      const answer = await merchant.checkRef('remembered')
      const { final, callback } = answer.json.data.gateway
      return final && callback === 'none' && answer
    })
    for (const operation of ['check-ref', 'check-id', 'send', 'list'] as const) {
      provider.fault(operation, { when: only('remembered'), times: 1_000, ending: 'destroy' })
    }
    const before = callsOf(provider, 'check-ref', 'remembered').length
    for (let time = 0; time < 20; time++) {
      const { data } = (await merchant.checkRef('remembered')).json
      expect(data).toMatchObject({ status: 'FULFILLED', gateway: { final: true } })
    }
    expect((await merchant.checkId(topupId)).json.data).toEqual(final.json.data)
    expect((await merchant.send('remembered')).json.data).toMatchObject({ topupId })
    expect(callsOf(provider, 'check-ref', 'remembered')).toHaveLength(before)
    expect(callsOf(provider, 'send', 'remembered')).toHaveLength(1)
    expect(callsOf(provider, 'check-id', 'remembered')).toEqual([])
  })

  it('of one ref is never shown for another: `API-1-x` is the order `x` only until it is one itself', async () => {
    await merchant.send('x')
    settle('x', 'FULFILLED')
    // Final and with nothing left to call back: such answers are kept at the edge.
    await merchant.until('at rest', 'x', (data) => data.gateway.final && data.gateway.callback === 'none')
    expect((await merchant.checkRef('API-1-x')).json.data).toMatchObject({ ref: 'x', status: 'FULFILLED' })

    const own = await merchant.send('API-1-x', { MSSIDN: '0668888888' })
    expect(own.json.data.topupRef).toBe('API-1-x')
    expect((await merchant.checkRef('API-1-x')).json.data).toMatchObject({
      _id: own.json.data.topupId,
      ref: 'API-1-x',
      MSSIDN: '0668888888',
      status: 'PENDING',
    })
  })
})

describe.concurrent('the provider’s own spelling of a ref', () => {
  it.each([
    ['production, as the provider stores it', DEMO_LIVE_KEY, 'API-+213600000000-demo.'],
    ['production, as a client expects it', DEMO_LIVE_KEY, 'API-+213600000000-'],
    ['sandbox', DEMO_KEY, 'API-+213600000000-'],
  ])('leads to the order (%s)', async (where, key, prefix) => {
    const client = clientOf(gateway, key)
    const ref = `spelled - ${where}`
    const { topupId } = (await client.send(ref)).json.data
    expect((await client.checkRef(prefix + ref)).json.data).toMatchObject({ _id: topupId, ref })
  })

  it('leads to a sandbox ref that looks like an upstream one', async () => {
    const sandbox = clientOf(gateway, DEMO_KEY)
    const { topupId } = (await sandbox.send('demo.likeness')).json.data
    expect((await sandbox.checkRef('API-+213600000000-demo.likeness')).json.data?._id).toBe(topupId)
  })
})

describe.concurrent('what nobody may see', () => {
  it('is what does not exist: 404 in the provider’s words', async () => {
    const byRef = await merchant.checkRef('طلب/{0}')
    expectError(byRef, 404, 'NOT_FOUND')
    expect(byRef.json.error.message).toBe(`Top-up with reference 'طلب/{0}' not found`)
    for (const id of ['69a0c1d2e3f405162738495a', 'not-an-id', '%', "' OR 1=1 --"]) {
      const byId = await merchant.checkId(id)
      expectError(byId, 404, 'NOT_FOUND')
      expect(byId.json.error.message).toContain(id)
    }
    expect(provider.calls.filter(({ subject }) => subject?.includes('طلب/{0}'))).toEqual([])
  })

  it('is another merchant’s or the other environment’s order', async () => {
    const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` }
    const { id } = (await gateway.call('POST', '/admin/merchants', { headers, body: { name: 'Other' } })).json
      .data
    const body = { environment: 'production', scope: 'READ-WRITE', name: 'till' }
    const { key } = (await gateway.call('POST', `/admin/merchants/${id}/keys`, { headers, body })).json.data

    const { topupId } = (await merchant.send('private')).json.data
    settle('private', 'FULFILLED')
    await merchant.untilFinal('private')
    await merchant.checkRef('private') // from here on the edge may keep the answer
    for (const stranger of [clientOf(gateway, key), clientOf(gateway, DEMO_KEY)]) {
      for (const ref of ['private', 'demo.private', 'API-+213600000000-demo.private']) {
        expectError(await stranger.checkRef(ref), 404, 'NOT_FOUND')
      }
      expectError(await stranger.checkId(topupId), 404, 'NOT_FOUND')
    }
  })
})
