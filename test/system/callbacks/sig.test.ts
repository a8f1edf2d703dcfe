/** SIG: every attempt is signed anew over bytes that never change. The published vectors: test/unit/callback/sign.test.ts. */
import { beforeAll, expect, it } from 'vitest'
import type { Received } from '../merchant'
import { expectGenuine, judge } from '../signature'
import {
  about,
  attemptsListed,
  openSuite,
  RETRY_MS,
  receiverOf,
  refOf,
  type Suite,
  together,
} from './gateway'

let suite: Suite
beforeAll(async () => {
  suite = await openSuite()
})

together('SIG', () => {
  it('over attempts the id and the bytes stay; timestamp, number and signature are the attempt’s own', {
    timeout: RETRY_MS,
  }, async () => {
    const [shop, ref] = [await suite.shop(), refOf('again')]
    const { merchant } = await receiverOf(suite, shop)
    merchant.answerNext({ status: 500, body: 'out of\norder' }, { status: 500 })
    await shop.send(ref)
    const waiting = await attemptsListed(shop, ref, 1)
    expect(waiting).toMatchObject({ state: 'pending', reason: 'failed' })
    expect(waiting.next_attempt_at).not.toBeNull()

    await merchant.received(3, RETRY_MS)
    const calls = merchant.callbacks
    const header = (name: string) => calls.map(({ headers }) => headers[name])
    expect(new Set(calls.map(({ rawBody }) => rawBody)).size).toBe(1)
    expect(new Set(header('webhook-id')).size).toBe(1)
    expect(new Set(header('webhook-signature')).size).toBe(3)
    expect(header('webhook-attempt')).toEqual(['1', '2', '3'])
    const times = header('webhook-timestamp').map(Number)
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))

    const delivered = await shop.deliveryIn('delivered', about(ref))
    expect(delivered).toMatchObject({
      event_id: header('webhook-id')[0],
      reason: null,
      next_attempt_at: null,
      attempts: [
        { outcome: 'failed', http_status: 500, answer: 'out of order' },
        { outcome: 'failed', http_status: 500, answer: '' },
        { outcome: 'delivered', http_status: 204, answer: '' },
      ],
    })
    expect(calls).toHaveLength(3)
  })

  it('endpoints of one merchant get one id and the same bytes, each signed with its own keys', async () => {
    const [shop, ref] = [await suite.shop(), refOf('twice')]
    const [one, other] = [await receiverOf(suite, shop), await receiverOf(suite, shop)]
    await shop.send(ref)
    const [first, second] = [await one.merchant.received(1), await other.merchant.received(1)]
    expect(first.rawBody).toBe(second.rawBody)
    expect(first.headers['webhook-id']).toBe(second.headers['webhook-id'])
    const nobody = { standardwebhooks: false, svix: false, v1a: false }
    expect(await judge(suite.gateway, first, other.endpoint)).toEqual(nobody)
    expect(await judge(suite.gateway, second, one.endpoint)).toEqual(nobody)
  })

  it('nothing can be forged: one changed byte, id or second fails every signature', async () => {
    const [shop, ref] = [await suite.shop(), refOf('genuine')]
    const { merchant, endpoint } = await receiverOf(suite, shop)
    await shop.send(ref)
    const callback = await merchant.received(1)
    await expectGenuine(suite.gateway, callback, endpoint)

    const { headers, rawBody } = callback
    const later = String(Number(headers['webhook-timestamp']) + 1)
    const forgeries: Received[] = [
      { ...callback, rawBody: rawBody.replace('500', '501') },
      { ...callback, headers: { ...headers, 'webhook-id': `${headers['webhook-id']}1` } },
      { ...callback, headers: { ...headers, 'webhook-timestamp': later } },
    ]
    const nobody = { standardwebhooks: false, svix: false, v1a: false }
    for (const forged of forgeries) expect(await judge(suite.gateway, forged, endpoint)).toEqual(nobody)
  })
})
