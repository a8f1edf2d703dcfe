/**
 * Names and sentences for the schemas of contract.ts. What zod checks by a function is no part of a JSON
 * schema, so it is said here.
 */
import * as contract from '../api/contract'
import { body, said } from './words'

const DAY_OR_TIME =
  'ISO 8601: a date, or a date and a time in UTC or with an offset (`2026-11-23T10:00:00Z`).'
const NEXT = '`next_cursor` of the page before.'
const NO_OTHERS = 'Other fields are refused: a limit that was mistyped is no limit.'
const ADDRESSES = 'IPv4 or IPv6 addresses and ranges such as `192.0.2.0/24`; empty: any address.'

body('SendBody', 'A top-up. Fields that are not listed are ignored.', contract.sendBody)
const send = contract.sendBody.shape
said(send.plan_code, 'A `code` of `GET /v3/mobile/plans`. Upper and lower case matter.')
said(send.MSSIDN, "The customer's Algerian mobile number. The provider spells it so.")
said(send.amount, 'Face value in whole DZD. On fixed and `GETMENU_…` plans it may be absent or 0.')
said(
  send.ref,
  'Your own reference: one top-up for ever. Without one, every send is a new top-up. Well-formed Unicode; not `.` or `..`.',
)
said(
  send.allow_duplicate,
  'You mean it: send although the same amount went to this number a moment ago (`REPEATED_TOPUP`).',
)

said(
  send.callback_url,
  'For this order alone, in place of the URL of the endpoint on the same host and port: its keys sign, its `events` and its state decide. In production that endpoint must have proven itself. `https` like an endpoint’s URL. Part of "the same body".',
)

const pages = contract.pagesQuery.shape
said(
  pages.page,
  'From 1. Turning the pages goes through the rows that were there on the first, for 10 minutes.',
)
said(pages.pageSize, 'Rows on a page.')
said(pages.from, `Created at or after this; only together with \`to\`. ${DAY_OR_TIME}`)
said(pages.to, `Created at or before this; only together with \`from\`. ${DAY_OR_TIME}`)

const orders = contract.ordersQuery.shape
said(orders.ref, 'Exactly this reference of yours.')
said(orders.id, 'Id of the top-up, yours or the provider’s.')
said(
  orders.number,
  'An Algerian mobile number as people write it: `+213…`, `00213…`, spaces, Arabic-Indic digits.',
)
said(orders.status, 'Only orders with this status.')
said(orders.phase, 'Only orders in this phase.')
said(orders.plan, 'Exactly this `plan_code`.')
said(orders.amount, 'Face value in DZD.')
said(orders.from, `Created at or after this. ${DAY_OR_TIME}`)
said(orders.to, `Created at or before this. ${DAY_OR_TIME}`)
said(
  orders.updated_after,
  `Changed at or after this: asked again with the newest time seen, nothing is missed. ${DAY_OR_TIME}`,
)
said(orders.cursor, NEXT)
said(orders.limit, 'Rows on a page.')

const deliveries = contract.deliveriesQuery.shape
said(deliveries.state, 'Only deliveries in this state.')
said(deliveries.endpoint_id, 'Only to this endpoint.')
said(deliveries.ref, 'Only of this order.')
said(deliveries.cursor, NEXT)
said(contract.merchantsQuery.shape.cursor, NEXT)

const CALLBACK_URL =
  '`https` URL of a public host on port 443 or 8443, without credentials or fragment, 2048 characters at most; on a developer’s machine also plain `http` on loopback.'
body('CreateEndpointBody', 'A callback URL to register.', contract.createEndpointBody)
said(contract.createEndpointBody.shape.url, CALLBACK_URL)
said(
  contract.createEndpointBody.shape.events,
  'Without it, all of top-ups; `summary.daily` and `reconciliation.completed` must be named.',
)
said(contract.createEndpointBody.shape.description, 'For people.')
const FOLD = 'Of what was held, only the newest event of an order is sent; the others are cancelled.'
const NOTIFY =
  'Another URL, with the rules of `url`: told, signed with the same keys, when callbacks keep failing (25, 50, 75 % of the way to being disabled, and then).'
said(contract.createEndpointBody.shape.fold_superseded, FOLD)
said(contract.createEndpointBody.shape.notify_url, NOTIFY)
body('ChangeEndpointBody', 'What is absent stays as it is.', contract.changeEndpointBody)
said(contract.changeEndpointBody.shape.state, '`paused` holds events; `active` lets them go.')
said(
  contract.changeEndpointBody.shape.url,
  `${CALLBACK_URL} In production another URL must prove itself anew.`,
)
said(contract.changeEndpointBody.shape.events, 'From the next event on.')
said(contract.changeEndpointBody.shape.fold_superseded, FOLD)
said(contract.changeEndpointBody.shape.notify_url, `${NOTIFY} Null: nobody.`)
said(contract.deleteEndpointQuery.shape.held, 'What it holds is never sent; it stays listed as cancelled.')
said(contract.deleteEndpointQuery.shape.move_to, 'Endpoint that is sent what this one holds.')

body(
  'RotateKeysBody',
  'Other fields are refused: a mistyped overlap would let a leaked key sign on.',
  contract.rotateKeysBody,
)
said(
  contract.rotateKeysBody.shape.overlap_hours,
  'For so long the former keys sign beside the new ones; with 0 they stop at once.',
)

body('TestEndpointBody', 'Which event to send an example of.', contract.testEndpointBody)
body(
  'CheckSignatureBody',
  'A callback as its receiver has it, and the key that it checks with. Without a key, those of `endpoint_id` are tried, or of all your endpoints.',
  contract.checkSignatureBody,
)
const callback = contract.checkSignatureBody.shape
said(callback.headers, 'As they arrived; the case of names does not matter. A list where one arrived twice.')
said(callback.body, 'The raw text that your code has, before anything parses it.')
said(callback.secret, '`whsec_…`; never repeated, kept or logged.')
said(callback.public_key, '`whpk_…`, instead of `secret`.')
said(callback.endpoint_id, 'Of whose keys the signature may be.')

body('CreateMerchantBody', `A new merchant. ${NO_OTHERS}`, contract.createMerchantBody)
body('ChangeMerchantBody', `What is absent stays as it is. ${NO_OTHERS}`, contract.changeMerchantBody)
const merchant = contract.changeMerchantBody.shape
said(merchant.state, '`disabled` shuts all keys out within a minute.')
said(merchant.settings, 'Limits and wishes. Null is off; what is absent stays.')
const settings = merchant.settings.unwrap().shape
said(settings.daily_amount, 'DZD of face value in one Algerian day.')
said(settings.largest_amount, 'DZD of face value in one send.')
said(settings.repeat, 'The same amount to the same number again within these minutes.')
said(
  settings.operator_down,
  'What becomes of a send to an operator that the provider calls down: `send`, as if nothing were known, or `refuse`, which is 503.',
)

body('ChangeWalletBody', `What is absent stays as it is. ${NO_OTHERS}`, contract.changeWalletBody)
const wallet = contract.changeWalletBody.shape
said(wallet.reads_per_minute, 'The most that it is asked in any minute besides sends; null: 120.')
said(wallet.sends_per_minute, 'The most sends that leave in any minute; null: 300.')
said(wallet.low_balance_dzd, 'Below it the balance is low; null: there is no such mark.')
said(
  wallet.low_balance_hours,
  'The balance is low when it lasts for less than this at the rate of the last hour; null: there is no such mark.',
)
said(contract.incidentsQuery.shape.limit, 'The newest so many.')

body('CreateKeyBody', `A new API key. ${NO_OTHERS}`, contract.createKeyBody)
said(contract.createKeyBody.shape.environment, 'The key decides it, never the URL.')
said(contract.createKeyBody.shape.scope, '`READ-ONLY` can send nothing and change nothing.')
said(contract.createKeyBody.shape.name, 'For people.')
said(contract.createKeyBody.shape.allowed_ips, ADDRESSES)
body('ChangeKeyBody', `What is absent stays as it is. ${NO_OTHERS}`, contract.changeKeyBody)
said(contract.changeKeyBody.shape.allowed_ips, ADDRESSES)
said(contract.changeKeyBody.shape.state, 'For ever: make a new key instead.')

body('CredentialBody', `A merchant's own credential at the provider. ${NO_OTHERS}`, contract.credentialBody)
said(contract.credentialBody.shape.access_token, 'A PRODUCTION, READ-WRITE access token of OneClickDz.')
