/**
 * What comes back, as schemas: the envelope, and `data` of every answer of `/v3` and `/v2`. For the document and
 * the tests only: the Worker shapes its answers by hand and does not carry this. Strict, so that a field nobody
 * described is noticed.
 */
import * as z from 'zod'
import { ERRORS, type ErrorCode } from '../api/contract'
import { STATUSES } from '../order/state'
import { named, said } from './words'

const CODES = Object.keys(ERRORS).filter((code): code is ErrorCode => code in ERRORS)

export const time = () => z.iso.datetime()
export const whole = () => z.int().nonnegative()
const dzd = (description: string) => said(z.number(), description)
export const stateVersion = () =>
  said(z.int().positive(), '1 when accepted, one more with every event. Ignore what is not newer than yours.')

export const success = named(
  'Success',
  'What every success of `/v3`, `/v1` and `/admin` has around its `data`.',
  z.strictObject({
    success: z.literal(true),
    meta: z.strictObject({ timestamp: time() }),
    requestId: said(z.string(), 'Also in the header `X-Request-Id`; give it with every question to support.'),
  }),
)

const codeTable = CODES.map((code) => `- \`${code}\` (${ERRORS[code].status}): ${ERRORS[code].means}`)
const errorCode = said(
  z.union([z.enum(CODES), z.string()]),
  'One of these, or a code of the provider that was passed on as it came: treat an unknown code by its HTTP status.',
)

export const failure = named(
  'Failure',
  `What every error looks like. Decide by \`code\`; \`message\` is for people and may change.\n\n${codeTable.join('\n')}`,
  z.strictObject({
    success: z.literal(false),
    error: z.strictObject({
      code: errorCode,
      message: said(z.string(), 'For people.'),
      details: said(
        z.record(z.string(), z.unknown()).optional(),
        'What the code is about, e.g. `field` and `value` of `ERR_VALIDATION`.',
      ),
    }),
    requestId: said(z.string(), 'Also in the header `X-Request-Id`; give it with every question to support.'),
  }),
)

export const oldFailure = named(
  'OldFailure',
  'An error of `/v2`.',
  z.strictObject({ error: said(z.string(), 'For people.') }),
)

const offer = named(
  'SuggestedOffer',
  'What the operator would accept for the number instead.',
  z.strictObject({
    typename: said(z.string(), 'Name of the offer.'),
    plan_code: said(z.string(), 'Send this as `plan_code`.'),
    amount: dzd('Face value in DZD.'),
  }),
)

/** The provider's own object, in lists and inside everything else that is about one top-up. */
export const topupFields = {
  _id: said(z.string(), 'Id of the top-up: the one you were told first, for ever.'),
  ref: said(z.string(), 'Your own reference.'),
  status: said(
    z.enum(STATUSES),
    '`FULFILLED` and `REFUNDED` are final. `UNKNOWN_ERROR` is **not** a failure: nobody knows yet.',
  ),
  plan_code: z.string(),
  MSSIDN: said(z.string(), "The customer's number. The provider spells it so."),
  topup_amount: dzd('Face value in DZD; 0 while nobody has said it.'),
  balance_amount: dzd('DZD taken from the balance; 0 while not known, and once refunded.'),
  created_at: time(),
  refund_message: said(z.string().optional(), "The operator's own words for the customer, often Arabic."),
  suggested_offers: z.array(offer).optional(),
}

const topup = named('Topup', "A top-up in the provider's own shape.", z.strictObject(topupFields))

export const warning = named(
  'Warning',
  'Something you should know of a top-up that was sent all the same.',
  z.strictObject({ code: z.enum(['PREFIX_MISMATCH', 'REPEATED_TOPUP']), message: z.string() }),
)

export const flag = named(
  'Flag',
  'Why a human should look at it. It is looked up all the same.',
  z.strictObject({ at: time(), reason: z.string() }),
)

const callbackHealth = named(
  'CallbackHealth',
  'The worst of your endpoints; there only while one keeps failing or was disabled.',
  z.strictObject({
    endpoint: z.string(),
    state: z.enum(['failing', 'disabled']),
    percent: said(z.int(), 'Of the way to being disabled: 25, 50, 75, or 100 once it is.'),
    reason: z.string(),
    disables_at: said(time().nullable(), 'At the earliest, if nothing succeeds.'),
  }),
)

const sentFields = {
  final: said(z.boolean(), 'Only when true may the customer be refunded or told that it arrived.'),
  state_version: stateVersion(),
  status_url: said(z.url(), 'The page for the customer: needs no key, tells nothing of yours.'),
  queue_position: said(
    z.int().positive().optional(),
    'Its place among the sends that wait for their turn, from 1: nothing has left yet.',
  ),
  expected_at: said(
    time().optional(),
    'While it is open: nine in ten of its plan are settled by then. From then on, the time by which 199 in 200 are; after that it is absent.',
  ),
  late: said(
    z.literal(true).optional(),
    'There, and true, when it takes longer than 199 in 200 of its plan. It is looked up all the same.',
  ),
  warnings: z.array(warning).optional(),
  flag: flag.optional(),
  callback_health: callbackHealth.optional(),
}

export const sendResult = named(
  'SendResult',
  'An accepted send. In doubt or not, it has an id and is being tracked.',
  z.strictObject({
    topupId: said(z.string(), 'For `check-id`; frozen.'),
    topupRef: said(z.string(), 'For `check-ref`; made for you when you sent none.'),
    gateway: z.strictObject(sentFields),
  }),
)

export const callback = said(
  z.enum(['none', 'pending', 'held', 'failed', 'delivered']),
  'How far the newest event has come: the least finished of its deliveries.',
)

export const topupStatus = named(
  'TopupStatus',
  "The provider's own object, and what the gateway knows besides.",
  z.strictObject({
    ...topupFields,
    gateway: z.strictObject({
      ...sentFields,
      next_check_at: said(time().nullable(), 'When the provider is asked next; null when it is not.'),
      callback,
    }),
  }),
)

const pagination = named(
  'Pagination',
  "The provider's numbered pages.",
  z.strictObject({ page: whole(), pageSize: whole(), totalPages: whole(), totalResults: whole() }),
)

export const topupPage = named(
  'TopupPage',
  'Top-ups, newest first.',
  z.strictObject({ items: z.array(topup), pagination }),
)

const planFields = {
  code: said(z.string(), 'Send this as `plan_code`. Upper and lower case matter.'),
  name: said(z.string(), 'For people.'),
  operator: z.string(),
  cost: said(z.number().optional(), 'What 1 DZD of face value takes from the balance.'),
  isEnabled: z.boolean(),
}

export const plans = named(
  'Plans',
  'What can be sent, as the provider tells it.',
  z.strictObject({
    dynamicPlans: said(
      z.array(
        z.strictObject({
          ...planFields,
          min_amount: dzd('DZD, included.'),
          max_amount: dzd('DZD, included.'),
        }),
      ),
      'Any whole amount between the two. `GETMENU_…` codes ask which offers a number may get, and cost nothing.',
    ),
    fixedPlans: said(
      z.array(z.strictObject({ ...planFields, amount: dzd('The price, DZD.') })),
      'One price: send the same `amount`, 0 or none.',
    ),
  }),
)

export const balance = named(
  'Balance',
  'Of the provider account that your sends are taken from.',
  z.strictObject({ balance: dzd('DZD.') }),
)

export const transactionPage = named(
  'TransactionPage',
  'Movements of the account, newest first.',
  z.strictObject({
    items: z.array(
      z.strictObject({
        _id: z.string(),
        type: said(z.string(), '`FLEXY` is a top-up, `REFUND-FLEXY` its refund.'),
        operation: z.enum(['DECREMENT', 'INCREMENT']),
        amount: dzd('DZD.'),
        oldBalance: said(z.number().nullable(), 'DZD; null on an account that merchants share.'),
        newBalance: said(z.number().nullable(), 'DZD; null on an account that merchants share.'),
        objid: said(z.string(), 'Id of the top-up.'),
        note: z.string(),
        time: time(),
      }),
    ),
    pagination,
  }),
)

/** The whole answer: the provider sends neither `meta` nor `requestId` here. */
export const validated = named(
  'Validated',
  'What a key is good for.',
  z.strictObject({
    success: z.literal(true),
    data: z.strictObject({
      username: said(z.string(), 'Your merchant id.'),
      apiKey: z.strictObject({
        key: z.string(),
        isEnabled: z.literal(true),
        type: z.enum(['SANDBOX', 'PRODUCTION']),
        allowedips: said(z.array(z.string()), 'Empty: any address.'),
        scope: z.enum(['READ-WRITE', 'READ-ONLY']),
      }),
    }),
  }),
)

const upOrDown = () => said(z.string(), '`up` or `down`.')
export const ping = named(
  'Ping',
  'Whether the provider and its operators are up, at most 15 s old.',
  z.strictObject({
    api: said(z.string(), '`ok`; `error` when the provider does not answer.'),
    operators: z.strictObject({
      mobilis: upOrDown(),
      ooredoo: upOrDown(),
      djezzy: upOrDown(),
      mobilisFixedPlans: upOrDown(),
    }),
  }),
)

const { _id, status, refund_message, suggested_offers } = topupFields
export const oldTopup = named(
  'OldTopup',
  'The status object of `/v2`.',
  z.strictObject({ topup: z.strictObject({ _id, status, refund_message, suggested_offers }) }),
)
