/**
 * The book's tables. Rows written are the largest cost of an order, so there is one row for an order and one for each
 * of its events; what has a row besides is the exception: ids without a time, orders open for long, what is held.
 */

/**
 * `orders`: clustered by time of creation, which the order never changes, so listing and updating need no index.
 * `event_positions`: where its events are in the feed, by state version. `is_watched`: see watchdog.ts. `asked_dzd` and
 * `wallet`: see comparable.ts.
 * `untimed_ids`: see order-ids.ts; `replay_lists`: see replay-list.ts. `events`: the feed, each with its deliveries; `object_id` is null where it is of no
 * one order. `held`: see deliveries.ts. `folded`, `fold_again`: see retention.ts.
 */
export const SCHEMA = `
  CREATE TABLE IF NOT EXISTS orders (
    environment TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    object_id TEXT NOT NULL,
    ref TEXT NOT NULL,
    booked INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    topup_id TEXT NOT NULL,
    provider_id TEXT,
    phase TEXT NOT NULL,
    status TEXT NOT NULL,
    state_version INTEGER NOT NULL,
    plan_code TEXT NOT NULL,
    msisdn TEXT NOT NULL,
    topup_amount_dzd INTEGER NOT NULL,
    charged_dzd REAL,
    topup TEXT NOT NULL,
    settled_at INTEGER,
    due_at INTEGER,
    is_watched INTEGER NOT NULL,
    gateway_id TEXT,
    event_positions TEXT NOT NULL,
    asked_dzd INTEGER,
    wallet TEXT,
    PRIMARY KEY (environment, created_at, object_id)
  ) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS orders_watched ON orders (due_at) WHERE is_watched = 1 AND due_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS untimed_ids (
    environment TEXT NOT NULL,
    id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    object_id TEXT NOT NULL,
    PRIMARY KEY (environment, id, created_at, object_id)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS events (
    environment TEXT NOT NULL,
    position INTEGER NOT NULL,
    object_id TEXT,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    ref TEXT,
    state_version INTEGER,
    created_at INTEGER NOT NULL,
    deliveries TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (environment, position)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS held (
    endpoint_id TEXT NOT NULL,
    position TEXT NOT NULL,
    object_id TEXT NOT NULL,
    PRIMARY KEY (endpoint_id, position)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS replay_lists (
    environment TEXT NOT NULL,
    replay_id TEXT NOT NULL,
    start INTEGER NOT NULL,
    deliveries TEXT NOT NULL,
    PRIMARY KEY (environment, replay_id, start)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS folded (
    object_id TEXT NOT NULL PRIMARY KEY,
    folded TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS fold_again (
    again_at INTEGER NOT NULL,
    environment TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    object_id TEXT NOT NULL,
    PRIMARY KEY (again_at, environment, created_at, object_id)
  ) WITHOUT ROWID;
`

/**
 * Books made before 2026-11-25 had a table of deliveries and an index for each id and for each due time. Every id of
 * theirs goes to `untimed_ids`, timed or not, and every open order is watched. A replay that was running ends.
 */
const MIGRATION = `
  ALTER TABLE orders RENAME TO old_orders;
  ALTER TABLE events RENAME TO old_events;
  DROP INDEX IF EXISTS orders_by_topup;
  DROP INDEX IF EXISTS orders_by_provider;
  DROP INDEX IF EXISTS orders_due;
  DROP TABLE IF EXISTS replay_lists;
  ${SCHEMA}
  INSERT INTO orders
    SELECT o.environment, o.created_at, o.object_id, o.ref, o.booked, o.revision, o.updated_at, o.topup_id,
      o.provider_id, o.phase, o.status, o.state_version, o.plan_code, o.msisdn, o.topup_amount_dzd, o.charged_dzd,
      o.topup, o.settled_at, o.due_at, o.due_at IS NOT NULL, e.gateway_id, COALESCE(e.positions, '{}'),
      NULL, NULL
    FROM old_orders AS o LEFT JOIN (
      SELECT environment, ref, substr(MIN(id), length('evt_') + 1, 24) AS gateway_id,
        json_group_object(CAST(state_version AS TEXT), position) AS positions
      FROM old_events WHERE ref IS NOT NULL GROUP BY environment, ref
    ) AS e ON e.environment = o.environment AND e.ref = o.ref;
  INSERT OR IGNORE INTO untimed_ids
    SELECT environment, topup_id, created_at, object_id FROM orders
    UNION SELECT environment, provider_id, created_at, object_id FROM orders WHERE provider_id IS NOT NULL
    UNION SELECT environment, gateway_id, created_at, object_id FROM orders WHERE gateway_id IS NOT NULL;
  INSERT INTO events
    SELECT e.environment, e.position, d.object_id, e.id, e.type, e.ref, e.state_version, e.created_at,
      COALESCE(d.deliveries, '[]'), e.body
    FROM old_events AS e LEFT JOIN (
      SELECT environment, json_extract(delivery, '$.eventId') AS event_id, MIN(object_id) AS object_id,
        json_group_array(json(delivery)) AS deliveries
      FROM deliveries GROUP BY 1, 2
    ) AS d ON d.environment = e.environment AND d.event_id = e.id;
  INSERT INTO held SELECT endpoint_id, position, object_id FROM deliveries WHERE state = 'held';
  DROP TABLE old_orders;
  DROP TABLE old_events;
  DROP TABLE deliveries;
`

/** Books made before 2026-11-26 do not know them. An order that tells of itself again fills them in; until then they are null. */
const NEW_COLUMNS = `
  ALTER TABLE orders ADD COLUMN asked_dzd INTEGER;
  ALTER TABLE orders ADD COLUMN wallet TEXT;
`

/** Whether there are tables: they are made by a merchant's first order, never by a reader. */
export function openTables(storage: DurableObjectStorage): boolean {
  const has = (table: string) =>
    storage.sql.exec('SELECT 1 FROM sqlite_master WHERE name = ?', table).toArray().length > 0
  if (has('deliveries')) storage.transactionSync(() => storage.sql.exec(MIGRATION))
  if (!has('held')) return false
  // A book from before orders were folded: what is missing is made, no row is touched.
  if (!has('folded')) storage.transactionSync(() => storage.sql.exec(SCHEMA))
  const isOld = storage.sql
    .exec("SELECT 1 FROM sqlite_master WHERE name = 'orders' AND instr(sql, 'asked_dzd') = 0")
    .toArray()
  if (isOld.length > 0) storage.transactionSync(() => storage.sql.exec(NEW_COLUMNS))
  return true
}
