import { describe, expect, it } from 'vitest'
import { walletAt } from './accounts'
import { callsOf, clientOf, expectError, ORDER, only, topupsOf } from './client'
import { ADMIN_TOKEN, type Answer, DEMO_KEY, eventually, startGateway } from './harness'
import { startProvider } from './provider'

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
// More than the budget lets out would wait in line.
await walletAt(gateway, 'operator').set({ reads_per_minute: 60_000, sends_per_minute: 60_000 })
const merchant = clientOf(gateway)

const isReplay = (answer: Answer) => answer.headers.get('idempotent-replayed') === 'true'

/** Another customer of the gateway, on the same wallet at the provider. */
async function newMerchant(name: string, environment: string) {
  const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` }
  const { id } = (await gateway.call('POST', '/admin/merchants', { headers, body: { name } })).json.data
  const body = { environment, scope: 'READ-WRITE', name: 'till' }
  const created = await gateway.call('POST', `/admin/merchants/${id}/keys`, { headers, body })
  return { id: String(id), client: clientOf(gateway, created.json.data.key) }
}

describe('the same ref again', () => {
  it('with the same body gets the same data and says that it is a replay', async () => {
    const first = await merchant.send('again')
    const second = await merchant.send('again')
    expect(second.status).toBe(200)
    expect(second.json.data).toEqual(first.json.data)
    expect([isReplay(first), isReplay(second)]).toEqual([false, true])
    expect(second.json.requestId).not.toBe(first.json.requestId)
    expect(callsOf(provider, 'send', 'again')).toHaveLength(1)
  })

  it('keeps its id after the end, and is not sent again', async () => {
    const first = await merchant.send('again, settled')
    provider.settle('demo.again, settled', 'REFUNDED')
    await merchant.untilFinal('again, settled')
    const second = await merchant.send('again, settled')
    expect(isReplay(second)).toBe(true)
    const { topupId, topupRef } = first.json.data
    expect(second.json.data).toMatchObject({ topupId, topupRef, gateway: { final: true } })
    expect(callsOf(provider, 'send', 'again, settled')).toHaveLength(1)
  })

  it('takes no amount and amount 0 for the same', async () => {
    const menu = { plan_code: 'GETMENU_Mobilis' }
    const first = await merchant.send('menu', { ...menu, amount: undefined })
    const second = await merchant.send('menu', { ...menu, amount: 0 })
    expect(isReplay(second)).toBe(true)
    expect(second.json.data).toEqual(first.json.data)
    expect(topupsOf(provider, 'menu')).toHaveLength(1)
  })

  it('does not care for the order of fields, nor for fields that nobody knows', async () => {
    const first = await merchant.send('shuffled')
    const body = { note: 'x', ref: 'shuffled', amount: 500, MSSIDN: ORDER.MSSIDN, plan_code: ORDER.plan_code }
    const second = await gateway.call('POST', '/v3/mobile/send', { key: 'rsd_live_demo', body })
    expect(isReplay(second)).toBe(true)
    expect(second.json.data).toEqual(first.json.data)
  })

  it.each([
    ['amount', { amount: 600 }, ['amount']],
    ['no amount', { amount: undefined }, ['amount']],
    ['number', { MSSIDN: '0667654321' }, ['MSSIDN']],
    ['plan', { plan_code: 'GROS_MOBILIS' }, ['plan_code']],
    [
      'everything',
      { plan_code: 'PREPAID_DJEZZY', MSSIDN: '0770000000', amount: 1 },
      ['MSSIDN', 'amount', 'plan_code'],
    ],
  ])('with another body (%s) is refused, naming the top-up and what differs', async (what, other, fields) => {
    const ref = `conflict ${what}`
    const first = await merchant.send(ref)
    const second = await merchant.send(ref, other)
    expectError(second, 403, 'DUPLICATED_REF')
    const { details } = second.json.error
    expect({ ...details, fields: [...details.fields].sort() }).toEqual({
      topupId: first.json.data.topupId,
      fields,
    })
    expect(isReplay(second)).toBe(false)
    expect(callsOf(provider, 'send', ref)).toHaveLength(1)
    expect((await merchant.checkRef(ref)).json.data).toMatchObject({ ...wireOf(ORDER), status: 'PENDING' })
  })
})

describe('many at once', () => {
  it('1,000 equal sends are one top-up and 1,000 equal answers', async () => {
    provider.fault('send', { when: only('stampede'), delayMs: 500 })
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => merchant.send('stampede')))
    expect(topupsOf(provider, 'stampede')).toHaveLength(1)
    expect(callsOf(provider, 'send', 'stampede')).toHaveLength(1)
    expect(tally(answers.map(({ status }) => status))).toEqual({ 200: 1_000 })
    // Whoever asks later may be told a later time to expect it.
    const told = answers.map(({ json: { data } }) => ({
      ...data,
      gateway: { ...data.gateway, expected_at: '' },
    }))
    expect(new Set(told.map((data) => JSON.stringify(data))).size).toBe(1)
    expect(tally(answers.map(isReplay))).toEqual({ true: 999, false: 1 })
    expect(answers[0]?.json.data.topupId).toBe(topupsOf(provider, 'stampede')[0]?.id)
  })

  it('200 sends of one ref with two bodies: one of the bodies wins, all of the other are refused', async () => {
    const amounts = Array.from({ length: 200 }, (_, index) => (index % 2 === 0 ? 500 : 700))
    const answers = await Promise.all(amounts.map((amount) => merchant.send('two bodies', { amount })))
    const topups = topupsOf(provider, 'two bodies')
    expect(topups).toHaveLength(1)
    const won = answers.filter((_, index) => amounts[index] === topups[0]?.amount)
    const lost = answers.filter((_, index) => amounts[index] !== topups[0]?.amount)
    expect(tally(won.map(({ status }) => status))).toEqual({ 200: 100 })
    expect(tally(lost.map(({ status, json }) => `${status} ${json.error?.code}`))).toEqual({
      '403 DUPLICATED_REF': 100,
    })
    for (const { json } of lost) {
      expect(json.error.details).toEqual({ topupId: topups[0]?.id, fields: ['amount'] })
    }
  })

  it('200 different refs are 200 top-ups, each under its own ref', async () => {
    const refs = Array.from({ length: 200 }, (_, index) => `crowd ${index}`)
    const answers = await Promise.all(refs.map((ref, index) => merchant.send(ref, { amount: 100 + index })))
    expect(answers.map(({ json }) => json.data?.topupRef)).toEqual(refs)
    expect(refs.map((ref) => topupsOf(provider, ref).map(({ amount }) => amount))).toEqual(
      refs.map((_, index) => [100 + index]),
    )
  })
})

describe('a send in doubt', () => {
  it('keeps the id it was given for ever, and the provider’s id leads to it too', async () => {
    provider.fault('send', { when: only('frozen'), ending: 'destroy' })
    const { topupId } = (await merchant.send('frozen')).json.data
    const theirs = topupsOf(provider, 'frozen')[0]?.id ?? ''
    expect(topupId).not.toBe(theirs)
    expect((await merchant.checkId(topupId)).json.data).toMatchObject({ _id: topupId, ref: 'frozen' })

    const byTheirs = await eventually('the provider’s id to be known', async () => {
      const answer = await merchant.checkId(theirs)
      return answer.status === 200 && answer
    })
    expect(byTheirs.json.data).toMatchObject({ _id: topupId, ref: 'frozen' })

    provider.settle('demo.frozen', 'FULFILLED')
    await merchant.untilFinal('frozen')
    for (const id of [topupId, theirs]) {
      expect((await merchant.checkId(id)).json.data).toMatchObject({ _id: topupId, status: 'FULFILLED' })
    }
    expect((await merchant.send('frozen')).json.data.topupId).toBe(topupId)
  })

  it('answers the same send with the same id and another body with 403', async () => {
    provider.fault('send', { when: only('doubtful'), answer: { status: 500, body: 'oops' } })
    const [first, second] = await Promise.all([merchant.send('doubtful'), merchant.send('doubtful')])
    expect(second.json.data).toEqual(first.json.data)
    const other = await merchant.send('doubtful', { amount: 501 })
    expectError(other, 403, 'DUPLICATED_REF')
    expect(other.json.error.details.topupId).toBe(first.json.data.topupId)
    expect(callsOf(provider, 'send', 'doubtful')).toHaveLength(1)
  })
})

describe('one ref in two hands', () => {
  it('of two merchants on one wallet is two top-ups', async () => {
    const other = await newMerchant('Corner shop', 'production')
    const mine = await merchant.send('order-1')
    const theirs = await other.client.send('order-1', { MSSIDN: '0669999999' })
    expect(theirs.json).toMatchObject({ success: true, data: { topupRef: 'order-1' } })
    expect(isReplay(theirs)).toBe(false)
    expect(theirs.json.data.topupId).not.toBe(mine.json.data.topupId)
    expect(provider.topups.filter(({ ref }) => ref.endsWith('.order-1'))).toMatchObject([
      { ref: 'demo.order-1', msisdn: ORDER.MSSIDN },
      { ref: `${other.id}.order-1`, msisdn: '0669999999' },
    ])

    provider.settle('demo.order-1', 'FULFILLED')
    provider.settle(`${other.id}.order-1`, 'REFUNDED')
    expect((await merchant.untilFinal('order-1')).json.data.status).toBe('FULFILLED')
    expect((await other.client.untilFinal('order-1')).json.data.status).toBe('REFUNDED')
  })

  it('of one merchant’s sandbox and production is two top-ups', async () => {
    const sandbox = clientOf(gateway, DEMO_KEY)
    const [real, test] = [await merchant.send('both'), await sandbox.send('both', { amount: 700 })]
    expect([isReplay(real), isReplay(test)]).toEqual([false, false])
    expect(test.json.data.topupId).not.toBe(real.json.data.topupId)
    expect(topupsOf(provider, 'both')).toMatchObject([{ amount: 500 }])
    expect((await sandbox.checkRef('both')).json.data.topup_amount).toBe(700)
    expect((await merchant.checkRef('both')).json.data.topup_amount).toBe(500)
  })
})

function wireOf({ plan_code, MSSIDN, amount }: typeof ORDER) {
  return { plan_code, MSSIDN, topup_amount: amount }
}

function tally(values: readonly unknown[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1
  return counts
}
