/** What a reconciliation is told by the objects of the gateway: of its own account, and of no other. */
import { runInDurableObject } from 'cloudflare:test'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { bookOf, merchantById, orderByName, walletByName } from '../../src/env'
import { OPERATOR_WALLET, orderName, upstreamRef } from '../../src/order/name'
import type { Intent } from '../../src/order/state'
import { walletOf } from '../../src/provider/account'
import { accountPorts, type Subject } from '../../src/reconcile/account-ports'
import type { Finding } from '../../src/reconcile/finding'
import type { OurOrder } from '../../src/reconcile/ours'
import type { Ports } from '../../src/reconcile/ports'
import { entry, newBook, record } from './book-entries'
import { answering, env, failure, lettingIn, newWorld, orderOf, success, type World } from './world'

const MASTER_KEY = env.MASTER_KEY
let world: World
let count = 0
let merchantId: string
let nobodys: Finding[]

beforeEach(async () => {
  world = newWorld()
  env.MASTER_KEY = 'a master key'
  lettingIn()
  nobodys = []
  merchantId = `ports${++count}`
  await merchantById(env, merchantId).create(merchantId, 'Ports')
})
afterEach(() => {
  vi.restoreAllMocks()
  env.MASTER_KEY = MASTER_KEY
})

function portsOf(change: Partial<Subject> = {}): Ports {
  const subject: Subject = {
    environment: 'production',
    wallet: OPERATOR_WALLET,
    account: 'unused',
    merchantId: null,
    until: Date.now() + 60_000,
    ...change,
  }
  return accountPorts(env, subject, (finding) => nobodys.push(finding))
}

async function send(ref: string) {
  const ownAccount = (await merchantById(env, merchantId).describe())?.ownAccount ?? null
  const { wallet, account } = await walletOf(env, { merchantId, environment: 'production', ownAccount })
  const intent: Intent = {
    ...{ merchantId, environment: 'production', ref, wallet, account, callback: null },
    upstreamRef: upstreamRef(wallet, merchantId, ref),
    request: { planCode: 'PREPAID_MOBILIS', msisdn: '0661234567', amountDzd: 500 },
  }
  const terms = { objection: null, warnings: [], limited: false, valueDzd: 500, allowDuplicate: false }
  const order = orderByName(env, await orderName(merchantId, 'production', ref))
  expect(await order.send(intent, { ...terms, refusesDown: false, folds: false })).toMatchObject({
    kind: 'sent',
  })
  return { order, account, wallet }
}

/** As it is compared. */
async function mustHave(ref: string): Promise<OurOrder> {
  const order = await portsOf().order(merchantId, ref)
  if (order === null) throw new Error(`there is no order ${ref}`)
  return order
}

const ALWAYS = { from: 1, to: Number.MAX_SAFE_INTEGER }
const refs = async (ports: Ports) =>
  (await ports.rows(merchantId, ALWAYS, null, 10)).map(({ ref, upstreamRef: shown }) => [ref, shown])
async function bring(token: string): Promise<void> {
  const credential = `${token}_${merchantId}`
  const check = await merchantById(env, merchantId).setCredential(credential, env.MASTER_KEY)
  expect(check).toMatchObject({ ok: true })
  // In no hurry, the provider: reads would be 1.5 s apart.
  await walletByName(env, `own:${merchantId}`).change({ readsPerMinute: 60_000 })
}

describe('orders of a merchant who brought an account of his own later', () => {
  it('are on the account that each was sent on', async () => {
    await send('before')
    await bring('sk_own')
    await send('after')
    const [shared, own] = [portsOf(), portsOf({ wallet: `own:${merchantId}` })]
    expect(await refs(shared)).toEqual([['before', `${merchantId}.before`]])
    expect(await refs(own)).toEqual([['after', 'after']])
    expect(await shared.order(merchantId, 'before')).toMatchObject({ ref: 'before', phase: 'tracking' })
    expect(await shared.order(merchantId, 'after')).toBeNull()
    expect(await own.order(merchantId, 'before')).toBeNull()
    expect(await shared.merchants(ALWAYS.from, ALWAYS.to)).toContain(merchantId)
    expect(await own.merchants(ALWAYS.from, ALWAYS.to)).toEqual([merchantId])
  })

  it('are asked for their account where their rows are older than that question', async () => {
    for (const ref of ['r-1', 'r-2', 'r-3']) await send(ref)
    await bring('sk_own')
    for (const ref of ['r-4', 'r-5']) await send(ref)
    await runInDurableObject(bookOf(env, merchantId), (_, { storage: { sql } }) => {
      sql.exec('UPDATE orders SET wallet = NULL, asked_dzd = NULL')
    })
    const own = portsOf({ wallet: `own:${merchantId}` })
    expect(await refs(own)).toEqual([
      ['r-4', 'r-4'],
      ['r-5', 'r-5'],
    ])
    // A page is short only at the end, whatever was left out of it.
    const [first, ...more] = await own.rows(merchantId, ALWAYS, null, 1)
    expect([first?.ref, more.length, first?.askedDzd]).toEqual(['r-4', 0, 500])
    expect((await own.rows(merchantId, ALWAYS, first ?? null, 1)).map(({ ref }) => ref)).toEqual(['r-5'])
    expect((await portsOf().rows(merchantId, ALWAYS, null, 2)).map(({ ref }) => ref)).toEqual(['r-1', 'r-2'])
  })

  it('are shown as they are where there is no order behind the row', async () => {
    const objectId = env.ORDER.idFromName(`ghost-${merchantId}`).toString()
    await record(newBook(merchantId), [entry(1, { objectId })])
    await runInDurableObject(bookOf(env, merchantId), (_, { storage: { sql } }) => {
      sql.exec('UPDATE orders SET wallet = NULL')
    })
    expect(await refs(portsOf())).toEqual([['order-1', `${merchantId}.order-1`]])
    expect(await portsOf().order(merchantId, 'order-1')).toBeNull()
  })
})

describe('a look-up', () => {
  const notFound = (ref: string) => answering(`/v3/mobile/check-ref/${ref}`, () => failure(404, 'NOT_FOUND'))

  it('proves nothing for an order that went out on another account', async () => {
    await bring('sk_first')
    const { account } = await send('moved')
    await bring('sk_second')
    const { account: present } = await send('new')
    expect(present).not.toBe(account)
    const ports = portsOf({ wallet: `own:${merchantId}`, account: present })
    notFound('moved')
    expect((await ports.look('moved')).outcome).toMatchObject({
      kind: 'no_answer',
      reason: 'other_credential',
    })
    notFound('new')
    expect((await ports.look('new')).outcome).toEqual({ kind: 'not_found' })
    notFound('nobody')
    expect((await ports.look('nobody')).outcome).toEqual({ kind: 'not_found' })
  })

  it('and every other read, ends with its time', async () => {
    const { account } = await send('late')
    const ports = portsOf({ account, until: Date.now() })
    const reads = vi.mocked(fetch).mock.calls.length
    expect(await ports.list({ from: 0, to: 1 }, 1)).toBeNull()
    expect(await ports.statement({ from: 0, to: 1 }, 1)).toBeNull()
    expect(await ports.topup('c'.repeat(24))).toBeNull()
    expect((await ports.look(`${merchantId}.late`)).outcome).toMatchObject({
      kind: 'no_answer',
      reason: 'no_time',
    })
    expect(vi.mocked(fetch).mock.calls).toHaveLength(reads)
    expect(await portsOf({ account }).list({ from: 0, to: Date.now() }, 1)).toMatchObject({ page: 1 })
  })
})

describe('an order', () => {
  it('learns what the provider shows by its own way, and tells what it is then', async () => {
    const { order } = await send('learns')
    const made = world.accepted.get(`${merchantId}.learns`)
    const topup = {
      ...{
        id: made?.id ?? '',
        ref: `${merchantId}.learns`,
        status: 'FULFILLED',
        planCode: 'PREPAID_MOBILIS',
      },
      ...{ msisdn: '0661234567', topupAmountDzd: 500, balanceAmountDzd: 480, refundMessage: null },
      suggestedOffers: null,
    }
    const told = { outcome: { kind: 'found', topup }, evidence: [] } as const
    const after = await portsOf().observe(await mustHave('learns'), told)
    expect(after).toMatchObject({
      ref: 'learns',
      phase: 'settled',
      status: 'FULFILLED',
      providerId: made?.id,
    })
    expect((await order.status(merchantId))?.stateVersion).toBe(2)
  })

  it('writes its row anew where the book has lost it', async () => {
    const { order } = await send('lost')
    await runInDurableObject(bookOf(env, merchantId), (_, { storage: { sql } }) =>
      sql.exec('DELETE FROM orders'),
    )
    expect(await refs(portsOf())).toEqual([])
    await portsOf().rebook(order.id.toString())
    expect(await refs(portsOf())).toEqual([['lost', `${merchantId}.lost`]])
  })

  it('that does not exist is none, and none is made by asking', async () => {
    expect(await portsOf().order(merchantId, 'nothing')).toBeNull()
    const order = orderByName(env, await orderName(merchantId, 'production', 'nothing'))
    await send('something')
    const nothing = { ...(await mustHave('something')), objectId: order.id.toString(), ref: 'nothing' }
    expect(await portsOf().observe(nothing, { outcome: { kind: 'not_found' }, evidence: [] })).toBeNull()
    await portsOf().rebook(order.id.toString())
    expect(await runInDurableObject(order, async (_, { storage }) => (await storage.list()).size)).toBe(0)
    expect((await orderOf('nothing')).id.toString()).not.toBe(order.id.toString())
  })
})

describe('a finding', () => {
  const finding = (id: string): Finding => ({
    ...{ id, environment: 'production', kind: 'orphan', foundAt: Date.now(), ref: null },
    ...{ upstream: { topupId: 'c', amountDzd: 500 }, ours: null },
  })
  const found = async () =>
    (
      await bookOf(env, merchantId).findings({
        ...{ environment: 'production', state: null, kind: null, limit: 10, before: null },
      })
    ).items.map(({ id }) => id)

  it('goes to the book of its merchant, or of the merchant whose account it is', async () => {
    await portsOf().find(merchantId, finding('his'))
    await portsOf({ wallet: `own:${merchantId}` }).find(null, finding('on-his-account'))
    expect((await found()).toSorted()).toEqual(['his', 'on-his-account'])
    expect(nobodys).toEqual([])
  })

  it('that is of no merchant, or of a name that is nobody’s, is the operator’s', async () => {
    await portsOf().find(null, finding('nobodys'))
    await portsOf().find('stranger', finding('strangers'))
    expect(nobodys.map(({ id }) => id)).toEqual(['nobodys', 'strangers'])
  })
})

it('the plans whose amount the sender chooses are known in small letters', async () => {
  answering('/v3/mobile/plans', () =>
    success({
      dynamicPlans: [
        { code: 'PREPAID_MOBILIS', operator: 'Mobilis', min_amount: 40, max_amount: 1_999 },
        { code: 'GETMENU_Mobilis', operator: 'Mobilis', min_amount: 0, max_amount: 0 },
      ],
      fixedPlans: [{ code: 'MIX500', operator: 'Mobilis', amount: 500 }],
    }),
  )
  const wallet = `own:${merchantId}`
  await bring('sk_plans')
  expect(await portsOf({ wallet }).dynamicPlans()).toEqual(new Set(['prepaid_mobilis']))
})
