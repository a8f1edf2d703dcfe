import type { Gateway } from './harness'

/** Puts a finding where the reconciler of an account keeps those that no merchant can be told of. */
export async function foundByNobody(gateway: Gateway, wallet: string, id: string): Promise<void> {
  // What woke up before there was a table looks for none.
  await gateway.worker.getDurableObjectStorage('Reconciler', { name: wallet }).then(async (storage) => {
    await storage.exec(
      `CREATE TABLE IF NOT EXISTS findings (
         environment TEXT NOT NULL, place TEXT NOT NULL, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, ref TEXT,
         found_at INTEGER NOT NULL, upstream TEXT NOT NULL, ours TEXT NOT NULL, state TEXT NOT NULL,
         closed_at INTEGER, closed_by TEXT, note TEXT, PRIMARY KEY (environment, place)
       ) WITHOUT ROWID`,
    )
    const [environment, now] = [wallet.startsWith('sandbox:') ? 'sandbox' : 'production', Date.now()]
    const upstream = { at: now, amountDzd: 500, topupId: '69a0c1d2e3f405162738495a', ref: 'of nobody' }
    await storage.exec(
      `INSERT INTO findings (environment, place, id, kind, found_at, upstream, ours, state)
       VALUES (?, ?, ?, 'orphan', ?, ?, 'null', 'open')`,
      environment,
      `${String(now).padStart(15, '0')}:${id}`,
      id,
      now,
      JSON.stringify(upstream),
    )
  })
  await gateway.evict('Reconciler', wallet)
}
