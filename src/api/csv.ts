/** Orders as CSV (RFC 4180), page by page as the reader takes it. */
import type { OrderPlace, OrderView } from '../merchant/order-row'

const COLUMNS = [
  'ref',
  '_id',
  'provider_id',
  'status',
  'phase',
  'final',
  'plan_code',
  'MSSIDN',
  'topup_amount',
  'balance_amount',
  'created_at',
  'updated_at',
  'settled_at',
  'refund_message',
] as const satisfies readonly (keyof OrderView)[]

interface Page {
  readonly items: readonly OrderView[]
  readonly next: OrderPlace | null
}

/** Errors in the middle end the stream as broken, so that nobody takes a part for the whole. */
export function csvOf(
  before: OrderPlace | null,
  page: (before: OrderPlace | null) => Promise<Page>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let place: OrderPlace | null = before
  let isFirst = true
  return new ReadableStream({
    async pull(controller) {
      let text = isFirst ? `${COLUMNS.join(',')}\r\n` : ''
      isFirst = false
      do {
        const { items, next } = await page(place)
        text += items.map(csvLine).join('')
        place = next
        // A pull that brings nothing is never repeated, and a page may be empty before the end.
      } while (text === '' && place !== null)
      if (text !== '') controller.enqueue(encoder.encode(text))
      if (place === null) controller.close()
    },
  })
}

export function csvLine(order: OrderView): string {
  return `${COLUMNS.map((column) => csvField(order[column])).join(',')}\r\n`
}

/** A text that a spreadsheet would run as a formula is kept a text by an apostrophe. */
function csvField(value: OrderView[keyof OrderView]): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'string' ? value.replace(/^[=+\-@\t\r]/, "'$&") : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
