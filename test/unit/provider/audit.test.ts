/** Money that leaves the account without an order is told; nothing else is. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { type Audit, nextRunAt } from '../../../src/provider/audit'
import { AuditedAccount, NO_ANSWER } from './audit-provider'
import { movement, NOON } from './statement-rows'

let account: AuditedAccount
let audit: Audit

beforeEach(async () => {
  account = new AuditedAccount()
  account.rows = [movement('first', { at: -60_000, from: 1_100, to: 1_000 })]
  audit = account.audit()
  await audit.run()
})

/** Runs as often as it asks for, until then (milliseconds after noon). */
async function runUntil(after: number): Promise<void> {
  while (account.after < after) {
    const { nextRunAt: next } = await audit.run()
    account.after = Math.min(after, Math.max(account.after + 1, next - NOON))
  }
}

const spend = (id: string, at: number, more: { from?: number; to?: number; type?: string } = {}) =>
  movement(id, { at, from: 1_000, to: 520, ...more })

describe('a foreign spend', () => {
  it('is told within a minute, with all that is known of it', async () => {
    account.rows.push({ ...spend('f', 5_000), note: 'PREPAID_DJEZZY 0770123456' })
    account.refs.set('t-f', 'API-213-somebody')
    await runUntil(60_000)
    expect(account.told).toEqual([
      {
        id: 'orphan-f',
        kind: 'orphan',
        certainty: 'foreign',
        at: NOON + 5_000,
        amountDzd: 480,
        topupId: 't-f',
        ref: 'API-213-somebody',
        type: 'FLEXY',
        note: 'PREPAID_DJEZZY 07••••••56',
        balanceBeforeDzd: 1_000,
        balanceAfterDzd: 520,
      },
    ])
  })

  it.each(['SEND', 'WITHDRAW', 'ADSL', 'ORDER'])(
    'of type %s needs no look: the gateway makes none',
    async (type) => {
      account.rows.push(spend('f', 5_000, { type }))
      await runUntil(60_000)
      expect(account.told).toMatchObject([{ id: 'orphan-f', certainty: 'foreign', ref: null }])
      expect(account.reads('check-id') + account.reads('list')).toBe(0)
    },
  )

  it('that nobody can explain is told in time as just that', async () => {
    account.rows.push(spend('f', 5_000, { type: 'SERVICE' }))
    await runUntil(65_000)
    expect(account.told).toMatchObject([{ id: 'orphan-f', certainty: 'unexplained' }])
  })

  it('is told again under the same id when the state is lost', async () => {
    account.refs.set('t-f', 'x')
    const before = account.saved
    account.rows.push(spend('f', 5_000))
    await runUntil(40_000)
    account.saved = before
    audit = account.audit()
    await runUntil(80_000)
    expect(account.told.map(({ id }) => id)).toEqual(['orphan-f', 'orphan-f'])
  })

  it('stays to be told while nobody listens', async () => {
    vi.spyOn(console, 'error').mockReturnValue(undefined)
    account.rows.push(spend('f', 5_000, { type: 'SEND' }))
    account.tellFails = true
    await runUntil(60_000)
    expect(account.told).toEqual([])
    account.tellFails = false
    await runUntil(70_000)
    expect(account.told).toHaveLength(1)
  })
})

describe('a debit of ours is no alarm', () => {
  it('after an outage in which nobody could be asked whose it is: it is asked anew', async () => {
    account.rows.push(spend('ours', 5_000))
    account.answer = (path) => (path.includes('/check-id') || path.includes('/list') ? NO_ANSWER : null)
    account.isAnswering = false
    await runUntil(600_000)
    account.answer = () => null
    account.isAnswering = true
    account.refs.set('t-ours', 'API-213-m1.order-1')
    account.owners.set('API-213-m1.order-1', 'ours')
    await runUntil(700_000)
    expect(account.told).toEqual([])
  })

  it('while one of ours is in doubt, however long nobody has looked before', async () => {
    await runUntil(1_000)
    account.after = 3_600_000
    account.hasDoubt = true
    account.rows.push(spend('ours', 3_500_000))
    await runUntil(3_600_000 + 600_000)
    expect(account.told).toEqual([])
  })

  it('when its id is learnt while it waits: nothing is read for it', async () => {
    account.lastSendAt = 19_900
    account.after = 20_000
    await runUntil(20_500)
    account.rows.push(spend('ours', 19_950))
    account.lastSendAt = 40_400
    await runUntil(49_000)
    account.known.add('t-ours')
    await runUntil(120_000)
    expect(account.told).toEqual([])
    expect(account.reads('check-id')).toBe(0)
  })

  it('when only its order knows it', async () => {
    account.rows.push(spend('ours', 5_000))
    account.refs.set('t-ours', 'API-213-m1.order-1').set('t-f', 'API-213-other')
    account.owners.set('API-213-m1.order-1', 'ours')
    await runUntil(120_000)
    expect(account.told).toEqual([])
    expect(account.reads('check-id')).toBe(1)
  })

  it('when its order could not be asked at first', async () => {
    account.rows.push(spend('ours', 5_000))
    account.refs.set('t-ours', 'r')
    account.owners.set('r', 'unsure')
    await runUntil(33_000)
    account.owners.set('r', 'ours')
    await runUntil(120_000)
    expect(account.told).toEqual([])
    expect(account.reads('check-id')).toBe(1)
  })

  it('when the provider does not answer for a while: that says less than somebody who does not know', async () => {
    account.rows.push(spend('ours', 5_000))
    account.refs.set('t-ours', 'r')
    account.owners.set('r', 'ours')
    account.answer = (path) => (path.includes('check-id') && account.reads('check-id') < 6 ? NO_ANSWER : null)
    account.after = 50_000
    await runUntil(120_000)
    expect(account.told).toEqual([])
    expect(account.reads('check-id')).toBe(6)
  })

  it('when many are unknown at once: the list tells of all of them', async () => {
    const many = Array.from({ length: 150 }, (_, nth) =>
      movement(`o${nth}`, { at: 5_000 + nth * 20, from: 1_000 - nth, to: 999 - nth }),
    )
    account.rows.push(...many)
    for (const { topupId } of many) {
      account.refs.set(topupId ?? '', `ref-${topupId}`)
      account.owners.set(`ref-${topupId}`, 'ours')
    }
    await runUntil(120_000)
    expect(account.told).toEqual([])
    expect(account.reads('list')).toBe(2)
    expect(account.reads('check-id')).toBe(0)
  })
})

it('one foreign among many of ours is found', async () => {
  const many = Array.from({ length: 50 }, (_, nth) =>
    movement(`o${nth}`, { at: 5_000 + nth * 20, from: 1_000 - nth, to: 999 - nth }),
  )
  account.rows.push(...many)
  for (const { topupId } of many) {
    account.refs.set(topupId ?? '', `ref-${topupId}`)
    if (topupId !== 't-o17') account.owners.set(`ref-${topupId}`, 'ours')
  }
  await runUntil(60_000)
  expect(account.told.map(({ id }) => id)).toEqual(['orphan-o17'])
})

it('a deposit and a late refund are no alarm', async () => {
  account.rows.push(
    movement('d', { type: 'DEPOSIT', at: 1_000, from: 1_000, to: 9_000 }),
    movement('r', { type: 'REFUND-FLEXY', at: 2_000, from: 9_000, to: 9_480 }),
  )
  await runUntil(120_000)
  expect(account.told).toEqual([])
  expect(audit.balance?.balanceDzd).toBe(9_480)
})

it('a balance that changed without a row is told as a broken chain', async () => {
  account.known.add('t-ours')
  account.rows.push(movement('ours', { at: 5_000, from: 700, to: 600 }))
  await runUntil(120_000)
  expect(account.told).toMatchObject([
    {
      id: 'broken-chain-ours',
      kind: 'broken_chain',
      amountDzd: 300,
      balanceBeforeDzd: 1_000,
      balanceAfterDzd: 700,
    },
  ])
})

describe('the statement is read', () => {
  it('every 20 s while there are sends, every 30 s without', () => {
    expect(nextRunAt({ readAt: null, lastSendAt: null }, NOON)).toBe(NOON)
    expect(nextRunAt({ readAt: NOON, lastSendAt: NOON }, NOON + 1)).toBe(NOON + 20_000)
    expect(nextRunAt({ readAt: NOON, lastSendAt: NOON - 119_000 }, NOON + 1_000)).toBe(NOON + 20_000)
    expect(nextRunAt({ readAt: NOON, lastSendAt: NOON - 119_000 }, NOON + 1_001)).toBe(NOON + 30_000)
    expect(nextRunAt({ readAt: NOON, lastSendAt: null }, NOON + 1)).toBe(NOON + 30_000)
  })

  it('at once when our clock was set back', () => {
    expect(nextRunAt({ readAt: NOON, lastSendAt: null }, NOON - 5_000)).toBe(NOON - 5_000)
  })
})
