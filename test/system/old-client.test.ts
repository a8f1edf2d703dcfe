import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { clientOf } from './client'
import { DEMO_KEY, DEMO_LIVE_KEY, startGateway } from './harness'
import { type Provider, startProvider } from './provider'

const OFFERS = [{ typename: '📋 FACTURE | فاتورة', plan_code: 'FACTURE_DJEZZY', amount: 500 }]

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
const merchant = clientOf(gateway)

/** As a v2 client asks: the key alone in `Authorization`. */
const checkStatus = (id: string, headers: Record<string, string> = { Authorization: DEMO_LIVE_KEY }) =>
  gateway.call('GET', `/v2/topup/checkStatus/ID/${id}`, { headers })

describe.concurrent('GET /v2/topup/checkStatus/ID/{id}', () => {
  it('is answered to a key in any header, without an envelope', async () => {
    const { topupId } = (await merchant.send('v2 pending')).json.data
    const ways = [
      { Authorization: DEMO_LIVE_KEY },
      { Authorization: ` ${DEMO_LIVE_KEY} ` },
      { Authorization: `Bearer ${DEMO_LIVE_KEY}` },
      { 'X-Access-Token': DEMO_LIVE_KEY },
    ]
    for (const headers of ways) {
      const answer = await checkStatus(topupId, headers)
      expect(answer.status).toBe(200)
      expect(answer.json).toEqual({ topup: { _id: topupId, status: 'PENDING' } })
      expect(answer.headers.get('content-type')).toMatch(/^application\/json\b/)
    }
  })

  it('tells how it ended, and what the customer is to be told', async () => {
    const done = (await merchant.send('v2 done')).json.data.topupId
    const back = (await merchant.send('v2 back')).json.data.topupId
    provider.settle('demo.v2 done', 'FULFILLED')
    provider.settle('demo.v2 back', 'REFUNDED', { refundMessage: 'عذرا', suggestedOffers: OFFERS })
    await Promise.all([merchant.untilFinal('v2 done'), merchant.untilFinal('v2 back')])
    expect((await checkStatus(done)).json).toEqual({ topup: { _id: done, status: 'FULFILLED' } })
    expect((await checkStatus(back)).json).toEqual({
      topup: { _id: back, status: 'REFUNDED', refund_message: 'عذرا', suggested_offers: OFFERS },
    })
  })

  it('finds nothing of another environment, nor what is not there', async () => {
    const { topupId } = (await clientOf(gateway, DEMO_KEY).send('v2 sandbox')).json.data
    expect((await checkStatus(topupId, { Authorization: DEMO_KEY })).status).toBe(200)
    for (const id of [topupId, '69a0c1d2e3f405162738495a', 'no-id', '%D8%B4']) {
      const answer = await checkStatus(id)
      expect(answer.status).toBe(404)
      expect(answer.json).toEqual({ error: expect.stringMatching(/not found/) })
    }
  })

  it.each<[string, Record<string, string>, string]>([
    ['without a key', {}, 'Access token is required'],
    ['with an empty one', { Authorization: '' }, 'Access token is required'],
    ['with a password', { Authorization: 'Basic ZGVtbzo=' }, 'Access token is required'],
    ['with a wrong key', { Authorization: 'rsd_live_nobody' }, 'The provided access token is invalid'],
    ['with a wrong header', { 'X-Access-Token': 'nobody' }, 'The provided access token is invalid'],
  ])('%s is a 401 in the words of its time', async (_, headers, error) => {
    const answer = await checkStatus('69a0c1d2e3f405162738495a', headers)
    expect(answer.status).toBe(401)
    expect(answer.json).toEqual({ error })
  })

  it('is the only path where a bare Authorization is a key', async () => {
    const headers = { Authorization: DEMO_LIVE_KEY }
    expect((await gateway.call('GET', '/v3/mobile/list', { headers })).status).toBe(401)
  })
})

interface Topup {
  readonly _id: string
  readonly ref: string
  readonly status: string
  readonly plan_code: string
  readonly MSSIDN: string
  readonly topup_amount: number
  readonly balance_amount: number
  readonly refund_message?: string
  readonly suggested_offers?: readonly object[]
}

class OneClickError extends Error {
  constructor(
    readonly code: string,
    readonly httpStatus: number,
  ) {
    super(code)
  }
}

/** Written against OneClickDz and knowing nothing of any gateway: a base URL and a key. */
class OneClickClient {
  readonly #baseUrl: string
  readonly #key: string

  constructor(baseUrl: string, key: string) {
    this.#baseUrl = baseUrl
    this.#key = key
  }

  plans = () => this.#ask<{ dynamicPlans: { code: string }[]; fixedPlans: object[] }>('GET', '/mobile/plans')
  balance = async () => (await this.#ask<{ balance: number }>('GET', '/account/balance')).balance
  validate = () => this.#ask<{ apiKey: { key: string; type: string } }>('GET', '/validate')
  send = (body: object) => this.#ask<{ topupId: string; topupRef: string }>('POST', '/mobile/send', body)
  check = (id: string) => this.#ask<Topup>('GET', `/mobile/check-id/${id}`)
  checkRef = (ref: string) => this.#ask<Topup>('GET', `/mobile/check-ref/${encodeURIComponent(ref)}`)
  list = (page: number, pageSize: number) =>
    this.#ask<{ items: Topup[]; pagination: object }>('GET', `/mobile/list?page=${page}&pageSize=${pageSize}`)

  async poll(id: string, onStatus: (status: string) => void): Promise<Topup> {
    for (let tries = 0; tries < 1_000; tries++) {
      const topup = await this.check(id)
      onStatus(topup.status)
      if (['FULFILLED', 'REFUNDED', 'UNKNOWN_ERROR'].includes(topup.status)) return topup
      await pause(20)
    }
    throw new Error('polling timed out')
  }

  async #ask<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(`${this.#baseUrl}/v3${path}`, {
      method,
      headers: { 'X-Access-Token': this.#key, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const answer = (await response.json()) as { success: boolean; data: T; error?: { code: string } }
    if (!answer.success) throw new OneClickError(answer.error?.code ?? 'UNKNOWN', response.status)
    return answer.data
  }
}

/** A day of a shop: everything it sees, ids and times left out, which no two days have in common. */
async function aDay(client: OneClickClient, key: string, operator: Provider): Promise<unknown> {
  const seen = ({ _id: _, ...topup }: Topup) => {
    const { plan_code, MSSIDN, topup_amount, balance_amount, status, ref } = topup
    const { refund_message = null, suggested_offers = null } = topup
    return { ref, plan_code, MSSIDN, topup_amount, balance_amount, status, refund_message, suggested_offers }
  }
  const refusal = (call: Promise<unknown>) =>
    call.then(
      () => 'no refusal',
      (error: unknown) => (error instanceof OneClickError ? [error.code, error.httpStatus] : String(error)),
    )
  /** Sends, and settles it at the operator once the shop has seen it pending. */
  async function topUp(ref: string, body: object, ...end: [string, object?]) {
    const { topupId, topupRef } = await client.send({ ...body, ref })
    const statuses = new Set<string>()
    const final = await client.poll(topupId, (status) => {
      if (statuses.size === 0) operator.settle(ref, ...end)
      statuses.add(status)
    })
    const sameByRef = seen(await client.checkRef(ref))
    return {
      idIsHex: /^[0-9a-f]{24}$/.test(topupId),
      isFound: final._id === topupId,
      topupRef,
      statuses: [...statuses],
      final: seen(final),
      sameByRef,
    }
  }

  const order = { plan_code: 'PREPAID_MOBILIS', MSSIDN: '0661234567', amount: 500 }
  const { apiKey } = await client.validate()
  return {
    key: [apiKey.key === key, apiKey.type],
    plans: await client.plans(),
    before: await client.balance(),
    done: await topUp('order 1', order, 'FULFILLED'),
    back: await topUp('order 2/é', { ...order, plan_code: 'GROS_MOBILIS', amount: 5_000.0 }, 'REFUNDED', {
      refundMessage: 'عذرا',
      suggestedOffers: OFFERS,
    }),
    unclear: await topUp(
      'order 3',
      { plan_code: 'PIXX_500', MSSIDN: '0661234567', amount: 500 },
      'UNKNOWN_ERROR',
    ),
    after: await client.balance(),
    badNumber: await refusal(client.send({ ...order, MSSIDN: '661234567', ref: 'order 4' })),
    takenRef: await refusal(client.send({ ...order, amount: 600, ref: 'order 1' })),
    unknownRef: await refusal(client.checkRef('order 4')),
    unknownId: await refusal(client.check('69a0c1d2e3f405162738495a')),
    newest: (await client.list(1, 2)).items.map(seen),
    oldest: (await client.list(2, 2)).items.map(seen),
    pagination: (await client.list(2, 2)).pagination,
  }
}

it('a client of OneClickDz sees the same day with only its base URL and its key changed', async () => {
  const [direct, behind] = [await startProvider(), await startProvider()]
  const edge = await startGateway({ vars: { ONECLICK_BASE_URL: behind.url } })
  const days = await Promise.all([
    aDay(new OneClickClient(direct.url, 'their-key'), 'their-key', direct),
    aDay(new OneClickClient(edge.url, DEMO_LIVE_KEY), DEMO_LIVE_KEY, behind),
  ])
  expect(days[1]).toEqual(days[0])
  expect(days[0]).toMatchObject({
    before: 1_000_000,
    done: { statuses: ['PENDING', 'FULFILLED'], final: { balance_amount: 490 } },
    pagination: { page: 2, pageSize: 2, totalPages: 2, totalResults: 3 },
  })
  await edge.close()
})
