import { describe, expect, it, vi } from 'vitest'
import { type Owner, openAccount } from './accounts'
import { expectError, ORDER } from './client'
import { eventually, startGateway } from './harness'
import { type Fault, type Operation, type ProviderCall, type ProviderTopup, startProvider } from './provider'

/** A promise of the gateway, not a guess about this machine. */
const SEND_PROMISE_MS = 12_000
/** Absence is proven by look-ups over at least this long. */
const PROOF_MS = 60_000
/** The proof takes up to 80 s. */
const AFTER_PROOF_TIMEOUT_MS = 150_000

/** Proofs take a minute each: all at the same time. */
vi.setConfig({ maxConcurrency: 50 })

const HTML = '<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>'

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })

/** One order on an account of its own: five in doubt in a row, and nothing new would be sent on a shared one. */
interface Doubt extends Owner {
  readonly ref: string
  readonly isIts: (call: ProviderCall) => boolean
  topups(): ProviderTopup[]
  callsOf(operation: Operation): ProviderCall[]
  settle(status: ProviderTopup['status']): void
}

async function doubtOf(ref: string): Promise<Doubt> {
  const owner = await openAccount(gateway, provider)
  const isIts = (call: ProviderCall) => owner.isMine(call) && call.subject === ref
  return {
    ...owner,
    ref,
    isIts,
    topups: () => owner.account.topups.filter((topup) => topup.ref === ref),
    callsOf: (operation) => provider.callsOf(operation).filter(isIts),
    settle: (status) => owner.account.settle(ref, status),
  }
}

/** Sends into the fault: whatever happens at the provider, the merchant hears PENDING and an id, in time. */
async function sendInto({ ref, client, isIts }: Doubt, fault: Fault): Promise<string> {
  provider.fault('send', { when: isIts, ...fault })
  const startedAt = Date.now()
  const answer = await client.send(ref)
  expect(Date.now() - startedAt).toBeLessThan(SEND_PROMISE_MS)
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 })
  expect(answer.json.data).toMatchObject({ topupRef: ref, gateway: { final: false } })
  expect(answer.json.data.topupId).toMatch(/^[0-9a-f]{24}$/)
  return answer.json.data.topupId
}

/** A top-up under the order's ref that did not come from the gateway's own send. */
async function topupOutside({ ref, accessToken, topups }: Doubt, more: object = {}): Promise<ProviderTopup> {
  const answer = await fetch(`${provider.url}/v3/mobile/send`, {
    method: 'POST',
    headers: { 'X-Access-Token': accessToken, 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...ORDER, ...more, ref }),
  })
  const [topup] = topups()
  if (!answer.ok || topup === undefined) throw new Error('the provider did not take the top-up')
  return topup
}

function error(code: string) {
  return { success: false, error: { code, message: code }, requestId: 'req_theirs' }
}

describe.concurrent('an accepted send whose answer is', () => {
  it.each<[string, Fault]>([
    ['late', { ending: 'hang' }],
    ['lost with the connection', { ending: 'destroy' }],
    ['cut off', { ending: 'truncate' }],
    ['a 500', { answer: { status: 500, body: error('INTERNAL_ERROR') } }],
    ['a 500 that sounds definite', { answer: { status: 500, body: error('ERR_VALIDATION') } }],
    ['a 503 without a body', { answer: { status: 503, body: '' } }],
    ['an HTML error page', { answer: { status: 502, body: HTML } }],
    ['an HTML page with status 200', { answer: { status: 200, body: HTML } }],
    ['a page of a proxy with status 403', { answer: { status: 403, body: HTML } }],
    ['a success without an id', { answer: { body: { success: true, data: {} } } }],
    ['neither success nor error', { answer: { body: { ok: true } } }],
    ['an error with status 200', { answer: { status: 200, body: error('ERR_VALIDATION') } }],
    ['a refusal nobody knows', { answer: { status: 403, body: error('COMPUTER_SAYS_NO') } }],
    ['a redirect', { answer: { status: 302, headers: { Location: `${provider.url}/v3/ping` }, body: '' } }],
  ])('%s: PENDING, then found, and sent once', async (how, fault) => {
    const order = await doubtOf(`accepted, ${how}`)
    const topupId = await sendInto(order, fault)
    expect((await order.client.checkRef(order.ref)).json.data).toMatchObject({
      _id: topupId,
      status: 'PENDING',
    })

    order.settle('FULFILLED')
    expect((await order.client.untilFinal(order.ref)).json.data).toMatchObject({
      _id: topupId,
      status: 'FULFILLED',
    })
    expect(order.topups()).toHaveLength(1)
    expect(order.callsOf('send')).toHaveLength(1)
  })

  it('an error, and that look-ups do not show for a while: looked up until it is there', async () => {
    const order = await doubtOf('accepted, shown late')
    provider.fault('check-ref', {
      when: order.isIts,
      times: 4,
      answer: { status: 404, body: error('NOT_FOUND') },
    })
    await sendInto(order, { answer: { status: 500, body: HTML } })
    order.settle('FULFILLED')
    expect((await order.client.untilFinal(order.ref)).json.data.status).toBe('FULFILLED')
    expect(order.callsOf('check-ref').length).toBeGreaterThan(4)
    expect(order.callsOf('send')).toHaveLength(1)
  })

  it('an error, and that look-ups never show: the list proves that it exists, so it is not sent again', {
    timeout: AFTER_PROOF_TIMEOUT_MS,
  }, async () => {
    const order = await doubtOf('accepted, only in the list')
    let hidden = true
    provider.fault('check-ref', {
      when: (call) => hidden && order.isIts(call),
      times: 1_000,
      answer: { status: 404, body: error('NOT_FOUND') },
    })
    await sendInto(order, { answer: { status: 500, body: HTML } })
    // The proof is due after a minute of "not found": then the list is read.
    await eventually(
      'the list to be read',
      () => {
        const [first] = order.callsOf('check-ref')
        return order.calls('list').some(({ at }) => first && at - first.at >= PROOF_MS - 1_000)
      },
      AFTER_PROOF_TIMEOUT_MS - 40_000,
    )
    hidden = false
    order.settle('FULFILLED')
    expect((await order.client.untilFinal(order.ref)).json.data.status).toBe('FULFILLED')
    expect(order.callsOf('send')).toHaveLength(1)
  })
})

describe.concurrent('a send that the provider never accepted', () => {
  it.each<[string, Fault]>([
    ['500', { notAccepted: true }],
    ['an HTML error page', { notAccepted: true, answer: { status: 502, body: HTML } }],
    ['a lost connection', { notAccepted: true, ending: 'destroy' }],
    ['silence', { notAccepted: true, ending: 'hang' }],
  ])(
    'answered with %s goes out again only after proven absence, under the same id',
    {
      timeout: AFTER_PROOF_TIMEOUT_MS,
    },
    async (how, fault) => {
      const order = await doubtOf(`not accepted, ${how}`)
      const topupId = await sendInto(order, fault)
      await eventually('the second send', () => order.topups().length > 0, AFTER_PROOF_TIMEOUT_MS - 40_000)

      const [first, second] = order.callsOf('send')
      expect(second?.rawBody).toBe(first?.rawBody)
      const looks = order.callsOf('check-ref').filter(({ at }) => at <= (second?.at ?? 0))
      expect(looks.length).toBeGreaterThanOrEqual(3)
      // A second of slack: the gateway's clock starts when an answer arrives, ours when a question does.
      expect((looks.at(-1)?.at ?? 0) - (looks[0]?.at ?? 0)).toBeGreaterThan(PROOF_MS - 1_000)
      const readsOfList = order.calls('list').filter(({ at }) => at >= (looks.at(-1)?.at ?? 0))
      expect(readsOfList.some(({ at }) => at <= (second?.at ?? 0))).toBe(true)

      order.settle('FULFILLED')
      expect((await order.client.untilFinal(order.ref)).json.data).toMatchObject({
        _id: topupId,
        status: 'FULFILLED',
      })
      expect(order.callsOf('send')).toHaveLength(2)
      expect(order.topups()).toHaveLength(1)
    },
  )

  it('but refused in words nobody knows is refunded once absence is proven, and never sent again', {
    timeout: AFTER_PROOF_TIMEOUT_MS,
  }, async () => {
    const order = await doubtOf('refused unclearly')
    const body = error('COMPUTER_SAYS_NO')
    const topupId = await sendInto(order, { notAccepted: true, answer: { status: 403, body } })
    const final = await order.client.untilFinal(order.ref, AFTER_PROOF_TIMEOUT_MS - 40_000)
    expect(final.json.data).toMatchObject({ _id: topupId, status: 'REFUNDED', balance_amount: 0 })
    expect(order.callsOf('send')).toHaveLength(1)
    expect(order.topups()).toEqual([])
  })
})

describe.concurrent('a ref that the provider calls used', () => {
  it.each(['DUPLICATED_REF', 'DUPLICATED-REF'])('by the same top-up (%s) is accepted', async (code) => {
    const order = await doubtOf(`our own ${code}`)
    const { id } = await topupOutside(order)
    provider.fault('send', { when: order.isIts, answer: { status: 403, body: error(code) } })

    const answer = await order.client.send(order.ref)
    expect(answer.json).toMatchObject({ success: true, data: { topupId: id, topupRef: order.ref } })
    order.settle('FULFILLED')
    expect((await order.client.untilFinal(order.ref)).json.data).toMatchObject({
      _id: id,
      status: 'FULFILLED',
    })
    expect(order.topups()).toHaveLength(1)
  })

  it('by the same top-up is accepted also when it cannot be looked up at once', async () => {
    const order = await doubtOf('our own, unseen')
    await topupOutside(order)
    provider.fault('check-ref', { when: order.isIts, answer: { status: 500, body: HTML } })
    const topupId = await sendInto(order, { times: 0 })
    order.settle('REFUNDED')
    expect((await order.client.untilFinal(order.ref)).json.data).toMatchObject({
      _id: topupId,
      status: 'REFUNDED',
    })
  })

  it.each([
    ['number', { MSSIDN: '0669999999' }],
    ['plan', { plan_code: 'GROS_MOBILIS' }],
    ['amount', { amount: 1_500 }],
  ])('by a top-up of another %s is refused, and nothing is taken for ours', async (what, other) => {
    const order = await doubtOf(`another ${what}`)
    const { id } = await topupOutside(order, other)
    const refused = await order.client.send(order.ref)
    expectError(refused, 403, 'DUPLICATED_REF')
    expect(refused.json.error.details).toMatchObject({ topupId: id })
    expect((await order.client.checkRef(order.ref)).status).toBe(404)
    expect(order.topups()).toMatchObject([{ msisdn: ORDER.MSSIDN, ...renamed(other) }])
  })
})

// By itself: it is about seconds.
it('a send that waits for another one’s refusal is still answered in time', async () => {
  const order = await doubtOf('slow refusal, then silence')
  const is = (amount: number) => (call: ProviderCall) =>
    order.isIts(call) && call.rawBody.includes(`"amount":${amount},`)
  const refusal = { status: 400, body: error('ERR_VALIDATION') }
  provider.fault('send', { when: is(300), notAccepted: true, delayMs: 5_000, answer: refusal })
  provider.fault('send', { when: is(400), ending: 'hang' })
  const first = order.client.send(order.ref, { amount: 300 })
  await eventually('the first send at the provider', () => order.callsOf('send').length === 1)
  const startedAt = Date.now()
  const second = await order.client.send(order.ref, { amount: 400 })
  expect(Date.now() - startedAt).toBeLessThan(SEND_PROMISE_MS)
  expect(second.status).toBe(200)
  expectError(await first, 400, 'ERR_VALIDATION')
})

/** From the wire's names to those of the fake provider's record. */
function renamed({ MSSIDN, plan_code, amount }: Partial<typeof ORDER>) {
  return {
    ...(MSSIDN === undefined ? {} : { msisdn: MSSIDN }),
    ...(plan_code === undefined ? {} : { planCode: plan_code }),
    ...(amount === undefined ? {} : { amount }),
  }
}
