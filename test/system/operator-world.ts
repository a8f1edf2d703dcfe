/** What the operator's pages are to show, put where the gateway keeps it. */
import { expect } from 'vitest'
import { eventually, type Gateway } from './harness'

export const EVIL = `"><script>alert(1)</script>'&`
const LATE_MS = 3 * 3_600_000

/** What does not add up in an account: money that left it for nobody's order. */
export async function plantFinding(gateway: Gateway, wallet: string, id: string): Promise<void> {
  const storage = await gateway.worker.getDurableObjectStorage('Reconciler', { name: wallet })
  await storage.exec(
    `CREATE TABLE IF NOT EXISTS findings (
       environment TEXT NOT NULL, place TEXT NOT NULL, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, ref TEXT,
       found_at INTEGER NOT NULL, upstream TEXT NOT NULL, ours TEXT NOT NULL, state TEXT NOT NULL,
       closed_at INTEGER, closed_by TEXT, note TEXT, PRIMARY KEY (environment, place)
     ) WITHOUT ROWID`,
  )
  const now = Date.now()
  const upstream = { topupId: '69a0c1d2e3f405162738495a', ref: 'API-+213665983439-app', type: 'FLEXY' }
  const balances = { amountDzd: 980, balanceBeforeDzd: 412_300, balanceAfterDzd: 411_320, at: now }
  await storage.exec(
    `INSERT INTO findings (environment, place, id, kind, ref, found_at, upstream, ours, state)
     VALUES (?, ?, ?, 'orphan', NULL, ?, ?, 'null', 'open')`,
    wallet.startsWith('sandbox:') ? 'sandbox' : 'production',
    `${String(now).padStart(15, '0')}:${id}`,
    id,
    now,
    JSON.stringify({ ...upstream, certainty: 'foreign', ...balances }),
  )
  await gateway.evict('Reconciler', wallet)
}

/** An order that was sent three hours ago and has no final word, as its merchant's book says. */
export async function plantLateOrder(
  gateway: Gateway,
  { id, key }: { id: string; key: string },
  ref: string,
  msisdn = '0661234567',
): Promise<void> {
  const body = { plan_code: 'PREPAID_MOBILIS', MSSIDN: msisdn, amount: 500, ref }
  const sent = await gateway.call('POST', '/v3/mobile/send', { key, body })
  expect(sent.status, sent.text).toBe(200)
  const storage = await gateway.worker.getDurableObjectStorage('Book', { name: id })
  await eventually(`${ref} to be booked`, async () => {
    return (await storage.exec("SELECT 1 FROM orders WHERE ref = ? AND phase = 'tracking'", ref)).length > 0
  })
  await storage.exec('UPDATE orders SET created_at = created_at - ? WHERE ref = ?', LATE_MS, ref)
  await gateway.evict('Book', id)
}
