/** Orders for a book, made without objects of their own. */
import { runInDurableObject } from 'cloudflare:test'
import { bookOf } from '../../src/env'
import type { Book } from '../../src/merchant/book'
import type { BookEntry } from '../../src/merchant/book-entry'
import type { OrderFilter, OrderPlace, OrderView } from '../../src/merchant/order-row'
import type { TopupView } from '../../src/order/view'
import { env } from './world'

type BookStub = DurableObjectStub<Book>

export const newBook = (merchantId: string): BookStub => bookOf(env, merchantId)

/** Any order at all. */
export const ANY: OrderFilter = {
  environment: 'production',
  only: null,
  id: null,
  status: null,
  phase: null,
  planCode: null,
  msisdn: null,
  amountDzd: null,
  from: null,
  to: null,
  updatedAfter: null,
}

const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0')

/** `number` names it; the ids follow from it, in no order that has to do with time. */
export function entry(number: number, change: Partial<BookEntry> = {}): BookEntry {
  const createdAt = change.createdAt ?? Date.now()
  const topupId = change.topupId ?? hex(number, 24)
  const planCode = change.planCode ?? 'PREPAID_MOBILIS'
  const msisdn = change.msisdn ?? '0661234567'
  const status = change.status ?? 'PENDING'
  const topup: TopupView = {
    _id: topupId,
    ref: `order-${number}`,
    status,
    plan_code: planCode,
    MSSIDN: msisdn,
    topup_amount: change.topupAmountDzd ?? 500,
    balance_amount: 0,
    created_at: new Date(createdAt).toISOString(),
  }
  return {
    objectId: hex((number * 7_919) % 1_000_003, 6) + hex(number, 58),
    environment: 'production',
    ref: topup.ref,
    createdAt,
    revision: 1,
    gatewayId: `9${hex(number, 23)}`,
    topupId,
    providerId: null,
    phase: 'tracking',
    status,
    stateVersion: 1,
    planCode,
    msisdn,
    topupAmountDzd: 500,
    askedDzd: 500,
    wallet: 'operator',
    chargedDzd: null,
    topup,
    settledAt: null,
    dueAt: null,
    events: [],
    deliveries: [],
    ...change,
  }
}

/** As the orders would, one call each, but in one visit. */
export async function record(book: BookStub, entries: readonly BookEntry[]): Promise<void> {
  await runInDurableObject(book, (instance: Book) => {
    for (const one of entries) instance.record(one)
  })
}

/** How lists are ordered. */
export function newestFirst(entries: readonly BookEntry[]): BookEntry[] {
  return entries.toSorted((a, b) => b.createdAt - a.createdAt || (a.objectId < b.objectId ? 1 : -1))
}

export const refsOf = (entries: readonly { readonly ref: string }[]) => entries.map(({ ref }) => ref)

/** Every page by the cursor, with what happens between two of them. */
export async function walk(
  book: BookStub,
  filter: OrderFilter,
  limit: number,
  between: (pages: number) => Promise<void> = () => Promise.resolve(),
): Promise<{ readonly items: OrderView[]; readonly pages: readonly (readonly OrderView[])[] }> {
  const pages: (readonly OrderView[])[] = []
  let before: OrderPlace | null = null
  do {
    if (pages.length > 0) await between(pages.length)
    const page: Awaited<ReturnType<BookStub['orders']>> = await book.orders(filter, before, limit)
    pages.push([...page.items])
    before = page.next
  } while (before !== null)
  return { items: pages.flat(), pages }
}
