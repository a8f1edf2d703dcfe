import { beforeAll, describe, expect, it } from 'vitest'
import document from '../../public/openapi.json' with { type: 'json' }
import type { Operation } from '../../src/openapi/operation'
import { OPERATIONS } from '../../src/openapi/operations'
import { report } from '../unit/reconcile/builders'
import { expectError } from './client'
import { ADMIN_TOKEN, type Answer, eventually, startGateway } from './harness'
import { startMerchant } from './merchant'
import { startProvider } from './provider'

/** What a foreign key may see of an operation. Every operation of the document must have a rule. */
type Rule =
  /** Its path names a thing of the owner's: 404, as if there were none. */
  | 'not_found'
  /** It lists: 200, with none of the owner's things in it. */
  | 'shows_none'
  /** It makes or tells something of the caller alone: 200 or 201, and nothing of the owner's. */
  | 'acts_for_the_caller'
  /** No merchant's key opens it. */
  | 'operators_only'
  /** Anybody may, by design: it needs no key. */
  | 'public'

const RULES: Readonly<Record<string, Rule>> = {
  sendTopup: 'acts_for_the_caller',
  checkRef: 'not_found',
  checkId: 'not_found',
  listTopups: 'shows_none',
  checkStatusV2: 'not_found',
  getPlans: 'acts_for_the_caller',
  getBalance: 'acts_for_the_caller',
  listTransactions: 'shows_none',
  validateKey: 'acts_for_the_caller',
  ping: 'public',
  listOrders: 'shows_none',
  getOrder: 'not_found',
  createEndpoint: 'acts_for_the_caller',
  listEndpoints: 'shows_none',
  getEndpoint: 'not_found',
  changeEndpoint: 'not_found',
  deleteEndpoint: 'not_found',
  rotateEndpointKeys: 'not_found',
  revokeOldEndpointKeys: 'not_found',
  listDeliveries: 'shows_none',
  testEndpoint: 'not_found',
  checkSignature: 'not_found',
  listEvents: 'shows_none',
  createReplay: 'acts_for_the_caller',
  listReplays: 'shows_none',
  getReplay: 'not_found',
  cancelReplay: 'not_found',
  getDelivery: 'not_found',
  retryDelivery: 'not_found',
  createReconciliation: 'acts_for_the_caller',
  listReconciliations: 'shows_none',
  getReconciliation: 'not_found',
  listFindings: 'shows_none',
  getFinding: 'not_found',
  closeFinding: 'not_found',
  getWebhookKeys: 'public',
  getStatusPage: 'public',
  getDocument: 'public',
  createMerchant: 'operators_only',
  listMerchants: 'operators_only',
  getMerchant: 'operators_only',
  changeMerchant: 'operators_only',
  createKey: 'operators_only',
  changeKey: 'operators_only',
  setCredential: 'operators_only',
  removeCredential: 'operators_only',
  getWallet: 'operators_only',
  changeWallet: 'operators_only',
  listIncidents: 'operators_only',
  reconcileWallet: 'operators_only',
  listWalletReconciliations: 'operators_only',
  getWalletReconciliation: 'operators_only',
  listWalletFindings: 'operators_only',
  closeWalletFinding: 'operators_only',
}

const ENVIRONMENTS = ['sandbox', 'production'] as const
type Environment = (typeof ENVIRONMENTS)[number]

/** A merchant's things in one environment, all of them real. */
interface Things {
  readonly key: string
  readonly keyId: string
  readonly merchantId: string
  readonly ref: string
  readonly topupId: string
  readonly endpointId: string
  readonly deliveryId: string
  readonly replayId: string
  readonly reportId: string
  readonly findingId: string
}

const provider = await startProvider()
provider.defaultStatus('FULFILLED')
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
const asOperator = { Authorization: `Bearer ${ADMIN_TOKEN}` }
const owner: Partial<Record<Environment, Things>> = {}
const stranger: Partial<Record<Environment, Things>> = {}

async function createMerchant(): Promise<string> {
  const body = { name: 'Shop' }
  return (await gateway.call('POST', '/admin/merchants', { headers: asOperator, body })).json.data.id
}

/** An order that was called back about, and the endpoint that heard of it. */
async function thingsOf(merchantId: string, environment: Environment, ref: string): Promise<Things> {
  const path = `/admin/merchants/${merchantId}/keys`
  const keyed = await gateway.call('POST', path, { headers: asOperator, body: { environment, name: 'till' } })
  const { key, id: keyId } = keyed.json.data
  const { url } = await startMerchant()
  const made = await gateway.call('POST', '/v1/endpoints', { key, body: { url } })
  const endpointId = made.json.data.id
  await eventually('the endpoint to be active', async () => {
    const { json } = await gateway.call('GET', `/v1/endpoints/${endpointId}`, { key })
    return json.data.state === 'active'
  })
  const body = { plan_code: 'PREPAID_MOBILIS', MSSIDN: '0600010099', amount: 500, ref }
  const sent = await gateway.call('POST', '/v3/mobile/send', { key, body })
  const deliveryId = await eventually('the delivery to be listed', async () => {
    const { json } = await gateway.call('GET', '/v1/deliveries?state=delivered', { key })
    return json.data.items[0]?.id
  })
  // The sandbox's account has no strangers on it: the finding comes from where the wallet would put it.
  const { BOOK } = await gateway.worker.getEnv()
  const findingId = `orphan-${ref}`
  const finding = { id: findingId, environment, kind: 'orphan', foundAt: Date.now(), ref }
  const book = BOOK.get(BOOK.idFromName(merchantId))
  await book.find({ ...finding, upstream: null, ours: null })
  const reportId = `rec_${ref}`
  await book.reported(report({ id: reportId, environment, startedAt: Date.now() }))
  const replayed = await gateway.call('POST', '/v1/replays', { key, body: { status: 'failed' } })
  const replayId = replayed.json.data.id
  const others = { endpointId, deliveryId, replayId, reportId, findingId }
  return { key, keyId, merchantId, ref, topupId: sent.json.data.topupId, ...others }
}

beforeAll(async () => {
  const [ownerId, strangerId] = [await createMerchant(), await createMerchant()]
  await Promise.all(
    ENVIRONMENTS.flatMap((environment) => [
      thingsOf(ownerId, environment, `owners-${environment}-order`).then((things) => {
        owner[environment] = things
      }),
      thingsOf(strangerId, environment, `strangers-${environment}-order`).then((things) => {
        stranger[environment] = things
      }),
    ]),
  )
})

/** What the parameter of a path stands for, by the beginning of the path. */
function pathFor({ path }: Operation, things: Things): string {
  const named = {
    '/v1/endpoints/': things.endpointId,
    '/v1/deliveries/': things.deliveryId,
    '/v1/replays/': things.replayId,
    '/v1/reconciliations/': things.reportId,
    '/v1/findings/': things.findingId,
  }
  const id = Object.entries(named).find(([start]) => path.startsWith(start))?.[1] ?? things.topupId
  const values: Record<string, string> = path.startsWith('/admin/')
    ? { id: things.merchantId, key: things.keyId, report: things.reportId, finding: things.findingId }
    : { id, ref: things.ref }
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`Nothing real is known for {${name}} of ${path}`)
    return value
  })
}

/** The owner's things that a body names. */
const NAMED_IN_BODY: Readonly<Record<string, (things: Things) => object>> = {
  sendTopup: ({ ref }) => ({ ref }),
  checkSignature: ({ endpointId }) => ({ endpoint_id: endpointId }),
}

/** Another address each time: after twenty unknown keys one is blocked. */
let addresses = 0
function call(operation: Operation, things: Things, key: string): Promise<Answer> {
  const { method, body } = operation
  const headers = { 'CF-Connecting-IP': `198.51.100.${++addresses}` }
  const sent =
    body === undefined ? undefined : { ...body.example, ...(NAMED_IN_BODY[operation.id]?.(things) ?? {}) }
  const more = sent === undefined ? {} : { body: sent }
  return gateway.call(method.toUpperCase(), pathFor(operation, things), { key, headers, ...more })
}

const of = (things: Partial<Record<Environment, Things>>, environment: Environment): Things => {
  const found = things[environment]
  if (found === undefined) throw new Error(`nothing was made in ${environment}`)
  return found
}

/** Whose things, and every key that is foreign to them. */
const FOREIGN = ENVIRONMENTS.flatMap((environment) => {
  const other: Environment = environment === 'sandbox' ? 'production' : 'sandbox'
  return [
    { environment, who: 'another merchant’s key', key: () => of(stranger, environment).key },
    {
      environment,
      who: 'another merchant’s key of the other environment',
      key: () => of(stranger, other).key,
    },
    { environment, who: 'the same merchant’s key of the other environment', key: () => of(owner, other).key },
  ]
})

const ruled = (rule: Rule) => OPERATIONS.filter(({ id }) => RULES[id] === rule)

function expectNothingOf({ merchantId: _, deliveryId, ...things }: Things, { text }: Answer): void {
  for (const thing of Object.values(things)) expect(text).not.toContain(thing)
}

it('every operation of the document has a rule here, and there is no rule for another', () => {
  const inDocument = Object.values(document.paths).flatMap((operations) =>
    Object.values(operations).map(({ operationId }: { operationId: string }) => operationId),
  )
  expect(Object.keys(RULES).sort()).toEqual(inDocument.sort())
})

it('every operation that names a thing in its path hides it, is the operator’s, or public by design', () => {
  const naming = OPERATIONS.filter(({ path }) => path.includes('{'))
  const rules = new Set(naming.map(({ id }) => RULES[id]))
  expect(rules).toEqual(new Set(['not_found', 'operators_only', 'public']))
})

describe.each(ruled('not_found'))('$id', (operation) => {
  it.each(FOREIGN)('of $environment is 404 for $who', async ({ environment, key }) => {
    const answer = await call(operation, of(owner, environment), key())
    if (operation.access === 'old') expect(answer.status).toBe(404)
    else expectError(answer, 404, 'NOT_FOUND')
  })
})

describe.each(ruled('shows_none'))('$id', (operation) => {
  it.each(FOREIGN)('with $who shows none of $environment', async ({ environment, key }) => {
    const answer = await call(operation, of(owner, environment), key())
    expect(answer.status).toBe(200)
    expectNothingOf(of(owner, environment), answer)
  })

  it.each(FOREIGN)('with $who finds none of $environment by name', async ({ environment, key }) => {
    const things = of(owner, environment)
    const asked = `?ref=${things.ref}&id=${things.topupId}&endpoint_id=${things.endpointId}`
    const answer = await gateway.call('GET', operation.path + asked, { key: key() })
    expect(answer.status).toBe(200)
    expectNothingOf(things, answer)
  })

  it.each(ENVIRONMENTS)('shows them to their owner in %s', async (environment) => {
    const things = of(owner, environment)
    const answer = await call(operation, things, things.key)
    expect(answer.text).toMatch(
      new RegExp(
        `${things.ref}|${things.topupId}|${things.endpointId}|${things.replayId}|${things.reportId}`,
      ),
    )
  })
})

// After those above: from here on strangers have orders of the owner's refs, which are their own.
describe.each(ruled('acts_for_the_caller'))('$id', (operation) => {
  it.each(FOREIGN)('with $who tells nothing of $environment', async ({ environment, key }) => {
    const things = of(owner, environment)
    const answer = await call(operation, things, key())
    // Of the caller's own, which began with his call before this one.
    const isBusy = answer.json?.error?.code === 'RECONCILIATION_RUNNING'
    expect(answer.status, answer.text).toBe(isBusy ? 409 : operation.status)
    // The owner's ref is free for everybody else.
    expect(answer.headers.get('idempotent-replayed')).toBeNull()
    for (const thing of [things.topupId, things.endpointId, things.key, things.keyId, things.reportId]) {
      expect(answer.text).not.toContain(thing)
    }
  })
})

describe.each(ruled('operators_only'))('$id', (operation) => {
  it.each(FOREIGN)('refuses $who', async ({ environment, key }) => {
    expectError(await call(operation, of(owner, environment), key()), 401, 'INVALID_ACCESS_TOKEN')
  })

  it.each(ENVIRONMENTS)('refuses the owner’s own key of %s', async (environment) => {
    const things = of(owner, environment)
    expectError(await call(operation, things, things.key), 401, 'INVALID_ACCESS_TOKEN')
  })
})

it.each(ENVIRONMENTS)('after all of that the owner has everything as it was in %s', async (environment) => {
  const things = of(owner, environment)
  for (const operation of ruled('not_found').filter(({ method }) => method === 'get')) {
    expect((await call(operation, things, things.key)).status, operation.id).toBe(200)
  }
  const endpoint = await gateway.call('GET', `/v1/endpoints/${things.endpointId}`, { key: things.key })
  expect(endpoint.json.data).toMatchObject({ id: things.endpointId, state: 'active' })
  const finding = await gateway.call('GET', `/v1/findings/${things.findingId}`, { key: things.key })
  expect(finding.json.data).toMatchObject({ id: things.findingId, state: 'open' })
})
