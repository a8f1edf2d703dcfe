import { describe, expect, it } from 'vitest'
import { type Client, clientOf, expectError } from './client'
import { ADMIN_TOKEN, type Answer, eventually, startGateway } from './harness'
import { startProvider } from './provider'

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` }

interface Limited {
  readonly id: string
  readonly live: Client
  readonly sandbox: Client
  set(settings: object): Promise<Answer>
  /** What reached the provider of it, in DZD. */
  moved(): number
}

/** A merchant with these settings; his keys are made after them. */
async function merchantWith(settings?: object): Promise<Limited> {
  const made = await gateway.call('POST', '/admin/merchants', { headers, body: { name: 'Shop' } })
  const { id } = made.json.data
  const path = `/admin/merchants/${id}`
  const set = (wanted: object) => gateway.call('PATCH', path, { headers, body: { settings: wanted } })
  if (settings !== undefined) expect((await set(settings)).status).toBe(200)
  const keyed = async (environment: string) => {
    const body = { environment, name: 'till' }
    const { key } = (await gateway.call('POST', `${path}/keys`, { headers, body })).json.data
    return clientOf(gateway, key)
  }
  const [live, sandbox] = [await keyed('production'), await keyed('sandbox')]
  const moved = () =>
    provider.topups.filter(({ ref }) => ref.startsWith(`${id}.`)).reduce((sum, { amount }) => sum + amount, 0)
  return { id, live, sandbox, set, moved }
}

const numbered = (n: number) => ({ MSSIDN: `06612345${String(n).padStart(2, '0')}` })

describe.concurrent('without settings', () => {
  it('nothing is limited', async () => {
    const { id, live, moved } = await merchantWith()
    const shown = await gateway.call('GET', `/admin/merchants/${id}`, { headers })
    expect(shown.json.data.settings).toEqual({
      daily_amount: null,
      largest_amount: null,
      repeat: null,
      operator_down: 'send',
      retention_days: 400,
    })
    for (const ref of ['a', 'b', 'c']) {
      const sent = await live.send(ref, { amount: 3_999 })
      expect(sent.status).toBe(200)
      expect(sent.json.data.gateway).not.toHaveProperty('warnings')
    }
    expect(moved()).toBe(3 * 3_999)
  })

  it.each([
    [{ largest_amount: 0 }, 'settings/largest_amount'],
    [{ daily_amount: -5 }, 'settings/daily_amount'],
    [{ daily_amount: 10.5 }, 'settings/daily_amount'],
    [{ repeat: { minutes: 0, action: 'warn' } }, 'settings/repeat/minutes'],
    [{ repeat: { minutes: 5, action: 'shout' } }, 'settings/repeat/action'],
    [{ retention_days: 89 }, 'settings/retention_days'],
    [{ retention_days: 3_651 }, 'settings/retention_days'],
  ])('%j is refused and changes nothing', async (settings, field) => {
    const { id, set } = await merchantWith({ largest_amount: 700 })
    const refused = await set({ largest_amount: 1, daily_amount: 1, ...settings })
    expectError(refused, 400, 'ERR_VALIDATION')
    expect(refused.json.error.details.field).toBe(field)
    const shown = await gateway.call('GET', `/admin/merchants/${id}`, { headers })
    expect(shown.json.data.settings).toEqual({
      daily_amount: null,
      largest_amount: 700,
      repeat: null,
      operator_down: 'send',
      retention_days: 400,
    })
  })
})

describe.concurrent('largest_amount', () => {
  it('lets its own amount out and not one dinar more', async () => {
    const { live, moved } = await merchantWith({ largest_amount: 500 })
    expect((await live.send('exactly', { amount: 500 })).status).toBe(200)
    const refused = await live.send('more', { amount: 501 })
    expectError(refused, 403, 'LIMIT_EXCEEDED')
    expect(refused.json.error.message).toMatch(/^Nothing was sent/)
    expect(refused.json.error.details).toEqual({ limit: 'largest_amount', allowed: 500, amount: 501 })
    expect((await live.checkRef('more')).status).toBe(404)
    expect((await live.send('more', { amount: 400 })).headers.get('idempotent-replayed')).toBeNull()
    expect(moved()).toBe(900)
  })

  it('counts the price of a fixed plan, whether it was sent or not', async () => {
    const { live, set } = await merchantWith({ largest_amount: 499 })
    for (const amount of [undefined, 0, 500]) {
      const refused = await live.send(`pixx ${amount}`, { plan_code: 'PIXX_500', amount })
      expectError(refused, 403, 'LIMIT_EXCEEDED')
      expect(refused.json.error.details.amount).toBe(500)
    }
    await set({ largest_amount: 500 })
    expect((await live.send('pixx', { plan_code: 'PIXX_500', amount: undefined })).status).toBe(200)
  })

  it('holds for the sandbox too, and null ends it', async () => {
    const { sandbox, set } = await merchantWith({ largest_amount: 500 })
    expectError(await sandbox.send('more', { amount: 501 }), 403, 'LIMIT_EXCEEDED')
    const changed = await set({ largest_amount: null })
    expect(changed.json.data.settings).toEqual({
      daily_amount: null,
      largest_amount: null,
      repeat: null,
      operator_down: 'send',
      retention_days: 400,
    })
    expect((await sandbox.send('more', { amount: 501 })).status).toBe(200)
  })
})

describe.concurrent('daily_amount', () => {
  it('is never passed, however many sends come at once', async () => {
    const { live, moved } = await merchantWith({ daily_amount: 1_000 })
    const sends = Array.from({ length: 12 }, (_, n) =>
      live.send(`at once ${n}`, { ...numbered(n), amount: 150 }),
    )
    const answers = await Promise.all(sends)
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(6)
    for (const answer of answers.filter(({ status }) => status !== 200)) {
      expectError(answer, 403, 'LIMIT_EXCEEDED')
      expect(answer.json.error.details).toMatchObject({ limit: 'daily_amount', allowed: 1_000, amount: 150 })
    }
    expect(moved()).toBe(900)
    expect((await live.send('the rest', { amount: 100 })).status).toBe(200)
    expectError(await live.send('a coin more', { amount: 40 }), 403, 'LIMIT_EXCEEDED')
    expect(moved()).toBe(1_000)
  })

  it('counts a ref once, whatever is sent again', async () => {
    const { live, moved } = await merchantWith({ daily_amount: 1_000 })
    const together = await Promise.all(Array.from({ length: 4 }, () => live.send('once')))
    expect(together.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    expect((await live.send('once')).headers.get('idempotent-replayed')).toBe('true')
    expectError(await live.send('once', { amount: 600 }), 403, 'DUPLICATED_REF')
    expect((await live.send('twice')).status).toBe(200)
    expectError(await live.send('thrice'), 403, 'LIMIT_EXCEEDED')
    expect((await live.send('once')).headers.get('idempotent-replayed')).toBe('true')
    expect(moved()).toBe(1_000)
  })

  it('does not count what was refused', async () => {
    const { id, live, moved } = await merchantWith({ daily_amount: 1_000 })
    expectError(await live.send('catalogue', { plan_code: 'NOBODY', amount: 900 }), 400, 'ERR_VALIDATION')
    expectError(await live.send('too much', { amount: 1_001 }), 403, 'LIMIT_EXCEEDED')
    const error = { code: 'INSUFFICIENT_BALANCE', message: 'Low' }
    provider.fault('send', {
      when: ({ subject }) => subject === `${id}.provider`,
      notAccepted: true,
      answer: { status: 403, body: { success: false, error } },
    })
    expectError(await live.send('provider', { amount: 900 }), 403, 'INSUFFICIENT_BALANCE')
    const whole = await eventually('the refused amount to be given back', async () => {
      const answer = await live.send('whole', { amount: 1_000 })
      return answer.status === 200 && answer
    })
    expect(whole.headers.get('idempotent-replayed')).toBeNull()
    expect(moved()).toBe(1_000)
  })

  it('counts sandbox and production apart', async () => {
    const { live, sandbox, moved } = await merchantWith({ daily_amount: 500 })
    expect((await sandbox.send('first')).status).toBe(200)
    expectError(await sandbox.send('second'), 403, 'LIMIT_EXCEEDED')
    expect((await live.send('first')).status).toBe(200)
    expectError(await live.send('second'), 403, 'LIMIT_EXCEEDED')
    expect(moved()).toBe(500)
  })

  it('raised by the operator, lets the next one out at once', async () => {
    const { live, set } = await merchantWith({ daily_amount: 500 })
    await live.send('first')
    const refused = await live.send('second')
    expect(refused.json.error.details).toEqual({
      limit: 'daily_amount',
      allowed: 500,
      amount: 500,
      sent: 500,
    })
    await set({ daily_amount: 1_000 })
    expect((await live.send('second')).status).toBe(200)
  })
})

describe.concurrent('repeat', () => {
  it('"block" refuses the same amount to the same number, and names the earlier ref', async () => {
    const { live, moved } = await merchantWith({ repeat: { minutes: 10, action: 'block' } })
    const { created_at } = await (async () => {
      await live.send('first')
      return (await live.checkRef('first')).json.data
    })()
    const refused = await live.send('again')
    expectError(refused, 409, 'REPEATED_TOPUP')
    expect(refused.json.error.message).toMatch(/^Nothing was sent.*'first'.*allow_duplicate/)
    const { ref, sent_at } = refused.json.error.details
    expect(ref).toBe('first')
    expect(Math.abs(Date.parse(sent_at) - Date.parse(created_at))).toBeLessThan(60_000)
    expect((await live.checkRef('again')).status).toBe(404)

    expect((await live.send('first')).headers.get('idempotent-replayed')).toBe('true')
    expect((await live.send('other amount', { amount: 501 })).status).toBe(200)
    expect((await live.send('other number', numbered(1))).status).toBe(200)
    expectError(await live.send('false', { allow_duplicate: false }), 409, 'REPEATED_TOPUP')
    const meant = await live.send('again', { allow_duplicate: true })
    expect(meant.status).toBe(200)
    expect(meant.json.data.gateway).not.toHaveProperty('warnings')
    expect(moved()).toBe(500 + 501 + 500 + 500)
  })

  it('"block" lets one of many at once out', async () => {
    const { live, moved } = await merchantWith({ repeat: { minutes: 10, action: 'block' } })
    const answers = await Promise.all(Array.from({ length: 8 }, (_, n) => live.send(`hasty ${n}`)))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(409)])
    expect(moved()).toBe(500)
  })

  it('"warn" lets it out and says so in every answer', async () => {
    const { live, moved } = await merchantWith({ repeat: { minutes: 10, action: 'warn' } })
    expect((await live.send('first')).json.data.gateway).not.toHaveProperty('warnings')
    const warning = { code: 'REPEATED_TOPUP', message: expect.stringContaining("'first'") }
    for (const answer of [await live.send('again'), await live.send('again'), await live.checkRef('again')]) {
      expect(answer.status).toBe(200)
      expect(answer.json.data.gateway.warnings).toEqual([warning])
    }
    expect((await live.checkRef('first')).json.data.gateway).not.toHaveProperty('warnings')
    expect(moved()).toBe(1_000)
  })

  it('looks in its own environment only', async () => {
    const { live, sandbox } = await merchantWith({ repeat: { minutes: 10, action: 'block' } })
    expect((await sandbox.send('test')).status).toBe(200)
    expect((await live.send('live')).status).toBe(200)
    expectError(await sandbox.send('test 2'), 409, 'REPEATED_TOPUP')
  })

  it('and another merchant’s sends are nothing to it', async () => {
    const settings = { repeat: { minutes: 10, action: 'block' }, daily_amount: 500 }
    const [one, other] = [await merchantWith(settings), await merchantWith(settings)]
    expect((await one.live.send('mine')).status).toBe(200)
    expect((await other.live.send('his')).status).toBe(200)
  })
})
