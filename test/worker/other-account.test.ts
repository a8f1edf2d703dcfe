/** After a merchant brought another account: what the one says proves nothing for the other. */
import { runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { merchantById, walletByName } from '../../src/env'
import { walletOf } from '../../src/provider/account'
import { answering, env, failure, lettingIn, newWorld, success } from './world'

const MASTER_KEY = env.MASTER_KEY
const NOON = Date.UTC(2026, 1, 1, 12)
const WINDOW = { from: NOON, to: NOON + 60_000 }
let count = 0

beforeEach(() => {
  newWorld()
  env.MASTER_KEY = 'a master key'
  lettingIn()
})
afterEach(() => {
  vi.restoreAllMocks()
  env.MASTER_KEY = MASTER_KEY
})

/** A merchant who brings one account after the other, and the name of each. */
async function moving() {
  const id = `moving${++count}`
  await merchantById(env, id).create(id, 'Moving')
  return {
    wallet: walletByName(env, `own:${id}`),
    /** From inside any object: a stub belongs to the one that made it. */
    async bring(accessToken: string): Promise<string> {
      const merchant = merchantById(env, id)
      expect(await merchant.setCredential(accessToken, env.MASTER_KEY)).toMatchObject({ ok: true })
      const ownAccount = (await merchant.describe())?.ownAccount ?? null
      return (await walletOf(env, { merchantId: id, environment: 'production', ownAccount })).account
    },
  }
}

const page = (...refs: string[]) =>
  success({
    items: refs.map((ref) => ({ _id: `id-${ref}`, ref, status: 'PENDING' })),
    pagination: { page: 1, pageSize: 100, totalPages: 1, totalResults: refs.length },
  })

it('a list that is being read answers for its own account only', async () => {
  const { wallet, bring } = await moving()
  const first = await bring('sk_first')
  const reading = Promise.withResolvers<void>()
  const mayAnswer = Promise.withResolvers<void>()
  answering('/v3/mobile/list', async ({ headers }) => {
    if (headers.get('X-Access-Token') !== 'sk_first') return page('there')
    reading.resolve()
    await mayAnswer.promise
    return page('elsewhere')
  })
  // In one go inside the wallet: a promise that another request resolves would never wake this one.
  await runInDurableObject(wallet, async (instance) => {
    const before = instance.isListed({ upstreamRef: 'gone', account: first }, WINDOW)
    await reading.promise
    const second = await bring('sk_second')
    const after = instance.isListed({ upstreamRef: 'there', account: second }, WINDOW)
    mayAnswer.resolve()
    expect(await after).toBe('listed')
    expect(await before).toBe('absent')
  })
})

describe('a look-up with another credential than it was sent with', () => {
  const look = async (wallet: Awaited<ReturnType<typeof moving>>['wallet'], account: string) =>
    (
      await wallet.look({
        order: 'unused',
        upstreamRef: 'r-1',
        account,
        planCode: 'P',
        submittedAt: 0,
        providerId: null,
      })
    ).outcome

  it('that finds nothing says nothing', async () => {
    const { wallet, bring } = await moving()
    const first = await bring('sk_before')
    answering('/v3/mobile/check-ref/r-1', () => failure(404, 'NOT_FOUND'))
    expect(await look(wallet, first)).toEqual({ kind: 'not_found' })
    const second = await bring('sk_after')
    vi.setSystemTime(Date.now() + 61_000) // more than the wallet remembers of a credential
    expect(await look(wallet, first)).toMatchObject({ kind: 'no_answer', reason: 'other_credential' })
    expect(await look(wallet, second)).toEqual({ kind: 'not_found' })
    vi.useRealTimers()
  })

  it('that finds it is good news: a key was renewed, the account is the same', async () => {
    const { wallet, bring } = await moving()
    const first = await bring('sk_worn')
    await bring('sk_renewed')
    answering('/v3/mobile/check-ref/r-1', () => success({ _id: 'a', ref: 'r-1', status: 'FULFILLED' }))
    expect(await look(wallet, first)).toMatchObject({ kind: 'found' })
  })
})

it('no account is taken while nobody can say whether it is the operator’s', async () => {
  const id = `moving${++count}`
  const merchant = merchantById(env, id)
  await merchant.create(id, 'Moving')
  const operator = env.ONECLICK_ACCESS_TOKEN
  const apiKey = { isEnabled: true, type: 'PRODUCTION', scope: 'READ-WRITE' }
  answering('/v3/validate', ({ headers }) =>
    headers.get('X-Access-Token') === operator
      ? failure(503, 'AUTH_UNAVAILABLE')
      : success({ username: '0550999999', apiKey }),
  )
  const check = await merchant.setCredential('sk_whose', env.MASTER_KEY)
  expect(check).toMatchObject({ ok: false, retry: true })
  expect(await merchant.credential()).toBeNull()
})
