import { describe, expect, it, vi } from 'vitest'
import { openAccount } from './accounts'
import { expectError } from './client'
import { eventually, startGateway } from './harness'
import { startProvider } from './provider'

vi.setConfig({ testTimeout: 180_000 })

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })

const LOST = ['lost-1', 'lost-2', 'lost-3', 'lost-4', 'lost-5']

describe('a provider whose answers to five different sends in a row are lost', () => {
  it('is sent nothing more until a probe is answered; what was under way ends well', async () => {
    const { client, wallet, account, calls, sentRefs, isMine } = await openAccount(gateway, provider)
    let isIll = true
    const whileIll = { when: (call: Parameters<typeof isMine>[0]) => isIll && isMine(call), times: 1_000 }
    expect((await client.send('tracked')).status).toBe(200)
    expect((await wallet.show()).breaker).toMatchObject({
      state: 'closed',
      reason: null,
      next_probe_at: null,
    })

    provider.fault('send', { ...whileIll, ending: 'destroy' })
    provider.fault('validate', { ...whileIll, answer: { status: 502, body: '<h1>Bad Gateway</h1>' } })
    for (const ref of LOST) {
      const answer = await client.send(ref)
      expect(answer.status, answer.text).toBe(200)
      expect(answer.json.data).toMatchObject({ topupRef: ref, gateway: { final: false } })
    }
    const { breaker } = await wallet.show()
    expect(breaker).toMatchObject({ state: 'open', reason: 'sends_in_doubt' })
    expect(breaker.next_probe_at).toMatch(/Z$/)
    const opened = await wallet.incidents('breaker_open')
    expect(opened).toMatchObject([{ at: breaker.since, facts: { reason: 'sends_in_doubt' } }])

    const before = sentRefs()
    const refused = await client.send('refused')
    expectError(refused, 503, 'SERVICE_UNAVAILABLE')
    expect(refused.json.error.message).toBe('Nothing was sent: the provider does not answer at the moment')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expectError(await client.checkRef('refused'), 404, 'NOT_FOUND')
    // Opened by sends it stops sends only.
    account.settle('tracked', 'FULFILLED')
    expect((await client.untilFinal('tracked')).json.data.status).toBe('FULFILLED')
    const probes = calls('validate').length
    await eventually('a probe in vain', () => calls('validate').length > probes)
    expect((await wallet.show()).breaker.state).toBe('open')
    expect(sentRefs()).toEqual(before)

    isIll = false
    await wallet.until('answers again', (shown) => shown.breaker.state !== 'open', 90_000)
    const sent = await client.send('refused')
    expect(sent.status, sent.text).toBe(200)
    expect(sent.headers.get('idempotent-replayed')).toBeNull()
    await wallet.until('is as before', (shown) => shown.breaker.state === 'closed')
    for (const ref of [...LOST, 'refused']) {
      await eventually(`${ref} to leave`, () => account.find(ref))
      account.settle(ref, 'FULFILLED')
      expect((await client.untilFinal(ref)).json.data.status).toBe('FULFILLED')
    }
    expect(sentRefs().sort()).toEqual(['tracked', ...LOST, 'refused'].sort())
    expect(await wallet.incidents('breaker_open')).toHaveLength(1)
  })

  it('is not ill when one order of them was answered', async () => {
    const { client, wallet, isMine } = await openAccount(gateway, provider)
    const isLost = { when: isMine, ending: 'destroy' } as const
    provider.fault('send', { ...isLost, times: 4 })
    for (const ref of LOST.slice(0, 4)) expect((await client.send(ref)).status).toBe(200)
    expect((await client.send('answered')).status).toBe(200)
    provider.fault('send', isLost)
    expect((await client.send('lost-5')).status).toBe(200)
    expect((await wallet.show()).breaker.state).toBe('closed')
    expect((await client.send('another')).status).toBe(200)
    expect(await wallet.incidents('breaker_open')).toEqual([])
  })
})
