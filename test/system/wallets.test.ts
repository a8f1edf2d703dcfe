import { describe, expect, it, vi } from 'vitest'
import { asOperator, openAccount, openTrader, walletAt } from './accounts'
import { clientOf, expectError } from './client'
import { DEMO_KEY, eventually, startGateway } from './harness'
import { startProvider } from './provider'

/** They wait for clocks: all at the same time. */
vi.setConfig({ maxConcurrency: 20, testTimeout: 180_000 })
/** Sandbox number: settles after five minutes. */
const SLOW = '0600030099'

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })

describe.concurrent('a wallet', () => {
  it('is found by its id, the colon percent-encoded or not', async () => {
    const { id } = await openTrader(gateway)
    for (const wallet of ['operator', `own:${id}`, `sandbox:${id}`]) {
      for (const path of [wallet, encodeURIComponent(wallet)]) {
        const shown = await gateway.call('GET', `/admin/wallets/${path}`, { headers: asOperator })
        expect(shown.json.data?.id, shown.text).toBe(wallet)
        const told = await gateway.call('GET', `/admin/wallets/${path}/incidents`, { headers: asOperator })
        expect(told.json.data, told.text).toEqual({ items: [], next_cursor: null })
        const body = { reads_per_minute: null }
        const set = await gateway.call('PATCH', `/admin/wallets/${path}`, { headers: asOperator, body })
        expect(set.json.data?.id, set.text).toBe(wallet)
      }
    }
  })

  it.each(['nobody', 'own:nobody', 'sandbox:nobody', 'own:', 'operator:', 'account:0123', 'demo'])(
    'is 404 as %s',
    async (id) => {
      for (const path of [`/admin/wallets/${id}`, `/admin/wallets/${encodeURIComponent(id)}/incidents`]) {
        expectError(await gateway.call('GET', path, { headers: asOperator }), 404, 'NOT_FOUND')
      }
    },
  )

  it.each([
    [{ sends_per_minute: 0 }, 'sends_per_minute'],
    [{ reads_per_minute: 60_001 }, 'reads_per_minute'],
    [{ reads_per_minute: '9' }, 'reads_per_minute'],
    [{ low_balance_dzd: 0 }, 'low_balance_dzd'],
    [{ low_balance_hours: 1.5 }, 'low_balance_hours'],
  ])('refuses %j and changes nothing', async (wrong, field) => {
    const { id } = await openTrader(gateway)
    const wallet = walletAt(gateway, `own:${id}`)
    const settings = {
      reads_per_minute: 60,
      sends_per_minute: 90,
      low_balance_dzd: 5_000,
      low_balance_hours: 12,
    }
    expect((await wallet.set(settings)).json.data.settings).toEqual(settings)
    const refused = await wallet.set({ sends_per_minute: 1, ...wrong })
    expectError(refused, 400, 'ERR_VALIDATION')
    expect(refused.json.error.details.field).toBe(field)
    expectError(await wallet.set({ sends_a_minute: 1 }), 400, 'ERR_VALIDATION')
    expect((await wallet.show()).settings).toEqual(settings)
  })

  it('keeps its settings, what is new in answers, and its incidents, when it is thrown out of memory', async () => {
    const { key, wallet, account, client, isMine } = await openAccount(gateway, provider)
    await wallet.set({ sends_per_minute: 90, low_balance_dzd: 2_000_000 })
    const body = { success: true, data: { balance: 7 }, news: 'soon' }
    provider.fault('balance', { when: isMine, answer: { body } })
    await gateway.call('GET', '/v3/account/balance', { key })
    const before = await wallet.show()
    expect(before.drift).toMatchObject([{ kind: 'read: envelope field "news" is new', count: 1 }])
    const incidents = await wallet.incidents()
    expect(incidents).toHaveLength(1)

    await gateway.evict('Wallet', wallet.id)
    const { settings, drift, sends } = await wallet.show()
    expect({ settings, drift }).toEqual({ settings: before.settings, drift: before.drift })
    expect(sends.limit_per_minute).toBe(90)
    expect(await wallet.incidents()).toEqual(incidents)
    expect((await client.send('goes on')).status).toBe(200)
    expect(account.topups).toHaveLength(1)
  })
})

describe.concurrent('an operator that the provider calls down', () => {
  it('is sent nothing by the merchant who wants that, and everything by everybody else', async () => {
    const settings = { operator_down: 'refuse' }
    const [careful, other] = [await openTrader(gateway, { settings }), await openTrader(gateway)]
    // Before the plans are known nobody knows whose plan it is; the operators are asked about by who wants it.
    expect((await other.client.send('while up')).status).toBe(200)
    provider.setOperators({ mobilis: 'down' })
    const refused = await careful.client.send('while down')
    expectError(refused, 503, 'SERVICE_UNAVAILABLE')
    expect(refused.json.error.message).toBe('Nothing was sent: the provider says that mobilis is down')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expectError(await careful.client.checkRef('while down'), 404, 'NOT_FOUND')
    expect((await other.client.send('while down')).status).toBe(200)
    const djezzy = { plan_code: 'PREPAID_DJEZZY', MSSIDN: '0770123456' }
    expect((await careful.client.send('another operator', djezzy)).status).toBe(200)

    provider.setOperators({ mobilis: 'up' })
    const sent = await eventually(
      'the word that it is up again',
      async () => {
        const answer = await careful.client.send('while down')
        return answer.status === 200 && answer
      },
      90_000,
    )
    expect(sent.headers.get('idempotent-replayed')).toBeNull()
    const sends = provider.callsOf('send').filter(({ subject }) => subject === `${careful.id}.while down`)
    expect(sends).toHaveLength(1)
  })
})

describe.concurrent('an answer of the provider that nobody has seen before', () => {
  it('is kept, counted, and an incident once for each kind, phone numbers masked', async () => {
    const { client, wallet, account } = await openAccount(gateway, provider)
    const word = /^(look|list): status "TELEPORTED"$/
    const field = /^(look|list): field "promo" is new$/
    // One after the other: by look-up or by list, at least one kind is seen twice.
    const refs = ['one', 'two', 'three']
    for (const ref of refs) {
      expect((await client.send(ref)).status).toBe(200)
      account.settle(ref, 'TELEPORTED', { undocumented: { promo: 'call 0550 12 34 56' } })
      const isUnknown = ({ status }: { status: string }) => status === 'UNKNOWN_ERROR'
      const shown = await client.until('unknown', ref, isUnknown)
      expect(shown.json.data.gateway.final).toBe(false)
      expect(shown.json.data).not.toHaveProperty('promo')
    }
    const { drift } = await wallet.show()
    for (const kind of [word, field]) {
      const entries = drift.filter((entry: { kind: string }) => kind.test(entry.kind))
      const counted = entries.reduce((sum: number, { count }: { count: number }) => sum + count, 0)
      expect(counted).toBeGreaterThanOrEqual(refs.length)
      for (const { sample, first_at, last_at } of entries) {
        expect(sample).toContain(kind === word ? 'TELEPORTED' : 'promo')
        expect(last_at >= first_at).toBe(true)
      }
    }
    const told = await wallet.incidents('drift')
    expect(told.map(({ facts }) => facts.kind).sort()).toEqual(
      drift.map(({ kind }: { kind: string }) => kind).sort(),
    )
    const text = JSON.stringify([drift, told])
    expect(text).toContain('06••••••67')
    for (const number of ['0661234567', '0550 12 34 56', '12 34 56']) expect(text).not.toContain(number)

    account.settle('one', 'FULFILLED')
    expect((await client.untilFinal('one', 120_000)).json.data.status).toBe('FULFILLED')
  })
})

describe.concurrent('an open order', () => {
  it('says when it is expected to be final, and no longer once it is', async () => {
    const { client, account } = await openAccount(gateway, provider)
    const sent = (await client.send('waited for')).json.data.gateway
    expect(Date.parse(sent.expected_at)).toBeGreaterThan(Date.now())
    const { created_at, gateway: open } = (await client.checkRef('waited for')).json.data
    expect(open.expected_at).toBe(sent.expected_at)
    expect(open.expected_at > created_at).toBe(true)
    expect(open).not.toHaveProperty('late')
    account.settle('waited for', 'FULFILLED')
    const { gateway: done } = (await client.untilFinal('waited for')).json.data
    expect(done).not.toHaveProperty('expected_at')
    expect(done).not.toHaveProperty('late')
  })

  it('of which nothing is known says nothing of it', async () => {
    const { client, isMine } = await openAccount(gateway, provider)
    provider.fault('send', { when: isMine, ending: 'destroy' })
    expect((await client.send('in doubt')).json.data.gateway).not.toHaveProperty('expected_at')
  })

  it('that takes longer than nearly all others is late, and an incident', async () => {
    const client = clientOf(gateway, DEMO_KEY)
    const wallet = walletAt(gateway, 'sandbox:demo')
    expect((await client.send('slow', { MSSIDN: SLOW })).status).toBe(200)
    await client.until('late', 'slow', ({ gateway: { late } }) => late === true, 120_000)
    const late = await eventually('the incident', async () => {
      const told = await wallet.incidents('order_late')
      return told.length > 0 && told
    })
    expect(late).toMatchObject([{ facts: { plan: 'PREPAID_MOBILIS', age_ms: expect.any(Number) } }])
    expect((await client.checkRef('slow')).json.data).toMatchObject({ gateway: { final: false, late: true } })
  })
})
