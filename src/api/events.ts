/** `/v1/events`: everything a merchant is called back about, for him to read: nothing can be missed here. */
import { type Context, Hono } from 'hono'
import { signatureHeaders } from '../callback/sign'
import { bookOf, merchantById } from '../env'
import type { Signer } from '../merchant/endpoint'
import { readEventCursor, writeEventCursor } from '../merchant/event-cursor'
import type { FeedEvent } from '../merchant/event-feed'
import { type Caller, withKey } from './auth'
import { eventsQuery } from './contract'
import { ApiError, success } from './envelope'
import { readQuery } from './validation'

export const events = new Hono<Caller>()

/** Oldest first, in the order in which they were booked. `wait`: answered as soon as there is one. */
events.get('/events', withKey('READ-ONLY'), async (c) => {
  const query = readQuery(c, eventsQuery)
  const { merchantId, environment } = c.get('key')
  const page = await bookOf(c.env, merchantId).events({
    environment,
    after: query.after === undefined ? null : place(c, query.after),
    limit: query.limit,
    waitMs: query.wait * 1_000,
  })
  if (page.kind !== 'page') throw wrongCursor(String(query.after), page.kind)
  const items = await signed(c, page.items)
  const next = writeEventCursor(merchantId, environment, page.next)
  return success(c, JSON.stringify({ items, next_cursor: next, has_more: page.hasMore }))
})

async function signed(c: Context<Caller>, read: readonly FeedEvent[]) {
  if (read.length === 0) return []
  const { merchantId, environment } = c.get('key')
  const signers = await merchantById(c.env, merchantId).signers(environment)
  const timestampSeconds = Math.floor(Date.now() / 1_000)
  return await Promise.all(read.map((event) => view(event, timestampSeconds, signers)))
}

/** Signed with every key of every endpoint, so that each of his secrets verifies it. */
async function view(
  { id, type, ref, stateVersion, createdAt, body }: FeedEvent,
  timestampSeconds: number,
  signers: readonly Signer[],
) {
  const keys = signers.flatMap(({ keys }) => keys)
  const unsigned = { 'webhook-id': id, 'webhook-timestamp': String(timestampSeconds) }
  return {
    id,
    type,
    ref,
    state_version: stateVersion,
    created_at: new Date(createdAt).toISOString(),
    body,
    headers: keys.length === 0 ? unsigned : await signatureHeaders({ id, timestampSeconds, body }, keys),
  }
}

function place(c: Context<Caller>, cursor: string): number {
  const { merchantId, environment } = c.get('key')
  const position = readEventCursor(merchantId, environment, cursor)
  if (position === null) throw wrongCursor(cursor, 'unknown')
  return position
}

function wrongCursor(cursor: string, kind: 'expired' | 'unknown'): ApiError {
  const message =
    kind === 'expired'
      ? 'querystring/after is older than the events that are kept; go on without it, and compare with /v1/orders'
      : 'querystring/after must be a next_cursor of this feed: of this merchant, in the environment of this key'
  return new ApiError('ERR_VALIDATION', message, { field: 'after', value: cursor })
}
