/** KV as the runtime speaks to it over HTTP: each namespace is an object with its entries in SQLite, on disk. */
import { DurableObject } from 'cloudflare:workers'

/** KV takes no shorter ones. */
const MIN_TTL_SECONDS = 60
const MAX_LIST_KEYS = 1_000

/**
 * @typedef {{ key: string, value: ArrayBuffer, metadata: string | null, expires_at: number | null }} Entry
 * @typedef {{ NAMESPACES: DurableObjectNamespace<Namespace> }} Env
 */

/** @extends {DurableObject<Env>} */
export class Namespace extends DurableObject {
  /**
   * @param {DurableObjectState} ctx
   * @param {Env} env
   */
  constructor(ctx, env) {
    super(ctx, env)
    ctx.storage.sql.exec(`CREATE TABLE IF NOT EXISTS entries (
      key TEXT PRIMARY KEY, value BLOB NOT NULL, metadata TEXT, expires_at INTEGER) WITHOUT ROWID;
      CREATE INDEX IF NOT EXISTS entries_expiring ON entries (expires_at) WHERE expires_at IS NOT NULL`)
  }

  /**
   * @override
   * @param {Request} request
   */
  async fetch(request) {
    const url = new URL(request.url)
    const key = decodeURIComponent(url.pathname.slice(1))
    if (request.method === 'GET' && key === '') return this.list(url.searchParams)
    if (request.method === 'GET') return this.get(key)
    if (request.method === 'PUT') return await this.put(key, url.searchParams, request)
    if (request.method === 'DELETE') return this.delete(key)
    return new Response(`No ${request.method} here`, { status: 501 })
  }

  /** @param {string} key */
  get(key) {
    const [entry] = this.select('WHERE key = ?1 AND coalesce(expires_at > ?2, TRUE)', key, seconds())
    if (entry === undefined) return new Response(null, { status: 404 })
    const headers = new Headers()
    if (entry.expires_at !== null) headers.set('CF-Expiration', String(entry.expires_at))
    if (entry.metadata !== null) headers.set('CF-KV-Metadata', entry.metadata)
    return new Response(entry.value, { headers })
  }

  /**
   * @param {string} key
   * @param {URLSearchParams} options
   * @param {Request} request
   */
  async put(key, options, request) {
    const value = await request.arrayBuffer()
    const now = seconds()
    const expiresAt = expiry(options, now)
    if (expiresAt !== null && !(expiresAt >= now + MIN_TTL_SECONDS)) {
      return new Response(`Expires in less than ${MIN_TTL_SECONDS} s`, { status: 400 })
    }
    const { sql } = this.ctx.storage
    sql.exec('DELETE FROM entries WHERE expires_at <= ?', now)
    const metadata = request.headers.get('CF-KV-Metadata')
    sql.exec('INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?)', key, value, metadata, expiresAt)
    return new Response()
  }

  /** @param {string} key */
  delete(key) {
    this.ctx.storage.sql.exec('DELETE FROM entries WHERE key = ?', key)
    return new Response()
  }

  /** @param {URLSearchParams} options */
  list(options) {
    const prefix = options.get('prefix') ?? ''
    const limit = Number(options.get('key_count_limit') ?? MAX_LIST_KEYS)
    const found = this.select(
      `WHERE substr(key, 1, length(?1)) = ?1 AND key > ?2 AND coalesce(expires_at > ?3, TRUE)
       ORDER BY key LIMIT ?4`,
      ...[prefix, options.get('cursor') ?? '', seconds(), limit + 1],
    )
    const page = found.slice(0, limit)
    const keys = page.map(({ key, metadata, expires_at }) => ({
      name: key,
      ...(expires_at === null ? {} : { expiration: expires_at }),
      // As text that is JSON: the runtime parses it.
      ...(metadata === null ? {} : { metadata }),
    }))
    const more = found.length > limit ? { cursor: page.at(-1)?.key } : {}
    return Response.json({ keys, list_complete: found.length <= limit, ...more, cacheStatus: null })
  }

  /**
   * @param {string} rest
   * @param {(string | number)[]} values
   * @returns {Entry[]}
   */
  select(rest, ...values) {
    const rows = this.ctx.storage.sql.exec(`SELECT * FROM entries ${rest}`, ...values).toArray()
    return /** @type {Entry[]} */ (rows)
  }
}

export default {
  /**
   * @param {Request} request
   * @param {Env} env
   * @param {ExecutionContext<{ namespace: string }>} ctx
   */
  fetch: (request, env, ctx) => env.NAMESPACES.getByName(ctx.props.namespace).fetch(request),
}

/**
 * When the entry goes, in unix seconds; null when it stays.
 * @param {URLSearchParams} options
 * @param {number} now
 */
function expiry(options, now) {
  const ttl = options.get('expiration_ttl')
  const at = options.get('expiration')
  if (ttl !== null) return now + Number(ttl)
  return at === null ? null : Number(at)
}

function seconds() {
  return Math.floor(Date.now() / 1_000)
}
