/** How the statement is read: in parts, again where it failed, and never by two at once. */
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { Audit } from '../../../src/provider/audit'
import { AuditedAccount, data, NO_ANSWER } from './audit-provider'
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

describe('a reading', () => {
  const LONG = Array.from({ length: 2_450 }, (_, nth) =>
    movement(`o${nth}`, { at: 1_000 + nth * 10, from: 2_500 - nth, to: 2_499 - nth }),
  )
  const knowAll = () => {
    for (const { topupId } of LONG) account.known.add(topupId ?? '')
  }

  it('of many pages is left and taken up again', async () => {
    knowAll()
    account.rows.push(...LONG)
    account.after = 31_000
    account.rows.push(movement('d', { type: 'DEPOSIT', at: 500, from: 1_000, to: 2_500 }))
    const runs = []
    do runs.push(await audit.run())
    while (runs.at(-1)?.more)
    expect(runs.length).toBeGreaterThan(1)
    expect(account.reads('transactions')).toBe(1 + 25)
    expect(audit.balance?.balanceDzd).toBe(50)
  })

  it('goes on with the page that failed, and is not trusted when a page was older than the first', async () => {
    knowAll()
    account.rows.push(...LONG)
    const failed = new Set<string>()
    account.answer = (path) => {
      const isSecond = path.includes('page=2&') && failed.size === 0
      return isSecond && failed.add(path) ? NO_ANSWER : null
    }
    await runUntil(35_000)
    expect(account.reads('transactions')).toBe(1 + 26)
    expect(audit.readAt).toBe(NOON + 30_000)
    account.answer = (path) =>
      path.includes('transactions')
        ? data({ items: [], pagination: { page: 1, totalPages: 1, totalResults: 5 } })
        : null
    await runUntil(80_000)
    expect(audit.readAt).toBe(NOON + 30_000)
  })

  it('asks again for a page that is older than the one before it: a row may have fallen between the two', async () => {
    knowAll()
    account.rows.push(...LONG)
    let isAnswered = false
    account.answer = (path) => {
      if (!path.includes('page=2&') || isAnswered) return null
      isAnswered = true
      return data({ items: [], pagination: { page: 2, totalPages: 25, totalResults: 2_440 } })
    }
    await runUntil(35_000)
    expect(account.paths.filter((path) => path.includes('page=2&'))).toHaveLength(2)
    expect(audit.readAt).toBe(NOON + 30_000)
  })

  it('of more than it holds in memory is made in parts', async () => {
    const hour = Array.from({ length: 9_000 }, (_, nth) =>
      movement(`h${nth}`, { at: 1_000 + nth * 3, from: 10_000 - nth, to: 9_999 - nth }),
    )
    for (const { topupId } of hour) account.known.add(topupId ?? '')
    account.rows = [movement('x', { at: 500, from: 20_000, to: 10_000, type: 'DEPOSIT' })]
    account.saved = null
    audit = account.audit()
    await audit.run()
    account.rows.push(...hour)
    account.after = 60_000
    await runUntil(61_000)
    expect(audit.balance?.balanceDzd).toBe(1_000)
    expect(account.told).toEqual([])
  })

  it('never throws, whatever comes back', async () => {
    const complaint = vi.spyOn(console, 'error').mockReturnValue(undefined)
    account.answer = () => {
      throw new Error('gone')
    }
    account.after = 40_000
    await expect(audit.run()).resolves.toMatchObject({ more: false })
    expect(complaint).toHaveBeenCalled()
  })

  it('is made once, also when two ask for it', async () => {
    account.after = 40_000
    await Promise.all([audit.run(), audit.run()])
    expect(account.reads('transactions')).toBe(2)
  })
})
