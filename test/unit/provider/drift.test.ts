import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type DriftCall, driftOf } from '../../../src/provider/drift/drift'
import { Findings } from '../../../src/provider/drift/findings'
import { masked, sampleOf, word } from '../../../src/provider/drift/text'
import { accepted, answered, failure, REF, row, success, TOPUP_ID } from './answers'
import { CORPUS } from './corpus'

const CALLS: readonly DriftCall[] = ['send', 'look', 'list', 'read']
const kinds = (call: DriftCall, status: number, body: unknown) =>
  driftOf(call, answered(status, body)).map(({ kind }) => kind)
const page = (
  items: unknown,
  pagination: unknown = { page: 1, pageSize: 100, totalPages: 1, totalResults: 1 },
) => success({ items, pagination })

describe('what is documented is no drift', () => {
  const offers = [{ typename: '📋 FACTURE | فاتورة', plan_code: 'FACTURE_DJEZZY', amount: 500 }]
  it.each<[string, DriftCall, number, unknown]>([
    ['an accepted send', 'send', 200, accepted()],
    ['an accepted send with the new balance', 'send', 200, accepted({ newBalance: 12.5 })],
    ['an accepted send with a request id', 'send', 200, { ...accepted(), requestId: 'req-fpg' }],
    ['a top-up', 'look', 200, success(row())],
    [
      'a top-up with the optional fields',
      'look',
      200,
      success(row({ follow_orderid: 'a', retry_orderid: 'b' })),
    ],
    ['a top-up without a ref', 'look', 200, success(row({ ref: undefined }))],
    [
      'a refund',
      'look',
      200,
      success(row({ status: 'REFUNDED', refund_message: 'لا', suggested_offers: offers })),
    ],
    [
      'optional fields that are null',
      'look',
      200,
      success(row({ refund_message: null, suggested_offers: null })),
    ],
    ['a page', 'list', 200, page([row(), row({ ref: 'API-1-x' })])],
    ['a page of nothing', 'list', 200, page([])],
    [
      'any data of another read',
      'read',
      200,
      { success: true, data: { username: 'x', apiKey: { any: [1] } } },
    ],
    ['too many requests', 'list', 429, failure('RATE_LIMIT_EXCEEDED')],
    ['a top-up that is not there', 'look', 404, failure('NOT_FOUND')],
    ['an error page', 'look', 403, '\n <!DOCTYPE html><html>Attention required</html>'],
    ['an error page for too many requests', 'send', 429, '<html>'],
  ])('%s (%s)', (_, call, status, body) => {
    expect(kinds(call, status, body)).toEqual([])
  })

  it.each(['PENDING', 'HANDLING', 'FULFILLED', 'REFUNDED', 'UNKNOWN_ERROR'])('the word %s', (status) => {
    expect(kinds('look', 200, success(row({ status })))).toEqual([])
    expect(kinds('list', 200, page([row({ status })]))).toEqual([])
  })

  it.each([
    [400, 'ERR_VALIDATION', { field: 'MSSIDN', value: '778037340' }],
    [400, 'INVALID_PHONE', undefined],
    [400, 'MISSING_ACCESS_TOKEN', undefined],
    [401, 'MISSING_ACCESS_TOKEN', undefined],
    [401, 'INVALID_ACCESS_TOKEN', { attemptsLeft: 4 }],
    [401, 'ERR_AUTH', undefined],
    [403, 'IP_BLOCKED', undefined],
    [403, 'IP_NOT_ALLOWED', undefined],
    [403, 'API_DISABLED', undefined],
    [403, 'INSUFFICIENT_BALANCE', { required: 500, available: 2 }],
    [403, 'NO_BALANCE', null],
    [403, 'DUPLICATED_REF', undefined],
    [403, 'DUPLICATED-REF', undefined],
  ])('a send that is answered %d %s', (status, code, details) => {
    expect(kinds('send', status, failure(code, { details }))).toEqual([])
  })

  it.each(CALLS)('no answer at all to a %s, and any 5xx', (call) => {
    expect(driftOf(call, { kind: 'failed', reason: 'timeout' })).toEqual([])
    for (const body of [
      '',
      '<html>',
      'oops',
      '{}',
      '[1]',
      failure('NEW_CODE', { more: 1 }),
      success({ foo: 1 }),
    ]) {
      expect(kinds(call, 500, body)).toEqual([])
      expect(kinds(call, 599, body)).toEqual([])
    }
  })
})

describe('what is new has one short name', () => {
  it.each<[string, DriftCall, number, unknown]>([
    ['look: status "AWAITING_REVIEW"', 'look', 200, success(row({ status: 'AWAITING_REVIEW' }))],
    ['look: status "fulfilled"', 'look', 200, success(row({ status: 'fulfilled' }))],
    [
      'list: status "QUEUED"',
      'list',
      200,
      page([row(), row({ status: 'QUEUED' }), row({ status: 'QUEUED' })]),
    ],
    ['send: 409 code "TRY_AGAIN"', 'send', 409, failure('TRY_AGAIN')],
    ['send: 400 code "ERR_PLAN_DISABLED"', 'send', 400, failure('ERR_PLAN_DISABLED')],
    ['send: 402 code "NO_BALANCE"', 'send', 402, failure('NO_BALANCE')],
    ['send: 404 code "NOT_FOUND"', 'send', 404, failure('NOT_FOUND')],
    ['look: 403 code "DUPLICATED_REF"', 'look', 403, failure('DUPLICATED_REF')],
    ['list: 404 code "NOT_FOUND"', 'list', 404, failure('NOT_FOUND')],
    ['send: 403 without error.code', 'send', 403, failure(undefined)],
    ['send: 403 without error.code', 'send', 403, failure(403)],
    ['send: 403 without error.code', 'send', 403, { success: false, error: 'NO_BALANCE' }],
    ['send: 403 with data', 'send', 403, { ...failure('NO_BALANCE'), data: { topupId: TOPUP_ID } }],
    ['send: error field "hint" is new', 'send', 403, failure('NO_BALANCE', { hint: 'x' })],
    ['send: "message" is a list', 'send', 400, failure('ERR_VALIDATION', { message: ['a'] })],
    ['send: "details" is a list', 'send', 400, failure('ERR_VALIDATION', { details: [] })],
    ['send: 200 without data.topupId', 'send', 200, accepted({ topupId: undefined })],
    ['send: 200 without data.topupId', 'send', 200, accepted({ topupId: '' })],
    ['send: 200 without data.topupId', 'send', 200, accepted({ topupId: null })],
    ['send: "topupId" is a number', 'send', 200, accepted({ topupId: 42 })],
    ['send: field "orderId" is new', 'send', 200, accepted({ orderId: 42 })],
    ['send: http 202', 'send', 202, accepted()],
    ['send: 200 without data', 'send', 200, { success: true }],
    ['send: "data" is a list', 'send', 200, success([])],
    ['send: 200 code "NO_BALANCE"', 'send', 200, { ...accepted(), error: { code: 'NO_BALANCE' } }],
    ['send: 200 with an error', 'send', 200, { ...accepted(), error: 'no' }],
    ['look: 200 is not JSON', 'look', 200, '<html>'],
    ['look: 200 is not JSON', 'look', 200, '{"success":true,'],
    ['look: 404 is not JSON', 'look', 404, 'not here'],
    ['look: 302 is not JSON', 'look', 302, '<html>'],
    ['look: 200 is a list', 'look', 200, '[]'],
    ['look: 200 is null', 'look', 200, 'null'],
    [
      'look: 404 without success',
      'look',
      404,
      { message: 'Route not found', error: 'Not Found', statusCode: 404 },
    ],
    ['look: 200 without success', 'look', 200, { topup: row() }],
    ['look: 200 with success: false', 'look', 200, { ...success(row()), success: false }],
    ['look: 404 with success: true', 'look', 404, { ...failure('NOT_FOUND'), success: true }],
    ['look: field "foo" is new', 'look', 200, success(row({ foo: 1 }))],
    ['look: field "constructor" is new', 'look', 200, success(row({ constructor: 1 }))],
    [
      'look: field "__proto__" is new',
      'look',
      200,
      JSON.stringify(success(row())).replace('{"_id"', '{"__proto__":1,"_id"'),
    ],
    ['look: envelope field "version" is new', 'look', 200, { ...success(row()), version: 4 }],
    ['look: meta field "node" is new', 'look', 200, { ...success(row()), meta: { node: 1 } }],
    ['look: "meta" is a string', 'look', 200, { ...success(row()), meta: 'x' }],
    ['look: "topup_amount" is a string', 'look', 200, success(row({ topup_amount: '500' }))],
    ['look: "_id" is an object', 'look', 200, success(row({ _id: { $oid: TOPUP_ID } }))],
    ['look: 200 without data._id', 'look', 200, success(row({ _id: undefined }))],
    ['look: 200 without data.created_at', 'look', 200, success(row({ created_at: null }))],
    ['look: offer field "cost" is new', 'look', 200, success(row({ suggested_offers: [{ cost: 1 }] }))],
    ['look: "amount" is a string', 'look', 200, success(row({ suggested_offers: [{ amount: '500' }] }))],
    ['look: an offer is null', 'look', 200, success(row({ suggested_offers: [null] }))],
    ['list: 200 without data.items', 'list', 200, success({ pagination: { totalPages: 1 } })],
    ['list: 200 without data.pagination', 'list', 200, success({ items: [] })],
    ['list: 200 without data.pagination.totalPages', 'list', 200, page([], { page: 1 })],
    ['list: "totalPages" is a string', 'list', 200, page([], { totalPages: '1' })],
    ['list: pagination field "next" is new', 'list', 200, page([], { totalPages: 1, next: 'x' })],
    [
      'list: data field "cursor" is new',
      'list',
      200,
      success({ items: [], pagination: { totalPages: 1 }, cursor: 'x' }),
    ],
    ['list: "items" is an object', 'list', 200, page({})],
    ['list: a row is null', 'list', 200, page([row(), null])],
    ['list: a row without status', 'list', 200, page([row({ status: undefined })])],
    ['list: field "foo" is new', 'list', 200, page([row({ foo: 1 }), row({ foo: 2 })])],
    ['read: 200 without data', 'read', 200, { success: true, account: {} }],
  ])('%s', (kind, call, status, body) => {
    const found = kinds(call, status, body)
    expect(found).toContain(kind)
    expect(found.length).toBeLessThanOrEqual(2)
  })

  it('an empty word is none, and has no name of its own', () => {
    expect(kinds('look', 200, success(row({ status: '' })))).toEqual(['look: 200 without data.status'])
  })

  it('and an answer with much that is new has each of them, once', () => {
    const drifts = kinds('look', 200, success(row({ status: 'NEW', foo: 1, topup_amount: '5' })))
    expect(drifts.toSorted()).toEqual([
      'look: "topup_amount" is a string',
      'look: field "foo" is new',
      'look: status "NEW"',
    ])
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`field${index}`, 1]))
    expect(kinds('look', 200, success(row(many)))).toHaveLength(20)
  })
})

describe('a word of a stranger', () => {
  it('is cut to 40 characters, and its control characters are dots', () => {
    expect(word('x'.repeat(1_000))).toBe('x'.repeat(40))
    expect(word('a\nb\u0000c\u202ed\u2028e')).toBe('a·b·c·d·e')
    expect(word(`${'x'.repeat(39)}📱`).isWellFormed()).toBe(true)
  })

  it('that is a phone number is masked', () => {
    expect(kinds('look', 200, success(row({ '0661234567': 1 })))).toEqual(['look: field "06••••••67" is new'])
  })
})

describe('a sample', () => {
  const sample = (call: DriftCall, body: unknown) => driftOf(call, answered(200, body))[0]?.sample ?? ''

  it('is the answer, with the number masked and all the rest as it was', () => {
    const body = success(row({ status: 'NEW' }))
    const text = JSON.stringify(body).replace('0612345678', '06••••••78')
    expect(sample('look', body)).toBe(`{"status":"NEW"} in ${text}`)
    expect(text).toContain(TOPUP_ID)
    expect(text).toContain(REF)
  })

  it('begins with what is new, however late in the answer it is, and has 500 characters at most', () => {
    const text = sample('look', success(row({ refund_message: 'x'.repeat(2_000), foo: [1] })))
    expect(text).toMatch(/^\{"foo":\[1\]\} in \{"success":true/)
    expect(text).toHaveLength(500)
  })

  it('of a row is that row, not the page', () => {
    const text = sample(
      'list',
      page([...Array.from({ length: 50 }, () => row()), row({ _id: 'last', foo: 1 })]),
    )
    expect(text).toMatch(/^\{"foo":1\} in \{"_id":"last"/)
  })

  it('is the first, where a kind is found more than once', () => {
    expect(sample('list', page([row({ foo: 'first' }), row({ foo: 'second' })]))).toMatch(
      /^\{"foo":"first"\}/,
    )
  })

  it('of what is found after a row is the answer again', () => {
    const seen = new Findings('list', 'the answer')
    seen.inside('a row', () => seen.add('inside'))
    seen.add('outside')
    expect(seen.all().map((drift) => drift.sample)).toEqual(['"a row"', 'the answer'])
  })

  it('never shows the beginning of a number that it cuts', () => {
    for (let before = 470; before <= 500; before++) {
      expect(sampleOf(`${'x'.repeat(before)} 0661234567`)).not.toContain('0661')
    }
  })
})

describe('a phone number', () => {
  it.each([
    ['0661234567', '06••••••67'],
    ['+213661234567', '+2136••••••67'],
    ['00213661234567', '002136••••••67'],
    ['213661234567', '2136••••••67'],
    ['+2130661234567', '+21306••••••67'],
    ['+213 (0) 661 23 45 67', '+213 (0) 6•• •• •• 67'],
    ['06 61 23 45 67', '06 •• •• •• 67'],
    ['06-61-23-45-67', '06-••-••-••-67'],
    ['06.61.23.45.67', '06.••.••.••.67'],
    ['"MSSIDN":778037340}', '"MSSIDN":7••••••40}'],
    ['API-+213550000001-order-77', 'API-+2135••••••01-order-77'],
    ['%2B213550000001', '%2B2135••••••01'],
    ['%20661234567', '%206••••••67'],
    ['tel0661234567', 'tel06••••••67'],
    ['order_0661234567_1', 'order_06••••••67_1'],
    ['\\u06460661234567', '\\u064606••••••67'],
    ['٠٦٦١٢٣٤٥٦٧', '٠٦••••••٦٧'],
    ['0661234567,0771234568', '06••••••67,07••••••68'],
  ])('%s is shown as %s', (text, shown) => {
    expect(masked(text)).toBe(shown)
  })

  it.each([
    TOPUP_ID,
    '69a0612345678bcde0123456',
    '0b9c1f9e-7f5e-4c1c-9c57-a0661234567b',
    'req_1769937330_k3v9ab',
    '2026-02-01T09:15:30.120Z',
    '1769937330123',
    '12503.75',
    '500000',
    '06612345678901',
    '021234567',
    'ERR_VALIDATION',
  ])('%s is none', (text) => {
    expect(masked(text)).toBe(text)
  })

  it('is nowhere in what is kept, wherever the provider put it', () => {
    const number = fc
      .tuple(fc.constantFrom('5', '6', '7'), fc.stringMatching(/^[0-9]{8}$/))
      .map((two) => two.join(''))
    const form = fc.constantFrom('0', '+213', '00213', '213')
    const around = fc.stringMatching(/^[a-z :,"{}_-]{0,40}$/)
    fc.assert(
      fc.property(
        fc.constantFrom(...CALLS),
        number,
        form,
        around,
        around,
        (call, digits, lead, before, after) => {
          const written = `${before}${lead}${digits}${after}`
          const bodies = [
            written,
            success(row({ status: written })),
            success({ [written]: written }),
            failure(written),
          ]
          for (const body of bodies) {
            for (const status of [200, 404]) {
              expect(JSON.stringify(driftOf(call, answered(status, body)))).not.toContain(digits)
            }
          }
        },
      ),
    )
  })
})

describe('any answer', () => {
  const value = fc.anything({ maxDepth: 3, withNullPrototype: true })
  const body = fc.oneof(
    fc.json(),
    fc.string({ unit: 'binary' }),
    value.map((data) => text({ success: true, data })),
    value.map((data) => text(success({ items: [data], pagination: data }))),
    value.map((data) => text(success(row({ suggested_offers: [data], status: data })))),
    value.map((code) => text(failure(code))),
    fc.dictionary(fc.string({ unit: 'binary' }), value).map((data) => text(success(data))),
  )
  const status = fc.oneof(fc.constantFrom(200, 202, 302, 400, 403, 404, 429, 500), fc.integer())

  function text(each: unknown): string {
    try {
      return (
        JSON.stringify(each, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner)) ?? ''
      )
    } catch {
      return ''
    }
  }

  it('has few kinds, each short, printable and found once, and never throws', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CALLS), status, body, (call, httpStatus, bytes) => {
        const drifts = driftOf(call, answered(httpStatus, bytes))
        expect(drifts.length).toBeLessThanOrEqual(20)
        expect(new Set(drifts.map(({ kind }) => kind)).size).toBe(drifts.length)
        for (const { kind, sample } of drifts) {
          expect(kind.startsWith(`${call}: `)).toBe(true)
          expect(kind.length).toBeLessThanOrEqual(80)
          expect(kind).not.toMatch(/[\p{Cc}\p{Cs}]/u)
          expect(sample.length).toBeLessThanOrEqual(500)
          expect(sample.isWellFormed()).toBe(true)
        }
      }),
      { numRuns: 3_000 },
    )
  })

  it('of the recorded ones is bounded too', () => {
    for (const { status: httpStatus, body: bytes, headers } of CORPUS) {
      if (httpStatus === null) continue
      for (const call of CALLS) {
        const drifts = driftOf(call, answered(httpStatus, bytes, headers['retry-after'] ?? null))
        expect(drifts.length).toBeLessThanOrEqual(20)
        if (httpStatus >= 500) expect(drifts).toEqual([])
      }
    }
  })
})
