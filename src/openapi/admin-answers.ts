/** What the operator is answered: `data` of `/admin`. See answers.ts. */
import * as z from 'zod'
import { time } from './answers'
import { pageOf } from './merchant-answers'
import { named, said } from './words'

const state = () => z.enum(['active', 'disabled'])
const limit = () => z.int().positive().nullable()

const summaryFields = {
  id: z.string(),
  name: said(z.string(), 'For people.'),
  state: said(state(), 'While `disabled` none of the keys is let in; orders are tracked all the same.'),
  created_at: time(),
}

const merchantFields = {
  ...summaryFields,
  settings: said(
    z.strictObject({
      daily_amount: said(limit(), 'DZD of face value in one Algerian day.'),
      largest_amount: said(limit(), 'DZD of face value in one send.'),
      repeat: said(
        z.strictObject({ minutes: z.int().positive(), action: z.enum(['warn', 'block']) }).nullable(),
        'The same amount to the same number again within these minutes.',
      ),
      operator_down: said(
        z.enum(['send', 'refuse']),
        'What becomes of a send to an operator that the provider calls down.',
      ),
      retention_days: said(z.int().positive(), 'For how long orders are kept whole, counted from their end.'),
    }),
    'The limits and wishes of the merchant; null is off.',
  ),
  wallet: said(z.enum(['operator', 'own']), 'Whose provider account production sends go through.'),
}

export const merchant = named('Merchant', 'A merchant of the gateway.', z.strictObject(merchantFields))

export const merchantList = named(
  'MerchantList',
  'In order of their ids. A new merchant appears within a minute.',
  pageOf(z.strictObject(summaryFields)),
)

const keyFields = {
  id: z.string(),
  environment: z.enum(['sandbox', 'production']),
  scope: z.enum(['READ-WRITE', 'READ-ONLY']),
  name: said(z.string(), 'For people.'),
  allowed_ips: said(z.array(z.string()), 'Empty: any address.'),
  state: state(),
  created_at: time(),
  last_used_at: said(time().nullable(), 'Exact to some ten minutes; null when never.'),
}

export const key = named('Key', 'An API key; the key itself is stored nowhere.', z.strictObject(keyFields))
export const createdKey = named(
  'CreatedKey',
  'The key, this once.',
  z.strictObject({ ...keyFields, key: said(z.string(), 'Shown here and never again.') }),
)

export const credential = named(
  'Credential',
  "A merchant's own provider account; the credential is shown to nobody.",
  z.strictObject({ account: said(z.string(), 'The end of its name.'), set_at: time() }),
)

export const fullMerchant = named(
  'FullMerchant',
  'A merchant with all keys.',
  z.strictObject({
    ...merchantFields,
    credential: said(credential.nullable(), 'Null: the operator’s account is used.'),
    keys: z.array(key),
  }),
)

export const nothing = said(z.null(), 'Nothing is left to show.')
