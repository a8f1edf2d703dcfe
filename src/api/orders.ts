/** `/v1/orders`: a merchant's orders by what they are, as JSON pages or as one CSV, and the story of each. */
import { type Context, Hono } from 'hono'
import type * as z from 'zod'
import { whyTextsOf } from '../callback/why-texts'
import { bookOf, orderByName } from '../env'
import { type OrderFilter, type OrderPlace, readPlace, writePlace } from '../merchant/order-row'
import { orderName } from '../order/name'
import { story } from '../order/story'
import { type Caller, withKey } from './auth'
import { ordersQuery } from './contract'
import { byAccept, csvResponse, wantsCsv } from './csv'
import { ORDER_COLUMNS } from './csv-tables'
import { ApiError, success } from './envelope'
import { readQuery } from './validation'

export const orders = new Hono<Caller>()

/** Rows of a CSV that are fetched at once. */
const CSV_PAGE = 500

/**
 * Newest first. A page may be short, or empty, before the end: only `next_cursor: null` is the end. With
 * `Accept: text/csv`, every order of the query in one stream, whatever `limit` says.
 */
orders.get('/orders', withKey('READ-ONLY'), async (c) => {
  const query = readQuery(c, ordersQuery)
  const filter = await toFilter(c, query)
  const before = query.cursor === undefined ? null : readPlace(query.cursor)
  if (!wantsCsv(c)) return await json(c, filter, before, query.limit)
  return ordersCsv(c, filter, before)
})

/** Everything that is known of an order: each step, what was sent, what came back, events, attempts. */
orders.get('/orders/:ref{[\\s\\S]+}', withKey('READ-ONLY'), async (c) => {
  const ref = c.req.param('ref')
  const told = await (await orderOf(c, ref)).story(c.get('key').merchantId)
  if (told === null) throw new ApiError('NOT_FOUND', `Order with reference '${ref}' not found`)
  return success(c, JSON.stringify(story(told.order, told.snapshot, await whyTextsOf(c.env))))
})

async function json(
  c: Context<Caller>,
  filter: OrderFilter | null,
  before: OrderPlace | null,
  limit: number,
): Promise<Response> {
  const { items, next } = await ordersPage(c, filter, before, limit)
  const data = { items, next_cursor: next === null ? null : writePlace(next) }
  return byAccept(success(c, JSON.stringify(data)))
}

/** Every order that fits, in one stream. */
export function ordersCsv(
  c: Context<Caller>,
  filter: OrderFilter | null,
  before: OrderPlace | null,
): Response {
  return csvResponse(c, 'orders', ORDER_COLUMNS, before, (place) => ordersPage(c, filter, place, CSV_PAGE))
}

export async function ordersPage(
  c: Context<Caller>,
  filter: OrderFilter | null,
  before: OrderPlace | null,
  limit: number,
) {
  if (filter === null) return { items: [], next: null }
  return await bookOf(c.env, c.get('key').merchantId).orders(filter, before, limit)
}

/** Null when no order can fit: there is none of this ref. */
export async function toFilter(
  c: Context<Caller>,
  query: z.output<typeof ordersQuery>,
): Promise<OrderFilter | null> {
  const only = query.ref === undefined ? null : await placeOf(c, query.ref)
  if (query.ref !== undefined && only === null) return null
  return {
    environment: c.get('key').environment,
    only,
    id: query.id ?? null,
    status: query.status ?? null,
    phase: query.phase ?? null,
    planCode: query.plan ?? null,
    msisdn: query.number ?? null,
    amountDzd: query.amount ?? null,
    from: unixMs(query.from),
    to: unixMs(query.to),
    updatedAfter: unixMs(query.updated_after),
  }
}

/** The order itself knows where the book has put it. */
async function placeOf(c: Context<Caller>, ref: string): Promise<OrderPlace | null> {
  const order = await orderOf(c, ref)
  const snapshot = await order.status(c.get('key').merchantId)
  if (snapshot === null) return null
  return { createdAt: Date.parse(snapshot.topup.created_at), objectId: order.id.toString() }
}

export async function orderOf(c: Context<Caller>, ref: string) {
  const { merchantId, environment } = c.get('key')
  return orderByName(c.env, await orderName(merchantId, environment, ref))
}

function unixMs(time: string | undefined): number | null {
  return time === undefined ? null : Date.parse(time)
}
