// Orders in SQLite. A `ref` is unique: what was asked twice is one order.
import { DatabaseSync } from 'node:sqlite'

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS orders (
    ref TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    topup_id TEXT,
    status TEXT NOT NULL DEFAULT 'PENDING',
    refusal TEXT,
    called_back INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL
  ) STRICT;
`

/**
 * @typedef {object} Order
 * @property {string} ref
 * @property {string} body JSON, as it was sent
 * @property {string | null} topup_id
 * @property {string} status
 * @property {string | null} refusal JSON of the provider's answer
 * @property {number} called_back
 * @property {string} created_at
 */

/** @param {string} path */
export function openOrders(path) {
  const database = new DatabaseSync(path)
  database.exec(SCHEMA)
  const insert = database.prepare('INSERT OR IGNORE INTO orders (ref, body, created_at) VALUES (?, ?, ?)')
  const find = database.prepare('SELECT * FROM orders WHERE ref = ?')
  const accept = database.prepare('UPDATE orders SET topup_id = ? WHERE ref = ?')
  const refuse = database.prepare("UPDATE orders SET status = 'REFUSED', refusal = ? WHERE ref = ?")
  const settle = database.prepare('UPDATE orders SET status = ? WHERE ref = ?')
  const note = database.prepare('UPDATE orders SET called_back = 1 WHERE ref = ?')
  const open = database.prepare("SELECT * FROM orders WHERE status <> 'REFUSED' AND called_back = 0")
  return {
    /** False when there is one with this ref. */
    add: (/** @type {string} */ ref, /** @type {object} */ body) =>
      insert.run(ref, JSON.stringify(body), new Date().toISOString()).changes === 1,
    find: (/** @type {string} */ ref) => /** @type {Order | undefined} */ (find.get(ref)),
    accept: (/** @type {string} */ ref, /** @type {string} */ topupId) => accept.run(topupId, ref),
    refuse: (/** @type {string} */ ref, /** @type {unknown} */ answer) =>
      refuse.run(JSON.stringify(answer), ref),
    settle: (/** @type {string} */ ref, /** @type {string} */ status) => settle.run(status, ref),
    calledBack: (/** @type {string} */ ref) => note.run(ref),
    /** What somebody still waits for. */
    open: () => /** @type {Order[]} */ (open.all()),
    close: () => database.close(),
  }
}
