import { describe, expect, test, vi } from 'vitest'
import { Ledger } from '../../src/sandbox/ledger'
import { decodeCommand } from '../../src/sandbox/protocol'
import { sandboxFetch } from '../../src/sandbox/sandbox'

/**
 * Stands in for the runtime's objects: one ledger a name, reached over the requests that itty-durable makes
 * (method in the path, arguments in a header), which must therefore be plain ASCII.
 */
function fakeNamespace(): DurableObjectNamespace {
  const ledgers = new Map<string, Ledger>()
  let made = 0
  const newId = (now: number) => {
    made += 1
    return (
      Math.floor(now / 1000)
        .toString(16)
        .padStart(8, '0') + made.toString(16).padStart(16, '0')
    )
  }
  const answer = (ledger: Ledger, encoded: string): unknown => {
    const command = decodeCommand(encoded)
    const now = Date.now()
    if (command.call === 'send') return ledger.send(command.order, now, newId)
    if (command.call === 'find_by_ref') return ledger.findByRef(command.refs, now)
    if (command.call === 'find_by_id') return ledger.findById(command.id, now)
    if (command.call === 'list') return ledger.list(command.query, now)
    if (command.call === 'transactions') return ledger.transactions(command.query, now)
    return { balance: ledger.balance(now) }
  }
  const fake = {
    idFromName: (name: string) => ({ name }),
    get: ({ name }: { name: string }) => ({
      fetch: (request: Request) => {
        expect(new URL(request.url).pathname).toBe('/do/call/run')
        expect([...request.headers.keys()]).toEqual(['do-content'])
        const content = request.headers.get('do-content') ?? ''
        expect(content).toMatch(/^[\x20-\x7e]*$/)
        const ledger = ledgers.get(name) ?? new Ledger(null)
        ledgers.set(name, ledger)
        return Promise.resolve(Response.json(answer(ledger, JSON.parse(content)[0])))
      },
    }),
  }
  return fake as unknown as DurableObjectNamespace
}

function provider(token = 'demo') {
  const fetchIt = sandboxFetch(fakeNamespace())
  const headers: Record<string, string> = token === '' ? {} : { 'X-Access-Token': token }
  const request = (path: string, init: RequestInit = {}) =>
    fetchIt(
      new Request(`https://sandbox.invalid/v3/${path}`, {
        ...init,
        headers: { ...headers, ...init.headers },
      }),
    )
  const get = async (path: string) => {
    const response = await request(path)
    return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) }
  }
  const send = (body: unknown) =>
    request('mobile/send', { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) })
  return { request, get, send }
}

const ORDER = { plan_code: 'PREPAID_DJEZZY', MSSIDN: '0778037340', amount: 500, ref: 'order-77' }

describe('the key', () => {
  test.each([
    ['', 'MISSING_ACCESS_TOKEN'],
    ['not a key', 'INVALID_ACCESS_TOKEN'],
    ['x'.repeat(65), 'INVALID_ACCESS_TOKEN'],
  ])('%j is refused with 401', async (token, code) => {
    const { status, headers, body } = await provider(token).get('account/balance')
    expect(status).toBe(401)
    expect(body).toMatchObject({ success: false, error: { code } })
    expect(headers.get('X-Request-Id')).toBe(body.requestId)
    expect(body.requestId).toMatch(/^req_[0-9]{10}_[a-z0-9]{6}$/)
  })

  test('names an account with a balance of its own', async () => {
    const fetchIt = sandboxFetch(fakeNamespace())
    const ask = async (token: string, path: string, init: RequestInit = {}) => {
      const request = new Request(`https://sandbox.invalid/v3/${path}`, init)
      request.headers.set('X-Access-Token', token)
      return JSON.parse(await (await fetchIt(request)).text())
    }
    await ask('a', 'mobile/send', { method: 'POST', body: JSON.stringify(ORDER) })
    expect((await ask('a', 'account/balance')).data).toEqual({ balance: 99_999_503.75 })
    expect((await ask('b'.repeat(64), 'account/balance')).data).toEqual({ balance: 100_000_000 })
  })

  test('is described without meta and request id', async () => {
    const { body } = await provider().get('validate')
    expect(Object.keys(body)).toEqual(['success', 'data'])
    expect(body.data.username).toMatch(/^\+2136[0-9]{8}$/)
    expect(body.data.apiKey).toEqual({
      key: 'demo',
      isEnabled: true,
      type: 'SANDBOX',
      allowedips: [],
      scope: 'READ-WRITE',
    })
  })
})

describe('a send', () => {
  test('answers the id and the caller’s ref, and both look-ups find it', async () => {
    const { get, send } = provider()
    const answer = JSON.parse(await (await send(ORDER)).text())
    expect(answer).toMatchObject({ success: true, data: { topupRef: 'order-77' } })
    expect(answer.data.topupId).toMatch(/^[0-9a-f]{24}$/)
    expect(Object.keys(answer).sort()).toEqual(['data', 'meta', 'requestId', 'success'])

    const byRef = await get('mobile/check-ref/order-77')
    expect(byRef.body.data).toEqual({
      _id: answer.data.topupId,
      ref: 'order-77',
      status: 'PENDING',
      plan_code: 'PREPAID_DJEZZY',
      MSSIDN: '0778037340',
      topup_amount: 500,
      balance_amount: 496.25,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    })
    expect((await get(`mobile/check-id/${answer.data.topupId}`)).body.data).toEqual(byRef.body.data)
  })

  test.each([
    ['{"plan_', 'body must be valid JSON'],
    ['[]', 'body must be object'],
    [{ ...ORDER, plan_code: undefined }, "body must have required property 'plan_code'"],
    [{ ...ORDER, MSSIDN: undefined }, "body must have required property 'MSSIDN'"],
    [{ ...ORDER, MSSIDN: '778037340' }, 'body/MSSIDN must match pattern "^0[567][0-9]{8}$"'],
    [{ ...ORDER, MSSIDN: 778037340 }, 'body/MSSIDN must be string'],
    [{ ...ORDER, MSSIDN: '0665000000' }, "body/MSSIDN operator does not match plan 'PREPAID_DJEZZY'"],
    [{ ...ORDER, plan_code: 'NOPE' }, 'body/plan_code must be equal to one of the allowed values'],
    [{ ...ORDER, amount: undefined }, "body must have required property 'amount'"],
    [{ ...ORDER, amount: 99 }, 'body/amount must be >= 100'],
    [{ ...ORDER, amount: 10_001 }, 'body/amount must be <= 10000'],
    [{ ...ORDER, amount: 500.5 }, 'body/amount must be integer'],
    [{ ...ORDER, ref: 'x'.repeat(201) }, 'body/ref must NOT have more than 200 characters'],
    [
      { plan_code: 'PIXX_500', MSSIDN: '0661234567', amount: 400 },
      'body/amount must be equal to constant 500',
    ],
  ])('of %j is refused', async (body, message) => {
    const answer = await provider().send(body)
    expect(answer.status).toBe(400)
    const { error } = JSON.parse(await answer.text())
    expect(error).toMatchObject({ code: 'ERR_VALIDATION', message })
    expect(Object.keys(error.details)).toEqual(['field', 'value'])
  })

  test.each([
    '{"plan_code":"PIXX_500","MSSIDN":"0661234567"}',
    '{"plan_code":"PIXX_500","MSSIDN":"0661234567","amount":0}',
    '{"plan_code":"PIXX_500","MSSIDN":"0661234567","amount":500.0}',
    '{"plan_code":"GETMENU_Mobilis","MSSIDN":"0661234567","amount":0}',
    '{"plan_code":"PREPAID_OOREDOO","MSSIDN":"0600000001","amount":100}',
  ])('of %s is accepted', async (body) => {
    expect((await provider().send(body)).status).toBe(200)
  })

  test('of a used ref is 403 DUPLICATED_REF, also when a thousand arrive together', async () => {
    const { send } = provider()
    const statuses = await Promise.all(Array.from({ length: 1000 }, async () => (await send(ORDER)).status))
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 403)).toHaveLength(999)
    expect(JSON.parse(await (await send(ORDER)).text()).error.code).toBe('DUPLICATED_REF')
  })

  test('with outcome 05 is accepted, but its answer breaks off', async () => {
    const { get, send } = provider()
    const answer = await send({ ...ORDER, MSSIDN: '0600010005' })
    expect(answer.status).toBe(200)
    await expect(answer.text()).rejects.toThrow()
    expect((await get('mobile/check-ref/order-77')).status).toBe(200)
  })

  test('with outcomes 06 and 07 answers 500; only 07 was accepted', async () => {
    const { get, send } = provider()
    expect((await send({ ...ORDER, MSSIDN: '0600010006', ref: 'six' })).status).toBe(500)
    expect((await send({ ...ORDER, MSSIDN: '0600010007', ref: 'seven' })).status).toBe(500)
    expect((await get('mobile/check-ref/six')).status).toBe(404)
    expect((await get('mobile/check-ref/seven')).status).toBe(200)
    expect((await send({ ...ORDER, MSSIDN: '0600010006', ref: 'six' })).status).toBe(200)
  })
})

describe('a look-up', () => {
  test.each(['a b', '{"id": 1}', 'a+b', 'a/b/c', 'طلب-٧٧', '100%', '%2F', '?x=1#y', '..;/', '✓'.repeat(200)])(
    'finds the ref %j, in both its forms',
    async (ref) => {
      const { get, send } = provider()
      await send({ ...ORDER, ref })
      expect((await get(`mobile/check-ref/${encodeURIComponent(ref)}`)).body.data.ref).toBe(ref)
      const stored = (await get('mobile/list')).body.data.items[0].ref
      expect(stored).toMatch(/^API-\+2136[0-9]{8}-/)
      expect((await get(`mobile/check-ref/${encodeURIComponent(stored)}`)).body.data.ref).toBe(ref)
    },
  )

  test.each(['nobody', '%ZZ', '%E0%A4', '%', 'x'.repeat(4000)])('of %s is 404', async (raw) => {
    const { status, body } = await provider().get(`mobile/check-ref/${raw}`)
    expect(status).toBe(404)
    expect(body.error).toEqual({ code: 'NOT_FOUND', message: `Top-up with reference '${raw}' not found` })
    expect((await provider().get(`mobile/check-id/${raw}`)).body.error.code).toBe('NOT_FOUND')
  })

  test('with outcome 10 is throttled every second time, 12 answers HTML', async () => {
    const { get, request, send } = provider()
    await send({ ...ORDER, MSSIDN: '0600010010' })
    expect((await get('mobile/check-ref/order-77')).status).toBe(200)
    const throttled = await get('mobile/check-ref/order-77')
    expect([throttled.status, throttled.headers.get('Retry-After')]).toEqual([429, '1'])
    expect((await get('mobile/check-ref/order-77')).status).toBe(200)

    await send({ ...ORDER, MSSIDN: '0600010012', ref: 'html' })
    const page = await request('mobile/check-ref/html')
    expect([page.status, page.headers.get('Content-Type')]).toEqual([502, 'text/html; charset=UTF-8'])
  })

  test('sees a refund with its offers, and the money back', async () => {
    vi.useFakeTimers({ now: 1_700_000_000_000, toFake: ['Date'] })
    try {
      const { get, send } = provider()
      await send({ ...ORDER, MSSIDN: '0600010002' })
      vi.setSystemTime(1_700_000_001_000)
      const { data } = (await get('mobile/check-ref/order-77')).body
      expect(data).toMatchObject({ status: 'REFUNDED', balance_amount: 0 })
      expect(data.suggested_offers[0]).toMatchObject({ plan_code: 'FACTURE_DJEZZY', amount: 500 })
      expect((await get('account/balance')).body.data.balance).toBe(100_000_000)
      const rows: { type: string }[] = (await get('account/transactions')).body.data.items
      expect(rows.map((row) => row.type)).toEqual(['REFUND-FLEXY', 'FLEXY'])
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('a list', () => {
  test.each([
    ['pageSize=101', 'querystring/pageSize must be <= 100'],
    ['page=0', 'querystring/page must be >= 1'],
    ['page=x', 'querystring/page must be integer'],
    ['from=2026-01-01', 'querystring must have property to when property from is present'],
    ['to=2026-01-01', 'querystring must have property from when property to is present'],
    ['from=yesterday&to=2026-01-01', 'querystring/from must match format "date-time"'],
  ])('with %s is refused', async (query, message) => {
    for (const path of ['mobile/list', 'account/transactions']) {
      const { status, body } = await provider().get(`${path}?${query}`)
      expect(status).toBe(400)
      expect(body.error).toMatchObject({ code: 'ERR_VALIDATION', message })
    }
  })

  test('has 20 rows a page by default', async () => {
    const { get, send } = provider()
    for (let count = 0; count < 21; count += 1) await send({ ...ORDER, amount: 100, ref: `r${count}` })
    const { items, pagination } = (await get('mobile/list')).body.data
    expect(items).toHaveLength(20)
    expect(pagination).toEqual({ page: 1, pageSize: 20, totalPages: 2, totalResults: 21 })
  })
})

test('plans have the documented fields, and no cost where the provider sends none', async () => {
  const { dynamicPlans, fixedPlans } = (await provider().get('mobile/plans')).body.data
  const named = (code: string) => [...dynamicPlans, ...fixedPlans].find((plan) => plan.code === code)
  expect(named('PREPAID_DJEZZY')).toMatchObject({ operator: 'Djezzy', cost: 0.9925, min_amount: 100 })
  expect(named('PIXX_500')).toMatchObject({ operator: 'Pixx', cost: 0.97, amount: 500, isEnabled: true })
  expect(named('GROS_MOBILIS')).not.toHaveProperty('cost')
})

test('ping needs no key', async () => {
  const { status, body } = await provider('').get('ping')
  expect(status).toBe(200)
  expect(body.data).toMatchObject({ api: 'ok', operators: { mobilisFixedPlans: 'up' } })
})

test('an unknown path is the router’s bare 404', async () => {
  const { status, headers, body } = await provider().get('mobile/nothing')
  expect(status).toBe(404)
  expect(body).toEqual({
    message: 'Route GET:/v3/mobile/nothing not found',
    error: 'Not Found',
    statusCode: 404,
  })
  expect(headers.get('X-Request-Id')).toMatch(/^req_/)
})
