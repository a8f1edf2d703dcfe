/** CLASS: what each answer, and each lack of one, means. Rounds of ten endpoints, each with another fault, told of one top-up. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Merchant } from '../merchant'
import type { DeliveryAnswer } from '../shop'
import { CASES, type Case, NOT_REACHED, SCHEDULED } from './faults'
import {
  about,
  bystander,
  closeReceivers,
  openSuite,
  RETRY_MS,
  receiverOf,
  refOf,
  remote,
  type Suite,
  tried,
} from './gateway'

const CERTIFICATES = join(import.meta.dirname, 'certificates')
/** A merchant may have so many endpoints. */
const ROUND = 10

let suite: Suite
let elsewhere: Merchant
beforeAll(async () => {
  // For the local gateway only: the authority behind the certificates here.
  suite = await openSuite({ env: { NODE_EXTRA_CA_CERTS: join(CERTIFICATES, 'authority.pem') } })
  elsewhere = await bystander()
})

/** One top-up, told to an endpoint for each case; what the list says once all have been tried. */
async function round(cases: readonly Case[]) {
  const [shop, ref] = [await suite.shop(), refOf(`round ${cases[0]?.title}`)]
  const receivers = await Promise.all(
    cases.map(async (one) => {
      const { merchant, endpoint } = await receiverOf(suite, shop)
      merchant.answer(one.answer(elsewhere.url))
      return { one, merchant, endpoint }
    }),
  )
  await shop.send(ref)
  const deliveries = await tried(shop, ref, cases.length)
  return new Map(
    receivers.map(({ one, merchant, endpoint }) => {
      const delivery = deliveries.find(({ endpoint_id }) => endpoint_id === endpoint.id)
      if (delivery === undefined) throw new Error(`no delivery for ${one.title}`)
      return [one, { merchant, delivery }]
    }),
  )
}

/** Of the first attempt; others may have followed since. */
function expectPause(
  { attempts, next_attempt_at }: DeliveryAnswer,
  [least, most]: readonly [number, number],
) {
  const [{ at, duration_ms }] = attempts as [DeliveryAnswer['attempts'][number]]
  const next = attempts[1]?.at ?? next_attempt_at ?? ''
  const seconds = (Date.parse(next) - Date.parse(at) - duration_ms) / 1_000
  expect(seconds).toBeGreaterThanOrEqual(least)
  expect(seconds).toBeLessThanOrEqual(most)
}

const possible = CASES.filter(({ wire }) => !(remote && wire))
const rounds = Array.from({ length: Math.ceil(possible.length / ROUND) }, (_, index) => ({
  cases: possible.slice(index * ROUND, (index + 1) * ROUND),
}))

describe.each(rounds)('CLASS', ({ cases }) => {
  let results: Awaited<ReturnType<typeof round>>
  beforeAll(async () => {
    results = await round(cases)
  }, RETRY_MS)
  afterAll(closeReceivers)

  it.each(cases)('$title', (one) => {
    const { delivery, merchant } = results.get(one) ?? {}
    if (delivery === undefined || merchant === undefined) throw new Error('this case was not tried')
    const [first] = delivery.attempts
    expect(first).toMatchObject({ outcome: one.outcome, http_status: one.status })
    if (one.shows !== undefined) expect(first?.answer).toMatch(one.shows)
    const isOver = one.state !== undefined
    expect(delivery.state).toBe(one.state ?? 'pending')
    expect(delivery.reason).toBe(one.state === 'delivered' ? null : one.outcome)
    if (isOver) expect(delivery.next_attempt_at).toBeNull()
    else expectPause(delivery, one.pause ?? SCHEDULED)

    // What is listed arrived; what arrived is listed, or under way.
    expect(merchant.callbacks.length).toBeGreaterThanOrEqual(delivery.attempts.length)
    if (isOver) expect(merchant.callbacks).toHaveLength(1)
    expect(new Set(merchant.callbacks.map(({ method }) => method))).toEqual(new Set(['POST']))
    expect(elsewhere.callbacks).toEqual([])
  })
})

describe('CLASS', () => {
  it('Retry-After costs no attempt', { timeout: RETRY_MS }, async () => {
    const [shop, ref] = [await suite.shop(), refOf('busy')]
    const { merchant } = await receiverOf(suite, shop)
    merchant.answerNext({ status: 429, headers: { 'Retry-After': '1' } }, { status: 500 })
    await shop.send(ref)
    await merchant.received(3, RETRY_MS)
    const { attempts } = await shop.deliveryIn('delivered', about(ref))
    expect(attempts).toMatchObject([
      { outcome: 'throttled' },
      { outcome: 'failed' },
      { outcome: 'delivered' },
    ])
    const [, failed, delivered] = attempts
    // Charged once, the pause is the schedule's 5 s; charged twice it would be 15 s.
    const pausedMs = Date.parse(delivered?.at ?? '') - Date.parse(failed?.at ?? '')
    expect(pausedMs).toBeLessThan(SCHEDULED[1] * 1_000)
  })

  it.skipIf(remote)('nobody listens (local only: a tunnel always does)', async () => {
    const [shop, ref] = [await suite.shop(), refOf('refused')]
    await shop.register('http://127.0.0.1:1/callback')
    await shop.send(ref)
    const [delivery] = await tried(shop, ref, 1)
    expect(delivery).toMatchObject({ state: 'pending', reason: NOT_REACHED })
    expect(delivery?.attempts[0]).toMatchObject({ outcome: NOT_REACHED, http_status: null })
  })
})

describe.skipIf(remote)('CLASS: a certificate (local only: the authority is one of ours)', () => {
  it.each([
    ['is believed when it is good', 'good', 'delivered'],
    ['that has expired', 'expired', NOT_REACHED],
    ['of another host', 'wrong-host', NOT_REACHED],
  ])('%s', async (_, name, outcome) => {
    const [shop, ref] = [await suite.shop(), refOf(name)]
    const called = await withCertificate(name)
    await shop.register(called.url)
    await shop.send(ref)
    const [delivery] = await tried(shop, ref, 1)
    expect(delivery?.attempts[0]).toMatchObject({ outcome })
    // Nothing of a callback is told to whom it cannot be sure of.
    expect(called.requests()).toBe(outcome === 'delivered' ? 1 : 0)
  })
})

const closers: (() => void)[] = []
afterAll(() => {
  for (const close of closers.splice(0)) close()
})

async function withCertificate(name: string) {
  let requests = 0
  const cert = readFileSync(join(CERTIFICATES, `${name}.pem`))
  const server = createServer(
    { cert, key: readFileSync(join(CERTIFICATES, 'receiver.key')) },
    (request, response) => {
      requests += 1
      request.resume().once('end', () => response.writeHead(204).end())
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => server.close().closeAllConnections())
  const { port } = server.address() as AddressInfo
  return { url: `https://localhost:${port}/callback`, requests: () => requests }
}
