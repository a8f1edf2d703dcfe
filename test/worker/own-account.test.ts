/** A merchant's own account at the provider: his sends go out on it and on no other, and it is his alone. */
import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { merchantById, orderByName, walletByName } from '../../src/env'
import { OPERATOR_WALLET, orderName } from '../../src/order/name'
import type { Intent } from '../../src/order/state'
import { walletOf } from '../../src/provider/account'
import { answering, env, failure, lettingIn, newWorld, success } from './world'

const OPERATOR_TOKEN = env.ONECLICK_ACCESS_TOKEN
const MASTER_KEY = env.MASTER_KEY
/** More than the edge and a wallet remember of a credential. */
const UNTIL_FREE_MS = 6 * 60_000
const TAKEN = { ok: false, retry: false, reason: 'the operator or another merchant uses this account' }

let count = 0

beforeEach(() => {
  newWorld()
  env.MASTER_KEY = 'a master key'
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  env.ONECLICK_ACCESS_TOKEN = OPERATOR_TOKEN
  env.MASTER_KEY = MASTER_KEY
})

/** A merchant of his own for each test. */
async function newMerchant() {
  const id = `own${++count}`
  const merchant = merchantById(env, id)
  await merchant.create(id, 'Own')
  return {
    id,
    merchant,
    bring: (accessToken: string) => merchant.setCredential(accessToken, env.MASTER_KEY),
    /** What his next sends are promised to. */
    async promised() {
      const ownAccount = (await merchant.describe())?.ownAccount ?? null
      return walletOf(env, { merchantId: id, environment: 'production', ownAccount })
    },
  }
}

describe('a send', () => {
  const orderOf = async (id: string, ref: string) => orderByName(env, await orderName(id, 'production', ref))

  async function send(merchantId: string, ref: string, promised: Pick<Intent, 'wallet' | 'account'>) {
    const request = { planCode: 'PREPAID_MOBILIS', msisdn: '0661234567', amountDzd: 500 }
    const intent: Intent = {
      merchantId,
      environment: 'production',
      ref,
      upstreamRef: ref,
      request,
      callback: null,
      ...promised,
    }
    const terms = {
      objection: null,
      warnings: [],
      limited: false,
      valueDzd: 500,
      allowDuplicate: false,
      refusesDown: false,
      folds: false,
    }
    return await (await orderOf(merchantId, ref)).send(intent, terms)
  }
  async function expectFree(merchantId: string, ref: string): Promise<void> {
    const order = await orderOf(merchantId, ref)
    expect(await runInDurableObject(order, async (_, { storage }) => (await storage.list()).size)).toBe(0)
    expect(await runInDurableObject(order, (_, { storage }) => storage.getAlarm())).toBeNull()
  }
  const REFUSED = { kind: 'refused', refusal: { httpStatus: 503, code: 'SERVICE_UNAVAILABLE' } }
  let sent: ReturnType<typeof answering>

  beforeEach(() => {
    lettingIn()
    sent = answering('/v3/mobile/send', () => success({ topupId: 'c'.repeat(24), topupRef: 'r' }))
  })

  it('goes out with his credential, which is kept nowhere in the open', async () => {
    const { id, merchant, bring, promised } = await newMerchant()
    expect(await bring('sk_of_the_merchant')).toMatchObject({ ok: true })
    const own = await promised()
    expect(own.wallet).toBe(`own:${id}`)
    expect(await send(id, 'own-send', own)).toMatchObject({ kind: 'sent' })
    expect(sent.tokens).toEqual(['sk_of_the_merchant'])
    const stored = await runInDurableObject(merchant, async (_, { storage }) =>
      JSON.stringify([...(await storage.list()).values()]),
    )
    expect(stored).not.toContain('sk_of_the_merchant')
  })

  it('promised to the account that he has just exchanged goes nowhere, to the new one at once', async () => {
    const { id, bring, promised } = await newMerchant()
    await bring('sk_old')
    const before = await promised()
    await send(id, 'with-old', before)
    await bring('sk_new')
    expect(await send(id, 'with-new', await promised())).toMatchObject({ kind: 'sent' })
    expect(await send(id, 'too-late', before)).toMatchObject(REFUSED)
    expect(sent.tokens).toEqual(['sk_old', 'sk_new'])
    await expectFree(id, 'too-late')
  })

  it('with a credential that cannot be opened goes nowhere, and never through the operator', async () => {
    const { id, bring, promised } = await newMerchant()
    await bring('sk_sealed')
    env.MASTER_KEY = 'another master key'
    const own = await promised()
    expect(await send(id, 'sealed', own)).toMatchObject(REFUSED)
    expect(sent.tokens).toEqual([])
    await expectFree(id, 'sealed')
    expect(own.wallet).not.toBe(OPERATOR_WALLET)
  })
})

describe('an account belongs to one merchant', () => {
  /** He is where he was, on the operator's account. */
  async function expectNothingKept({ merchant, promised }: Awaited<ReturnType<typeof newMerchant>>) {
    expect(await merchant.credential()).toBeNull()
    expect(await promised()).toMatchObject({ wallet: OPERATOR_WALLET })
  }

  it.each([
    ['the same credential', 'sk_shared', 'sk_shared'],
    ['another credential of the same account', 'sk_first', 'sk_second'],
  ])('a second one is refused with %s', async (_, first, second) => {
    const name = `account ${crypto.randomUUID()}`
    lettingIn({ [first]: name, [second]: name })
    const [one, other] = [await newMerchant(), await newMerchant()]
    expect(await one.bring(first)).toMatchObject({ ok: true })
    const { claim = '' } = (await one.merchant.credential()) ?? {}
    await evictDurableObject(walletByName(env, claim))
    expect(await other.bring(second)).toEqual(TAKEN)
    await expectNothingKept(other)
    expect(await one.promised()).toMatchObject({ wallet: `own:${one.id}` })
  })

  it('of two at once, one has it', async () => {
    lettingIn()
    const both = [await newMerchant(), await newMerchant()]
    const checks = await Promise.all(both.map(({ bring }) => bring('sk_at_once')))
    expect(checks.map(({ ok }) => ok).toSorted()).toEqual([false, true])
    expect(checks).toContainEqual(TAKEN)
  })

  it.each([
    ["the operator's credential", OPERATOR_TOKEN],
    ["another credential of the operator's account", 'sk_also_the_operators'],
  ])('and never with %s', async (_, token) => {
    lettingIn({ [OPERATOR_TOKEN]: '0550000001', [token]: '0550000001' })
    const own = await newMerchant()
    expect(await own.bring(token)).toEqual(TAKEN)
    await expectNothingKept(own)
  })

  it('who may bring it again, and another credential of it too', async () => {
    lettingIn({ sk_a1: 'account a', sk_a2: 'account a' })
    const [one, other] = [await newMerchant(), await newMerchant()]
    for (const token of ['sk_a1', 'sk_a1', 'sk_a2'])
      expect(await one.bring(token)).toMatchObject({ ok: true })
    expect(await other.bring('sk_a1')).toEqual(TAKEN)
  })

  it('until his credential is taken away', async () => {
    lettingIn()
    const [one, other] = [await newMerchant(), await newMerchant()]
    await one.bring('sk_given_up')
    await one.merchant.removeCredential()
    // Somebody may be sending on it still.
    expect(await other.bring('sk_given_up')).toEqual(TAKEN)
    vi.setSystemTime(Date.now() + UNTIL_FREE_MS)
    expect(await other.bring('sk_given_up')).toMatchObject({ ok: true })
    expect(await one.bring('sk_given_up')).toEqual(TAKEN)
    await one.merchant.removeCredential()
    expect(await one.bring('sk_given_up')).toEqual(TAKEN)
  })

  it('until he brings that of another account', async () => {
    lettingIn()
    const [one, other] = [await newMerchant(), await newMerchant()]
    await one.bring('sk_before')
    await one.bring('sk_after')
    expect(await other.bring('sk_after')).toEqual(TAKEN)
    vi.setSystemTime(Date.now() + UNTIL_FREE_MS)
    expect(await other.bring('sk_before')).toMatchObject({ ok: true })
  })

  it('and keeps his when he may not have the other one', async () => {
    lettingIn()
    const [one, other, third] = [await newMerchant(), await newMerchant(), await newMerchant()]
    await one.bring('sk_his')
    await other.bring('sk_others')
    expect(await one.bring('sk_others')).toEqual(TAKEN)
    expect(await third.bring('sk_his')).toEqual(TAKEN)
    expect(await one.promised()).toMatchObject({ wallet: `own:${one.id}` })
  })

  it('by its credential, where the provider gives it no name', async () => {
    lettingIn({ sk_nameless1: undefined, sk_nameless2: undefined, [OPERATOR_TOKEN]: undefined })
    const [one, other] = [await newMerchant(), await newMerchant()]
    expect(await one.bring('sk_nameless1')).toMatchObject({ ok: true, username: '' })
    expect(await other.bring('sk_nameless1')).toEqual(TAKEN)
    expect(await other.bring('sk_nameless2')).toMatchObject({ ok: true })
  })

  it('and one that the provider did not let in is nobody’s', async () => {
    const [one, other] = [await newMerchant(), await newMerchant()]
    answering('/v3/validate', () => failure(401, 'INVALID_ACCESS_TOKEN'))
    expect(await one.bring('sk_later')).toMatchObject({ ok: false })
    lettingIn()
    expect(await other.bring('sk_later')).toMatchObject({ ok: true })
  })
})
