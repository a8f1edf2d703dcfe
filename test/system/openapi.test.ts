import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { ERRORS, type ErrorCode, LARGER_BODY_BYTES, MAX_BODY_BYTES } from '../../src/api/contract'
import { errorsOf, type Operation } from '../../src/openapi/operation'
import { OPERATIONS, operation } from '../../src/openapi/operations'
import { report } from '../unit/reconcile/builders'
import { foundByNobody } from './found'
import {
  ADMIN_TOKEN,
  type Answer,
  type CallOptions,
  DEMO_KEY,
  DEMO_LIVE_KEY,
  eventually,
  type Reachable,
  startGateway,
} from './harness'
import { startMerchant } from './merchant'
import { startProvider } from './provider'
import { Recorder, readExamples, shapeOf, writeExamples } from './recorder'

const provider = await startProvider()
provider.defaultStatus('FULFILLED')
const receiver = await startMerchant()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
/** No operator, no provider, and a key may ask three times a minute. */
const poorGateway = await startGateway({
  vars: { ADMIN_TOKEN: '', ONECLICK_BASE_URL: 'http://127.0.0.1:9' },
  config: configWithKeyLimit(3),
})
const seen = new Recorder()
const asOperator = { headers: { Authorization: `Bearer ${ADMIN_TOKEN}` } }

interface Request extends CallOptions {
  readonly path?: Readonly<Record<string, string>>
  readonly query?: string
  readonly at?: Reachable
}

/** Calls an operation as the document describes it. */
function ask(id: string, { path = {}, query = '', at = gateway, ...options }: Request = {}): Promise<Answer> {
  const { method, path: template } = operation(id)
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ''))
  return at.call(method.toUpperCase(), `${filled}${query}`, options)
}

const shop = { id: '', key: '', liveKey: '', endpoint: '', delivery: '', topup: '', page: '' }

async function newMerchant(settings?: object): Promise<string> {
  const made = await ask('createMerchant', { ...asOperator, body: { name: 'Corner shop' } })
  const id: string = seen.succeeded('createMerchant', made).json.data.id
  if (settings !== undefined) {
    const changed = await ask('changeMerchant', { ...asOperator, path: { id }, body: { settings } })
    seen.succeeded('changeMerchant', changed)
  }
  return id
}

async function newKey(merchant: string, more: object = {}): Promise<{ id: string; key: string }> {
  const body = { environment: 'sandbox', name: 'till 1', ...more }
  const made = await ask('createKey', { ...asOperator, path: { id: merchant }, body })
  return seen.succeeded('createKey', made).json.data
}

const lastHour = () => ({
  from: new Date(Date.now() - 3_600_000).toISOString(),
  to: new Date(Date.now()).toISOString(),
})

/** What a reconciliation saw that found something. */
const SEEN = {
  findings: { missing: 1 },
  chargedCentimes: 288_000,
  fulfilledDzd: 3_000,
  balance: {
    openingCentimes: 10_000_000,
    closingCentimes: 9_712_000,
    movedCentimes: -288_000,
    differenceCentimes: 0,
  },
}

const topup = (ref: string, more: object = {}) => ({
  plan_code: 'PREPAID_MOBILIS',
  MSSIDN: '0600010099',
  amount: 500,
  ref,
  ...more,
})

beforeAll(async () => {
  shop.id = await newMerchant()
  shop.key = (await newKey(shop.id)).key
  shop.liveKey = (await newKey(shop.id, { environment: 'production' })).key
})

describe('the operator', () => {
  it('has a list of merchants, and each with limits and a credential', async () => {
    seen.succeeded('listMerchants', await ask('listMerchants', asOperator))
    const id = await newMerchant({ daily_amount: 200_000, repeat: { minutes: 5, action: 'warn' } })
    const { id: key } = await newKey(id, { scope: 'READ-ONLY', allowed_ips: ['192.0.2.0/24'] })
    const body = { access_token: 'an-access-token-of-the-merchant' }
    provider.account(body.access_token, { username: '+213661000742' })
    seen.succeeded('setCredential', await ask('setCredential', { ...asOperator, path: { id }, body }))
    seen.succeeded('getMerchant', await ask('getMerchant', { ...asOperator, path: { id } }))
    const change = { ...asOperator, path: { id, key }, body: { state: 'disabled' } }
    seen.succeeded('changeKey', await ask('changeKey', change))
    seen.succeeded('removeCredential', await ask('removeCredential', { ...asOperator, path: { id } }))
  })

  it('compares a whole account, and closes what no merchant can be told of', async () => {
    const path = { id: 'operator' }
    const compare = () => ask('reconcileWallet', { ...asOperator, path, body: lastHour() })
    const answers = await Promise.all([compare(), compare()])
    const started = answers.find(({ status }) => status === 202) ?? (await compare())
    const report: string = seen.succeeded('reconcileWallet', started).json.data.id
    const refused = answers.find(({ status }) => status !== 202) ?? (await compare())
    seen.refused('reconcileWallet', 'RECONCILIATION_RUNNING', refused)
    const listed = await ask('listWalletReconciliations', { ...asOperator, path })
    seen.succeeded('listWalletReconciliations', listed)
    const asked = { ...asOperator, path: { ...path, report } }
    seen.succeeded('getWalletReconciliation', await ask('getWalletReconciliation', asked))

    const finding = 'orphan-69a0c1d2e3f405162738495a'
    await foundByNobody(gateway, 'operator', finding)
    const found = await ask('listWalletFindings', { ...asOperator, path })
    seen.succeeded('listWalletFindings', found)
    const body = { state: 'closed', note: 'A top-up by hand, in the app of the provider.' }
    const closed = await ask('closeWalletFinding', { ...asOperator, path: { ...path, finding }, body })
    seen.succeeded('closeWalletFinding', closed)
  })
})

describe('a merchant', () => {
  it('asks what can be sent and who he is', async () => {
    const { key } = shop
    seen.succeeded('getPlans', await ask('getPlans', { key }))
    seen.succeeded('getBalance', await ask('getBalance', { key }))
    seen.succeeded('validateKey', await ask('validateKey', { key }))
    seen.succeeded('ping', await ask('ping', { key }), 'up')
    seen.succeeded('ping', await ask('ping', { at: poorGateway }), 'providerIsDown')
  })

  it('registers a callback URL', async () => {
    const { key } = shop
    const body = { url: receiver.url, description: 'till 1' }
    const made = seen.succeeded('createEndpoint', await ask('createEndpoint', { key, body }))
    shop.endpoint = made.json.data.id
    const path = { id: shop.endpoint }
    seen.succeeded('listEndpoints', await ask('listEndpoints', { key }))
    seen.succeeded('getEndpoint', await ask('getEndpoint', { key, path }))
    seen.succeeded('getWebhookKeys', await ask('getWebhookKeys', { path }))
    for (const state of ['paused', 'active']) {
      const changed = await ask('changeEndpoint', { key, path, body: { state } })
      seen.succeeded('changeEndpoint', changed, state)
    }
    const rotated = await ask('rotateEndpointKeys', { key, path, body: { overlap_hours: 24 } })
    seen.succeeded('rotateEndpointKeys', rotated)
    seen.succeeded('revokeOldEndpointKeys', await ask('revokeOldEndpointKeys', { key, path }))
  })

  it('sends, and asks until it is final', async () => {
    const { key } = shop
    const send = async (name: string, body: object) =>
      seen.succeeded('sendTopup', await ask('sendTopup', { key, body }), name).json.data
    const checked = (name: string, ref: string, fits: (data: StatusData) => boolean) =>
      eventually(`${ref} to be ${name}`, async () => {
        const answer = await ask('checkRef', { key, path: { ref } })
        return fits(answer.json.data) && seen.succeeded('checkRef', answer, name)
      })
    await send('withWarning', topup('order-0998', { plan_code: 'PREPAID_DJEZZY', MSSIDN: '0600030099' }))
    await send('accepted', topup('order-0999', { MSSIDN: '0600010003' }))
    await send('accepted', topup('order-1000', { MSSIDN: '0600010002' }))
    const { topupId, gateway: more } = await send('accepted', topup('order-1001'))
    Object.assign(shop, { topup: topupId, page: new URL(more.status_url).pathname })

    await checked('pending', 'order-0998', ({ status }) => status === 'PENDING')
    await checked('unknown', 'order-0999', ({ status }) => status === 'UNKNOWN_ERROR')
    const isTold = ({ gateway: { callback } }: StatusData) => callback === 'delivered'
    await checked('refunded', 'order-1000', (data) => data.status === 'REFUNDED' && isTold(data))
    await checked('fulfilled', 'order-1001', (data) => data.status === 'FULFILLED' && isTold(data))

    const again = await ask('sendTopup', { key, body: topup('order-1001') })
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    seen.succeeded('sendTopup', again, 'replayed')
    seen.succeeded('checkId', await ask('checkId', { key, path: { id: topupId } }))
    const old = { path: { id: topupId }, headers: { Authorization: key } }
    seen.succeeded('checkStatusV2', await ask('checkStatusV2', old))
  })

  it('lists, searches and explains', async () => {
    const { key } = shop
    // The book hears of a delivery a moment after it was made.
    await eventually('the delivery to be listed', async () => {
      const listed = await ask('listDeliveries', { key, query: '?ref=order-1001&limit=1' })
      const [delivery] = listed.json.data.items
      shop.delivery = delivery?.id
      return delivery?.state === 'delivered' && seen.succeeded('listDeliveries', listed)
    })
    const path = { id: shop.delivery }
    seen.succeeded('retryDelivery', await ask('retryDelivery', { key, path }))
    await eventually('the second attempt', async () => {
      const answer = await ask('getDelivery', { key, path })
      return answer.json.data.state === 'delivered' && seen.succeeded('getDelivery', answer)
    })
    seen.succeeded('listEvents', await ask('listEvents', { key, query: '?limit=1' }))
    seen.succeeded('listTopups', await ask('listTopups', { key, query: '?pageSize=2' }))
    seen.succeeded('listOrders', await ask('listOrders', { key, query: '?limit=2' }))
    seen.succeeded('getOrder', await ask('getOrder', { key, path: { ref: 'order-1001' } }))
    const headers = { Accept: 'text/csv' }
    const csv = await ask('listOrders', { key, headers, query: '?ref=order-1001' })
    expect(csv.headers.get('content-type')).toMatch(/^text\/csv/)
    seen.noted('listOrders', 'csv', csv.text)
    const own = await ask('listTransactions', { key, query: '?pageSize=2' })
    seen.succeeded('listTransactions', own, 'sandbox')
  })

  it('sees his place among sends that wait for their turn', async () => {
    const id = await newMerchant()
    const { key } = await newKey(id)
    const path = { id: `sandbox:${id}` }
    const body = { sends_per_minute: 2 }
    seen.succeeded('changeWallet', await ask('changeWallet', { ...asOperator, path, body }))
    seen.succeeded('sendTopup', await ask('sendTopup', { key, body: topup('order-0996') }), 'accepted')
    const waits = await ask('sendTopup', { key, body: topup('order-0997') })
    expect(seen.succeeded('sendTopup', waits, 'queued').json.data.gateway.queue_position).toBe(1)
    const asked = await ask('checkRef', { key, path: { ref: 'order-0997' } })
    seen.succeeded('checkRef', asked, 'queued')
    const tooMany = await ask('sendTopup', { key, body: topup('order-0998') })
    seen.refused('sendTopup', 'SERVICE_UNAVAILABLE', tooMany)
  })

  it('sees on an account that is shared only what his own orders took', async () => {
    const key = shop.liveKey
    const sent = await ask('sendTopup', { key, body: topup('order-2001', { MSSIDN: '0661234567' }) })
    seen.succeeded('sendTopup', sent, 'accepted')
    await eventually('the movement to be listed', async () => {
      const listed = await ask('listTransactions', { key })
      return listed.json.data.items.length > 0 && seen.succeeded('listTransactions', listed, 'shared')
    })
  })

  it('is told what left the account under his name and was not sent by him', {
    timeout: 120_000,
  }, async () => {
    provider.spend(1_000, { ref: `${shop.id}.order-2002` })
    await eventually(
      'the finding',
      async () => {
        const found = await ask('listFindings', { key: shop.liveKey, query: '?limit=1' })
        return found.json.data.items.length > 0 && seen.succeeded('listFindings', found)
      },
      90_000,
    )
    const path = { id: 'operator' }
    const told = await ask('listIncidents', { ...asOperator, path, query: '?limit=1' })
    expect(seen.succeeded('listIncidents', told).json.data.items).toMatchObject([{ kind: 'orphan' }])
    const shown = seen.succeeded('getWallet', await ask('getWallet', { ...asOperator, path }))
    expect(shown.json.data.balance.dzd).toBeTypeOf('number')
  })

  it('says what it was, and it is closed', async () => {
    const key = shop.liveKey
    const [{ id }] = (await ask('listFindings', { key, query: '?limit=1' })).json.data.items
    seen.succeeded('getFinding', await ask('getFinding', { key, path: { id } }))
    const body = { state: 'closed', note: 'Sent by hand, in the app of the provider.' }
    seen.succeeded('closeFinding', await ask('closeFinding', { key, path: { id }, body }))
    const headers = { Accept: 'text/csv' }
    seen.noted('listFindings', 'csv', (await ask('listFindings', { key, headers })).text)
  })

  it('has his orders compared with what the provider shows', async () => {
    const { key } = shop
    const compare = () => ask('createReconciliation', { key, body: lastHour() })
    const [first, ...others] = await Promise.all([compare(), compare(), compare()])
    const answers = [first, ...others]
    const started = answers.find(({ status }) => status === 202) ?? first
    seen.succeeded('createReconciliation', started)
    const refused = answers.find(({ status }) => status !== 202) ?? (await compare())
    seen.refused('createReconciliation', 'RECONCILIATION_RUNNING', refused)

    const { BOOK } = await gateway.worker.getEnv()
    const done = report({
      id: 'rec_0f1e2d3c4b5a6978',
      environment: 'sandbox',
      startedAt: Date.now(),
      ...SEEN,
    })
    await BOOK.get(BOOK.idFromName(shop.id)).reported(done)
    const query = '?state=complete&limit=1'
    seen.succeeded('listReconciliations', await ask('listReconciliations', { key, query }))
    seen.succeeded('getReconciliation', await ask('getReconciliation', { key, path: { id: done.id } }))
    const headers = { Accept: 'text/csv' }
    seen.noted('listReconciliations', 'csv', (await ask('listReconciliations', { key, headers, query })).text)
  })

  it('asks why a signature does not hold', async () => {
    const { headers, rawBody, body } = await receiver.receivedWhere(
      'order-1001',
      (callback) => callback.body.data.ref === 'order-1001',
    )
    const asked = { headers, endpoint_id: shop.endpoint }
    const check = (given: object) => ask('checkSignature', { key: shop.key, body: { ...asked, ...given } })
    seen.succeeded('checkSignature', await check({ body: rawBody }), 'valid')
    const altered = { body: JSON.stringify(body, null, 2) }
    seen.succeeded('checkSignature', await check(altered), 'alteredBody')
  })

  it('tries his endpoint out', async () => {
    const test = (type: string) =>
      ask('testEndpoint', { key: shop.key, path: { id: shop.endpoint }, body: { type } })
    seen.succeeded('testEndpoint', await test('topup.refunded'), 'delivered')
    receiver.answerNext({ status: 404, body: 'no such path' })
    seen.succeeded('testEndpoint', await test('topup.fulfilled'), 'failed')
  })

  it('has many deliveries again', async () => {
    const { key } = shop
    const dry = { key, body: { status: 'delivered', dry_run: true } }
    const counted = seen.succeeded('createReplay', await ask('createReplay', dry), 'dryRun')
    expect(counted.json.data.matched).toBeGreaterThan(0)
    const make = () => ask('createReplay', { key, body: { refs: ['order-1000', 'order-1001'] } })
    const made = seen.succeeded('createReplay', await make())
    const path = { id: made.json.data.id }
    await eventually('the replay to be over', async () => {
      const answer = await ask('getReplay', { key, path })
      return answer.json.data.state === 'complete' && seen.succeeded('getReplay', answer)
    })
    seen.succeeded('listReplays', await ask('listReplays', { key }))
    seen.succeeded('cancelReplay', await ask('cancelReplay', { key, path }))
    await eventually('two replays to meet', async () => {
      const answers = await Promise.all([make(), make(), make()])
      const second = answers.find(({ status }) => status !== 202)
      return second !== undefined && seen.refused('createReplay', 'REPLAY_RUNNING', second)
    })
  })

  it('takes his endpoint off, and has nothing again from then on', async () => {
    const { key } = shop
    const path = { id: shop.delivery }
    await ask('changeEndpoint', { key, path: { id: shop.endpoint }, body: { state: 'paused' } })
    seen.refused('retryDelivery', 'ENDPOINT_NOT_ACTIVE', await ask('retryDelivery', { key, path }))
    const gone = { key, path: { id: shop.endpoint }, query: '?held=cancel' }
    const answer = await ask('deleteEndpoint', gone)
    seen.succeeded('deleteEndpoint', answer)
    seen.refused('retryDelivery', 'DELIVERY_CANCELLED', await ask('retryDelivery', { key, path }))
  })
})

describe('anybody', () => {
  it('reads this document', async () => {
    const { json } = seen.succeeded('getDocument', await ask('getDocument'))
    const { openapi, servers, info } = json
    expect(servers).toEqual([{ url: gateway.url }])
    seen.noted('getDocument', 'example', { openapi, info: { title: info.title, version: info.version } })
  })

  it('with the link sees the page, and without it a page that says so', async () => {
    const token = shop.page.slice('/t/'.length)
    const page = seen.succeeded('getStatusPage', await ask('getStatusPage', { path: { token } }))
    const none = await ask('getStatusPage', { path: { token: `${token.slice(1)}A` } })
    expect(none.status).toBe(404)
    for (const { headers } of [page, none]) expect(headers.get('content-type')).toMatch(/^text\/html/)
  })
})

const withErrors = (code: ErrorCode) =>
  OPERATIONS.filter((known) => known.content.kind !== 'page' && errorsOf(known).includes(code))

/** A key, or the admin token, that is good for the operation. */
const admitted = ({ access }: Operation): CallOptions =>
  access === 'operator' ? asOperator : access === 'nobody' ? {} : { key: shop.key }

const NOBODY: Readonly<Record<string, string>> = {
  ref: 'order-9999',
  id: 'nobody',
  key: 'key_9999',
  report: 'rec_9999',
  finding: 'orphan-9999',
}

describe('every operation that can give it gives', () => {
  it.each(withErrors('MISSING_ACCESS_TOKEN'))('MISSING_ACCESS_TOKEN: $id', async (known) => {
    seen.refused(known.id, 'MISSING_ACCESS_TOKEN', await ask(known.id, { path: NOBODY, ...body(known) }))
  })

  it.each(withErrors('NOT_FOUND'))('NOT_FOUND: $id', async (known) => {
    const answer = await ask(known.id, { path: NOBODY, ...body(known), ...admitted(known) })
    seen.refused(known.id, 'NOT_FOUND', answer)
  })

  it.each(withErrors('ERR_VALIDATION'))('ERR_VALIDATION: $id', async (known) => {
    const nonsense = { url: 7, name: 7, state: 'on', plan_code: 7, access_token: '', environment: 'test' }
    const wrong = known.body === undefined ? { query: '?limit=0&page=0&held=0' } : { body: nonsense }
    const answer = await ask(known.id, { path: NOBODY, ...admitted(known), ...wrong })
    seen.refused(known.id, 'ERR_VALIDATION', answer)
  })

  it.each(withErrors('PERMISSION_DENIED'))('PERMISSION_DENIED: $id', async (known) => {
    const caller =
      known.access === 'operator'
        ? { ...asOperator, at: poorGateway }
        : { key: (await newKey(shop.id, { scope: 'READ-ONLY' })).key }
    const answer = await ask(known.id, { path: NOBODY, ...body(known), ...caller })
    seen.refused(known.id, 'PERMISSION_DENIED', answer)
  })

  it.each(withErrors('PAYLOAD_TOO_LARGE'))('PAYLOAD_TOO_LARGE: $id', async (known) => {
    const limit = LARGER_BODY_BYTES[known.path] ?? MAX_BODY_BYTES
    const large = { body: { name: 'n'.repeat(limit) } }
    const answer = await ask(known.id, { path: NOBODY, ...admitted(known), ...large })
    seen.refused(known.id, 'PAYLOAD_TOO_LARGE', answer)
  })

  function body(known: Operation): { body?: unknown } {
    return known.body === undefined ? {} : { body: known.body.example }
  }
})

describe('a key is refused that', () => {
  const path = { ref: 'order-1001' }

  it('nobody was given, and after too many the address', async () => {
    const from = { 'CF-Connecting-IP': '203.0.113.7' }
    const guess = () => ask('checkRef', { path, key: 'rsd_test_guess', headers: from })
    seen.refused('checkRef', 'INVALID_ACCESS_TOKEN', await guess())
    await eventually('the address to be blocked', async () => {
      const answer = await guess()
      return answer.status === 403 && seen.refused('checkRef', 'IP_BLOCKED', answer)
    })
  })

  it('was switched off', async () => {
    const { id, key } = await newKey(shop.id)
    await ask('changeKey', { ...asOperator, path: { id: shop.id, key: id }, body: { state: 'disabled' } })
    seen.refused('checkRef', 'API_DISABLED', await ask('checkRef', { path, key }))
  })

  it('is used from elsewhere', async () => {
    const { key } = await newKey(shop.id, { allowed_ips: ['192.0.2.0/24'] })
    const headers = { 'CF-Connecting-IP': '198.51.100.1' }
    seen.refused('checkRef', 'IP_NOT_ALLOWED', await ask('checkRef', { path, key, headers }))
  })

  it('asks too often', async () => {
    await eventually('the key to be used up', async () => {
      const answer = await ask('checkRef', { path, key: DEMO_KEY, at: poorGateway })
      return answer.status === 429 && seen.refused('checkRef', 'RATE_LIMIT_EXCEEDED', answer)
    })
  })
})

describe('a send is refused that', () => {
  const refused = async (code: ErrorCode, key: string, wanted: object) =>
    seen.refused('sendTopup', code, await ask('sendTopup', { key, body: wanted }))

  it('has the ref of another', async () => {
    await refused('DUPLICATED_REF', shop.key, topup('order-1001', { amount: 600 }))
  })

  it('costs more than there is', async () => {
    await refused('INSUFFICIENT_BALANCE', shop.key, topup('order-3001', { MSSIDN: '0600010008' }))
  })

  it('is beyond a limit of the merchant, or a repetition', async () => {
    const id = await newMerchant({ largest_amount: 1_000, repeat: { minutes: 5, action: 'block' } })
    const { key } = await newKey(id)
    // Without the plans a send may be let out unweighed.
    await ask('getPlans', { key })
    await refused('LIMIT_EXCEEDED', key, topup('order-4001', { amount: 2_000 }))
    seen.succeeded('sendTopup', await ask('sendTopup', { key, body: topup('order-4002') }), 'accepted')
    await refused('REPEATED_TOPUP', key, topup('order-4003'))
  })
})

describe('otherwise', () => {
  it('an endpoint that echoes no challenge is not verified', async () => {
    const key = shop.liveKey
    receiver.answerChallenges({ echo: false })
    const made = await ask('createEndpoint', { key, body: { url: receiver.url } })
    const path = { id: made.json.data.id }
    const answer = await ask('changeEndpoint', { key, path, body: { state: 'active' } })
    seen.refused('changeEndpoint', 'ENDPOINT_NOT_VERIFIED', answer)
  })

  it('what an endpoint holds is not thrown away unasked', async () => {
    const { key } = shop
    const made = await ask('createEndpoint', { key, body: { url: receiver.url } })
    const path = { id: made.json.data.id }
    await ask('changeEndpoint', { key, path, body: { state: 'paused' } })
    await ask('sendTopup', { key, body: topup('order-5001') })
    await eventually('the event to be held', async () => {
      const { json } = await ask('getEndpoint', { key, path })
      return json.data.held > 0
    })
    seen.refused('deleteEndpoint', 'HELD_EVENTS', await ask('deleteEndpoint', { key, path }))
    const cancelled = await ask('deleteEndpoint', { key, path, query: '?held=cancel' })
    seen.succeeded('deleteEndpoint', cancelled)
  })

  it('a path takes no other method', async () => {
    seen.turnedAway('METHOD_NOT_ALLOWED', await gateway.call('PUT', '/v3/mobile/send', { key: shop.key }))
  })

  it('a provider that cannot be reached is not the end', async () => {
    for (const id of ['getPlans', 'getBalance']) {
      const answer = await ask(id, { key: DEMO_LIVE_KEY, at: poorGateway })
      seen.refused(id, 'SERVICE_UNAVAILABLE', answer)
    }
  })

  it('a fault of ours is told as one: a key whose copy at the edge is damaged', async () => {
    const key = 'rsd_test_damaged'
    const { KEYS } = await gateway.worker.getEnv()
    await KEYS.put(`key:${createHash('sha256').update(key).digest('hex')}`, '{"merchantId":')
    const answer = await ask('checkRef', { key, path: { ref: 'order-1001' } })
    seen.refused('checkRef', 'INTERNAL_ERROR', answer)
  })
})

describe('the examples of the document', () => {
  it('are there for every operation and every code', () => {
    const withBody = OPERATIONS.filter(({ content }) => content.kind !== 'page')
    expect(withBody.filter(({ id }) => seen.answers[id] === undefined)).toEqual([])
    const codes = Object.keys(seen.failures).map((name) => name.split('.').at(-1))
    expect(Object.keys(ERRORS).filter((code) => !codes.includes(code))).toEqual([])
  })

  it('are what the gateway answers, but for values (RECORD_EXAMPLES=1 writes them anew)', () => {
    const { getStatusPage: _, ...answers } = seen.answers
    if (process.env.RECORD_EXAMPLES === '1') writeExamples({ answers, failures: seen.failures })
    expect(shapeOf({ answers, failures: seen.failures })).toEqual(shapeOf(readExamples()))
  })
})

// biome-ignore lint/suspicious/noExplicitAny: tests read deep into answers; the assertion is the type check.
type StatusData = any

/** Written beside the results; what it names is still where it was. */
function configWithKeyLimit(limit: number): string {
  const directory = resolve('test-results/openapi')
  mkdirSync(directory, { recursive: true })
  const text = readFileSync('wrangler.toml', 'utf8')
    .replace('main = "src/index.ts"', `main = ${JSON.stringify(resolve('src/index.ts'))}`)
    .replace('directory = "public"', `directory = ${JSON.stringify(resolve('public'))}`)
    .replace(/(name = "KEY_LIMIT"[^[]*limit = )[\d_]+/, `$1${limit}`)
  const path = resolve(directory, 'wrangler.toml')
  writeFileSync(path, text)
  return path
}
