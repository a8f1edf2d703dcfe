import { describe, expect, it, vi } from 'vitest'
import { clientOf, expectError } from './client'
import { DEMO_KEY, startGateway } from './harness'

/** Unknown orders are looked at every 30 s, absence is proven in up to 80 s; five times that is an error. */
const SLOW_TIMEOUT_MS = 240_000
/** All of them wait for the same sandbox at the same time. */
vi.setConfig({ maxConcurrency: 50, testTimeout: SLOW_TIMEOUT_MS })

const gateway = await startGateway()
const merchant = clientOf(gateway, DEMO_KEY)

/** Sends to a test number and hands over the id that was answered. */
async function sendTo(MSSIDN: string, more: object = {}): Promise<string> {
  const answer = await merchant.send(MSSIDN, { MSSIDN, ...more })
  expect(answer.json).toMatchObject({ success: true, data: { topupRef: MSSIDN, gateway: { final: false } } })
  return answer.json.data.topupId
}

const ending = async (ref: string) => (await merchant.untilFinal(ref, SLOW_TIMEOUT_MS - 20_000)).json.data

const turnsUnknown = async (ref: string) =>
  (await merchant.until('unknown', ref, ({ status }) => status === 'UNKNOWN_ERROR')).json.data

describe.concurrent('the test number', () => {
  it.each([
    ['0600010099', 'settles at once'],
    ['0600000099', 'settles in 5 to 16 s'],
    ['0600020099', 'settles after 20 s'],
    ['0661234567', 'is an ordinary one'],
    ['0600010000', 'has no outcome of its own'],
  ])('%s is FULFILLED (%s)', async (msisdn) => {
    const topupId = await sendTo(msisdn)
    const { gateway: facts, ...topup } = await ending(msisdn)
    expect(topup).toEqual({
      _id: topupId,
      ref: msisdn,
      status: 'FULFILLED',
      plan_code: 'PREPAID_MOBILIS',
      MSSIDN: msisdn,
      topup_amount: 500,
      balance_amount: 480,
      created_at: expect.any(String),
    })
    expect(facts).toMatchObject({ final: true, state_version: 2, next_check_at: null })
  })

  it('0600030099 is still open when the others are done: it settles after 5 minutes', async () => {
    await sendTo('0600030099')
    const handling = await merchant.until('seen', '0600030099', ({ balance_amount }) => balance_amount > 0)
    expect(handling.json.data).toMatchObject({ status: 'PENDING', gateway: { final: false } })
  })

  it.each(['0600010001', '0600000001'])('%s is REFUNDED', async (msisdn) => {
    await sendTo(msisdn)
    const topup = await ending(msisdn)
    expect(topup).toMatchObject({ status: 'REFUNDED', balance_amount: 0, refund_message: expect.any(String) })
    expect(topup).not.toHaveProperty('suggested_offers')
  })

  it.each(['0600010002', '0600000002'])('%s is REFUNDED with other offers', async (msisdn) => {
    await sendTo(msisdn, { plan_code: 'PREPAID_DJEZZY' })
    expect(await ending(msisdn)).toMatchObject({
      status: 'REFUNDED',
      balance_amount: 0,
      refund_message: expect.any(String),
      suggested_offers: [{ typename: '📋 FACTURE | فاتورة', plan_code: 'FACTURE_DJEZZY', amount: 500 }],
    })
  })

  it.each([
    ['0600010003', 'FULFILLED', 480],
    ['0600010004', 'REFUNDED', 0],
  ])('%s is unknown, later %s', async (msisdn, status, balance_amount) => {
    await sendTo(msisdn)
    const unknown = await turnsUnknown(msisdn)
    expect(unknown.gateway).toMatchObject({ final: false, state_version: 2 })
    expect(unknown.refund_message).toEqual(expect.any(String))
    const topup = await ending(msisdn)
    expect(topup).toMatchObject({ status, balance_amount, gateway: { state_version: 3 } })
  })

  it('0600010005 loses the answer of an accepted send: an id all the same, FULFILLED under it', async () => {
    const topupId = await sendTo('0600010005')
    expect(await ending('0600010005')).toMatchObject({ _id: topupId, status: 'FULFILLED' })
  })

  it('0600010006 was not accepted: sent again after the proof, FULFILLED under the first id', async () => {
    const topupId = await sendTo('0600010006')
    expect((await merchant.checkRef('0600010006')).json.data.status).toBe('PENDING')
    expect(await ending('0600010006')).toMatchObject({ _id: topupId, status: 'FULFILLED' })
  })

  it('0600010007 was accepted with a 500: FULFILLED under the first id', async () => {
    const topupId = await sendTo('0600010007')
    expect(await ending('0600010007')).toMatchObject({ _id: topupId, status: 'FULFILLED' })
  })

  it('0600010008 has no balance: refused, and the ref is free', async () => {
    const refused = await merchant.send('0600010008', { MSSIDN: '0600010008' })
    expectError(refused, 403, 'INSUFFICIENT_BALANCE')
    expect(refused.json.error.details).toEqual({ required: 480, available: 0 })
    expect((await merchant.checkRef('0600010008')).status).toBe(404)
    expect((await merchant.send('0600010008', { MSSIDN: '0600010099' })).status).toBe(200)
  })

  it('0600010009 is FULFILLED, before it is reversed', async () => {
    await sendTo('0600010009')
    const { data } = (await merchant.untilFinal('0600010009')).json
    expect(data).toMatchObject({ status: 'FULFILLED', gateway: { final: true, state_version: 2 } })
  })

  it.each(['0600010010', '0600020010'])('%s throttles look-ups: FULFILLED', async (msisdn) => {
    await sendTo(msisdn)
    expect((await ending(msisdn)).status).toBe('FULFILLED')
  })

  it('0600010011 shows a word nobody has seen: unknown, then FULFILLED', async () => {
    await sendTo('0600010011')
    expect((await turnsUnknown('0600010011')).gateway.final).toBe(false)
    expect(await ending('0600010011')).toMatchObject({ status: 'FULFILLED', gateway: { state_version: 3 } })
  })

  it('0600010012 answers look-ups with HTML for a while: FULFILLED all the same', async () => {
    const topupId = await sendTo('0600010012')
    expect(await ending('0600010012')).toMatchObject({ _id: topupId, status: 'FULFILLED' })
  })

  it('0600010013 is not found for a while: PENDING, then FULFILLED', async () => {
    const topupId = await sendTo('0600010013')
    expect((await merchant.checkRef('0600010013')).json.data.status).toBe('PENDING')
    expect(await ending('0600010013')).toMatchObject({ _id: topupId, status: 'FULFILLED' })
  })
})

it.concurrent('GETMENU answers with the offers that a number may get, and costs nothing', async () => {
  await sendTo('0660000000', { plan_code: 'GETMENU_Mobilis', amount: 0 })
  const menu = await ending('0660000000')
  expect(menu).toMatchObject({ status: 'REFUNDED', balance_amount: 0 })
  expect(menu.suggested_offers.length).toBeGreaterThan(1)
})
