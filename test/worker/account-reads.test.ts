/** What a wallet reads for a reconciliation: of the account that is meant, and of no other. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { merchantById, walletByName } from '../../src/env'
import { walletOf } from '../../src/provider/account'
import { Gate } from '../../src/provider/gate'
import { answering, env, failure, lettingIn, newWorld, success } from './world'

const MASTER_KEY = env.MASTER_KEY
const NOON = Date.UTC(2026, 1, 1, 12)
const WINDOW = { from: NOON, to: NOON + 60_000 }
const ID = 'c'.repeat(24)
let count = 0

beforeEach(() => {
  newWorld()
  env.MASTER_KEY = 'a master key'
  lettingIn()
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  env.MASTER_KEY = MASTER_KEY
})

/** A merchant with an account of his own, and its name. */
async function own() {
  const id = `reads${++count}`
  const merchant = merchantById(env, id)
  await merchant.create(id, 'Reads')
  const bring = async (token: string) => {
    expect(await merchant.setCredential(`${token}_${id}`, env.MASTER_KEY)).toMatchObject({ ok: true })
    const ownAccount = (await merchant.describe())?.ownAccount ?? null
    return (await walletOf(env, { merchantId: id, environment: 'production', ownAccount })).account
  }
  const wallet = walletByName(env, `own:${id}`)
  // In no hurry, the provider: pages would be 1.5 s apart.
  await wallet.change({ readsPerMinute: 60_000 })
  return { wallet, account: await bring('sk_first'), bring, merchant }
}

const pagination = { page: 2, pageSize: 100, totalPages: 3, totalResults: 201 }
const movement = {
  ...{ _id: 'm1', type: 'FLEXY', objid: ID, note: 'PREPAID_MOBILIS 0661234567' },
  ...{ oldBalance: 1_000, newBalance: 520, time: new Date(NOON).toISOString() },
}

function answeringAll() {
  const paths: string[] = []
  const noting = (path: string, data: unknown) =>
    answering(path, ({ url }) => {
      paths.push(url.slice(url.indexOf('/v3')))
      return success(data)
    })
  const topup = { _id: ID, ref: 'r-1', status: 'FULFILLED' }
  noting('/v3/mobile/list', { items: [topup], pagination })
  noting('/v3/account/transactions', { items: [movement], pagination })
  noting(`/v3/mobile/check-id/${ID}`, topup)
  return paths
}

describe('pages', () => {
  it('are the ones that are asked for', async () => {
    const { wallet, account } = await own()
    const paths = answeringAll()
    expect(await wallet.account()).toBe(account)
    expect(await wallet.listPage(account, WINDOW, 2)).toMatchObject({
      page: { topups: [{ id: ID }], page: 2, totalPages: 3 },
      evidence: { httpStatus: 200 },
    })
    expect(await wallet.statementPage(account, WINDOW, 2)).toMatchObject({
      movements: [{ id: 'm1', topupId: ID, beforeCentimes: 100_000, afterCentimes: 52_000 }],
      totalResults: 201,
    })
    expect(await wallet.topup(account, ID)).toMatchObject({ id: ID, ref: 'r-1', status: 'FULFILLED' })
    const query = 'page=2&pageSize=100&from=2026-02-01T12%3A00%3A00.000Z&to=2026-02-01T12%3A01%3A00.000Z'
    expect(paths).toEqual([
      `/v3/mobile/list?${query}`,
      `/v3/account/transactions?${query}`,
      `/v3/mobile/check-id/${ID}`,
    ])
  })

  it('are not read of the account that came after it, however lately that was', async () => {
    const { wallet, account, bring } = await own()
    answeringAll()
    expect(await wallet.listPage(account, WINDOW, 1)).not.toBeNull()
    const next = await bring('sk_second')
    vi.setSystemTime(Date.now() + 61_000) // more than the wallet remembers of a credential
    expect(await wallet.account()).toBe(next)
    expect(await wallet.listPage(account, WINDOW, 1)).toBeNull()
    expect(await wallet.statementPage(account, WINDOW, 1)).toBeNull()
    expect(await wallet.topup(account, ID)).toBeNull()
    expect(await wallet.listPage(next, WINDOW, 1)).not.toBeNull()
  })

  it('are not read at all without a credential', async () => {
    const { wallet, account, merchant } = await own()
    answeringAll()
    await merchant.removeCredential()
    vi.setSystemTime(Date.now() + 61_000)
    expect(await wallet.account()).toBeNull()
    expect(await wallet.listPage(account, WINDOW, 1)).toBeNull()
  })

  it('take their turn with the books, and wait for it', async () => {
    const turns = vi.spyOn(Gate.prototype, 'booksTurn').mockResolvedValue(false)
    const { wallet, account } = await own()
    const paths = answeringAll()
    const order = {
      order: 'unused',
      upstreamRef: 'r-1',
      account,
      planCode: 'P',
      submittedAt: 0,
      providerId: null,
    }
    expect(await wallet.listPage(account, WINDOW, 1)).toBeNull()
    expect(await wallet.statementPage(account, WINDOW, 1)).toBeNull()
    expect(await wallet.topup(account, ID)).toBeNull()
    expect((await wallet.lookPatiently(order)).outcome).toMatchObject({
      kind: 'no_answer',
      reason: 'no_turn',
    })
    expect(turns.mock.calls).toEqual([[60_000], [60_000], [60_000], [60_000]])
    expect(paths).toEqual([])
  })
})

describe('one top-up by its id', () => {
  it('is not there only when the provider says so', async () => {
    const { wallet, account } = await own()
    // Made in the wallet: a body belongs to the object that made it.
    const answers: [() => Response, unknown][] = [
      [() => failure(404, 'NOT_FOUND'), 'none'],
      [() => failure(404, 'ROUTE_NOT_FOUND'), null],
      [() => new Response('<html>', { status: 404 }), null],
      [() => failure(500, 'NOT_FOUND'), null],
      [() => success({ _id: 'another', ref: 'r-1', status: 'FULFILLED' }), null],
      [() => success({}), null],
    ]
    for (const [answer, expected] of answers) {
      answering(`/v3/mobile/check-id/${ID}`, answer)
      expect(await wallet.topup(account, ID)).toBe(expected)
    }
  })
})

it('a patient look-up with another credential than it was sent with proves nothing', async () => {
  const { wallet, account, bring } = await own()
  const look = async (of: string) =>
    (
      await wallet.lookPatiently({
        order: '',
        upstreamRef: 'r-1',
        account: of,
        planCode: '',
        submittedAt: 0,
        providerId: null,
      })
    ).outcome
  answering('/v3/mobile/check-ref/r-1', () => failure(404, 'NOT_FOUND'))
  expect(await look(account)).toEqual({ kind: 'not_found' })
  await bring('sk_second')
  vi.setSystemTime(Date.now() + 61_000)
  expect(await look(account)).toMatchObject({ kind: 'no_answer', reason: 'other_credential' })
})
