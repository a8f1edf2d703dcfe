/**
 * Answers as they come over the wire, from the provider and from everything that stands between: each with what a
 * careful engineer may conclude, whichever question it answers. A definite no needs the provider's own envelope and
 * a code or a status given before a top-up is made. An id is a definite yes only in a success with 2xx. "Not there" is
 * one answer alone. Everything else is in doubt: it costs a look-up, where a wrong no costs a top-up paid twice.
 */
import { REF, TOPUP_ID } from './answers'

export interface Recorded {
  readonly name: string
  /** Null where no answer came; `body` then says how it ended. */
  readonly status: number | null
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly send: 'accepted' | 'found' | 'refused' | 'in_doubt'
  readonly look: 'found' | 'not_found' | 'no_answer'
  readonly list: 'page' | 'no_page'
  /** The pause that a look-up may take from it, where the header matters. */
  readonly pause?: number | null
}

type Verdict = Partial<Pick<Recorded, 'send' | 'look' | 'list' | 'pause'>>

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' }
const HTML_TYPE = { 'content-type': 'text/html; charset=UTF-8' }

function recorded(
  name: string,
  status: number | null,
  body: unknown,
  verdict: Verdict = {},
  headers: Readonly<Record<string, string>> = JSON_TYPE,
): Recorded {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return {
    name,
    status,
    headers,
    body: text,
    send: 'in_doubt',
    look: 'no_answer',
    list: 'no_page',
    ...verdict,
  }
}

const ACCEPTED: Verdict = { send: 'accepted' }
const REFUSED: Verdict = { send: 'refused' }
const SHOWN: Verdict = { look: 'found' }
const PAGE: Verdict = { list: 'page' }

const meta = { timestamp: '2026-02-01T09:15:30.120Z' }
const requestId = 'req_1769937330_k3v9ab'
const ids = { topupId: TOPUP_ID, topupRef: `API-+213550000001-${REF}` }
const object = {
  _id: TOPUP_ID,
  ref: REF,
  status: 'FULFILLED',
  plan_code: 'PREPAID_DJEZZY',
  MSSIDN: '0778037340',
  topup_amount: 500,
  balance_amount: 496.25,
  created_at: '2026-02-01T09:15:30.120Z',
}
const success = (data: unknown, rest: object = { meta }) => ({ success: true, data, ...rest })
const failure = (code: unknown, message = 'No.', details?: unknown) => ({
  success: false,
  error: { code, message, ...(details === undefined ? {} : { details }) },
  requestId,
})

const SENDS: Recorded[] = [
  recorded('send: as on the reference page, without requestId', 200, success(ids), ACCEPTED),
  recorded('send: with requestId', 200, success(ids, { meta, requestId }), ACCEPTED),
  recorded('send: the request id of Fastify', 200, success(ids, { meta, requestId: 'req-fpg' }), ACCEPTED),
  recorded('send: requestId inside meta', 200, success(ids, { meta: { ...meta, requestId } }), ACCEPTED),
  recorded('send: neither meta nor requestId', 200, success(ids, {}), ACCEPTED),
  recorded('send: with newBalance', 200, success({ ...ids, newBalance: 12_503.75 }), ACCEPTED),
  recorded('send: newBalance as text', 200, success({ ...ids, newBalance: '12503.75' }), ACCEPTED),
  recorded('send: newBalance null', 200, success({ ...ids, newBalance: null }), ACCEPTED),
  recorded("send: the caller's own ref shown", 200, success({ ...ids, topupRef: REF }), ACCEPTED),
  recorded('send: no topupRef', 200, success({ topupId: TOPUP_ID }), ACCEPTED),
  recorded(
    'send: another ref shown: it is our call that was answered',
    200,
    success({ ...ids, topupRef: 'x' }),
    ACCEPTED,
  ),
  recorded('send: 201', 201, success(ids), ACCEPTED),
  recorded('send: 202', 202, success(ids), ACCEPTED),
  recorded(
    'send: a UUID for an id',
    200,
    success({ topupId: '0b9c1f9e-7f5e-4c1c-9c57-3f0f4a1f9d11' }),
    ACCEPTED,
  ),
  recorded('send: meta null', 200, success(ids, { meta: null }), ACCEPTED),
  recorded('send: error null beside it', 200, { ...success(ids), error: null }, ACCEPTED),
  recorded('send: pretty printed', 200, JSON.stringify(success(ids), null, 2), ACCEPTED),
  recorded('send: line feeds around', 200, `\r\n${JSON.stringify(success(ids))}\r\n`, ACCEPTED),
  recorded('send: one BOM, which decoding takes off', 200, `\uFEFF${JSON.stringify(success(ids))}`, ACCEPTED),
  recorded('send: two BOMs', 200, `\uFEFF\uFEFF${JSON.stringify(success(ids))}`),
  recorded('send: called text/plain', 200, success(ids), ACCEPTED, { 'content-type': 'text/plain' }),
  recorded('send: called HTML', 200, success(ids), ACCEPTED, HTML_TYPE),
  recorded('send: no id', 200, success({ topupRef: REF })),
  recorded('send: an empty id', 200, success({ ...ids, topupId: '' })),
  recorded('send: id null', 200, success({ ...ids, topupId: null })),
  recorded('send: id a number', 200, success({ ...ids, topupId: 42 })),
  recorded('send: a number too large for one', 200, `{"success":true,"data":{"topupId":${'9'.repeat(400)}}}`),
  recorded('send: id an object of MongoDB', 200, success({ topupId: { $oid: TOPUP_ID } })),
  recorded('send: id in a list', 200, success({ topupId: [TOPUP_ID] })),
  recorded('send: id in other letters', 200, success({ topupid: TOPUP_ID })),
  recorded('send: v2, a bare body', 200, { topupId: TOPUP_ID, topupRef: REF }),
  recorded('send: queued, and nothing else said', 202, success({ status: 'QUEUED' })),
  recorded('send: data as a text', 200, success(JSON.stringify(ids))),
  recorded('send: data in a list', 200, success([ids])),
]

const OBJECTS: Recorded[] = [
  recorded('look: as on the reference page', 200, success(object, { meta, requestId }), SHOWN),
  recorded('look: pending', 200, success({ ...object, status: 'PENDING' }), SHOWN),
  recorded('look: handling', 200, success({ ...object, status: 'HANDLING' }), SHOWN),
  recorded(
    'look: unknown',
    200,
    success({ ...object, status: 'UNKNOWN_ERROR', refund_message: 'قيد المراجعة' }),
    SHOWN,
  ),
  recorded(
    'look: refunded, the reason in Arabic',
    200,
    success({
      ...object,
      status: 'REFUNDED',
      balance_amount: 0,
      refund_message: 'هذا الرقم لا يقبل هذا العرض، يرجى إرسال أحد العروض التالية',
    }),
    SHOWN,
  ),
  recorded(
    'look: Arabic as escapes',
    200,
    `{"success":true,"data":{"_id":"${TOPUP_ID}","ref":"${REF}","status":"REFUNDED","refund_message":"\\u0647\\u0630\\u0627"}}`,
    SHOWN,
  ),
  recorded(
    'look: half a surrogate in the message',
    200,
    `{"success":true,"data":{"_id":"${TOPUP_ID}","ref":"${REF}","status":"REFUNDED","refund_message":"\\ud83d"}}`,
    SHOWN,
  ),
  recorded(
    'look: offers',
    200,
    success({
      ...object,
      status: 'REFUNDED',
      suggested_offers: [{ typename: '📋 FACTURE | فاتورة', plan_code: 'FACTURE_DJEZZY', amount: 500 }],
    }),
    SHOWN,
  ),
  recorded('look: no offers', 200, success({ ...object, suggested_offers: [] }), SHOWN),
  recorded('look: offers null', 200, success({ ...object, suggested_offers: null }), SHOWN),
  recorded(
    'look: offers without amounts',
    200,
    success({ ...object, suggested_offers: [{ typename: 'X' }] }),
    SHOWN,
  ),
  recorded('look: an offer null', 200, success({ ...object, suggested_offers: [null] }), SHOWN),
  recorded('look: offers as an object', 200, success({ ...object, suggested_offers: { 0: {} } }), SHOWN),
  recorded('look: offers as text', 200, success({ ...object, suggested_offers: '[]' }), SHOWN),
  recorded(
    'look: an amount as text in an offer',
    200,
    success({ ...object, suggested_offers: [{ typename: 'X', plan_code: 'X', amount: '500' }] }),
    SHOWN,
  ),
  recorded(
    'look: follow and retry orders',
    200,
    success({ ...object, follow_orderid: 'a', retry_orderid: 'b' }),
    SHOWN,
  ),
  recorded(
    'look: the stored form of the ref',
    200,
    success({ ...object, ref: `API-+213550000001-${REF}` }),
    SHOWN,
  ),
  recorded('look: no ref, which is optional', 200, success({ ...object, ref: undefined }), SHOWN),
  recorded('look: ref null', 200, success({ ...object, ref: null }), SHOWN),
  recorded('look: the least', 200, success({ _id: TOPUP_ID, status: 'FULFILLED' }, {}), SHOWN),
  recorded('look: the number without its zero', 200, success({ ...object, MSSIDN: 778_037_340 }), SHOWN),
  recorded(
    'look: amounts as text',
    200,
    success({ ...object, topup_amount: '500', balance_amount: '0' }),
    SHOWN,
  ),
  recorded(
    'look: an amount beyond all numbers',
    200,
    `{"success":true,"data":{"_id":"${TOPUP_ID}","ref":"${REF}","status":"HANDLING","topup_amount":1e999}}`,
    SHOWN,
  ),
  recorded('look: a date that is none', 200, success({ ...object, created_at: 'yesterday' }), SHOWN),
  // Words are passed on as they are: what one means is decided elsewhere, and an unknown one is never final there.
  ...['QUEUED', 'SUCCESS', 'FAILED', 'PARTIALLY_FILLED', 'fulfilled', 'Refunded', 'مكتمل', 'CANCELLED'].map(
    (status) => recorded(`look: the word ${status}`, 200, success({ ...object, status }), SHOWN),
  ),
  recorded('look: no word', 200, success({ ...object, status: undefined })),
  recorded('look: an empty word', 200, success({ ...object, status: '' })),
  recorded('look: status null', 200, success({ ...object, status: null })),
  recorded('look: status a number', 200, success({ ...object, status: 3 })),
  recorded('look: status true', 200, success({ ...object, status: true })),
  recorded('look: status in a list', 200, success({ ...object, status: ['FULFILLED'] })),
  recorded('look: no id', 200, success({ ...object, _id: undefined })),
  recorded('look: an empty id', 200, success({ ...object, _id: '' })),
  recorded('look: id an object', 200, success({ ...object, _id: { $oid: TOPUP_ID } })),
  recorded('look: id as in a send', 200, success({ ...object, _id: undefined, id: TOPUP_ID })),
  recorded("look: another one's object", 200, success({ ...object, ref: 'order-78' })),
  recorded(
    "look: another one's, in the stored form",
    200,
    success({ ...object, ref: 'API-+213550000001-order-78' }),
  ),
  recorded('look: a longer ref that ends like ours', 200, success({ ...object, ref: `shop-${REF}` })),
  recorded(
    'look: a stored ref that ends like ours',
    200,
    success({ ...object, ref: `API-+213550000001-2-${REF}` }),
  ),
  recorded('look: ours in capitals', 200, success({ ...object, ref: REF.toUpperCase() })),
  recorded('look: ours with a space', 200, success({ ...object, ref: `${REF} ` })),
  recorded('look: an empty ref', 200, success({ ...object, ref: '' })),
  recorded(
    'look: an internet top-up of no ref of ours',
    200,
    success({ ...object, ref: 'adsl-1', type: 'ADSL', number: '023456789' }),
  ),
  recorded('look: v2', 200, { topup: object }),
  recorded('look: the object alone', 200, object),
  recorded('look: in a list', 200, success([object])),
  recorded('look: nothing', 200, success(null)),
  recorded('look: an empty object', 200, success({})),
  recorded('look: the object with 404', 404, success(object)),
  recorded('look: the object with 500', 500, success(object)),
  recorded('look: the object with success false', 200, { ...success(object), success: false }),
]

const pages = (items: unknown, pagination: unknown) => success({ items, pagination })
const PAGES = { page: 1, pageSize: 100, totalPages: 1, totalResults: 1 }

const LISTS: Recorded[] = [
  recorded('list: as on the reference page', 200, pages([object], PAGES), PAGE),
  recorded('list: nothing yet', 200, pages([], { ...PAGES, totalPages: 0, totalResults: 0 }), PAGE),
  recorded('list: nothing, and one page of it', 200, pages([], { ...PAGES, totalResults: 0 }), PAGE),
  recorded('list: a row older than the count', 200, pages([object], { ...PAGES, totalPages: 0 }), PAGE),
  recorded('list: a word nobody knows', 200, pages([{ ...object, status: 'NEW' }], PAGES), PAGE),
  recorded('list: only the pages counted', 200, pages([object], { totalPages: 3 }), PAGE),
  recorded('list: a row without a ref', 200, pages([{ ...object, ref: undefined }], PAGES), PAGE),
  recorded('list: malformed offers in a row', 200, pages([{ ...object, suggested_offers: 1 }], PAGES), PAGE),
  recorded(
    'list: pages counted in meta',
    200,
    success({ items: [object] }, { meta: { ...meta, pagination: PAGES } }),
  ),
  recorded('list: rows under another name', 200, success({ topups: [object], pagination: PAGES })),
  recorded('list: only rows', 200, success({ items: [object] })),
  recorded('list: rows null', 200, pages(null, PAGES)),
  recorded('list: rows by number', 200, pages({ 0: object }, PAGES)),
  recorded('list: a row null', 200, pages([object, null], PAGES)),
  recorded('list: a row without an id', 200, pages([{ ...object, _id: undefined }], PAGES)),
  recorded('list: a row without a status', 200, pages([object, { ...object, status: null }], PAGES)),
  recorded('list: pages as text', 200, pages([object], { ...PAGES, totalPages: '1' })),
  recorded('list: pages null', 200, pages([object], { ...PAGES, totalPages: null })),
  recorded('list: a page and a half', 200, pages([object], { ...PAGES, totalPages: 1.5 })),
  recorded('list: less than none', 200, pages([object], { ...PAGES, totalPages: -1 })),
  recorded(
    'list: more than can be counted',
    200,
    '{"success":true,"data":{"items":[],"pagination":{"totalPages":1e300}}}',
  ),
  recorded('list: a page with 500', 500, pages([object], PAGES)),
  recorded('list: a page with 404', 404, pages([object], PAGES)),
  recorded('list: not a success', 200, { ...pages([object], PAGES), success: false }),
]

const BAD_NUMBER = { field: 'MSSIDN', value: '778037340' }
const BAD_NUMBER_TEXT = 'body/MSSIDN must match pattern "^0[567][0-9]{8}$"'
const NO_MONEY = 'Your balance is insufficient for this operation'
const AMOUNTS = { required: 496.25, available: 12.5 }
const IN_USE = 'This reference ID is already in use'
const FOUND: Verdict = { send: 'found' }

const ERRORS: Recorded[] = [
  recorded('validation', 400, failure('ERR_VALIDATION', BAD_NUMBER_TEXT, BAD_NUMBER), REFUSED),
  recorded('validation without details', 400, failure('ERR_VALIDATION', 'amount is required'), REFUSED),
  recorded('a number that is none', 400, failure('INVALID_PHONE'), REFUSED),
  recorded('no balance', 403, failure('INSUFFICIENT_BALANCE', NO_MONEY, AMOUNTS), REFUSED),
  recorded('no balance, the other name', 403, failure('NO_BALANCE', 'Insufficient balance'), REFUSED),
  recorded('no key', 401, failure('MISSING_ACCESS_TOKEN', 'Access token is required'), REFUSED),
  recorded('no key, as 400', 400, failure('MISSING_ACCESS_TOKEN', 'Access token is required'), REFUSED),
  recorded('a wrong key', 401, failure('INVALID_ACCESS_TOKEN', 'No.', { attemptsLeft: 4 }), REFUSED),
  recorded('a wrong key, the other name', 401, failure('ERR_AUTH'), REFUSED),
  recorded(
    'too many wrong keys',
    403,
    failure('IP_BLOCKED', 'Your IP has been temporarily blocked'),
    REFUSED,
  ),
  recorded('an address that is not allowed', 403, failure('IP_NOT_ALLOWED'), REFUSED),
  recorded('a key that is off', 403, failure('API_DISABLED'), REFUSED),
  recorded('too many requests', 429, failure('RATE_LIMIT_EXCEEDED'), REFUSED),
  recorded('a duplicate, as documented', 403, failure('DUPLICATED_REF', IN_USE), FOUND),
  recorded('a duplicate, as captured', 403, failure('DUPLICATED-REF', `${IN_USE}.`), FOUND),
  recorded('a duplicate as a conflict', 409, failure('DUPLICATED_REF', IN_USE), FOUND),
  recorded('a duplicate as 400: still not a no', 400, failure('DUPLICATED-REF', IN_USE), FOUND),
  recorded('a duplicate with the old one', 403, failure('DUPLICATED_REF', IN_USE, ids), FOUND),
  recorded('not found', 404, failure('NOT_FOUND', `Top-up with reference '${REF}' not found`), {
    look: 'not_found',
  }),
  recorded(
    'not found, without a request id',
    404,
    { success: false, error: { code: 'NOT_FOUND', message: 'Not found' } },
    { look: 'not_found' },
  ),
  recorded(
    'not found, without a message',
    404,
    { success: false, error: { code: 'NOT_FOUND' } },
    { look: 'not_found' },
  ),
  recorded('not found, with data null', 404, { ...failure('NOT_FOUND'), data: null }, { look: 'not_found' }),
  recorded('internal', 500, failure('INTERNAL_ERROR', 'An internal error occurred')),
  recorded('internal, no code', 500, { success: false, error: { message: 'Internal' }, requestId }),
  recorded(
    'the key service is away',
    503,
    failure('AUTH_UNAVAILABLE'),
    { pause: 5 },
    { ...JSON_TYPE, 'retry-after': '5' },
  ),
  recorded('service unavailable', 503, failure('SERVICE_UNAVAILABLE')),
  recorded('the operator is away', 503, failure('PARTNER_UNAVAILABLE')),
  recorded('400 under a new code', 400, failure('ERR_PLAN_DISABLED'), REFUSED),
  recorded('401 under a new code', 401, failure('TOKEN_EXPIRED'), REFUSED),
  recorded('403 under a new code', 403, failure('READ_ONLY_KEY')),
  recorded('404 under a new code', 404, failure('PLAN_NOT_FOUND')),
  recorded('409: a payment that is under way', 409, failure('PAYMENT_IN_PROGRESS')),
  recorded('410: expired', 410, failure('EXPIRED')),
  recorded('413', 413, failure('PAYLOAD_TOO_LARGE')),
  recorded('422: validation by another status', 422, failure('ERR_VALIDATION', BAD_NUMBER_TEXT), REFUSED),
  recorded('422 under a new code', 422, failure('UNPROCESSABLE')),
  recorded('408', 408, failure('REQUEST_TIMEOUT')),
  recorded('425', 425, failure('TOO_EARLY')),
  recorded('429 under a new code', 429, failure('SLOW_DOWN')),
  recorded('499', 499, failure('CLIENT_CLOSED_REQUEST')),
  recorded('a payment is required', 402, failure('PAYMENT_REQUIRED')),
  recorded('no balance, as 402', 402, failure('INSUFFICIENT_BALANCE', NO_MONEY, AMOUNTS), REFUSED),
  recorded('an error without a message', 400, { success: false, error: { code: 'ERR_VALIDATION' } }, REFUSED),
  recorded(
    'the message a list',
    400,
    { success: false, error: { code: 'ERR_VALIDATION', message: ['a', 'b'] } },
    REFUSED,
  ),
  recorded('the details a list', 400, failure('ERR_VALIDATION', 'No.', [BAD_NUMBER]), REFUSED),
  recorded('the details a text', 403, failure('NO_BALANCE', 'No.', '12 DZD'), REFUSED),
  recorded('the details null', 403, failure('NO_BALANCE', 'No.', null), REFUSED),
  recorded('with meta, which errors do not have', 403, { ...failure('NO_BALANCE'), meta }, REFUSED),
]

const SPELLINGS: Recorded[] = [
  // A hyphen was captured in one code only. Elsewhere the spelling is unknown, and the status alone decides.
  recorded('no balance with a hyphen', 403, failure('INSUFFICIENT-BALANCE')),
  recorded('no balance with a hyphen, the other name', 403, failure('NO-BALANCE')),
  recorded('a blocked address with a hyphen', 403, failure('IP-BLOCKED')),
  recorded('validation with a hyphen', 400, failure('ERR-VALIDATION'), REFUSED),
  recorded('a wrong key with a hyphen', 401, failure('INVALID-ACCESS-TOKEN'), REFUSED),
  recorded('not found with a hyphen', 404, failure('NOT-FOUND')),
  recorded('not found in small letters', 404, failure('not_found')),
  recorded('no balance in small letters', 403, failure('insufficient_balance')),
  recorded('no balance with a space after it', 403, failure('INSUFFICIENT_BALANCE ')),
  recorded('a duplicate in small letters', 403, failure('duplicated_ref')),
  recorded('a duplicate by another word', 403, failure('DUPLICATE_REF')),
  recorded('an empty code', 403, failure('')),
  recorded('the code of an object', 403, failure('__proto__')),
  recorded('the code a number', 403, failure(403)),
  recorded('the code null', 400, failure(null)),
  recorded('the code in a list', 400, failure(['ERR_VALIDATION'])),
]

const MIXED: Recorded[] = [
  recorded('a no with 200', 200, failure('INSUFFICIENT_BALANCE', NO_MONEY)),
  recorded('validation with 200', 200, failure('ERR_VALIDATION')),
  recorded('a duplicate with 200', 200, failure('DUPLICATED_REF')),
  recorded('not found with 200', 200, failure('NOT_FOUND')),
  recorded('not found with 400', 400, failure('NOT_FOUND'), REFUSED),
  recorded('not found with 410', 410, failure('NOT_FOUND')),
  recorded('not found with 500', 500, failure('NOT_FOUND')),
  recorded('a no with 500', 500, failure('INSUFFICIENT_BALANCE')),
  recorded('validation with 502', 502, failure('ERR_VALIDATION')),
  recorded('a wrong key with 503', 503, failure('INVALID_ACCESS_TOKEN')),
  recorded('a duplicate with 500', 500, failure('DUPLICATED_REF')),
  recorded('a no with 302', 302, failure('INSUFFICIENT_BALANCE')),
  ...[400, 401, 403, 404, 409, 429, 500, 502, 503].map((status) =>
    recorded(`a yes with ${status}`, status, success(ids)),
  ),
  recorded('a yes with 301', 301, success(ids)),
  recorded('neither yes nor no', 200, { data: ids, error: null }),
  recorded('success null', 200, { ...success(ids), success: null }),
  recorded('success a text', 200, { ...success(ids), success: 'true' }),
  recorded('success 1', 200, { ...success(ids), success: 1 }),
  recorded('failure 0', 400, { ...failure('ERR_VALIDATION'), success: 0 }),
  recorded('failure a text', 400, { ...failure('ERR_VALIDATION'), success: 'false' }),
  recorded('an error and no success', 400, { error: failure('ERR_VALIDATION').error }),
  recorded('an error as a text, v2', 400, { error: 'Invalid phone number' }),
  recorded('an error as a text in the envelope', 403, { success: false, error: 'INSUFFICIENT_BALANCE' }),
  recorded('an error in a list', 403, { success: false, error: [{ code: 'INSUFFICIENT_BALANCE' }] }),
  recorded('error null', 400, { success: false, error: null }),
  recorded('only a failure', 400, { success: false }),
  recorded("the envelope of Cloudflare's own API", 400, {
    success: false,
    errors: [{ code: 1000, message: 'x' }],
    messages: [],
    result: null,
  }),
  recorded('the problem form', 400, { type: 'about:blank', title: 'Bad Request', status: 400 }),
  recorded('the envelope of an API gateway', 403, { message: 'Forbidden' }),
  recorded(
    'a success twice said, the last counts',
    200,
    `{"success":false,"success":true,"data":{"topupId":"${TOPUP_ID}"}}`,
    ACCEPTED,
  ),
  // A no that carries the id of a top-up contradicts itself: somebody made one.
  recorded('a no that names a new top-up', 400, { ...failure('ERR_VALIDATION'), data: ids }),
  recorded('no balance, and a new top-up', 403, { ...failure('INSUFFICIENT_BALANCE'), data: ids }),
  // An object that names itself, and not as ours.
  recorded('look: the ref another number', 200, success({ ...object, ref: 78 })),
  recorded('look: the ref an object', 200, success({ ...object, ref: { value: 'order-78' } })),
]

const page = (title: string, server: string) =>
  `<!DOCTYPE html>\n<html><head><title>${title}</title></head>\n<body>\n<center><h1>${title}</h1></center>\n<hr><center>${server}</center>\n</body>\n</html>\n`
const CLOUDFLARE = { ...HTML_TYPE, server: 'cloudflare', 'cf-ray': '9a1b2c3d4e5f6789-CDG' }
const CLOUDFLARE_ERRORS: [number, string][] = [
  [500, 'Internal Server Error'],
  [502, 'Bad gateway'],
  [503, 'Service Temporarily Unavailable'],
  [504, 'Gateway time-out'],
  [520, 'Web server is returning an unknown error'],
  [521, 'Web server is down'],
  [522, 'Connection timed out'],
  [523, 'Origin is unreachable'],
  [524, 'A timeout occurred'],
  [525, 'SSL handshake failed'],
  [526, 'Invalid SSL certificate'],
  [527, 'Railgun error'],
  [530, 'Origin DNS error'],
]
const text = (
  name: string,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = HTML_TYPE,
) => recorded(name, status, body, {}, headers)

const BETWEEN: Recorded[] = [
  ...CLOUDFLARE_ERRORS.map(([status, title]) =>
    text(
      `Cloudflare ${status}`,
      status,
      page(`api.oneclickdz.com | ${status}: ${title}`, 'cloudflare'),
      CLOUDFLARE,
    ),
  ),
  text(
    'Cloudflare: just a moment',
    403,
    '<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>',
    { ...CLOUDFLARE, 'cf-mitigated': 'challenge' },
  ),
  text(
    'Cloudflare: you have been blocked',
    403,
    page('Attention Required! | Cloudflare', 'cloudflare'),
    CLOUDFLARE,
  ),
  text('Cloudflare 1015', 429, page('Access denied | you are being rate limited', 'cloudflare'), {
    ...CLOUDFLARE,
    'retry-after': '30',
  }),
  text('Cloudflare in short', 502, 'error code: 502', { 'content-type': 'text/plain; charset=UTF-8' }),
  text('Cloudflare 1020', 403, 'error code: 1020', { 'content-type': 'text/plain; charset=UTF-8' }),
  recorded('Cloudflare, the problem form', 524, {
    type: 'https://developers.cloudflare.com/',
    title: 'Error 524: A timeout occurred',
    status: 524,
    cloudflare_error: true,
    retryable: true,
  }),
  text('nginx 400', 400, page('400 Bad Request', 'nginx/1.24.0')),
  text(
    'nginx 400, plain HTTP on the port of TLS',
    400,
    page('400 The plain HTTP request was sent to HTTPS port', 'nginx'),
  ),
  text('nginx 401', 401, page('401 Authorization Required', 'nginx')),
  text('nginx 403', 403, page('403 Forbidden', 'nginx')),
  text('nginx 404', 404, page('404 Not Found', 'nginx')),
  text('nginx 405', 405, page('405 Not Allowed', 'nginx')),
  text('nginx 413', 413, page('413 Request Entity Too Large', 'nginx')),
  text('nginx 414', 414, page('414 Request-URI Too Large', 'nginx')),
  text('nginx 429', 429, page('429 Too Many Requests', 'nginx')),
  text('nginx 502', 502, page('502 Bad Gateway', 'nginx/1.24.0 (Ubuntu)')),
  text('nginx 504', 504, page('504 Gateway Time-out', 'nginx')),
  text('nginx: it works', 200, page('Welcome to nginx!', 'nginx')),
  text(
    'HAProxy 503',
    503,
    '<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n',
  ),
  text(
    'HAProxy 408',
    408,
    "<html><body><h1>408 Request Time-out</h1>\nYour browser didn't send a complete request in time.\n</body></html>",
  ),
  text('a load balancer of AWS', 502, page('502 Bad Gateway', ''), { ...HTML_TYPE, server: 'awselb/2.0' }),
  text(
    'Envoy',
    503,
    'upstream connect error or disconnect/reset before headers. reset reason: connection failure',
    { server: 'envoy' },
  ),
  text('Envoy: no healthy upstream', 503, 'no healthy upstream', { server: 'envoy' }),
  text('Varnish', 503, page('503 Backend fetch failed', 'Varnish cache server')),
  text('Squid', 407, page('ERR_CACHE_ACCESS_DENIED', 'squid')),
  text('Traefik', 502, 'Bad Gateway', { 'content-type': 'text/plain' }),
  text('Traefik 404', 404, '404 page not found\n', { 'content-type': 'text/plain' }),
  text('Heroku H12', 503, '<iframe src="//www.herokucdn.com/error-pages/application-error.html"></iframe>'),
  recorded('Fastify: no such path', 404, {
    message: 'Route POST:/v3/mobile/send not found',
    error: 'Not Found',
    statusCode: 404,
  }),
  recorded('Fastify: no JSON', 400, {
    statusCode: 400,
    code: 'FST_ERR_CTP_INVALID_JSON_BODY',
    error: 'Bad Request',
    message: 'Body is not valid JSON',
  }),
  recorded('Fastify: its own validation', 400, {
    statusCode: 400,
    code: 'FST_ERR_VALIDATION',
    error: 'Bad Request',
    message: 'body/amount must be integer',
  }),
  recorded('Fastify: a media type', 415, {
    statusCode: 415,
    code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE',
    error: 'Unsupported Media Type',
    message: '',
  }),
  recorded('Fastify: too large', 413, {
    statusCode: 413,
    code: 'FST_ERR_CTP_BODY_TOO_LARGE',
    error: 'Payload Too Large',
    message: '',
  }),
  recorded('Fastify: internal', 500, {
    statusCode: 500,
    error: 'Internal Server Error',
    message: 'E11000 duplicate key error',
  }),
  recorded('Fastify: its limiter', 429, {
    statusCode: 429,
    error: 'Too Many Requests',
    message: 'Rate limit exceeded, retry in 1 minute',
  }),
  text('Express: no such path', 404, page('Cannot POST /v3/mobile/send', '')),
  text(
    'a captive portal',
    200,
    '<html><head><meta http-equiv="refresh" content="0;url=http://login.hotel/"></head></html>',
  ),
  text('a captive portal that says so', 511, page('511 Network Authentication Required', '')),
  text('a portal of an operator', 200, '<html dir="rtl"><body>رصيدك غير كاف</body></html>'),
  text('a parked domain', 200, page('This domain is for sale', '')),
  text('maintenance with 200', 200, page('We will be back soon', '')),
  text('maintenance with 503', 503, page('We will be back soon', ''), {
    ...HTML_TYPE,
    'retry-after': '3600',
  }),
  text('moved', 301, page('301 Moved Permanently', 'nginx'), {
    ...HTML_TYPE,
    location: 'https://www.oneclickdz.com/',
  }),
  text('to a login', 302, '', { location: 'https://login.example/' }),
  text('see other', 303, '', { location: '/v3/mobile/list' }),
  text('temporarily elsewhere', 307, '', { location: 'https://api2.oneclickdz.com/v3/mobile/send' }),
  text('permanently elsewhere', 308, '', { location: 'https://api2.oneclickdz.com/v3/mobile/send' }),
  text('not modified', 304, ''),
  text('no content', 204, ''),
  text('reset content', 205, ''),
  ...[200, 201, 202, 400, 401, 403, 404, 429, 500, 502, 503].map((status) =>
    text(`nothing with ${status}`, status, ''),
  ),
  text('a teapot', 418, "I'm a teapot"),
  text('for legal reasons', 451, page('Unavailable For Legal Reasons', '')),
  recorded('an upgrade is required', 426, { message: 'Upgrade Required' }),
]

const YES = JSON.stringify(success(ids, { meta, requestId }))
const NO = JSON.stringify(failure('INSUFFICIENT_BALANCE', NO_MONEY, AMOUNTS))
const OBJECT = JSON.stringify(success(object))
const NOT_THERE = JSON.stringify(failure('NOT_FOUND', `Top-up with reference '${REF}' not found`))
/** Cut after these shares of the whole: in a key, in a text, after the id, before the last brace. */
const CUTS = [0.02, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 0.999]

const BROKEN: Recorded[] = [
  ...CUTS.flatMap((share) => [
    recorded(`a yes, cut at ${share}`, 200, YES.slice(0, Math.floor(YES.length * share))),
    recorded(`a no, cut at ${share}`, 403, NO.slice(0, Math.floor(NO.length * share))),
    recorded(`an object, cut at ${share}`, 200, OBJECT.slice(0, Math.floor(OBJECT.length * share))),
    recorded(`not there, cut at ${share}`, 404, NOT_THERE.slice(0, Math.floor(NOT_THERE.length * share))),
  ]),
  recorded('a yes twice', 200, YES + YES),
  recorded('a yes, then a page', 200, `${YES}<!-- served by cache -->`),
  recorded('a warning, then a yes', 200, `Warning: x in /srv/index.php on line 3\n${YES}`),
  recorded('a no with the guard of old browsers', 403, `)]}',\n${NO}`),
  recorded('a yes as a callback', 200, `callback(${YES})`),
  recorded('a yes in single quotes', 200, YES.replaceAll('"', "'")),
  recorded('a yes as a text', 200, JSON.stringify(YES)),
  recorded('a no as a text', 403, JSON.stringify(NO)),
  recorded('a yes in a list', 200, `[${YES}]`),
  recorded('a yes with a comma too many', 200, YES.replace(/\}$/, ',}')),
  recorded('zero bytes before a yes', 200, `\0\0${YES}`),
  recorded('letters of two bytes', 200, [...YES].join('\0')),
  recorded('bytes that are no text', 200, '\u{1f}\uFFFD\b\0\0\0\0\0\0\u{3}\uFFFDV*.'),
  recorded('an event stream', 200, `data: ${YES}\n\n`, {}, { 'content-type': 'text/event-stream' }),
  recorded('the head of a chunk left in', 200, `5e\r\n${YES}\r\n0\r\n\r\n`),
  ...[
    'null',
    'true',
    'false',
    '0',
    '-1e400',
    '"FULFILLED"',
    '""',
    '[]',
    '[[]]',
    '{}',
    'NaN',
    'undefined',
    ' ',
  ].map((body) => recorded(`only ${JSON.stringify(body)}`, 200, body)),
  recorded('only null, with 404', 404, 'null'),
  recorded('only {}, with 400', 400, '{}'),
  recorded('deep, and nothing in it', 200, `${'['.repeat(100_000)}${']'.repeat(100_000)}`),
  // Its own words are a no; how deep the details are changes nothing about it.
  recorded(
    'a no with deep details',
    400,
    `{"success":false,"error":{"code":"ERR_VALIDATION","message":"No.","details":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}}`,
    REFUSED,
  ),
  recorded(
    'not there, with deep details',
    404,
    `{"success":false,"error":{"code":"NOT_FOUND","message":"No.","details":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}}`,
    { look: 'not_found' },
  ),
  recorded('a very long message', 403, failure('NO_BALANCE', 'x'.repeat(200_000)), REFUSED),
]

const after = (header: string) => ({ ...JSON_TYPE, 'retry-after': header })
const PAUSES: [header: string, pause: number | null][] = [
  ['0', 0],
  ['1', 1],
  ['30', 30],
  ['60', 60],
  ['61', 60],
  ['3600', 60],
  ['99999999999999999999', 60],
  ['-5', null],
  ['soon', null],
  ['30 seconds', null],
  ['NaN', null],
  ['Infinity', null],
  ['Wed, 21 Oct 2026 07:28:00 GMT', null],
  ['5, 10', null],
]

const WAITS: Recorded[] = PAUSES.flatMap(([header, pause]) => [
  recorded(
    `429, Retry-After: ${header}`,
    429,
    failure('RATE_LIMIT_EXCEEDED'),
    { ...REFUSED, pause },
    after(header),
  ),
  recorded(`503, Retry-After: ${header}`, 503, page('503', 'nginx'), { pause }, after(header)),
])

const LOST: Recorded[] = [
  'timeout',
  'network: connection reset by peer',
  'network: connection refused',
  'network: DNS: SERVFAIL',
  'network: TLS handshake failed',
  'network: certificate has expired',
  'network: socket hang up',
  'network: the body ended early',
  'network: answer too large',
  'network: too many subrequests',
  'network',
  '',
].map((reason) => recorded(`no answer: ${reason}`, null, reason))

export const CORPUS: readonly Recorded[] = [
  ...SENDS,
  ...OBJECTS,
  ...LISTS,
  ...ERRORS,
  ...SPELLINGS,
  ...MIXED,
  ...BETWEEN,
  ...BROKEN,
  ...WAITS,
  ...LOST,
]
