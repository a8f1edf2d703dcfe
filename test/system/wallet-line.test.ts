import { describe, expect, it, vi } from 'vitest'
import { openAccount } from './accounts'
import { expectError } from './client'
import { eventually, startGateway } from './harness'
import { startProvider } from './provider'

/** They wait for clocks: all at the same time. */
vi.setConfig({ maxConcurrency: 20, testTimeout: 180_000 })
/** Many times what a line of five takes. */
const LINE_TIMEOUT_MS = 120_000

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })

/** A 429 for which nothing was made. */
const tooFast = (retryAfter: string) => ({
  notAccepted: true,
  answer: {
    status: 429,
    headers: { 'Retry-After': retryAfter },
    body: { success: false, error: { code: 'RATE_LIMIT_EXCEEDED', message: 'Too many requests' } },
  },
})

describe.concurrent('sends beyond the budget', () => {
  it('wait in line and know their place, leave once each and in order, and are called back', async () => {
    const { key, client, wallet, account, sentRefs, receiver } = await openAccount(gateway, provider)
    const merchant = await receiver()
    // One every twelve seconds: none waits inside its call, and the last is within the line's minute.
    expect((await wallet.set({ sends_per_minute: 6 })).status).toBe(200)

    const first = await client.send('first')
    expect(first.json.data.gateway).not.toHaveProperty('queue_position')
    const refs = ['second', 'third', 'fourth', 'fifth']
    const answers = []
    for (const ref of refs) answers.push(await client.send(ref))
    for (const [at, answer] of answers.entries()) {
      expect(answer.status, answer.text).toBe(200)
      expect(answer.json.data.gateway).toMatchObject({ final: false, state_version: 1 })
      expect(answer.json.data.topupId).toMatch(/^[0-9a-f]{24}$/)
      // The line moves on meanwhile.
      const { queue_position: place } = answer.json.data.gateway
      expect(place).toBeGreaterThanOrEqual(1)
      expect(place).toBeLessThanOrEqual(at + 1)
    }
    expect(answers.at(-1)?.json.data.gateway.queue_position).toBeGreaterThan(1)

    const asked = (await client.checkRef('fifth')).json.data
    expect(asked).toMatchObject({ status: 'PENDING', gateway: { final: false, callback: 'none' } })
    expect(asked.gateway.queue_position).toBeGreaterThan(1)
    expect(asked._id).toBe(answers.at(-1)?.json.data.topupId)
    const listed = await gateway.call('GET', '/v1/orders?phase=queued&ref=fifth', { key })
    expect(listed.json.data.items).toMatchObject([{ ref: 'fifth', phase: 'queued', status: 'PENDING' }])
    const again = await client.send('fifth')
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(again.json.data.topupId).toBe(asked._id)
    expect((await wallet.show()).sends.waiting).toBeGreaterThan(0)

    await wallet.set({ sends_per_minute: 120 })
    await eventually('all to leave', () => sentRefs().length === refs.length + 1, LINE_TIMEOUT_MS)
    for (const ref of ['first', ...refs]) account.settle(ref, 'FULFILLED')
    for (const ref of refs) {
      const { body } = await merchant.receivedWhere(ref, (callback) => callback.body.data.ref === ref)
      const sent = answers[refs.indexOf(ref)]
      expect(body).toMatchObject({ type: 'topup.fulfilled', data: { _id: sent?.json.data.topupId } })
    }
    expect(sentRefs()).toEqual(['first', ...refs])
    expect(account.topups.map(({ ref }) => ref)).toEqual(['first', ...refs])
    const done = (await client.checkRef('fifth')).json.data
    expect(done).toMatchObject({ _id: asked._id, status: 'FULFILLED', gateway: { final: true } })
    expect(done.gateway).not.toHaveProperty('queue_position')
    expect((await wallet.show()).sends).toMatchObject({ waiting: 0, total: refs.length + 1 })
  })

  it('are 503 with Retry-After past the minute that the line holds, and their refs are free', async () => {
    const { client, wallet, sentRefs } = await openAccount(gateway, provider)
    await wallet.set({ sends_per_minute: 1 })
    expect((await client.send('first')).status).toBe(200)
    const refused = await client.send('too many')
    expectError(refused, 503, 'SERVICE_UNAVAILABLE')
    expect(refused.json.error.message).toMatch(/^Nothing was sent: more sends are waiting/)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expectError(await client.checkRef('too many'), 404, 'NOT_FOUND')
    expect(sentRefs()).toEqual(['first'])

    await wallet.set({ sends_per_minute: 600 })
    const sent = await client.send('too many', { amount: 600 })
    expect(sent.status, sent.text).toBe(200)
    expect(sent.headers.get('idempotent-replayed')).toBeNull()
    await eventually('it to leave', () => sentRefs().length === 2)
    expect(sentRefs()).toEqual(['first', 'too many'])
  })
})

describe.concurrent('a budget', () => {
  it('that the operator sets is true at once, and null is the default again', async () => {
    const { client, wallet } = await openAccount(gateway, provider)
    expect((await wallet.show()).sends).toMatchObject({ limit_per_minute: 300, rate_per_minute: 300 })
    const { json } = await wallet.set({ sends_per_minute: 1, reads_per_minute: 240 })
    expect(json.data.sends).toMatchObject({ limit_per_minute: 1, rate_per_minute: 1 })
    expect(json.data.reads).toMatchObject({ limit_per_minute: 240, rate_per_minute: 240 })
    expect((await client.send('one')).status).toBe(200)
    expectError(await client.send('two'), 503, 'SERVICE_UNAVAILABLE')
    await wallet.set({ sends_per_minute: null })
    expect((await wallet.show()).settings).toMatchObject({ sends_per_minute: null, reads_per_minute: 240 })
    expect((await client.send('two')).status).toBe(200)
    expect((await wallet.show()).sends.limit_per_minute).toBe(300)
  })

  it('is halved by a 429 of the provider and pauses for as long as that says', async () => {
    const { client, wallet, calls, isMine } = await openAccount(gateway, provider)
    provider.fault('send', { when: isMine, ...tooFast('10') })
    const refused = await client.send('too fast')
    expectError(refused, 429, 'RATE_LIMIT_EXCEEDED')
    expect(Number(refused.headers.get('retry-after'))).toBe(10)
    const { sends, reads } = await wallet.show()
    expect(sends).toMatchObject({ limit_per_minute: 300, rate_per_minute: 150 })
    expect(Date.parse(sends.paused_until)).toBeGreaterThan(Date.now())
    expect(reads).toMatchObject({ rate_per_minute: 120, paused_until: null })

    const waits = await client.send('too fast')
    expect(waits.json.data.gateway.queue_position).toBe(1)
    await eventually('the send after the pause', () => calls('send').length === 2)
    const [first, second] = calls('send')
    // A second of slack: the pause begins when the gateway has the answer, and its clock is not ours.
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(9_000)
    expect((await wallet.show()).sends.paused_until).toBeNull()
    expect((await client.checkRef('too fast')).json.data.status).toBe('PENDING')
  })

  it('of reads is halved by itself', async () => {
    const { key, wallet, isMine } = await openAccount(gateway, provider)
    provider.fault('balance', { when: isMine, ...tooFast('3') })
    await gateway.call('GET', '/v3/account/balance', { key })
    const { sends, reads } = await wallet.show()
    expect(reads).toMatchObject({ limit_per_minute: 120, rate_per_minute: 60 })
    expect(Date.parse(reads.paused_until)).toBeGreaterThan(Date.now() - 3_000)
    expect(sends).toMatchObject({ rate_per_minute: 300, paused_until: null })
  })
})
