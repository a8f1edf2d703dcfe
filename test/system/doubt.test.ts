import { describe, expect, it, vi } from 'vitest'
import { callsOf, clientOf, expectError, ORDER, only, topupOutside, topupsOf } from './client'
import { eventually, startGateway } from './harness'
import { type Fault, startProvider } from './provider'

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
const merchant = clientOf(gateway)

/** Sends into the fault: whatever happens at the provider, the merchant hears PENDING and an id, in time. */
async function sendInto(ref: string, fault: Fault): Promise<string> {
  provider.fault('send', { when: only(ref), ...fault })
  const startedAt = Date.now()
  const answer = await merchant.send(ref)
  expect(Date.now() - startedAt).toBeLessThan(SEND_PROMISE_MS)
  expect({ status: answer.status, text: answer.text }).toMatchObject({ status: 200 })
  expect(answer.json.data).toMatchObject({ topupRef: ref, gateway: { final: false } })
  expect(answer.json.data.topupId).toMatch(/^[0-9a-f]{24}$/)
  return answer.json.data.topupId
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
    const ref = `accepted, ${how}`
    const topupId = await sendInto(ref, fault)
    expect((await merchant.checkRef(ref)).json.data).toMatchObject({ _id: topupId, status: 'PENDING' })

    provider.settle(`demo.${ref}`, 'FULFILLED')
    expect((await merchant.untilFinal(ref)).json.data).toMatchObject({ _id: topupId, status: 'FULFILLED' })
    expect(topupsOf(provider, ref)).toHaveLength(1)
    expect(callsOf(provider, 'send', ref)).toHaveLength(1)
  })

  it('an error, and that look-ups do not show for a while: looked up until it is there', async () => {
    const ref = 'accepted, shown late'
    provider.fault('check-ref', {
      when: only(ref),
      times: 4,
      answer: { status: 404, body: error('NOT_FOUND') },
    })
    await sendInto(ref, { answer: { status: 500, body: HTML } })
    provider.settle(`demo.${ref}`, 'FULFILLED')
    expect((await merchant.untilFinal(ref)).json.data.status).toBe('FULFILLED')
    expect(callsOf(provider, 'check-ref', ref).length).toBeGreaterThan(4)
    expect(callsOf(provider, 'send', ref)).toHaveLength(1)
  })

  it('an error, and that look-ups never show: the list proves that it exists, so it is not sent again', {
    timeout: AFTER_PROOF_TIMEOUT_MS,
  }, async () => {
    const ref = 'accepted, only in the list'
    let hidden = true
    provider.fault('check-ref', {
      when: (call) => hidden && only(ref)(call),
      times: 1_000,
      answer: { status: 404, body: error('NOT_FOUND') },
    })
    await sendInto(ref, { answer: { status: 500, body: HTML } })
    // The proof is due after a minute of "not found": then the list is read.
    await eventually(
      'the list to be read',
      () => {
        const [first] = callsOf(provider, 'check-ref', ref)
        return provider.callsOf('list').some(({ at }) => first && at - first.at >= PROOF_MS - 1_000)
      },
      AFTER_PROOF_TIMEOUT_MS - 40_000,
    )
    hidden = false
    provider.settle(`demo.${ref}`, 'FULFILLED')
    expect((await merchant.untilFinal(ref)).json.data.status).toBe('FULFILLED')
    expect(callsOf(provider, 'send', ref)).toHaveLength(1)
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
      const ref = `not accepted, ${how}`
      const topupId = await sendInto(ref, fault)
      await eventually(
        'the second send',
        () => topupsOf(provider, ref).length > 0,
        AFTER_PROOF_TIMEOUT_MS - 40_000,
      )

      const [first, second] = callsOf(provider, 'send', ref)
      expect(second?.rawBody).toBe(first?.rawBody)
      const looks = callsOf(provider, 'check-ref', ref).filter(({ at }) => at <= (second?.at ?? 0))
      expect(looks.length).toBeGreaterThanOrEqual(3)
      // A second of slack: the gateway's clock starts when an answer arrives, ours when a question does.
      expect((looks.at(-1)?.at ?? 0) - (looks[0]?.at ?? 0)).toBeGreaterThan(PROOF_MS - 1_000)
      const readsOfList = provider.callsOf('list').filter(({ at }) => at >= (looks.at(-1)?.at ?? 0))
      expect(readsOfList.some(({ at }) => at <= (second?.at ?? 0))).toBe(true)

      provider.settle(`demo.${ref}`, 'FULFILLED')
      expect((await merchant.untilFinal(ref)).json.data).toMatchObject({ _id: topupId, status: 'FULFILLED' })
      expect(callsOf(provider, 'send', ref)).toHaveLength(2)
      expect(topupsOf(provider, ref)).toHaveLength(1)
    },
  )

  it('but refused in words nobody knows is refunded once absence is proven, and never sent again', {
    timeout: AFTER_PROOF_TIMEOUT_MS,
  }, async () => {
    const ref = 'refused unclearly'
    const body = error('COMPUTER_SAYS_NO')
    const topupId = await sendInto(ref, { notAccepted: true, answer: { status: 403, body } })
    const final = await merchant.untilFinal(ref, AFTER_PROOF_TIMEOUT_MS - 40_000)
    expect(final.json.data).toMatchObject({ _id: topupId, status: 'REFUNDED', balance_amount: 0 })
    expect(callsOf(provider, 'send', ref)).toHaveLength(1)
    expect(topupsOf(provider, ref)).toEqual([])
  })
})

describe.concurrent('a ref that the provider calls used', () => {
  it.each(['DUPLICATED_REF', 'DUPLICATED-REF'])('by the same top-up (%s) is accepted', async (code) => {
    const ref = `our own ${code}`
    const { id } = await topupOutside(provider, ref)
    provider.fault('send', { when: only(ref), answer: { status: 403, body: error(code) } })

    const answer = await merchant.send(ref)
    expect(answer.json).toMatchObject({ success: true, data: { topupId: id, topupRef: ref } })
    provider.settle(`demo.${ref}`, 'FULFILLED')
    expect((await merchant.untilFinal(ref)).json.data).toMatchObject({ _id: id, status: 'FULFILLED' })
    expect(topupsOf(provider, ref)).toHaveLength(1)
  })

  it('by the same top-up is accepted also when it cannot be looked up at once', async () => {
    const ref = 'our own, unseen'
    await topupOutside(provider, ref)
    provider.fault('check-ref', { when: only(ref), answer: { status: 500, body: HTML } })
    const topupId = await sendInto(ref, { times: 0 })
    provider.settle(`demo.${ref}`, 'REFUNDED')
    expect((await merchant.untilFinal(ref)).json.data).toMatchObject({ _id: topupId, status: 'REFUNDED' })
  })

  it.each([
    ['number', { MSSIDN: '0669999999' }],
    ['plan', { plan_code: 'GROS_MOBILIS' }],
    ['amount', { amount: 1_500 }],
  ])('by a top-up of another %s is refused, and nothing is taken for ours', async (what, other) => {
    const ref = `another ${what}`
    const { id } = await topupOutside(provider, ref, other)
    const refused = await merchant.send(ref)
    expectError(refused, 403, 'DUPLICATED_REF')
    expect(refused.json.error.details).toMatchObject({ topupId: id })
    expect((await merchant.checkRef(ref)).status).toBe(404)
    expect(topupsOf(provider, ref)).toMatchObject([{ msisdn: ORDER.MSSIDN, ...renamed(other) }])
  })
})

it.concurrent('a send that waits for another one’s refusal is still answered in time', async () => {
  const ref = 'slow refusal, then silence'
  const is = (amount: number) => (call: { rawBody: string; subject: string | null }) =>
    call.subject === `demo.${ref}` && call.rawBody.includes(`"amount":${amount},`)
  const refusal = { status: 400, body: error('ERR_VALIDATION') }
  provider.fault('send', { when: is(300), notAccepted: true, delayMs: 6_500, answer: refusal })
  provider.fault('send', { when: is(400), ending: 'hang' })
  const first = merchant.send(ref, { amount: 300 })
  await eventually('the first send at the provider', () => callsOf(provider, 'send', ref).length === 1)
  const startedAt = Date.now()
  const second = await merchant.send(ref, { amount: 400 })
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
