import { describe, expect, it } from 'vitest'
import { type Client, clientOf, expectError } from './client'
import { ADMIN_TOKEN, type Answer, startGateway } from './harness'
import { type KeyDetails, OPERATOR_USERNAME, type ProviderAccount, startProvider } from './provider'

const OPERATOR_TOKEN = 'local-access-token'

const provider = await startProvider()
const gateway = await startGateway({ vars: { ONECLICK_BASE_URL: provider.url } })
const headers = { Authorization: `Bearer ${ADMIN_TOKEN}` }

const admin = (method: string, path: string, body?: unknown) =>
  gateway.call(method, `/admin/merchants${path}`, { headers, ...(body === undefined ? {} : { body }) })

interface Owner {
  readonly id: string
  bring(accessToken: string): Promise<Answer>
  /** With a key that the edge has not seen yet. */
  client(environment?: string): Promise<Client & { readonly key: string }>
  shown(): Promise<Answer>
}

async function newMerchant(): Promise<Owner> {
  const { id } = (await admin('POST', '', { name: 'Shop' })).json.data
  return {
    id,
    bring: (access_token) => admin('PUT', `/${id}/credential`, { access_token }),
    async client(environment = 'production') {
      const { key } = (await admin('POST', `/${id}/keys`, { environment, name: 'till' })).json.data
      return { ...clientOf(gateway, key), key }
    },
    shown: () => admin('GET', `/${id}`),
  }
}

let accounts = 0
/** An account at the provider with a name of its own, and the token that opens it. */
function newAccount(details: KeyDetails = {}): { token: string; username: string; account: ProviderAccount } {
  const token = `own-token-${++accounts}-7f3a9c`
  const username = `+213661${String(accounts).padStart(3, '0')}742`
  return { token, username, account: provider.account(token, { username, ...details }) }
}

const tokensOf = (ref: string) =>
  provider.calls.filter(({ subject }) => subject === ref).map(({ headers: sent }) => sent['x-access-token'])

/** The merchant is where he was: on the operator's account, with nothing kept. */
async function expectOperators(owner: Owner, ref: string): Promise<void> {
  expect((await owner.shown()).json.data).toMatchObject({ credential: null, wallet: 'operator' })
  expect((await (await owner.client()).send(ref)).status).toBe(200)
  expect(new Set(tokensOf(`${owner.id}.${ref}`))).toEqual(new Set([OPERATOR_TOKEN]))
  expect(tokensOf(ref)).toEqual([])
}

const expectTaken = ({ status, text }: Answer) =>
  expect(`${status} ${text}`).toMatch(/^400 .*"ERR_VALIDATION".*not kept: .*another merchant/)

describe.concurrent('a credential', () => {
  it('that the provider lets in sends this merchant’s top-ups as his own, and nobody else’s', async () => {
    const [owner, other] = [await newMerchant(), await newMerchant()]
    const { token, account } = newAccount()
    const put = await owner.bring(token)
    expect(put.status).toBe(200)
    expect(put.json.data).toEqual({ account: '…742', set_at: expect.stringMatching(/Z$/) })
    expect(
      provider.callsOf('validate').filter(({ headers: h }) => h['x-access-token'] === token),
    ).toHaveLength(1)

    const [his, others] = [await owner.client(), await other.client()]
    const { topupId } = (await his.send('my own/ref')).json.data
    await others.send('somebody')
    expect(account.topups).toMatchObject([{ id: topupId, ref: 'my own/ref' }])
    expect(provider.find(`${owner.id}.my own/ref`)).toBeUndefined()
    expect(provider.find(`${other.id}.somebody`)).toBeDefined()

    account.settle('my own/ref', 'FULFILLED')
    provider.settle(`${other.id}.somebody`, 'REFUNDED')
    expect((await his.untilFinal('my own/ref')).json.data).toMatchObject({
      _id: topupId,
      status: 'FULFILLED',
    })
    expect((await others.untilFinal('somebody')).json.data.status).toBe('REFUNDED')
    expect(new Set(tokensOf('my own/ref'))).toEqual(new Set([token]))
    expect(new Set(tokensOf(`${other.id}.somebody`))).toEqual(new Set([OPERATOR_TOKEN]))

    const story = await gateway.call('GET', '/v1/orders/my%20own%2Fref', { key: his.key })
    expect(story.json.data).toMatchObject({ wallet: 'own', upstream_ref: 'my own/ref' })
    expect(story.text).not.toContain(token)
  })

  it('makes balance, transactions and plans those of his own account', async () => {
    const owner = await newMerchant()
    const { token, account } = newAccount()
    account.setBalance(777.5)
    await owner.bring(token)
    const his = await owner.client()
    await his.send('mine', { amount: 100 })
    const read = (path: string) => gateway.call('GET', `/v3/account/${path}`, { key: his.key })
    expect((await read('balance')).json.data).toEqual({ balance: 679.5 })
    const own = await fetch(`${provider.url}/v3/account/transactions`, {
      headers: { 'X-Access-Token': token },
    })
    const { data } = (await own.json()) as { data: { items: object[] } }
    expect(data.items).toMatchObject([{ type: 'FLEXY', amount: 98, oldBalance: 777.5, newBalance: 679.5 }])
    expect((await read('transactions')).json.data).toEqual(data)
    const window = 'from=2020-01-01T00:00:00Z&to=2020-12-31T00:00:00Z&page=2&pageSize=7'
    expect((await read(`transactions?${window}`)).json.data).toEqual({
      items: [],
      pagination: { page: 2, pageSize: 7, totalPages: 0, totalResults: 0 },
    })
    expect((await gateway.call('GET', '/v3/mobile/plans', { key: his.key })).status).toBe(200)
    const asked = provider.callsOf('plans').map(({ headers: sent }) => sent['x-access-token'])
    expect(asked).toContain(token)
  })

  it('is never shown again', async () => {
    const owner = await newMerchant()
    const { token, username } = newAccount()
    const answers = [await owner.bring(token), await owner.shown(), await admin('GET', '')]
    answers.push(await admin('PATCH', `/${owner.id}`, { name: 'Renamed' }))
    const his = await owner.client()
    answers.push(await his.send('quiet'), await his.checkRef('quiet'))
    answers.push(await gateway.call('GET', '/v3/validate', { key: his.key }))
    for (const { status, text } of answers) {
      expect(status).toBe(200)
      expect(text).not.toContain(token)
      expect(text).not.toContain(username)
    }
    expect(answers[1]?.json.data).toMatchObject({ credential: { account: '…742' }, wallet: 'own' })
  })

  it('leaves the sandbox a sandbox', async () => {
    const owner = await newMerchant()
    const { token, account } = newAccount()
    await owner.bring(token)
    expect((await (await owner.client('sandbox')).send('a test')).status).toBe(200)
    expect(account.topups).toEqual([])
  })
})

describe.concurrent('a credential is not kept', () => {
  it.each<[string, KeyDetails, RegExp]>([
    ['of the provider’s sandbox', { type: 'SANDBOX' }, /SANDBOX/],
    ['that may only read', { scope: 'READ-ONLY' }, /READ-ONLY/],
    ['that is switched off', { isEnabled: false }, /switched off/],
  ])('%s', async (how, details, reason) => {
    const owner = await newMerchant()
    const { token, account } = newAccount(details)
    const refused = await owner.bring(token)
    expectError(refused, 400, 'ERR_VALIDATION')
    expect(refused.json.error).toMatchObject({
      message: expect.stringMatching(reason),
      details: { field: 'access_token' },
    })
    expect(refused.text).not.toContain(token)
    await expectOperators(owner, `not kept, ${how}`)
    expect(account.topups).toEqual([])
  })

  it('that the provider refuses', async () => {
    const owner = await newMerchant()
    provider.refuseKey('made-up-token')
    const refused = await owner.bring('made-up-token')
    expectError(refused, 400, 'ERR_VALIDATION')
    expect(refused.json.error.message).toContain('INVALID_ACCESS_TOKEN')
    await expectOperators(owner, 'refused')
  })

  it.each([
    ['is down', { ending: 'destroy' }],
    ['fails', { answer: { status: 500, body: { success: false, error: { code: 'INTERNAL_ERROR' } } } }],
    ['answers something else', { answer: { body: { success: true, data: { hello: 'world' } } } }],
  ] as const)('while the provider %s: 503, and it may be brought again', async (how, fault) => {
    const owner = await newMerchant()
    const { token } = newAccount()
    provider.fault('validate', { when: (call) => call.headers['x-access-token'] === token, ...fault })
    const refused = await owner.bring(token)
    expectError(refused, 503, 'SERVICE_UNAVAILABLE')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(refused.text).not.toContain(token)
    await expectOperators(owner, `while it ${how}`)
    expect((await owner.bring(token)).status).toBe(200)
  })

  it('of the operator’s own account', async () => {
    const owner = await newMerchant()
    const { token } = newAccount({ username: OPERATOR_USERNAME })
    for (const taken of [OPERATOR_TOKEN, token]) expectTaken(await owner.bring(taken))
  })

  it('by anyone but the operator, nor for nobody', async () => {
    const owner = await newMerchant()
    const { key } = await owner.client()
    const { token } = newAccount()
    const path = `/admin/merchants/${owner.id}/credential`
    const asMerchant = await gateway.call('PUT', path, { key, body: { access_token: token } })
    expectError(asMerchant, 401, 'INVALID_ACCESS_TOKEN')
    expectError(await admin('PUT', '/nobody/credential', { access_token: token }), 404, 'NOT_FOUND')
    expectError(await admin('PUT', `/${owner.id}/credential`, {}), 400, 'ERR_VALIDATION')
    await expectOperators(owner, 'untouched')
  })
})

describe.concurrent('a credential that is there', () => {
  it('stays when the next one is refused', async () => {
    const owner = await newMerchant()
    const [good, bad] = [newAccount(), newAccount({ type: 'SANDBOX' })]
    await owner.bring(good.token)
    expectError(await owner.bring(bad.token), 400, 'ERR_VALIDATION')
    expect((await (await owner.client()).send('as before')).status).toBe(200)
    expect(good.account.topups).toMatchObject([{ ref: 'as before' }])
  })

  it('can be replaced: from then on the new account pays', async () => {
    const owner = await newMerchant()
    const [first, second] = [newAccount(), newAccount({ username: '+213550000999' })]
    await owner.bring(first.token)
    await (await owner.client()).send('on the first')
    const replaced = await owner.bring(second.token)
    // His sends may be on it for a minute still.
    expectTaken(await (await newMerchant()).bring(first.token))
    expect(replaced.json.data.account).toBe('…999')
    const his = await owner.client()
    expect((await his.send('on the second')).status).toBe(200)
    expect(first.account.topups).toMatchObject([{ ref: 'on the first' }])
    expect(second.account.topups).toMatchObject([{ ref: 'on the second' }])
    expect((await his.send('on the first')).headers.get('idempotent-replayed')).toBe('true')
    expect(second.account.topups).toHaveLength(1)
  })

  it('can be taken away: the operator pays again', async () => {
    const owner = await newMerchant()
    const { token, account } = newAccount()
    await owner.bring(token)
    await (await owner.client()).send('own')
    expect((await admin('DELETE', `/${owner.id}/credential`)).status).toBe(200)
    await expectOperators(owner, 'operator’s again')
    expect(account.topups).toHaveLength(1)
  })

  it('keeps its account from everybody else, with any credential of it, until he gives it up', async () => {
    const [one, other] = [await newMerchant(), await newMerchant()]
    const { token, username } = newAccount()
    const { token: second } = newAccount({ username })
    expect((await one.bring(token)).status).toBe(200)
    for (const taken of [token, second]) expectTaken(await other.bring(taken))
    expect((await admin('DELETE', `/${one.id}/credential`)).status).toBe(200)
    // And for some minutes after: what the edge remembers may still be sent on it.
    expectTaken(await other.bring(token))
    expect((await one.bring(token)).status).toBe(200)
  })
})
