import { describe, expect, it } from 'vitest'
import { classifyLook, isRef, plainRef, readListPage } from '../../../src/provider/classify'
import { answered, failure, NOISE, REF, row, success, TOPUP_ID } from './answers'

const look = (status: number, body: unknown, retryAfter: string | null = null) =>
  classifyLook(answered(status, body, retryAfter), REF)

describe('a look-up finds', () => {
  it('the object of the provider, in our words', () => {
    expect(look(200, success(row()))).toEqual({
      kind: 'found',
      topup: {
        id: TOPUP_ID,
        ref: REF,
        status: 'HANDLING',
        planCode: 'PREPAID_MOBILIS',
        msisdn: '0612345678',
        topupAmountDzd: 500,
        balanceAmountDzd: 480,
        refundMessage: null,
        suggestedOffers: null,
      },
    })
  })

  it('the offers and the message of a refund', () => {
    const suggested_offers = [{ typename: 'FACTURE', plan_code: 'FACTURE_DJEZZY', amount: 500, more: 1 }]
    expect(look(200, success(row({ refund_message: 'لا', suggested_offers })))).toMatchObject({
      topup: {
        refundMessage: 'لا',
        suggestedOffers: [{ typename: 'FACTURE', planCode: 'FACTURE_DJEZZY', amountDzd: 500 }],
      },
    })
  })

  it('any word, without an opinion about it', () => {
    expect(look(200, success(row({ status: 'NEVER_SEEN' })))).toMatchObject({
      topup: { status: 'NEVER_SEEN' },
    })
  })

  it.each([
    ['only what decides', { _id: TOPUP_ID, status: 'FULFILLED' }],
    ['amounts as text', row({ topup_amount: '500', balance_amount: '480' })],
    ['offers of another form', row({ suggested_offers: [{ name: 'x' }] })],
    ['offers that are none', row({ suggested_offers: 'none' })],
    ['nulls', row({ plan_code: null, MSSIDN: null, refund_message: null, topup_amount: null })],
    ['a number as number', row({ MSSIDN: 612345678 })],
    ['more fields', row({ retry_orderid: 'x', operator: {} })],
  ])('%s: a changed type costs that field alone', (_, body) => {
    expect(look(200, success(body))).toMatchObject({ kind: 'found', topup: { id: TOPUP_ID } })
  })

  it('our ref in the form in which the provider stores it', () => {
    expect(look(200, success(row({ ref: `API-+213550000001-${REF}` }))).kind).toBe('found')
  })
})

describe('not found is one answer alone', () => {
  it('404 with the code of the provider', () => {
    expect(look(404, failure('NOT_FOUND'))).toEqual({ kind: 'not_found' })
  })

  it.each([
    ['the bare miss of a router', 404, { message: 'Route not found', error: 'Not Found', statusCode: 404 }],
    ['404 with a page', 404, '<html>404</html>'],
    ['404 under another code', 404, failure('ROUTE_NOT_FOUND')],
    ['the code with 200', 200, failure('NOT_FOUND')],
    ['the code with 400', 400, failure('NOT_FOUND')],
    ['the code with 500', 500, failure('NOT_FOUND')],
    ['410', 410, failure('NOT_FOUND')],
    ['success with nothing in it', 200, success(null)],
    ['404 with a success', 404, success(row())],
  ])('%s is no answer', (_, status, body) => {
    expect(look(status, body).kind).toBe('no_answer')
  })
})

describe('no answer', () => {
  it.each(['timeout', 'network: reset'])('none came: %s', (reason) => {
    expect(classifyLook({ kind: 'failed', reason }, REF)).toEqual({
      kind: 'no_answer',
      reason,
      retryAfterSeconds: null,
    })
  })

  describe.each(NOISE)('%s', (_, body) => {
    it.each([200, 404, 429, 500])('%d', (status) => {
      expect(look(status, body).kind).toBe('no_answer')
    })
  })

  it.each([
    ['another ref', row({ ref: 'order-78' })],
    ['a ref that only ends like ours', row({ ref: `x-${REF}` })],
    ['a stored ref that only ends like ours', row({ ref: `API-+213550000001-x-${REF}` })],
    ['no id', row({ _id: undefined })],
    ['an id that is a number', row({ _id: 7 })],
    ['no status', row({ status: undefined })],
    ['a status that is null', row({ status: null })],
    ['an empty status', row({ status: '' })],
    ['a list', [row()]],
  ])('%s proves nothing', (_, body) => {
    expect(look(200, success(body)).kind).toBe('no_answer')
  })

  it.each([
    [429, '30', 30],
    [429, '7200', 60],
    [503, '5', 5],
    [429, null, null],
    [429, 'soon', null],
  ])('%d with Retry-After %j', (status, header, seconds) => {
    expect(look(status, failure('RATE_LIMIT_EXCEEDED'), header)).toMatchObject({ retryAfterSeconds: seconds })
  })
})

describe('a ref in either form', () => {
  it.each([
    ['order-77', 'order-77'],
    ['API-+213550000001-order-77', 'order-77'],
    ['API-+213550000001-API-x-1', 'API-x-1'],
    ['API-+213550000001-', 'API-+213550000001-'],
    ['api-1-x', 'api-1-x'],
    ['API-1-line\nbreak', 'line\nbreak'],
  ])('%j is %j', (shown, plain) => {
    expect(plainRef(shown)).toBe(plain)
    expect(isRef(shown, plain)).toBe(true)
  })

  it('is compared exactly', () => {
    expect(isRef('Order-77', 'order-77')).toBe(false)
    expect(isRef('API-+213-order-77', 'order-7')).toBe(false)
  })
})

describe('a page of the list', () => {
  const page = (items: unknown, pagination: unknown) =>
    readListPage(answered(200, success({ items, pagination })))

  it('is read whole', () => {
    const pagination = { page: 1, pageSize: 100, totalPages: 2, totalResults: 101 }
    expect(page([row(), row({ _id: 'b' })], pagination)).toMatchObject({
      topups: [{ id: TOPUP_ID }, { id: 'b' }],
      page: 1,
      totalPages: 2,
      totalResults: 101,
    })
  })

  it.each([
    ['nothing', {}],
    ['null', { page: null, totalResults: null }],
    ['texts', { page: '1', totalResults: '101' }],
    ['halves', { page: 1.5, totalResults: 0.5 }],
  ])('need not say which it is, nor how many rows there are: %s', (_, more) => {
    expect(page([], { totalPages: 0, ...more })).toMatchObject({
      topups: [],
      page: null,
      totalPages: 0,
      totalResults: null,
    })
  })

  it.each([
    ['no pagination', [row()], undefined],
    ['pages as text', [row()], { totalPages: '2' }],
    ['half a page', [row()], { totalPages: 1.5 }],
    ['less than no page', [row()], { totalPages: -1 }],
    ['no items', undefined, { totalPages: 1 }],
    ['one row that cannot be read', [row(), { status: 'PENDING' }], { totalPages: 1 }],
  ])('%s: it proves no absence', (_, items, pagination) => {
    expect(page(items, pagination)).toBeNull()
  })

  it.each(NOISE)('nor does %s', (_, body) => {
    expect(readListPage(answered(200, body))).toBeNull()
  })

  it('nor a page that came with an error, or none', () => {
    const body = success({ items: [], pagination: { totalPages: 0 } })
    expect(readListPage(answered(500, body))).toBeNull()
    expect(readListPage(answered(404, body))).toBeNull()
    expect(readListPage({ kind: 'failed', reason: 'timeout' })).toBeNull()
  })
})
