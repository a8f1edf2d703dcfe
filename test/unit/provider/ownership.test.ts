/** Whose a top-up in the provider's books is, as far as its ref says. */
import fc from 'fast-check'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Env } from '../../../src/env'
import { OPERATOR_WALLET, orderName, upstreamRef, walletName } from '../../../src/order/name'
import type { Incident } from '../../../src/provider/incident'
import { bookLoss, ownership, refOwner } from '../../../src/provider/ownership'

/** Merchant ids never contain a dot. */
const merchantId = fc.stringMatching(/^[a-z0-9-]{1,20}$/)
const ref = fc.string({ minLength: 1, maxLength: 60 }).filter((text) => !/^API-[^-]+-/.test(text))

describe('a ref that the provider shows', () => {
  it('is read back to the merchant and to what he calls it, on every kind of account, in both forms', () => {
    fc.assert(
      fc.property(
        merchantId,
        ref,
        fc.constantFrom('sandbox', 'operator', 'own'),
        fc.boolean(),
        (id, his, kind, isStored) => {
          const environment = kind === 'sandbox' ? 'sandbox' : 'production'
          const wallet = walletName(id, environment, kind === 'own')
          const upstream = upstreamRef(wallet, id, his)
          const shown = isStored ? `API-+213550000000-${upstream}` : upstream
          expect(refOwner(wallet, shown)).toEqual({ merchantId: id, environment, ref: his })
        },
      ),
    )
  })

  it('is nobody’s on the shared account without a merchant in it', () => {
    for (const shown of ['order-77', '', '.order-77', 'API-77-order-77', 'API-77-.x'])
      expect(refOwner(OPERATOR_WALLET, shown)).toBeNull()
  })

  it('may contain dots: only the first ends the merchant', () => {
    expect(refOwner(OPERATOR_WALLET, 'shop.2026.01.02')).toMatchObject({
      merchantId: 'shop',
      ref: '2026.01.02',
    })
  })

  it('is nobody’s on an account that is not known', () => {
    expect(refOwner('plans-1', 'shop.order-77')).toBeNull()
  })
})

/** What only the objects do, and what they were asked. */
let asked: unknown[]
let owns: (name: string) => Promise<boolean>
let known: Set<string>
let found: { merchantId: string; finding: unknown }[]

const env = {
  ORDER: {
    idFromName: (name: string) => name,
    get: (name: string) => ({
      owns: (topupId: string) => {
        asked.push([name, topupId])
        return owns(name)
      },
    }),
  },
  MERCHANT: {
    idFromName: (name: string) => name,
    get: (name: string) => ({
      describe: () => Promise.resolve(known.has(name) ? { id: name } : null),
    }),
  },
  BOOK: {
    idFromName: (name: string) => name,
    get: (name: string) => ({
      find: (finding: unknown) => {
        found.push({ merchantId: name, finding })
        return Promise.resolve()
      },
    }),
  },
} as unknown as Env

beforeEach(() => {
  asked = []
  owns = () => Promise.resolve(true)
  known = new Set(['shop'])
  found = []
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
})

describe('a debit', () => {
  it('is ours when the order of its ref says so', async () => {
    expect(await ownership(env, OPERATOR_WALLET, 'top-1', 'API-77-shop.order-77')).toBe('ours')
    expect(asked).toEqual([[await orderName('shop', 'production', 'order-77'), 'top-1']])
  })

  it('is foreign when that order has another top-up, or was never there', async () => {
    owns = () => Promise.resolve(false)
    expect(await ownership(env, OPERATOR_WALLET, 'top-1', 'shop.order-77')).toBe('foreign')
  })

  it('is foreign where its ref is nobody’s, and no object is made to ask it', async () => {
    expect(await ownership(env, OPERATOR_WALLET, 'top-1', 'order-77')).toBe('foreign')
    expect(asked).toEqual([])
  })

  it('is unsure when the order cannot be asked: nobody is accused by an outage', async () => {
    owns = () => Promise.reject(new Error('overloaded'))
    expect(await ownership(env, OPERATOR_WALLET, 'top-1', 'shop.order-77')).toBe('unsure')
  })
})

describe('what is gone', () => {
  const loss = (change: Partial<Incident> = {}): Incident => ({
    id: 'orphan-1',
    kind: 'orphan',
    certainty: 'foreign',
    at: 1_000,
    amountDzd: 480,
    topupId: 'top-1',
    ref: 'API-77-shop.order-77',
    type: 'FLEXY',
    note: '',
    balanceBeforeDzd: 1_000,
    balanceAfterDzd: 520,
    ...change,
  })
  const finding = { id: 'orphan-1', kind: 'orphan', ours: null }

  it('is told to the merchant whose ref it has, in his own words', async () => {
    await bookLoss(env, OPERATOR_WALLET, loss())
    expect(found).toMatchObject([
      {
        merchantId: 'shop',
        finding: { ...finding, environment: 'production', ref: 'order-77', upstream: loss() },
      },
    ])
  })

  it('from an account of his own is told to him, whatever its ref', async () => {
    await bookLoss(env, 'own:shop', loss({ ref: null }))
    await bookLoss(env, 'sandbox:shop', loss({ ref: null }))
    expect(found).toMatchObject([
      { merchantId: 'shop', finding: { ...finding, environment: 'production', ref: null } },
      { merchantId: 'shop', finding: { ...finding, environment: 'sandbox', ref: null } },
    ])
  })

  it('from the shared account without a ref of anybody’s is told to no merchant', async () => {
    await bookLoss(env, OPERATOR_WALLET, loss({ ref: null }))
    await bookLoss(env, OPERATOR_WALLET, loss({ ref: 'elsewhere' }))
    expect(found).toEqual([])
  })

  it('is told to nobody who is no merchant: a made-up ref makes no book', async () => {
    await bookLoss(env, OPERATOR_WALLET, loss({ ref: 'stranger.order-77' }))
    expect(found).toEqual([])
  })
})
